//! How PostgreSQL plans the statements that the application runs, as the roles that run them; and what got worse.

use crate::{App, Error, OperatorCtx, Result};
use bulkhead_db::{
    SystemTask, WriteTx,
    audit::Record,
    inspect::{Examined, Inspector},
    plans,
};
use bulkhead_model::{
    PlanId,
    audit::{Action, Outcome, TargetKind},
    isolation::{StatementSource, WatchedQuery},
    perm,
};
use std::time::Duration;
use time::OffsetDateTime;

/// Plans are looked at at least this often, where proofs are made on a schedule at all: asking is cheap.
const AT_LEAST: Duration = Duration::from_secs(60 * 60);

/// The page of plans.
#[derive(Debug)]
pub struct PlanList {
    /// Those that took most time first.
    pub queries: Vec<WatchedQuery>,
    /// Whether plans can be asked for: an address is set for the inspector.
    pub possible: bool,
    /// When they were last asked for.
    pub examined_at: Option<OffsetDateTime>,
}

/// What an examination came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Examination {
    /// Statements that were looked at.
    pub looked_at: usize,
    /// Those of them that PostgreSQL did not plan.
    pub refused: usize,
    /// Those whose plan got worse since the examination before.
    pub degraded: usize,
    /// Who counted them.
    pub source: StatementSource,
    /// Why not `pg_stat_statements`.
    pub note: Option<String>,
}

/// Every statement that is watched.
pub async fn list(ctx: &OperatorCtx) -> Result<PlanList> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let (queries, examined_at) = (plans::list(&mut tx).await?, plans::latest_examined(&mut tx).await?);
    Ok(PlanList { queries, possible: ctx.app().inspector().is_some(), examined_at })
}

/// One statement.
pub async fn find(ctx: &OperatorCtx, id: PlanId) -> Result<WatchedQuery> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    plans::find(&mut tx, id).await?.ok_or(Error::NotFound)
}

/// Asks for the plans now.
pub async fn refresh(ctx: &OperatorCtx) -> Result<Examination> {
    // The permission first; the transaction is not held while the inspector is at work.
    drop(ctx.write::<perm::PlatformIsolationManage>().await?);
    let inspector = ctx.app().inspector().ok_or(Error::NotFound)?;
    let examined = examine(ctx.app(), inspector).await?;
    keep(ctx.write::<perm::PlatformIsolationManage>().await?, examined).await
}

/// Takes the plan that a statement has now for the one that later ones are compared with.
pub async fn accept(ctx: &OperatorCtx, id: PlanId) -> Result<()> {
    let mut tx = ctx.write::<perm::PlatformIsolationManage>().await?;
    let query = plans::find(&mut tx, id).await?.ok_or(Error::NotFound)?;
    if !plans::accept(&mut tx, id).await? {
        return Err(Error::NotFound);
    }
    let mut record = Record::new(Action::PlanAccepted, TargetKind::Plan, id, title(&query));
    if let (Some((before, _)), Some((now, _))) = (&query.baseline, &query.current) {
        record = record.change("plan", &before.fingerprint, &now.fingerprint);
    }
    Ok(tx.commit(record).await?)
}

/// Asks for the plans where it is time to.
pub(crate) async fn when_due(app: &App, proof_interval: Duration) -> Result<()> {
    let Some(inspector) = app.inspector() else { return Ok(()) };
    let mut tx = app.database().system(SystemTask::PlanWatch).await?;
    let (now, last) = (tx.now(), plans::latest_examined(&mut tx).await?);
    drop(tx);
    if last.is_some_and(|last| now - last < proof_interval.min(AT_LEAST)) {
        return Ok(());
    }
    let examined = examine(app, inspector).await?;
    keep(app.database().system(SystemTask::PlanWatch).await?, examined).await?;
    Ok(())
}

async fn examine(app: &App, inspector: &Inspector) -> Result<(Examined, Duration)> {
    let own = app.database().statements();
    Ok((inspector.examine(own.snapshot()).await?, own.age()))
}

async fn keep(
    mut tx: WriteTx<bulkhead_db::Operator>,
    (mut examined, age): (Examined, Duration),
) -> Result<Examination> {
    if examined.source == StatementSource::Server {
        examined.since = Some(tx.now() - age);
    }
    let degraded = plans::keep(&mut tx, &examined).await?;
    let examination = Examination {
        looked_at: examined.plans.len(),
        refused: examined.plans.iter().filter(|(_, plan)| plan.is_err()).count(),
        degraded: degraded.len(),
        source: examined.source,
        note: examined.note,
    };
    let standing = plans::list(&mut tx).await?.iter().filter(|query| !query.degradations().is_empty()).count();
    let looked = Record::new(Action::PlansExamined, TargetKind::Plan, "all", "plans")
        .after("statements", examination.looked_at)
        .after("source", examination.source.code());
    let worse = degraded.iter().map(|query| {
        let why: Vec<String> = query.degradations().iter().map(|one| one.sentence()).collect();
        Record::new(Action::PlanDegraded, TargetKind::Plan, query.id, title(query))
            .outcome(Outcome::Failure)
            .reason(why.join(" "))
    });
    tx.commit_all(std::iter::once(looked).chain(worse).collect()).await?;
    metrics::gauge!("rls_plans_degraded").set(standing as f64);
    Ok(examination)
}

/// The beginning of a statement, as its name in the audit log.
fn title(query: &WatchedQuery) -> String {
    let words: Vec<&str> = query.statement.text.split_whitespace().collect();
    words.join(" ").chars().take(120).collect()
}

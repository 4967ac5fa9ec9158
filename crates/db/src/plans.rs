//! Statements whose plans are watched, in the platform organization.

use crate::{
    Error, Operator, ReadTx, Result, WriteTx,
    audit::v7,
    inspect::Examined,
    statements::{LONGEST, digest},
};
use bulkhead_model::{
    Id, PlanId,
    isolation::{QueryPlan, Statement, StatementSource, WatchedQuery},
};
use sqlx::{FromRow, types::Json};
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A statement that was not among the most expensive for this long is forgotten.
const FORGOTTEN_AFTER: Duration = Duration::days(30);

/// Keeps what an examination found. Answers the statements whose plan has degraded since the one before.
pub async fn keep(tx: &mut WriteTx<Operator>, examined: &Examined) -> Result<Vec<WatchedQuery>> {
    let mut degraded = Vec::new();
    for (statement, plan) in examined.plans.iter().filter(|(statement, _)| statement.text.len() <= LONGEST) {
        let hash = digest(statement);
        let row: Option<QueryRow> = sqlx::query_as(
            "SELECT * FROM query_plans WHERE org_id = (SELECT app.org_id()) AND statement_hash = $1 FOR UPDATE",
        )
        .bind(hash)
        .fetch_optional(tx.connection())
        .await?;
        let before = row.map(WatchedQuery::try_from).transpose()?;
        let after = renewed(tx.now(), before.as_ref(), statement, plan, examined);
        write(tx, &hash, &after).await?;
        let was = before.is_some_and(|before| !before.degradations().is_empty());
        if !was && !after.degradations().is_empty() {
            degraded.push(after);
        }
    }
    let forgotten = "DELETE FROM query_plans WHERE org_id = (SELECT app.org_id()) AND examined_at < $1";
    sqlx::query(forgotten).bind(tx.now() - FORGOTTEN_AFTER).execute(tx.connection()).await?;
    Ok(degraded)
}

fn renewed(
    now: OffsetDateTime,
    before: Option<&WatchedQuery>,
    statement: &Statement,
    plan: &std::result::Result<QueryPlan, String>,
    examined: &Examined,
) -> WatchedQuery {
    let kept = before.and_then(|before| before.current.clone());
    let current = match (plan, kept) {
        (Ok(plan), Some((old, since))) if old.fingerprint == plan.fingerprint => Some((plan.clone(), since)),
        (Ok(plan), _) => Some((plan.clone(), now)),
        // What cannot be planned now keeps the plan it had, beside the reason.
        (Err(_), kept) => kept,
    };
    WatchedQuery {
        id: before.map_or_else(|| Id::from_uuid(v7(now)), |before| before.id),
        statement: statement.clone(),
        source: examined.source,
        counted_since: examined.since,
        examined_at: now,
        baseline: before.and_then(|before| before.baseline.clone()).or_else(|| current.clone()),
        current,
        failure: plan.as_ref().err().map(|why| why.chars().take(2000).collect()),
    }
}

async fn write(tx: &mut WriteTx<Operator>, hash: &[u8; 32], query: &WatchedQuery) -> Result<()> {
    let (baseline, baseline_at) = query.baseline.as_ref().map(|(plan, at)| (Json(plan), at)).unzip();
    let (plan, plan_since) = query.current.as_ref().map(|(plan, since)| (Json(plan), since)).unzip();
    sqlx::query(
        "INSERT INTO query_plans (id, statement_hash, role, statement, calls, total_ms, source, counted_since, examined_at,
                                  baseline, baseline_at, plan, plan_since, failure)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (org_id, statement_hash) DO UPDATE SET
             calls = excluded.calls, total_ms = excluded.total_ms, source = excluded.source,
             counted_since = excluded.counted_since, examined_at = excluded.examined_at, baseline = excluded.baseline,
             baseline_at = excluded.baseline_at, plan = excluded.plan, plan_since = excluded.plan_since,
             failure = excluded.failure",
    )
    .bind(query.id.uuid())
    .bind(hash)
    .bind(&query.statement.role)
    .bind(&query.statement.text)
    .bind(i64::try_from(query.statement.calls).unwrap_or(i64::MAX))
    .bind(query.statement.total_ms)
    .bind(query.source.code())
    .bind(query.counted_since)
    .bind(query.examined_at)
    .bind(baseline)
    .bind(baseline_at)
    .bind(plan)
    .bind(plan_since)
    .bind(&query.failure)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes the plan as it is now for the one that later ones are compared with.
pub async fn accept(tx: &mut WriteTx<Operator>, id: PlanId) -> Result<bool> {
    let now = tx.now();
    let accepted = sqlx::query(
        "UPDATE query_plans SET baseline = plan, baseline_at = $2
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND plan IS NOT NULL",
    )
    .bind(id.uuid())
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(accepted.rows_affected() == 1)
}

/// Every statement that is watched, those that took most time first, at most 500.
pub async fn list(tx: &mut ReadTx<Operator>) -> Result<Vec<WatchedQuery>> {
    let rows: Vec<QueryRow> = sqlx::query_as(
        "SELECT * FROM query_plans WHERE org_id = (SELECT app.org_id()) ORDER BY total_ms DESC, id LIMIT 500",
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(WatchedQuery::try_from).collect()
}

/// One statement.
pub async fn find(tx: &mut ReadTx<Operator>, id: PlanId) -> Result<Option<WatchedQuery>> {
    let row: Option<QueryRow> =
        sqlx::query_as("SELECT * FROM query_plans WHERE org_id = (SELECT app.org_id()) AND id = $1")
            .bind(id.uuid())
            .fetch_optional(tx.connection())
            .await?;
    row.map(WatchedQuery::try_from).transpose()
}

/// When plans were last asked for.
pub async fn latest_examined(tx: &mut ReadTx<Operator>) -> Result<Option<OffsetDateTime>> {
    let sql = "SELECT max(examined_at) FROM query_plans WHERE org_id = (SELECT app.org_id())";
    Ok(sqlx::query_scalar(sql).fetch_one(tx.connection()).await?)
}

#[derive(FromRow)]
struct QueryRow {
    id: Uuid,
    role: String,
    statement: String,
    calls: i64,
    total_ms: f64,
    source: String,
    counted_since: Option<OffsetDateTime>,
    examined_at: OffsetDateTime,
    baseline: Option<Json<QueryPlan>>,
    baseline_at: Option<OffsetDateTime>,
    plan: Option<Json<QueryPlan>>,
    plan_since: Option<OffsetDateTime>,
    failure: Option<String>,
}

impl TryFrom<QueryRow> for WatchedQuery {
    type Error = Error;
    fn try_from(row: QueryRow) -> Result<Self> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            statement: Statement {
                role: row.role,
                text: row.statement,
                calls: u64::try_from(row.calls).unwrap_or_default(),
                total_ms: row.total_ms,
            },
            source: StatementSource::from_code(&row.source).ok_or(Error::Corrupt { what: "query_plans.source" })?,
            counted_since: row.counted_since,
            examined_at: row.examined_at,
            baseline: row.baseline.map(|plan| plan.0).zip(row.baseline_at),
            current: row.plan.map(|plan| plan.0).zip(row.plan_since),
            failure: row.failure,
        })
    }
}

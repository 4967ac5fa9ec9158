//! The Row X-ray: why a role, acting for an organization, reaches a row or does not.
//!
//! [`explain`] climbs the layers in PostgreSQL's own order and has PostgreSQL itself evaluate every policy on that very
//! row, as the role and in its context. Then it runs the real command, takes it back, and says whether it was right.
//!
//! ```no_run
//! use bulkhead_model::isolation::xray::{Command, Question, RowAddress};
//! # async fn example(inspector: &mut sqlx::PgConnection, profile: &bulkhead_rls::Profile) -> bulkhead_rls::xray::Result<()> {
//! let question = Question {
//!     schema: "public".into(),
//!     table: "notes".into(),
//!     role: "app".into(),
//!     organization: Some("91c5…".into()),
//!     settings: Vec::new(),
//!     command: Command::Select { row: RowAddress::Key(vec![("id".into(), "7c02…".into())]) },
//!     reveal: false,
//! };
//! let ladder = bulkhead_rls::xray::explain(inspector, profile, &question).await?;
//! println!("{}", ladder.verdict.sentence); // Not visible: policy notes_tenant compares org_id 7c… with the context 91….
//! # Ok(()) }
//! ```

mod comparison;
mod error;
mod evaluation;
mod example;
mod masking;
mod policies;
mod question;
mod reality;
mod record;
mod row;
mod rungs;
mod session;
mod sql;
mod target;
mod verdict;

use bulkhead_model::isolation::xray::{
    Command, Decision, Ladder, Outcome, Question, Reality, Rung, RungKind, Setting, Verdict,
};
use sqlx::{Connection, PgConnection};

use self::evaluation::{Evaluated, Rows};
use self::row::{Coming, Existing};
use self::session::Session;
use self::target::Target;
use crate::Profile;

pub(crate) use self::comparison::settings_read;
pub use self::error::{Error, Result};
pub use self::example::example;
pub use self::question::QuestionError;

/// Limits of the transaction: five seconds a statement, one second for a lock. Names are looked up in no schema, so
/// that PostgreSQL writes policies with every name in full.
const LIMITS: &str = "SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '1s'; \
     SET LOCAL idle_in_transaction_session_timeout = '30s'; SET LOCAL row_security = on; SET LOCAL search_path = ''";

/// Explains what becomes of one row.
///
/// `connection` belongs to the inspecting role and is in no transaction. To see everything it needs `BYPASSRLS` (or to
/// be a superuser), `SELECT` on the table, and membership in the role asked about, for `SET ROLE`. What is missing is
/// said in the ladder, whose verdict is then [`Decision::Unknown`].
///
/// Everything happens in one REPEATABLE READ transaction that is rolled back on every path; a caller that drops the
/// future must not use the connection for anything but another question or closing it, because statements prepared by
/// it may be left. The real command locks the row it changes until the rollback, at most for some milliseconds more than
/// it runs itself. It fires the table's triggers, and their work is rolled back too. What no rollback undoes stays:
/// sequences that were advanced, and whatever a function does outside the database.
///
/// Values of the row are hidden but for the tenant column, the primary key and what policies compare, unless the
/// question asks to `reveal` them. Writing that into the audit log is the caller's part.
///
/// # Errors
/// [`Error::Question`] for a question that cannot be asked (no such table, role, column; a value
/// that is not of its column's type), [`Error::Rls`] when the database does not answer or
/// the connection is in a transaction already.
pub async fn explain(connection: &mut PgConnection, profile: &Profile, question: &Question) -> Result<Ladder> {
    question::check_form(question)?;
    let mut transaction = connection.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ").await?;
    let ladder = look(&mut transaction, profile, question).await;
    transaction.rollback().await?;
    if ladder.is_err() {
        session::forget_prepared(connection).await?;
    }
    ladder
}

async fn look(connection: &mut PgConnection, profile: &Profile, question: &Question) -> Result<Ladder> {
    sql::run(connection, LIMITS).await?;
    session::forget_prepared(connection).await?;
    let target = target::read(connection, profile, question).await?;
    question::check_against(question, &target)?;
    let existing = row::find(connection, &target, question.command.address()).await?;

    let mut session = Session::new(connection, &target, profile, question);
    let settings = enter_context(&mut session, &target, profile, question).await?;
    let entered = settings.is_ok();
    let bound = if entered { Some(session.is_bound(target.oid).await?) } else { None };
    let coming =
        if entered { row::come(&mut session, &target, &question.command, &existing).await? } else { Coming::NotNeeded };

    let mut rungs = vec![
        rungs::role(&target),
        rungs::schema(&target),
        rungs::grants(&target, &question.command),
        rungs::row_security(&target, bound),
        rungs::settings(&settings, session.path()),
    ];
    rungs.extend(rungs::row(&target, &existing));
    rungs.extend(rungs::new_row(&coming));

    let checks = match bound {
        Some(true) => evaluate(&mut session, &target, question, &existing, &coming).await?,
        Some(false) | None => Vec::new(),
    };
    let circular = checks.iter().any(Evaluated::asks_tables)
        && reality::is_circular(&mut session, &target, &question.command, &existing).await?;
    let grounds = verdict::Grounds {
        role: &target.role.name,
        table: &target.label(),
        command: &question.command,
        rungs: &rungs,
        existing: &existing,
        coming: &coming,
        bound,
        circular,
        checks: &checks,
    };
    let verdict = verdict::judge(&grounds);
    rungs.push(policies_rung(&target, bound, &checks, &verdict));
    let reality = if entered {
        reality::compare(&mut session, &target, &question.command, &existing, &verdict, question.reveal).await?
    } else {
        Reality::Untried { reason: "The inspecting role could not act as the role in its context.".to_owned() }
    };
    Ok(assemble(
        &target,
        question,
        Parts { rungs, settings: settings.unwrap_or_default(), existing, coming, checks, verdict, reality },
    ))
}

/// The settings in force, or the sentence that says why the role cannot be acted as.
async fn enter_context(
    session: &mut Session<'_>,
    target: &Target,
    profile: &Profile,
    question: &Question,
) -> Result<std::result::Result<Vec<Setting>, String>> {
    if let Err(failure) = session.may_become().await? {
        let (inspector, role) = (&target.inspector.name, &target.role.name);
        return Ok(Err(format!("{inspector} may not SET ROLE to {role}: {}.", failure.message)));
    }
    if let Err(failure) = session.may_set_context().await? {
        return Ok(Err(format!("The context could not be set: {}.", failure.message)));
    }
    let context = &profile.context;
    let mut names = vec![context.org_setting.clone()];
    names.extend(context.operator_setting.clone());
    names.extend(question.settings.iter().map(|(name, _)| name.clone()));
    let expressions = target.policies.iter().flat_map(|policy| policy.using.iter().chain(&policy.with_check));
    names.extend(expressions.flat_map(|expression| comparison::settings_read(expression)));
    let mut unique = Vec::new();
    for name in names {
        if !unique.contains(&name) {
            unique.push(name);
        }
    }
    Ok(Ok(session.settings(unique).await?))
}

async fn evaluate(
    session: &mut Session<'_>,
    target: &Target,
    question: &Question,
    existing: &Existing,
    coming: &Coming,
) -> Result<Vec<Evaluated>> {
    let given = question.command.assignments();
    let counted = |name: &str| !given.iter().any(|(column, _)| column == name);
    let rows = Rows {
        existing: match existing {
            Existing::Found { row, .. } => Some(row),
            _ => None,
        },
        new: match coming {
            Coming::Row(row) => Some(row),
            _ => None,
        },
        unknown: match &question.command {
            Command::Insert { .. } => target
                .columns
                .iter()
                .filter(|column| column.identity && counted(&column.name))
                .map(|column| column.name.as_str())
                .collect(),
            _ => Vec::new(),
        },
    };
    let planned = policies::plan(&question.command, &target.policies);
    evaluation::evaluate(session, target, planned, &rows, question.reveal).await
}

fn policies_rung(target: &Target, bound: Option<bool>, checks: &[Evaluated], verdict: &Verdict) -> Rung {
    use bulkhead_model::isolation::xray::Truth;
    let truths = || checks.iter().map(|evaluated| evaluated.check.tree.truth());
    let (outcome, sentence) = match bound {
        None => (Outcome::Unknown, "No policy was evaluated.".to_owned()),
        Some(false) => (Outcome::Passes, "No policy binds the role.".to_owned()),
        Some(true) if truths().any(|truth| matches!(truth, Truth::Unseen { .. })) => {
            (Outcome::Unknown, "Not every policy could be evaluated.".to_owned())
        }
        Some(true) if truths().all(|truth| *truth == Truth::True) => {
            (Outcome::Passes, "One permissive and every restrictive policy holds, in each check.".to_owned())
        }
        Some(true) if verdict.decision == Decision::Reached => {
            (Outcome::Passes, "What fails among the policies is not needed.".to_owned())
        }
        Some(true) => (Outcome::Stops, "A check does not hold.".to_owned()),
    };
    let others = match target.policies_for_others {
        0 => String::new(),
        1 => " One more policy is for other roles.".to_owned(),
        others => format!(" {others} more policies are for other roles."),
    };
    Rung { kind: RungKind::Policies, outcome, sentence: sentence + &others }
}

struct Parts {
    rungs: Vec<Rung>,
    settings: Vec<Setting>,
    existing: Existing,
    coming: Coming,
    checks: Vec<Evaluated>,
    verdict: Verdict,
    reality: Reality,
}

fn assemble(target: &Target, question: &Question, parts: Parts) -> Ladder {
    let mut open = target.key.clone();
    open.extend(target.tenant_column.clone());
    let checks: Vec<_> = parts.checks.into_iter().map(|evaluated| evaluated.check).collect();
    for policy in checks.iter().flat_map(|check| check.tree.policies()) {
        open.extend(policy.compared.iter().map(|comparison| comparison.column.clone()));
    }
    let fields = |row: &row::Row| masking::fields(target, &row.values, &open, question.reveal);
    Ladder {
        table: target.label(),
        role: target.role.name.clone(),
        command: question.command.kind(),
        row: match &parts.existing {
            Existing::Found { row, .. } => Some(fields(row)),
            _ => None,
        },
        new_row: match &parts.coming {
            Coming::Row(row) => Some(fields(row)),
            _ => None,
        },
        notes: notes(target, question, &parts.reality),
        rungs: parts.rungs,
        settings: parts.settings,
        checks,
        verdict: parts.verdict,
        reality: parts.reality,
    }
}

fn notes(target: &Target, question: &Question, reality: &Reality) -> Vec<String> {
    let mut notes = Vec::new();
    let (before, after) = target.triggers(question.command.kind());
    if !before.is_empty() {
        notes.push(format!(
            "Triggers run before the policies see the new row and may change or skip it: {}. The ladder shows the row as \
             it was given.",
            before.join(", ")
        ));
    }
    let tried = matches!(reality, Reality::Tried { .. });
    if tried && !(before.is_empty() && after.is_empty()) {
        notes.push("Trying the command fired the table's triggers; what they did was rolled back with it.".to_owned());
    }
    if target.rewritten {
        notes.push("Rules rewrite statements on the table before any policy is asked.".to_owned());
    }
    let reads_session = |sql: &String| sql.to_ascii_lowercase().contains("session_user");
    if target.policies.iter().any(|policy| policy.using.iter().chain(&policy.with_check).any(reads_session)) {
        notes.push(format!(
            "A policy asks for the session's user, which here is the inspecting role {} and not {}.",
            target.inspector.name, target.role.name
        ));
    }
    if matches!(question.command, Command::Insert { .. }) {
        notes.push("Numbers that defaults take from sequences stay taken.".to_owned());
    }
    if matches!(reality, Reality::Tried { agrees: false, .. }) {
        notes.push("The explainer is wrong: PostgreSQL did something else, and PostgreSQL is right.".to_owned());
    }
    notes
}

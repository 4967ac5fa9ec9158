//! The real command, run as the role in its context and rolled back.

use bulkhead_model::isolation::PolicyCommand;
use bulkhead_model::isolation::xray::{Command, Decision, Happened, Reality, RowAddress, Verdict};

use super::error::Result;
use super::masking::message;
use super::row::{Existing, Place, conditions};
use super::session::Session;
use super::sql::{self, Failure, identifier, literal};
use super::target::Target;

const CURSOR: &str = "bulkhead_xray_row";

/// Runs the command, takes it back, and compares what happened with the verdict.
pub(super) async fn compare(
    session: &mut Session<'_>,
    target: &Target,
    command: &Command,
    existing: &Existing,
    verdict: &Verdict,
    reveal: bool,
) -> Result<Reality> {
    let place = existing.place();
    let ambiguous =
        matches!(existing, Existing::Found { more: true, .. }) && !(target.role.may_select && place.is_some());
    if ambiguous && command.reads() {
        return Ok(untried(
            "Several rows match and the role may not tell them apart, so more than one would be touched.",
        ));
    }
    let cursor =
        if command.address().is_some() && !command.reads() { Some(open(session, target, place).await?) } else { None };
    if cursor == Some(false) {
        return Ok(untried("A statement that reads no column can only be tried on a row whose place is known."));
    }
    session.enter().await?;
    // Straight to the row: other rows are none of this question's business, nor are errors of policies on them.
    sql::run(session.connection, "SET LOCAL enable_seqscan = off").await?;
    let answer = sql::attempt_count(session.connection, &statement(target, command, place)).await?;
    session.leave().await?;
    if cursor.is_some() {
        sql::run(session.connection, &format!("CLOSE {CURSOR}")).await?;
    }
    Ok(settle(target, command.kind(), answer, verdict, reveal))
}

/// Whether PostgreSQL refuses to plan the command because the policies ask the table they belong to, in a circle. That
/// is found while the statement's own table is being expanded, so no policy on its own shows it. Nothing is executed.
pub(super) async fn is_circular(
    session: &mut Session<'_>,
    target: &Target,
    command: &Command,
    existing: &Existing,
) -> Result<bool> {
    let place = existing.place();
    session.enter().await?;
    let answer = sql::attempt(session.connection, &format!("EXPLAIN {}", statement(target, command, place))).await?;
    session.leave().await?;
    Ok(answer.is_err_and(|failure| failure.sqlstate == "42P17"))
}

fn untried(reason: &str) -> Reality {
    Reality::Untried { reason: reason.to_owned() }
}

/// Puts a cursor on the row as the inspecting role. `WHERE CURRENT OF` then names the row without reading a column.
async fn open(session: &mut Session<'_>, target: &Target, place: Option<&Place>) -> Result<bool> {
    let Some(place) = place else { return Ok(false) };
    let open = format!(
        "DECLARE {CURSOR} NO SCROLL CURSOR FOR SELECT 1 FROM {} WHERE {}; FETCH NEXT FROM {CURSOR}",
        target.sql(),
        place.condition()
    );
    Ok(sql::attempt(session.connection, &open).await?.is_ok())
}

fn statement(target: &Target, command: &Command, place: Option<&Place>) -> String {
    let table = target.sql();
    let value = |value: &Option<String>| value.as_deref().map_or(" NULL".to_owned(), literal);
    let wanted = |row: &RowAddress| {
        let named = conditions(target, &row.columns());
        match place.filter(|_| target.role.may_select) {
            Some(place) => format!("{named} AND {}", place.condition()),
            None => named,
        }
    };
    let row = |row: &RowAddress, blind: bool| {
        if blind { format!("CURRENT OF {CURSOR}") } else { wanted(row) }
    };
    match command {
        Command::Select { row } => {
            let readable: Vec<String> = target
                .columns
                .iter()
                .filter(|column| column.may_select)
                .map(|column| identifier(&column.name))
                .collect();
            let columns = if readable.is_empty() { "*".to_owned() } else { readable.join(", ") };
            format!("SELECT {columns} FROM {table} WHERE {}", wanted(row))
        }
        Command::Insert { values, returning } => {
            let returning = if *returning { " RETURNING *" } else { "" };
            if values.is_empty() {
                return format!("INSERT INTO {table} DEFAULT VALUES{returning}");
            }
            let names: Vec<String> = values.iter().map(|(name, _)| identifier(name)).collect();
            let values: Vec<String> = values.iter().map(|(_, given)| value(given)).collect();
            format!("INSERT INTO {table} ({}) VALUES ({}){returning}", names.join(", "), values.join(", "))
        }
        Command::Update { row: address, changes, blind } => {
            let changes: Vec<String> =
                changes.iter().map(|(name, given)| format!("{} ={}", identifier(name), value(given))).collect();
            format!("UPDATE {table} SET {} WHERE {}", changes.join(", "), row(address, *blind))
        }
        Command::Delete { row: address, blind } => format!("DELETE FROM {table} WHERE {}", row(address, *blind)),
    }
}

fn settle(
    target: &Target,
    command: PolicyCommand,
    answer: std::result::Result<u64, Failure>,
    verdict: &Verdict,
    reveal: bool,
) -> Reality {
    let failure = match answer {
        Ok(count) => {
            let agrees = match verdict.decision {
                Decision::Reached => count == 1,
                Decision::NotReached => count == 0,
                Decision::Refused | Decision::Fails => false,
                Decision::Unknown => return unclaimed(&format!("It returned or affected {count} rows")),
            };
            return Reality::Tried { happened: Happened::Rows { count }, agrees };
        }
        Err(failure) => failure,
    };
    let shown = message(&failure, reveal);
    if failure.is_passing() {
        return untried(&format!("PostgreSQL ended it for a reason of the moment: {shown}."));
    }
    if verdict.decision == Decision::Unknown {
        return unclaimed(&format!("It failed with SQLSTATE {} ({shown})", failure.sqlstate));
    }
    // A constraint on the new row is looked at after the policies have let it pass; only choosing a partition and the
    // constraints of a domain come before them.
    let constraint = failure.sqlstate.starts_with("23");
    if constraint && verdict.decision != Decision::Reached {
        return untried(&format!("A constraint refused it before the policies were asked: {shown}."));
    }
    let (before, after) = target.triggers(command);
    if failure.in_function && failure.sqlstate != "42501" && !(before.is_empty() && after.is_empty()) {
        return untried(&format!("A trigger may have refused it with SQLSTATE {}: {shown}.", failure.sqlstate));
    }
    let agrees = match verdict.decision {
        Decision::Reached => constraint,
        Decision::Refused => failure.sqlstate == "42501" || verdict.may_fail_with.contains(&failure.sqlstate),
        Decision::NotReached | Decision::Fails => verdict.may_fail_with.contains(&failure.sqlstate),
        Decision::Unknown => false,
    };
    Reality::Tried { happened: Happened::Failed { sqlstate: failure.sqlstate, message: shown }, agrees }
}

fn unclaimed(what: &str) -> Reality {
    Reality::Untried { reason: format!("{what}, but the ladder claims nothing that this could confirm.") }
}

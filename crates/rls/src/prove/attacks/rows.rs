//! SELECT, INSERT, UPDATE and DELETE in every context, and moving a row away.

use super::{Strike, is_constraint, is_protection};
use crate::prove::quoting::{name, value, value_or_null};
use crate::prove::row::{Row, insert_statement};
use crate::prove::session::{Answer, Said, Session};
use crate::prove::target::Target;

/// Reads all rows. They are counted, because counting needs no right on the tenant column; where that may be read,
/// rows of others are counted apart. In its own context the role must also see something: who sees nothing at all
/// proves nothing.
pub(super) async fn select(target: &Target, session: &mut Session, said: Said) -> Strike {
    let (own, key) = owned(target, said);
    let foreign = if target.tenant_readable() {
        let tenant = target.tenant_sql();
        let own = key.map(|key| format!(" AND {tenant}::text <> {}", value(key))).unwrap_or_default();
        format!("(count(*) FILTER (WHERE {tenant} IS NOT NULL{own}))::text")
    } else {
        "'0'".to_owned()
    };
    let sql = format!("SELECT count(*)::text, {foreign} FROM {}", target.sql);
    let answer = session.ask(said, &sql).await;
    let strike = judge_count(&answer, own + target.of_nobody, said);
    if said != Said::A || !target.must_read || !matches!(strike, Strike::Held(_)) {
        return strike;
    }
    let acting = if session.is_platform() { Said::OperatorInA } else { Said::A };
    match session.ask(acting, &sql).await.number(0) {
        Some(0) if target.of_a > 0 => Strike::Unclear(format!(
            "{} it does not see its own rows either, though a policy and a right let it: is the context said as the profile has it?",
            acting.label()
        )),
        _ => strike,
    }
}

/// Rows that a context owns, and the key of their organization.
fn owned(target: &Target, said: Said) -> (i64, Option<&str>) {
    match said {
        Said::A => (target.of_a, Some(&target.key_a)),
        Said::B => (target.of_b, Some(&target.key_b)),
        Said::Nothing | Said::Empty | Said::Garbage | Said::OperatorInA => (0, None),
    }
}

/// Two counts: all rows, and rows of others.
pub(super) fn judge_count(answer: &Answer, allowed: i64, said: Said) -> Strike {
    match answer {
        Answer::Done { .. } => match (answer.number(0), answer.number(1).unwrap_or_default()) {
            (Some(_), others @ 1..) => Strike::Leaked(format!("{} it sees {others} rows of others", said.label())),
            (Some(all), _) if all > allowed => {
                Strike::Leaked(format!("{} it sees {all} rows, of which {allowed} may be seen", said.label()))
            }
            (Some(all), _) => Strike::Held(format!("{all} rows, none of another organization")),
            (None, _) => Strike::Unclear("no number came back".to_owned()),
        },
        Answer::Refused { code, message } if is_protection(code, said) => Strike::Held(message.clone()),
        Answer::Refused { code, message } => Strike::Unclear(format!("{code} {message}")),
    }
}

/// Rows whose tenant column is NULL.
pub(super) async fn select_unowned(target: &Target, session: &mut Session) -> Strike {
    let sql = format!("SELECT count(*)::text FROM {} WHERE {} IS NULL", target.sql, target.tenant_sql());
    let answer = session.ask(Said::A, &sql).await;
    match answer.number(0) {
        Some(0) => Strike::Held("no row of nobody is visible".to_owned()),
        Some(rows) => Strike::Leaked(format!("{rows} rows of nobody are visible to every organization")),
        None => judge_count(&answer, 0, Said::A),
    }
}

/// Inserts a row that belongs to the other organization; without a context also one that says nothing of whose it is.
pub(super) async fn insert(target: &Target, session: &mut Session, said: Said) -> Strike {
    let fresh = if said == Said::B { &target.fresh_a } else { &target.fresh_b };
    let Some(fresh) = fresh else {
        return Strike::Unclear(format!("no further row could be made: {}", target.no_fresh));
    };
    let granted = |column: &String| target.rights.insertable.contains(column);
    let mut rows = vec![fresh.clone()];
    let only_granted: Row =
        fresh.iter().filter(|(column, _)| granted(column)).map(|(c, v)| (c.clone(), v.clone())).collect();
    if only_granted.len() < fresh.len() && only_granted.contains_key(&target.tenant) {
        rows.push(only_granted.clone());
    }
    if !matches!(said, Said::A | Said::B) {
        let mut unsaid = if only_granted.is_empty() { fresh.clone() } else { only_granted };
        unsaid.remove(&target.tenant);
        rows.push(unsaid);
    }
    let mut strikes = Vec::new();
    for row in rows {
        strikes.push(insert_one(target, session, said, &row).await);
    }
    Strike::worst(strikes)
}

async fn insert_one(target: &Target, session: &mut Session, said: Said, row: &Row) -> Strike {
    let sql = insert_statement(&target.sql, row);
    let strike = judge_write(session.ask(said, &sql).await, 0, said, "made");
    let Some(own) = owned(target, said).1.filter(|_| target.has_triggers && target.tenant_readable()) else {
        return strike;
    };
    if !matches!(strike, Strike::Leaked(_)) {
        return strike;
    }
    // A trigger may put the right organization in place of the one that was named.
    match session.ask(said, &format!("{sql} RETURNING {}::text", target.tenant_sql())).await {
        Answer::Done { rows, .. }
            if rows.iter().flatten().all(|key| key.as_deref() == Some(own)) && !rows.is_empty() =>
        {
            Strike::Held("a trigger gave the row to the organization that acts".to_owned())
        }
        _ => strike,
    }
}

/// Changes rows: the other organization's by name, and all of them. The second needs no right to read, so no policy
/// for SELECT helps.
pub(super) async fn update(target: &Target, session: &mut Session, said: Said) -> Strike {
    let Some((column, to)) = &target.change else {
        return Strike::Unclear("it has no column that can be set".to_owned());
    };
    let sql = format!("UPDATE {} SET {} = {}", target.sql, name(column), value_or_null(to.as_deref()));
    write(target, session, said, &sql, "changed").await
}

/// Deletes rows in the same two ways.
pub(super) async fn delete(target: &Target, session: &mut Session, said: Said) -> Strike {
    write(target, session, said, &format!("DELETE FROM {}", target.sql), "deleted").await
}

async fn write(target: &Target, session: &mut Session, said: Said, sql: &str, done: &str) -> Strike {
    let other = if said == Said::B { &target.key_a } else { &target.key_b };
    let named = session.ask(said, &format!("{sql} WHERE {}", target.is_of(other))).await;
    let named = judge_write(named, 0, said, done);
    if matches!(named, Strike::Leaked(_)) {
        return named;
    }
    let own = owned(target, said).0;
    let all = session.ask(said, sql).await;
    let all = match all {
        // Its own rows are held by constraints as well; the statement that names the others has the say then.
        Answer::Refused { ref code, .. } if own > 0 && is_constraint(code) && matches!(named, Strike::Held(_)) => {
            return named;
        }
        answer => judge_write(answer, own + target.of_nobody, said, done),
    };
    Strike::worst([named, all])
}

/// Gives its own rows to the other organization.
pub(super) async fn move_away(target: &Target, session: &mut Session) -> Strike {
    let sql = format!("UPDATE {} SET {} = {}", target.sql, target.tenant_sql(), value(&target.key_b));
    let own = format!("{sql} WHERE {}", target.is_of(&target.key_a));
    let mut strikes = Vec::new();
    for statement in [sql, own] {
        strikes.push(judge_write(session.ask(Said::A, &statement).await, 0, Said::A, "moved"));
    }
    Strike::worst(strikes)
}

/// More rows touched than allowed is a leak; so is a constraint's word, because it comes after every policy.
pub(super) fn judge_write(answer: Answer, allowed: i64, said: Said, done: &str) -> Strike {
    match answer {
        Answer::Done { affected, .. } if i64::try_from(affected).unwrap_or(i64::MAX) > allowed => {
            Strike::Leaked(format!("{} it {done} {affected} rows, of which {allowed} are its own", said.label()))
        }
        Answer::Done { affected, .. } => Strike::Held(format!("{affected} rows {done}, none of another organization")),
        Answer::Refused { code, message } if is_protection(&code, said) => Strike::Held(message),
        Answer::Refused { code, message } if is_constraint(&code) && done != "made" => {
            Strike::Leaked(format!("{} every policy let it through; only this stopped it: {message}", said.label()))
        }
        Answer::Refused { code, message } => Strike::Unclear(format!("{code} {message}")),
    }
}

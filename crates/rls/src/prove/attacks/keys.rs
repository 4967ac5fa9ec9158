//! What constraints tell and allow: they are checked past every policy.

use super::{Strike, is_protection};
use crate::prove::quoting::{name, value_or_null};
use crate::prove::row::{Row, insert_statement};
use crate::prove::session::{Answer, Said, Session};
use crate::prove::target::{Key, Link, Target};

/// A row of A, with other values in some columns: once as it is, and once with the columns only that may be given.
fn attempts(target: &Target, changed: &Row) -> Vec<Row> {
    let Some(fresh) = &target.fresh_a else { return Vec::new() };
    let mut full = fresh.clone();
    full.extend(changed.clone());
    let granted: Row = full
        .iter()
        .filter(|(column, _)| target.rights.insertable.contains(column))
        .map(|(column, value)| (column.clone(), value.clone()))
        .collect();
    let asks = granted.len() < full.len() && changed.keys().all(|column| granted.contains_key(column));
    if asks { vec![full, granted] } else { vec![full] }
}

/// Points a new row, and then its own rows, at a row of B.
pub(super) async fn point(target: &Target, link: &Link, session: &mut Session) -> Strike {
    let mut strikes = Vec::new();
    for row in attempts(target, &link.values) {
        strikes.push(judge_link(session.ask(Said::A, &insert_statement(&target.sql, &row)).await));
    }
    let set: Vec<String> = link
        .values
        .iter()
        .map(|(column, value)| format!("{} = {}", name(column), value_or_null(value.as_deref())))
        .collect();
    let update = format!("UPDATE {} SET {}", target.sql, set.join(", "));
    // Two own rows cannot always point to the same one; the key's word is then no word about the other organization.
    match session.ask(Said::A, &update).await {
        Answer::Refused { code, .. } if code == "23505" && !strikes.is_empty() => {}
        answer => strikes.push(judge_link(answer)),
    }
    Strike::worst(strikes)
}

fn judge_link(answer: Answer) -> Strike {
    match answer {
        Answer::Done { affected: 0, .. } => Strike::Held("no row was touched".to_owned()),
        Answer::Done { .. } => Strike::Leaked("a row of its own now refers to another organization's".to_owned()),
        Answer::Refused { code, message } if code == "23503" || is_protection(&code, Said::A) => Strike::Held(message),
        Answer::Refused { code, message } => Strike::Unclear(format!("{code} {message}")),
    }
}

/// Makes a row of its own with B's value in the key.
pub(super) async fn probe(target: &Target, key: &Key, session: &mut Session) -> Strike {
    let mut strikes = Vec::new();
    for row in attempts(target, &key.values) {
        let sql = insert_statement(&target.sql, &row);
        strikes.push(match session.ask(Said::A, &sql).await {
            Answer::Refused { code, message } if code == "23505" => Strike::Leaked(message),
            Answer::Refused { code, message } if passes(&code) => Strike::Held(message),
            Answer::Refused { code, message } => Strike::Unclear(format!("{code} {message}")),
            Answer::Done { .. } => Strike::Held("the value is free in its own organization".to_owned()),
        });
    }
    fresh_or(strikes, target)
}

/// The same, asking to be told by the number of rows.
pub(super) async fn on_conflict(target: &Target, key: &Key, session: &mut Session) -> Strike {
    let mut strikes = Vec::new();
    for row in attempts(target, &key.values) {
        let sql = format!("{} ON CONFLICT DO NOTHING", insert_statement(&target.sql, &row));
        strikes.push(match session.ask(Said::A, &sql).await {
            Answer::Done { affected: 0, .. } => {
                Strike::Leaked("nothing was inserted, so the value is taken".to_owned())
            }
            Answer::Done { .. } => Strike::Held("the value is free in its own organization".to_owned()),
            Answer::Refused { code, message } if passes(&code) => Strike::Held(message),
            Answer::Refused { code, message } => Strike::Unclear(format!("{code} {message}")),
        });
    }
    fresh_or(strikes, target)
}

/// A foreign key speaks after the unique key, and not about it.
fn passes(code: &str) -> bool {
    is_protection(code, Said::A) || code == "23503"
}

fn fresh_or(strikes: Vec<Strike>, target: &Target) -> Strike {
    if strikes.is_empty() {
        return Strike::Unclear(format!("no further row could be made: {}", target.no_fresh));
    }
    Strike::worst(strikes)
}

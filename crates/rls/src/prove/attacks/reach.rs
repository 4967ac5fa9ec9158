//! Everything beside tables through which rows can be seen: views, functions, sequences, notifications.
//!
//! What a view or function shows need not have a tenant column. So its answer is searched for marks: values that stand
//! in rows of the attacked organization and nowhere else.

use std::time::Duration;

use sqlx::postgres::PgListener;

use super::{Strike, is_protection};
use crate::Profile;
use crate::prove::planting::Planted;
use crate::prove::quoting::{name, value, value_or_null};
use crate::prove::session::{Answer, Said, Session};
use crate::prove::survey::{Callable, Rights};
use crate::prove::values::Owner;

/// A value shorter than this may turn up anywhere.
const TELLING: usize = 8;
/// Marks looked for; a database of a thousand tables would have more than a statement can carry.
const MOST: usize = 400;

/// Values of B's rows.
#[derive(Debug, Clone)]
pub(in crate::prove) struct Marks {
    /// B's key, which every statement about whose row it is would show.
    pub key: String,
    pub all: Vec<String>,
}

impl Marks {
    /// From what was planted. What A has as well says nothing.
    pub fn of(planted: &Planted, key: &str) -> Self {
        let values = |owner: Owner| {
            planted
                .rows
                .iter()
                .filter(move |((_, of), _)| *of == owner)
                .flat_map(|(_, rows)| rows.iter().flat_map(|row| row.values().flatten()))
        };
        let theirs = |text: &&String| text.len() >= TELLING && text.as_str() != key;
        // Rows that are still to be made as well: a notification may be about one.
        let fresh =
            planted.fresh.iter().filter(|((_, of), _)| *of == Owner::B).flat_map(|(_, row)| row.values().flatten());
        let mut all: Vec<String> = values(Owner::B).chain(fresh).filter(theirs).cloned().collect();
        all.sort_unstable();
        all.dedup();
        for owner in [Owner::A, Owner::Nobody, Owner::Named] {
            let others: std::collections::BTreeSet<&String> = values(owner).collect();
            all.retain(|text| !others.contains(text));
        }
        all.truncate(MOST);
        all.insert(0, key.to_owned());
        Self { key: key.to_owned(), all }
    }

    /// The first mark in a text, leaving out what the text was asked with.
    fn found<'a>(&'a self, text: &str, given: &[&str]) -> Option<&'a str> {
        let said = |mark: &&str| {
            !given.iter().any(|given| given.contains(*mark) || (given.len() >= TELLING && mark.contains(given)))
        };
        self.all.iter().map(String::as_str).filter(said).find(|mark| text.contains(*mark))
    }
}

/// Everything of a view that the role may read, as one text a row.
pub(super) fn shown(rights: &Rights) -> String {
    if rights.readable.is_empty() {
        return "v::text".to_owned();
    }
    let all: Vec<String> = rights.readable.iter().map(|column| format!("v.{}", name(column))).collect();
    format!("ROW({})::text", all.join(", "))
}

/// Reads a view in A's context and without one.
pub(in crate::prove) async fn read_view(sql: &str, rights: &Rights, marks: &Marks, session: &mut Session) -> Strike {
    let columns = shown(rights);
    let list = marks.all.iter().map(|mark| value(mark)).collect::<Vec<_>>().join(", ");
    let sql = format!(
        "SELECT shown FROM (SELECT {columns} AS shown FROM {sql} v) s \
         WHERE EXISTS (SELECT FROM unnest(ARRAY[{list}]::text[]) mark WHERE strpos(shown, mark) > 0)"
    );
    let mut strikes = Vec::new();
    for said in [Said::A, Said::Nothing] {
        strikes.push(match session.ask(said, &sql).await {
            Answer::Done { rows, .. } if rows.is_empty() => Strike::Held("nothing of another organization".to_owned()),
            Answer::Done { rows, .. } => {
                Strike::Leaked(format!("{} it shows {} rows of another organization", said.label(), rows.len()))
            }
            Answer::Refused { code, message } if is_protection(&code, said) => Strike::Held(message),
            Answer::Refused { code, message } => Strike::Unclear(format!("{code} {message}")),
        });
    }
    Strike::worst(strikes)
}

/// Calls a function with the attacked organization's key and plausible values, and with nothing.
pub(in crate::prove) async fn call(function: &Callable, marks: &Marks, session: &mut Session) -> Strike {
    let mut strikes = Vec::new();
    for (sql, given) in calls(function, marks) {
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        for said in [Said::A, Said::Nothing] {
            strikes.push(judge_call(session.ask(said, &sql).await, marks, &given, said));
        }
    }
    Strike::worst(strikes)
}

/// The statements that call it, and what each gives.
pub(super) fn calls(function: &Callable, marks: &Marks) -> Vec<(String, Vec<String>)> {
    let plausible: Vec<Option<String>> = function.arguments.iter().map(|kind| argument(kind, marks)).collect();
    let mut ways = vec![plausible];
    if !function.arguments.is_empty() {
        ways.push(vec![None; function.arguments.len()]);
    }
    let statement = |values: Vec<Option<String>>| {
        let list: Vec<String> = function
            .arguments
            .iter()
            .zip(&values)
            .map(|(kind, text)| format!("{}::{kind}", value_or_null(text.as_deref())))
            .collect();
        let sql = format!("SELECT f::text FROM {}({}) f", function.name, list.join(", "));
        (sql, values.into_iter().flatten().collect())
    };
    ways.into_iter().map(statement).collect()
}

fn judge_call(answer: Answer, marks: &Marks, given: &[&str], said: Said) -> Strike {
    match answer {
        Answer::Done { rows, .. } => {
            let mut texts = rows.iter().flatten().flatten();
            match texts.any(|text| marks.found(text, given).is_some()) {
                true => Strike::Leaked(format!("{} it answers with a value of another organization", said.label())),
                false => Strike::Held("its answer has nothing of another organization".to_owned()),
            }
        }
        Answer::Refused { message, .. } if marks.found(&message, given).is_some() => {
            Strike::Leaked(format!("{} its error tells a value of another organization", said.label()))
        }
        Answer::Refused { message, .. } => Strike::Held(message),
    }
}

/// Something an attacker would try in a parameter of this type.
fn argument(kind: &str, marks: &Marks) -> Option<String> {
    Some(match kind {
        "uuid" => marks.key.clone(),
        "text" | "character varying" | "citext" | "name" => "%".to_owned(),
        "integer" | "bigint" | "smallint" | "numeric" => marks.key.parse::<i64>().map_or(10, |key| key).to_string(),
        "boolean" => "true".to_owned(),
        "jsonb" | "json" => "{}".to_owned(),
        "timestamp with time zone" | "timestamp without time zone" | "date" => "2000-01-01".to_owned(),
        "interval" => "100 years".to_owned(),
        array if array.ends_with("[]") => "{}".to_owned(),
        _ => return None,
    })
}

/// The functions that policies ask must name nobody where nobody was named.
pub(in crate::prove) async fn default_context(profile: &Profile, session: &mut Session) -> Strike {
    let mut strikes = Vec::new();
    for function in profile.context.org_functions.iter().chain(&profile.context.operator_functions) {
        let (schema, plain) = function.split_once('.').unwrap_or(("public", function));
        let sql = format!("SELECT {}.{}()::text", name(schema), name(plain));
        for said in [Said::Nothing, Said::Empty] {
            strikes.push(match session.ask(said, &sql).await {
                Answer::Done { rows, .. } => match rows.into_iter().flatten().flatten().next() {
                    Some(named) if !named.is_empty() => {
                        Strike::Leaked(format!("{} {function}() names {named}", said.label()))
                    }
                    _ => Strike::Held("it names nobody".to_owned()),
                },
                Answer::Refused { code, message } if is_protection(&code, said) => Strike::Held(message),
                Answer::Refused { code, message } => Strike::Unclear(format!("{code} {message}")),
            });
        }
    }
    Strike::worst(strikes)
}

/// Reads a counter, and counts on.
pub(in crate::prove) async fn read_sequence(schema: &str, sequence: &str, session: &mut Session) -> Strike {
    let sql = format!("{}.{}", name(schema), name(sequence));
    let mut strikes = Vec::new();
    for sql in [format!("SELECT last_value::text FROM {sql}"), format!("SELECT nextval({})::text", value(&sql))] {
        strikes.push(match session.ask(Said::A, &sql).await {
            Answer::Done { .. } => {
                Strike::Leaked("its value tells how many rows all organizations together have made".to_owned())
            }
            Answer::Refused { code, message } if is_protection(&code, Said::A) => Strike::Held(message),
            Answer::Refused { code, message } => Strike::Unclear(format!("{code} {message}")),
        });
    }
    Strike::worst(strikes)
}

/// How long a notification may take. PostgreSQL delivers at commit.
const PATIENCE: Duration = Duration::from_millis(400);

/// What a listener heard.
#[derive(Debug)]
pub(in crate::prove) struct Notified(pub Vec<String>);

impl Notified {
    /// Waits until nothing more comes.
    pub async fn collect(listener: &mut PgListener) -> Self {
        let mut payloads = Vec::new();
        while let Ok(Ok(notification)) = tokio::time::timeout(PATIENCE, listener.recv()).await {
            payloads.push(notification.payload().to_owned());
        }
        Self(payloads)
    }
}

/// Whether a payload carries a mark.
pub(in crate::prove) fn hear(notified: &Notified, marks: &Marks) -> Strike {
    if notified.0.is_empty() {
        return Strike::Held("no notification came".to_owned());
    }
    match notified.0.iter().find_map(|payload| marks.found(payload, &[])) {
        Some(_) => Strike::Leaked("whoever listens hears a value of another organization's row".to_owned()),
        None => Strike::Held("its payload has nothing of another organization".to_owned()),
    }
}

//! What the runtime roles run: every statement's text, how often and for how long. Kept in the process's memory, for the
//! page of plans, where `pg_stat_statements` is not at hand.
//!
//! A text is kept as it was sent, and only of statements that were sent with their parameters apart: no value is ever in
//! it. What runs before sign-in, as `bulkhead_auth`, is calls of functions, which have no plan worth watching.

use bulkhead_model::isolation::Statement;
use futures::{FutureExt, StreamExt, future::BoxFuture, stream::BoxStream};
use sha2::{Digest, Sha256};
use sqlx::{
    Either, Execute, Executor, PgConnection, SqlStr,
    error::BoxDynError,
    postgres::{PgArguments, PgQueryResult, PgRow, PgStatement, PgTypeInfo, Postgres},
};
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Statements kept for each role. Where there are more, the one that took least time altogether is forgotten.
const KEPT: usize = 500;

/// Longer texts are not kept.
pub(crate) const LONGEST: usize = 20_000;

/// What this process has run.
pub struct Statements {
    begun: Instant,
    by_role: Mutex<BTreeMap<&'static str, HashMap<Box<str>, Tally>>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    calls: u64,
    total: Duration,
}

impl Default for Statements {
    fn default() -> Self {
        Self { begun: Instant::now(), by_role: Mutex::default() }
    }
}

impl fmt::Debug for Statements {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Statements")
    }
}

impl Statements {
    /// How long the record is.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.begun.elapsed()
    }

    /// A copy of the record, in no order.
    #[must_use]
    pub fn snapshot(&self) -> Vec<Statement> {
        let by_role = self.by_role.lock().unwrap_or_else(PoisonError::into_inner);
        let each = by_role.iter().flat_map(|(role, texts)| texts.iter().map(move |(text, tally)| (role, text, tally)));
        each.map(|(role, text, tally)| Statement {
            role: (*role).to_owned(),
            text: text.to_string(),
            calls: tally.calls,
            total_ms: tally.total.as_secs_f64() * 1000.0,
        })
        .collect()
    }

    fn note(&self, role: &'static str, text: &str, took: Duration) {
        if text.len() > LONGEST {
            return;
        }
        let mut by_role = self.by_role.lock().unwrap_or_else(PoisonError::into_inner);
        let texts = by_role.entry(role).or_default();
        if let Some(tally) = texts.get_mut(text) {
            tally.calls += 1;
            tally.total += took;
            return;
        }
        if texts.len() >= KEPT {
            let least = texts.iter().min_by_key(|(_, tally)| tally.total).map(|(text, _)| text.clone());
            least.and_then(|text| texts.remove(&text));
        }
        texts.insert(text.into(), Tally { calls: 1, total: took });
    }
}

/// Says of two statements whether they are the same: SHA-256 over role and text.
pub(crate) fn digest(statement: &Statement) -> [u8; 32] {
    Sha256::new().chain_update(&statement.role).chain_update([0]).chain_update(&statement.text).finalize().into()
}

/// A connection whose statements are recorded.
pub(crate) struct Recorded<'c> {
    connection: &'c mut PgConnection,
    statements: &'c Statements,
    role: &'static str,
}

impl fmt::Debug for Recorded<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorded").field("role", &self.role).finish_non_exhaustive()
    }
}

impl<'c> Recorded<'c> {
    pub(crate) fn new(connection: &'c mut PgConnection, statements: &'c Statements, role: &'static str) -> Self {
        Self { connection, statements, role }
    }
}

/// Notes a statement when it is over: answered to the end, failed, or given up.
struct Running<'c> {
    statements: &'c Statements,
    role: &'static str,
    text: Option<SqlStr>,
    begun: Instant,
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(text) = &self.text {
            self.statements.note(self.role, text.as_str(), self.begun.elapsed());
        }
    }
}

/// A query that was asked for its text, which takes it apart.
struct TakenApart {
    sql: SqlStr,
    statement: Option<PgStatement>,
    arguments: Result<Option<PgArguments>, BoxDynError>,
    persistent: bool,
}

impl<'q> Execute<'q, Postgres> for TakenApart {
    fn sql(self) -> SqlStr {
        self.sql
    }

    fn statement(&self) -> Option<&PgStatement> {
        self.statement.as_ref()
    }

    fn take_arguments(&mut self) -> Result<Option<PgArguments>, BoxDynError> {
        std::mem::replace(&mut self.arguments, Ok(None))
    }

    fn persistent(&self) -> bool {
        self.persistent
    }
}

fn take_apart<'q>(mut query: impl Execute<'q, Postgres>) -> TakenApart {
    let (arguments, statement, persistent) = (query.take_arguments(), query.statement().cloned(), query.persistent());
    TakenApart { sql: query.sql(), statement, arguments, persistent }
}

impl<'c> Recorded<'c> {
    fn begin(&self, query: &TakenApart) -> Running<'c> {
        // Without parameters of its own a text may hold values, and several statements.
        let apart = matches!(query.arguments, Ok(Some(_)));
        let text = apart.then(|| query.sql.clone());
        Running { statements: self.statements, role: self.role, text, begun: Instant::now() }
    }
}

impl<'c> Executor<'c> for Recorded<'c> {
    type Database = Postgres;

    fn fetch_many<'e, 'q: 'e, E>(self, query: E) -> BoxStream<'e, sqlx::Result<Either<PgQueryResult, PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let query = take_apart(query);
        let running = self.begin(&query);
        let rows = self.connection.fetch_many(query);
        // The closure owns `running`, so it ends with the stream.
        rows.inspect(move |_| {
            let _ = &running;
        })
        .boxed()
    }

    fn fetch_optional<'e, 'q: 'e, E>(self, query: E) -> BoxFuture<'e, sqlx::Result<Option<PgRow>>>
    where
        'c: 'e,
        E: 'q + Execute<'q, Postgres>,
    {
        let query = take_apart(query);
        let running = self.begin(&query);
        let row = self.connection.fetch_optional(query);
        async move {
            let _running = running;
            row.await
        }
        .boxed()
    }

    fn prepare_with<'e>(self, sql: SqlStr, parameters: &'e [PgTypeInfo]) -> BoxFuture<'e, sqlx::Result<PgStatement>>
    where
        'c: 'e,
    {
        self.connection.prepare_with(sql, parameters)
    }

    fn describe<'e>(self, sql: SqlStr) -> BoxFuture<'e, sqlx::Result<sqlx::Describe<Postgres>>>
    where
        'c: 'e,
    {
        self.connection.describe(sql)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_took_least_is_forgotten_first() {
        let statements = Statements::default();
        statements.note("bulkhead_app", "cheap", Duration::from_millis(1));
        for number in 0..KEPT {
            statements.note("bulkhead_app", &format!("SELECT {number}"), Duration::from_millis(5));
        }
        let kept = statements.snapshot();
        assert_eq!(kept.len(), KEPT);
        assert!(kept.iter().all(|statement| statement.text != "cheap"));
        // Another role has room of its own.
        statements.note("bulkhead_operator", "cheap", Duration::from_millis(1));
        assert_eq!(statements.snapshot().len(), KEPT + 1);
    }

    #[test]
    fn runs_are_added_up_and_long_texts_left_out() {
        let statements = Statements::default();
        statements.note("bulkhead_app", "SELECT $1", Duration::from_millis(2));
        statements.note("bulkhead_app", "SELECT $1", Duration::from_millis(4));
        statements.note("bulkhead_app", &"x".repeat(LONGEST + 1), Duration::from_millis(4));
        let kept = statements.snapshot();
        assert_eq!(kept.len(), 1);
        assert_eq!((kept[0].calls, kept[0].total_ms), (2, 6.0));
    }
}

//! Text that PostgreSQL reads as SQL, and how a statement may fail without ending the transaction.
//!
//! The X-ray cannot bind its values: `PREPARE` and `EXECUTE` take none. So every name and value that enters a statement
//! goes through [`identifier`] or [`literal`], and nothing else in this module's siblings writes a quote.

use sqlx::postgres::{PgDatabaseError, PgQueryResult, PgRow};
use sqlx::{AssertSqlSafe, PgConnection};

use super::error::Result;

/// A name as PostgreSQL reads it back unchanged, whatever it contains.
pub(super) fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A value as a string constant, the same with and without `standard_conforming_strings`.
pub(super) fn literal(value: &str) -> String {
    format!(" E'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

/// `"schema"."name"`.
pub(super) fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", identifier(schema), identifier(name))
}

/// A statement that PostgreSQL refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) sqlstate: String,
    pub(super) message: String,
    /// Raised inside a function, not by the statement's own text.
    pub(super) in_function: bool,
}

impl Failure {
    /// Whether it says something about the moment (a lock, a timeout, a server that only reads) and nothing about the
    /// question.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self.sqlstate.as_str(), "40001" | "40P01" | "55P03" | "57014" | "25006" | "53200" | "54001")
    }
}

const SAVEPOINT: &str = "bulkhead_xray_attempt";

/// Runs statements in a savepoint and returns their rows; a refusal leaves the transaction as it was.
pub(super) async fn attempt(
    connection: &mut PgConnection,
    sql: &str,
) -> Result<std::result::Result<Vec<PgRow>, Failure>> {
    let answer = sqlx::raw_sql(AssertSqlSafe(in_savepoint(sql))).fetch_all(&mut *connection).await;
    settle(connection, answer).await
}

/// Runs one statement in a savepoint and returns how many rows it returned or affected.
pub(super) async fn attempt_count(
    connection: &mut PgConnection,
    sql: &str,
) -> Result<std::result::Result<u64, Failure>> {
    let answer = sqlx::raw_sql(AssertSqlSafe(in_savepoint(sql))).execute(&mut *connection).await;
    Ok(settle(connection, answer).await?.map(|result: PgQueryResult| result.rows_affected()))
}

/// Runs statements that are not expected to be refused.
pub(super) async fn run(connection: &mut PgConnection, sql: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(connection).await?;
    Ok(())
}

fn in_savepoint(sql: &str) -> String {
    format!("SAVEPOINT {SAVEPOINT}; {sql}; RELEASE SAVEPOINT {SAVEPOINT}")
}

async fn settle<T>(connection: &mut PgConnection, answer: sqlx::Result<T>) -> Result<std::result::Result<T, Failure>> {
    let error = match answer {
        Ok(rows) => return Ok(Ok(rows)),
        Err(sqlx::Error::Database(error)) => error,
        Err(error) => return Err(error.into()),
    };
    let Some(refusal) = error.try_downcast_ref::<PgDatabaseError>() else {
        return Err(sqlx::Error::Database(error).into());
    };
    let failure = Failure {
        sqlstate: refusal.code().to_owned(),
        message: refusal.message().to_owned(),
        in_function: refusal.r#where().is_some_and(|place| place.contains("function")),
    };
    run(connection, &format!("ROLLBACK TO SAVEPOINT {SAVEPOINT}; RELEASE SAVEPOINT {SAVEPOINT}")).await?;
    Ok(Err(failure))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_backslashes_stay_inside() {
        assert_eq!(identifier("we\"ird; drop"), "\"we\"\"ird; drop\"");
        assert_eq!(literal(r"o'b\r'; drop"), r" E'o''b\\r''; drop'");
    }
}

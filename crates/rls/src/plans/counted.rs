//! The statements that PostgreSQL itself counted, from the extension `pg_stat_statements`.

use bulkhead_model::isolation::Statement;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use time::OffsetDateTime;

use super::{is_planned, refusal};
use crate::{Profile, Result, prove::identifier};

/// What `pg_stat_statements` knows.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted {
    /// The statements that took most time altogether, the most expensive first.
    pub statements: Vec<Statement>,
    /// When the counts began.
    pub since: Option<OffsetDateTime>,
}

/// The statements of the runtime roles that took most time, at most `most`; or why the extension does not say.
///
/// Without `pg_read_all_stats` a role is only shown the text of its own statements, so each is asked as itself, for which
/// the inspecting role must be a member of it.
///
/// # Errors
/// When the database does not answer.
pub async fn counted(
    connection: &mut PgConnection,
    profile: &Profile,
    most: i64,
) -> Result<std::result::Result<Counted, String>> {
    let mut transaction = connection.begin_with("BEGIN READ ONLY").await?;
    let found = read(&mut transaction, profile, most).await;
    transaction.rollback().await?;
    match found {
        Ok(Some(counted)) => Ok(Ok(counted)),
        Ok(None) => Ok(Err("pg_stat_statements is not installed in this database.".to_owned())),
        Err(error) => Ok(Err(format!("pg_stat_statements is installed and could not be read: {}.", refusal(error)?))),
    }
}

async fn read(connection: &mut PgConnection, profile: &Profile, most: i64) -> sqlx::Result<Option<Counted>> {
    let schema: Option<String> = sqlx::query_scalar(
        "SELECT n.nspname::text FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
         WHERE e.extname = 'pg_stat_statements'",
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(schema) = schema else { return Ok(None) };
    let schema = identifier(&schema);
    sqlx::raw_sql("SET LOCAL statement_timeout = '5s'").execute(&mut *connection).await?;
    let since = format!("SELECT stats_reset FROM {schema}.pg_stat_statements_info");
    let since = sqlx::query_scalar(AssertSqlSafe(since)).fetch_one(&mut *connection).await?;
    let sql = format!(
        "SELECT r.rolname::text, s.query, s.calls, s.total_exec_time
         FROM {schema}.pg_stat_statements s JOIN pg_catalog.pg_roles r ON r.oid = s.userid
         WHERE r.rolname = current_user AND s.query IS NOT NULL
           AND s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
         ORDER BY s.total_exec_time DESC LIMIT $1"
    );
    let mut statements = Vec::new();
    for role in &profile.runtime_roles {
        let enter = format!("SET LOCAL ROLE {}", identifier(&role.name));
        sqlx::raw_sql(AssertSqlSafe(enter)).execute(&mut *connection).await?;
        // Utility statements are among them: twice as many are read as are wanted.
        let rows: Vec<(String, String, i64, f64)> =
            sqlx::query_as(AssertSqlSafe(sql.clone())).bind(most * 2).fetch_all(&mut *connection).await?;
        sqlx::raw_sql("RESET ROLE").execute(&mut *connection).await?;
        statements.extend(rows.into_iter().map(|(role, text, calls, total_ms)| Statement {
            role,
            text,
            calls: u64::try_from(calls).unwrap_or_default(),
            total_ms,
        }));
    }
    statements.retain(|statement| is_planned(&statement.text));
    statements.sort_by(|a, b| b.total_ms.total_cmp(&a.total_ms));
    statements.truncate(usize::try_from(most).unwrap_or_default());
    Ok(Some(Counted { statements, since }))
}

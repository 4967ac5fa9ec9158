//! What PostgreSQL plans for the statements of an application, as the roles that run them.
//!
//! [`explain`] asks for the *generic* plan: the one that a prepared statement gets, which holds for every organization
//! and needs no parameter's value. Nothing is executed. The same statement is planned once more as the inspecting role,
//! whom no policy binds; the quotient of the two estimates is what row-level security costs.
//!
//! Statements come from the application itself or from [`counted`], PostgreSQL's own statistics.

mod counted;
mod relations;
mod tree;

use bulkhead_model::isolation::QueryPlan;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Connection, PgConnection, postgres::PgDatabaseError};

use crate::{Error, Profile, Result, prove::identifier};

pub use self::counted::{Counted, counted};

/// Nothing is written, whatever a function called while planning tries; and no plan takes longer than this to be made.
const LIMITS: &str = "SET LOCAL statement_timeout = '5s'; SET LOCAL lock_timeout = '1s'; \
     SET LOCAL idle_in_transaction_session_timeout = '30s'; SET LOCAL plan_cache_mode = force_generic_plan; \
     SET LOCAL row_security = on; SET LOCAL jit = off";

/// What the statement is called on the connection while it is looked at.
const PREPARED: &str = "bulkhead_plan";

/// The settings a session of the role would begin with, as far as they decide how names are looked up and statements
/// planned. PostgreSQL applies a setting of a role in one database before one of the role, and that before the database's.
const ROLE_SETTINGS: &str = "SELECT pg_catalog.set_config(given.name, given.value, true) FROM (
         SELECT DISTINCT ON (name) split_part(line, '=', 1) AS name, substr(line, strpos(line, '=') + 1) AS value
         FROM pg_catalog.pg_db_role_setting s, LATERAL (SELECT unnest(s.setconfig) AS line) lines,
              LATERAL (SELECT split_part(line, '=', 1) AS name) named
         WHERE s.setrole IN (0, (SELECT r.oid FROM pg_catalog.pg_roles r WHERE r.rolname = $1))
           AND s.setdatabase IN (0, (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database()))
         ORDER BY name, s.setrole <> 0 DESC, s.setdatabase <> 0 DESC) given
     JOIN pg_catalog.pg_settings known ON known.name = given.name
     WHERE given.name IN ('search_path', 'work_mem') OR known.category LIKE 'Query Tuning%'";

/// The plan of one statement as `role`, or PostgreSQL's reason why there is none.
///
/// `connection` belongs to the inspecting role and is in no transaction. It needs membership in `role`, for `SET ROLE`;
/// for the comparison without policies also `BYPASSRLS` and the rights of the tables' owner. Everything happens in one
/// READ ONLY transaction that is rolled back. `organization` is what the context is set to while planning; policies that
/// do not wrap their setting in a sub-select are estimated with it.
///
/// `text` is somebody else's SQL: PostgreSQL takes it as exactly one statement, which must be one that can be prepared
/// (`SELECT`, `INSERT`, `UPDATE`, `DELETE`, `MERGE`, `VALUES`), and only plans it.
///
/// # Errors
/// When the database does not answer, or describes a plan in a shape that this version does not know.
pub async fn explain(
    connection: &mut PgConnection,
    profile: &Profile,
    organization: Option<&str>,
    role: &str,
    text: &str,
) -> Result<std::result::Result<QueryPlan, String>> {
    let mut transaction = connection.begin_with("BEGIN READ ONLY").await?;
    sqlx::raw_sql(LIMITS).execute(&mut *transaction).await?;
    sqlx::query(ROLE_SETTINGS).bind(role).execute(&mut *transaction).await?;
    if let Some(organization) = organization {
        sqlx::query("SELECT pg_catalog.set_config($1, $2, true)")
            .bind(&profile.context.org_setting)
            .bind(organization)
            .execute(&mut *transaction)
            .await?;
    }
    let plan = match ask(&mut transaction, Some(role), text).await? {
        Ok(bound) => {
            let unbound = ask(&mut transaction, None, text).await?.ok();
            let facts = relations::read(&mut transaction, profile, &tree::relations(&bound)).await?;
            Ok(tree::plan(&bound, unbound.as_ref(), &facts)?)
        }
        Err(why) => Err(why),
    };
    transaction.rollback().await?;
    Ok(plan)
}

/// One plan as JSON, as a role or as the inspecting role itself. The transaction goes on in either case.
async fn ask(
    connection: &mut PgConnection,
    role: Option<&str>,
    text: &str,
) -> Result<std::result::Result<Value, String>> {
    let become_role = role.map(|role| format!("; SET LOCAL ROLE {}", identifier(role))).unwrap_or_default();
    let enter = format!("SAVEPOINT {PREPARED}{become_role}");
    let planned = match sqlx::raw_sql(AssertSqlSafe(enter)).execute(&mut *connection).await {
        Ok(_) => planned(connection, text).await,
        Err(error) => Err(error),
    };
    let leave = format!("ROLLBACK TO SAVEPOINT {PREPARED}; RELEASE SAVEPOINT {PREPARED}");
    let planned = match planned {
        Ok(plan) => Ok(plan),
        Err(error) => Err(refusal(error)?),
    };
    sqlx::raw_sql(AssertSqlSafe(leave)).execute(&mut *connection).await?;
    // Prepared statements outlive savepoints and transactions.
    let left: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT FROM pg_catalog.pg_prepared_statements WHERE name = $1)")
            .bind(PREPARED)
            .fetch_one(&mut *connection)
            .await?;
    if left {
        sqlx::raw_sql(AssertSqlSafe(format!("DEALLOCATE {PREPARED}"))).execute(connection).await?;
    }
    Ok(planned)
}

async fn planned(connection: &mut PgConnection, text: &str) -> sqlx::Result<Value> {
    // The extended protocol takes one statement a message: a second one in the text is a syntax error, not run.
    let prepare = format!("PREPARE {PREPARED} AS {text}");
    sqlx::query(AssertSqlSafe(prepare)).persistent(false).execute(&mut *connection).await?;
    let parameters: i32 = sqlx::query_scalar(
        "SELECT pg_catalog.cardinality(parameter_types) FROM pg_catalog.pg_prepared_statements WHERE name = $1",
    )
    .bind(PREPARED)
    .fetch_one(&mut *connection)
    .await?;
    let nulls = vec!["NULL"; usize::try_from(parameters).unwrap_or_default()].join(", ");
    let arguments = if nulls.is_empty() { nulls } else { format!("({nulls})") };
    let explain = format!("EXPLAIN (FORMAT JSON, VERBOSE) EXECUTE {PREPARED}{arguments}");
    sqlx::query_scalar(AssertSqlSafe(explain)).persistent(false).fetch_one(connection).await
}

/// PostgreSQL's own words for a statement that it refused; everything else is an error of ours.
fn refusal(error: sqlx::Error) -> Result<String> {
    match error {
        sqlx::Error::Database(refused) => {
            let code = refused.try_downcast_ref::<PgDatabaseError>().map(|known| known.code().to_owned());
            Ok(format!("{} ({})", refused.message(), code.unwrap_or_default()))
        }
        error => Err(Error::Database(error)),
    }
}

/// Whether a statement is one that is planned: by its first word, past comments and parentheses.
#[must_use]
pub fn is_planned(text: &str) -> bool {
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    loop {
        if let Some(line) = rest.strip_prefix("--") {
            rest = line.split_once('\n').map_or("", |(_, after)| after);
        } else if let Some(block) = rest.strip_prefix("/*") {
            rest = block.split_once("*/").map_or("", |(_, after)| after);
        } else {
            break;
        }
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '(');
    }
    let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    ["SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES"]
        .iter()
        .any(|word| rest[..end].eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::is_planned;

    #[test]
    fn only_what_is_planned_is_asked_about() {
        for text in
            ["SELECT 1", " \n(select 1)", "-- why\nWITH a AS (SELECT 1) TABLE a", "/* x */ delete from t", "values (1)"]
        {
            assert!(is_planned(text), "{text}");
        }
        for text in ["", "BEGIN", "SET ROLE x", "COMMIT", "EXPLAIN SELECT 1", "selection", "-- SELECT", "/* SELECT"] {
            assert!(!is_planned(text), "{text}");
        }
    }
}

//! Runs the migrations that are built into the program.
//!
//! The connection signs in as `bulkhead_migrator` and becomes `bulkhead_owner`, so that whatever a migration creates
//! belongs to the owner. Two things need another role, each for a few lines inside one (transactional) migration:
//!
//! ```sql
//! -- A function that must see across organizations is created by its owner-to-be, never handed over.
//! GRANT SELECT (id, org_id, email_norm) ON users TO bulkhead_definer;
//! GRANT CREATE ON SCHEMA app TO bulkhead_definer;
//! SET LOCAL ROLE bulkhead_definer;
//! CREATE FUNCTION app.find_account(…) … SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp …;
//! SET LOCAL ROLE bulkhead_owner;
//! REVOKE CREATE ON SCHEMA app FROM bulkhead_definer;
//!
//! -- A back-fill: under FORCE the owner sees no rows; the migrator has BYPASSRLS and inherits the owner's rights.
//! SET LOCAL ROLE bulkhead_migrator;
//! UPDATE users SET …;
//! SET LOCAL ROLE bulkhead_owner;
//! ```
//!
//! `ALTER FUNCTION … OWNER TO bulkhead_definer` would need the owner to be a member of the definer, and then every
//! function of the owner's could reach BYPASSRLS. Afterwards the migrator looks for objects that belong to anybody
//! else and refuses: a table of the migrator's would be one that FORCE does not bind.

use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::{AssertSqlSafe, Connection, PgConnection, PgExecutor};

static MIGRATIONS: Migrator = sqlx::migrate!("../../migrations");

/// How long a statement of a migration waits for a lock before it gives up: a migration that queues behind a slow
/// transaction makes every request queue behind itself.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to wait for another process that is migrating the same database.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// One migrator a database at a time. Before sqlx takes its own lock, so that waiting has a limit of its own.
const MIGRATION_LOCK: i64 = 7_526_466_502_469_642_605;

/// What a run did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationReport {
    /// Versions applied by this run, in order; empty when the database was up to date.
    pub applied: Vec<i64>,
    /// The version the database has now; `None` when there are no migrations.
    pub version: Option<i64>,
    /// How long it took.
    pub took: Duration,
}

/// Why the migrations did not run.
#[derive(Debug, thiserror::Error)]
pub enum MigrationError {
    /// PostgreSQL cannot be reached, or answered with an error outside a migration.
    #[error("the migrations did not run: {0}")]
    Database(#[from] sqlx::Error),
    /// A migration failed and was rolled back, or the database's history is not this program's.
    #[error("{0}")]
    Migration(#[from] MigrateError),
    /// Another process has been migrating for all of [`PATIENCE`].
    #[error("another process has been migrating this database for {} minutes", PATIENCE.as_secs() / 60)]
    Busy,
    /// A migration created something as the wrong role.
    #[error("these belong neither to bulkhead_owner nor to bulkhead_definer: {}; give them to bulkhead_owner (ALTER … OWNER TO)", .0.join(", "))]
    Stray(Vec<String>),
}

/// Brings the database up to this program's version. Safe to run from several processes at once, and to repeat.
///
/// # Errors
/// When the database cannot be reached as `bulkhead_migrator`, a migration fails (it is rolled back, earlier ones
/// stay), an applied one was changed since, or the database is newer than this program.
pub async fn migrate(url: &SecretString) -> Result<MigrationReport, MigrationError> {
    let start = Instant::now();
    let mut connection = PgConnection::connect(url.expose_secret()).await?;
    let result = run(&mut connection).await;
    // Closing ends the locks as well, whatever the result.
    let closed = connection.close().await;
    let applied = result?;
    closed?;
    Ok(MigrationReport { applied, version: expected_version(), took: start.elapsed() })
}

async fn run(connection: &mut PgConnection) -> Result<Vec<i64>, MigrationError> {
    set_timeouts(connection, PATIENCE).await?;
    match sqlx::query("SELECT pg_advisory_lock($1)").bind(MIGRATION_LOCK).execute(&mut *connection).await {
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(LOCK_NOT_AVAILABLE) => {
            return Err(MigrationError::Busy);
        }
        result => result?,
    };
    set_timeouts(connection, LOCK_TIMEOUT).await?;
    sqlx::raw_sql("SET ROLE bulkhead_owner; SET search_path = public").execute(&mut *connection).await?;

    let before = applied_versions(connection).await?;
    MIGRATIONS.run(&mut *connection).await?;
    let after = applied_versions(connection).await?;
    refuse_strays(connection).await?;
    // So that readiness can be told from any pool: the version, not when or from what.
    sqlx::raw_sql(
        "GRANT SELECT (version, success) ON _sqlx_migrations TO bulkhead_app, bulkhead_operator, bulkhead_auth",
    )
    .execute(connection)
    .await?;
    Ok(after.into_iter().filter(|version| !before.contains(version)).collect())
}

const LOCK_NOT_AVAILABLE: &str = "55P03";

async fn set_timeouts(connection: &mut PgConnection, lock: Duration) -> Result<(), sqlx::Error> {
    let milliseconds = lock.as_millis();
    sqlx::raw_sql(AssertSqlSafe(format!("SET lock_timeout = {milliseconds}; SET statement_timeout = 0")))
        .execute(connection)
        .await?;
    Ok(())
}

async fn applied_versions(connection: &mut PgConnection) -> Result<Vec<i64>, sqlx::Error> {
    let exists: bool = sqlx::query_scalar("SELECT to_regclass('public._sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if !exists {
        return Ok(Vec::new());
    }
    sqlx::query_scalar("SELECT version FROM public._sqlx_migrations WHERE success ORDER BY version")
        .fetch_all(connection)
        .await
}

async fn refuse_strays(connection: &mut PgConnection) -> Result<(), MigrationError> {
    let strays: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) || ' (' || r.rolname || ')'
         FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
         WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o'
           AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
           AND r.rolname LIKE 'bulkhead\\_%' AND r.rolname NOT IN ('bulkhead_owner', 'bulkhead_definer')
         ORDER BY 1",
    )
    .fetch_all(connection)
    .await?;
    if strays.is_empty() { Ok(()) } else { Err(MigrationError::Stray(strays)) }
}

/// The version this program was built for: that of its last migration.
#[must_use]
pub fn expected_version() -> Option<i64> {
    MIGRATIONS.iter().map(|migration| migration.version).max()
}

/// How a database's schema stands to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schema {
    /// Migrations of this program are missing: it cannot serve from this database.
    Behind,
    /// Exactly this program's.
    Current,
    /// Everything of this program's and more: a newer program has migrated it. Migrations expand first and contract in a
    /// later release (`migrations/README.md`), so the program before still works.
    Ahead {
        /// The newest version applied.
        newest: i64,
    },
}

impl Schema {
    fn of(applied: &[i64], ours: impl IntoIterator<Item = i64>) -> Self {
        let mut known = None;
        for version in ours {
            if !applied.contains(&version) {
                return Self::Behind;
            }
            known = known.max(Some(version));
        }
        match applied.iter().copied().max() {
            Some(newest) if Some(newest) > known => Self::Ahead { newest },
            _ => Self::Current,
        }
    }

    /// Whether this program can serve from it.
    #[must_use]
    pub const fn is_usable(self) -> bool {
        !matches!(self, Self::Behind)
    }
}

/// How the schema stands, for readiness; as any runtime role.
///
/// # Errors
/// When the database cannot be reached, or was never migrated.
pub async fn schema(executor: impl PgExecutor<'_>) -> Result<Schema, sqlx::Error> {
    let applied: Vec<i64> =
        sqlx::query_scalar("SELECT version FROM public._sqlx_migrations WHERE success").fetch_all(executor).await?;
    Ok(Schema::of(&applied, MIGRATIONS.iter().map(|migration| migration.version)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_schema_is_usable_and_an_older_or_another_one_is_not() {
        for (applied, stands) in [
            (&[1, 2, 3][..], Schema::Current),
            (&[3, 2, 1], Schema::Current),
            (&[1, 2, 3, 4], Schema::Ahead { newest: 4 }),
            (&[1, 2], Schema::Behind),
            (&[], Schema::Behind),
            // A later one of somebody else's does not make up for one of ours.
            (&[1, 2, 4], Schema::Behind),
        ] {
            assert_eq!(Schema::of(applied, [1, 2, 3]), stands, "{applied:?}");
            assert_eq!(stands.is_usable(), stands != Schema::Behind);
        }
    }
}

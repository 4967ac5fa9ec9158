//! A database of its own for every test, on a real PostgreSQL, reached as the runtime roles.
//!
//! ```no_run
//! # async fn example() -> Result<(), bulkhead_testing::HarnessError> {
//! let database = bulkhead_testing::TestDatabase::create().await?;
//! let urls = database.urls();           // bulkhead_app, bulkhead_operator, bulkhead_auth: what the code under test gets
//! let fixtures = database.as_migrator(); // bypasses policies: to arrange and to look behind, never to act
//! # Ok(()) }
//! ```
//!
//! The first test of a process starts a throwaway cluster (fsync off, gone when the process ends, even by `kill -9`),
//! migrates a template, and asserts that the runtime roles are bound by policies: a test of row-level security that
//! runs as an owner or a superuser passes whatever the policies say. Every further test clones the template, which
//! takes some 50 ms. With `BULKHEAD_TEST_ADMIN_URL` (a superuser's) the clones are made on that server instead.

pub mod shop;
mod sql;

pub use sql::{run, texts};

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tokio::sync::{Mutex, OnceCell};

use bulkhead_db::cluster::{Cluster, ClusterError, ClusterOptions};
use bulkhead_db::migrator::{self, MigrationError};
use bulkhead_db::roles::{RoleProblem, RuntimeRole, check_runtime_role};
use bulkhead_db::setup::{self, DatabaseUrls, RolePasswords, RuntimeUrls, SetupError};

/// Why there is no database to test on.
#[derive(Debug, thiserror::Error)]
pub enum HarnessError {
    /// The throwaway cluster did not start.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// Roles or template could not be made.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The migrations failed.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// A runtime role is too strong: every test of isolation would be void.
    #[error(transparent)]
    Role(#[from] RoleProblem),
    /// PostgreSQL answered with an error.
    #[error("the test database could not be made: {0}")]
    Database(#[from] sqlx::Error),
    /// An address is none.
    #[error("no address: {0}")]
    Address(String),
    /// No directory for the cluster.
    #[error("no temporary directory: {0}")]
    Directory(#[from] std::io::Error),
}

/// A migrated, empty database for one test. It goes with the cluster; [`TestDatabase::remove`] frees it earlier.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    urls: DatabaseUrls,
    admin_url: SecretString,
}

impl TestDatabase {
    /// Clones the template; the first call in a process makes it.
    ///
    /// # Errors
    /// See [`HarnessError`].
    pub async fn create() -> Result<Self, HarnessError> {
        let harness = HARNESS.get_or_try_init(Harness::start).await?;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}_{number}", harness.template);
        harness.clone_template(&name).await?;
        let urls = DatabaseUrls::new(&harness.admin_url, &name, &harness.passwords)?;
        Ok(Self { name, urls, admin_url: harness.admin_url.clone() })
    }

    /// Where the runtime roles connect.
    #[must_use]
    pub fn urls(&self) -> RuntimeUrls {
        self.urls.runtime()
    }

    /// Where `bulkhead_migrator` connects: it bypasses policies. For arranging rows and looking behind the policies.
    #[must_use]
    pub fn as_migrator(&self) -> SecretString {
        self.urls.migrate.clone()
    }

    /// Where `bulkhead_inspector` connects: the Row X-ray and proofs.
    #[must_use]
    pub fn as_inspector(&self) -> SecretString {
        self.urls.inspect.clone()
    }

    /// Where a superuser connects to this database: for negative controls that break a role or a policy on purpose.
    #[must_use]
    pub fn as_superuser(&self) -> SecretString {
        on_database(&self.admin_url, &self.name)
    }

    /// The database's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Drops the database, ending whatever is connected to it.
    ///
    /// # Errors
    /// When the server cannot be reached.
    pub async fn remove(self) -> Result<(), HarnessError> {
        let mut admin = PgConnection::connect(self.admin_url.expose_secret()).await?;
        execute(&mut admin, format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name)).await?;
        Ok(admin.close().await?)
    }
}

static HARNESS: OnceCell<Harness> = OnceCell::const_new();
static NUMBER: AtomicU32 = AtomicU32::new(1);

/// Databases on a server that is not ours are dropped by the next run when they are older than this, in seconds.
const ABANDONED: u64 = 3600;

/// What the tests of one process share. Holds no connection: every test has an async runtime of its own.
struct Harness {
    admin_url: SecretString,
    passwords: RolePasswords,
    template: String,
    /// PostgreSQL refuses to copy a database that somebody else is copying.
    copying: Mutex<()>,
    /// Ends with the process: its keeper sees the pipe close.
    _cluster: Option<Cluster>,
}

impl Harness {
    async fn start() -> Result<Self, HarnessError> {
        let (admin_url, passwords, cluster) = match given_server() {
            Some(url) => {
                let passwords = shared_passwords(&url);
                (url, passwords, None)
            }
            None => {
                let cluster = throwaway_cluster().await?;
                (cluster.admin_url(), cluster.passwords().clone(), Some(cluster))
            }
        };
        let template = format!("bulkhead_test_{}_{}", seconds_since_epoch(), std::process::id());
        let urls = setup::setup(&admin_url, &template, &passwords).await?;
        migrator::migrate(&urls.migrate).await?;
        assert_roles(&urls).await?;
        let harness = Self { admin_url, passwords, template, copying: Mutex::new(()), _cluster: cluster };
        harness.seal_template().await?;
        Ok(harness)
    }

    /// Nobody connects to the template any more, and what earlier runs left on a server that is not ours goes.
    async fn seal_template(&self) -> Result<(), HarnessError> {
        let mut admin = PgConnection::connect(self.admin_url.expose_secret()).await?;
        let existing: Vec<String> =
            sqlx::query_scalar("SELECT datname::text FROM pg_database WHERE datname LIKE 'bulkhead\\_test\\_%'")
                .fetch_all(&mut admin)
                .await?;
        for name in existing.iter().filter(|name| is_abandoned(name, seconds_since_epoch())) {
            execute(&mut admin, format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        }
        execute(&mut admin, format!("ALTER DATABASE {} ALLOW_CONNECTIONS false", self.template)).await?;
        Ok(admin.close().await?)
    }

    async fn clone_template(&self, name: &str) -> Result<(), HarnessError> {
        let _turn = self.copying.lock().await;
        let mut admin = PgConnection::connect(self.admin_url.expose_secret()).await?;
        execute(&mut admin, format!("CREATE DATABASE {name} OWNER bulkhead_owner TEMPLATE {}", self.template)).await?;
        setup::grant_database(&mut admin, name).await?;
        Ok(admin.close().await?)
    }
}

async fn execute(admin: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement)).execute(admin).await?;
    Ok(())
}

async fn assert_roles(urls: &DatabaseUrls) -> Result<(), HarnessError> {
    for (role, url) in
        [(RuntimeRole::App, &urls.app), (RuntimeRole::Operator, &urls.operator), (RuntimeRole::Auth, &urls.auth)]
    {
        let mut connection = PgConnection::connect(url.expose_secret()).await?;
        check_runtime_role(&mut connection, role).await?;
        connection.close().await?;
    }
    Ok(())
}

async fn throwaway_cluster() -> Result<Cluster, HarnessError> {
    // Kept: the cluster's keeper removes it, after PostgreSQL has ended.
    let directory = tempfile::Builder::new().prefix("bulkhead-test-").tempdir()?.keep();
    let mut options = ClusterOptions::throwaway(directory);
    options.downloads = Some(PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/postgresql")));
    Ok(Cluster::start(options).await?)
}

/// A superuser's URL of a server to use instead of a throwaway cluster.
#[expect(clippy::disallowed_methods, reason = "a switch of the harness, not a setting of the product")]
fn given_server() -> Option<SecretString> {
    std::env::var("BULKHEAD_TEST_ADMIN_URL").ok().filter(|url| !url.is_empty()).map(SecretString::from)
}

/// Roles belong to the whole server, so test processes that share one must agree on the passwords.
fn shared_passwords(admin_url: &SecretString) -> RolePasswords {
    let password = |role: &str| {
        let text = format!("bulkhead test password of {role} for {}", admin_url.expose_secret());
        let hexadecimal: String = Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect();
        SecretString::from(hexadecimal)
    };
    RolePasswords {
        app: password("app"),
        operator: password("operator"),
        auth: password("auth"),
        migrator: password("migrator"),
        inspector: password("inspector"),
    }
}

/// The name says when the run began: `bulkhead_test_<seconds>_<process>[_<number>]`.
fn is_abandoned(name: &str, now: u64) -> bool {
    let begun = name.strip_prefix("bulkhead_test_").and_then(|rest| rest.split('_').next()?.parse::<u64>().ok());
    begun.is_some_and(|begun| begun + ABANDONED < now)
}

#[expect(clippy::disallowed_methods, reason = "bookkeeping of the harness; no test depends on this time")]
fn seconds_since_epoch() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs()
}

fn on_database(url: &SecretString, database: &str) -> SecretString {
    match url::Url::parse(url.expose_secret()) {
        Ok(mut url) => {
            url.set_path(database);
            String::from(url).into()
        }
        // It has connected before, so it is a URL.
        Err(_) => url.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_databases_of_tests_are_abandoned() {
        assert!(is_abandoned("bulkhead_test_1000_77_3", 1000 + ABANDONED + 1));
        assert!(!is_abandoned("bulkhead_test_1000_77", 1000 + ABANDONED));
        assert!(!is_abandoned("bulkhead_test_x_77", u64::MAX));
        assert!(!is_abandoned("bulkhead", u64::MAX));
    }
}

//! One pool per runtime role. Nothing outside this crate ever holds one.

use crate::{
    Error, Result,
    memory::Memory,
    migrator::{self, Schema},
    roles::{RoleProblem, RuntimeRole, check_runtime_role},
    setup::RuntimeUrls,
    shared::Shared,
    statements::Statements,
};
use futures::{FutureExt, future::BoxFuture};
use secrecy::ExposeSecret;
use sqlx::{
    Executor, PgConnection, PgPool, SqlSafeStr,
    pool::PoolConnection,
    postgres::{PgConnectOptions, PgPoolOptions, Postgres},
};
use std::{str::FromStr, sync::Arc, time::Duration};

/// How many connections each pool may hold, and how long a request waits for one.
#[derive(Debug, Clone, Copy)]
pub struct PoolSizes {
    /// `bulkhead_app`: everything a signed-in user does.
    pub app: u32,
    /// `bulkhead_operator`: the operator console and the workers.
    pub operator: u32,
    /// `bulkhead_auth`: what happens before anyone is signed in.
    pub auth: u32,
    /// Waiting longer than this for a connection is answered with 503. It includes opening one, which under full load
    /// takes seconds: with two, a pool could not grow while it had to, and one request after the other waited in vain.
    pub acquire_timeout: Duration,
}

impl Default for PoolSizes {
    fn default() -> Self {
        Self { app: 16, operator: 8, auth: 8, acquire_timeout: Duration::from_secs(5) }
    }
}

/// Connections for what is asked together: one statement of each kind runs at a time.
const TOGETHER: u32 = 2;

/// The runtime database: a pool for each of three roles, none of which owns anything, and a small one beside.
#[derive(Clone)]
pub struct Database {
    pub(crate) app: PgPool,
    /// `bulkhead_app` too, for statements in no transaction ([`crate::shared`]): nothing has to be ended behind them, and the
    /// same few connections have their plans at hand.
    pub(crate) together: PgPool,
    pub(crate) operator: PgPool,
    pub(crate) auth: PgPool,
    pub(crate) statements: Arc<Statements>,
    pub(crate) shared: Shared,
    pub(crate) memory: Memory,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Database")
    }
}

impl Database {
    /// Prepares the pools; connections are opened when first needed, so this succeeds without a server.
    pub fn open(urls: &RuntimeUrls, sizes: PoolSizes) -> Result<Self> {
        let pool = |url: &secrecy::SecretString, size: u32, opens: Opens| -> Result<PgPool> {
            let options = PgConnectOptions::from_str(url.expose_secret())
                .map_err(Error::Internal)?
                .application_name("bulkhead")
                // The ROLLBACK below is usually one of nothing, which PostgreSQL would remark on every time.
                .options([("client_min_messages", "error")]);
            Ok(PgPoolOptions::new()
                .max_connections(size)
                .acquire_timeout(sizes.acquire_timeout)
                .max_lifetime(Duration::from_secs(30 * 60))
                // Costs a round trip per request; `checkout` handles stale connections instead.
                .test_before_acquire(false)
                .after_connect(move |connection, _| {
                    Box::pin(async move {
                        match opens {
                            Opens::Requests => prepare_entering(connection).await,
                            Opens::Transactions | Opens::Nothing => Ok(()),
                        }
                    })
                })
                // Ends whatever transaction a connection comes back in: read transactions, which are dropped and
                // never committed, and the one that sqlx leaves open when `begin` is cancelled (launchbadge/sqlx#4385).
                .after_release(move |connection, _| {
                    Box::pin(async move {
                        match opens {
                            Opens::Requests | Opens::Transactions => connection.execute("ROLLBACK").await.map(|_| true),
                            Opens::Nothing => Ok(true),
                        }
                    })
                })
                .connect_lazy_with(options))
        };
        Ok(Self {
            app: pool(&urls.app, sizes.app, Opens::Requests)?,
            together: pool(&urls.app, sizes.app.min(TOGETHER), Opens::Nothing)?,
            operator: pool(&urls.operator, sizes.operator, Opens::Requests)?,
            auth: pool(&urls.auth, sizes.auth, Opens::Transactions)?,
            statements: Arc::default(),
            shared: Shared::default(),
            memory: Memory::default(),
        })
    }

    /// Closes every pool, waiting for connections in use.
    pub async fn close(&self) {
        tokio::join!(self.app.close(), self.together.close(), self.operator.close(), self.auth.close());
    }

    /// Whether the database answers on every pool; for `/readyz`.
    pub async fn ping(&self) -> Result<()> {
        for pool in [&self.app, &self.operator, &self.auth] {
            run_first(pool, "SELECT 1").await?;
        }
        Ok(())
    }

    /// Checks that no runtime role owns tables, is superuser, bypasses row-level security or belongs to a role that does.
    pub async fn check_roles(&self) -> Result<(), RoleProblem> {
        // Together: each opens its pool's first connection, and whoever started the server waits for all three.
        tokio::try_join!(
            check_runtime_role(&self.app, RuntimeRole::App),
            check_runtime_role(&self.operator, RuntimeRole::Operator),
            check_runtime_role(&self.auth, RuntimeRole::Auth),
        )
        .map(drop)
    }

    /// Whether the organization of a tenant's transaction is sealed: roles.sql has granted what that takes.
    pub async fn is_sealing(&self) -> Result<bool> {
        let sql = "SELECT has_parameter_privilege('bulkhead_definer', 'backtrace_functions', 'SET')";
        Ok(sqlx::query_scalar(sql).fetch_one(&self.app).await?)
    }

    /// What this process has run since it began.
    #[must_use]
    pub fn statements(&self) -> &Statements {
        &self.statements
    }

    /// How the schema stands to this program.
    pub async fn schema(&self) -> Result<Schema> {
        Ok(migrator::schema(&self.app).await?)
    }

    /// Connections open and idle, by role; for `/metrics`.
    pub fn pool_usage(&self) -> [(&'static str, u32, usize); 4] {
        [("app", &self.app), ("together", &self.together), ("operator", &self.operator), ("auth", &self.auth)]
            .map(|(name, pool)| (name, pool.size(), pool.num_idle()))
    }
}

/// What is opened on a pool's connections.
#[derive(Clone, Copy)]
enum Opens {
    /// Transactions of signed-in requests, and others.
    Requests,
    /// Other transactions.
    Transactions,
    /// No transaction at all.
    Nothing,
}

/// Gives `app.enter` a plan of this connection's own, which `Database::enter` runs by name: the message that carries
/// `BEGIN` as well is a simple one, whose text PostgreSQL would parse and plan anew for every request. The columns are
/// named, so that a later schema may add to them.
async fn prepare_entering(connection: &mut PgConnection) -> sqlx::Result<()> {
    let prepared = connection
        .execute(
            "PREPARE bulkhead_enter (bytea, text) AS \
             SELECT org_id, user_id, session_id, org_slug, org_name, org_kind, org_plan, user_email, user_name, user_role, \
                    method, assurance, created_at, last_seen_at, expires_at, roles_version, assignments, now() AS now \
             FROM app.enter($1, $2)",
        )
        .await;
    match prepared {
        // No such function yet: the schema is not there. `run_first` replaces this connection once it is asked for it.
        Err(sqlx::Error::Database(error)) => {
            tracing::debug!(%error, "a connection was opened before the schema was there");
            Ok(())
        }
        other => other.map(drop),
    }
}

/// Whether a connection lacks the statement of [`prepare_entering`]; 26000 is `invalid_sql_statement_name`.
fn is_unprepared(error: &sqlx::Error) -> bool {
    error.as_database_error().and_then(|error| error.code()).is_some_and(|code| code == "26000")
}

/// [`first`], for a text without parameters.
pub(crate) async fn run_first(
    pool: &PgPool,
    sql: &str,
) -> Result<(PoolConnection<Postgres>, Option<sqlx::postgres::PgRow>)> {
    let sql = sqlx::AssertSqlSafe(sql).into_sql_str();
    first(pool, |connection| sqlx::raw_sql(sql.clone()).fetch_optional(connection).boxed()).await
}

/// Runs the statement that opens a piece of work on a fresh connection of the pool. A pooled connection may have
/// died with a restart of the server, or be older than the schema, which shows only now: such a one is dropped and the
/// next tried, so that a restart costs no request. Nothing has been written at that point, so trying again is safe.
pub(crate) async fn first<T>(
    pool: &PgPool,
    run: impl for<'c> Fn(&'c mut PgConnection) -> BoxFuture<'c, sqlx::Result<T>>,
) -> Result<(PoolConnection<Postgres>, T)> {
    let mut left = pool.options().get_max_connections() + 1;
    loop {
        let mut connection = pool.acquire().await?;
        match run(&mut connection).await {
            Ok(answer) => return Ok((connection, answer)),
            Err(error) => {
                let unprepared = is_unprepared(&error);
                match Error::from(error) {
                    error if left > 0 && (unprepared || matches!(error, Error::Unavailable(_))) => {
                        left -= 1;
                        connection.close_on_drop();
                    }
                    error => return Err(error),
                }
            }
        }
    }
}

//! The private PostgreSQL of a run and the seeded databases in it, kept for the next run.

use std::path::Path;

use bulkhead_db::{
    cluster::{Cluster, ClusterOptions},
    migrator,
    setup::DatabaseUrls,
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::{
    Result, report,
    seed::{self, Shape},
};

/// A running PostgreSQL: the server's own private cluster, with its own settings (fsync on).
pub struct Postgres {
    cluster: Cluster,
    /// Its first process.
    pub pid: u32,
}

/// One seeded database.
#[derive(Clone)]
pub struct Seeded {
    /// What it holds.
    pub shape: Shape,
    /// Where the roles connect.
    pub urls: DatabaseUrls,
}

impl Postgres {
    /// Starts it in `directory`; the first time that makes a cluster there.
    pub async fn start(directory: &Path) -> Result<Self> {
        let cluster = Cluster::start(ClusterOptions::new(directory)).await?;
        // postmaster.pid(5): the first line.
        let file = std::fs::read_to_string(cluster.directory().join("postgres/postmaster.pid"))?;
        let pid = file.lines().next().unwrap_or_default().trim().parse()?;
        Ok(Self { cluster, pid })
    }

    /// The database of a shape, seeded now unless an earlier run has.
    pub async fn seeded(&self, shape: Shape) -> Result<Seeded> {
        let name = format!("bench_{}{}", shape.organizations, if shape.huge { "_huge" } else { "" });
        let stamp = seed::stamp(shape)?;
        let mut admin = PgConnection::connect(self.cluster.admin_url().expose_secret()).await?;
        let found: Option<String> =
            sqlx::query_scalar("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1")
                .bind(&name)
                .fetch_optional(&mut admin)
                .await?
                .flatten();
        if found.as_deref() != Some(stamp.as_str()) {
            report::progress(&format!(
                "seeding {name}: {} organizations, {} users, {} audit events",
                shape.organizations,
                shape.users(),
                shape.events()
            ));
            // `name` is made above, of digits and letters.
            run(&mut admin, format!("DROP DATABASE IF EXISTS {name}")).await?;
            let urls = self.cluster.prepare(&name).await?;
            migrator::migrate(&urls.migrate).await?;
            fill(&urls.migrate, shape).await?;
            // The stamp last: a seed that was interrupted has none.
            run(&mut admin, format!("COMMENT ON DATABASE {name} IS '{stamp}'")).await?;
        }
        let urls = self.cluster.prepare(&name).await?;
        self.settle(&name).await?;
        admin.close().await?;
        Ok(Seeded { shape, urls })
    }

    /// Statistics and visibility as a database has them that runs for a while, and no checkpoint left to do.
    async fn settle(&self, name: &str) -> Result<()> {
        let mut url = url::Url::parse(self.cluster.admin_url().expose_secret())?;
        url.set_path(name);
        let mut admin = PgConnection::connect(url.as_str()).await?;
        for statement in ["VACUUM (ANALYZE)", "CHECKPOINT"] {
            sqlx::raw_sql(statement).execute(&mut admin).await?;
        }
        Ok(admin.close().await?)
    }

    /// PostgreSQL's version, in words.
    pub fn version(&self) -> String {
        format!("PostgreSQL {}", self.cluster.major())
    }

    /// Stops it in order.
    pub async fn stop(self) -> Result<()> {
        Ok(self.cluster.stop().await?)
    }
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await?;
    Ok(())
}

async fn fill(url: &SecretString, shape: Shape) -> Result<()> {
    let mut connection = PgConnection::connect(url.expose_secret()).await?;
    run(&mut connection, format!("BEGIN; {}; COMMIT", seed::script(shape)?.trim_end().trim_end_matches(';'))).await?;
    let (orgs, users, events): (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT count(*) FROM orgs WHERE kind = 'customer'), (SELECT count(*) FROM users), (SELECT count(*) FROM audit_events)",
    )
    .fetch_one(&mut connection)
    .await?;
    let wanted = |number: u32| i64::from(number);
    if orgs != wanted(shape.organizations)
        || shape.huge && (users, events) != (wanted(shape.users()), wanted(shape.events()))
    {
        return Err(format!("the seed made {orgs} organizations, {users} users and {events} events").into());
    }
    Ok(connection.close().await?)
}

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
        if stamped(&mut admin, &name).await?.as_deref() != Some(stamp.as_str()) {
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

    /// A database of somebody else's, made by a script now unless an earlier run has; where its superuser connects. The
    /// roles of the product are there as well.
    pub async fn scripted(&self, name: &str, script: &str) -> Result<SecretString> {
        let stamp = seed::digest(script);
        let mut admin = PgConnection::connect(self.cluster.admin_url().expose_secret()).await?;
        if stamped(&mut admin, name).await?.as_deref() != Some(stamp.as_str()) {
            report::progress(&format!("making {name}"));
            // `name` is a constant of the bench.
            run(&mut admin, format!("DROP DATABASE IF EXISTS {name}")).await?;
            self.cluster.prepare(name).await?;
            let mut inside = PgConnection::connect(self.admin_of(name)?.expose_secret()).await?;
            run(&mut inside, script.to_owned()).await?;
            inside.close().await?;
            run(&mut admin, format!("COMMENT ON DATABASE {name} IS '{stamp}'")).await?;
        }
        admin.close().await?;
        self.settle(name).await?;
        self.admin_of(name)
    }

    /// Where the superuser connects to a database.
    fn admin_of(&self, name: &str) -> Result<SecretString> {
        let mut url = url::Url::parse(self.cluster.admin_url().expose_secret())?;
        url.set_path(name);
        Ok(String::from(url).into())
    }

    /// Statistics and visibility as a database has them that runs for a while, and no checkpoint left to do.
    async fn settle(&self, name: &str) -> Result<()> {
        let mut admin = PgConnection::connect(self.admin_of(name)?.expose_secret()).await?;
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

/// What the database was made from, as it says itself.
async fn stamped(admin: &mut PgConnection, name: &str) -> Result<Option<String>> {
    let found = sqlx::query_scalar("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = $1");
    Ok(found.bind(name).fetch_optional(admin).await?.flatten())
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

//! A database of a test's own, made by the harness of `bulkhead-db` and filled by the test.

use bulkhead_rls::Profile;
use bulkhead_testing::{TestDatabase, shop};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

/// A database without a table. Roles are the server's: `bulkhead_app` serves requests here too.
pub struct Blank {
    template: TestDatabase,
    url: SecretString,
}

impl Blank {
    /// Creates it and runs `sql` in it as a superuser.
    pub async fn create(sql: &str) -> Self {
        let template = TestDatabase::create().await.unwrap();
        let name = format!("{}_blank", template.name());
        let mut admin = PgConnection::connect(template.as_superuser().expose_secret()).await.unwrap();
        let create = format!("CREATE DATABASE {name} TEMPLATE template0");
        sqlx::raw_sql(AssertSqlSafe(create)).execute(&mut admin).await.unwrap();
        let url = template.as_superuser().expose_secret().replace(template.name(), &name).into();
        let blank = Self { template, url };
        blank.run(sql).await;
        blank
    }

    /// A superuser's connection.
    pub async fn connect(&self) -> PgConnection {
        PgConnection::connect(self.url.expose_secret()).await.unwrap()
    }

    /// Where a superuser connects.
    pub fn url(&self) -> SecretString {
        self.url.clone()
    }

    /// Where `bulkhead_app` signs in.
    pub fn app_url(&self) -> SecretString {
        self.template.urls().app.expose_secret().replace(self.template.name(), &self.name()).into()
    }

    fn name(&self) -> String {
        format!("{}_blank", self.template.name())
    }

    /// Runs statements as a superuser.
    pub async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut self.connect().await).await.unwrap();
    }
}

/// A SaaS with one runtime role, `bulkhead_app`, whose tables carry `org_id` and whose transactions set `app.org_id`.
pub fn profile() -> Profile {
    shop::profile("bulkhead_app")
}

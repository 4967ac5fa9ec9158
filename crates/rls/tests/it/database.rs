//! A database of a test's own, made by the harness of `bulkhead-db` and filled by the test.

use bulkhead_db::testing::TestDatabase;
use bulkhead_rls::{Context, Profile, RuntimeRole, Scope};
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
    Profile {
        runtime_roles: vec![RuntimeRole { name: "bulkhead_app".to_owned(), scope: Scope::Tenant }],
        tenant_columns: vec!["org_id".to_owned()],
        root: None,
        context: Context {
            org_setting: "app.org_id".to_owned(),
            org_functions: vec!["app.org_id".to_owned()],
            operator_setting: None,
            operator_functions: Vec::new(),
        },
        shared_by_design: Vec::new(),
        accepted: Vec::new(),
    }
}

//! A SaaS's database beside our own: what the isolation pages and the `rls` commands are for.

use super::{HarnessError, TestDatabase, run};
use bulkhead_rls::{Profile, RuntimeRole, Scope};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

/// Rows kept apart as they should be. `{app}` serves requests.
pub const SOUND: &str = "
    CREATE SCHEMA app;
    GRANT USAGE ON SCHEMA app, public TO {app};
    CREATE FUNCTION app.org_id() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
        RETURN nullif(current_setting('app.org_id', true), '')::uuid;
    CREATE TABLE orders (org_id uuid NOT NULL DEFAULT app.org_id(), id uuid NOT NULL, note text, PRIMARY KEY (org_id, id));
    ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
    ALTER TABLE orders FORCE ROW LEVEL SECURITY;
    CREATE POLICY mine ON orders TO {app} USING (org_id = (SELECT app.org_id())) WITH CHECK (org_id = (SELECT app.org_id()));
    GRANT SELECT, DELETE ON orders TO {app};
    GRANT INSERT (id, note), UPDATE (note) ON orders TO {app};
    INSERT INTO orders VALUES ('00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-000000000001', 'secret note'),
                              ('00000000-0000-4000-8000-00000000000b', '00000000-0000-4000-8000-000000000002', NULL);
";
/// One policy that opens everything.
pub const LEAK: &str = "CREATE POLICY everybody ON orders FOR SELECT TO {app} USING (true);";

/// What such a SaaS is measured by: one role serves requests, tables carry `org_id`, transactions set `app.org_id`.
#[must_use]
pub fn profile(runtime_role: &str) -> Profile {
    let runtime_roles = vec![RuntimeRole { name: runtime_role.to_owned(), scope: Scope::Tenant }];
    Profile { runtime_roles, ..Profile::new(vec!["org_id".to_owned()], "app.org_id", vec!["app.org_id".to_owned()]) }
}

/// The database, on the server of a test's own, with roles of its own: one that serves requests, one that may look.
#[derive(Debug)]
pub struct Shop {
    beside: String,
    owner: SecretString,
    password: &'static str,
}

impl Shop {
    /// Makes database and roles, who all sign in with `password`, and runs `sql` in it.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub async fn open(beside: &TestDatabase, password: &'static str, sql: &[&str]) -> Result<Self, HarnessError> {
        let name = format!("{}_shop", beside.name());
        let mut owner = Url::parse(beside.as_superuser().expose_secret()).map_err(no_url)?;
        owner.set_path(&name);
        let shop = Self { beside: beside.name().to_owned(), owner: String::from(owner).into(), password };
        let (app, reader) = (shop.app(), shop.reader());
        let roles =
            format!("CREATE ROLE {app} LOGIN PASSWORD '{password}'; CREATE ROLE {reader} LOGIN PASSWORD '{password}'");
        beside.sabotage(&roles).await?;
        beside.sabotage(&format!("CREATE DATABASE {name} TEMPLATE template0")).await?;
        shop.run(&sql.concat()).await?;
        Ok(shop)
    }

    /// The database.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}_shop", self.beside)
    }

    /// The role that serves requests.
    #[must_use]
    pub fn app(&self) -> String {
        format!("{}_app", self.beside)
    }

    /// A role that may sign in and nothing else.
    #[must_use]
    pub fn reader(&self) -> String {
        format!("{}_reader", self.beside)
    }

    /// A superuser's address.
    #[must_use]
    pub fn owner(&self) -> SecretString {
        self.owner.clone()
    }

    /// The address of another role.
    ///
    /// # Errors
    /// When the name cannot be written into a URL.
    pub fn address_of(&self, role: &str) -> Result<SecretString, HarnessError> {
        let mut url = Url::parse(self.owner.expose_secret()).map_err(no_url)?;
        url.set_username(role).map_err(no_url)?;
        url.set_password(Some(self.password)).map_err(no_url)?;
        Ok(String::from(url).into())
    }

    /// Runs statements as a superuser; `{app}` is the role that serves requests.
    ///
    /// # Errors
    /// When PostgreSQL refuses.
    pub async fn run(&self, sql: &str) -> Result<(), HarnessError> {
        run(&self.owner, &sql.replace("{app}", &self.app())).await
    }
}

fn no_url<E: std::fmt::Debug>(error: E) -> HarnessError {
    HarnessError::Address(format!("{error:?}"))
}

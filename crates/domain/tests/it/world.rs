//! An application on a database of its own. People get in the way people do: invited, accepted, signed in.

use bulkhead_db::{Database, PoolSizes, inspect::Inspector};
use bulkhead_domain::{
    App, Ctx, OperatorCtx, Origin, Parts, Realm, bootstrap, mail::Transport, orgs, session_hash, sign_in, users,
};
use bulkhead_identity::{Hasher, HasherConfig, Keyring, Params, Sealer, SecretKey, TestRandom, Vault};
use bulkhead_model::{
    OrgId,
    user::{Role, User},
};
use bulkhead_testing::TestDatabase;
use std::{num::NonZeroUsize, sync::Arc, time::Duration};

/// Good enough for our own policy.
pub const PASSWORD: &str = "violet anchors drift north";

/// What one test works with.
pub struct World {
    pub database: TestDatabase,
    pub app: App,
    /// What the application runs its statements on.
    pub pool: Database,
    pub mail: tempfile::TempDir,
}

/// What is unlike the usual application.
pub struct Unlike {
    /// Two applications on one database must not draw the same ids.
    pub seed: u64,
    pub params: Params,
    pub smtp: Option<&'static str>,
    pub alerts: bulkhead_domain::alerts::Announcement,
    pub production: bool,
    /// Connections of `bulkhead_app`, at most.
    pub connections: u32,
}

impl Default for Unlike {
    fn default() -> Self {
        Self {
            seed: 1,
            params: Params::FOR_TESTS,
            smtp: None,
            alerts: Default::default(),
            production: false,
            connections: 8,
        }
    }
}

impl World {
    pub async fn new() -> Self {
        let database = TestDatabase::create().await.unwrap();
        let mail = tempfile::tempdir().unwrap();
        let (app, pool) = app(&database, &mail, &Unlike::default());
        Self { database, app, pool, mail }
    }

    /// Another replica, in some way different.
    pub fn replica(&self, unlike: Unlike) -> App {
        app(&self.database, &self.mail, &unlike).0
    }

    /// The first operator: an admin of the platform organization.
    pub async fn operator(&self) -> OperatorCtx {
        let link = bootstrap::invite_operator(&self.app, "root@platform.example").await.unwrap();
        let session = self.accept(link.rsplit('/').next().unwrap(), "Root").await;
        assert!(session.operator);
        self.enter(session.cookie).await.unwrap()
    }

    /// Another user of the platform organization, signed in.
    pub async fn operator_with_role(&self, local: &str, role: Role) -> OperatorCtx {
        let email = format!("{local}@platform.example");
        let root = self.sign_in("platform", "root@platform.example", PASSWORD).await.unwrap();
        users::invite(&self.enter(root.cookie).await.unwrap(), &email, role, "").await.unwrap()[0]
            .result
            .clone()
            .unwrap();
        self.enter(self.accept(&self.link_for(&email).await, local).await.cookie).await.unwrap()
    }

    /// A new organization on the plan `team`, and its admin `admin@{slug}.example`, signed in.
    pub async fn org(&self, operator: &OperatorCtx, slug: &str) -> (OrgId, Ctx) {
        let email = format!("admin@{slug}.example");
        let new = orgs::NewOrg {
            name: format!("Org {slug}"),
            slug: slug.into(),
            plan: "team".into(),
            admin_email: email.clone(),
        };
        let id = orgs::create(&operator.again().await.unwrap(), &new).await.unwrap();
        let session = self.accept(&self.link_for(&email).await, "Ada Admin").await;
        assert_eq!((session.org_slug.as_str(), session.operator), (slug, false));
        (id, self.enter(session.cookie).await.unwrap())
    }

    /// One organization and its admin, where the operator does not matter.
    pub async fn tenant(&self) -> (OrgId, Ctx) {
        let operator = self.operator().await;
        self.org(&operator, "acme").await
    }

    /// Someone more in the organization of `admin`, signed in.
    pub async fn member(&self, admin: &Ctx, local: &str, role: Role) -> Ctx {
        let email = format!("{local}@{}.example", admin.identity().org_slug);
        users::invite(&admin.again().await.unwrap(), &email, role, "").await.unwrap()[0].result.clone().unwrap();
        self.enter(self.accept(&self.link_for(&email).await, local).await.cookie).await.unwrap()
    }

    /// Someone invited who has not answered.
    pub async fn invited(&self, admin: &Ctx, local: &str, role: Role) -> User {
        let email = format!("{local}@{}.example", admin.identity().org_slug);
        let id =
            users::invite(&admin.again().await.unwrap(), &email, role, "").await.unwrap()[0].result.clone().unwrap();
        users::find(&admin.again().await.unwrap(), id).await.unwrap()
    }

    pub async fn accept(&self, token: &str, name: &str) -> sign_in::NewSession {
        sign_in::accept_invitation(&self.app, origin(1), token, name, PASSWORD.into(), PASSWORD).await.unwrap()
    }

    /// The token of the link in the newest mail to an address that has not left yet.
    pub async fn link_for(&self, email: &str) -> String {
        let sql = format!(
            "SELECT body FROM mail_outbox WHERE recipient = '{email}' AND body LIKE '%/bh__%' ORDER BY created_at DESC LIMIT 1"
        );
        let body = self.database.texts(&sql).await.unwrap().pop().unwrap();
        let (_, rest) = body.split_once("/bh").unwrap();
        format!("bh{}", rest.split_whitespace().next().unwrap())
    }

    /// A request with the cookie of a session.
    pub async fn enter<R: Realm>(&self, cookie: u128) -> bulkhead_domain::Result<Ctx<R>> {
        Ctx::enter(&self.app, session_hash(cookie), origin(1)).await
    }

    pub async fn sign_in(
        &self,
        slug: &str,
        email: &str,
        password: &str,
    ) -> bulkhead_domain::Result<sign_in::NewSession> {
        sign_in::with_password(&self.app, origin(1), slug, email, password.into()).await
    }

    /// The organization's actions, oldest first.
    pub async fn actions(&self, org: OrgId) -> Vec<String> {
        self.database
            .texts(&format!("SELECT action FROM audit_events WHERE org_id = '{org}' ORDER BY id"))
            .await
            .unwrap()
    }

    /// What a piece of work adds to an organization's audit log.
    pub async fn added<T>(&self, org: OrgId, work: impl Future<Output = T>) -> (T, Vec<String>) {
        let before = self.actions(org).await.len();
        let answer = work.await;
        (answer, self.actions(org).await.split_off(before))
    }

    pub async fn number(&self, sql: &str) -> i64 {
        self.database.number(sql).await.unwrap()
    }

    /// The version of an organization that somebody who looks now sees.
    pub async fn version_of(&self, org: OrgId) -> i32 {
        let version = self.number(&format!("SELECT version::bigint FROM orgs WHERE id = '{org}'")).await;
        version.try_into().unwrap()
    }

    /// A user as the database has them.
    pub async fn role_and_status(&self, user: bulkhead_model::UserId) -> (String, String) {
        let row =
            self.database.texts(&format!("SELECT role || ' ' || status FROM users WHERE id = '{user}'")).await.unwrap();
        let (role, status) = row[0].split_once(' ').unwrap();
        (role.to_owned(), status.to_owned())
    }
}

/// A request from the `host`-th address of a network for documentation.
pub fn origin(host: u8) -> Origin {
    Origin {
        request_id: None,
        address: Some(std::net::Ipv4Addr::new(192, 0, 2, host).into()),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0".into()),
    }
}

fn app(database: &TestDatabase, mail: &tempfile::TempDir, unlike: &Unlike) -> (App, Database) {
    let random = Arc::new(TestRandom::new(unlike.seed));
    // Keys belong to the installation, not to the replica.
    let keys = |id| Keyring::from(SecretKey::generate(id, &TestRandom::new(0)).unwrap());
    let config = HasherConfig {
        params: unlike.params,
        permits: NonZeroUsize::MIN,
        queue: 100,
        max_wait: Duration::from_secs(20),
        niceness: 0,
    };
    let sizes = PoolSizes { app: unlike.connections, operator: 4, auth: 4, acquire_timeout: Duration::from_secs(20) };
    let from = "Bulkhead <no-reply@console.example>";
    let pool = Database::open(&database.urls(), sizes).unwrap();
    let app = App::new(Parts {
        database: pool.clone(),
        proof_interval: None,
        inspector: Some(Inspector::new(database.as_inspector(), database.urls())),
        hasher: Hasher::new(config, keys("pepper"), random.clone()).unwrap(),
        sealer: Sealer::new(keys("seal")),
        vault: Vault::new(keys("vault")),
        random,
        mail: match unlike.smtp {
            Some(url) => Transport::smtp(url, from).unwrap(),
            None => Transport::directory(mail.path(), from).unwrap(),
        },
        alerts: unlike.alerts.clone(),
        public_url: "https://console.example".parse().unwrap(),
        production: unlike.production,
    });
    (app, pool)
}

//! Two organizations with a user each, and the data layer over them.

use bulkhead_db::{Database, OrgScope, Origin, PoolSizes, TokenHash, sign_in::Verified};
use bulkhead_model::{Email, Id, OrgId, Slug, UserId};
use bulkhead_testing::TestDatabase;
use std::time::Duration;

pub struct Fixture {
    pub database: TestDatabase,
    pub db: Database,
    pub acme: Tenant,
    pub globex: Tenant,
}

/// An organization, its only user (an admin), and the hash of their session's cookie.
pub struct Tenant {
    pub org: OrgId,
    pub user: UserId,
    pub slug: &'static str,
    pub token: TokenHash,
}

impl Fixture {
    pub async fn new() -> Self {
        Self::with_pools(PoolSizes { app: 4, operator: 2, auth: 2, acquire_timeout: Duration::from_secs(20) }).await
    }

    /// One connection a role: whatever one transaction leaves behind, the next one gets.
    pub async fn with_one_connection() -> Self {
        Self::with_pools(PoolSizes { app: 1, operator: 1, auth: 1, acquire_timeout: Duration::from_secs(20) }).await
    }

    async fn with_pools(sizes: PoolSizes) -> Self {
        let database = TestDatabase::create().await.unwrap();
        let (acme, globex) = (tenant("acme", 0xA), tenant("globex", 0xB));
        for Tenant { org, user, slug, token } in [&acme, &globex] {
            let token: String = token.0.iter().map(|byte| format!("{byte:02x}")).collect();
            let rows = format!(
                "INSERT INTO orgs (id, slug, name, name_norm, plan, status) VALUES ('{org}', '{slug}', '{slug}', '{slug}', 'team', 'active');
                 INSERT INTO users (org_id, id, email, email_norm, name, name_norm, role, status)
                 VALUES ('{org}', '{user}', 'admin@{slug}.example', 'admin@{slug}.example', 'Ada', 'ada', 'admin', 'active');
                 INSERT INTO sessions (org_id, id, user_id, token_hash, method, created_at, last_seen_at, idle_seconds, expires_at)
                 VALUES ('{org}', gen_random_uuid(), '{user}', '\\x{token}', 'password', now(), now(), 3600, now() + interval '1 day')"
            );
            database.run(&rows).await.unwrap();
        }
        let db = Database::open(&database.urls(), sizes).unwrap();
        Self { database, db, acme, globex }
    }

    /// The scope of a tenant's user, minted the way a sign-in does.
    pub async fn scope(&self, tenant: &Tenant) -> OrgScope {
        let (slug, email) =
            (Slug::parse(tenant.slug).unwrap(), Email::parse(&format!("admin@{}.example", tenant.slug)).unwrap());
        let candidate = self.db.sign_in_candidate(&slug, &email).await.unwrap().unwrap();
        candidate.scope(Verified).unwrap()
    }

    pub async fn number(&self, sql: &str) -> i64 {
        self.database.number(sql).await.unwrap()
    }
}

fn tenant(slug: &'static str, number: u8) -> Tenant {
    let id = |kind: u128| uuid::Uuid::from_u128((u128::from(number) << 96) | (4 << 76) | (8 << 60) | kind);
    Tenant { org: Id::from_uuid(id(1)), user: Id::from_uuid(id(2)), slug, token: TokenHash([number; 32]) }
}

/// A request from nowhere.
pub fn origin() -> Origin {
    Origin::default()
}

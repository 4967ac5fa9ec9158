//! The queries behind the lists walk their `(org_id, …)` index as the runtime roles: no table is scanned, no more
//! rows are read than a page shows, for a small organization beside a huge one too.
//!
//! PostgreSQL's own counters say so, of the product's own functions: what EXPLAIN says of a copy of their SQL would
//! say nothing of them. Each runs twelve times on one connection, so that the generic plan, which a prepared
//! statement gets after five, is measured as well.

use crate::fixture::{Fixture, origin};
use bulkhead_db::{
    Database, Operator, PoolSizes, TOLD_AFTER, Tenant, TokenHash, access,
    audit::{self, Reach},
    decisions, orgs, sessions, users, workspaces,
};
use bulkhead_model::{
    Id, UserId,
    access::DecisionFilter,
    audit::{Action, AuditFilter},
    id::PLATFORM_ORG,
    org::{OrgFilter, OrgSort},
    page::{Key, PageRequest, Place},
    user::{UserFilter, UserSort},
};
use bulkhead_testing::TestDatabase;
use std::time::Duration;

const RUNS: i64 = 12;
const LIMIT: u16 = 25;

/// Rows in the small organizations, in the huge one, and how many small ones there are.
async fn populate(fixture: &Fixture) {
    let (huge, small, user) = (fixture.acme.org, fixture.globex.org, fixture.globex.user);
    let sql = format!(
        "INSERT INTO orgs (id, slug, name, name_norm, plan, status, created_at)
         SELECT gen_random_uuid(), 'o' || n, 'Org ' || n, 'org ' || lpad(n::text, 6, '0'), 'team', 'active', now() - n * interval '1 h' FROM generate_series(1, 400) n;
         CREATE TEMP TABLE share AS SELECT '{huge}'::uuid AS org_id, 12000 AS users, 30000 AS events
             UNION ALL SELECT id, 30, 40 FROM orgs WHERE kind = 'customer' AND id <> '{huge}';
         INSERT INTO users (org_id, id, email, email_norm, name, name_norm, role, status, created_at, last_seen_at)
         SELECT org_id, gen_random_uuid(), e, e, 'N', md5(e), 'user', 'active', now() - n * interval '1 min', CASE WHEN n % 3 > 0 THEN now() - n * interval '1 s' END
         FROM share, generate_series(1, users) n, LATERAL (SELECT 'u' || n || '@x.example' AS e) address;
         INSERT INTO audit_events (org_id, id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, target_label, outcome)
         SELECT org_id, (lpad(to_hex((1800000000000 + n * 1000)::bigint), 12, '0') || substr('7' || md5(org_id::text || n), 1, 4) || '8' || substr(md5(n::text || org_id), 1, 15))::uuid,
                now(), 'user', CASE WHEN n % 50 = 0 THEN '{user}'::uuid ELSE md5((n % 40)::text)::uuid END, 'x',
                CASE WHEN n % 97 = 0 THEN 'user.role_changed' ELSE 'session.started' END, 'user', (n % 500)::text, 'x', 'success'
         FROM share, generate_series(1, events) n;
         INSERT INTO sessions (org_id, id, user_id, token_hash, method, created_at, last_seen_at, idle_seconds, expires_at)
         SELECT u.org_id, gen_random_uuid(), u.id, sha256((u.org_id::text || u.id || n)::bytea), 'password', now(), now(), 3600, now() + interval '1 day'
         FROM users u, generate_series(1, 2) n;
         INSERT INTO users (org_id, id, email, email_norm, role, status) VALUES ('{PLATFORM_ORG}', '{user}', 'op@x.example', 'op@x.example', 'admin', 'active');
         INSERT INTO sessions (org_id, id, user_id, token_hash, method, created_at, last_seen_at, idle_seconds, expires_at)
         VALUES ('{PLATFORM_ORG}', gen_random_uuid(), '{user}', '\\x{}', 'password', now(), now(), 3600, now() + interval '1 day');
         DELETE FROM sessions WHERE org_id = '{small}' AND user_id <> '{user}' AND false",
        "cc".repeat(32)
    );
    fixture.database.run(&sql).await.unwrap();
    fixture.database.sabotage("VACUUM ANALYZE").await.unwrap();
}

const OPERATOR: TokenHash = TokenHash([0xCC; 32]);

/// What PostgreSQL counted for one index: scans, and entries read; and scans of the table as a whole.
#[derive(Debug, Clone, Copy)]
struct Counted {
    scans: i64,
    read: i64,
    whole_table: i64,
}

async fn counted(database: &TestDatabase, index: &str) -> Counted {
    let number = async |column: &str| {
        database
            .number(&format!(
                "SELECT coalesce(max({column}), 0) FROM pg_stat_user_indexes WHERE indexrelname = '{index}'"
            ))
            .await
            .unwrap()
    };
    let whole_table = format!(
        "SELECT coalesce(max(t.seq_scan), 0) FROM pg_stat_user_tables t JOIN pg_stat_user_indexes i USING (relid) WHERE i.indexrelname = '{index}'"
    );
    Counted {
        scans: number("idx_scan").await,
        read: number("idx_tup_read").await,
        whole_table: database.number(&whole_table).await.unwrap(),
    }
}

/// Does something [`RUNS`] times on one connection and demands that it went through this index, reading at most
/// `most` entries a time.
async fn walks(fixture: &Fixture, what: &str, index: &str, most: i64, run: impl AsyncFn(&Database)) {
    let before = counted(&fixture.database, index).await;
    let sizes = PoolSizes { app: 1, operator: 1, auth: 1, acquire_timeout: Duration::from_secs(20) };
    let db = Database::open(&fixture.database.urls(), sizes).unwrap();
    for _ in 0..RUNS {
        run(&db).await;
    }
    // A server process hands its counters in when it ends.
    db.close().await;
    let mut after = before;
    for _ in 0..250 {
        after = counted(&fixture.database, index).await;
        if after.scans - before.scans >= RUNS {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (scans, read) = (after.scans - before.scans, after.read - before.read);
    assert!(scans >= RUNS, "{what}: {index} was used {scans} times in {RUNS} runs");
    assert!(
        read <= RUNS * most,
        "{what}: {index} gave {read} entries in {RUNS} runs, at most {most} each were expected"
    );
    assert_eq!(after.whole_table, before.whole_table, "{what}: the whole table was read");
}

#[tokio::test]
async fn lists_walk_their_index() {
    let fixture = Fixture::new().await;
    populate(&fixture).await;
    let page = i64::from(LIMIT) + 1;
    for tenant in [&fixture.acme, &fixture.globex] {
        for (sort, index) in [
            (UserSort::Name, "users_by_name"),
            (UserSort::LastSeen, "users_by_last_seen"),
            (UserSort::Created, "users_by_created"),
        ] {
            let filter = UserFilter { sort, ..UserFilter::default() };
            let list = async |db: &Database, place: Place| {
                let (_, mut tx) = db.enter::<Tenant>(tenant.token, origin()).await.unwrap().unwrap();
                users::list(&mut tx, &filter, &PageRequest::new(place, LIMIT)).await.unwrap()
            };
            let next = list(&fixture.db, Place::First).await.next.unwrap();
            walks(&fixture, &format!("{} by {sort}", tenant.slug), index, page + 5, async |db| {
                drop(list(db, Place::First).await)
            })
            .await;
            // Past the first page a small organization's own rows may all be looked at.
            walks(&fixture, &format!("{} by {sort}, next", tenant.slug), index, page + 10, async |db| {
                drop(list(db, Place::After(next.clone())).await);
            })
            .await;
        }
        let audit = async |db: &Database, filter: &AuditFilter, place: Place| {
            let (_, mut tx) = db.enter::<Tenant>(tenant.token, origin()).await.unwrap().unwrap();
            audit::list(&mut tx, filter, Reach::Organization, &PageRequest::new(place, LIMIT)).await.unwrap()
        };
        let all = AuditFilter::default();
        let next = audit(&fixture.db, &all, Place::First).await.next.unwrap();
        walks(&fixture, &format!("{} audit", tenant.slug), "audit_events_pkey", page, async |db| {
            drop(audit(db, &all, Place::First).await)
        })
        .await;
        walks(&fixture, &format!("{} audit, next", tenant.slug), "audit_events_pkey", page, async |db| {
            drop(audit(db, &all, Place::After(next.clone())).await);
        })
        .await;
    }
}

#[tokio::test]
async fn filters_of_the_audit_log_walk_theirs() {
    let fixture = Fixture::new().await;
    populate(&fixture).await;
    let page = i64::from(LIMIT) + 1;
    let filters = [
        (AuditFilter { actor: fixture.globex.user.to_string(), ..AuditFilter::default() }, "audit_events_by_actor"),
        (AuditFilter { action: vec![Action::RoleChanged], ..AuditFilter::default() }, "audit_events_by_action"),
        (AuditFilter { target: "77".into(), ..AuditFilter::default() }, "audit_events_by_target"),
    ];
    for (filter, index) in filters {
        walks(&fixture, index, index, page, async |db| {
            let (_, mut tx) = db.enter::<Tenant>(fixture.acme.token, origin()).await.unwrap().unwrap();
            audit::list(&mut tx, &filter, Reach::Organization, &PageRequest::new(Place::First, LIMIT)).await.unwrap();
        })
        .await;
    }
    walks(&fixture, "audit of all organizations", "audit_events_by_id", page, async |db| {
        let (_, mut tx) = db.enter::<Operator>(OPERATOR, origin()).await.unwrap().unwrap();
        audit::list(&mut tx, &AuditFilter::default(), Reach::Platform, &PageRequest::new(Place::First, LIMIT))
            .await
            .unwrap();
    })
    .await;
    walks(&fixture, "audit of one organization, for an operator", "audit_events_pkey", page, async |db| {
        let filter = AuditFilter { org: Some(fixture.globex.org), ..AuditFilter::default() };
        let (_, mut tx) = db.enter::<Operator>(OPERATOR, origin()).await.unwrap().unwrap();
        audit::list(&mut tx, &filter, Reach::Platform, &PageRequest::new(Place::First, LIMIT)).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn sessions_and_organizations_walk_theirs() {
    let fixture = Fixture::new().await;
    populate(&fixture).await;
    let someone: UserId = {
        let sql =
            format!("SELECT id::text FROM users WHERE org_id = '{}' AND email = 'u7000@x.example'", fixture.acme.org);
        Id::from_uuid(fixture.database.texts(&sql).await.unwrap()[0].parse().unwrap())
    };
    walks(&fixture, "sessions of a user", "sessions_live_by_user", 4, async |db| {
        let (_, mut tx) = db.enter::<Tenant>(fixture.acme.token, origin()).await.unwrap().unwrap();
        assert_eq!(sessions::of_user(&mut tx, someone).await.unwrap().len(), 2);
    })
    .await;
    walks(&fixture, "a session by its hash", "sessions_token_key", 1, async |db| {
        db.enter::<Tenant>(fixture.acme.token, origin()).await.unwrap().unwrap();
    })
    .await;
    walks(&fixture, "a session looked up together", "sessions_token_key", 1, async |db| {
        db.enter_together(fixture.acme.token).await.unwrap().unwrap();
        // As long as it is remembered.
        tokio::time::sleep(TOLD_AFTER).await;
    })
    .await;
    let page = i64::from(LIMIT) + 1;
    for (sort, index) in [(OrgSort::Name, "orgs_name_idx"), (OrgSort::Created, "orgs_created_idx")] {
        let filter = OrgFilter { sort, ..OrgFilter::default() };
        for place in [Place::First, Place::After(Key { value: start(sort), id: uuid::Uuid::nil() })] {
            walks(&fixture, &format!("organizations by {sort}"), index, page + 3, async |db| {
                let (_, mut tx) = db.enter::<Operator>(OPERATOR, origin()).await.unwrap().unwrap();
                let list = orgs::list(&mut tx, &filter, &PageRequest::new(place.clone(), LIMIT)).await.unwrap();
                assert_eq!(list.rows.len(), usize::from(LIMIT));
            })
            .await;
        }
    }
}

/// A thousand roles and ten thousand assignments in the huge organization, and thirty thousand decisions; a few in each other.
async fn populate_roles(fixture: &Fixture) {
    populate(fixture).await;
    let huge = fixture.acme.org;
    let sql = format!(
        "CREATE TEMP TABLE portion AS SELECT '{huge}'::uuid AS org_id, 1000 AS roles, 30000 AS decisions
             UNION ALL SELECT id, 3, 40 FROM orgs WHERE kind = 'customer' AND id <> '{huge}';
         INSERT INTO roles (org_id, id, name, name_key, grants, updated_by)
         SELECT org_id, gen_random_uuid(), 'R' || n, 'r' || n, '[]', 'x' FROM portion, generate_series(1, roles) n;
         UPDATE orgs SET roles_version = 1;
         INSERT INTO role_assignments (org_id, user_id, role_id, assigned_by)
         SELECT u.org_id, u.id, r.id, 'x' FROM (SELECT org_id, id, row_number() OVER (PARTITION BY org_id ORDER BY id) AS at FROM users) u
         JOIN (SELECT org_id, id, row_number() OVER (PARTITION BY org_id ORDER BY id) AS at FROM roles) r ON r.org_id = u.org_id
         WHERE u.at <= 1000 AND r.at % 100 = u.at % 100;
         INSERT INTO decisions (org_id, id, decided_at, user_id, permission, reason, weight, resource, asked_by)
         SELECT s.org_id, gen_random_uuid(), now() - n * interval '1 min', u.id, CASE WHEN n % 97 = 0 THEN 'rare:read' ELSE 'users:read' END,
                CASE WHEN n % 89 = 0 THEN 'granted' ELSE 'denied' END, 1, '{{}}', 'x'
         FROM portion s, generate_series(1, decisions) n, LATERAL (SELECT id FROM users WHERE org_id = s.org_id ORDER BY id OFFSET n % 30 LIMIT 1) u"
    );
    fixture.database.run(&sql).await.unwrap();
    fixture.database.sabotage("VACUUM ANALYZE").await.unwrap();
}

#[tokio::test]
async fn roles_and_decisions_walk_theirs() {
    let fixture = Fixture::new().await;
    populate_roles(&fixture).await;
    let page = i64::from(LIMIT) + 1;
    let entered = async |db: &Database, tenant: &crate::fixture::Tenant| {
        db.enter::<Tenant>(tenant.token, origin()).await.unwrap().unwrap().1
    };
    let sql = format!("SELECT user_id::text FROM role_assignments WHERE org_id = '{}' LIMIT 1", fixture.acme.org);
    let someone: UserId = Id::from_uuid(fixture.database.texts(&sql).await.unwrap()[0].parse().unwrap());
    // Ten of whom it is about, ten of who asks.
    walks(&fixture, "what somebody holds", "role_assignments_once", 22, async |db| {
        let standing = access::standing(&mut entered(db, &fixture.acme).await, someone).await.unwrap().unwrap();
        assert_eq!(standing.assignments.len(), 10);
    })
    .await;
    walks(&fixture, "what somebody holds, asked together", "role_assignments_once", 22, async |db| {
        let held = db.standings_together(fixture.acme.token, None, vec![someone]).await.unwrap().unwrap();
        assert_eq!(held.standings[&someone].assignments.len(), 10);
    })
    .await;
    for (filter, index) in [
        (DecisionFilter::default(), "decisions_by_moment"),
        (DecisionFilter { permission: "rare:read".into(), ..DecisionFilter::default() }, "decisions_by_permission"),
        (DecisionFilter { reason: vec!["granted".into()], ..DecisionFilter::default() }, "decisions_by_reason"),
    ] {
        let list = async |db: &Database, place: Place| {
            let mut tx = entered(db, &fixture.acme).await;
            decisions::list(&mut tx, &filter, &PageRequest::new(place, LIMIT)).await.unwrap()
        };
        walks(&fixture, index, index, page, async |db| drop(list(db, Place::First).await)).await;
        let next = list(&fixture.db, Place::First).await.next.unwrap();
        walks(&fixture, index, index, page + 1, async |db| drop(list(db, Place::After(next.clone())).await)).await;
    }
}

/// Somebody holds a role and is in a workspace: all of a huge organization, and all of a small one beside it.
#[tokio::test]
async fn members_of_roles_and_workspaces_walk_theirs() {
    let fixture = Fixture::new().await;
    populate(&fixture).await;
    let page = i64::from(LIMIT) + 1;
    let (huge, small) = (fixture.acme.org, fixture.globex.org);
    let sql = format!(
        "INSERT INTO roles (org_id, id, name, name_key, updated_by)
         SELECT o, gen_random_uuid(), 'R' || n, 'r' || n, 'x' FROM unnest('{{{huge},{small}}}'::uuid[]) o, generate_series(1, 3) n;
         INSERT INTO workspaces (org_id, id, name, name_key)
         SELECT o, gen_random_uuid(), 'W' || n, 'w' || n FROM unnest('{{{huge},{small}}}'::uuid[]) o, generate_series(1, 3) n;
         INSERT INTO workspace_members (org_id, workspace_id, user_id, added_by, added_at)
         SELECT u.org_id, w.id, u.id, 'x', u.created_at FROM users u JOIN workspaces w ON w.org_id = u.org_id WHERE u.status = 'active';
         INSERT INTO role_assignments (org_id, user_id, role_id, assigned_by, assigned_at)
         SELECT u.org_id, u.id, r.id, 'x', u.created_at FROM users u JOIN roles r ON r.org_id = u.org_id WHERE u.status = 'active'"
    );
    fixture.database.run(&sql).await.unwrap();
    fixture.database.sabotage("VACUUM ANALYZE").await.unwrap();
    for tenant in [&fixture.acme, &fixture.globex] {
        let id = async |table: &str, named: &str| {
            let sql = format!("SELECT id::text FROM {table} WHERE org_id = '{}' AND name = '{named}'", tenant.org);
            fixture.database.texts(&sql).await.unwrap()[0].parse::<uuid::Uuid>().unwrap()
        };
        let (role, workspace) = (Id::from_uuid(id("roles", "R2").await), Id::from_uuid(id("workspaces", "W2").await));
        let holders = async |db: &Database, place: Place| {
            let (_, mut tx) = db.enter::<Tenant>(tenant.token, origin()).await.unwrap().unwrap();
            access::holders_page(&mut tx, role, "", &PageRequest::new(place, LIMIT)).await.unwrap()
        };
        let next = holders(&fixture.db, Place::First).await.next.unwrap();
        let members = async |db: &Database, place: Place| {
            let (_, mut tx) = db.enter::<Tenant>(tenant.token, origin()).await.unwrap().unwrap();
            workspaces::members_page(&mut tx, workspace, "", &PageRequest::new(place, LIMIT)).await.unwrap()
        };
        for (what, place) in [("first", Place::First), ("next", Place::After(next))] {
            walks(
                &fixture,
                &format!("{} holders, {what}", tenant.slug),
                "role_assignments_newest",
                page + 10,
                async |db| {
                    drop(holders(db, place.clone()).await);
                },
            )
            .await;
            // The same people at the same times: what is next in one list is next in the other.
            walks(
                &fixture,
                &format!("{} members, {what}", tenant.slug),
                "workspace_members_newest",
                page + 10,
                async |db| {
                    drop(members(db, place.clone()).await);
                },
            )
            .await;
        }
    }
}

/// A place in the middle of the list of organizations.
fn start(sort: OrgSort) -> String {
    match sort {
        OrgSort::Name => "org 000200".to_owned(),
        _ => "2300-01-01T00:00:00Z".to_owned(),
    }
}

//! What is deleted for good: whole organizations when their time is over, and events that are too old.

use crate::world::{PASSWORD, World};
use bulkhead_domain::{Error, OperatorCtx, orgs, retention, sign_in};
use bulkhead_model::{OrgId, error::Conflict, user::Role};
use bulkhead_testing::texts;

/// Every table with rows of organizations, from the catalogue, with how many are this one's.
async fn rows(world: &World, org: OrgId) -> Vec<(String, i64)> {
    let tables = "SELECT table_name::text FROM information_schema.columns
                  WHERE table_schema = 'public' AND column_name = 'org_id' ORDER BY 1";
    let mut rows = Vec::new();
    for table in world.database.texts(tables).await.unwrap() {
        let count = world.number(&format!("SELECT count(*) FROM {table} WHERE org_id = '{org}'")).await;
        rows.push((table, count));
    }
    rows
}

/// An organization with something in every table.
async fn lived_in(world: &World, operator: &OperatorCtx, slug: &str) -> OrgId {
    let (id, admin) = world.org(operator, slug).await;
    world.member(&admin, "member", Role::User).await;
    world.invited(&admin, "guest", Role::Viewer).await;
    let user = admin.identity().user_id;
    let rest = format!(
        "INSERT INTO org_settings (org_id, key, value) VALUES ('{id}', 'sign_in.notice', '\"Hello\"');
         INSERT INTO idempotency_keys (org_id, user_id, key, request_hash, target_kind, target_id, created_at)
         VALUES ('{id}', '{user}', 'k', '', 'user', '', now());
         INSERT INTO isolation_alerts (org_id, id, actor_org_id, actor_org_slug, actor_id, actor_label, attempts, opened_at, last_at)
         VALUES ('{id}', '{user}', '{id}', '', '{user}', '', 1, now(), now());
         INSERT INTO access_attempts (org_id, id, at, actor_org_id, actor_org_slug, actor_id, actor_label, surface, route,
                                      answered_with, aimed_kind, aimed_id, owner_org_slug, alert_id)
         VALUES ('{id}', '{user}', now(), '{id}', '', '{user}', '', 'path', '', 404, '', '', '', '{user}');
         INSERT INTO proofs (org_id, id, started_at, heard_at) VALUES ('{id}', '{user}', now(), now());
         INSERT INTO data_sources (org_id, id, name, name_norm, place, address, profile, profile_text, created_by, created_at, updated_at)
         VALUES ('{id}', '{user}', 'x', 'x', 'x', '', '{{}}', '', 'x', now(), now());
         INSERT INTO roles (org_id, id, name, name_key, updated_by) VALUES ('{id}', '{user}', 'x', 'x', 'x');
         INSERT INTO role_versions (org_id, role_id, version, name, description, inherits, grants, saved_by)
         VALUES ('{id}', '{user}', 1, 'x', '', '{{}}', '[]', 'x');
         INSERT INTO role_assignments (org_id, user_id, role_id, assigned_by) VALUES ('{id}', '{user}', '{user}', 'x');
         INSERT INTO duty_conflicts (org_id, id, name, name_key, first, second, why, created_by, updated_by)
         VALUES ('{id}', '{user}', 'x', 'x', 'a:a', 'b:b', 'x', 'x', 'x');
         INSERT INTO decisions (org_id, id, decided_at, permission, reason, weight, resource, asked_by)
         VALUES ('{id}', '{user}', now(), 'users:read', 'not-granted', 1, '{{}}', 'x');
         INSERT INTO workspaces (org_id, id, name, name_key) VALUES ('{id}', '{user}', 'x', 'x');
         INSERT INTO workspace_members (org_id, workspace_id, user_id, added_by) VALUES ('{id}', '{user}', '{user}', 'x');
         INSERT INTO role_assignments (org_id, user_id, role_id, workspace_id, assigned_by)
         VALUES ('{id}', '{user}', '{user}', '{user}', 'x');
         INSERT INTO query_plans (org_id, id, statement_hash, role, statement, calls, total_ms, source, examined_at)
         VALUES ('{id}', '{user}', sha256(''), 'bulkhead_app', 'SELECT $1', 1, 1, 'server', now());"
    );
    world.database.run(&rest).await.unwrap();
    let empty: Vec<_> = rows(world, id).await.into_iter().filter(|(_, count)| *count == 0).collect();
    assert_eq!(empty, [], "tables that this test would say nothing about");
    id
}

async fn deprovision(world: &World, operator: &OperatorCtx, id: OrgId, slug: &str) {
    let (operator, seen) = (operator.again().await.unwrap(), world.version_of(id).await);
    orgs::deprovision(&operator, id, seen, &format!("Org {slug}"), "Contract over").await.unwrap();
}

/// Thirty days pass.
async fn becomes_due(world: &World, id: OrgId) {
    let sql = format!("UPDATE orgs SET delete_after = now() - interval '1 second' WHERE id = '{id}'");
    world.database.run(&sql).await.unwrap();
}

async fn status(world: &World, id: OrgId) -> String {
    world.database.texts(&format!("SELECT status FROM orgs WHERE id = '{id}'")).await.unwrap().remove(0)
}

#[tokio::test]
async fn an_organization_whose_time_is_over_leaves_a_gravestone_and_one_event() {
    let world = World::new().await;
    let operator = world.operator().await;
    let acme = lived_in(&world, &operator, "acme").await;
    let globex = lived_in(&world, &operator, "globex").await;
    assert_eq!(retention::purge(&world.app).await.unwrap(), 0, "an active organization is not due");
    deprovision(&world, &operator, acme, "acme").await;
    assert_eq!(retention::purge(&world.app).await.unwrap(), 0, "it can still be restored");

    becomes_due(&world, acme).await;
    let (had, others) = (rows(&world, acme).await, rows(&world, globex).await);
    let platform = operator.identity().org_id;
    let (purged, added) = world.added(platform, retention::purge(&world.app)).await;
    assert_eq!((purged.unwrap(), added), (1, vec!["org.purged".to_owned()]));
    assert!(rows(&world, acme).await.iter().all(|(_, count)| *count == 0), "{:?}", rows(&world, acme).await);
    assert_eq!(rows(&world, globex).await, others, "nobody else's row is touched");

    // The event says how many rows went from where; what is known of the organization stands in it alone.
    let event = "SELECT e.key || '=' || e.value FROM audit_events a, jsonb_each_text(a.after) e
                 WHERE a.action = 'org.purged' AND a.target_label = 'Org acme' AND a.actor_kind = 'system' ORDER BY 1";
    let mut expected: Vec<String> = had.iter().map(|(table, count)| format!("{table}={count}")).collect();
    expected.push("slug=acme".to_owned());
    expected.sort();
    let mut said = world.database.texts(event).await.unwrap();
    said.sort();
    assert_eq!(said, expected);
    let gravestone = format!("SELECT status || ' ' || slug || ' ' || name FROM orgs WHERE id = '{acme}'");
    assert_eq!(world.database.texts(&gravestone).await.unwrap(), ["deleted acme Deleted organization"]);

    // For people it does not exist, and its short name leads nobody to strangers.
    let found = orgs::find(&operator.again().await.unwrap(), acme).await;
    assert!(matches!(found, Err(Error::NotFound)));
    let refused = world.sign_in("acme", "admin@acme.example", PASSWORD).await;
    assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.of("password") == Some(sign_in::NO_MATCH)));
    let new = orgs::NewOrg {
        name: "Another".into(),
        slug: "acme".into(),
        plan: "team".into(),
        admin_email: "a@another.example".into(),
    };
    let refused = orgs::create(&operator.again().await.unwrap(), &new).await;
    assert!(matches!(&refused, Err(Error::Invalid(errors)) if errors.of("slug").is_some()), "{refused:?}");
    assert!(rows(&world, acme).await.iter().all(|(_, count)| *count == 0), "nothing is written about a gravestone");
    assert_eq!(retention::purge(&world.app).await.unwrap(), 0, "once");
}

#[tokio::test]
async fn a_restore_in_the_same_moment_wins_or_loses_as_a_whole() {
    let world = World::new().await;
    let operator = world.operator().await;
    for (round, slug) in ["acme", "globex", "initech", "hooli"].into_iter().enumerate() {
        let id = lived_in(&world, &operator, slug).await;
        deprovision(&world, &operator, id, slug).await;
        becomes_due(&world, id).await;
        let (had, seen, restorer) =
            (rows(&world, id).await, world.version_of(id).await, operator.again().await.unwrap());
        let (restored, purged) = tokio::join!(
            async {
                // Every second round the worker is a little ahead.
                tokio::time::sleep(std::time::Duration::from_millis(8 * (round as u64 % 2))).await;
                orgs::restore(&restorer, id, seen).await
            },
            retention::purge(&world.app),
        );
        match (restored, purged.unwrap()) {
            (Ok(()), 0) => {
                assert_eq!(status(&world, id).await, "suspended");
                for ((table, before), (_, after)) in had.iter().zip(rows(&world, id).await) {
                    assert!(after >= *before, "{table} had {before} rows, and {after} after the restore");
                }
            }
            (Err(Error::Conflict(Conflict::StaleVersion) | Error::NotFound | Error::Unavailable(_)), 1) => {
                assert_eq!(status(&world, id).await, "deleted");
                assert!(rows(&world, id).await.iter().all(|(_, count)| *count == 0));
            }
            both => panic!("{both:?}"),
        }
    }
}

#[tokio::test]
async fn whoever_decides_on_it_at_this_moment_is_not_waited_for() {
    let world = World::new().await;
    let operator = world.operator().await;
    let id = lived_in(&world, &operator, "acme").await;
    deprovision(&world, &operator, id, "acme").await;
    becomes_due(&world, id).await;
    let deciding = format!(
        "BEGIN; UPDATE orgs SET status = 'suspended', delete_after = NULL WHERE id = '{id}'; SELECT pg_sleep(3); COMMIT"
    );
    let superuser = world.database.as_superuser();
    let holding =
        "SELECT count(*)::text FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()";
    let (decided, purged) = tokio::join!(world.database.run(&deciding), async {
        while texts(&superuser, holding).await.unwrap() != ["1"] {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        retention::purge(&world.app).await
    });
    decided.unwrap();
    assert_eq!((purged.unwrap(), status(&world, id).await.as_str()), (0, "suspended"));
    assert!(rows(&world, id).await.iter().all(|(_, count)| *count > 0));
}

/// Negative controls: the function itself holds what is due, and a table that a migration forgot ends the purge.
#[tokio::test]
async fn what_is_not_due_is_not_purged_whoever_asks_and_a_forgotten_table_stops_it() {
    let world = World::new().await;
    let operator = world.operator().await;
    let id = lived_in(&world, &operator, "acme").await;
    let as_operator = world.database.urls().operator;
    let purge = format!("SELECT coalesce(app.purge_org('{id}')::text, 'not due')");
    assert_eq!(texts(&as_operator, &purge).await.unwrap(), ["not due"]);
    deprovision(&world, &operator, id, "acme").await;
    assert_eq!(texts(&as_operator, &purge).await.unwrap(), ["not due"]);
    let platform = purge.replace(&id.to_string(), &operator.identity().org_id.to_string());
    assert_eq!(texts(&as_operator, &platform).await.unwrap(), ["not due"]);
    for role in [world.database.urls().app, world.database.urls().auth] {
        assert!(texts(&role, &purge).await.unwrap_err().to_string().contains("permission denied"));
    }

    becomes_due(&world, id).await;
    let forgotten =
        "CREATE TABLE things (org_id uuid NOT NULL REFERENCES orgs (id)); ALTER TABLE things OWNER TO bulkhead_owner";
    world.database.sabotage(forgotten).await.unwrap();
    assert!(retention::purge(&world.app).await.is_err());
    assert_eq!(status(&world, id).await, "pending_deletion");
    assert!(rows(&world, id).await.iter().all(|(table, count)| *count > 0 || table == "things"));
    world.database.sabotage("DROP TABLE things").await.unwrap();
    assert_eq!(retention::purge(&world.app).await.unwrap(), 1);
}

/// Events of an organization so many days ago, one a minute.
async fn events_of_old(world: &World, org: OrgId, days: u32, count: u32) {
    let sql = format!(
        "INSERT INTO audit_events (org_id, id, at, actor_kind, actor_label, action, target_kind, target_id, target_label, outcome)
         SELECT '{org}', (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7000'
                          || '8' || substr(md5(random()::text), 1, 15))::uuid,
                at, 'system', 'test', 'user.updated', 'user', '', 'of old', 'success'
         FROM (SELECT now() - interval '{days} days' + interval '1 minute' * n AS at FROM generate_series(1, {count}) n) moments"
    );
    world.database.run(&sql).await.unwrap();
}

async fn of_old(world: &World, org: OrgId) -> i64 {
    world.number(&format!("SELECT count(*) FROM audit_events WHERE org_id = '{org}' AND target_label = 'of old'")).await
}

#[tokio::test]
async fn events_go_when_the_plan_keeps_them_no_longer() {
    let world = World::new().await;
    let operator = world.operator().await;
    // Days that each plan keeps them; business has the platform's default.
    for (plan, kept) in [("free", 90), ("team", 180), ("business", 400), ("enterprise", 2555)] {
        let (org, _) = world.org(&operator, plan).await;
        world.database.run(&format!("UPDATE orgs SET plan = '{plan}' WHERE id = '{org}'")).await.unwrap();
        events_of_old(&world, org, kept + 2, 3).await;
        events_of_old(&world, org, kept - 1, 4).await;
        assert_eq!(retention::expire_audit_events(&world.app).await.unwrap(), 3, "{plan}");
        assert_eq!(of_old(&world, org).await, 4, "{plan}");
        let event = format!(
            "SELECT (after ->> 'events') || ' ' || (after ->> 'kept_days') || ' ' || actor_label || ' '
                 || ((after ->> 'to')::timestamptz - (after ->> 'from')::timestamptz)
             FROM audit_events WHERE org_id = '{org}' AND action = 'audit.expired'"
        );
        let said = world.database.texts(&event).await.unwrap();
        assert_eq!(said, [format!("3 {kept} audit retention worker 00:02:00")], "{plan}");
        assert_eq!(retention::expire_audit_events(&world.app).await.unwrap(), 0, "{plan}: once");
    }
}

#[tokio::test]
async fn many_events_go_in_bites_and_each_bite_is_recorded() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (acme, _) = world.org(&operator, "acme").await;
    let (globex, _) = world.org(&operator, "globex").await;
    events_of_old(&world, acme, 300, 4_500).await;
    events_of_old(&world, globex, 170, 10).await;
    // A few hours too old is no reason to begin yet.
    events_of_old(&world, globex, 180, 10).await;
    let (one, other) = tokio::join!(
        retention::expire_audit_events(&world.app),
        // Another replica at the same time: what one has taken, the other does not count.
        retention::expire_audit_events(&world.app),
    );
    assert_eq!(one.unwrap() + other.unwrap() + retention::expire_audit_events(&world.app).await.unwrap(), 4_500);
    assert_eq!((of_old(&world, acme).await, of_old(&world, globex).await), (0, 20));
    let bites = format!(
        "SELECT sum((after ->> 'events')::bigint)::bigint FROM audit_events WHERE org_id = '{acme}' AND action = 'audit.expired'
         HAVING max((after ->> 'events')::bigint) <= 2000"
    );
    assert_eq!(world.number(&bites).await, 4_500);
}

/// Negative control: nothing that serves can delete what is younger, by the function or without it.
#[tokio::test]
async fn no_role_that_serves_deletes_what_must_be_kept() {
    let world = World::new().await;
    let (org, _) = world.tenant().await;
    events_of_old(&world, org, 89, 2).await;
    let urls = world.database.urls();
    let expire = |age: &str| {
        format!("SELECT expired::text FROM app.expire_audit_events('{org}', now() - interval '{age}', 100)")
    };
    let refusal = texts(&urls.operator, &expire("89 days")).await.unwrap_err().to_string();
    assert!(refusal.contains("of the last 90 days are not deleted"), "{refusal}");
    assert_eq!(texts(&urls.operator, &expire("90 days")).await.unwrap(), Vec::<String>::new());
    for url in [&urls.app, &urls.auth] {
        assert!(texts(url, &expire("90 days")).await.is_err());
    }
    for url in [&urls.app, &urls.operator, &urls.auth] {
        let refusal = texts(url, "DELETE FROM audit_events RETURNING action").await.unwrap_err().to_string();
        assert!(refusal.contains("permission denied"), "{refusal}");
    }
    assert_eq!(of_old(&world, org).await, 2);
}

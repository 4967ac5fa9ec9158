//! What is remembered of sessions and of what people hold: under which number, and until when.

use crate::fixture::{Fixture, Tenant, origin};
use bulkhead_db::{AsOf, Held, TOLD_AFTER, audit::Record};
use bulkhead_model::{
    UserId,
    audit::{Action, Outcome, TargetKind},
};
use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, Transaction};
use std::time::Instant;

const ROLE: &str = "00000000-0000-4000-8000-00000000000a";
const WORKSPACE: &str = "00000000-0000-4000-8000-00000000000b";

/// Acme with a role that nobody holds, a workspace, and an admin beside the one it has.
async fn arranged() -> Fixture {
    let fixture = Fixture::new().await;
    let org = fixture.acme.org;
    let rows = format!(
        "INSERT INTO roles (org_id, id, name, name_key, inherits, grants, updated_by) VALUES ('{org}', '{ROLE}', 'Role', 'role', '{{}}', '[]', 'x');
         INSERT INTO workspaces (org_id, id, name, name_key, description) VALUES ('{org}', '{WORKSPACE}', 'Place', 'place', '');
         INSERT INTO workspace_members (org_id, workspace_id, user_id, added_by) VALUES ('{org}', '{WORKSPACE}', '{}', 'x');
         INSERT INTO users (org_id, id, email, email_norm, name, name_norm, role, status)
         VALUES ('{org}', gen_random_uuid(), 'b@acme.example', 'b@acme.example', 'B', 'b', 'admin', 'active');
         UPDATE orgs SET roles_version = 1",
        fixture.acme.user
    );
    fixture.database.run(&rows).await.unwrap();
    fixture
}

async fn version(fixture: &Fixture, tenant: &Tenant) -> i64 {
    let org = tenant.org;
    let sql = format!("SELECT coalesce(sum(version), 0)::bigint FROM rights_versions WHERE org_id = '{org}'");
    fixture.number(&sql).await
}

fn given(tenant: &Tenant) -> String {
    format!(
        "INSERT INTO role_assignments (org_id, user_id, role_id, assigned_by) VALUES ('{}', '{}', '{ROLE}', 'x')",
        tenant.org, tenant.user
    )
}

#[tokio::test]
async fn the_number_counts_what_changes_what_people_hold_and_nothing_else() {
    let fixture = arranged().await;
    let (acme, user) = (&fixture.acme, fixture.acme.user);
    let mut before = version(&fixture, acme).await;
    for (sql, counts) in [
        (given(acme), 1),
        ("UPDATE role_assignments SET ends_at = now() + interval '1 day'".to_owned(), 1),
        (format!("UPDATE role_assignments SET workspace_id = '{WORKSPACE}'"), 1),
        ("UPDATE workspaces SET status = 'archived'".to_owned(), 1),
        ("UPDATE workspaces SET name = 'Another', version = version + 1".to_owned(), 0),
        ("DELETE FROM role_assignments".to_owned(), 1),
        (format!("UPDATE users SET role = 'viewer' WHERE id = '{user}'"), 1),
        (format!("UPDATE users SET role = 'viewer', status = 'active' WHERE id = '{user}'"), 0),
        (format!("UPDATE users SET last_seen_at = now(), name = 'Other' WHERE id = '{user}'"), 0),
        (format!("UPDATE users SET status = 'suspended' WHERE id = '{user}'"), 1),
        // Many rows of a table in one transaction are one change of it.
        (
            format!(
                "UPDATE users SET status = 'active', role = 'user' WHERE id = '{user}'; {}; DELETE FROM role_assignments",
                given(acme)
            ),
            2,
        ),
        ("UPDATE sessions SET last_seen_at = now()".to_owned(), 0),
    ] {
        fixture.database.run(&sql).await.unwrap();
        let after = version(&fixture, acme).await;
        assert_eq!(after - before, counts, "{sql}");
        before = after;
    }
    assert_eq!(version(&fixture, &fixture.globex).await, 0, "the other organization's stands still");
}

async fn begun<'c>(connection: &'c mut PgConnection, sql: &str) -> Transaction<'c, Postgres> {
    let mut tx = connection.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut *tx).await.unwrap();
    tx
}

/// The row that both write is written at the end: nobody waits for it while the other one is still busy.
#[tokio::test]
async fn two_changes_at_once_wait_for_nobody_and_are_two() {
    let fixture = arranged().await;
    let url = fixture.database.as_migrator();
    let before = version(&fixture, &fixture.acme).await;
    let (mut one, mut two) = (
        PgConnection::connect(url.expose_secret()).await.unwrap(),
        PgConnection::connect(url.expose_secret()).await.unwrap(),
    );
    let first = begun(&mut one, &given(&fixture.acme)).await;
    let second = begun(&mut two, "UPDATE workspaces SET status = 'archived'").await;
    second.commit().await.unwrap();
    assert_eq!(version(&fixture, &fixture.acme).await, before + 1);
    first.commit().await.unwrap();
    assert_eq!(version(&fixture, &fixture.acme).await, before + 2);
}

async fn held(fixture: &Fixture, as_of: Option<AsOf>) -> bulkhead_db::Result<Held> {
    let Tenant { token, user, .. } = fixture.acme;
    let held = fixture.db.standings_together(token, as_of, vec![user]).await?;
    Ok(held.unwrap())
}

async fn now(fixture: &Fixture) -> AsOf {
    tokio::time::sleep(TOLD_AFTER).await;
    fixture.db.enter_together(fixture.acme.token).await.unwrap().unwrap().as_of
}

/// The door is taken away: what is answered then was remembered.
#[tokio::test]
async fn what_somebody_holds_is_asked_for_once_until_it_changes() {
    let fixture = arranged().await;
    held(&fixture, Some(now(&fixture).await)).await.unwrap();
    let gone = "ALTER FUNCTION app.standings_of(bytea[], bigint[], uuid[]) RENAME TO away";
    fixture.database.sabotage(gone).await.unwrap();
    assert_eq!(held(&fixture, Some(now(&fixture).await)).await.unwrap().standings[&fixture.acme.user].assignments, []);
    assert!(held(&fixture, None).await.is_err(), "of no moment: asked");
    fixture.database.run(&given(&fixture.acme)).await.unwrap();
    let since = now(&fixture).await;
    assert!(held(&fixture, Some(since)).await.is_err(), "changed since: asked");
    let back = "ALTER FUNCTION app.away(bytea[], bigint[], uuid[]) RENAME TO standings_of";
    fixture.database.sabotage(back).await.unwrap();
    assert_eq!(held(&fixture, Some(since)).await.unwrap().standings[&fixture.acme.user].assignments.len(), 1);
}

/// The negative control: where a change is not counted, what was before it is remembered.
#[tokio::test]
async fn a_change_that_is_not_counted_is_noticed() {
    let fixture = arranged().await;
    held(&fixture, Some(now(&fixture).await)).await.unwrap();
    let uncounted = "DROP TRIGGER role_assignments_rights_changed ON role_assignments";
    fixture.database.sabotage(uncounted).await.unwrap();
    fixture.database.run(&given(&fixture.acme)).await.unwrap();
    let remembered = held(&fixture, Some(now(&fixture).await)).await.unwrap();
    assert_eq!(remembered.standings[&fixture.acme.user].assignments, []);
}

#[tokio::test]
async fn nobody_is_remembered() {
    let fixture = arranged().await;
    let nobody: UserId = bulkhead_model::Id::from_uuid(uuid::Uuid::from_u128(9));
    let Tenant { org, token, .. } = fixture.acme;
    let known = async || {
        let as_of = Some(now(&fixture).await);
        fixture.db.standings_together(token, as_of, vec![nobody]).await.unwrap().unwrap().standings.len()
    };
    assert_eq!(known().await, 0);
    let joined = format!(
        "INSERT INTO users (org_id, id, email, email_norm, name, name_norm, role, status)
         VALUES ('{org}', '{nobody}', 'n@acme.example', 'n@acme.example', 'N', 'n', 'user', 'active')"
    );
    fixture.database.run(&joined).await.unwrap();
    assert_eq!(known().await, 1);
}

/// Whoever is told that something was changed is told so when no server goes by what was before it.
#[tokio::test]
async fn a_change_is_answered_when_nobody_remembers_what_was_before() {
    let fixture = arranged().await;
    let took = async |record: Record| {
        let tx = fixture.db.write(fixture.scope(&fixture.acme).await, origin()).await.unwrap();
        let begun = Instant::now();
        tx.commit(record).await.unwrap();
        begun.elapsed()
    };
    let changed = Record::new(Action::RoleEdited, TargetKind::Role, ROLE, "Role");
    assert!(took(changed.clone()).await >= TOLD_AFTER);
    // Nothing was changed by what was refused. The quickest of some, because machines stall.
    let mut refused = Vec::new();
    for _ in 0..20 {
        refused.push(took(changed.clone().outcome(Outcome::Denied)).await);
    }
    assert!(refused.iter().min().unwrap() < &TOLD_AFTER, "{refused:?}");
}

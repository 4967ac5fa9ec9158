//! What a pooled connection carries over from one transaction to the next: nothing.

use crate::fixture::{Fixture, origin};
use bulkhead_db::{Operator, SystemTask, Tenant, TokenHash, audit::Record, orgs, users};
use bulkhead_model::{
    Email, Id, UserName,
    audit::{Action, TargetKind},
    page::PageRequest,
    user::{Role, UserFilter},
};
use secrecy::ExposeSecret;
use sqlx::{Connection, PgConnection};
use std::{future::Future, pin::pin, task::Poll, time::Duration};

/// Polls a future a few times, a little apart, and drops it in whatever state it then is.
async fn abandoned<T>(work: impl Future<Output = T>, polls: u32) -> bool {
    let mut work = pin!(work);
    for _ in 0..polls {
        let ready = std::future::poll_fn(|context| Poll::Ready(work.as_mut().poll(context).is_ready())).await;
        if ready {
            return false;
        }
        tokio::time::sleep(Duration::from_micros(50)).await;
    }
    true
}

/// A `BEGIN` that was given up half-way leaves sqlx's connection in a transaction nobody ends (launchbadge/sqlx#4385):
/// the next write would commit into it and be lost with it.
#[tokio::test]
async fn a_beginning_that_is_given_up_loses_no_later_write() {
    let fixture = Fixture::with_one_connection().await;
    let scope = fixture.scope(&fixture.acme).await;
    let mut given_up = 0;
    for round in 0..60 {
        let polls = round % 5 + 1;
        given_up += i32::from(abandoned(fixture.db.write(scope.clone(), origin()), polls).await);
        given_up += i32::from(abandoned(fixture.db.enter::<Tenant>(fixture.globex.token, origin()), polls).await);
        given_up += i32::from(abandoned(fixture.db.enter::<Operator>(fixture.globex.token, origin()), polls).await);
        given_up += i32::from(abandoned(fixture.db.system(SystemTask::Provisioning), polls).await);

        let mut tx = fixture.db.write(scope.clone(), origin()).await.unwrap();
        let email = Email::parse(&format!("u{round}@acme.example")).unwrap();
        let id = Id::from_uuid(uuid::Uuid::new_v4());
        users::insert_invited(&mut tx, id, &email, &UserName::default(), Role::User).await.unwrap();
        tx.commit(Record::new(Action::UserInvited, TargetKind::User, id, email.as_str())).await.unwrap();
        let kept = format!("SELECT count(*) FROM users WHERE org_id = '{}' AND status = 'invited'", fixture.acme.org);
        assert_eq!(fixture.number(&kept).await, i64::from(round) + 1, "round {round}");
    }
    assert!(given_up > 60, "only {given_up} were given up in time: the test tests nothing");
    let mut superuser = PgConnection::connect(fixture.database.as_superuser().expose_secret()).await.unwrap();
    let stray = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
    let mut left: i64 = 1;
    for _ in 0..100 {
        left = sqlx::query_scalar(stray).fetch_one(&mut superuser).await.unwrap();
        if left == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    assert_eq!(left, 0, "no transaction stays open");
}

#[tokio::test]
async fn one_connection_serves_two_organizations_and_mixes_nothing() {
    let fixture = Fixture::with_one_connection().await;
    for round in 0..30 {
        let tenant = if round % 2 == 0 { &fixture.acme } else { &fixture.globex };
        let (identity, mut tx) = fixture.db.enter::<Tenant>(tenant.token, origin()).await.unwrap().unwrap();
        assert_eq!((identity.org_id, identity.user_id), (tenant.org, tenant.user));
        let page = users::list(&mut tx, &UserFilter::default(), &PageRequest::default()).await.unwrap();
        assert_eq!(page.rows.iter().map(|user| user.id).collect::<Vec<_>>(), [tenant.user]);
        assert_eq!(orgs::current(&mut tx).await.unwrap().unwrap().id, tenant.org);
        // Dropped, not committed; then somebody without a session, on the same connection.
        drop(tx);
        assert!(fixture.db.enter::<Tenant>(TokenHash([0xFF; 32]), origin()).await.unwrap().is_none());
        assert!(fixture.db.enter::<Operator>(tenant.token, origin()).await.unwrap().is_none(), "no operator");
        assert!(fixture.db.probe(fixture.acme.org).await.unwrap().passed());
    }
}

/// A custom setting that a transaction set reads as '' afterwards, not as NULL: policies have to bear both.
#[tokio::test]
async fn a_context_ends_with_its_transaction() {
    let fixture = Fixture::new().await;
    let mut connection = PgConnection::connect(fixture.database.urls().app.expose_secret()).await.unwrap();
    let rows = "SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM orgs)";
    let count =
        async |connection: &mut PgConnection| sqlx::query_scalar::<_, i64>(rows).fetch_one(connection).await.unwrap();
    assert_eq!(count(&mut connection).await, 0, "before any context was ever set");
    for end in ["COMMIT", "ROLLBACK"] {
        sqlx::raw_sql("BEGIN").execute(&mut connection).await.unwrap();
        let set = "SELECT set_config('app.org_id', $1, true)";
        sqlx::query(set).bind(fixture.acme.org.to_string()).execute(&mut connection).await.unwrap();
        assert_eq!(count(&mut connection).await, 2);
        sqlx::raw_sql(end).execute(&mut connection).await.unwrap();
        let left: Option<String> =
            sqlx::query_scalar("SELECT current_setting('app.org_id', true)").fetch_one(&mut connection).await.unwrap();
        assert_eq!(left.unwrap_or_default(), "", "after {end}");
        assert_eq!(count(&mut connection).await, 0, "after {end}");
    }
}

/// What an aborted transaction answers to COMMIT is ROLLBACK, without an error: a caller who swallowed the first
/// error would believe that the change was kept.
#[tokio::test]
async fn an_aborted_transaction_does_not_claim_to_have_committed() {
    let fixture = Fixture::new().await;
    let mut tx = fixture.db.write(fixture.scope(&fixture.acme).await, origin()).await.unwrap();
    let taken = Email::parse("admin@acme.example").unwrap();
    let id = Id::from_uuid(uuid::Uuid::new_v4());
    assert!(users::insert_invited(&mut tx, id, &taken, &UserName::default(), Role::User).await.is_err());
    assert!(tx.commit(Record::new(Action::UserInvited, TargetKind::User, id, "x")).await.is_err());
    assert_eq!(fixture.number("SELECT count(*) FROM audit_events").await, 0);
}

#[tokio::test]
async fn a_server_that_cut_every_connection_costs_no_request() {
    let fixture = Fixture::new().await;
    let scope = fixture.scope(&fixture.acme).await;
    for _ in 0..3 {
        let held = [
            fixture.db.write(scope.clone(), origin()).await.unwrap(),
            fixture.db.write(scope.clone(), origin()).await.unwrap(),
            fixture.db.write(scope.clone(), origin()).await.unwrap(),
        ];
        drop(held);
        tokio::time::sleep(Duration::from_millis(50)).await;
        fixture
            .database
            .sabotage("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND usename LIKE 'bulkhead%'")
            .await
            .unwrap();
        fixture.db.enter::<Tenant>(fixture.acme.token, origin()).await.unwrap().unwrap();
    }
}

//! The counters that slow guessing down: shared by all replicas, ever longer, never for good.

use crate::fixture::Fixture;
use time::Duration;

const ONE: [u8; 32] = [1; 32];
const OTHER: [u8; 32] = [2; 32];

async fn fail(fixture: &Fixture, times: u32) {
    for _ in 0..times {
        fixture.db.throttle_fail(&ONE, 3, Duration::seconds(20)).await.unwrap();
    }
}

#[tokio::test]
async fn the_first_are_free_and_then_each_wait_is_twice_the_last_up_to_the_longest() {
    let fixture = Fixture::new().await;
    fail(&fixture, 2).await;
    assert_eq!(fixture.db.throttle_wait(&[ONE]).await.unwrap(), Some(0));
    let mut waits = Vec::new();
    for _ in 0..7 {
        fail(&fixture, 1).await;
        waits.push(fixture.db.throttle_wait(&[ONE, OTHER]).await.unwrap().unwrap());
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 20, 20]);
    assert_eq!(fixture.db.throttle_wait(&[OTHER]).await.unwrap(), None, "another subject is another subject");
    assert_eq!(fixture.db.throttle_wait(&[]).await.unwrap(), None);
    fixture.db.throttle_clear(&[ONE, OTHER]).await.unwrap();
    assert_eq!(fixture.db.throttle_wait(&[ONE]).await.unwrap(), None);
    fail(&fixture, 2).await;
    assert_eq!(fixture.db.throttle_wait(&[ONE]).await.unwrap(), Some(0), "forgotten, not only unblocked");
}

#[tokio::test]
async fn counting_starts_anew_a_quarter_of_an_hour_after_the_first_failure() {
    let fixture = Fixture::new().await;
    fail(&fixture, 4).await;
    assert_eq!(fixture.db.throttle_wait(&[ONE]).await.unwrap(), Some(2));
    let later = "UPDATE sign_in_throttle SET window_started_at = now() - interval '16 minutes'";
    fixture.database.run(later).await.unwrap();
    fail(&fixture, 1).await;
    assert_eq!(fixture.db.throttle_wait(&[ONE]).await.unwrap(), Some(4), "not while a wait is still running");
    fixture.database.run(&format!("{later}, blocked_until = now() - interval '1 s'")).await.unwrap();
    fail(&fixture, 2).await;
    assert_eq!(fixture.db.throttle_wait(&[ONE]).await.unwrap(), Some(0));
}

#[tokio::test]
async fn failures_at_the_same_moment_are_all_counted() {
    let fixture = Fixture::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..40 {
        let db = fixture.db.clone();
        tasks.spawn(async move { db.throttle_fail(&ONE, 1_000, Duration::seconds(20)).await.unwrap() });
    }
    tasks.join_all().await;
    assert_eq!(fixture.number("SELECT failures::bigint FROM sign_in_throttle").await, 40);
}

#[tokio::test]
async fn enormous_counts_do_not_overflow() {
    let fixture = Fixture::new().await;
    fail(&fixture, 1).await;
    fixture.database.run("UPDATE sign_in_throttle SET failures = 2000000000").await.unwrap();
    fail(&fixture, 1).await;
    assert_eq!(fixture.db.throttle_wait(&[ONE]).await.unwrap(), Some(20));
}

#[tokio::test]
async fn no_runtime_role_reads_the_counters() {
    let fixture = Fixture::new().await;
    let readers = "SELECT count(*) FROM unnest(ARRAY['bulkhead_app', 'bulkhead_operator', 'bulkhead_auth']) role
                   WHERE has_table_privilege(role, 'sign_in_throttle', 'SELECT, INSERT, UPDATE, DELETE')";
    assert_eq!(fixture.number(readers).await, 0);
}

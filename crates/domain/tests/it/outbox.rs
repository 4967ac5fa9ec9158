//! Mail leaves because of a committed change, once, and gives up in the end.

use crate::world::{Unlike, World};
use bulkhead_domain::{App, users, workers};
use bulkhead_model::user::Role;
use std::time::Duration;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Runs the workers of these replicas until a query answers `expected`.
async fn work_until(world: &World, replicas: &[&App], sql: &str, expected: i64) {
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    for app in replicas {
        workers::start(app, &tracker, &stop);
    }
    tracker.close();
    let reached = tokio::time::timeout(Duration::from_secs(20), async {
        while world.number(sql).await != expected {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let reached = reached.await.is_ok();
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(10), tracker.wait()).await.unwrap();
    assert!(reached, "{sql} is not {expected}");
}

#[tokio::test]
async fn a_mail_is_there_with_its_change_and_not_without() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let before = world.number("SELECT count(*) FROM mail_outbox").await;
    users::invite(&admin, "ana@acme.example\nadmin@acme.example", Role::User, "").await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM mail_outbox").await, before + 1);
    let refused = users::resend_invitation(&admin.again().await.unwrap(), admin.identity().user_id).await;
    assert!(refused.is_err());
    assert_eq!(world.number("SELECT count(*) FROM mail_outbox").await, before + 1);
}

#[tokio::test]
async fn two_workers_send_each_mail_once_and_forget_the_link() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let lines: Vec<String> = (0..60).map(|n| format!("u{n:02}@acme.example")).collect();
    world.database.run("UPDATE orgs SET plan = 'business'").await.unwrap();
    users::invite(&admin.again().await.unwrap(), &lines.join("\n"), Role::User, "").await.unwrap();
    let replica = world.replica(Unlike { seed: 2, ..Unlike::default() });
    work_until(&world, &[&world.app, &replica], "SELECT count(*) FROM mail_outbox WHERE status <> 'sent'", 0).await;
    let all = world.number("SELECT count(*) FROM mail_outbox").await;
    assert_eq!(
        world
            .number("SELECT count(*) FROM mail_outbox WHERE attempts = 1 AND body = '' AND finished_at IS NOT NULL")
            .await,
        all
    );
    let written = std::fs::read_dir(world.mail.path())
        .unwrap()
        .filter(|file| file.as_ref().unwrap().path().extension().is_some_and(|extension| extension == "eml"));
    assert_eq!(i64::try_from(written.count()).unwrap(), all);
}

#[tokio::test]
async fn a_mail_that_cannot_be_sent_is_tried_again_and_given_up_at_last() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    world.database.run("DELETE FROM mail_outbox").await.unwrap();
    users::invite(&admin.again().await.unwrap(), "ana@acme.example", Role::User, "").await.unwrap();
    // Nobody listens on port 1.
    let offline = world.replica(Unlike { seed: 2, smtp: Some("smtp://127.0.0.1:1?tls=none"), ..Unlike::default() });
    work_until(
        &world,
        &[&offline],
        "SELECT attempts::bigint FROM mail_outbox WHERE last_error IS NOT NULL UNION ALL SELECT 0 LIMIT 1",
        1,
    )
    .await;
    let waits = "SELECT count(*) FROM mail_outbox WHERE status = 'waiting' AND body <> '' AND next_attempt_at > now() + interval '20 s'";
    assert_eq!(world.number(waits).await, 1, "half a minute, then ever longer");
    world.database.run("UPDATE mail_outbox SET next_attempt_at = now(), attempts = 7").await.unwrap();
    work_until(&world, &[&offline], "SELECT count(*) FROM mail_outbox WHERE status = 'dead'", 1).await;
    assert_eq!(
        world.number("SELECT count(*) FROM mail_outbox WHERE body = '' AND attempts = 8 AND last_error <> ''").await,
        1
    );
}

#[tokio::test]
async fn a_worker_that_died_with_a_mail_loses_it_to_the_next() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    users::invite(&admin, "ana@acme.example", Role::User, "").await.unwrap();
    // As a claim leaves it: counted, and out of sight until the lease ends.
    world.database.run("UPDATE mail_outbox SET attempts = 1, next_attempt_at = now() + interval '1 s'").await.unwrap();
    work_until(
        &world,
        &[&world.app],
        "SELECT count(*) FROM mail_outbox WHERE status = 'sent' AND attempts = 2 AND recipient = 'ana@acme.example'",
        1,
    )
    .await;
}

//! Alerts: raised once when one person keeps aiming at others' objects, announced, handled.

use crate::world::{PASSWORD, Unlike, World};
use bulkhead_domain::{
    Ctx, Error, OperatorCtx, alerts,
    alerts::Announcement,
    watch::{Aim, Suspicion, look},
    webhook::Webhook,
    workers,
};
use bulkhead_model::{
    AlertId, OrgId,
    attempt::{AlertStatus, Surface},
    audit::TargetKind,
    error::Conflict,
    page::{PageRequest, Place},
    user::Role,
};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

fn page() -> PageRequest {
    PageRequest::new(Place::First, 50)
}

async fn aim_at(admin: &Ctx, org: OrgId) {
    let aim = Aim::Object(TargetKind::Org, org.uuid());
    let suspicion = Suspicion { aim, surface: Surface::Path, route: "GET /x/{id}".into(), answered_with: 404 };
    assert!(look(admin, suspicion).await.unwrap());
}

/// An operator, an admin who does not keep to their own, and the organization they aim at.
async fn cast(world: &World) -> (OperatorCtx, Ctx, OrgId) {
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    let (globex, _) = world.org(&operator, "globex").await;
    (operator, admin, globex)
}

async fn only_alert(operator: &OperatorCtx) -> bulkhead_model::attempt::Alert {
    let mut live = alerts::list(&operator.again().await.unwrap(), &page()).await.unwrap().alerts;
    assert_eq!(live.len(), 1);
    live.remove(0)
}

#[tokio::test]
async fn the_third_attempt_raises_an_alert_and_the_fourth_joins_it() {
    let world = World::new().await;
    let (operator, admin, globex) = cast(&world).await;
    for _ in 0..2 {
        aim_at(&admin, globex).await;
    }
    let list = alerts::list(&operator.again().await.unwrap(), &page()).await.unwrap();
    assert_eq!((list.alerts.len(), list.page.rows.len(), list.count.0), (0, 2, 2), "two are an accident");
    aim_at(&admin, globex).await;
    aim_at(&admin, globex).await;
    let alert = only_alert(&operator).await;
    assert_eq!((alert.attempts, alert.status, alert.actor.org_slug.as_str()), (4, AlertStatus::Open, "acme"));
    let detail = alerts::find(&operator.again().await.unwrap(), alert.id).await.unwrap();
    assert_eq!(detail.attempts.len(), 4, "the two before belong to it as well");
    let attempt = &detail.attempts[0];
    assert_eq!((attempt.owner_org_slug.as_str(), attempt.answered_with), ("globex", 404));
    assert_eq!(attempt.address.unwrap().to_string(), "192.0.2.1");
    let mails = "SELECT recipient || ': ' || subject FROM mail_outbox WHERE kind = 'alert'";
    let mails = world.database.texts(mails).await.unwrap();
    assert_eq!(mails, ["root@platform.example: Cross-tenant attempts by admin@acme.example"], "announced once");
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_at_the_same_moment_raise_one_alert() {
    let world = World::new().await;
    let (operator, admin, globex) = cast(&world).await;
    futures::future::join_all((0..8).map(|_| aim_at(&admin, globex))).await;
    assert_eq!(only_alert(&operator).await.attempts, 8);
    assert_eq!(world.number("SELECT count(*) FROM mail_outbox WHERE kind = 'alert'").await, 1);
    assert_eq!(world.number("SELECT count(*) FROM access_attempts WHERE alert_id IS NULL").await, 0);
}

#[tokio::test]
async fn attempts_long_apart_are_no_alert() {
    let world = World::new().await;
    let (operator, admin, globex) = cast(&world).await;
    for _ in 0..4 {
        aim_at(&admin, globex).await;
        world.database.run("UPDATE access_attempts SET at = at - interval '11 minutes'").await.unwrap();
    }
    let list = alerts::list(&operator.again().await.unwrap(), &page()).await.unwrap();
    assert_eq!((list.alerts.len(), list.page.rows.len()), (0, 4));
}

#[tokio::test]
async fn an_alert_is_acknowledged_and_closed_by_those_who_may() {
    let world = World::new().await;
    let (operator, admin, globex) = cast(&world).await;
    for _ in 0..3 {
        aim_at(&admin, globex).await;
    }
    let alert = only_alert(&operator).await;
    let again = async || operator.again().await.unwrap();

    alerts::acknowledge(&again().await, alert.id, alert.version, "looking").await.unwrap();
    let stale = alerts::acknowledge(&again().await, alert.id, alert.version, "me too").await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::StaleVersion))), "{stale:?}");
    let silent = alerts::close(&again().await, alert.id, alert.version + 1, " ").await;
    assert!(matches!(silent, Err(Error::Invalid(_))), "{silent:?}");
    alerts::close(&again().await, alert.id, alert.version + 1, "A bookmark of a colleague.").await.unwrap();
    let late = alerts::close(&again().await, alert.id, alert.version + 2, "again").await;
    assert!(matches!(late, Err(Error::Conflict(Conflict::WrongStatus))), "{late:?}");
    let nowhere = alerts::find(&again().await, AlertId::from_uuid(globex.uuid())).await;
    assert!(matches!(nowhere, Err(Error::NotFound)));

    let closed = alerts::closed(&again().await).await.unwrap().remove(0);
    assert_eq!(
        (closed.handled_by.as_deref(), closed.note.as_deref()),
        (Some("root@platform.example"), Some("A bookmark of a colleague."))
    );
    let told = "SELECT action || ' ' || coalesce(reason, '') FROM audit_events WHERE action LIKE 'alert.%' ORDER BY id";
    assert_eq!(
        world.database.texts(told).await.unwrap(),
        ["alert.opened ", "alert.acknowledged looking", "alert.closed A bookmark of a colleague."]
    );
    // What was closed is settled: it takes three new ones to raise another.
    aim_at(&admin, globex).await;
    assert!(alerts::list(&again().await, &page()).await.unwrap().alerts.is_empty());
}

#[tokio::test]
async fn a_viewer_of_the_platform_may_look_and_nothing_else() {
    let world = World::new().await;
    let (operator, admin, globex) = cast(&world).await;
    for _ in 0..3 {
        aim_at(&admin, globex).await;
    }
    let id = only_alert(&operator).await.id;
    let viewer = world.operator_with_role("eve", Role::Viewer).await;
    assert!(alerts::find(&viewer.again().await.unwrap(), id).await.is_ok());
    let refused = alerts::acknowledge(&viewer.again().await.unwrap(), id, 1, "").await;
    assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
}

/// A receiver that takes one request, answers, and hands out what it got.
async fn receiver(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let taken = TaskTracker::new().spawn(async move {
        let (mut socket, _) = listener.accept().await.unwrap();
        let (mut text, mut buffer) = (String::new(), [0; 4096]);
        while !text.ends_with('}') {
            let read = socket.read(&mut buffer).await.unwrap();
            text.push_str(std::str::from_utf8(&buffer[..read]).unwrap());
        }
        socket.write_all(answer.as_bytes()).await.unwrap();
        text
    });
    (url, taken)
}

#[tokio::test]
async fn a_webhook_is_signed_and_sent_once() {
    let world = World::new().await;
    let (url, taken) = receiver("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n").await;
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let webhook = Webhook::new(url.parse().unwrap(), &secret.into()).unwrap();
    let app = world.replica(Unlike {
        alerts: Announcement { mail: Some("soc@example.org".into()), webhook: Some(webhook) },
        seed: 2,
        ..Unlike::default()
    });
    let (_, _, globex) = cast(&world).await;
    let session = world.sign_in("acme", "admin@acme.example", PASSWORD).await.unwrap();
    let admin: Ctx = Ctx::enter(&app, bulkhead_domain::session_hash(session.cookie), Default::default()).await.unwrap();
    for _ in 0..3 {
        aim_at(&admin, globex).await;
    }
    let (tracker, stop) = (TaskTracker::new(), CancellationToken::new());
    workers::start(&app, &tracker, &stop);
    let request = tokio::time::timeout(Duration::from_secs(20), taken).await.unwrap().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap().to_owned();
    let (id, at, signature) = (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"));
    assert_eq!(signature, bulkhead_domain::webhook::sign(&secret.into(), &id, at.parse().unwrap(), body).unwrap());
    let message: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(message["type"], "isolation.alert.opened");
    assert_eq!(message["data"]["attempts"], 3);
    assert!(!body.contains("admin@acme.example"), "a chat room is no audit log");
    let waiting = "SELECT count(*) FROM mail_outbox WHERE kind IN ('alert', 'webhook') AND status = 'waiting'";
    while world.number(waiting).await > 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    stop.cancel();
    tracker.close();
    tracker.wait().await;
    let left = "SELECT kind || ' ' || recipient || ' ' || status FROM mail_outbox WHERE kind IN ('alert', 'webhook') ORDER BY kind";
    let left = world.database.texts(left).await.unwrap();
    assert_eq!(left[0], "alert soc@example.org sent");
    assert!(left[1].starts_with("webhook http://127.0.0.1:") && left[1].ends_with(" sent"), "{left:?}");
}

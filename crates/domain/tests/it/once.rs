//! A write that carries a key happens once, however often and however simultaneously it is sent.

use crate::world::World;
use bulkhead_domain::{Ctx, Error, idempotency::once, orgs, users};
use bulkhead_model::{audit::TargetKind, error::Conflict, user::Role};

async fn with_key<R: bulkhead_domain::Realm>(ctx: &Ctx<R>, key: &str, body: &str) -> Ctx<R> {
    let ctx = ctx.again().await.unwrap();
    ctx.once(once(key, "POST", "/t/acme/users/invite", body.as_bytes()).unwrap());
    ctx
}

#[tokio::test]
async fn twenty_at_once_are_one() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let send =
        |_| async { users::invite(&with_key(&admin, "k1", "ana").await, "ana@acme.example", Role::User, "").await };
    let (answers, added) = world.added(org, futures::future::join_all((0..20).map(send))).await;
    let done: Vec<_> = answers
        .iter()
        .filter_map(|answer| match answer {
            Ok(outcomes) => Some(outcomes[0].result.clone().unwrap().to_string()),
            Err(_) => None,
        })
        .collect();
    assert_eq!(done.len(), 1);
    for answer in answers.iter().filter(|answer| answer.is_err()) {
        match answer {
            Err(Error::DoneBefore(before)) => {
                assert_eq!((before.kind, &before.id), (TargetKind::User, &done[0]), "and what it made is known")
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(added, ["user.invited"]);
    assert_eq!(world.number("SELECT count(*) FROM mail_outbox WHERE recipient = 'ana@acme.example'").await, 1);
}

#[tokio::test]
async fn the_same_key_with_another_request_is_a_conflict() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    users::invite(&with_key(&admin, "k1", "ana").await, "ana@acme.example", Role::User, "").await.unwrap();
    let other = users::invite(&with_key(&admin, "k1", "bob").await, "bob@acme.example", Role::User, "").await;
    assert!(matches!(other, Err(Error::Conflict(Conflict::IdempotencyKeyReused))), "{other:?}");
}

#[tokio::test]
async fn a_key_belongs_to_one_person() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let manager = world.member(&admin, "manager", Role::Manager).await;
    users::invite(&with_key(&admin, "k1", "ana").await, "ana@acme.example", Role::User, "").await.unwrap();
    users::invite(&with_key(&manager, "k1", "bob").await, "bob@acme.example", Role::User, "").await.unwrap();
}

#[tokio::test]
async fn a_request_that_changed_nothing_may_be_sent_again() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let manager = world.member(&admin, "manager", Role::Manager).await;
    let boss = admin.identity().user_id;
    for _ in 0..2 {
        let refused = users::suspend(&with_key(&manager, "k1", "boss").await, boss, 2).await;
        assert!(matches!(refused, Err(Error::BeyondOwnRole)), "refused both times, not done before: {refused:?}");
    }
    for _ in 0..2 {
        let refused = users::suspend(&with_key(&admin, "k2", "boss").await, boss, 2).await;
        assert!(matches!(refused, Err(Error::Conflict(Conflict::LastAdmin))), "{refused:?}");
    }
    assert_eq!(world.number("SELECT count(*) FROM idempotency_keys").await, 0);
}

#[tokio::test]
async fn an_operators_key_lies_in_the_operators_organization() {
    let world = World::new().await;
    let operator = world.operator().await;
    let new = orgs::NewOrg {
        name: "Acme".into(),
        slug: "acme".into(),
        plan: "team".into(),
        admin_email: "a@acme.example".into(),
    };
    let id = orgs::create(&with_key(&operator, "k1", "acme").await, &new).await.unwrap();
    match orgs::create(&with_key(&operator, "k1", "acme").await, &new).await {
        Err(Error::DoneBefore(before)) => assert_eq!((before.kind, before.id), (TargetKind::Org, id.to_string())),
        other => panic!("{other:?}"),
    }
    let home = operator.identity().org_id;
    assert_eq!(world.number(&format!("SELECT count(*) FROM idempotency_keys WHERE org_id = '{home}'")).await, 1);
    // A suspension writes into another organization; its key still goes home.
    orgs::suspend(&with_key(&operator, "k2", "bills").await, id, world.version_of(id).await, "Bills").await.unwrap();
    let again = orgs::suspend(&with_key(&operator, "k2", "bills").await, id, world.version_of(id).await, "Bills").await;
    assert!(matches!(again, Err(Error::DoneBefore(_))), "{again:?}");
    assert_eq!(world.number("SELECT count(*) FROM audit_events WHERE action = 'org.suspended'").await, 1);
}

#[test]
fn keys_have_a_size() {
    assert!(once("", "POST", "/", b"").is_none());
    assert!(once(&"k".repeat(201), "POST", "/", b"").is_none());
    assert!(once(&"k".repeat(200), "POST", "/", b"").is_some());
    assert_ne!(once("k", "POST", "/a", b"b"), once("k", "POST", "/", b"ab"));
}

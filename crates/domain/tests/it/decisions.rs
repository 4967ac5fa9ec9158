//! Decisions that services ask for: that they are right, what is kept of them, and what a changed role makes of them.

use crate::{
    resource_types::{invoices, register, says},
    roles::{allows, give, make, take},
    world::{World, origin},
};
use bulkhead_authz::decision::ReasonCode;
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Asked, Decision, Given, Until},
    session_hash, users,
};
use bulkhead_model::{
    Permission, UserId,
    access::{AllOf, Comparison, Condition, Effect, Test, Value},
    user::Role,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::task::JoinSet;

fn about(user: UserId, permission: &str) -> Asked {
    Asked { user: Some(user), permission: permission.to_owned(), ..Asked::default() }
}

fn with(asked: Asked, attribute: &str, given: Given) -> Asked {
    Asked { attributes: BTreeMap::from([(attribute.to_owned(), given)]), ..asked }
}

async fn ask(ctx: &Ctx, questions: &[Asked]) -> Vec<Decision> {
    access::decide(&ctx.again().await.unwrap(), questions, Until::TheEnd).await.unwrap()
}

async fn reasons(ctx: &Ctx, questions: &[Asked]) -> Vec<ReasonCode> {
    ask(ctx, questions).await.into_iter().map(|decision| decision.reason).collect()
}

fn amount_below(most: f64) -> Condition {
    let test =
        Test::Attribute { name: "amount".parse().unwrap(), is: Comparison::Below, values: vec![Value::Number(most)] };
    Condition { any: vec![AllOf { tests: vec![test] }] }
}

#[tokio::test]
async fn a_service_is_told_what_would_be_enforced() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    let (_, other) = world.org(&operator, "globex").await;
    register(&operator, &invoices()).await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let user = ana.identity().user_id;
    for permission in Permission::ALL.iter().filter(|permission| !permission.is_platform()) {
        let asked = [about(user, permission.as_str()), about(admin.identity().user_id, permission.as_str())];
        let allowed: Vec<bool> = ask(&admin, &asked).await.iter().map(Decision::allowed).collect();
        assert_eq!(allowed, [ana.may(*permission), admin.may(*permission)], "{permission}");
    }
    let invited = world.invited(&admin, "ben", Role::User).await.id;
    let foreign = other.identity().user_id;
    let nobody = UserId::from_uuid(uuid::Uuid::from_u128(7));
    assert_eq!(
        reasons(
            &admin,
            &[
                about(user, "invoices:read"),
                about(user, "invoices:delete"),
                about(user, "invoices:shred"),
                about(user, "not a name"),
                about(user, "platform.orgs:read"),
                about(foreign, "invoices:read"),
                about(nobody, "invoices:read"),
                Asked { user: None, ..about(user, "invoices:read") },
                about(invited, "invoices:read"),
            ]
        )
        .await,
        [
            ReasonCode::Granted,
            ReasonCode::NotGranted,
            ReasonCode::PermissionUnknown,
            ReasonCode::PermissionUnknown,
            ReasonCode::NotPlatform,
            ReasonCode::SubjectUnknown,
            ReasonCode::SubjectUnknown,
            ReasonCode::SubjectUnknown,
            ReasonCode::SubjectInactive,
        ]
    );
    let version = users::find(&admin.again().await.unwrap(), user).await.unwrap().version;
    users::suspend(&admin.again().await.unwrap(), user, version).await.unwrap();
    assert_eq!(reasons(&admin, &[about(user, "invoices:read")]).await, [ReasonCode::SubjectInactive]);
}

/// What somebody was told is changed counts for whoever asks after that, on another replica too, however many have it
/// remember what was before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_changed_counts_for_the_next_question_on_every_replica() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let role = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let other = world.replica(crate::world::Unlike { seed: 7, ..Default::default() });
    let session = world.sign_in("acme", "admin@acme.example", crate::world::PASSWORD).await.unwrap();
    let (token, user) = (session_hash(session.cookie), ana.identity().user_id);
    let there = {
        let other = other.clone();
        move || {
            let other = other.clone();
            async move {
                let service = Ctx::enter_together(&other, token, origin(1)).await?;
                let answers = access::decide(&service, &[about(user, "audit:read")], Until::TheEnd).await?;
                Ok::<bool, Error>(answers[0].allowed())
            }
        }
    };
    let over = Arc::new(AtomicBool::new(false));
    let mut others = JoinSet::new();
    for _ in 0..6 {
        let (there, over) = (there.clone(), Arc::clone(&over));
        others.spawn(async move {
            while !over.load(Ordering::Relaxed) {
                there().await.unwrap();
            }
        });
    }
    for _ in 0..12 {
        give(&admin, &ana, role).await;
        assert!(there().await.unwrap(), "given before it was asked");
        take(&admin, user, role).await;
        assert!(!there().await.unwrap(), "taken before it was asked");
    }
    over.store(true, Ordering::Relaxed);
    while let Some(ended) = others.join_next().await {
        ended.unwrap();
    }
    for (ends, begins) in [
        (
            "UPDATE orgs SET status = 'suspended' WHERE slug = 'acme'",
            "UPDATE orgs SET status = 'active' WHERE slug = 'acme'",
        ),
        ("UPDATE sessions SET revoked_at = now(), revoked_reason = 'x'", "SELECT"),
    ] {
        world.database.run(ends).await.unwrap();
        assert!(matches!(there().await, Err(Error::Unauthenticated)), "{ends}");
        world.database.run(begins).await.unwrap();
    }
}

/// Whoever entered with a transaction gives it back before they wait for another connection.
#[tokio::test]
async fn a_decision_is_kept_where_there_is_one_connection() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let narrow = world.replica(crate::world::Unlike { seed: 7, connections: 1, ..Default::default() });
    let session = world.sign_in("acme", "admin@acme.example", crate::world::PASSWORD).await.unwrap();
    let denied = [about(admin.identity().user_id, "users:fly")];
    // The first one reads the roles in that transaction; the others know them.
    for _ in 0..3 {
        let service: Ctx = Ctx::enter(&narrow, session_hash(session.cookie), origin(1)).await.unwrap();
        let decided = access::decide(&service, &denied, Until::TheEnd).await.unwrap();
        assert!(decided[0].kept_as.is_some());
    }
}

#[tokio::test]
async fn attributes_are_read_as_they_are_registered() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    register(&operator, &invoices()).await;
    let ana = world.member(&admin, "ana", Role::Viewer).await;
    let clerk = make(&admin, &says("Clerk", "invoices:delete", Effect::Allow, amount_below(1000.0))).await;
    give(&admin, &ana, clerk).await;
    let delete = || about(ana.identity().user_id, "invoices:delete");
    assert_eq!(
        reasons(
            &admin,
            &[
                with(delete(), "amount", Given::Number(999.0)),
                with(delete(), "amount", Given::Number(1000.0)),
                delete(),
                with(delete(), "amount", Given::Text("999".into())),
                with(delete(), "amount", Given::Other),
                with(delete(), "amuont", Given::Number(1.0)),
                with(delete(), "Not A Name", Given::Number(1.0)),
                with(delete(), "due", Given::Text("tomorrow".into())),
                with(delete(), "due", Given::Text("2026-11-22T10:00:00Z".into())),
            ]
        )
        .await,
        [
            ReasonCode::Granted,
            ReasonCode::ConditionFalse,
            ReasonCode::ConditionUnclear,
            ReasonCode::AttributeUnknown,
            ReasonCode::AttributeUnknown,
            ReasonCode::AttributeUnknown,
            ReasonCode::AttributeUnknown,
            ReasonCode::AttributeUnknown,
            ReasonCode::ConditionUnclear,
        ]
    );
}

#[tokio::test]
async fn a_batch_ends_where_it_may() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let user = admin.identity().user_id;
    let asked = [about(user, "users:read"), about(user, "users:fly"), about(user, "users:read")];
    for (until, answers) in [(Until::TheEnd, 3), (Until::Denied, 2), (Until::Allowed, 1)] {
        let decided = access::decide(&admin.again().await.unwrap(), &asked, until).await.unwrap();
        assert_eq!(decided.len(), answers, "{until:?}");
    }
}

#[tokio::test]
async fn denials_are_kept_and_a_sample_of_the_rest() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let user = ana.identity().user_id;
    let denied = vec![about(user, "audit:read"); 100];
    let kept = ask(&admin, &denied).await;
    assert!(kept.iter().all(|decision| decision.kept_as.is_some()));
    for _ in 0..10 {
        ask(&admin, &vec![about(user, "users:read"); 100]).await;
    }
    let count = |what: &str| format!("SELECT coalesce({what}, 0)::bigint FROM decisions WHERE org_id = '{org}'");
    assert_eq!(world.number(&format!("{} AND reason = 'not-granted'", count("sum(weight)"))).await, 100);
    let rows = world.number(&format!("{} AND reason = 'granted'", count("count(*)"))).await;
    // One of twenty of a thousand: fifty, give or take six times the deviation.
    assert!((10..=92).contains(&rows), "{rows}");
    assert_eq!(world.number(&format!("{} AND reason = 'granted'", count("sum(weight)"))).await, rows * 20);
    let named = format!("{} AND asked_by = 'admin@acme.example'", count("count(*)"));
    assert_eq!(world.number(&named).await, 100 + rows);

    world.database.sabotage("UPDATE decisions SET decided_at = now() - interval '31 days'").await.unwrap();
    let swept = world.number("SELECT app.sweep(1000)::bigint").await;
    assert!(swept >= 100, "{swept}");
    assert_eq!(world.number(&count("count(*)")).await, 0);
}

#[tokio::test]
async fn asking_takes_a_permission_and_stays_inside() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (org, admin) = world.org(&operator, "acme").await;
    let (_, other) = world.org(&operator, "globex").await;
    let manager = world.member(&admin, "mia", Role::Manager).await;
    let refusal = access::decide(&manager.again().await.unwrap(), &[], Until::TheEnd).await;
    assert!(matches!(refusal, Err(Error::Forbidden(Permission::DecisionsEvaluate))), "{refusal:?}");
    ask(&other, &[about(admin.identity().user_id, "users:read")]).await;
    let kept = format!("SELECT count(*) FROM decisions WHERE org_id = '{org}' OR user_id IS NOT NULL");
    assert_eq!(world.number(&kept).await, 0, "nothing is kept in, or about, somebody else's organization");
}

#[tokio::test]
async fn a_changed_role_is_tried_on_what_was_decided() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    register(&operator, &invoices()).await;
    let (ana, ben) = (world.member(&admin, "ana", Role::Viewer).await, world.member(&admin, "ben", Role::Viewer).await);
    let clerk = make(&admin, &says("Clerk", "invoices:delete", Effect::Allow, amount_below(1000.0))).await;
    let reader = make(&admin, &allows("Reader", &[Permission::AuditRead])).await;
    for person in [&ana, &ben] {
        give(&admin, person, clerk).await;
    }
    give(&admin, &ben, reader).await;
    // Seven denials that would be allowed with a higher amount, by two people; two that never would.
    let delete =
        |who: &Ctx, amount| with(about(who.identity().user_id, "invoices:delete"), "amount", Given::Number(amount));
    let asked = [vec![delete(&ana, 1500.0); 4], vec![delete(&ben, 1999.0); 3], vec![delete(&ana, 9000.0); 2]].concat();
    ask(&admin, &asked).await;
    let preview = |typed| {
        let admin = &admin;
        async move { access::preview(&admin.again().await.unwrap(), Some(clerk), &typed).await.unwrap().replay }
    };
    let higher = preview(says("Clerk", "invoices:delete", Effect::Allow, amount_below(2000.0))).await;
    assert_eq!((higher.tried, higher.count(true), higher.count(false)), (9, (7, 2), (0, 0)));
    let turns: Vec<_> = higher.turns.iter().map(|turn| (turn.email.as_str(), turn.allowed, turn.requests)).collect();
    assert_eq!(turns, [("ana@acme.example", true, 4), ("ben@acme.example", true, 3)]);
    let same = preview(says("Clerk", "invoices:delete", Effect::Allow, amount_below(1000.0))).await;
    assert_eq!((same.tried, same.turns.len()), (9, 0));

    // What was allowed is in the sample: asked often enough, some of it is kept, and it would be denied.
    while world.number("SELECT count(*) FROM decisions WHERE reason = 'granted'").await == 0 {
        ask(&admin, &vec![delete(&ana, 10.0); 100]).await;
    }
    let lower = preview(says("Clerk", "invoices:delete", Effect::Deny, Condition::default())).await;
    let (requests, people) = lower.count(false);
    assert!(requests >= 20 && requests % 20 == 0 && people == 1, "{lower:?}");
}

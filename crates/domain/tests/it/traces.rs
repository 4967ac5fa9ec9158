//! Decisions and denials that are opened later: what was recorded, what would be said now, and what was changed since.

use crate::{
    resource_types::{invoices, register, says},
    roles::{allows, denies, give, make, now},
    world::{World, origin},
};
use bulkhead_authz::{decision::ReasonCode, truth::Truth};
use bulkhead_domain::{
    Ctx, Error, Origin,
    access::{self, Asked, DecisionRecord, Given, Until},
    audit::{self, EventDetail},
    reference::{self, Found},
};
use bulkhead_model::{
    AuditEventId, DecisionId, Id, OrgId, Permission, RequestId,
    access::{AllOf, Comparison, Condition, DecisionFilter, DecisionOutcome, Effect, Test, Value},
    audit::Action,
    page::{PageRequest, Place},
    user::Role,
};
use std::collections::BTreeMap;
use uuid::Uuid;

async fn again(ctx: &Ctx) -> Ctx {
    ctx.again().await.unwrap()
}

/// The newest denial of an organization.
async fn newest_denial(world: &World, org: OrgId) -> AuditEventId {
    let sql = format!(
        "SELECT id::text FROM audit_events WHERE org_id = '{org}' AND action = 'access.denied' ORDER BY id DESC LIMIT 1"
    );
    world.database.texts(&sql).await.unwrap()[0].parse().unwrap()
}

async fn refused(ctx: &Ctx, permission: Permission) {
    let answer = again(ctx).await.require(permission).await;
    assert!(matches!(answer, Err(Error::Forbidden(refused)) if refused == permission), "{answer:?}");
}

async fn event(ctx: &Ctx, id: AuditEventId) -> EventDetail {
    audit::find(&again(ctx).await, id).await.unwrap()
}

fn below(most: f64) -> Condition {
    let test =
        Test::Attribute { name: "amount".parse().unwrap(), is: Comparison::Below, values: vec![Value::Number(most)] };
    Condition { any: vec![AllOf { tests: vec![test] }] }
}

fn delete(who: &Ctx, amount: f64) -> Asked {
    Asked {
        user: Some(who.identity().user_id),
        permission: "invoices:delete".to_owned(),
        id: Some("inv-2041".to_owned()),
        attributes: BTreeMap::from([("amount".to_owned(), Given::Number(amount))]),
        address: Some("192.0.2.17".parse().unwrap()),
        ..Asked::default()
    }
}

async fn decided(ctx: &Ctx, asked: Asked) -> DecisionId {
    let decided = access::decide(&again(ctx).await, &[asked], Until::TheEnd).await.unwrap();
    decided[0].kept_as.unwrap()
}

async fn opened(ctx: &Ctx, id: DecisionId) -> DecisionRecord {
    access::record(&again(ctx).await, id).await.unwrap()
}

fn changed(record: &DecisionRecord) -> Vec<Action> {
    record.trace.as_ref().unwrap().changes.events.iter().map(|event| event.action).collect()
}

#[tokio::test]
async fn a_denial_says_what_was_said_then_and_what_would_be_said_now() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    refused(&ana, Permission::AuditRead).await;
    let id = newest_denial(&world, org).await;
    let denial = event(&admin, id).await.denial.unwrap();
    assert_eq!(denial.permission.to_string(), "audit:read");
    assert_eq!((denial.then.reason, denial.then.by), (Some(ReasonCode::NotGranted), None));
    let trace = denial.trace.unwrap();
    assert_eq!((trace.now.reason, trace.changes.any), (ReasonCode::NotGranted, Some(false)));
    assert!(trace.changes.events.is_empty());

    // A role that she is given afterwards is a change since, and the answer another one.
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    give(&admin, &ana, auditor).await;
    let denial = event(&admin, id).await.denial.unwrap();
    assert_eq!(denial.then.reason, Some(ReasonCode::NotGranted), "what was recorded stays");
    let trace = denial.trace.unwrap();
    assert_eq!((trace.now.reason, trace.changes.any), (ReasonCode::Granted, Some(true)));
    let actions: Vec<_> = trace.changes.events.iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::RoleAssigned]);

    // Other events are no denials of a permission, and say nothing of one.
    let other = trace.changes.events[0].id;
    assert!(event(&admin, other).await.denial.is_none());
}

#[tokio::test]
async fn the_line_that_denied_is_recorded_as_it_was() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let mia = world.member(&admin, "mia", Role::Manager).await;
    let gag = make(&admin, &denies("Gag", &[Permission::UsersInvite])).await;
    give(&admin, &mia, gag).await;
    refused(&mia, Permission::UsersInvite).await;
    let id = newest_denial(&world, org).await;
    let by = "Gag → denies users:invite always";
    let then = event(&admin, id).await.denial.unwrap().then;
    assert_eq!((then.reason, then.by.as_deref()), (Some(ReasonCode::Denied), Some(by)));

    let version = access::find(&again(&admin).await, gag).await.unwrap().stored.unwrap().version;
    let other = denies("Muzzle", &[Permission::UsersUpdate]);
    access::change(&again(&admin).await, gag, version, &other).await.unwrap();
    let denial = event(&admin, id).await.denial.unwrap();
    assert_eq!(denial.then.by.as_deref(), Some(by));
    let trace = denial.trace.unwrap();
    assert_eq!(trace.now.reason, ReasonCode::Granted);
    assert_eq!(trace.changes.events.iter().map(|event| event.action).collect::<Vec<_>>(), [Action::RoleEdited]);
}

#[tokio::test]
async fn a_recorded_decision_is_opened_with_what_its_condition_saw() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    register(&operator, &invoices()).await;
    let ana = world.member(&admin, "ana", Role::Viewer).await;
    let clerk = make(&admin, &says("Clerk", "invoices:delete", Effect::Allow, below(1000.0))).await;
    give(&admin, &ana, clerk).await;
    let id = decided(&admin, delete(&ana, 1500.0)).await;

    let record = opened(&admin, id).await;
    assert_eq!(record.decision.about.as_ref().unwrap().email, "ana@acme.example");
    assert_eq!(record.decision.resource.id.as_deref(), Some("inv-2041"));
    assert_eq!((record.decision.asked_by.as_str(), record.decision.weight), ("admin@acme.example", 1));
    assert_eq!(record.then.reason, Some(ReasonCode::ConditionFalse));
    let by = "Clerk → allows invoices:delete when its amount is below 1000";
    assert_eq!(record.then.by.as_deref(), Some(by));
    let trace = record.trace.as_ref().unwrap();
    assert_eq!((trace.now.reason, trace.changes.any), (ReasonCode::ConditionFalse, Some(false)));
    let looked = &trace.answer.as_ref().unwrap().looked[0][0][0];
    assert_eq!((looked.saw.to_string().as_str(), looked.truth), ("1500", Truth::No));

    // With another line the same question is answered in another way, and what was said stays what it was.
    let version = access::find(&again(&admin).await, clerk).await.unwrap().stored.unwrap().version;
    let higher = says("Senior clerk", "invoices:delete", Effect::Allow, below(2000.0));
    access::change(&again(&admin).await, clerk, version, &higher).await.unwrap();
    let record = opened(&admin, id).await;
    assert_eq!(record.then.by.as_deref(), Some(by));
    assert_eq!(
        (record.trace.as_ref().unwrap().now.reason, changed(&record)),
        (ReasonCode::Granted, vec![Action::RoleEdited])
    );

    // A role that is gone is still known as it was, and that it went is a change.
    access::delete(&again(&admin).await, clerk, version + 1, "").await.unwrap();
    let record = opened(&admin, id).await;
    assert_eq!(record.then.by.as_deref(), Some(by));
    assert_eq!(record.trace.as_ref().unwrap().now.reason, ReasonCode::NotGranted);
    assert_eq!(changed(&record), [Action::RoleDeleted, Action::RoleEdited]);

    // A change of a role that she never held is none.
    let other = make(&admin, &allows("Other", &[Permission::AuditRead])).await;
    access::change(&again(&admin).await, other, 1, &allows("Another", &[Permission::AuditRead])).await.unwrap();
    assert_eq!(changed(&opened(&admin, id).await).len(), 2);
}

#[tokio::test]
async fn what_is_not_known_is_not_made_up() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    register(&operator, &invoices()).await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let nobody = decided(&admin, Asked { user: None, ..delete(&ana, 1.0) }).await;
    let record = opened(&admin, nobody).await;
    assert_eq!(record.then.reason, Some(ReasonCode::SubjectUnknown));
    assert!(record.decision.about.is_none() && record.trace.is_none());

    let misspelt = BTreeMap::from([("amuont".to_owned(), Given::Number(1.0))]);
    let misspelt = decided(&admin, Asked { attributes: misspelt, ..delete(&ana, 1.0) }).await;
    let record = opened(&admin, misspelt).await;
    assert_eq!(record.then.reason, Some(ReasonCode::AttributeUnknown));
    assert!(record.trace.is_none(), "what was said was not kept, so it cannot be asked again");

    let unknown = decided(&admin, Asked { permission: "invoices:shred".to_owned(), ..delete(&ana, 1.0) }).await;
    let trace = opened(&admin, unknown).await.trace.unwrap();
    assert_eq!((trace.now.reason, trace.answer.is_none()), (ReasonCode::PermissionUnknown, true));
}

#[tokio::test]
async fn opening_takes_permissions_and_stays_inside() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (org, admin) = world.org(&operator, "acme").await;
    let (_, other) = world.org(&operator, "globex").await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let asked = Asked { user: Some(ana.identity().user_id), permission: "audit:read".to_owned(), ..Asked::default() };
    let id = decided(&admin, asked).await;
    refused(&ana, Permission::SettingsRead).await;
    let denial = newest_denial(&world, org).await;

    for answer in [
        access::record(&again(&other).await, id).await.map(drop),
        audit::find(&again(&other).await, denial).await.map(drop),
        reference::open(&again(&other).await, id.uuid()).await.map(drop),
        reference::open(&again(&other).await, denial.uuid()).await.map(drop),
        reference::open(&again(&admin).await, Uuid::from_u128(7)).await.map(drop),
    ] {
        assert!(matches!(answer, Err(Error::NotFound)), "{answer:?}");
    }
    let refusal = access::record(&again(&ana).await, id).await.map(drop);
    assert!(matches!(refusal, Err(Error::Forbidden(Permission::AuditRead))), "{refusal:?}");

    // Whoever reads the log and not the roles sees what came out, and no role.
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    give(&admin, &ana, auditor).await;
    let record = opened(&ana, id).await;
    assert!(record.then.by.is_none() && record.trace.is_none() && record.then.reason.is_some());
    assert!(event(&ana, denial).await.denial.unwrap().trace.is_none());
}

#[tokio::test]
async fn a_reference_leads_to_what_it_names() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    // A request's id begins with when it was, like an event's.
    let begun = u64::try_from(now(&admin).await.unix_timestamp_nanos() / 1_000_000).unwrap();
    let request: RequestId = Id::from_uuid(uuid::Builder::from_unix_timestamp_millis(begun, &[7; 10]).into_uuid());
    let asking = Origin { request_id: Some(request), ..origin(1) };
    let cookie = world.sign_in("acme", "ana@acme.example", crate::world::PASSWORD).await.unwrap().cookie;
    let denied: Ctx = Ctx::enter(&world.app, bulkhead_domain::session_hash(cookie), asking).await.unwrap();
    assert!(denied.require(Permission::AuditRead).await.is_err());
    let event = newest_denial(&world, org).await;
    let open = async |reference| reference::open(&again(&admin).await, reference).await.unwrap();
    assert_eq!(open(request.uuid()).await, Found::Event(event), "the request that the page showed");
    assert_eq!(open(event.uuid()).await, Found::Event(event));
    let asked = Asked { user: Some(ana.identity().user_id), permission: "audit:read".to_owned(), ..Asked::default() };
    let decision = decided(&admin, asked).await;
    assert_eq!(open(decision.uuid()).await, Found::Decision(decision));
}

#[tokio::test]
async fn recorded_decisions_are_found_by_what_they_are_about() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    let (_, other) = world.org(&operator, "globex").await;
    let (ana, ben) = (world.member(&admin, "ana", Role::User).await, world.member(&admin, "ben", Role::Viewer).await);
    let about = |who: &Ctx, permission: &str| Asked {
        user: Some(who.identity().user_id),
        permission: permission.to_owned(),
        ..Asked::default()
    };
    for asked in
        [about(&ana, "audit:read"), about(&ana, "users:fly"), about(&ben, "audit:read"), about(&ben, "roles:manage")]
    {
        decided(&admin, asked).await;
    }
    decided(&other, about(&other, "users:fly")).await;
    let begun = now(&admin).await;
    let count = async |filter: DecisionFilter| {
        let list = access::records(&again(&admin).await, &filter, &PageRequest::default()).await.unwrap();
        assert_eq!(i64::try_from(list.page.rows.len()).unwrap(), list.count.0);
        list.count.0
    };
    let all = DecisionFilter::default;
    assert_eq!(count(all()).await, 4);
    assert_eq!(count(DecisionFilter { person: "ANA@".into(), ..all() }).await, 2);
    assert_eq!(count(DecisionFilter { person: ben.identity().user_id.to_string(), ..all() }).await, 2);
    assert_eq!(count(DecisionFilter { person: "nobody".into(), ..all() }).await, 0);
    assert_eq!(count(DecisionFilter { permission: "audit:read".into(), ..all() }).await, 2);
    assert_eq!(count(DecisionFilter { permission: "audit".into(), ..all() }).await, 0, "exactly");
    assert_eq!(count(DecisionFilter { outcome: Some(DecisionOutcome::Denied), ..all() }).await, 4);
    assert_eq!(count(DecisionFilter { outcome: Some(DecisionOutcome::Allowed), ..all() }).await, 0);
    assert_eq!(count(DecisionFilter { reason: vec!["permission-unknown".into()], ..all() }).await, 1);
    let both = vec!["permission-unknown".into(), "not-granted".into()];
    assert_eq!(count(DecisionFilter { reason: both, ..all() }).await, 4);
    assert_eq!(count(DecisionFilter { from: Some(begun - time::Duration::hours(1)), ..all() }).await, 4);
    assert_eq!(count(DecisionFilter { until: Some(begun - time::Duration::hours(1)), ..all() }).await, 0);

    // Page by page, forwards and back, each once.
    let page = async |place| {
        let page = PageRequest::new(place, 3);
        access::records(&again(&admin).await, &all(), &page).await.unwrap().page
    };
    let first = page(Place::First).await;
    let second = page(Place::After(first.next.clone().unwrap())).await;
    assert_eq!((first.rows.len(), second.rows.len(), second.next.is_none()), (3, 1, true));
    assert!(first.rows.iter().all(|row| row.id != second.rows[0].id && row.at >= second.rows[0].at));
    assert_eq!(page(Place::Before(second.previous.unwrap())).await.rows, first.rows);
}

//! The live tail: each event once, none of another organization's, and no longer than the session.

use crate::world::World;
use bulkhead_domain::{
    Ctx, Error, account,
    audit::{self, Tail},
    users,
};
use bulkhead_model::{
    audit::{Action, AuditFilter, Outcome},
    user::Role,
};

async fn round(ctx: &Ctx, tail: &mut Tail) -> Vec<Action> {
    let events = audit::since(&ctx.again().await.unwrap(), tail).await.unwrap();
    events.into_iter().map(|event| event.action).collect()
}

#[tokio::test]
async fn a_tail_shows_each_event_once_and_in_order() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let mut tail = Tail::new(AuditFilter::default(), None);
    let mut denied = Tail::new(AuditFilter { outcome: vec![Outcome::Denied], ..AuditFilter::default() }, None);
    round(&admin, &mut tail).await;
    round(&admin, &mut denied).await;
    users::invite(&admin.again().await.unwrap(), "ana@acme.example\nbob@acme.example", Role::User, "").await.unwrap();
    account::rename(&admin.again().await.unwrap(), account::profile(&admin).await.unwrap().version, "Ada")
        .await
        .unwrap();
    let events = audit::since(&admin.again().await.unwrap(), &mut tail).await.unwrap();
    let actions: Vec<_> = events.iter().map(|event| event.action).collect();
    assert_eq!(actions, [Action::UserInvited, Action::UserInvited, Action::UserUpdated]);
    assert_eq!(round(&admin, &mut tail).await, []);
    assert_eq!(round(&admin, &mut denied).await, []);
    // A browser that comes back says where it was; what it may not have seen is told again, the rest is not.
    let mut back = Tail::new(AuditFilter::default(), events.last().map(|event| event.id));
    assert!(!round(&admin, &mut back).await.contains(&Action::UserUpdated));
}

#[tokio::test]
async fn a_tail_stays_in_its_organization_unless_an_operator_looks() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (acme, admin) = world.org(&operator, "acme").await;
    let (_, other) = world.org(&operator, "globex").await;
    let (mut own, mut foreign, mut all) = (
        Tail::new(AuditFilter::default(), None),
        Tail::new(AuditFilter::default(), None),
        Tail::new(AuditFilter::default(), None),
    );
    round(&admin, &mut own).await;
    round(&other, &mut foreign).await;
    audit::since_any(&operator.again().await.unwrap(), &mut all).await.unwrap();
    users::invite(&admin.again().await.unwrap(), "ana@acme.example", Role::User, "").await.unwrap();
    assert_eq!(round(&admin, &mut own).await, [Action::UserInvited]);
    assert_eq!(round(&other, &mut foreign).await, []);
    let seen = audit::since_any(&operator.again().await.unwrap(), &mut all).await.unwrap();
    assert_eq!(
        seen.iter().map(|event| (event.org_id, event.action)).collect::<Vec<_>>(),
        [(acme, Action::UserInvited)]
    );
}

#[tokio::test]
async fn a_tail_ends_with_its_session() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let session = admin.identity().session_id;
    account::revoke_session(&admin.again().await.unwrap(), session).await.unwrap();
    assert!(matches!(admin.again().await, Err(Error::Unauthenticated)));
}

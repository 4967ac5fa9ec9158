//! Duties that exclude each other where a role is given to many people: one path to holding both, like the others.

use crate::{
    duties::{assign, keep_apart},
    role_many::{do_at_once, giving, prospects, taking, these, whoever},
    roles::{allows, denies, make, may, refused},
    workspaces::{again, id},
    world::World,
};
use bulkhead_domain::access::{self, Cannot, Order, Outcome};
use bulkhead_model::{
    Permission, UserId,
    access::{LeftOut, Prospect},
    duty::DutyRule::{Ask, Refuse},
    user::Role,
};

#[tokio::test]
async fn whoever_gives_both_to_many_says_why_once_and_it_stands_with_each() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let (ana, bea) = (world.member(&admin, "ana", Role::User).await, world.member(&admin, "bea", Role::User).await);
    let reader = make(&admin, &allows("Reader", &[Permission::AuditRead])).await;
    let looker = make(&admin, &allows("Looker", &[Permission::SettingsRead])).await;
    keep_apart(&admin, Ask).await;
    assign(&admin, id(&ana), reader, "").await.unwrap();
    let people = these(&[id(&ana), id(&bea)]);

    let shown = access::look(&again(&admin).await, &giving(looker), &people).await.unwrap();
    assert_eq!(prospects(&shown), [Prospect::Gains, Prospect::Gains]);
    let said: Vec<_> = shown.clashes.iter().map(|clash| (clash.conflict.name.as_str(), &clash.people[..])).collect();
    assert_eq!(said, [("Eyes", &["ana@acme.example".to_owned()][..])]);
    let why = refused(do_at_once(&admin, &giving(looker), &people).await, "reason");
    assert!(why.contains("ana@acme.example would newly hold both"), "{why}");
    assert!(!may(&bea, Permission::SettingsRead).await, "nothing is done for anybody without it");

    let order = Order { reason: "She reviews the settings".into(), ..giving(looker) };
    assert_eq!(do_at_once(&admin, &order, &people).await.unwrap().acts(), 2);
    let told = "SELECT target_label || ' ' || reason || ' ' || coalesce(after ->> 'duties that exclude each other', '-')
                FROM audit_events WHERE action = 'user.role_assigned' AND after ->> 'role' = 'Looker' ORDER BY target_label";
    assert_eq!(
        world.database.texts(told).await.unwrap(),
        [
            "ana@acme.example She reviews the settings ana@acme.example would newly hold both audit:read and settings:read (conflict: Eyes).",
            "bea@acme.example She reviews the settings -",
        ]
    );
}

#[tokio::test]
async fn whoever_a_conflict_refuses_is_left_out_and_named() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let (ana, bea) = (world.member(&admin, "ana", Role::User).await, world.member(&admin, "bea", Role::User).await);
    let reader = make(&admin, &allows("Reader", &[Permission::AuditRead])).await;
    let looker = make(&admin, &allows("Looker", &[Permission::SettingsRead])).await;
    let conflict = keep_apart(&admin, Refuse).await;
    assign(&admin, id(&ana), reader, "").await.unwrap();
    let order = Order { reason: "Whatever is said".into(), ..giving(looker) };
    let ids: Vec<UserId> = vec![id(&ana), id(&bea)];

    let done = do_at_once(&admin, &order, &these(&ids)).await.unwrap();
    assert_eq!(prospects(&done), [Prospect::Cannot, Prospect::Gains]);
    let Outcome::Cannot(cannot @ Cannot::Duties(_)) = &done.lines[0].outcome else { panic!("{:?}", done.lines[0]) };
    assert_eq!(cannot.code(), LeftOut::DutyConflict);
    assert!(cannot.sentence().ends_with("(conflict: Eyes). That is refused."), "{}", cannot.sentence());
    assert!(!may(&ana, Permission::SettingsRead).await && may(&bea, Permission::SettingsRead).await);

    // Taking a denial away from many brings both together as well.
    let gag = make(&admin, &denies("Gag", &[Permission::AuditRead])).await;
    assign(&admin, id(&bea), gag, "").await.unwrap();
    assign(&admin, id(&bea), reader, "").await.unwrap();
    let done = do_at_once(&admin, &taking(gag), &whoever(&["bea@acme.example"])).await.unwrap();
    assert_eq!(prospects(&done), [Prospect::Cannot]);
    assert!(!may(&bea, Permission::AuditRead).await, "the denial stays");

    // Without the conflict the same is done: it was the conflict that held it.
    bulkhead_domain::duties::delete(&again(&admin).await, conflict, 1).await.unwrap();
    let done = do_at_once(&admin, &taking(gag), &whoever(&["bea@acme.example"])).await.unwrap();
    assert_eq!(prospects(&done), [Prospect::Loses]);
    assert_eq!(prospects(&do_at_once(&admin, &order, &these(&ids)).await.unwrap())[0], Prospect::Gains);
}

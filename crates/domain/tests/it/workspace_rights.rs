//! Who may give and take by way of a workspace: giving in it, archiving it, bringing it back, and taking people out of it.

use crate::{
    roles::{allows, denies, give, make, may, now},
    workspaces::{again, archive, assign, id, may_in, restore, within, workspace},
    world::World,
};
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Period},
    workspaces,
};
use bulkhead_model::{Permission, error::Conflict, user::Role};
use time::Duration;

/// Somebody who arranges workspaces and is allowed nothing else beside what a user is.
async fn arranger(world: &World, admin: &Ctx) -> Ctx {
    let role = make(admin, &allows("Arranger", &[Permission::WorkspacesManage, Permission::WorkspacesRead])).await;
    let arranger = world.member(admin, "arranger", Role::User).await;
    give(admin, &arranger, role).await;
    arranger
}

fn is_beyond<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::BeyondOwnRole))
}

#[tokio::test]
async fn nobody_gives_in_a_workspace_what_they_do_not_hold_there() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let lead = world.member(&admin, "lead", Role::Manager).await;
    let production = workspace(&admin, "Production", &[&ana, &lead]).await;
    let staging = workspace(&admin, "Staging", &[&ana, &lead]).await;
    let settings = make(&admin, &allows("Settings", &[Permission::SettingsUpdate])).await;
    let (answer, added) = world.added(org, assign(&lead, &ana, within(settings, production))).await;
    assert!(is_beyond(&answer), "{answer:?}");
    assert_eq!(added, ["access.denied"]);

    assign(&admin, &lead, within(settings, production)).await.unwrap();
    assign(&lead, &ana, within(settings, production)).await.unwrap();
    for placed in [within(settings, staging), settings.into()] {
        let answer = assign(&lead, &ana, placed).await;
        assert!(is_beyond(&answer), "{placed:?} {answer:?}");
    }
    // For no longer than they hold it themselves.
    let soon = now(&admin).await + Duration::hours(1);
    let until = |until| Period { from: None, until };
    access::assign(&again(&admin).await, id(&lead), within(settings, production), until(Some(soon)), "").await.unwrap();
    access::unassign(&again(&admin).await, id(&ana), within(settings, production), "").await.unwrap();
    assert!(is_beyond(&assign(&lead, &ana, within(settings, production)).await));
    let shorter =
        access::assign(&again(&lead).await, id(&ana), within(settings, production), until(Some(soon)), "").await;
    shorter.unwrap();

    // What is denied to them there is not theirs to give there; elsewhere it is.
    let gag = make(&admin, &denies("No audit", &[Permission::AuditRead])).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    assign(&admin, &lead, within(gag, production)).await.unwrap();
    assert!(is_beyond(&assign(&lead, &ana, within(auditor, production)).await));
    assert!(is_beyond(&assign(&lead, &ana, auditor.into()).await), "it would count in that workspace, too");
    assign(&lead, &ana, within(auditor, staging)).await.unwrap();
}

#[tokio::test]
async fn a_denial_is_not_given_back_by_those_who_do_not_hold_it() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let bea = world.member(&admin, "bea", Role::User).await;
    let production = workspace(&admin, "Production", &[&ana, &bea]).await;
    let gag = make(&admin, &denies("No audit", &[Permission::AuditRead])).await;
    assign(&admin, &ana, within(gag, production)).await.unwrap();
    let arranger = arranger(&world, &admin).await;

    let (answer, added) = world.added(org, archive(&arranger, production, 1)).await;
    assert!(is_beyond(&answer), "{answer:?}");
    assert_eq!(added, ["access.denied"]);
    let (answer, added) =
        world.added(org, workspaces::remove_member(&again(&arranger).await, production, id(&ana))).await;
    assert!(is_beyond(&answer), "{answer:?}");
    assert_eq!(added, ["access.denied"]);
    let detail = workspaces::find(&again(&arranger).await, production).await.unwrap();
    let (subject, at) = (again(&arranger).await, now(&admin).await);
    assert!(!detail.may_change_status(subject.subject(), at));
    for (member, may) in [(&ana, false), (&bea, true)] {
        let member = workspaces::member(&again(&arranger).await, production, id(member)).await.unwrap();
        assert_eq!(detail.may_remove(subject.subject(), &member, at), may, "the page offers what would be done");
    }

    // Who holds no role there is taken out by whoever arranges workspaces; and without the denial all of it may be done.
    workspaces::remove_member(&again(&arranger).await, production, id(&bea)).await.unwrap();
    access::unassign(&again(&admin).await, id(&ana), within(gag, production), "").await.unwrap();
    archive(&arranger, production, 1).await.unwrap();
    restore(&arranger, production, 2).await.unwrap();
    workspaces::remove_member(&again(&arranger).await, production, id(&ana)).await.unwrap();
}

#[tokio::test]
async fn bringing_a_workspace_back_gives_nobody_more_than_its_author_holds() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let production = workspace(&admin, "Production", &[&ana]).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    assign(&admin, &ana, within(auditor, production)).await.unwrap();
    let arranger = arranger(&world, &admin).await;
    archive(&arranger, production, 1).await.unwrap();
    let (answer, added) = world.added(org, restore(&arranger, production, 2)).await;
    assert!(is_beyond(&answer), "{answer:?}");
    assert_eq!(added, ["access.denied"]);
    // What is over is given to nobody.
    world.database.run("UPDATE role_assignments SET ends_at = now() WHERE workspace_id IS NOT NULL").await.unwrap();
    restore(&arranger, production, 2).await.unwrap();
}

#[tokio::test]
async fn the_last_admin_stays_without_a_denial_in_workspaces_as_well() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let production = workspace(&admin, "Production", &[&admin]).await;
    let gag = make(&admin, &denies("Gag", &[Permission::UsersInvite])).await;
    // They could invite nobody as an admin any more, and nobody could give it back.
    let answer = assign(&admin, &admin, within(gag, production)).await;
    assert!(matches!(answer, Err(Error::Conflict(Conflict::LastAdmin))), "{answer:?}");
    let second = world.member(&admin, "second", Role::Admin).await;
    workspaces::add_member(&again(&admin).await, production, id(&second)).await.unwrap();
    assign(&admin, &second, within(gag, production)).await.unwrap();
    assert!(may(&second, Permission::UsersInvite).await, "denied there only");
    assert!(!may_in(&second, Permission::UsersInvite, production).await);
}

#[tokio::test]
async fn who_stands_above_is_not_taken_out_of_where_they_hold_roles() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let mia = world.member(&admin, "mia", Role::Manager).await;
    let production = workspace(&admin, "Production", &[&mia]).await;
    let reader = make(&admin, &allows("Reader", &[Permission::UsersRead])).await;
    assign(&admin, &mia, within(reader, production)).await.unwrap();
    let arranger = arranger(&world, &admin).await;
    let answer = workspaces::remove_member(&again(&arranger).await, production, id(&mia)).await;
    assert!(is_beyond(&answer), "{answer:?}");
    workspaces::remove_member(&again(&admin).await, production, id(&mia)).await.unwrap();
}

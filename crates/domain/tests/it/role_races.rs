//! What holds about roles holds when several people change them in the same moment.

use crate::{
    roles::{allows, give, make},
    world::World,
};
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Period, Typed},
    users,
};
use bulkhead_model::{Permission, RoleId, error::Conflict, user::Role};

/// A number that differs from round to round the same way in every run.
fn dice(seed: u64) -> u64 {
    let mixed = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0xD1B5_4A32_D192_ED03;
    (mixed ^ (mixed >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33
}

async fn inherit(admin: &Ctx, roles: &[RoleId], seed: u64) -> Result<(), Error> {
    let ctx = admin.again().await?;
    let pick = |offset: u64| usize::try_from(dice(seed + offset)).unwrap() % roles.len();
    let (child, parents) = (roles[pick(1)], vec![roles[pick(2)], roles[pick(3)]]);
    let detail = access::find(&admin.again().await?, child).await?;
    let stored = detail.stored.unwrap();
    let typed = Typed { name: stored.definition.name, inherits: parents, ..Typed::default() };
    access::change(&ctx, child, stored.version, &typed).await
}

#[tokio::test]
async fn no_circle_forms_however_many_change_roles_at_once() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let mut roles = Vec::new();
    for number in 0..5 {
        roles.push(make(&admin, &allows(&format!("Role {number}x"), &[])).await);
    }
    let (mut saved, mut circles) = (0, 0);
    for round in 0..25 {
        let edit = |lane: u64| inherit(&admin, &roles, round * 100 + lane * 10);
        let answers = tokio::join!(edit(1), edit(2), edit(3), edit(4));
        for answer in [answers.0, answers.1, answers.2, answers.3] {
            match answer {
                Ok(()) => saved += 1,
                Err(Error::Invalid(errors)) => {
                    assert!(errors.of("inherits").is_some_and(|sentence| sentence.contains("circle")), "{errors:?}");
                    circles += 1;
                }
                Err(Error::Conflict(Conflict::StaleVersion)) => {}
                Err(other) => panic!("{other:?}"),
            }
        }
        // Asks for all of them together, which a circle would not survive.
        access::list(&admin.again().await.unwrap()).await.unwrap();
    }
    assert!(saved > 10 && circles > 10, "{saved} saved, {circles} circles: the test met neither often enough");
}

/// Whoever is about to lose a right does not give it away in the same moment: either it was given before, by somebody who
/// held it, or it is refused.
#[tokio::test]
async fn a_right_that_is_being_lost_is_not_given() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let mia = world.member(&admin, "mia", Role::Manager).await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let settings = make(&admin, &allows("Settings", &[Permission::SettingsUpdate])).await;
    let (mia_id, ana_id) = (mia.identity().user_id, ana.identity().user_id);
    // Ids and times of events are as old as their transactions; this is the order in which they got behind the lock.
    let written = "ALTER TABLE audit_events ADD COLUMN written timestamptz DEFAULT clock_timestamp()";
    world.database.run(written).await.unwrap();
    let (mut given, mut refused) = (0, 0);
    for _ in 0..16 {
        give(&admin, &mia, settings).await;
        // Entered while she still holds it: only what is read behind the lock can tell.
        let (losing, giving) = (admin.again().await.unwrap(), mia.again().await.unwrap());
        let (lost, gave) = tokio::join!(
            access::unassign(&losing, mia_id, settings, ""),
            access::assign(&giving, ana_id, settings, Period::default(), "")
        );
        lost.unwrap();
        let order = "SELECT string_agg(action, ' ' ORDER BY written) FROM (SELECT action, written FROM audit_events
                     WHERE action IN ('user.role_assigned', 'user.role_unassigned') ORDER BY written DESC LIMIT 2) latest";
        match gave {
            Ok(()) => {
                given += 1;
                assert_eq!(world.database.texts(order).await.unwrap(), ["user.role_assigned user.role_unassigned"]);
                access::unassign(&admin.again().await.unwrap(), ana_id, settings, "").await.unwrap();
            }
            Err(Error::BeyondOwnRole) => refused += 1,
            Err(other) => panic!("{other:?}"),
        }
    }
    assert_eq!(given + refused, 16);

    // The order that matters, without luck: she entered, then lost it, then gives.
    give(&admin, &mia, settings).await;
    let giving = mia.again().await.unwrap();
    access::unassign(&admin.again().await.unwrap(), mia_id, settings, "").await.unwrap();
    assert!(giving.subject().holds(&Permission::SettingsUpdate.into(), None, None), "her request began with it");
    let late = access::assign(&giving, ana_id, settings, Period::default(), "").await;
    assert!(matches!(late, Err(Error::BeyondOwnRole)), "{late:?}");
}

/// The same for the permission to do it at all, and for built-in roles.
#[tokio::test]
async fn who_was_demoted_meanwhile_promotes_nobody() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let bea = world.member(&admin, "bea", Role::Admin).await;
    let ana = world.member(&admin, "ana", Role::User).await.identity().user_id;
    for role in [Role::User, Role::Manager] {
        let acting = bea.again().await.unwrap();
        let id = bea.identity().user_id;
        let seen = users::find(&admin.again().await.unwrap(), id).await.unwrap().version;
        users::update(&admin.again().await.unwrap(), id, seen, "Bea", role).await.unwrap();
        let promoted = users::update(&acting, ana, 2, "Ana", Role::Admin).await;
        match role {
            Role::User => assert!(matches!(promoted, Err(Error::Forbidden(Permission::UsersUpdate))), "{promoted:?}"),
            _ => assert!(matches!(promoted, Err(Error::BeyondOwnRole)), "{promoted:?}"),
        }
        assert_eq!(world.role_and_status(ana).await, ("user".into(), "active".into()));
        users::update(&admin.again().await.unwrap(), id, seen + 1, "Bea", Role::Admin).await.unwrap();
    }
}

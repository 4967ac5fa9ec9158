//! An organization keeps an admin who can act, whatever is done to them and however many do it at once.

use crate::world::World;
use bulkhead_domain::{Ctx, Error, users};
use bulkhead_model::{
    UserId,
    error::Conflict,
    user::{Role, User},
};

async fn version(admin: &Ctx, id: UserId) -> i32 {
    users::find(&admin.again().await.unwrap(), id).await.unwrap().version
}

#[tokio::test]
async fn the_last_admin_stays() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    // An invited admin and a suspended one cannot act, so they do not count.
    world.invited(&admin, "someday", Role::Admin).await;
    let held = world.member(&admin, "held", Role::Admin).await.identity().user_id;
    users::suspend(&admin.again().await.unwrap(), held, 2).await.unwrap();
    let me = admin.identity().user_id;
    let seen = version(&admin, me).await;
    let (refusals, added) = world
        .added(org, async {
            [
                users::update(&admin.again().await.unwrap(), me, seen, "Ada", Role::User).await.err(),
                users::suspend(&admin.again().await.unwrap(), me, seen).await.err(),
                users::remove(&admin.again().await.unwrap(), me, seen).await.err(),
            ]
        })
        .await;
    for refused in refusals {
        assert!(matches!(refused, Some(Error::Conflict(Conflict::LastAdmin))), "{refused:?}");
    }
    assert_eq!(added, Vec::<String>::new());
    users::reactivate(&admin.again().await.unwrap(), held, 3).await.unwrap();
    users::remove(&admin.again().await.unwrap(), me, seen).await.unwrap();
    assert!(admin.again().await.is_err());
}

/// What one admin may do to the other at the same moment.
async fn put_down(round: usize, ctx: &Ctx, id: UserId, seen: i32) -> bulkhead_domain::Result<User> {
    match round % 3 {
        0 => users::update(ctx, id, seen, "demoted", Role::User).await,
        1 => users::suspend(ctx, id, seen).await,
        _ => users::update(ctx, id, seen, "demoted", Role::Manager).await,
    }
}

#[tokio::test]
async fn two_admins_who_put_each_other_down_at_once_leave_one() {
    let world = World::new().await;
    let (org, ada) = world.tenant().await;
    let bea = world.member(&ada, "bea", Role::Admin).await;
    let ids = [ada.identity().user_id, bea.identity().user_id];
    for round in 0..24 {
        let seen = [version(&ada, ids[0]).await, version(&ada, ids[1]).await];
        let (one, other) = (ada.again().await.unwrap(), bea.again().await.unwrap());
        let (first, second) =
            tokio::join!(put_down(round, &one, ids[1], seen[1]), put_down(round + round / 3, &other, ids[0], seen[0]));
        let left = world
            .number(&format!(
                "SELECT count(*) FROM users WHERE org_id = '{org}' AND role = 'admin' AND status = 'active'"
            ))
            .await;
        assert_eq!(left, 1, "round {round}: {first:?} {second:?}");
        assert!(first.is_ok() ^ second.is_ok(), "round {round}: {first:?} {second:?}");
        let lost = first.err().or(second.err());
        // Whoever was slower is no admin any more when their turn comes, and is told so before the rule is asked for.
        let told = matches!(
            lost,
            Some(
                Error::Conflict(Conflict::LastAdmin)
                    | Error::Unauthenticated
                    | Error::Forbidden(_)
                    | Error::BeyondOwnRole
            )
        );
        assert!(told, "round {round}: {lost:?}");
        // Both up again; their sessions may have ended.
        world
            .database
            .run("UPDATE users SET role = 'admin', status = 'active' WHERE email LIKE '%@acme.example'")
            .await
            .unwrap();
        world.database.run("UPDATE sessions SET revoked_at = NULL, revoked_reason = NULL").await.unwrap();
    }
}

//! Changing, suspending, reactivating and removing users: versions, roles, what ends with it.

use crate::world::{PASSWORD, World};
use bulkhead_domain::{Error, account, users};
use bulkhead_model::{
    error::Conflict,
    page::{PageRequest, Place},
    user::{Role, UserFilter, UserSort, UserStatus},
};

#[tokio::test]
async fn a_change_is_one_event_and_one_version() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await.identity().user_id;
    let before = users::find(&admin.again().await.unwrap(), ana).await.unwrap();
    let (after, added) = world
        .added(org, async {
            users::update(&admin.again().await.unwrap(), ana, before.version, "Ana Sousa", Role::Manager).await
        })
        .await;
    assert_eq!(added, ["user.role_changed"]);
    assert_eq!(users::find(&admin.again().await.unwrap(), ana).await.unwrap(), after.unwrap());
    let sql = "SELECT (before ->> 'role') || '>' || (after ->> 'role') || ' ' || (after ->> 'name') FROM audit_events WHERE action = 'user.role_changed'";
    assert_eq!(world.database.texts(sql).await.unwrap(), ["user>manager Ana Sousa"]);

    let (renamed, added) = world
        .added(org, async {
            users::update(&admin.again().await.unwrap(), ana, before.version + 1, "Ana", Role::Manager).await
        })
        .await;
    assert_eq!((renamed.unwrap().version, added), (before.version + 2, vec!["user.updated".to_owned()]));
    let (same, added) = world
        .added(org, async {
            users::update(&admin.again().await.unwrap(), ana, before.version + 2, " Ana ", Role::Manager).await
        })
        .await;
    assert_eq!((same.unwrap().version, added.len()), (before.version + 2, 0), "no change, no event");
}

#[tokio::test]
async fn a_stale_version_changes_nothing() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await.identity().user_id;
    let seen = users::find(&admin.again().await.unwrap(), ana).await.unwrap().version;
    users::update(&admin.again().await.unwrap(), ana, seen, "Somebody was faster", Role::User).await.unwrap();
    let ((updated, suspended), added) = world
        .added(org, async {
            (
                users::update(&admin.again().await.unwrap(), ana, seen, "Ana", Role::Viewer).await,
                users::suspend(&admin.again().await.unwrap(), ana, seen).await,
            )
        })
        .await;
    assert!(matches!(updated, Err(Error::Conflict(Conflict::StaleVersion))));
    assert!(matches!(suspended, Err(Error::Conflict(Conflict::StaleVersion))));
    assert_eq!(added, Vec::<String>::new());
    assert_eq!(world.role_and_status(ana).await, ("user".into(), "active".into()));
}

#[tokio::test]
async fn of_two_who_saw_the_same_version_one_wins() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await.identity().user_id;
    let seen = users::find(&admin.again().await.unwrap(), ana).await.unwrap().version;
    let (one, two) = (admin.again().await.unwrap(), admin.again().await.unwrap());
    let (answers, added) = world
        .added(org, async {
            tokio::join!(
                users::update(&one, ana, seen, "One", Role::User),
                users::update(&two, ana, seen, "Two", Role::User)
            )
        })
        .await;
    assert!(answers.0.is_ok() ^ answers.1.is_ok());
    assert!(matches!(answers.0.err().or(answers.1.err()), Some(Error::Conflict(Conflict::StaleVersion))));
    assert_eq!(added.len(), 1);
}

#[tokio::test]
async fn nobody_touches_or_makes_someone_who_holds_more() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let manager = world.member(&admin, "manager", Role::Manager).await;
    let ana = world.member(&admin, "ana", Role::User).await.identity().user_id;
    let boss = admin.identity().user_id;
    for refused in [
        users::update(&manager.again().await.unwrap(), ana, 2, "Ana", Role::Admin).await.err(),
        users::update(&manager.again().await.unwrap(), manager.identity().user_id, 2, "me", Role::Admin).await.err(),
        users::update(&manager.again().await.unwrap(), boss, 2, "Ada", Role::Viewer).await.err(),
        users::suspend(&manager.again().await.unwrap(), boss, 2).await.err(),
        users::remove(&manager.again().await.unwrap(), boss, 2).await.err(),
    ] {
        assert!(matches!(refused, Some(Error::BeyondOwnRole)), "{refused:?}");
    }
    let denied = format!(
        "SELECT count(*) FROM audit_events WHERE org_id = '{org}' AND action = 'access.denied' AND reason = 'beyond_own_role'"
    );
    assert_eq!(world.number(&denied).await, 5, "every reach is written down");
    users::update(&manager.again().await.unwrap(), ana, 2, "Ana", Role::Manager).await.unwrap();
    assert_eq!(world.role_and_status(boss).await, ("admin".into(), "active".into()));
}

#[tokio::test]
async fn a_role_that_was_taken_away_is_gone_with_the_next_request() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let manager = world.member(&admin, "manager", Role::Manager).await;
    users::update(&admin.again().await.unwrap(), manager.identity().user_id, 2, "M", Role::Viewer).await.unwrap();
    let next = manager.again().await.unwrap();
    assert!(matches!(users::invite(&next, "x@acme.example", Role::Viewer, "").await, Err(Error::Forbidden(_))));
}

#[tokio::test]
async fn suspending_ends_sessions_at_once_and_keeps_people_out() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let id = ana.identity().user_id;
    world.sign_in("acme", "ana@acme.example", PASSWORD).await.unwrap();
    let (suspended, added) =
        world.added(org, async { users::suspend(&admin.again().await.unwrap(), id, 2).await }).await;
    let suspended = suspended.unwrap();
    assert_eq!((suspended.status, added), (UserStatus::Suspended, vec!["user.suspended".to_owned()]));
    assert_eq!(
        world
            .database
            .texts("SELECT after ->> 'sessions_ended' FROM audit_events WHERE action = 'user.suspended'")
            .await
            .unwrap(),
        ["2"]
    );
    assert!(matches!(ana.again().await, Err(Error::Unauthenticated)));
    assert!(world.sign_in("acme", "ana@acme.example", PASSWORD).await.is_err());
    let again = users::suspend(&admin.again().await.unwrap(), id, suspended.version).await;
    assert!(matches!(again, Err(Error::Conflict(Conflict::WrongStatus))));
    users::reactivate(&admin.again().await.unwrap(), id, suspended.version).await.unwrap();
    assert!(matches!(ana.again().await, Err(Error::Unauthenticated)), "ended is ended");
    world.sign_in("acme", "ana@acme.example", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_request_that_began_before_the_suspension_finds_no_second_transaction() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let slow = ana.again().await.unwrap();
    account::profile(&slow).await.unwrap();
    users::suspend(&admin.again().await.unwrap(), ana.identity().user_id, 2).await.unwrap();
    assert!(matches!(account::profile(&slow).await, Err(Error::Unauthenticated)), "checked again, not remembered");
}

#[tokio::test]
async fn removing_frees_the_address_and_keeps_the_row() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await.identity().user_id;
    let (removed, added) = world.added(org, async { users::remove(&admin.again().await.unwrap(), ana, 2).await }).await;
    assert_eq!((removed.unwrap().status, added), (UserStatus::Removed, vec!["user.removed".to_owned()]));
    assert_eq!(users::find(&admin.again().await.unwrap(), ana).await.unwrap().status, UserStatus::Removed);
    let list =
        users::list(&admin.again().await.unwrap(), &UserFilter::default(), &PageRequest::default()).await.unwrap();
    assert!(list.page.rows.iter().all(|user| user.id != ana));
    let again = users::update(&admin.again().await.unwrap(), ana, 3, "Ana", Role::User).await;
    assert!(matches!(again, Err(Error::Conflict(Conflict::WrongStatus))));
    assert_ne!(world.invited(&admin, "ana", Role::User).await.id, ana, "someone new");
}

#[tokio::test]
async fn lists_page_through_every_user_in_every_order() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let lines: Vec<String> = (0..23).map(|n| format!("u{:02}@acme.example", (n * 7) % 23)).collect();
    users::invite(&admin, &lines.join("\n"), Role::User, "").await.unwrap();
    for sort in UserSort::ALL {
        for descending in [false, true] {
            let filter = UserFilter { sort: *sort, descending, ..UserFilter::default() };
            let mut place = Place::First;
            let (mut seen, mut last) = (Vec::new(), None);
            loop {
                let list =
                    users::list(&admin.again().await.unwrap(), &filter, &PageRequest::new(place, 5)).await.unwrap();
                assert_eq!(list.count.0, 24);
                seen.extend(list.page.rows.iter().map(|user| user.id));
                let Some(next) = list.page.next else { break };
                last = list.page.previous;
                place = Place::After(next);
            }
            let unique: std::collections::HashSet<_> = seen.iter().collect();
            assert_eq!((seen.len(), unique.len()), (24, 24), "{sort} {descending}");
            let back = PageRequest::new(Place::Before(last.unwrap()), 5);
            let back = users::list(&admin.again().await.unwrap(), &filter, &back).await.unwrap();
            let back: Vec<_> = back.page.rows.iter().map(|user| user.id).collect();
            assert_eq!(seen[10..15], back, "{sort} {descending}: backwards is the same order");
        }
    }
}

#[tokio::test]
async fn lists_are_searched_by_the_beginning_of_a_word_and_filtered() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let zoe = world.member(&admin, "zoe", Role::Viewer).await.identity().user_id;
    users::update(&admin.again().await.unwrap(), zoe, 2, "Zoë van der Meer", Role::Viewer).await.unwrap();
    world.invited(&admin, "bob", Role::User).await;
    let found = async |search: &str, status: &[UserStatus], role: &[Role]| {
        let filter =
            UserFilter { search: search.into(), status: status.to_vec(), role: role.to_vec(), ..UserFilter::default() };
        let list = users::list(&admin.again().await.unwrap(), &filter, &PageRequest::default()).await.unwrap();
        assert_eq!(usize::try_from(list.count.0).unwrap(), list.page.rows.len());
        list.page.rows.iter().map(|user| user.email.clone()).collect::<Vec<_>>()
    };
    for search in ["ZOE\u{308}", "zoë v", "meer", "Der M", "zoe@"] {
        assert_eq!(found(search, &[], &[]).await, ["zoe@acme.example"], "{search}");
    }
    for search in ["eer", "%", "_", "' OR 1=1 --"] {
        assert_eq!(found(search, &[], &[]).await, Vec::<String>::new(), "{search}");
    }
    assert_eq!(found("", &[UserStatus::Invited], &[]).await, ["bob@acme.example"]);
    assert_eq!(found("", &[], &[Role::Viewer, Role::Admin]).await, ["admin@acme.example", "zoe@acme.example"]);
}

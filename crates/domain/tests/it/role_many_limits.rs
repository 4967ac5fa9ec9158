//! What nobody can do to many that they cannot do to one: each rule, and each of them behind the lock.

use crate::{
    role_many::{do_at_once, giving, prospects, taking, these, whoever},
    roles::{allows, denies, give, make, now, refused, take},
    workspaces::{again, archive, assign, id, within, workspace},
    world::World,
};
use bulkhead_authz::{access::role_id, graph::MOST_ROLES};
use bulkhead_domain::{
    Error,
    access::{self, Cannot, Deed, Order, Outcome, Period},
};
use bulkhead_model::{Permission, UserId, access::Prospect, user::Role};
use time::Duration;

fn is_beyond<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::BeyondOwnRole))
}

#[tokio::test]
async fn no_one_gives_to_many_what_they_do_not_hold_or_for_longer() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let mia = world.member(&admin, "mia", Role::Manager).await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let settings = make(&admin, &allows("Settings", &[Permission::SettingsUpdate])).await;
    let why = |order: Order| Order { reason: "For a test".into(), ..order };
    let people = these(&[id(&ana)]);
    let (answer, added) = world.added(org, do_at_once(&mia, &why(giving(settings)), &people)).await;
    assert!(is_beyond(&answer), "{answer:?}");
    assert_eq!(added, ["access.denied"]);
    let looked = access::look(&again(&mia).await, &giving(settings), &people).await;
    assert!(is_beyond(&looked), "{looked:?}");

    // For as long as it is held, and no longer.
    let day = now(&admin).await + Duration::days(1);
    let until = |until| Order { deed: Deed::Give(Period { from: None, until }), ..why(giving(settings)) };
    access::assign(&again(&admin).await, id(&mia), settings, Period { from: None, until: Some(day) }, "")
        .await
        .unwrap();
    assert!(is_beyond(&do_at_once(&mia, &until(None), &people).await));
    assert!(is_beyond(&do_at_once(&mia, &until(Some(day + Duration::SECOND)), &people).await));
    assert_eq!(do_at_once(&mia, &until(Some(day)), &people).await.unwrap().acts(), 1);

    // What a denial took is given back by whoever holds it only.
    let gag = make(&admin, &denies("Gag", &[Permission::OrgUpdate])).await;
    give(&admin, &ana, gag).await;
    assert!(is_beyond(&do_at_once(&mia, &taking(gag), &people).await));

    // Held when the request began, and lost since.
    give(&admin, &mia, settings).await;
    let late = again(&mia).await;
    take(&admin, id(&mia), settings).await;
    let answer = access::carry_out(&late, &why(giving(settings)), &people, None).await;
    assert!(is_beyond(&answer), "{answer:?}");
}

#[tokio::test]
async fn what_does_not_fit_is_refused_for_all() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    let (_, globex) = world.org(&operator, "globex").await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let theirs = make(&globex, &allows("Auditor", &[Permission::AuditRead])).await;
    let production = workspace(&admin, "Production", &[&ana]).await;
    let elsewhere = workspace(&globex, "Production", &[]).await;
    let people = these(&[id(&ana)]);
    for placed in [theirs.into(), role_id(Role::Viewer).into(), within(auditor, elsewhere)] {
        for order in [giving(placed), taking(placed)] {
            let answer = do_at_once(&admin, &order, &people).await;
            assert!(matches!(answer, Err(Error::NotFound)), "{order:?} {answer:?}");
        }
    }
    let at = now(&admin).await;
    let soon = Some(at + Duration::hours(1));
    for period in [
        Period { from: None, until: Some(at - Duration::minutes(2)) },
        Period { from: soon, until: soon },
        Period { from: soon.map(|soon| soon + Duration::SECOND), until: soon },
    ] {
        let order = Order { deed: Deed::Give(period), ..giving(auditor) };
        assert!(!refused(do_at_once(&admin, &order, &people).await, "until").is_empty());
        assert!(!refused(access::look(&again(&admin).await, &order, &people).await, "until").is_empty());
    }
    for reason in ["x".repeat(501), "\u{202E}".to_owned()] {
        let order = Order { reason, ..giving(auditor) };
        assert!(!refused(do_at_once(&admin, &order, &people).await, "reason").is_empty());
    }
    assign(&admin, &ana, within(auditor, production)).await.unwrap();
    archive(&admin, production, 1).await.unwrap();
    let archived = do_at_once(&admin, &giving(within(auditor, production)), &people).await;
    assert!(refused(archived, "workspace").contains("archived"));
    assert_eq!(do_at_once(&admin, &taking(within(auditor, production)), &people).await.unwrap().acts(), 1);

    // Another organization's user is nobody, like one that does not exist.
    let hank = world.member(&globex, "hank", Role::User).await;
    let nowhere: UserId = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f".parse().unwrap();
    let done = do_at_once(&admin, &giving(auditor), &these(&[id(&hank), nowhere])).await.unwrap();
    assert!(done.lines.iter().all(|line| line.outcome == Outcome::Cannot(Cannot::NoSuchUser) && line.who.is_none()));
    let done = do_at_once(&admin, &giving(auditor), &whoever(&["hank@globex.example", "x@nowhere.example"])).await;
    let done = done.unwrap();
    assert!(done.lines.iter().all(|line| line.outcome == Outcome::Cannot(Cannot::NoSuchAddress) && line.who.is_none()));
    assert_eq!(access::held(&again(&globex).await, id(&hank)).await.unwrap(), []);
}

#[tokio::test]
async fn whoever_may_not_arrange_people_arranges_nobody() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let people = these(&[id(&ana)]);
    let needed = [Permission::UsersUpdate, Permission::UsersRead, Permission::RolesRead];
    for missing in needed {
        let mia = world.member(&admin, &missing.as_str().replace(':', "."), Role::Manager).await;
        give(&admin, &mia, make(&admin, &denies(&format!("Without {missing}"), &[missing])).await).await;
        let answers = [
            access::look(&again(&mia).await, &giving(auditor), &people).await.err(),
            do_at_once(&mia, &giving(auditor), &people).await.err(),
            do_at_once(&mia, &taking(auditor), &people).await.err(),
        ];
        for answer in answers {
            assert!(matches!(answer, Some(Error::Forbidden(needed)) if needed == missing), "{missing}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn nobody_holds_more_roles_than_anybody_can_or_holds_one_where_they_are_not() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let (ana, bea) = (world.member(&admin, "ana", Role::User).await, world.member(&admin, "bea", Role::User).await);
    let production = workspace(&admin, "Production", &[&ana]).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let people = these(&[id(&ana), id(&bea)]);
    let done = do_at_once(&admin, &giving(within(auditor, production)), &people).await.unwrap();
    assert_eq!(done.lines[0].outcome, Outcome::Gains);
    assert_eq!(done.lines[1].outcome, Outcome::Cannot(Cannot::NotAMember));

    let full = format!(
        "INSERT INTO roles (org_id, id, name, name_key, updated_by) SELECT '{org}', gen_random_uuid(), 'R' || n, 'r' || n, 'x' FROM generate_series(2, {MOST_ROLES}) n;
         INSERT INTO role_assignments (org_id, user_id, role_id, assigned_by) SELECT '{org}', '{}', id, 'x' FROM roles WHERE org_id = '{org}' AND updated_by = 'x';
         UPDATE orgs SET roles_version = roles_version + 1 WHERE id = '{org}'",
        id(&ana)
    );
    world.database.run(&full).await.unwrap();
    let done = do_at_once(&admin, &giving(auditor), &people).await.unwrap();
    assert_eq!(done.lines[0].outcome, Outcome::Cannot(Cannot::TooManyRoles));
    assert_eq!(done.lines[1].outcome, Outcome::Gains);
    // What is held already may still be held for another time.
    let until = Some(now(&admin).await + Duration::hours(1));
    let order = Order { deed: Deed::Give(Period { from: None, until }), ..giving(within(auditor, production)) };
    assert_eq!(prospects(&do_at_once(&admin, &order, &these(&[id(&ana)])).await.unwrap()), [Prospect::Changes]);
}

#[tokio::test]
async fn an_admin_to_whom_nothing_is_denied_stays() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let (two, three) =
        (world.member(&admin, "two", Role::Admin).await, world.member(&admin, "three", Role::Admin).await);
    let ana = world.member(&admin, "ana", Role::User).await;
    let gag = make(&admin, &denies("Gag", &[Permission::UsersInvite])).await;
    let everyone = these(&[id(&admin), id(&two), id(&three), id(&ana)]);
    let shown = access::look(&again(&admin).await, &giving(gag), &everyone).await.unwrap();
    let last = || Outcome::Cannot(Cannot::LastAdmin);
    let said: Vec<_> = shown.lines.iter().map(|line| line.outcome.clone()).collect();
    assert_eq!(said, [Outcome::Gains, Outcome::Gains, last(), Outcome::Gains]);
    assert!(shown.warnings.iter().any(|warning| warning.contains("You are one of them")));
    let done = do_at_once(&three, &giving(gag), &everyone).await.unwrap();
    assert_eq!(done.lines.iter().map(|line| line.outcome.clone()).collect::<Vec<_>>(), said);
    // Whoever is left may take it from them again.
    assert_eq!(do_at_once(&three, &taking(gag), &everyone).await.unwrap().acts(), 3);
}

/// Two admins, each of whom denies the other what an admin must be able to do, in the same moment.
#[tokio::test]
async fn two_admins_who_silence_each_other_do_not_both_succeed() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let bea = world.member(&admin, "bea", Role::Admin).await;
    let gags = [
        make(&admin, &denies("Gag", &[Permission::UsersInvite])).await,
        make(&admin, &denies("Muzzle", &[Permission::SettingsUpdate])).await,
    ];
    let (mut both_tried, left) = (0, "SELECT count(*) FROM role_assignments");
    for _ in 0..12 {
        let (mine, theirs) = (again(&admin).await, again(&bea).await);
        let (at_bea, at_admin) = (these(&[id(&bea)]), these(&[id(&admin)]));
        let (first, second) = (giving(gags[0]), giving(gags[1]));
        let (one, other) = tokio::join!(
            access::carry_out(&mine, &first, &at_bea, None),
            access::carry_out(&theirs, &second, &at_admin, None)
        );
        let mut acted = 0;
        for answer in [one, other] {
            match answer {
                Ok(done) if done.acts() == 1 => acted += 1,
                // Whoever was slower holds less than the other by now, or is the last.
                Ok(done) => match &done.lines[0].outcome {
                    Outcome::Cannot(Cannot::LastAdmin | Cannot::BeyondOwnRole(_)) => both_tried += 1,
                    other => panic!("{other:?}"),
                },
                Err(Error::BeyondOwnRole) => both_tried += 1,
                Err(other) => panic!("{other:?}"),
            }
        }
        assert_eq!((acted, world.number(left).await), (1, 1));
        world.database.run("DELETE FROM role_assignments").await.unwrap();
    }
    assert_eq!(both_tried, 12);
}

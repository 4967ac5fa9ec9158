//! What nobody can do with roles: give or write into one what they do not hold, reach above themselves, lock everybody out.

use crate::{
    roles::{allows, denies, give, line, make, may, now, refused, take},
    world::{PASSWORD, World, origin},
};
use bulkhead_authz::access::role_id;
use bulkhead_domain::{
    Error,
    access::{self, Period, Supposed, Typed},
    sign_in, users,
};
use bulkhead_model::{
    Permission, RoleId,
    access::{AllOf, Condition, DailyHours, Effect, Grant, Test, Weekdays},
    error::Conflict,
    user::Role,
};
use time::Duration;

#[tokio::test]
async fn no_one_gives_what_they_do_not_hold_or_for_longer() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let manager = world.member(&admin, "mia", Role::Manager).await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let user = ana.identity().user_id;
    let settings = make(&admin, &allows("Settings", &[Permission::SettingsUpdate])).await;
    let give = |period| {
        let manager = manager.clone();
        async move { access::assign(&manager.again().await.unwrap(), user, settings, period, "").await }
    };
    let (answer, added) = world.added(org, give(Period::default())).await;
    assert!(matches!(answer, Err(Error::BeyondOwnRole)), "{answer:?}");
    assert_eq!(added, ["access.denied"]);
    let lacking =
        "SELECT after ->> 'lacking' FROM audit_events WHERE action = 'access.denied' ORDER BY id DESC LIMIT 1";
    assert_eq!(world.database.texts(lacking).await.unwrap(), ["settings:update"]);

    // Held for a day, it can be given for a day and not for two.
    // A clock knows more digits than the database keeps.
    let day = now(&admin).await + Duration::days(1) + Duration::nanoseconds(300);
    let until = Period { from: None, until: Some(day) };
    access::assign(&admin.again().await.unwrap(), manager.identity().user_id, settings, until, "").await.unwrap();
    give(until).await.unwrap();
    let longer = Period { from: None, until: Some(day + Duration::seconds(1)) };
    assert!(matches!(give(longer).await, Err(Error::BeyondOwnRole)));
    assert!(matches!(give(Period::default()).await, Err(Error::BeyondOwnRole)));
}

#[tokio::test]
async fn what_is_held_under_a_condition_cannot_be_given() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let manager = world.member(&admin, "mia", Role::Manager).await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let here =
        Condition { any: vec![AllOf { tests: vec![Test::Address { ranges: vec!["192.0.2.0/24".parse().unwrap()] }] }] };
    let from_here =
        Typed { grants: vec![line(Permission::SettingsUpdate, Effect::Allow, here)], ..allows("From here", &[]) };
    let from_here = make(&admin, &from_here).await;
    give(&admin, &manager, from_here).await;
    assert!(may(&manager, Permission::SettingsUpdate).await, "192.0.2.1 is inside");
    let plain = make(&admin, &allows("Settings", &[Permission::SettingsUpdate])).await;
    for role in [plain, from_here] {
        let answer =
            access::assign(&manager.again().await.unwrap(), ana.identity().user_id, role, Period::default(), "").await;
        assert!(matches!(answer, Err(Error::BeyondOwnRole)), "{answer:?}");
    }
}

#[tokio::test]
async fn nobody_arranges_what_stands_above_them() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let manager = world.member(&admin, "mia", Role::Manager).await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let settings = make(&admin, &allows("Settings", &[Permission::SettingsUpdate])).await;
    let harmless = make(&admin, &allows("Reader", &[Permission::UsersRead])).await;
    give(&admin, &ana, settings).await;
    let user = ana.identity().user_id;
    let as_manager = || async { manager.again().await.unwrap() };
    let answers = [
        access::assign(&as_manager().await, user, harmless, Period::default(), "").await.err(),
        access::unassign(&as_manager().await, user, settings, "").await.err(),
        users::suspend(&as_manager().await, user, 2).await.err(),
        users::remove(&as_manager().await, user, 2).await.err(),
        users::update(&as_manager().await, user, 2, "Anna", Role::User).await.err(),
    ];
    for answer in answers {
        assert!(matches!(answer, Some(Error::BeyondOwnRole)), "{answer:?}");
    }
    take(&admin, user, settings).await;
    users::suspend(&as_manager().await, user, 2).await.unwrap();
}

#[tokio::test]
async fn nobody_edits_their_own_role_to_gain() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let designer = make(&admin, &allows("Designer", &[Permission::RolesRead, Permission::RolesManage])).await;
    let upper = make(&admin, &allows("Upper", &[Permission::SettingsUpdate])).await;
    give(&admin, &ana, designer).await;
    let as_ana = || async { ana.again().await.unwrap() };
    let own = [Permission::RolesRead, Permission::RolesManage];
    let more = allows("Designer", &[&own[..], &[Permission::SettingsUpdate]].concat());
    let heir = Typed { inherits: vec![upper], ..allows("Designer", &own) };
    let admins = Typed { inherits: vec![role_id(Role::Admin)], ..allows("Designer", &own) };
    for gaining in [&more, &heir, &admins] {
        let sentence = refused(access::change(&as_ana().await, designer, 1, gaining).await, "grants");
        assert!(sentence.contains("settings:update"), "{sentence}");
        let new = Typed { name: "Another".into(), ..gaining.clone() };
        assert!(refused(access::create(&as_ana().await, &new).await, "grants").contains("settings:update"));
        assert!(
            refused(access::preview(&as_ana().await, Some(designer), gaining).await, "grants")
                .contains("settings:update")
        );
    }
    // Nor may they take apart what they do not hold.
    assert!(
        refused(access::change(&as_ana().await, upper, 1, &allows("Upper", &[])).await, "grants")
            .contains("settings:update")
    );
    assert!(refused(access::delete(&as_ana().await, upper, 1, "").await, "grants").contains("settings:update"));
    access::create(&as_ana().await, &allows("Another", &own)).await.unwrap();
}

#[tokio::test]
async fn denying_wins_and_only_who_holds_it_gives_it_back() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let bea = world.member(&admin, "bea", Role::Admin).await;
    let manager = world.member(&admin, "mia", Role::Manager).await;
    let gag = make(&admin, &denies("No settings", &[Permission::SettingsUpdate])).await;
    let all = make(&admin, &allows("Settings", &[Permission::SettingsUpdate])).await;
    for role in [gag, all] {
        give(&admin, &bea, role).await;
        give(&admin, &manager, role).await;
    }
    for denied in [&bea, &manager] {
        assert!(!may(denied, Permission::SettingsUpdate).await);
    }
    let me = bea.identity().user_id;
    let answer = access::unassign(&bea.again().await.unwrap(), me, gag, "").await;
    assert!(matches!(answer, Err(Error::BeyondOwnRole)), "who is denied does not take it off: {answer:?}");
    assert!(
        refused(access::change(&bea.again().await.unwrap(), gag, 1, &allows("No settings", &[])).await, "grants")
            .contains("settings:update")
    );
    assert!(
        refused(access::delete(&bea.again().await.unwrap(), gag, 1, "").await, "grants").contains("settings:update")
    );
    take(&admin, me, gag).await;
    assert!(may(&bea, Permission::SettingsUpdate).await);
}

#[tokio::test]
async fn an_organization_keeps_an_admin_whom_nothing_is_denied() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let gag = make(&admin, &denies("No settings", &[Permission::SettingsUpdate])).await;
    let harmless = make(&admin, &allows("Harmless", &[Permission::UsersRead])).await;
    let me = admin.identity().user_id;
    let last =
        |answer: Option<Error>| assert!(matches!(answer, Some(Error::Conflict(Conflict::LastAdmin))), "{answer:?}");
    let again = || async { admin.again().await.unwrap() };
    let (answer, added) =
        world.added(org, async { access::assign(&again().await, me, gag, Period::default(), "").await }).await;
    last(answer.err());
    assert_eq!(added, Vec::<String>::new());
    give(&admin, &admin, harmless).await;
    let turned = Typed { reason: "Turned".into(), ..denies("Harmless", &[Permission::RolesManage]) };
    last(access::change(&again().await, harmless, 1, &turned).await.err());
    let heir = Typed { inherits: vec![gag], ..allows("Harmless", &[]) };
    last(access::change(&again().await, harmless, 1, &heir).await.err());

    // With a second admin it may be, until they would go.
    let bea = world.member(&admin, "bea", Role::Admin).await;
    give(&admin, &bea, gag).await;
    let id = bea.identity().user_id;
    let beyond = users::suspend(&bea.again().await.unwrap(), me, 2).await;
    assert!(matches!(beyond, Err(Error::BeyondOwnRole)), "what is denied to her, she does not hold: {beyond:?}");
    last(users::update(&again().await, me, 2, "Ada", Role::Manager).await.err());
    take(&admin, id, gag).await;
    users::update(&again().await, me, 2, "Ada", Role::Manager).await.unwrap();
}

#[tokio::test]
async fn roles_that_inherit_in_a_circle_are_refused_and_printed() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let a = make(&admin, &allows("Alpha", &[])).await;
    let b = make(&admin, &Typed { inherits: vec![a], ..allows("Beta", &[]) }).await;
    let c = make(&admin, &Typed { inherits: vec![b], ..allows("Gamma", &[]) }).await;
    let circle = Typed { inherits: vec![c], ..allows("Alpha", &[]) };
    let sentence = refused(access::change(&admin.again().await.unwrap(), a, 1, &circle).await, "inherits");
    for name in ["Alpha", "Beta", "Gamma", "→"] {
        assert!(sentence.contains(name), "{sentence}");
    }
    let unknown = Typed { inherits: vec![RoleId::from_uuid(uuid::Uuid::from_u128(5))], ..allows("Delta", &[]) };
    assert!(!refused(access::create(&admin.again().await.unwrap(), &unknown).await, "inherits").is_empty());
    let used = refused(access::delete(&admin.again().await.unwrap(), a, 1, "").await, "role");
    assert!(used.contains("Beta"), "{used}");
}

#[tokio::test]
async fn what_is_typed_is_checked() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    make(&admin, &allows("Support", &[])).await;
    let long = "x".repeat(61);
    let text = "y".repeat(501);
    let platform = allows("P", &[Permission::PlatformOrgsRead]);
    let unknown = Typed {
        grants: vec![Grant {
            permission: "moon:land".parse().unwrap(),
            effect: Effect::Allow,
            when: Condition::default(),
        }],
        ..allows("U", &[])
    };
    let named = |name: &str| allows(name, &[]);
    let sometimes =
        |test| line(Permission::UsersRead, Effect::Allow, Condition { any: vec![AllOf { tests: vec![test] }] });
    let hours =
        |from, zone: &str| Test::Hours(DailyHours { days: Weekdays::ALL, from, until: 60, zone: zone.to_owned() });
    let cases = [
        (named(""), "name"),
        (named(&long), "name"),
        (named("A\u{202E}b"), "name"),
        (named("Admin"), "name"),
        (named("Аdmin"), "name"),
        (named("v i e w e r"), "name"),
        (named("suppоrt"), "name"),
        (Typed { description: text.clone(), ..named("D") }, "description"),
        (Typed { reason: text, ..named("R") }, "reason"),
        (Typed { description: "\u{200B}".into(), ..named("Z") }, "description"),
        (Typed { inherits: vec![role_id(Role::Viewer); 33], ..named("I") }, "inherits"),
        (Typed { grants: vec![sometimes(Test::IdPrefix { prefix: "z".repeat(131_072) })], ..named("L") }, "grants"),
        (Typed { grants: vec![sometimes(Test::Owner); 501], ..named("M") }, "grants"),
        (Typed { grants: vec![sometimes(hours(1_440, "Europe/Berlin"))], ..named("H") }, "grants"),
        (Typed { grants: vec![sometimes(hours(0, "Mars/Olympus"))], ..named("T") }, "grants"),
        (platform, "grants"),
        (unknown, "grants"),
    ];
    let (_, added) = world
        .added(org, async {
            for (typed, field) in cases {
                assert!(
                    !refused(access::create(&admin.again().await.unwrap(), &typed).await, field).is_empty(),
                    "{typed:?}"
                );
            }
        })
        .await;
    assert_eq!(added, Vec::<String>::new());
}

#[tokio::test]
async fn an_invitation_ends_with_the_right_of_who_sent_it() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let hosts = [Permission::UsersInvite, Permission::UsersRead];
    let host = make(&admin, &allows("Host", &hosts)).await;
    give(&admin, &ana, host).await;
    for local in ["one", "two"] {
        let email = format!("{local}@acme.example");
        users::invite(&ana.again().await.unwrap(), &email, Role::User, "").await.unwrap()[0].result.clone().unwrap();
    }
    let beyond = users::invite(&ana.again().await.unwrap(), "boss@acme.example", Role::Manager, "").await;
    assert!(matches!(beyond, Err(Error::BeyondOwnRole)), "{beyond:?}");
    world.accept(&world.link_for("one@acme.example").await, "One").await;
    take(&admin, ana.identity().user_id, host).await;
    let link = world.link_for("two@acme.example").await;
    let late = sign_in::accept_invitation(&world.app, origin(1), &link, "Two", PASSWORD.into(), PASSWORD);
    assert!(late.await.is_err());
}

#[tokio::test]
async fn another_organizations_roles_are_not_there() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, acme) = world.org(&operator, "acme").await;
    let (_, globex) = world.org(&operator, "globex").await;
    let theirs = make(&acme, &allows("Auditor", &[Permission::AuditRead])).await;
    let hank = world.member(&globex, "hank", Role::User).await;
    let as_globex = || async { globex.again().await.unwrap() };
    let user = hank.identity().user_id;
    let answers = [
        access::find(&as_globex().await, theirs).await.err(),
        access::change(&as_globex().await, theirs, 1, &allows("Mine", &[])).await.err(),
        access::delete(&as_globex().await, theirs, 1, "").await.err(),
        access::assign(&as_globex().await, user, theirs, Period::default(), "").await.err(),
        access::unassign(&as_globex().await, user, theirs, "").await.err(),
        access::preview(&as_globex().await, Some(theirs), &allows("Mine", &[])).await.err(),
        access::held(&acme.again().await.unwrap(), user).await.err(),
        access::why(&acme.again().await.unwrap(), user, Supposed::default()).await.err(),
        access::assign(&acme.again().await.unwrap(), user, theirs, Period::default(), "").await.err(),
    ];
    for answer in answers {
        assert!(matches!(answer, Some(Error::NotFound)), "{answer:?}");
    }
    let inherits = Typed { inherits: vec![theirs], ..allows("Mine", &[]) };
    assert!(!refused(access::create(&as_globex().await, &inherits).await, "inherits").is_empty());
    assert_eq!(access::list(&as_globex().await).await.unwrap().own, []);
}

#[tokio::test]
async fn the_table_itself_keeps_platform_permissions_in_the_platform() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let written = |permission: &str, org: &str| {
        let grants = format!(r#"[{{"permission": "users:read"}}, {{"permission": "{permission}"}}]"#);
        format!("UPDATE roles SET grants = '{grants}', org_id = '{org}' WHERE name = 'Auditor'")
    };
    let org = org.to_string();
    // Past the program, as the strongest role there is.
    for permission in ["platform.orgs:manage", "platform:anything"] {
        let refused = world.database.run(&written(permission, &org)).await;
        assert!(format!("{refused:?}").contains("roles_platform_stays"), "{refused:?}");
    }
    world.database.run(&written("platforms:read", &org)).await.unwrap();
    let platform = bulkhead_model::id::PLATFORM_ORG.to_string();
    world.database.run(&written("platform.orgs:manage", &platform)).await.unwrap();
}

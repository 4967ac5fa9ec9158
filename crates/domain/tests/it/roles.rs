//! Roles of an organization's own: what they give, from when until when, and what is answered about them.

use crate::world::{World, origin};
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Period, Reach, Supposed, Typed},
    session_hash,
};
use bulkhead_model::{
    FieldErrors, Permission, RoleId, UserId,
    access::{AllOf, Condition, Effect, Grant, Test},
    error::Conflict,
    user::Role,
};
use time::{Duration, OffsetDateTime};

pub fn line(permission: Permission, effect: Effect, when: Condition) -> Grant {
    Grant { permission: permission.into(), effect, when }
}

pub fn allows(name: &str, permissions: &[Permission]) -> Typed {
    let grants = permissions.iter().map(|p| line(*p, Effect::Allow, Condition::default())).collect();
    Typed { name: name.into(), grants, reason: "For a test".into(), ..Typed::default() }
}

pub fn denies(name: &str, permissions: &[Permission]) -> Typed {
    let grants = permissions.iter().map(|p| line(*p, Effect::Deny, Condition::default())).collect();
    Typed { name: name.into(), grants, reason: "For a test".into(), ..Typed::default() }
}

pub async fn make(admin: &Ctx, typed: &Typed) -> RoleId {
    access::create(&admin.again().await.unwrap(), typed).await.unwrap()
}

pub async fn give(admin: &Ctx, to: &Ctx, role: RoleId) {
    let user = to.identity().user_id;
    access::assign(&admin.again().await.unwrap(), user, role, Period::default(), "").await.unwrap();
}

pub async fn take(admin: &Ctx, from: UserId, role: RoleId) {
    access::unassign(&admin.again().await.unwrap(), from, role, "").await.unwrap();
}

/// Give or take the minute in which nobody writes "last seen" again.
pub async fn now(ctx: &Ctx) -> OffsetDateTime {
    ctx.again().await.unwrap().identity().last_seen_at
}

/// With the next request.
pub async fn may(ctx: &Ctx, permission: Permission) -> bool {
    ctx.again().await.unwrap().may(permission)
}

/// The sentence for a refused field.
pub fn refused<T: std::fmt::Debug>(answer: Result<T, Error>, field: &str) -> String {
    match answer {
        Err(Error::Invalid(errors)) => {
            FieldErrors::of(&errors, field).unwrap_or_else(|| panic!("{errors:?}")).to_owned()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_role_counts_from_the_next_request_on_and_so_does_its_end() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    assert!(!may(&ana, Permission::AuditRead).await);
    let ((), added) = world.added(org, give(&admin, &ana, auditor)).await;
    assert_eq!(added, ["user.role_assigned"]);
    assert!(may(&ana, Permission::AuditRead).await);
    assert!(!may(&ana, Permission::SettingsRead).await, "nothing else came with it");

    let seen = access::find(&admin.again().await.unwrap(), auditor).await.unwrap();
    let version = seen.stored.unwrap().version;
    let more = allows("Auditor", &[Permission::AuditRead, Permission::SettingsRead]);
    access::change(&admin.again().await.unwrap(), auditor, version, &more).await.unwrap();
    assert!(may(&ana, Permission::SettingsRead).await, "changed for everybody who holds it");

    let (_, added) = world.added(org, take(&admin, ana.identity().user_id, auditor)).await;
    assert_eq!(added, ["user.role_unassigned"]);
    assert!(!may(&ana, Permission::AuditRead).await);
}

#[tokio::test]
async fn a_change_counts_on_every_replica() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let role = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    give(&admin, &ana, role).await;
    let other = world.replica(crate::world::Unlike { seed: 7, ..Default::default() });
    let session = world.sign_in("acme", "ana@acme.example", crate::world::PASSWORD).await.unwrap();
    let there = || Ctx::enter(&other, session_hash(session.cookie), origin(1));
    assert!(there().await.unwrap().may(Permission::AuditRead), "and it keeps the roles from here on");
    access::change(&admin.again().await.unwrap(), role, 1, &allows("Auditor", &[Permission::SettingsRead]))
        .await
        .unwrap();
    let ctx: Ctx = there().await.unwrap();
    assert_eq!((ctx.may(Permission::AuditRead), ctx.may(Permission::SettingsRead)), (false, true));
}

#[tokio::test]
async fn a_role_ends_by_itself_and_begins_when_it_should() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let user = ana.identity().user_id;
    let role = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let soon = now(&admin).await + Duration::hours(1);
    let period = Period { from: None, until: Some(soon) };
    access::assign(&admin.again().await.unwrap(), user, role, period, "").await.unwrap();
    assert!(may(&ana, Permission::AuditRead).await);
    let over = "UPDATE role_assignments SET ends_at = now() - interval '1 second'";
    world.database.run(over).await.unwrap();
    assert!(!may(&ana, Permission::AuditRead).await, "over, without anybody doing anything");

    let period = Period { from: Some(soon), until: None };
    access::assign(&admin.again().await.unwrap(), user, role, period, "").await.unwrap();
    assert!(!may(&ana, Permission::AuditRead).await, "not yet");
    world.database.run("UPDATE role_assignments SET starts_at = now() - interval '1 second'").await.unwrap();
    assert!(may(&ana, Permission::AuditRead).await);

    let past = now(&admin).await - Duration::minutes(1);
    for period in [Period { from: None, until: Some(past) }, Period { from: Some(soon), until: Some(soon) }] {
        let answer = access::assign(&admin.again().await.unwrap(), user, role, period, "").await;
        assert!(!refused(answer, "until").is_empty());
    }
}

#[tokio::test]
async fn every_save_is_a_version_and_a_stale_one_saves_nothing() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let role = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let second =
        Typed { reason: "They asked".into(), ..allows("Auditors", &[Permission::AuditRead, Permission::UsersRead]) };
    access::change(&admin.again().await.unwrap(), role, 1, &second).await.unwrap();
    let stale = access::change(&admin.again().await.unwrap(), role, 1, &allows("Late", &[])).await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::StaleVersion))));
    assert!(matches!(
        access::delete(&admin.again().await.unwrap(), role, 1, "").await,
        Err(Error::Conflict(Conflict::StaleVersion))
    ));
    let detail = access::find(&admin.again().await.unwrap(), role).await.unwrap();
    let said: Vec<(i32, &str, usize)> =
        detail.versions.iter().map(|v| (v.version, v.definition.name.as_str(), v.definition.grants.len())).collect();
    assert_eq!(said, [(2, "Auditors", 2), (1, "Auditor", 1)]);
    assert_eq!(
        (detail.versions[0].reason.as_str(), detail.versions[0].saved_by.as_str()),
        ("They asked", "admin@acme.example")
    );
    let sql = "SELECT reason FROM audit_events WHERE action = 'role.changed'";
    assert_eq!(world.database.texts(sql).await.unwrap(), ["They asked"]);

    let ana = world.member(&admin, "ana", Role::User).await;
    give(&admin, &ana, role).await;
    let (_, added) =
        world.added(org, async { access::delete(&admin.again().await.unwrap(), role, 2, "").await.unwrap() }).await;
    assert_eq!(added, ["role.deleted"]);
    assert!(!may(&ana, Permission::AuditRead).await, "who held it lost it");
    assert!(matches!(access::find(&admin.again().await.unwrap(), role).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn what_a_preview_says_is_what_happens() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let bea = world.member(&admin, "bea", Role::Viewer).await;
    let base = make(&admin, &allows("Base", &[Permission::AuditRead])).await;
    let heir = make(&admin, &Typed { inherits: vec![base], ..allows("Heir", &[]) }).await;
    give(&admin, &ana, base).await;
    give(&admin, &bea, heir).await;
    let next = Typed {
        grants: [
            allows("", &[Permission::OrgUpdate, Permission::SettingsRead]).grants,
            denies("", &[Permission::UsersRead]).grants,
        ]
        .concat(),
        ..allows("Base", &[])
    };
    let promised = access::preview(&admin.again().await.unwrap(), Some(base), &next).await.unwrap();
    assert_eq!(promised.holders, 2);
    let everyone = [&ana, &bea];
    let mut held = Vec::new();
    for ctx in everyone {
        let ctx = ctx.again().await.unwrap();
        held.push(Permission::ALL.iter().map(|p| ctx.may(*p)).collect::<Vec<_>>());
    }
    access::change(&admin.again().await.unwrap(), base, 1, &next).await.unwrap();
    let mut happened = Vec::new();
    for (ctx, before) in everyone.iter().zip(held) {
        let ctx = ctx.again().await.unwrap();
        for (permission, before) in Permission::ALL.iter().zip(before) {
            let after = ctx.may(*permission);
            if before != after {
                let reach = |may| if may { Reach::Always } else { Reach::Never };
                happened.push((ctx.identity().email.clone(), permission.to_string(), reach(before), reach(after)));
            }
        }
    }
    let said: Vec<_> =
        promised.shifts.iter().map(|s| (s.email.clone(), s.permission.to_string(), s.before, s.after)).collect();
    happened.sort();
    let mut sorted = said.clone();
    sorted.sort();
    assert_eq!(sorted, happened);
    assert_eq!(happened.len(), 7, "{happened:?}");
}

#[tokio::test]
async fn why_and_who_agree_with_what_is_enforced() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let bea = world.member(&admin, "bea", Role::Manager).await;
    let at =
        Condition { any: vec![AllOf { tests: vec![Test::Address { ranges: vec!["192.0.2.7".parse().unwrap()] }] }] };
    let from_one = Typed { grants: vec![line(Permission::AuditRead, Effect::Allow, at)], ..allows("From one", &[]) };
    let from_one = make(&admin, &from_one).await;
    let gag = make(&admin, &denies("Gag", &[Permission::AuditRead])).await;
    give(&admin, &ana, from_one).await;
    give(&admin, &bea, gag).await;

    for (ctx, host) in [(&ana, 1), (&ana, 7), (&bea, 1), (&bea, 7)] {
        let supposed = Supposed { at: None, address: origin(host).address };
        let why = access::why(&admin.again().await.unwrap(), ctx.identity().user_id, supposed).await.unwrap();
        let email = &ctx.identity().email;
        let session = world.sign_in("acme", email, crate::world::PASSWORD).await.unwrap();
        let ctx: Ctx = Ctx::enter(&world.app, session_hash(session.cookie), origin(host)).await.unwrap();
        // The console's own; what is asked of others is not enforced here.
        for permission in Permission::ALL.iter().filter(|permission| !permission.is_platform()) {
            let of = |answer: &&access::Answer| answer.permission.name == (*permission).into();
            let answer = why.answers.iter().find(of).unwrap();
            assert_eq!(answer.verdict.allowed(), ctx.may(*permission), "{email} {permission} from {host}");
        }
        assert!(why.answers.iter().any(|answer| answer.permission.name == Permission::AuditRead.into()
            && answer.steps.len() == 1 + usize::from(why.user.role == Role::Manager)));
    }

    let able = access::who_can(&admin.again().await.unwrap(), &Permission::AuditRead.into()).await.unwrap();
    assert_eq!(able.by_built_in, [(Role::Admin, 1), (Role::Manager, 1)]);
    assert_eq!(
        able.by_own.iter().map(|(_, who, how)| (who.as_str(), *how)).collect::<Vec<_>>(),
        [("ana@acme.example", Reach::Sometimes)]
    );
    assert_eq!(
        able.denied.iter().map(|(_, who, how)| (who.as_str(), *how)).collect::<Vec<_>>(),
        [("bea@acme.example", Reach::Never)]
    );
    assert_eq!(
        able.roles.iter().map(|(_, name, how)| (name.as_str(), *how)).collect::<Vec<_>>(),
        [("From one", Reach::Sometimes)]
    );
}

#[tokio::test]
async fn roles_that_cannot_stand_together_allow_nothing() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let role = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    give(&admin, &ana, role).await;
    // Past the program, as a restored backup or a careless hand would.
    world
        .database
        .run("UPDATE roles SET inherits = ARRAY[id]; UPDATE orgs SET roles_version = roles_version + 1")
        .await
        .unwrap();
    assert!(matches!(ana.again().await, Err(Error::Internal(_))), "fails closed");
    assert!(admin.again().await.unwrap().may(Permission::UsersRead), "who holds none of them goes on");
    world
        .database
        .run("UPDATE roles SET inherits = '{}', grants = '[]'; UPDATE orgs SET roles_version = roles_version + 1")
        .await
        .unwrap();
    assert!(!may(&ana, Permission::AuditRead).await);
}

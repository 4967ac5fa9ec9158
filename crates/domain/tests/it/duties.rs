//! Duties that exclude each other: named, changed and deleted; who holds both; what is asked or refused because of them.

use crate::{
    resource_types::{invoices, register},
    roles::{allows, denies, give, make, refused},
    workspaces::{again, id},
    world::World,
};
use bulkhead_authz::duties::Sides;
use bulkhead_domain::{
    Collision, Ctx, Error,
    access::{self, Period},
    duties::{self, Holders, MOST, Typed},
    resource_types,
};
use bulkhead_model::{
    DutyConflictId, Permission, UserId,
    access::PlacedRole,
    duty::DutyRule::{self, Ask, Refuse},
    error::Conflict,
    user::Role,
};

/// Reading the log and seeing settings: managers may do both, viewers one of the two, users neither.
pub fn typed(name: &str, rule: DutyRule) -> Typed {
    Typed {
        name: name.into(),
        first: "settings:read".into(),
        second: "audit:read".into(),
        why: "Whoever sees one is not to see the other.".into(),
        rule,
    }
}

pub async fn keep_apart(admin: &Ctx, rule: DutyRule) -> DutyConflictId {
    duties::create(&again(admin).await, &typed("Eyes", rule)).await.unwrap()
}

pub async fn assign(by: &Ctx, to: UserId, placed: impl Into<PlacedRole>, reason: &str) -> Result<(), Error> {
    access::assign(&again(by).await, to, placed, Period::default(), reason).await
}

#[track_caller]
pub fn collision<T: std::fmt::Debug>(answer: Result<T, Error>) -> Collision {
    match answer {
        Err(Error::Duties(collision)) => collision,
        other => panic!("{other:?}"),
    }
}

pub async fn holders(admin: &Ctx, conflict: DutyConflictId) -> Holders {
    duties::find(&again(admin).await, conflict).await.unwrap().0.holders
}

#[tokio::test]
async fn a_conflict_is_named_changed_and_deleted() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let (made, added) = world.added(org, keep_apart(&admin, Ask)).await;
    assert_eq!(added, ["duty_conflict.created"]);
    let found = duties::find(&again(&admin).await, made).await.unwrap().0.conflict;
    assert_eq!(
        (found.pair.first().to_string(), found.pair.second().to_string()),
        ("audit:read".into(), "settings:read".into())
    );
    assert_eq!((found.version, found.created_by.as_str()), (1, "admin@acme.example"));

    let other = Typed { second: "users:read".into(), ..typed(" Eyes only ", Refuse) };
    let (changed, added) = world.added(org, duties::change(&again(&admin).await, made, 1, &other)).await;
    changed.unwrap();
    assert_eq!(added, ["duty_conflict.changed"]);
    let before = "SELECT (before ->> 'duties') || ' | ' || (after ->> 'duties') || ' | ' || (before ->> 'rule') FROM audit_events
                  WHERE action = 'duty_conflict.changed'";
    let told = world.database.texts(before).await.unwrap();
    assert_eq!(told, ["audit:read and settings:read | settings:read and users:read | ask"]);
    let (same, added) = world.added(org, duties::change(&again(&admin).await, made, 2, &other)).await;
    same.unwrap();
    assert_eq!(added, Vec::<String>::new(), "done again, nothing is written");

    let stale = duties::change(&again(&admin).await, made, 1, &typed("Late", Ask)).await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::StaleVersion))), "{stale:?}");
    let stale = duties::delete(&again(&admin).await, made, 1).await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::StaleVersion))), "{stale:?}");
    let (deleted, added) = world.added(org, duties::delete(&again(&admin).await, made, 2)).await;
    deleted.unwrap();
    assert_eq!(added, ["duty_conflict.deleted"]);
    let gone = duties::delete(&again(&admin).await, made, 2).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
}

#[tokio::test]
async fn what_is_typed_is_checked_field_by_field() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let create = async |typed: &Typed| duties::create(&again(&admin).await, typed).await;
    let good = typed("Eyes", Ask);
    let with = |change: fn(&mut Typed)| {
        let mut typed = good.clone();
        change(&mut typed);
        typed
    };
    for (typed, field) in [
        (with(|typed| typed.name = " ".into()), "name"),
        (with(|typed| typed.name = "x".repeat(61)), "name"),
        (with(|typed| typed.name = "Ey\u{202e}es".into()), "name"),
        (with(|typed| typed.first = String::new()), "first"),
        (with(|typed| typed.first = "invoices:read".into()), "first"),
        (with(|typed| typed.first = "</script>".into()), "first"),
        (with(|typed| typed.first = "platform.orgs:read".into()), "first"),
        (with(|typed| typed.second = "nothing".into()), "second"),
        (with(|typed| typed.second = "settings:read".into()), "second"),
        (with(|typed| typed.why = " \n ".into()), "why"),
        (with(|typed| typed.why = "x".repeat(501)), "why"),
        (with(|typed| typed.why = "be\u{0}ll".into()), "why"),
    ] {
        refused(create(&typed).await, field);
    }
    create(&good).await.unwrap();
    // The first e is Cyrillic.
    let alike = Typed { second: "users:read".into(), ..typed("Еyes", Ask) };
    assert_eq!(refused(create(&alike).await, "name"), "Another conflict has this name, or one that looks the same.");
    let turned = Typed { first: good.second.clone(), second: good.first.clone(), ..typed("Turned", Ask) };
    assert_eq!(refused(create(&turned).await, "second"), "Eyes is about these two already. Change that one.");
}

#[tokio::test]
async fn a_hundred_conflicts_are_enough() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let sql = format!(
        "INSERT INTO duty_conflicts (org_id, id, name, name_key, first, second, why, created_by, updated_by)
         SELECT '{org}', gen_random_uuid(), 'C ' || n, 'c' || n, 'a:a' || n, 'b:b' || n, 'x', 'x', 'x' FROM generate_series(1, {MOST}) n"
    );
    world.database.run(&sql).await.unwrap();
    let full = duties::create(&again(&admin).await, &typed("Eyes", Ask)).await;
    assert!(refused(full, "name").contains("at most 100"));
    // They name what does not exist: nobody holds that, and the list says so.
    let list = duties::list(&again(&admin).await).await.unwrap();
    assert_eq!((list.data.len(), list.data.iter().map(|held| held.holders.count()).max()), (MOST, Some(0)));
}

#[tokio::test]
async fn only_who_arranges_roles_arranges_conflicts_and_only_their_own() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (org, admin) = world.org(&operator, "acme").await;
    let (_, other) = world.org(&operator, "globex").await;
    let mia = world.member(&admin, "mia", Role::Manager).await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let conflict = keep_apart(&admin, Ask).await;
    assert_eq!(duties::list(&again(&mia).await).await.unwrap().data.len(), 1, "managers see roles");
    let denied = [
        duties::create(&again(&mia).await, &typed("Mine", Ask)).await.err(),
        duties::change(&again(&mia).await, conflict, 1, &typed("Mine", Ask)).await.err(),
        duties::delete(&again(&mia).await, conflict, 1).await.err(),
        duties::list(&again(&ana).await).await.err(),
        duties::of_user(&again(&ana).await, id(&ana)).await.err(),
    ];
    for answer in denied {
        assert!(matches!(answer, Some(Error::Forbidden(_))), "{answer:?}");
    }
    let (nothing, added) = world
        .added(org, async {
            [
                duties::find(&again(&other).await, conflict).await.err(),
                duties::change(&again(&other).await, conflict, 1, &typed("Theirs", Ask)).await.err(),
                duties::delete(&again(&other).await, conflict, 1).await.err(),
                duties::of_user(&again(&other).await, id(&ana)).await.err(),
            ]
        })
        .await;
    for answer in nothing {
        assert!(matches!(answer, Some(Error::NotFound)), "{answer:?}");
    }
    assert_eq!(added, Vec::<String>::new());
    keep_apart(&other, Ask).await;
}

#[tokio::test]
async fn who_holds_both_is_counted_by_built_in_role_and_named() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let mia = world.member(&admin, "mia", Role::Manager).await;
    world.member(&admin, "max", Role::Manager).await;
    let (ana, vic) = (world.member(&admin, "ana", Role::User).await, world.member(&admin, "vic", Role::Viewer).await);
    let both = make(&admin, &allows("Both", &[Permission::AuditRead, Permission::SettingsRead])).await;
    let reader = make(&admin, &allows("Reader", &[Permission::AuditRead])).await;
    let gag = make(&admin, &denies("Gag", &[Permission::AuditRead])).await;
    give(&admin, &ana, both).await;
    give(&admin, &vic, reader).await;
    give(&admin, &mia, gag).await;
    let conflict = keep_apart(&admin, Ask).await;
    let found = holders(&admin, conflict).await;
    assert_eq!(found.by_built_in, [(Role::Manager, 1)], "mia is denied one of the two");
    let people: Vec<&str> = found.people.iter().map(|(_, email)| email.as_str()).collect();
    assert_eq!(people, ["ana@acme.example", "vic@acme.example"]);
    assert_eq!(found.roles, [(both, "Both".to_owned())]);
    assert_eq!((found.count(), found.admins), (3, 1));
    let of = async |user: &Ctx| duties::of_user(&again(&admin).await, id(user)).await.unwrap();
    assert!(of(&mia).await.is_empty());
    assert_eq!(of(&vic).await.iter().map(|(it, sides)| (it.id, *sides)).collect::<Vec<_>>(), [(conflict, Sides::Both)]);
}

#[tokio::test]
async fn what_a_conflict_names_stays_registered() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (_, admin) = world.org(&operator, "acme").await;
    register(&operator, &invoices()).await;
    let typed = Typed { first: "invoices:delete".into(), ..typed("Invoices", Ask) };
    let conflict = duties::create(&again(&admin).await, &typed).await.unwrap();
    let name = invoices().name;
    let refusal = refused(resource_types::remove(&operator.again().await.unwrap(), &name, 1).await, "type");
    assert_eq!(
        refusal,
        "invoices is named by one conflict of duties of one organization, so it stays. Take it out of these conflicts first."
    );
    duties::delete(&again(&admin).await, conflict, 1).await.unwrap();
    resource_types::remove(&operator.again().await.unwrap(), &name, 1).await.unwrap();
}

//! Giving a role to many people at once and taking it from them: what is shown is what happens, once, with an event each.

use crate::{
    roles::{allows, denies, give, make, may, now, refused, take},
    workspaces::{again, id, within, workspace},
    world::World,
};
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Bulk, Cannot, Deed, MOST_PEOPLE, Order, Outcome, People, Period},
    idempotency::once,
    users,
};
use bulkhead_model::{
    Permission, UserId,
    access::{PlacedRole, Prospect},
    error::Conflict,
    user::{Role, UserFilter},
};
use time::Duration;

pub fn giving(placed: impl Into<PlacedRole>) -> Order {
    Order { placed: placed.into(), deed: Deed::Give(Period::default()), reason: String::new() }
}

pub fn taking(placed: impl Into<PlacedRole>) -> Order {
    Order { deed: Deed::Take, ..giving(placed) }
}

pub fn these(users: &[UserId]) -> People {
    People::Listed { users: users.to_vec(), addresses: Vec::new() }
}

pub fn whoever(addresses: &[&str]) -> People {
    People::Listed { users: Vec::new(), addresses: addresses.iter().map(|text| (*text).to_owned()).collect() }
}

pub async fn do_at_once(by: &Ctx, order: &Order, people: &People) -> Result<Bulk, Error> {
    access::carry_out(&again(by).await, order, people, None).await
}

pub fn prospects(bulk: &Bulk) -> Vec<Prospect> {
    bulk.lines.iter().map(|line| line.outcome.prospect()).collect()
}

use Prospect::{Cannot as LeftOut, Changes, Gains, Loses, Stays};

#[tokio::test]
async fn a_role_is_given_to_many_and_taken_from_them_with_an_event_each() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let (ana, bea) = (world.member(&admin, "ana", Role::User).await, world.member(&admin, "bea", Role::Viewer).await);
    let late = world.invited(&admin, "late", Role::User).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    give(&admin, &bea, auditor).await;
    let people = these(&[id(&ana), id(&bea), late.id]);
    let order = Order { reason: " Yearly audit ".into(), ..giving(auditor) };

    let shown = access::look(&again(&admin).await, &order, &people).await.unwrap();
    assert_eq!(prospects(&shown), [Gains, Stays, Gains]);
    assert!(!may(&ana, Permission::AuditRead).await, "looking does nothing");
    let (done, added) =
        world.added(org, access::carry_out(&again(&admin).await, &order, &people, Some(&shown.promise()))).await;
    let done = done.unwrap();
    assert_eq!((prospects(&done), done.acts()), (prospects(&shown), 2));
    assert!(done.lines.iter().all(|line| !line.otherwise));
    assert_eq!(added, ["user.role_assigned", "user.role_assigned"]);
    let reasons = "SELECT DISTINCT reason || ' ' || (after ->> 'role') FROM audit_events WHERE reason IS NOT NULL AND action = 'user.role_assigned'";
    assert_eq!(world.database.texts(reasons).await.unwrap(), ["Yearly audit Auditor"]);
    assert!(may(&ana, Permission::AuditRead).await && may(&bea, Permission::AuditRead).await);

    let until = now(&admin).await + Duration::days(2);
    let for_days = Order { deed: Deed::Give(Period { from: None, until: Some(until) }), ..giving(auditor) };
    let done = do_at_once(&admin, &for_days, &people).await.unwrap();
    assert_eq!(prospects(&done), [Changes, Changes, Changes]);
    assert_eq!(access::held(&again(&admin).await, id(&ana)).await.unwrap()[0].until, Some(until));

    let (done, added) = world.added(org, do_at_once(&admin, &taking(auditor), &people)).await;
    assert_eq!(prospects(&done.unwrap()), [Loses, Loses, Loses]);
    assert_eq!(added, ["user.role_unassigned"; 3]);
    let (again_taken, added) = world.added(org, do_at_once(&admin, &taking(auditor), &people)).await;
    assert_eq!(prospects(&again_taken.unwrap()), [Stays, Stays, Stays]);
    assert_eq!(added, Vec::<String>::new(), "nothing was done, so nothing is written down");
    assert!(!may(&ana, Permission::AuditRead).await);
}

#[tokio::test]
async fn people_are_named_by_address_by_id_or_by_a_filter() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let (ana, bea) = (world.member(&admin, "ana", Role::User).await, world.member(&admin, "bea", Role::Viewer).await);
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let lines = ["ANA@acme.example", "nobody@acme.example", "no address", "ana@acme.example"];
    let shown = access::look(&again(&admin).await, &giving(auditor), &whoever(&lines)).await.unwrap();
    let said: Vec<_> = shown.lines.iter().map(|line| (line.named.as_str(), &line.outcome)).collect();
    assert_eq!(said[0], (lines[0], &Outcome::Gains));
    assert_eq!(said[1], (lines[1], &Outcome::Cannot(Cannot::NoSuchAddress)));
    assert!(matches!(said[2].1, Outcome::Cannot(Cannot::NoAddress(why)) if why.contains("name@example.com")));
    assert_eq!(said[3], (lines[3], &Outcome::Cannot(Cannot::Twice)));

    let viewers = People::Matching(UserFilter { role: vec![Role::Viewer], ..UserFilter::default() });
    let shown = access::look(&again(&admin).await, &giving(auditor), &viewers).await.unwrap();
    assert_eq!(shown.lines.iter().map(|line| line.who.as_ref().unwrap().id).collect::<Vec<_>>(), [id(&bea)]);
    // Whoever matches by the time it is done and was not shown is not meant.
    let cy = world.member(&admin, "cy", Role::Viewer).await;
    let promise = shown.promise();
    access::carry_out(&again(&admin).await, &giving(auditor), &viewers, Some(&promise)).await.unwrap();
    assert!(may(&bea, Permission::AuditRead).await && !may(&cy, Permission::AuditRead).await);

    let nobody = People::Matching(UserFilter { search: "zebra".into(), ..UserFilter::default() });
    assert!(refused(do_at_once(&admin, &giving(auditor), &nobody).await, "people").contains("Nobody"));
    assert!(refused(do_at_once(&admin, &giving(auditor), &these(&[])).await, "people").contains("at least one"));
    let too_many = vec![id(&ana); MOST_PEOPLE + 1];
    assert!(refused(do_at_once(&admin, &giving(auditor), &these(&too_many)).await, "people").contains("At most 1000"));
    let full = these(&too_many[1..]);
    assert_eq!(do_at_once(&admin, &giving(auditor), &full).await.unwrap().acts(), 1);
    world
        .database
        .run(&format!(
            "INSERT INTO users (org_id, id, email, email_norm, role, status)
             SELECT '{}', gen_random_uuid(), 'n' || n || '@x.example', 'n' || n || '@x.example', 'user', 'active' FROM generate_series(1, {MOST_PEOPLE}) n",
            admin.identity().org_id
        ))
        .await
        .unwrap();
    let everybody = People::Matching(UserFilter::default());
    assert!(refused(do_at_once(&admin, &giving(auditor), &everybody).await, "people").contains("Narrow the filter"));
}

#[tokio::test]
async fn what_is_shown_of_permissions_is_what_happens() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let everyone = [
        world.member(&admin, "ana", Role::User).await,
        world.member(&admin, "bea", Role::Viewer).await,
        world.member(&admin, "mia", Role::Manager).await,
    ];
    let role = allows("Mixed", &[Permission::AuditRead, Permission::SettingsUpdate, Permission::UsersRead]);
    let gag = denies("", &[Permission::RolesRead]).grants;
    let role = bulkhead_domain::access::Typed { grants: [role.grants.clone(), gag].concat(), ..role };
    let role = make(&admin, &role).await;
    let ids: Vec<UserId> = everyone.iter().map(id).collect();
    let shown = access::look(&again(&admin).await, &giving(role), &these(&ids)).await.unwrap();
    let said: Vec<_> = shown.effects.iter().map(|e| (e.permission.to_string(), e.dangerous, e.gain, e.lose)).collect();
    let can = async || {
        let mut can = Vec::new();
        for ctx in &everyone {
            let ctx = again(ctx).await;
            can.push(Permission::ALL.iter().map(|p| ctx.may(*p)).collect::<Vec<bool>>());
        }
        can
    };
    let before = can().await;
    // Something dangerous is newly allowed, so it takes a reason; and without one nothing is done.
    let why = refused(do_at_once(&admin, &giving(role), &these(&ids)).await, "reason");
    assert!(why.contains("they could newly"), "{why}");
    assert_eq!(can().await, before);
    let order = Order { reason: "They keep the settings".into(), ..giving(role) };
    do_at_once(&admin, &order, &these(&ids)).await.unwrap();
    let after = can().await;
    let mut happened = Vec::new();
    for (at, permission) in Permission::ALL.iter().enumerate() {
        let of = |was: bool| before.iter().zip(&after).filter(|(b, a)| (b[at], a[at]) == (was, !was)).count();
        let (gain, lose) = (of(false), of(true));
        if gain + lose > 0 {
            happened.push((permission.to_string(), *permission == Permission::SettingsUpdate, gain, lose));
        }
    }
    happened.sort_by_key(|(_, dangerous, gain, _)| !(*dangerous && *gain > 0));
    assert_eq!(said, happened);
    assert_eq!(said[0].0, "settings:update", "what is dangerous comes first");

    // Taking it gives back what it denied, and nobody needs a reason for losing.
    let shown = access::look(&again(&admin).await, &taking(role), &these(&ids)).await.unwrap();
    let back: Vec<_> = shown.effects.iter().map(|e| (e.permission.to_string(), e.lose, e.gain)).collect();
    let mut gave: Vec<_> = said.into_iter().map(|(permission, _, gain, lose)| (permission, gain, lose)).collect();
    let mut sorted = back;
    gave.sort();
    sorted.sort();
    assert_eq!(sorted, gave);
    do_at_once(&admin, &taking(role), &these(&ids)).await.unwrap();
    assert_eq!(can().await, before);
}

#[tokio::test]
async fn only_what_was_shown_is_done_and_what_changed_meanwhile_is_said() {
    let world = World::new().await;
    let (_, admin) = world.tenant().await;
    let mut people = Vec::new();
    for local in ["ana", "bea", "cy", "dan"] {
        people.push(world.member(&admin, local, Role::User).await);
    }
    let [ana, bea, cy, dan] = people.try_into().unwrap();
    let production = workspace(&admin, "Production", &[&ana, &bea, &cy]).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let placed = within(auditor, production);
    access::assign(&again(&admin).await, id(&bea), placed, Period::default(), "").await.unwrap();
    let ids = these(&[id(&ana), id(&bea), id(&cy), id(&dan)]);
    let shown = access::look(&again(&admin).await, &giving(placed), &ids).await.unwrap();
    assert_eq!(prospects(&shown), [Gains, Stays, Gains, LeftOut]);

    // Meanwhile: Ana was given it by somebody else, Bea lost it, Dan became a member; nothing happened to Cy.
    access::assign(&again(&admin).await, id(&ana), placed, Period::default(), "").await.unwrap();
    access::unassign(&again(&admin).await, id(&bea), placed, "").await.unwrap();
    bulkhead_domain::workspaces::add_member(&again(&admin).await, production, id(&dan)).await.unwrap();
    let done = access::carry_out(&again(&admin).await, &giving(placed), &ids, Some(&shown.promise())).await.unwrap();
    let said: Vec<_> = done.lines.iter().map(|line| (line.outcome.clone(), line.otherwise)).collect();
    let meanwhile = || (Outcome::Cannot(Cannot::Meanwhile), true);
    assert_eq!(said, [(Outcome::Stays, true), meanwhile(), (Outcome::Gains, false), meanwhile()]);
    assert_eq!(access::held(&again(&admin).await, id(&bea)).await.unwrap(), [], "it was not announced for her");

    // Somebody who was not shown at all.
    let eve = world.member(&admin, "eve", Role::User).await;
    let shown = access::look(&again(&admin).await, &giving(auditor), &these(&[id(&ana)])).await.unwrap();
    let more = these(&[id(&ana), id(&eve)]);
    let done = access::carry_out(&again(&admin).await, &giving(auditor), &more, Some(&shown.promise())).await.unwrap();
    assert_eq!((prospects(&done), done.lines[1].otherwise), (vec![Gains, LeftOut], true));

    // What the role allows is another than was shown: nothing is done at all.
    let shown = access::look(&again(&admin).await, &giving(auditor), &these(&[id(&eve)])).await.unwrap();
    let more = allows("Auditor", &[Permission::AuditRead, Permission::UsersInvite]);
    access::change(&again(&admin).await, auditor, 1, &more).await.unwrap();
    let promise = shown.promise();
    let stale = access::carry_out(&again(&admin).await, &giving(auditor), &these(&[id(&eve)]), Some(&promise)).await;
    assert!(matches!(stale, Err(Error::Conflict(Conflict::StaleVersion))), "{stale:?}");
    access::delete(&again(&admin).await, auditor, 2, "").await.unwrap();
    let gone = access::carry_out(&again(&admin).await, &giving(auditor), &these(&[id(&eve)]), Some(&promise)).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
    assert!(!may(&eve, Permission::AuditRead).await);
}

#[tokio::test]
async fn sent_twice_it_is_done_once() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let auditor = make(&admin, &allows("Auditor", &[Permission::AuditRead])).await;
    let people = these(&[id(&ana)]);
    let send = |_| async {
        let ctx = again(&admin).await;
        ctx.once(once("k1", "POST", "/t/acme/users/roles", b"ana").unwrap());
        access::carry_out(&ctx, &giving(auditor), &people, None).await
    };
    let (answers, added) = world.added(org, futures::future::join_all((0..8).map(send))).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|answer| matches!(answer, Ok(_) | Err(Error::DoneBefore(_)))));
    assert_eq!(added, ["user.role_assigned"]);
    take(&admin, id(&ana), auditor).await;
    assert!(matches!(send(0).await, Err(Error::DoneBefore(_))), "even after it was undone");
}

/// However many there are, as many statements.
#[tokio::test]
async fn statements_do_not_grow_with_people() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let production = workspace(&admin, "Production", &[&admin]).await;
    // A role that denies makes it ask for admins, too.
    let role = make(&admin, &denies("No audit", &[Permission::AuditRead])).await;
    world.member(&admin, "second", Role::Admin).await;
    world
        .database
        .run(&format!(
            "INSERT INTO users (org_id, id, email, email_norm, role, status)
             SELECT '{org}', gen_random_uuid(), 'n' || n || '@x.example', 'n' || n || '@x.example', 'user', 'active' FROM generate_series(1, {MOST_PEOPLE}) n;
             INSERT INTO workspace_members (org_id, workspace_id, user_id, added_by)
             SELECT org_id, '{production}', id, 'x' FROM users WHERE org_id = '{org}' AND email LIKE 'n%'"
        ))
        .await
        .unwrap();
    let ids = format!("SELECT id::text FROM users WHERE org_id = '{org}' AND email LIKE 'n%' ORDER BY id");
    let ids: Vec<UserId> = world.database.texts(&ids).await.unwrap().iter().map(|text| text.parse().unwrap()).collect();
    let statements = || world.pool.statements().snapshot().iter().map(|statement| statement.calls).sum::<u64>();
    let mut counted = Vec::new();
    for many in [3, MOST_PEOPLE] {
        let (people, placed) = (these(&ids[..many]), within(role, production));
        for order in [giving(placed), taking(placed)] {
            let before = statements();
            let done = do_at_once(&admin, &order, &people).await.unwrap();
            assert_eq!(done.acts(), many);
            counted.push(statements() - before);
        }
    }
    assert_eq!(counted[..2], counted[2..], "for three and for a thousand");
    assert!(counted.iter().all(|count| *count <= 12), "{counted:?}");
    assert_eq!(world.number("SELECT count(*) FROM audit_events WHERE action = 'user.role_assigned'").await, 1_003);
    // The events of one request stay in the order of the people.
    let order = "SELECT target_id FROM audit_events WHERE action = 'user.role_unassigned' ORDER BY id DESC LIMIT 1";
    assert_eq!(world.database.texts(order).await.unwrap(), [ids[MOST_PEOPLE - 1].to_string()]);
}

/// What stands in the way of some holds nobody else up.
#[tokio::test]
async fn who_cannot_is_left_out_and_the_others_are_not_held_up() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let mia = world.member(&admin, "mia", Role::Manager).await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let gone = world.member(&admin, "gone", Role::User).await;
    users::remove(&again(&admin).await, id(&gone), 2).await.unwrap();
    let reader = make(&admin, &allows("Reader", &[Permission::UsersRead])).await;
    let people = these(&[id(&admin), id(&ana), id(&gone)]);
    let (done, added) = world.added(org, do_at_once(&mia, &giving(reader), &people)).await;
    let done = done.unwrap();
    let codes: Vec<_> = done
        .lines
        .iter()
        .map(|line| match &line.outcome {
            Outcome::Cannot(cannot) => cannot.code().code(),
            other => other.prospect().code(),
        })
        .collect();
    assert_eq!(codes, ["beyond_own_role", "gains", "removed"]);
    assert_eq!(added, ["user.role_assigned", "access.denied"], "reaching above oneself is written down");
    // Whoever was shown that, and goes on without them, reaches for nobody.
    let shown = access::look(&again(&mia).await, &taking(reader), &people).await.unwrap();
    let (done, added) =
        world.added(org, access::carry_out(&again(&mia).await, &taking(reader), &people, Some(&shown.promise()))).await;
    assert_eq!(prospects(&done.unwrap()), [LeftOut, Loses, Stays]);
    assert_eq!(added, ["user.role_unassigned"]);
    // Where nobody is left, only that is written down.
    let (done, added) = world.added(org, do_at_once(&mia, &giving(reader), &these(&[id(&admin)]))).await;
    assert_eq!(done.unwrap().acts(), 0);
    assert_eq!(added, ["access.denied"]);
}

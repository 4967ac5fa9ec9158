//! What is asked or refused because of duties that exclude each other, on every path to holding both.

use crate::{
    duties::{assign, collision, holders, keep_apart, typed},
    resource_types::{invoices, register},
    roles::{allows, denies, give, make, now, refused, take},
    workspaces::{again, archive, id, restore, within, workspace},
    world::World,
};
use bulkhead_authz::duties::Sides;
use bulkhead_domain::{
    Error,
    access::{self, Period},
    duties::{self, Typed},
    users, workspaces,
};
use bulkhead_model::{
    OrgId, Permission,
    access::{Condition, Effect},
    duty::DutyRule::{Ask, Refuse},
    user::Role,
};

const BOTH: &str = "both audit:read and settings:read (conflict: Eyes)";

#[track_caller]
fn says<T: std::fmt::Debug>(answer: Result<T, Error>, refused: bool, sentences: &[&str]) {
    let collision = collision(answer);
    assert_eq!(collision.sentences().collect::<Vec<_>>(), sentences);
    assert_eq!(collision.refused, refused);
}

/// The newest event of an organization: its reason, and what stands after it.
async fn newest(world: &World, org: OrgId) -> String {
    let sql = format!(
        "SELECT action || ' ' || coalesce(reason, '-') || ' ' || coalesce(after ->> 'duties that exclude each other', '-')
         FROM audit_events WHERE org_id = '{org}' ORDER BY id DESC LIMIT 1"
    );
    world.database.texts(&sql).await.unwrap().pop().unwrap()
}

#[tokio::test]
async fn whoever_gives_both_says_why() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let reader = make(&admin, &allows("Reader", &[Permission::AuditRead])).await;
    let looker = make(&admin, &allows("Looker", &[Permission::SettingsRead])).await;
    let conflict = keep_apart(&admin, Ask).await;
    assign(&admin, id(&ana), reader, "").await.unwrap();
    let (asked, added) = world.added(org, assign(&admin, id(&ana), looker, " ")).await;
    says(asked, false, &[&format!("ana@acme.example would newly hold {BOTH}.")]);
    assert_eq!(added, Vec::<String>::new(), "asked, and nothing done");
    // A reason that does not read well is none: it is asked for again.
    says(
        assign(&admin, id(&ana), looker, "be\u{0}ll").await,
        false,
        &[&format!("ana@acme.example would newly hold {BOTH}.")],
    );
    assign(&admin, id(&ana), looker, " While Bo is away ").await.unwrap();
    let told = format!("user.role_assigned While Bo is away ana@acme.example would newly hold {BOTH}.");
    assert_eq!(newest(&world, org).await, told);
    assert_eq!(holders(&admin, conflict).await.people, [(id(&ana), "ana@acme.example".to_owned())]);

    // Who holds both already is not given both anew.
    let period = Period { until: Some(now(&admin).await + time::Duration::days(9)), ..Period::default() };
    access::assign(&again(&admin).await, id(&ana), looker, period, "").await.unwrap();
    assert!(newest(&world, org).await.ends_with(" - -"));
    // Nor is an admin: they hold everything.
    assign(&admin, id(&admin), reader, "").await.unwrap();
    assign(&admin, id(&admin), looker, "").await.unwrap();
    let mine = duties::of_user(&again(&admin).await, id(&admin)).await.unwrap();
    assert_eq!(mine.iter().map(|(_, sides)| *sides).collect::<Vec<_>>(), [Sides::Admin]);
    // A reason where none is needed is kept as well, if it reads well.
    let bo = world.member(&admin, "bo", Role::User).await;
    assert!(refused(assign(&admin, id(&bo), reader, &"x".repeat(501)).await, "reason").starts_with("At most"));
    assign(&admin, id(&bo), reader, "Joins the desk").await.unwrap();
    assert_eq!(newest(&world, org).await, "user.role_assigned Joins the desk -");
}

#[tokio::test]
async fn an_admin_who_becomes_a_user_is_looked_at_again() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let bea = world.member(&admin, "bea", Role::Admin).await;
    for permission in [Permission::AuditRead, Permission::SettingsRead] {
        let role = make(&admin, &allows(permission.as_str(), &[permission])).await;
        give(&admin, &bea, role).await;
    }
    keep_apart(&admin, Ask).await;
    let seen = users::find(&again(&admin).await, id(&bea)).await.unwrap().version;
    let change = async |role, reason: &str| {
        users::update_because(&again(&admin).await, id(&bea), seen, ("Bea", role), reason).await
    };
    says(change(Role::User, "").await, false, &[&format!("bea@acme.example would newly hold {BOTH}.")]);
    change(Role::User, "Steps back").await.unwrap();
    assert!(newest(&world, org).await.starts_with("user.role_changed Steps back bea@acme.example"));
}

#[tokio::test]
async fn a_role_that_brings_duties_together_takes_a_reason_and_the_review_says_so() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let (ana, bo) = (world.member(&admin, "ana", Role::User).await, world.member(&admin, "bo", Role::Viewer).await);
    let reader = make(&admin, &allows("Reader", &[])).await;
    let heir =
        access::Typed { name: "Heir".into(), inherits: vec![reader], ..allows("Heir", &[Permission::SettingsRead]) };
    let heir = make(&admin, &heir).await;
    give(&admin, &ana, heir).await;
    give(&admin, &bo, reader).await;
    keep_apart(&admin, Ask).await;

    let unsaid = |permissions: &[Permission]| access::Typed { reason: String::new(), ..allows("Reader", permissions) };
    let more = unsaid(&[Permission::AuditRead]);
    // Of two who get it, one sees settings by the built-in role, and one by the heir.
    let sentences = [
        format!("Heir alone would allow {BOTH}."),
        format!("2 people would newly hold {BOTH}: ana@acme.example, bo@acme.example."),
    ];
    let sentences = [sentences[0].as_str(), sentences[1].as_str()];
    let preview = access::preview(&again(&admin).await, Some(reader), &more).await.unwrap();
    assert_eq!(preview.duties.iter().flat_map(access::Clash::sentences).collect::<Vec<_>>(), sentences);
    let (asked, added) = world.added(org, access::change(&again(&admin).await, reader, 1, &more)).await;
    says(asked, false, &sentences);
    assert_eq!(added, Vec::<String>::new());
    let said = access::Typed { reason: "For the audit".into(), ..more.clone() };
    access::change(&again(&admin).await, reader, 1, &said).await.unwrap();
    assert_eq!(newest(&world, org).await, format!("role.changed For the audit {}", sentences.join("\n")));
    // What is so already is not asked again.
    let renamed = access::Typed { name: "Log reader".into(), ..more };
    access::change(&again(&admin).await, reader, 2, &renamed).await.unwrap();

    let both = access::Typed { name: "Both".into(), ..unsaid(&[Permission::AuditRead, Permission::SettingsRead]) };
    let preview = access::preview(&again(&admin).await, None, &both).await.unwrap();
    assert_eq!(preview.duties.iter().map(|clash| clash.roles.clone()).collect::<Vec<_>>(), [["Both"]]);
    says(access::create(&again(&admin).await, &both).await, false, &[&format!("Both alone would allow {BOTH}.")]);
    make(&admin, &access::Typed { reason: "One desk".into(), ..both }).await;
}

#[tokio::test]
async fn what_is_refused_is_refused_on_every_path() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let ana = world.member(&admin, "ana", Role::User).await;
    let reader = make(&admin, &allows("Reader", &[Permission::AuditRead])).await;
    let looker = make(&admin, &allows("Looker", &[Permission::SettingsRead])).await;
    let gag = make(&admin, &denies("Gag", &[Permission::SettingsRead])).await;
    let conflict = keep_apart(&admin, Refuse).await;
    give(&admin, &ana, reader).await;
    let hers = format!("ana@acme.example would newly hold {BOTH}.");
    let before = world.actions(org).await.len();

    says(assign(&admin, id(&ana), looker, "But I want to").await, true, &[&hers]);
    let seen = users::find(&again(&admin).await, id(&ana)).await.unwrap().version;
    let viewer = users::update_because(&again(&admin).await, id(&ana), seen, ("ana", Role::Viewer), "I do").await;
    says(viewer, true, &[&hers]);
    let invited = users::invite(&again(&admin).await, "mo@acme.example", Role::Manager, "").await;
    says(invited.map(drop), true, &[&format!("Whoever is invited as Manager would newly hold {BOTH}.")]);
    let both = allows("Reader", &[Permission::AuditRead, Permission::SettingsRead]);
    let saved = access::change(&again(&admin).await, reader, 1, &both).await;
    says(saved, true, &[&format!("Reader alone would allow {BOTH}."), &hers]);
    let made =
        access::create(&again(&admin).await, &allows("Both", &[Permission::AuditRead, Permission::SettingsRead])).await;
    says(made, true, &[&format!("Both alone would allow {BOTH}.")]);
    assert_eq!(world.actions(org).await.len(), before, "nothing was done");

    // Denied one of the two, she holds it until the denial goes: by taking it, or by deleting or changing the role.
    give(&admin, &ana, gag).await;
    assign(&admin, id(&ana), looker, "").await.unwrap();
    assert_eq!(holders(&admin, conflict).await.people, []);
    says(access::unassign(&again(&admin).await, id(&ana), gag, "").await, true, &[&hers]);
    says(access::delete(&again(&admin).await, gag, 1, "").await, true, &[&hers]);
    says(access::change(&again(&admin).await, gag, 1, &allows("Gag", &[])).await, true, &[&hers]);
    take(&admin, id(&ana), looker).await;
    take(&admin, id(&ana), gag).await;
    access::delete(&again(&admin).await, gag, 1, "").await.unwrap();
    // Whoever is invited without both is welcome.
    world.member(&admin, "cy", Role::Viewer).await;
}

#[tokio::test]
async fn what_is_asked_is_asked_where_something_is_taken_and_where_somebody_is_invited() {
    let world = World::new().await;
    let (org, admin) = world.tenant().await;
    let (ana, bo) = (world.member(&admin, "ana", Role::User).await, world.member(&admin, "bo", Role::User).await);
    let both = make(&admin, &allows("Both", &[Permission::AuditRead, Permission::SettingsRead])).await;
    let gag = make(&admin, &denies("Gag", &[Permission::SettingsRead])).await;
    for person in [&ana, &bo] {
        give(&admin, person, gag).await;
        give(&admin, person, both).await;
    }
    keep_apart(&admin, Ask).await;
    let of = |name: &str| format!("{name}@acme.example would newly hold {BOTH}.");
    let newest = async || newest(&world, org).await;

    let (asked, added) = world.added(org, access::unassign(&again(&admin).await, id(&ana), gag, "")).await;
    says(asked, false, &[&of("ana")]);
    assert_eq!(added, Vec::<String>::new(), "asked, and nothing done");
    access::unassign(&again(&admin).await, id(&ana), gag, " Only she is left ").await.unwrap();
    assert_eq!(newest().await, format!("user.role_unassigned Only she is left {}", of("ana")));

    let delete = async |reason: &str| access::delete(&again(&admin).await, gag, 1, reason).await;
    says(delete("").await, false, &[&of("bo")]);
    says(delete("be\u{0}ll").await, false, &[&of("bo")]);
    delete("Not needed").await.unwrap();
    assert_eq!(newest().await, format!("role.deleted Not needed {}", of("bo")));

    let invite = async |reason: &str| {
        users::invite(&again(&admin).await, "mo@acme.example", Role::Manager, reason).await.map(drop)
    };
    let newcomer = format!("Whoever is invited as Manager would newly hold {BOTH}.");
    says(invite("").await, false, &[&newcomer]);
    invite("Runs the desk").await.unwrap();
    assert_eq!(newest().await, format!("user.invited Runs the desk {newcomer}"));
}

#[tokio::test]
async fn bringing_a_workspace_back_brings_nothing_together() {
    let world = World::new().await;
    let operator = world.operator().await;
    let (org, admin) = world.org(&operator, "acme").await;
    register(&operator, &invoices()).await;
    let bo = world.member(&admin, "bo", Role::Viewer).await;
    let says_of = |name: &str, what: &str| crate::resource_types::says(name, what, Effect::Allow, Condition::default());
    let reader = make(&admin, &says_of("Reader", "invoices:read")).await;
    let deleter = make(&admin, &says_of("Deleter", "invoices:delete")).await;
    let production = workspace(&admin, "Production", &[&bo]).await;
    let staging = workspace(&admin, "Staging", &[&bo]).await;
    let apart =
        |rule| Typed { first: "invoices:read".into(), second: "invoices:delete".into(), ..typed("Invoices", rule) };
    let conflict = duties::create(&again(&admin).await, &apart(Refuse)).await.unwrap();
    assign(&admin, id(&bo), within(reader, production), "").await.unwrap();
    assign(&admin, id(&bo), within(deleter, staging), "").await.unwrap();
    let together = assign(&admin, id(&bo), within(deleter, production), "").await;
    let sentence = "bo@acme.example would newly hold both invoices:delete and invoices:read (conflict: Invoices).";
    says(together, true, &[sentence]);

    // Archived, the roles in it do not count, so he may be given the other one everywhere.
    archive(&admin, production, 1).await.unwrap();
    assign(&admin, id(&bo), deleter, "").await.unwrap();
    says(restore(&admin, production, 2).await, true, &[sentence]);
    duties::change(&again(&admin).await, conflict, 1, &apart(Ask)).await.unwrap();
    says(restore(&admin, production, 2).await, false, &[sentence]);
    workspaces::restore(&again(&admin).await, production, 2, " Bo alone is left ").await.unwrap();
    assert_eq!(newest(&world, org).await, format!("workspace.restored Bo alone is left {sentence}"));
    assert_eq!(holders(&admin, conflict).await.people.len(), 1);
}

//! The roles that Acme made for itself: one that inherits from a built-in one, one with a condition, one that inherits
//! from another of its own, and one that denies.

use super::{
    cast::{Company, Person},
    decisions,
    dice::Dice,
    duties,
    log::{Doer, Log, Target},
};
use crate::access::{grants_text, names};
use bulkhead_authz::access::role_id;
use bulkhead_db::demo::{Demo, DemoAssignment, DemoRole};
use bulkhead_model::{
    Permission, RoleId,
    access::{AllOf, Condition, DailyHours, Effect, Grant, RoleDefinition, Test, Weekdays},
    audit::{Action, TargetKind},
    user::{Role, UserStatus},
};
use time::{Duration, OffsetDateTime};

/// The role that the story of [`decisions`] is about.
pub(super) const SUPPORT_DESK: &str = "Support desk";

/// A role, and who gets it.
struct Plan {
    name: &'static str,
    description: &'static str,
    inherits: Vec<RoleId>,
    grants: Vec<Grant>,
    /// Which of the people with this built-in role, counted from those that can be signed in as.
    held_by: (Role, std::ops::Range<usize>),
    /// For how many days from now on the first of them holds it.
    ends_after: Option<i64>,
}

fn line(permission: Permission, effect: Effect, when: Condition) -> Grant {
    Grant { permission: permission.into(), effect, when }
}

fn office_hours() -> Condition {
    let hours = DailyHours { days: Weekdays::WORKDAYS, from: 8 * 60, until: 18 * 60, zone: "Europe/Berlin".to_owned() };
    Condition { any: vec![AllOf { tests: vec![Test::Hours(hours)] }] }
}

fn plans(support: RoleId) -> [Plan; 6] {
    let always = Condition::default;
    [
        Plan {
            name: "External auditor",
            description: "Reads everything and the log, for the yearly audit.",
            inherits: vec![role_id(Role::Viewer)],
            grants: vec![line(Permission::AuditRead, Effect::Allow, always())],
            held_by: (Role::Viewer, 1..4),
            ends_after: Some(19),
        },
        Plan {
            name: SUPPORT_DESK,
            description: "Invites people, suspends them while the desk is open, and restores backups of staging.",
            inherits: vec![role_id(Role::User)],
            grants: [
                line(Permission::UsersInvite, Effect::Allow, always()),
                line(Permission::UsersSuspend, Effect::Allow, office_hours()),
            ]
            .into_iter()
            .chain(decisions::restores_of_staging())
            .collect(),
            held_by: (Role::User, 3..8),
            ends_after: None,
        },
        Plan {
            name: "Team lead",
            description: "The support desk, and a look at the settings.",
            inherits: vec![support],
            grants: vec![
                line(Permission::SettingsRead, Effect::Allow, always()),
                line(Permission::UsersUpdate, Effect::Allow, always()),
            ],
            held_by: (Role::User, 8..10),
            ends_after: None,
        },
        Plan {
            name: "No suspensions",
            description: "For managers on notice: they suspend and remove nobody.",
            inherits: Vec::new(),
            grants: vec![line(Permission::UsersSuspend, Effect::Deny, always())],
            held_by: (Role::Manager, 2..3),
            ends_after: None,
        },
        Plan {
            name: "Backup operator",
            description: "Makes backups and looks after them.",
            inherits: Vec::new(),
            grants: duties::operates_backups(),
            held_by: (Role::User, 10..13),
            ends_after: None,
        },
        Plan {
            name: "Backup keeper",
            description: "Deletes backups that are too old to be kept.",
            inherits: Vec::new(),
            grants: duties::deletes_backups(),
            held_by: (Role::User, 12..14),
            ends_after: None,
        },
    ]
}

/// Makes them, gives them to people, and writes both into the history.
pub(super) fn of_acme(dice: &mut Dice, acme: &Company, now: OffsetDateTime, demo: &mut Demo) {
    let admin = &acme.people[0];
    let (org, by) = (acme.org.id, &admin.user.email);
    let support = dice.id();
    let mut log = Log::new(dice, org);
    let mut at = now - Duration::days(41);
    for plan in plans(support) {
        let id = if plan.name == SUPPORT_DESK { support } else { log.dice.id() };
        let definition =
            RoleDefinition { id, name: plan.name.to_owned(), inherits: plan.inherits, grants: plan.grants };
        at += log.dice.minutes(9..400);
        let role = Target(TargetKind::Role, id.to_string(), plan.name.to_owned());
        log.add(at, &Doer::person(admin), Action::RoleCreated, role)
            .after("allows and denies", grants_text(&definition));
        let held = acme.people.iter().filter(|person| suits(person, plan.held_by.0)).enumerate();
        let held = held.filter(|(number, _)| plan.held_by.1.contains(number));
        for (place, (_, person)) in held.enumerate() {
            let given = (at + log.dice.minutes(1..30)).max(person.joined_at + Duration::hours(1)).min(now);
            let ends_at = plan.ends_after.filter(|_| place == 0).map(|days| now + Duration::days(days));
            log.add(given, &Doer::person(admin), Action::RoleAssigned, Target::person(person)).after("role", plan.name);
            demo.assignments.push(DemoAssignment {
                org_id: org,
                user_id: person.user.id,
                role_id: id,
                workspace_id: None,
                ends_at,
                assigned_at: given,
                assigned_by: by.clone(),
            });
        }
        demo.roles.push(DemoRole {
            org_id: org,
            name_key: names::key(plan.name),
            description: plan.description.to_owned(),
            updated_at: at,
            updated_by: by.clone(),
            definition,
        });
    }
    demo.events.extend(log.events);
}

/// Whether somebody active has a built-in role.
pub(super) fn suits(person: &Person, role: Role) -> bool {
    person.user.role == role && person.user.status == UserStatus::Active
}

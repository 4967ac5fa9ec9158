//! The workspaces of Acme: two in use, in one of which somebody holds a role, and one that was archived.

use super::{
    cast::{Company, Person},
    dice::Dice,
    log::{Doer, Log, Target},
    roles::suits,
};
use crate::access::names;
use bulkhead_db::demo::{Demo, DemoAssignment, DemoMember, DemoWorkspace};
use bulkhead_model::{
    WorkspaceId,
    audit::{Action, TargetKind},
    user::Role,
    workspace::WorkspaceStatus,
};
use std::ops::Range;
use time::{Duration, OffsetDateTime};

/// A workspace, and who is in it.
struct Plan {
    name: &'static str,
    description: &'static str,
    /// Of the active people with the built-in role User, counted from those that can be signed in as.
    members: Range<usize>,
    /// The role that the first of them holds in it.
    role: Option<&'static str>,
    /// Before how many days it was archived.
    archived: Option<i64>,
}

const PLANS: [Plan; 3] = [
    Plan {
        name: "Production",
        description: "What customers use.",
        members: 4..9,
        role: Some("Team lead"),
        archived: None,
    },
    Plan {
        name: "Staging",
        description: "The next release, a week before customers see it.",
        members: 6..13,
        role: None,
        archived: None,
    },
    Plan { name: "Research", description: "Trials of last spring.", members: 10..13, role: None, archived: Some(9) },
];

/// Makes them, puts people into them, and writes both into the history.
pub(super) fn of_acme(dice: &mut Dice, acme: &Company, now: OffsetDateTime, demo: &mut Demo) {
    let admin = &acme.people[0];
    let (org, by) = (acme.org.id, &admin.user.email);
    let people: Vec<&Person> = acme.people.iter().filter(|person| suits(person, Role::User)).collect();
    let mut log = Log::new(dice, org);
    let mut at = now - Duration::days(29);
    for plan in PLANS {
        let id: WorkspaceId = log.dice.id();
        let target = || Target(TargetKind::Workspace, id.to_string(), plan.name.to_owned());
        at += log.dice.minutes(9..400);
        log.add(at, &Doer::person(admin), Action::WorkspaceCreated, target()).after("description", plan.description);
        let created_at = at;
        let archived = plan.archived.map(|days| now - Duration::days(days) - log.dice.minutes(1..300));
        // Nobody is added to what is archived.
        let in_time =
            |person: &&&Person| archived.is_none_or(|archived| person.joined_at + Duration::hours(2) < archived);
        let members = people.get(plan.members).unwrap_or_default().iter().filter(in_time);
        for (place, person) in members.enumerate() {
            let added = (at + log.dice.minutes(1..30)).max(person.joined_at + Duration::hours(1)).min(now);
            log.add(added, &Doer::person(admin), Action::WorkspaceMemberAdded, target())
                .after("member", &person.user.email);
            demo.members.push(DemoMember {
                org_id: org,
                workspace_id: id,
                user_id: person.user.id,
                added_at: added,
                added_by: by.clone(),
            });
            let role = plan.role.filter(|_| place == 0);
            let role = role.and_then(|name| demo.roles.iter().find(|role| role.definition.name == name));
            if let Some(role) = role {
                let given = (added + log.dice.minutes(1..30)).min(now);
                log.add(given, &Doer::person(admin), Action::RoleAssigned, Target::person(person))
                    .after("role", &role.definition.name)
                    .after("workspace", plan.name);
                demo.assignments.push(DemoAssignment {
                    org_id: org,
                    user_id: person.user.id,
                    role_id: role.definition.id,
                    workspace_id: Some(id),
                    ends_at: None,
                    assigned_at: given,
                    assigned_by: by.clone(),
                });
            }
        }
        if let Some(archived) = archived {
            log.add(archived, &Doer::person(admin), Action::WorkspaceArchived, target()).change(
                "status",
                WorkspaceStatus::Active,
                WorkspaceStatus::Archived,
            );
        }
        demo.workspaces.push(DemoWorkspace {
            org_id: org,
            id,
            name: plan.name.to_owned(),
            name_key: names::key(plan.name),
            description: plan.description.to_owned(),
            status: if archived.is_some() { WorkspaceStatus::Archived } else { WorkspaceStatus::Active },
            created_at,
            updated_at: archived.unwrap_or(created_at),
            version: if archived.is_some() { 2 } else { 1 },
        });
    }
    demo.events.extend(log.events);
}

//! Why somebody may or may not do something, drawn: the way from the person to a line, every line that was looked at, and
//! the nearest thing that would change the answer. [`trace`] draws what was said of one question then and now.

pub mod trace;

use super::users::{held_for, title};
use bulkhead_authz::{
    access as authz,
    access::Roles,
    decision::{ReasonCode, Standing, Step, Verdict},
    truth::Truth,
};
use bulkhead_domain::access::{Answer, Reach, Trace};
use bulkhead_model::{
    RoleId,
    access::{Assigned, Condition, PermissionName, PlacedRole},
    user::Role,
    workspace::Places,
};
use bulkhead_ui::{Badge, IconName, Tone, visible};
use leptos::prelude::*;
use std::sync::Arc;

/// Somebody who is asked about: what they hold, and where the pages of their organization are.
pub struct Person {
    /// What to call them, safe to show.
    pub name: String,
    /// Where the organization's pages are: `/t/acme`.
    pub base: String,
    /// Their built-in role.
    pub role: Role,
    /// The roles they hold beside it.
    pub held: Vec<Assigned>,
    /// The organization's own roles.
    pub own: Vec<RoleId>,
    /// All of its roles.
    pub roles: Arc<Roles>,
    /// What workspaces are called, as far as the viewer may know.
    pub places: Places,
}

impl Person {
    /// Whoever a trace is about.
    pub fn of(trace: &Trace, base: &str) -> Self {
        Self {
            name: visible(trace.user.display()),
            base: base.to_owned(),
            role: trace.user.role,
            held: trace.held.clone(),
            own: trace.own.clone(),
            roles: Arc::clone(&trace.roles),
            places: trace.places.clone(),
        }
    }
}

/// The answer as a badge: allowed, not allowed, or only under a condition.
pub fn badge(verdict: Verdict) -> AnyView {
    let (label, tone) = match (verdict.allowed(), verdict.reason.is_circumstantial()) {
        (true, _) => ("Allowed", Tone::Ok),
        (false, false) => ("Not allowed", Tone::Neutral),
        (false, true) => ("Under a condition", Tone::Warn),
    };
    let icon = if label == "Not allowed" { IconName::Ban } else { tone.icon() };
    view! { <Badge label tone icon /> }.into_any()
}

/// What came out of a decision that was made.
pub fn outcome(allowed: bool) -> AnyView {
    match allowed {
        true => view! { <Badge label="Allowed" tone=Tone::Ok icon=Tone::Ok.icon() /> }.into_any(),
        false => view! { <Badge label="Denied" tone=Tone::Danger icon=IconName::Ban /> }.into_any(),
    }
}

/// The way to the line that decided, where one did.
pub fn deciding_way(person: &Person, answer: &Answer) -> Option<AnyView> {
    let decider = answer.verdict.decider?;
    let step = answer.steps.iter().find(|step| step.decider == decider)?;
    let way = way(person, &answer.permission.name, step);
    Some(view! { <p>{way}</p> }.into_any())
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Counts => "The role counts",
        Standing::OtherWorkspace => "The role counts in another workspace only",
        Standing::NotYet => "The role counts later",
        Standing::Expired => "The role has expired",
    }
}

const fn truth(truth: Truth) -> &'static str {
    match truth {
        Truth::Yes => "the line holds",
        Truth::No => "its condition does not hold",
        Truth::Unknown => "its condition cannot be checked",
    }
}

fn role_name(person: &Person, role: RoleId) -> String {
    person.roles.name(role).map_or_else(|| "a role that does not exist".to_owned(), visible)
}

fn condition<'a>(person: &'a Person, step: &Step) -> Option<&'a Condition> {
    person.roles.when(step.decider.origin, step.decider.line)
}

/// From the person to the line: `Ana → Auditor (until …) → inherits Viewer → allows users:read always`.
pub fn way(person: &Person, permission: &PermissionName, step: &Step) -> String {
    let assigned = step.decider.assigned;
    let placed = PlacedRole { role: assigned, workspace: step.decider.workspace };
    let held = person.held.iter().find(|held| held.placed() == placed);
    let (role, terms) = match held {
        Some(held) => (title(held), format!("given {}", held_for(held.from, held.until))),
        None => (role_name(person, assigned), "built-in".to_owned()),
    };
    let mut way = format!("{} → {role} ({terms})", person.name);
    for parent in person.roles.way(assigned, step.decider.origin).unwrap_or_default().into_iter().skip(1) {
        way.push_str(&format!(" → inherits {}", role_name(person, parent)));
    }
    let when = condition(person, step).map(|when| visible(&when.told(&person.places))).unwrap_or_default();
    format!("{way} → {} {permission} {when}", step.effect.label())
}

/// Every line that was looked at, where the one that decided was not the only one.
pub fn every_line(person: &Person, answer: &Answer) -> Option<AnyView> {
    if answer.steps.len() < 2 {
        return None;
    }
    let lines = answer
        .steps
        .iter()
        .map(|step| {
            let (standing, truth) = (standing(step.standing), truth(step.truth));
            let decides = if answer.verdict.decider == Some(step.decider) { " It decides." } else { "" };
            let text = format!("{}. {standing}, {truth}.{decides}", way(person, &answer.permission.name, step));
            view! { <li>{text}</li> }
        })
        .collect_view();
    Some(
        view! {
            <details class="disclosure">
                <summary>{IconName::ChevronRight.drawn()} {format!(" All {} lines about it", answer.steps.len())}</summary>
                <ul>{lines}</ul>
            </details>
        }
        .into_any(),
    )
}

/// The nearest thing that would change a refusal.
pub fn remedy(person: &Person, answer: &Answer) -> Option<AnyView> {
    let decider = answer.verdict.decider;
    match (answer.verdict.reason, decider) {
        (ReasonCode::Granted, _) => None,
        (ReasonCode::Denied | ReasonCode::DenyUnclear, Some(decider)) => {
            let (assigned, origin) = (role_link(person, decider.assigned), role_link(person, decider.origin));
            let also = (decider.assigned != decider.origin).then(|| view! { ", or change what " {origin} " denies" });
            Some(view! { <p>"Take away " {assigned} {also} "."</p> }.into_any())
        }
        _ => allowing(person, answer),
    }
}

/// The roles that would allow it always and are not held: the least of the built-in ones first.
fn allowing(person: &Person, answer: &Answer) -> Option<AnyView> {
    let name = &answer.permission.name;
    let mut built_in: Vec<RoleId> = answer.permission.held_by.iter().copied().map(authz::role_id).collect();
    built_in.reverse();
    let own = person.own.iter().copied();
    let is_held = |role: &RoleId| {
        *role == authz::role_id(person.role) || person.held.iter().any(|held| held.placed() == (*role).into())
    };
    let roles: Vec<RoleId> = built_in
        .into_iter()
        .chain(own.filter(|role| person.roles.reach(*role, name) == Reach::Always))
        .filter(|role| !is_held(role))
        .collect();
    let last = roles.len().checked_sub(1)?;
    let names = roles
        .iter()
        .enumerate()
        .map(|(at, role)| {
            let before = match at {
                0 => "",
                at if at == last => " or ",
                _ => ", ",
            };
            let link = role_link(person, *role);
            view! { {before} {link} }
        })
        .collect_view();
    Some(view! { <p>"The role " {names} " allows it."</p> }.into_any())
}

fn role_link(person: &Person, role: RoleId) -> AnyView {
    let (href, name) = (format!("{}/roles/{role}", person.base), role_name(person, role));
    view! { <a href=href>{name}</a> }.into_any()
}

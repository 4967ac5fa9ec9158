//! Which events: from the query string, to the filter of the use case, and as controls.

use super::Reader;
use crate::web::list::{ListQuery, menu, range};
use bulkhead_domain::Result;
use bulkhead_model::{
    OrgId,
    audit::{Action, AuditFilter, Outcome},
};
use bulkhead_ui::{AppliedFilter, Facet, Markup, Tag};
use leptos::prelude::*;
use uuid::Uuid;

/// The names a query of this list may have.
pub const NAMES: [&str; 7] = ["actor", "action", "outcome", "target", "from", "until", "org"];
/// The same for the tail of the list, which says after which event it begins.
pub const NAMES_LIVE: [&str; 8] = ["actor", "action", "outcome", "target", "from", "until", "org", "since"];

/// The organization an operator asked for: which, or that there is none of that name.
#[derive(Debug, Clone)]
pub struct Named {
    typed: String,
    found: Option<(OrgId, String)>,
}

/// What the page asks for.
#[derive(Debug, Clone)]
pub struct Filters {
    /// For the use case.
    pub filter: AuditFilter,
    organization: Option<Named>,
}

impl Filters {
    /// Reads the query. Words and dates that are none are as if they were not there; an organization that does not
    /// exist finds nothing.
    pub async fn read(query: &ListQuery, reader: &Reader) -> Result<Self> {
        let mut filter = words(query);
        let mut organization = None;
        if let Some(typed) = query.first("org").map(str::trim).filter(|_| reader.is_platform()) {
            let found = reader.organization(typed).await?;
            filter.org = Some(found.as_ref().map_or(OrgId::from_uuid(Uuid::nil()), |(id, _)| *id));
            organization = Some(Named { typed: typed.to_owned(), found });
        }
        Ok(Self { filter, organization })
    }

    /// Whether everything is shown.
    pub fn is_empty(&self) -> bool {
        self.filter == AuditFilter::default()
    }

    /// A chip for each filter that is on.
    pub fn applied(&self, query: &ListQuery) -> Vec<AppliedFilter> {
        let actions: Vec<_> = Action::ALL.iter().map(|action| (action.code(), action.code())).collect();
        let outcomes = outcomes();
        let mut applied = Vec::new();
        let mut one = |name: &str, title: &str, value: Option<String>| {
            applied.extend(value.map(|value| AppliedFilter::new(title, value, query.with(&[(name, None)]))));
        };
        let typed = |name: &str| query.first(name).map(str::to_owned);
        one("actor", "Actor", typed("actor"));
        one("target", "Target", typed("target"));
        one("from", "From", typed("from").filter(|_| self.filter.from.is_some()));
        one("until", "Until", typed("until").filter(|_| self.filter.until.is_some()));
        one(
            "org",
            "Organization",
            self.organization.as_ref().map(|named| match &named.found {
                Some((_, name)) => name.clone(),
                None => format!("{} (unknown)", named.typed),
            }),
        );
        applied.extend(query.applied(&[("action", "Action", &actions), ("outcome", "Outcome", &outcomes)]));
        applied
    }
}

fn words(query: &ListQuery) -> AuditFilter {
    let text = |name: &str| query.first(name).unwrap_or_default().trim().chars().take(200).collect::<String>();
    let (from, until) = range(query.first("from"), query.first("until"));
    AuditFilter {
        // Addresses are kept in lower case.
        actor: text("actor").to_lowercase(),
        action: query.all("action", Action::from_code),
        target: text("target"),
        outcome: query.all("outcome", Outcome::from_code),
        from,
        until,
        org: None,
    }
}

fn outcomes() -> Vec<(&'static str, &'static str)> {
    Outcome::ALL.iter().map(|outcome| (outcome.code(), outcome.label())).collect()
}

/// The outcome's facet.
pub fn outcome_facet(query: &ListQuery) -> Facet {
    query.facet("outcome", "Outcome", &outcomes())
}

/// Actions under headings, in the vocabulary's order.
fn groups() -> Vec<(&'static str, Vec<Action>)> {
    let mut groups: Vec<(&str, Vec<Action>)> = Vec::new();
    for action in Action::ALL {
        let group = heading(action.code().split_once('.').map_or(action.code(), |(group, _)| group));
        match groups.iter_mut().find(|(name, _)| *name == group) {
            Some((_, actions)) => actions.push(*action),
            None => groups.push((group, vec![*action])),
        }
    }
    groups
}

/// What actions are about whose codes begin like this.
fn heading(group: &str) -> &'static str {
    match group {
        "session" => "Sessions",
        "password" | "account" => "Passwords and sign-in",
        "user" => "Users",
        "role" => "Roles",
        "resource_type" => "Resource types",
        "duty_conflict" => "Conflicting duties",
        "workspace" => "Workspaces",
        "settings" => "Settings",
        "org" => "Organization",
        "access" => "Access",
        "audit" => "Audit log",
        "operator" => "Operators",
        "alert" | "data_source" | "plan" | "plans" | "proof" | "row" => "Isolation",
        _ => "Other",
    }
}

/// The controls beside the search: actions in groups, then target, dates and organization.
pub fn more(query: &ListQuery, platform: bool) -> AnyView {
    let chosen = query.all("action", Action::from_code);
    let on = chosen.len();
    // Markup, not views: there is one of these for everything that can happen.
    let option = |action: Action| {
        let check = Tag::new("input").class("check").attr("type", "checkbox").attr("name", "action");
        let check = check.attr("value", action.code()).flag("checked", chosen.contains(&action)).void();
        Tag::new("label").class("facet-option").child(check).child(Tag::new("code").text(action.code()))
    };
    let fieldsets: Markup = groups()
        .into_iter()
        .map(|(group, actions)| {
            let legend = Tag::new("legend").class("menu-label").text(group);
            Tag::new("fieldset").class("facet-group").child(legend).children(actions.into_iter().map(option))
        })
        .collect();
    let field = |name, label, kind| query.field(name, label, kind);
    let others = ["target", "from", "until", "org"].iter().filter(|name| query.first(name).is_some()).count();
    let fields = view! {
        {field("target", "Target id", "text")}
        {field("from", "From (day, UTC)", "date")}
        {field("until", "Until (day included, UTC)", "date")}
        {platform.then(|| field("org", "Organization (short name or id)", "text"))}
    };
    view! {
        {menu("Action", on, view! { <div class="facet-options">{fieldsets}</div> }.into_any())}
        {menu("More", others, view! { <div class="facet-options">{fields}</div> }.into_any())}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_action_is_in_one_group_with_a_heading_of_its_own() {
        let groups = groups();
        assert_eq!(groups.iter().map(|(_, actions)| actions.len()).sum::<usize>(), Action::ALL.len());
        let headings: BTreeSet<&str> = groups.iter().map(|(heading, _)| *heading).collect();
        assert_eq!(headings.len(), groups.len(), "{headings:?}");
        assert!(!headings.contains("Other"), "a kind of action has no heading yet");
    }
}

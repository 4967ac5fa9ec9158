//! Every permission and what a role says about it.

use super::{base, existing, lines};
use crate::web::page::Web;
use bulkhead_authz::{access::name, graph::RoleGraph};
use bulkhead_domain::{Ctx, access::DANGEROUS};
use bulkhead_model::{Permission, RoleId, access::Effect, text::capitalised};
use bulkhead_ui::{Cell, GroupedTable, HeadCell, IconName, Markup, Row, RowGroup, Tag, Tone, badge, user_text};
use leptos::prelude::*;

/// What things are called whose permissions stand together.
fn heading(permission: Permission) -> &'static str {
    match permission.as_str().split_once(':').map_or("", |(resource, _)| resource) {
        "self" => "Own account",
        "org" => "Organization",
        "users" => "Users",
        "roles" => "Roles",
        "workspaces" => "Workspaces",
        "settings" => "Settings",
        "audit" => "Audit log",
        "platform.orgs" => "All organizations",
        "platform.audit" => "Audit log of all organizations",
        "platform.isolation" => "Isolation",
        _ => "Other",
    }
}

/// Permissions under the heading of what they are about, each drawn by `row`.
pub fn groups(permissions: impl Iterator<Item = Permission>, row: impl Fn(Permission) -> AnyView) -> Vec<RowGroup> {
    let mut groups: Vec<(&str, Vec<AnyView>)> = Vec::new();
    for permission in permissions {
        let (heading, row) = (heading(permission), row(permission));
        match groups.iter_mut().find(|(known, _)| *known == heading) {
            Some((_, rows)) => rows.push(row),
            None => groups.push((heading, vec![row])),
        }
    }
    groups.into_iter().map(|(heading, rows)| RowGroup::new(heading, rows.into_any())).collect()
}

/// A permission as the name of its row: what it lets a person do, its code, and whether giving it takes a reason.
pub fn permission_cell(permission: Permission) -> Markup {
    let code = Tag::new("code").text(permission.as_str());
    let sentence = Tag::new("div").class("row-link").text(&capitalised(permission.sentence()));
    let sub = Tag::new("div").class("row-sub").child(code);
    let dangerous = DANGEROUS.contains(&permission).then(|| {
        let mark = badge("Needs a reason", Tone::Warn, Some(IconName::AlertTriangle));
        Tag::new("div").child(mark)
    });
    let text = Tag::new("div").child(sentence).child(sub).child(dangerous);
    Tag::new("div").class("row-title").child(text).into()
}

/// What it comes to for a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    NotAllowed,
    AllowedHere,
    Inherited,
    Conditional,
    Denied,
}

impl State {
    fn of(graph: &RoleGraph, role: RoleId, permission: Permission) -> Self {
        let said = || graph.says(role, name(permission));
        let always = |effect| said().filter(move |line| line.effect == effect && line.when.any.is_empty());
        if always(Effect::Deny).next().is_some() {
            return Self::Denied;
        }
        let allowed = said().any(|line| line.effect == Effect::Allow);
        match said().any(|line| line.effect == Effect::Deny) {
            true if allowed => return Self::Conditional,
            true => return Self::Denied,
            false => {}
        }
        if always(Effect::Allow).any(|line| line.origin == role) {
            return Self::AllowedHere;
        }
        match (always(Effect::Allow).next().is_some(), allowed) {
            (true, _) => Self::Inherited,
            (false, true) => Self::Conditional,
            (false, false) => Self::NotAllowed,
        }
    }

    fn badge(self) -> Markup {
        let (label, tone, icon) = match self {
            Self::NotAllowed => ("Not allowed", Tone::Neutral, IconName::X),
            Self::AllowedHere => ("Allowed", Tone::Ok, IconName::CircleCheck),
            Self::Inherited => ("Inherited", Tone::Ok, IconName::Layers),
            Self::Conditional => ("Conditional", Tone::Info, IconName::Clock),
            Self::Denied => ("Denied", Tone::Danger, IconName::Ban),
        };
        badge(label, tone, Some(icon))
    }
}

/// What a role says about a permission, line by line; `role` is whose own lines are called so.
pub fn said(graph: &RoleGraph, asked: RoleId, role: Option<RoleId>, permission: Permission) -> Vec<String> {
    graph.says(asked, name(permission)).map(|line| lines::said(graph, role, &line)).collect()
}

/// Sentences, one under the other.
pub fn sentences(sentences: &[String]) -> Markup {
    let lines = sentences.iter().map(|line| Tag::new("div").child(user_text(line)));
    Tag::new("div").open().children(lines).into()
}

/// The matrix to read.
pub fn table(web: &Web, ctx: &Ctx, graph: &RoleGraph, role: RoleId) -> AnyView {
    let may_ask = web.may(Permission::RolesRead) && web.may(Permission::UsersRead);
    let groups = groups(existing(ctx), |permission| {
        let why = sentences(&said(graph, role, Some(role), permission));
        let state = State::of(graph, role, permission).badge();
        let href = format!("{}/who?permission={permission}", base(ctx));
        let label = format!("Who can? {}", capitalised(permission.sentence()));
        let who = may_ask.then(|| view! { <a href=href aria-label=label>"Who can?"</a> });
        view! {
            <Row>
                <Cell header=true>{permission_cell(permission)}</Cell>
                <Cell label="State">{state}</Cell>
                <Cell label="Because">{why}</Cell>
                <Cell actions=true>{who}</Cell>
            </Row>
        }
        .into_any()
    });
    let head = view! {
        <HeadCell label="Permission" />
        <HeadCell label="State" />
        <HeadCell label="Because" />
        <HeadCell label="Actions" hidden=true />
    }
    .into_any();
    view! { <GroupedTable caption="Permissions of this role, by what they are about" head columns=4 groups /> }
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_model::access::{AllOf, Condition, Grant, RoleDefinition, Test};
    use std::collections::BTreeSet;

    #[test]
    fn every_permission_stands_under_a_heading_of_its_own() {
        let headings: BTreeSet<&str> = Permission::ALL.iter().map(|permission| heading(*permission)).collect();
        assert!(!headings.contains("Other"), "a resource has no heading yet");
    }

    #[test]
    fn a_state_says_what_the_lines_come_to() -> Result<(), Box<dyn std::error::Error>> {
        let id = |number| RoleId::from_uuid(uuid::Uuid::from_u128(number));
        let sometimes = Condition { any: vec![AllOf { tests: vec![Test::Owner] }] };
        let grant = |permission: Permission, effect, when: &Condition| Grant {
            permission: permission.into(),
            effect,
            when: when.clone(),
        };
        let always = Condition::default();
        let role = |number, inherits: &[u128], grants| RoleDefinition {
            id: id(number),
            name: number.to_string(),
            inherits: inherits.iter().map(|parent| id(*parent)).collect(),
            grants,
        };
        let graph = RoleGraph::new(&[
            role(
                1,
                &[],
                vec![
                    grant(Permission::UsersRead, Effect::Allow, &always),
                    grant(Permission::AuditRead, Effect::Allow, &always),
                    grant(Permission::OrgRead, Effect::Allow, &always),
                ],
            ),
            role(
                2,
                &[1],
                vec![
                    grant(Permission::UsersRead, Effect::Deny, &always),
                    grant(Permission::AuditRead, Effect::Deny, &sometimes),
                    grant(Permission::RolesRead, Effect::Allow, &sometimes),
                    grant(Permission::SelfManage, Effect::Allow, &always),
                    grant(Permission::OrgUpdate, Effect::Deny, &sometimes),
                ],
            ),
        ])?;
        for (permission, state) in [
            (Permission::UsersRead, State::Denied),
            (Permission::AuditRead, State::Conditional),
            (Permission::OrgRead, State::Inherited),
            (Permission::RolesRead, State::Conditional),
            (Permission::SelfManage, State::AllowedHere),
            (Permission::OrgUpdate, State::Denied),
            (Permission::UsersUpdate, State::NotAllowed),
        ] {
            assert_eq!(State::of(&graph, id(2), permission), state, "{permission}");
        }
        assert_eq!(said(&graph, id(2), Some(id(2)), Permission::UsersRead), ["Denied here", "Allowed by 1"]);
        Ok(())
    }
}

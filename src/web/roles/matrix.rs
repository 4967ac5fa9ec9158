//! Every permission and what a role says about it.

use super::{base, existing};
use crate::web::page::Web;
use bulkhead_authz::{access::Roles, catalogue::Entry, draft::State, graph::RoleGraph, words};
use bulkhead_domain::Ctx;
use bulkhead_model::{Permission, RoleId, access::PermissionName, text::capitalised, workspace::Places};
use bulkhead_ui::{
    Cell, GroupedTable, HeadCell, IconName, Markup, Row, RowGroup, Tag, Tone, badge, user_text, visible,
};
use leptos::prelude::*;

/// Permissions under the heading of what they are about, each drawn by `row`.
pub fn groups<'a>(entries: impl Iterator<Item = &'a Entry>, row: impl Fn(&'a Entry) -> AnyView) -> Vec<RowGroup> {
    let entries: Vec<&Entry> = entries.collect();
    let group = |of: &[&'a Entry]| {
        let rows: Vec<AnyView> = of.iter().map(|entry| row(entry)).collect();
        Some(RowGroup::new(&of.first()?.label, rows.into_any()))
    };
    entries.chunk_by(|a, b| a.name.resource == b.name.resource).filter_map(group).collect()
}

/// A permission as the name of its row: what it lets a person do, its code, and whether giving it takes a reason.
pub fn permission_cell(entry: &Entry) -> Markup {
    let code = Tag::new("code").text(&entry.name.to_string());
    let sentence = Tag::new("div").class("row-link").child(user_text(&capitalised(&entry.sentence)));
    let sub = Tag::new("div").class("row-sub").child(code);
    let dangerous = entry.needs_reason.then(|| {
        let mark = badge("Needs a reason", Tone::Warn, Some(IconName::AlertTriangle));
        Tag::new("div").child(mark)
    });
    let text = Tag::new("div").child(sentence).child(sub).child(dangerous);
    Tag::new("div").class("row-title").child(text).into()
}

/// What it comes to for a role, as a word with a look.
pub fn state_badge(state: State) -> Markup {
    let (tone, icon) = match state {
        State::Off => (Tone::Neutral, IconName::X),
        State::Here => (Tone::Ok, IconName::CircleCheck),
        State::Inherited => (Tone::Ok, IconName::Layers),
        State::Conditional => (Tone::Info, IconName::Clock),
        State::Denied => (Tone::Danger, IconName::Ban),
        State::Unclear => (Tone::Warn, IconName::AlertTriangle),
    };
    badge(state.label(), tone, Some(icon))
}

/// What a role says about a permission, line by line; `role` is whose own lines are called so.
fn said(graph: &RoleGraph, role: RoleId, permission: &PermissionName, places: &Places) -> Vec<String> {
    graph.says(role, permission).map(|line| words::said(graph, Some(role), &line, places)).collect()
}

/// Sentences, one under the other.
pub fn sentences(sentences: &[String]) -> Markup {
    let lines = sentences.iter().map(|line| Tag::new("div").child(user_text(line)));
    Tag::new("div").open().children(lines).into()
}

/// The matrix to read.
pub fn table(web: &Web, ctx: &Ctx, (roles, places): (&Roles, &Places), role: RoleId) -> AnyView {
    let may_ask = web.may(Permission::RolesRead) && web.may(Permission::UsersRead);
    let groups = groups(existing(ctx, roles), |entry| {
        let why = sentences(&said(roles, role, &entry.name, places));
        let (name, state) = (permission_cell(entry), state_badge(State::of(roles, role, &entry.name)));
        let href = format!("{}/who?permission={}", base(ctx), entry.name);
        let label = format!("Who can? {}", visible(&capitalised(&entry.sentence)));
        let who = may_ask.then(|| view! { <a href=href aria-label=label>"Who can?"</a> });
        view! {
            <Row>
                <Cell header=true>{name}</Cell>
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

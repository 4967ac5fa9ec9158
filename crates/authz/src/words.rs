//! What roles say, in words: the same on the server and in the browser.

use crate::graph::{RoleGraph, Said};
use bulkhead_model::{
    RoleId,
    access::{Effect, Grant},
    text::capitalised,
    visible::visible,
    workspace::Places,
};

/// What a role is called, if it is there.
#[must_use]
pub fn name_of(graph: &RoleGraph, id: RoleId) -> String {
    graph.name(id).map_or_else(|| "a role that is gone".to_owned(), visible)
}

/// What one line of a role does: `Allows, when it is their own`.
#[must_use]
pub fn sentence(grant: &Grant, places: &Places) -> String {
    let effect = capitalised(grant.effect.label());
    match grant.when.any.is_empty() {
        true => effect,
        false => format!("{effect}, {}", visible(&grant.when.told(places))),
    }
}

/// What counts for a role about a permission: `Allowed here`, `Denied by Auditor, when …`. `role` is whose own lines are
/// called so.
#[must_use]
pub fn said(graph: &RoleGraph, role: Option<RoleId>, line: &Said<'_>, places: &Places) -> String {
    let effect = match line.effect {
        Effect::Allow => "Allowed",
        Effect::Deny => "Denied",
    };
    let whose = match Some(line.origin) == role {
        true => "here".to_owned(),
        false => format!("by {}", name_of(graph, line.origin)),
    };
    match line.when.any.is_empty() {
        true => format!("{effect} {whose}"),
        false => format!("{effect} {whose}, {}", visible(&line.when.told(places))),
    }
}

//! Duties that exclude each other: which, who holds both, and arranging them.

mod delete;
mod detail;
mod edit;
mod list;

use super::list_crumb;
use crate::routes::{Access, Routes};
use bulkhead_authz::catalogue::Catalogue;
use bulkhead_domain::Ctx;
use bulkhead_model::{
    DutyConflictId,
    access::PermissionName,
    duty::{DutyConflict, DutyRule},
    text::capitalised,
};
use bulkhead_ui::{Crumb, Markup, Tag, visible};

/// What the list is called.
pub const TITLE: &str = "Conflicting duties";

/// What is wrong with a reason that is missing, or does not read well.
pub const SAY_WHY: &str =
    "Say why one person is to hold both, in at most 500 characters and without invisible or control characters.";

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant)
        .get("/t/{slug}/roles/conflicts", list::show)
        .get("/t/{slug}/roles/conflicts/new", edit::blank)
        .post("/t/{slug}/roles/conflicts/new", edit::make)
        .get("/t/{slug}/roles/conflicts/{id}", detail::show)
        .get("/t/{slug}/roles/conflicts/{id}/edit", edit::show)
        .post("/t/{slug}/roles/conflicts/{id}/edit", edit::change)
        .get("/t/{slug}/roles/conflicts/{id}/delete", delete::confirm)
        .post("/t/{slug}/roles/conflicts/{id}/delete", delete::delete)
}

/// The list.
pub fn base(ctx: &Ctx) -> String {
    format!("{}/conflicts", super::base(ctx))
}

/// The page of a conflict.
pub fn page_of(ctx: &Ctx, id: DutyConflictId) -> String {
    format!("{}/{id}", base(ctx))
}

/// The lists above the pages below them.
fn crumbs(ctx: &Ctx) -> Vec<Crumb> {
    vec![list_crumb(ctx), Crumb::new(TITLE, base(ctx))]
}

/// Why two duties are kept apart, as a sentence of its own.
pub fn why(conflict: &DutyConflict) -> String {
    format!("Why they are kept apart: {}", ended(visible(&crate::web::text::one_line(&conflict.why))))
}

/// A sentence that somebody typed, with its end.
fn ended(text: String) -> String {
    if text.ends_with(['.', '!', '?', '…']) { text } else { format!("{text}.") }
}

/// What the rule does, in a sentence.
const fn explain(rule: DutyRule) -> &'static str {
    match rule {
        DutyRule::Ask => "Whoever would give somebody both says why; that is kept in the audit log.",
        DutyRule::Refuse => "Nobody can be given both. Whoever holds both already keeps them.",
    }
}

/// A permission as people read it, and its name.
fn permission(catalogue: &Catalogue, name: &PermissionName) -> Markup {
    let code = Tag::new("code").text(&name.to_string());
    match catalogue.find(name) {
        Some(entry) => Tag::new("div")
            .text(&visible(&capitalised(&entry.sentence)))
            .child(Tag::new("div").class("row-sub").child(code))
            .into(),
        None => Tag::new("div").child(code).into(),
    }
}

//! Roles: the built-in ones and the organization's own, what they allow, who holds them, and changing them.
//!
//! `matrix` draws what a role says about every permission. What the editor sends is read by `bulkhead_authz::draft`, which
//! the browser runs as well; `editor` draws it, with `condition` and `trial` for its parts.

mod condition;
pub mod conflicts;
mod delete;
mod detail;
mod draft;
mod editor;
mod holders;
mod lines;
mod list;
mod live;
mod matrix;
mod review;
mod trial;
mod versions;

pub use matrix::permission_cell;
pub use review::sign;

use crate::routes::{Access, Routes};
use bulkhead_authz::{access::Roles, catalogue::Entry};
use bulkhead_domain::Ctx;
use bulkhead_model::{RoleId, access::PermissionName, org::OrgKind};
use bulkhead_ui::Crumb;

/// What the list is called.
const TITLE: &str = "Roles";

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant)
        .get("/t/{slug}/roles", list::show)
        .get("/t/{slug}/roles/new", draft::blank)
        .post("/t/{slug}/roles/new", draft::make)
        .get("/t/{slug}/roles/{id}", detail::show)
        .get("/t/{slug}/roles/{id}/edit", draft::edit)
        .post("/t/{slug}/roles/{id}/edit", draft::change)
        .get("/t/{slug}/roles/{id}/delete", delete::confirm)
        .post("/t/{slug}/roles/{id}/delete", delete::delete)
        .get("/t/{slug}/roles/{id}/versions/{version}", versions::show)
}

/// The list.
fn base(ctx: &Ctx) -> String {
    format!("/t/{}/roles", ctx.identity().org_slug)
}

/// The page of a role.
fn page_of(ctx: &Ctx, id: RoleId) -> String {
    format!("{}/{id}", base(ctx))
}

/// The list above its pages.
fn list_crumb(ctx: &Ctx) -> Crumb {
    Crumb::new(TITLE, base(ctx))
}

/// The permissions that exist in somebody's organization.
fn existing<'a>(ctx: &Ctx, roles: &'a Roles) -> impl Iterator<Item = &'a Entry> + use<'a> {
    roles.catalogue().existing(ctx.identity().org_kind == OrgKind::Platform)
}

/// Of these permissions, how many exist there: what a role says about others counts for nothing.
fn count_existing(ctx: &Ctx, roles: &Roles, names: &[&PermissionName]) -> usize {
    existing(ctx, roles).filter(|entry| names.contains(&&entry.name)).count()
}

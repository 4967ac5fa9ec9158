//! Workspaces: the parts of an organization, who is in them, and archiving them.

mod detail;
mod edit;
mod list;
mod members;
mod status;

use crate::routes::{Access, Routes};
use bulkhead_domain::Ctx;
use bulkhead_model::{WorkspaceId, workspace::Workspace};
use bulkhead_ui::Crumb;

/// What the list is called.
const TITLE: &str = "Workspaces";

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant)
        .get("/t/{slug}/workspaces", list::show)
        .get("/t/{slug}/workspaces/new", edit::blank)
        .post("/t/{slug}/workspaces/new", edit::make)
        .get("/t/{slug}/workspaces/{id}", detail::show)
        .get("/t/{slug}/workspaces/{id}/edit", edit::show)
        .post("/t/{slug}/workspaces/{id}/edit", edit::change)
        .get("/t/{slug}/workspaces/{id}/archive", status::confirm_archive)
        .post("/t/{slug}/workspaces/{id}/archive", status::archive)
        .get("/t/{slug}/workspaces/{id}/restore", status::confirm_restore)
        .post("/t/{slug}/workspaces/{id}/restore", status::restore)
        .post("/t/{slug}/workspaces/{id}/members", members::add)
        .get("/t/{slug}/workspaces/{id}/members/{user}/remove", members::confirm_remove)
        .post("/t/{slug}/workspaces/{id}/members/{user}/remove", members::remove)
}

/// The list.
fn base(ctx: &Ctx) -> String {
    format!("/t/{}/workspaces", ctx.identity().org_slug)
}

/// The page of a workspace.
fn page_of(ctx: &Ctx, id: WorkspaceId) -> String {
    format!("{}/{id}", base(ctx))
}

/// The list above its pages.
fn list_crumb(ctx: &Ctx) -> Crumb {
    Crumb::new(TITLE, base(ctx))
}

/// The list and the workspace above the pages below it.
fn crumbs(ctx: &Ctx, workspace: &Workspace) -> Vec<Crumb> {
    vec![list_crumb(ctx), Crumb::new(workspace.name.clone(), page_of(ctx, workspace.id))]
}

//! Decisions that services asked for: the list of those that are recorded, and one with why it came out as it did.

mod detail;
mod list;

use crate::routes::{Access, Routes};
use bulkhead_domain::Ctx;

/// What the list is called.
const TITLE: &str = "Decisions";

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant).get("/t/{slug}/decisions", list::show).get("/t/{slug}/decisions/{id}", detail::show)
}

/// Where the organization's pages are.
fn home(ctx: &Ctx) -> String {
    format!("/t/{}", ctx.identity().org_slug)
}

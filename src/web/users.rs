//! Users of the organization: the list, inviting, one user, and what can be done with them.
//!
//! This is the template for other nouns: `list` (filters, order, keyset pages), `invite` (a form with a result per
//! line), `detail` (tabs, edit form, actions), `roles` (what they hold),
//! `many` (giving a role to many of them) and `access` (what they may do, and why), each a page with its POSTs beside it.

mod access;
mod detail;
mod duties;
mod invite;
pub mod list;
mod many;
mod roles;

use crate::routes::{Access, Routes};

pub use detail::explain;
pub use many::{is_offered as is_many_offered, path_for as give_to_many};
pub use roles::{held_for, place, title};

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant)
        .get("/t/{slug}/users", list::show)
        .get("/t/{slug}/users/invite", invite::show)
        .post("/t/{slug}/users/invite", invite::send)
        .get("/t/{slug}/users/roles", many::show)
        .post("/t/{slug}/users/roles", many::step)
        .get("/t/{slug}/users/{id}", detail::show)
        .post("/t/{slug}/users/{id}", detail::update)
        .get("/t/{slug}/users/{id}/suspend", detail::confirm_suspend)
        .post("/t/{slug}/users/{id}/suspend", detail::suspend)
        .post("/t/{slug}/users/{id}/reactivate", detail::reactivate)
        .get("/t/{slug}/users/{id}/remove", detail::confirm_remove)
        .post("/t/{slug}/users/{id}/remove", detail::remove)
        .post("/t/{slug}/users/{id}/resend", detail::resend)
        .post("/t/{slug}/users/{id}/roles", roles::give)
        .post("/t/{slug}/users/{id}/roles/remove", roles::take)
        .get("/t/{slug}/users/{id}/access", access::show)
}

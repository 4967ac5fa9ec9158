//! The operator console: organizations from creation to deletion, and the proof that they are kept apart.

mod attempts;
mod home;
mod isolation;
mod orgs;
mod plans;
mod proofs;
mod sources;
mod table_card;
mod types;

use crate::routes::{Access, Routes};

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Operator)
        .get("/op", home::show)
        .get("/op/orgs", orgs::list::show)
        .get("/op/orgs/new", orgs::create::show)
        .post("/op/orgs/new", orgs::create::create)
        .get("/op/orgs/{id}", orgs::detail::show)
        .post("/op/orgs/{id}/provisioning", orgs::detail::retry)
        .get("/op/orgs/{id}/edit", orgs::edit::show)
        .post("/op/orgs/{id}/edit", orgs::edit::update)
        .get("/op/orgs/{id}/suspend", orgs::status::confirm_suspend)
        .post("/op/orgs/{id}/suspend", orgs::status::suspend)
        .get("/op/orgs/{id}/reactivate", orgs::status::confirm_reactivate)
        .post("/op/orgs/{id}/reactivate", orgs::status::reactivate)
        .get("/op/orgs/{id}/deprovision", orgs::status::confirm_deprovision)
        .post("/op/orgs/{id}/deprovision", orgs::status::deprovision)
        .get("/op/orgs/{id}/restore", orgs::status::confirm_restore)
        .post("/op/orgs/{id}/restore", orgs::status::restore)
        .get("/op/attempts", attempts::show)
        .get("/op/alerts/{id}", attempts::alert)
        .post("/op/alerts/{id}/acknowledge", attempts::acknowledge)
        .post("/op/alerts/{id}/close", attempts::close)
        .get("/op/isolation", isolation::show)
        .get("/op/isolation/findings", isolation::findings::show_own)
        .get("/op/isolation/{table}", isolation::table::show)
        .get("/op/isolation/{table}/xray", isolation::xray::show)
        .post("/op/isolation/{table}/xray", isolation::xray::ask)
        .get("/op/sources", sources::show)
        .get("/op/sources/new", sources::edit::blank)
        .post("/op/sources/new", sources::edit::add)
        .get("/op/sources/{id}", isolation::show_source)
        .get("/op/sources/{id}/settings", sources::edit::show)
        .post("/op/sources/{id}/settings", sources::edit::change)
        .get("/op/sources/{id}/remove", sources::remove::confirm)
        .post("/op/sources/{id}/remove", sources::remove::remove)
        .get("/op/sources/{id}/findings", isolation::findings::show_source)
        .get("/op/sources/{id}/proofs", proofs::show_source)
        .get("/op/sources/{id}/proofs/new", proofs::source::ask)
        .post("/op/sources/{id}/proofs/new", proofs::source::start)
        .get("/op/sources/{id}/proofs/{proof}", proofs::detail_of_source)
        .get("/op/sources/{id}/proofs/{proof}/proof.json", proofs::download_of_source)
        .get("/op/sources/{id}/{table}", isolation::table::show_source)
        .get("/op/sources/{id}/{table}/xray", isolation::xray::show_source)
        .post("/op/sources/{id}/{table}/xray", isolation::xray::ask_source)
        .get("/op/resource-types", types::show)
        .get("/op/resource-types/new", types::edit::blank)
        .post("/op/resource-types/new", types::edit::register)
        .get("/op/resource-types/{type}", types::edit::show)
        .post("/op/resource-types/{type}", types::edit::change)
        .get("/op/resource-types/{type}/remove", types::remove::confirm)
        .post("/op/resource-types/{type}/remove", types::remove::remove)
        .get("/op/plans", plans::show)
        .post("/op/plans", plans::refresh)
        .get("/op/plans/{id}", plans::detail::show)
        .post("/op/plans/{id}", plans::detail::accept)
        .get("/op/proofs", proofs::show)
        .post("/op/proofs", proofs::start)
        .get("/op/proofs/{id}", proofs::detail)
        .get("/op/proofs/{id}/proof.json", proofs::download)
}

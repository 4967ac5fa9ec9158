//! JSON API v1: the same use cases as the pages, for programs.
//!
//! # The recipe
//! A handler takes a context from the guard, what the request names ([`target`]), what it sends ([`body`], [`list`]), asks
//! one use case and answers with a view of its own. Views are structs of this module, not of the model: the model may
//! change, the API may only grow. (What the model itself promises to programs, catalogue facts, ladders and proofs, is shown
//! as it is; `openapi.json` shows in review when it changes.) Every error becomes a problem ([`error`]). Above the handler stands what the document
//! says of it, and a test holds document and list of routes to each other.
//!
//! Promises to clients, beyond the document: `docs/api.md`.

mod account;
mod alerts;
mod assignments;
mod audit;
mod body;
mod data_sources;
mod decisions;
mod duties;
pub mod error;
mod invitations;
mod isolation;
mod list;
pub mod openapi;
mod orgs;
mod permissions;
pub mod proofs;
mod provisioning;
mod query_plans;
mod resource_types;
mod roles;
mod sessions;
mod settings;
mod target;
mod users;
mod words;
mod workspaces;

use crate::{
    middleware::{guard, request_id::RequestId},
    problem::{Code, Problem},
    routes::{Access, Routes},
    site::Site,
    watch::{Aims, Unfound},
};
use axum::{
    Extension,
    extract::{Request, State},
    http::header,
    middleware::Next,
    response::{IntoResponse, Response},
};
use bulkhead_domain::{Ctx, Error, Operator, Realm, Tenant};
use error::ApiError;
pub use openapi::{document, openapi_json};

/// The routes of the API.
pub fn routes() -> Vec<Routes> {
    vec![
        Routes::new(Access::Public)
            .get("/api/openapi.json", describe)
            .get("/.well-known/authzen-configuration", decisions::metadata::show),
        Routes::new(Access::Api)
            .get("/api/v1/me", sessions::me)
            .patch("/api/v1/me", account::update)
            .post("/api/v1/me/password", account::change_password)
            .get("/api/v1/organization", account::organization)
            .patch("/api/v1/organization", account::update_organization)
            .get("/api/v1/sessions", sessions::list)
            .delete("/api/v1/sessions", sessions::end_others)
            .delete("/api/v1/sessions/{id}", sessions::end)
            .get("/api/v1/users", users::list)
            .get("/api/v1/users/{id}", users::find)
            .patch("/api/v1/users/{id}", users::update)
            .delete("/api/v1/users/{id}", users::remove)
            .post("/api/v1/users/{id}/suspend", users::suspend)
            .post("/api/v1/users/{id}/reactivate", users::reactivate)
            .post("/api/v1/users/{id}/resend", users::resend)
            .post("/api/v1/invitations", invitations::send)
            .get("/api/v1/settings", settings::list)
            .get("/api/v1/settings/{key}", settings::find)
            .put("/api/v1/settings/{key}", settings::set)
            .delete("/api/v1/settings/{key}", settings::inherit)
            .get("/api/v1/audit-events", audit::list)
            .get("/api/v1/audit-events/{id}", audit::find),
        Routes::new(Access::OperatorApi)
            .get("/api/v1/orgs", orgs::list)
            .post("/api/v1/orgs", orgs::create)
            .get("/api/v1/orgs/{id}", orgs::find)
            .patch("/api/v1/orgs/{id}", orgs::update)
            .post("/api/v1/orgs/{id}/suspend", orgs::suspend)
            .post("/api/v1/orgs/{id}/reactivate", orgs::reactivate)
            .post("/api/v1/orgs/{id}/deprovision", orgs::deprovision)
            .post("/api/v1/orgs/{id}/restore", orgs::restore)
            .get("/api/v1/orgs/{id}/provisioning", provisioning::find)
            .post("/api/v1/orgs/{id}/provisioning", provisioning::resume)
            .get("/api/v1/plans", provisioning::plans)
            .get("/api/v1/platform/audit-events", audit::list_all)
            .get("/api/v1/platform/audit-events/{id}", audit::find_any)
            .get("/api/v1/attempts", alerts::attempts)
            .get("/api/v1/alerts", alerts::list)
            .get("/api/v1/alerts/{id}", alerts::find)
            .post("/api/v1/alerts/{id}/acknowledge", alerts::acknowledge)
            .post("/api/v1/alerts/{id}/close", alerts::close),
        role_routes(),
        decision_routes(),
        type_routes(),
        duty_routes(),
        workspace_routes(),
        isolation_routes(),
    ]
}

/// Roles, who holds them, and what follows from it.
fn role_routes() -> Routes {
    Routes::new(Access::Api)
        .get("/api/v1/roles", roles::list)
        .post("/api/v1/roles", roles::create)
        .post("/api/v1/roles/preview", roles::preview)
        .get("/api/v1/roles/{id}", roles::find)
        .put("/api/v1/roles/{id}", roles::change)
        .delete("/api/v1/roles/{id}", roles::delete)
        .get("/api/v1/roles/{id}/versions", roles::versions)
        .get("/api/v1/roles/{id}/members", roles::members)
        .post("/api/v1/roles/{id}/assignments/batch", assignments::batch::give)
        .post("/api/v1/roles/{id}/assignments/batch/remove", assignments::batch::take)
        .get("/api/v1/users/{id}/roles", assignments::list)
        .put("/api/v1/users/{id}/roles/{role}", assignments::assign)
        .delete("/api/v1/users/{id}/roles/{role}", assignments::unassign)
        .get("/api/v1/users/{id}/permissions", permissions::explain)
        .get("/api/v1/permissions", permissions::list)
        .get("/api/v1/permissions/{permission}/holders", permissions::holders)
        .get("/api/v1/resource-types", resource_types::list)
        .post("/api/v1/decisions/search/actions", decisions::search::actions)
        .post("/api/v1/decisions/search/subjects", decisions::search::subjects)
        .post("/api/v1/decisions/search/resources", decisions::search::resources)
        .get("/api/v1/decisions", decisions::records::list)
        .get("/api/v1/decisions/{id}", decisions::records::find)
}

/// What services ask as often as they are asked themselves.
fn decision_routes() -> Routes {
    Routes::new(Access::Decisions)
        .post("/api/v1/decisions", decisions::decide)
        .post("/api/v1/decisions/batch", decisions::decide_batch)
}

/// What can be allowed or denied in every organization.
fn type_routes() -> Routes {
    Routes::new(Access::OperatorApi)
        .post("/api/v1/platform/resource-types", resource_types::create)
        .get("/api/v1/platform/resource-types/{type}", resource_types::find)
        .put("/api/v1/platform/resource-types/{type}", resource_types::change)
        .delete("/api/v1/platform/resource-types/{type}", resource_types::remove)
}

/// Duties that exclude each other.
fn duty_routes() -> Routes {
    Routes::new(Access::Api)
        .get("/api/v1/duty-conflicts", duties::list)
        .post("/api/v1/duty-conflicts", duties::create)
        .get("/api/v1/duty-conflicts/{id}", duties::find)
        .put("/api/v1/duty-conflicts/{id}", duties::change)
        .delete("/api/v1/duty-conflicts/{id}", duties::delete)
        .get("/api/v1/duty-conflicts/{id}/holders", duties::holders)
}

/// Workspaces, and who is in them.
fn workspace_routes() -> Routes {
    Routes::new(Access::Api)
        .get("/api/v1/workspaces", workspaces::list)
        .post("/api/v1/workspaces", workspaces::create)
        .get("/api/v1/workspaces/{id}", workspaces::find)
        .put("/api/v1/workspaces/{id}", workspaces::change)
        .post("/api/v1/workspaces/{id}/archive", workspaces::archive)
        .post("/api/v1/workspaces/{id}/restore", workspaces::restore)
        .get("/api/v1/workspaces/{id}/members", workspaces::members)
        .put("/api/v1/workspaces/{id}/members/{user}", workspaces::add_member)
        .delete("/api/v1/workspaces/{id}/members/{user}", workspaces::remove_member)
}

/// What can be seen and proven about isolation, of this product's own database and of others.
fn isolation_routes() -> Routes {
    Routes::new(Access::OperatorApi)
        .get("/api/v1/isolation", isolation::own)
        .get("/api/v1/isolation/findings", isolation::own_findings)
        .get("/api/v1/isolation/tables/{table}", isolation::own_table)
        .get("/api/v1/isolation/tables/{table}/xray", isolation::xray::show)
        .post("/api/v1/isolation/tables/{table}/xray", isolation::xray::ask)
        .get("/api/v1/data-sources", data_sources::list)
        .post("/api/v1/data-sources", data_sources::create)
        .get("/api/v1/data-sources/{id}", data_sources::find)
        .patch("/api/v1/data-sources/{id}", data_sources::update)
        .delete("/api/v1/data-sources/{id}", data_sources::remove)
        .get("/api/v1/data-sources/{id}/isolation", isolation::of_source)
        .get("/api/v1/data-sources/{id}/isolation/findings", isolation::findings_of_source)
        .get("/api/v1/data-sources/{id}/isolation/tables/{table}", isolation::table_of_source)
        .get("/api/v1/data-sources/{id}/isolation/tables/{table}/xray", isolation::xray::show_source)
        .post("/api/v1/data-sources/{id}/isolation/tables/{table}/xray", isolation::xray::ask_source)
        .get("/api/v1/data-sources/{id}/prospect", proofs::source::prospect)
        .get("/api/v1/data-sources/{id}/proofs", proofs::source::list)
        .post("/api/v1/data-sources/{id}/proofs", proofs::source::start)
        .get("/api/v1/data-sources/{id}/proofs/{proof}", proofs::source::find)
        .get("/api/v1/data-sources/{id}/proofs/{proof}/difference", proofs::source::difference)
        .get("/api/v1/data-sources/{id}/proofs/{proof}/proof.json", proofs::source::download)
        .get("/api/v1/proofs", proofs::list)
        .post("/api/v1/proofs", proofs::start)
        .get("/api/v1/proofs/{id}", proofs::find)
        .get("/api/v1/proofs/{id}/difference", proofs::difference)
        .get("/api/v1/proofs/{id}/proof.json", proofs::download)
        .get("/api/v1/prover", proofs::prover)
        .get("/api/v1/query-plans", query_plans::list)
        .post("/api/v1/query-plans/examine", query_plans::examine)
        .get("/api/v1/query-plans/{id}", query_plans::find)
        .post("/api/v1/query-plans/{id}/accept", query_plans::accept)
}

/// `GET /api/openapi.json`. It names no data, so anyone may read it.
async fn describe() -> Response {
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")], openapi_json())
        .into_response()
}

/// What is needed of a request once it has been handed on.
struct Call {
    site: Site,
    id: Option<RequestId>,
    aims: Aims,
}

impl Call {
    fn of(site: &Site, request: &mut Request) -> Self {
        let id = request.extensions().get().copied();
        Self { site: site.clone(), id, aims: Aims::with_body_of(request) }
    }

    async fn enter(self, entering: impl Future<Output = Result<Ctx, Error>>, request: Request, next: Next) -> Response {
        match entering.await {
            Ok(ctx) => self.pass(request, next, ctx.clone(), Some(ctx)).await,
            Err(error) => self.refuse(error),
        }
    }

    fn refuse(self, error: Error) -> Response {
        ApiError::from(error).draw(self.id)
    }

    /// Nothing is there for this caller; whether it is somebody else's is looked into once the answer is out.
    fn nothing(self, ctx: Ctx) -> Response {
        self.aims.not_found().look_later(&self.site, Some(ctx), None, http::StatusCode::NOT_FOUND);
        ApiError::not_found().draw(self.id)
    }

    async fn pass<R: Realm>(self, mut request: Request, next: Next, ctx: Ctx<R>, tenant: Option<Ctx>) -> Response {
        request.extensions_mut().insert(ctx);
        let mut response = next.run(request).await;
        match (response.extensions_mut().remove::<ApiError>(), tenant) {
            (None, tenant) => {
                let (status, unfound) = (response.status(), response.extensions_mut().remove::<Unfound>());
                self.aims.answered(status, unfound.as_ref()).look_later(&self.site, tenant, None, status);
                response
            }
            (Some(error), Some(ctx)) if error.is_refused_row() => {
                self.aims.refused_row().look_later(
                    &self.site,
                    Some(ctx),
                    None,
                    http::StatusCode::INTERNAL_SERVER_ERROR,
                );
                error.draw(self.id)
            }
            (Some(error), Some(ctx)) if error.problem().code == Code::NotFound.as_str() => self.nothing(ctx),
            (Some(error), Some(ctx)) if matches!(error.problem().status, 409 | 422) => {
                let status = error.problem().status_code();
                self.aims.answered(status, None).look_later(&self.site, Some(ctx), None, status);
                error.draw(self.id)
            }
            (Some(error), _) => error.draw(self.id),
        }
    }
}

/// Users of any organization, in their own; everybody else gets a problem.
pub async fn guard(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let (call, entering) = (Call::of(&site, &mut request), guard::enter::<Tenant>(&site, &request));
    call.enter(entering, request, next).await
}

/// As [`guard`], with the session looked up together with those of other requests.
pub async fn decisions_guard(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let (call, entering) = (Call::of(&site, &mut request), guard::enter_together(&site, &request));
    call.enter(entering, request, next).await
}

/// Operators. For everybody else there is nothing here.
pub async fn operator_guard(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let (call, entering) = (Call::of(&site, &mut request), guard::enter::<Operator>(&site, &request));
    match entering.await {
        Ok(ctx) => call.pass::<Operator>(request, next, ctx, None).await,
        Err(Error::Unauthenticated) => {
            let entering = guard::enter::<Tenant>(&site, &request);
            match entering.await {
                Ok(ctx) => call.nothing(ctx),
                Err(error) => call.refuse(error),
            }
        }
        Err(error) => call.refuse(error),
    }
}

/// Whether an address belongs to programs, which are answered with problems and never with pages.
pub fn serves(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

/// Nothing is at this address below `/api/`.
pub fn not_found(id: Option<Extension<RequestId>>) -> Response {
    Problem::new(Code::NotFound).respond(id.map(|Extension(id)| id))
}

/// Something is at this address below `/api/`, but not with this method. The router adds `Allow`.
pub fn method_not_allowed(id: Option<Extension<RequestId>>) -> Response {
    Problem::new(Code::MethodNotAllowed).respond(id.map(|Extension(id)| id))
}

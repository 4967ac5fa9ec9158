//! Every address of the server, who may come in, and which permission is asked for behind it: one list, from which
//! the router is built, and which the coverage test reads. A route that is not in it does not exist.

use crate::{api, middleware::guard, site::Site, web};
use axum::{
    Router,
    handler::Handler,
    middleware::from_fn_with_state,
    routing::{MethodRouter, get, post},
};

/// Who may come in; the guard of the route.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// Anyone, signed in or not.
    Public,
    /// Anyone with a session: their own account.
    SignedIn,
    /// Users of the organization the path names.
    Tenant,
    /// Operators.
    Operator,
    /// Programs and pages with a session, answered with problem+json.
    Api,
    /// The same for what is asked often and needs no transaction: sessions are looked up together.
    Decisions,
    /// The same as `Api` for operators.
    OperatorApi,
}

/// One route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RouteInfo {
    /// The path as axum writes it.
    pub path: &'static str,
    /// `GET`, `POST`, …
    pub method: &'static str,
    /// Who may come in.
    pub access: Access,
}

/// A group of routes behind one guard.
pub struct Routes {
    access: Access,
    router: Router<Site>,
    list: Vec<RouteInfo>,
}

impl Routes {
    /// An empty group.
    pub fn new(access: Access) -> Self {
        Self { access, router: Router::new(), list: Vec::new() }
    }

    fn add(mut self, method: &'static str, path: &'static str, handler: MethodRouter<Site>) -> Self {
        self.list.push(RouteInfo { path, method, access: self.access });
        self.router = self.router.route(path, handler);
        self
    }

    /// A page or resource to read.
    #[must_use]
    pub fn get<H: Handler<T, Site>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add("GET", path, get(handler))
    }

    /// Something to do.
    #[must_use]
    pub fn post<H: Handler<T, Site>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add("POST", path, post(handler))
    }

    /// A resource to change.
    #[must_use]
    pub fn patch<H: Handler<T, Site>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add("PATCH", path, axum::routing::patch(handler))
    }

    /// A resource to put there.
    #[must_use]
    pub fn put<H: Handler<T, Site>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add("PUT", path, axum::routing::put(handler))
    }

    /// A resource to take away.
    #[must_use]
    pub fn delete<H: Handler<T, Site>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.add("DELETE", path, axum::routing::delete(handler))
    }
}

/// Every group. Developer pages exist outside production only.
fn groups(production: bool) -> Vec<Routes> {
    let mut groups = vec![
        web::sign_in::routes(),
        web::account::routes(),
        web::home::routes(),
        web::users::routes(),
        web::roles::routes(),
        web::roles::conflicts::routes(),
        web::workspaces::routes(),
        web::who_can::routes(),
        web::settings::routes(),
        web::audit::routes(),
        web::audit::operator_routes(),
        web::decisions::routes(),
        web::references::routes(),
        web::references::operator_routes(),
        web::palette::routes(),
        web::palette::operator_routes(),
        web::op::routes(),
    ];
    groups.extend(api::routes());
    groups.push(web::api_docs::routes(api::document));
    if !production {
        groups.push(web::dev::routes());
    }
    groups
}

/// The list, for the coverage test and the documentation.
pub fn list(production: bool) -> Vec<RouteInfo> {
    groups(production).into_iter().flat_map(|group| group.list).collect()
}

/// The router of every group, each behind its guard.
pub fn router(site: &Site) -> Router<Site> {
    // Errors are drawn inside the guard too, where it is known who asks.
    let drawn = |router: Router<Site>| router.route_layer(from_fn_with_state(site.clone(), web::errors::layer));
    groups(site.app().production()).into_iter().fold(Router::new(), |router, group| {
        let guarded = match group.access {
            Access::Public => group.router,
            Access::SignedIn => drawn(group.router).route_layer(from_fn_with_state(site.clone(), guard::signed_in)),
            Access::Tenant => drawn(group.router).route_layer(from_fn_with_state(site.clone(), guard::tenant)),
            Access::Operator => drawn(group.router).route_layer(from_fn_with_state(site.clone(), guard::operator)),
            Access::Api => group.router.route_layer(from_fn_with_state(site.clone(), api::guard)),
            Access::Decisions => group.router.route_layer(from_fn_with_state(site.clone(), api::decisions_guard)),
            Access::OperatorApi => group.router.route_layer(from_fn_with_state(site.clone(), api::operator_guard)),
        };
        router.merge(guarded)
    })
}

//! The whole server as one axum router: used by `serve`, and by every test.

use crate::{
    api,
    middleware::{self, Rules, request_id::RequestId, session},
    routes,
    server::{self, Check, Shutdown},
    site::Site,
    web::errors,
};
use axum::{
    Extension, Router,
    handler::HandlerWithoutStateExt,
    http::{StatusCode, Uri},
    middleware::from_fn_with_state,
    response::{IntoResponse, Response},
};
use tower_http::services::ServeDir;

/// Builds the router: routes behind their guards, then static files, then "nothing here"; the session and the error
/// pages around them; and around all that the layers of [`middleware::stack`].
pub fn build(site: &Site, rules: &Rules, shutdown: &Shutdown, check: Check) -> Router {
    let root = site.leptos().site_root.to_string();
    let missing = || async { StatusCode::NOT_FOUND };
    // Only files below these are ever served; a directory is not listed and a missing file is no page.
    let assets = ServeDir::new(format!("{root}/{}", site.leptos().site_pkg_dir))
        .append_index_html_on_directories(false)
        .fallback(missing.into_service());
    let public = ["favicon.svg", "icons.svg", "app.js"].into_iter().fold(Router::new(), |router, file| {
        router.route_service(&format!("/{file}"), tower_http::services::ServeFile::new(format!("{root}/{file}")))
    });
    let inner = routes::router(site)
        .fallback(not_found)
        .method_not_allowed_fallback(method_not_allowed)
        .merge(public)
        .nest_service(&format!("/{}", site.leptos().site_pkg_dir), assets)
        .layer(from_fn_with_state(site.clone(), errors::layer))
        .layer(session::layer(site))
        // For streams, which must end with the process.
        .layer(axum::Extension(shutdown.clone()))
        .with_state(site.clone())
        .merge(server::probes(check, shutdown.clone()));
    middleware::stack(inner, rules)
}

/// Nothing is at this address: a problem for programs, a page for people.
async fn not_found(uri: Uri, id: Option<Extension<RequestId>>) -> Response {
    if api::serves(uri.path()) { api::not_found(id) } else { errors::not_found().await.into_response() }
}

/// Something is at this address, but not with this method.
async fn method_not_allowed(uri: Uri, id: Option<Extension<RequestId>>) -> Response {
    if api::serves(uri.path()) { api::method_not_allowed(id) } else { errors::method_not_allowed().await }
}

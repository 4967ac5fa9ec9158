//! JSON API v1.

use crate::{
    middleware::guard,
    routes::Routes,
    site::Site,
};
use axum::{extract::{Request, State}, http::StatusCode, middleware::Next, response::{IntoResponse, Response}};
use bulkhead_domain::Tenant;

/// The routes of the API.
pub fn routes() -> Vec<Routes> {
    Vec::new()
}

/// Signed in, or problem+json.
pub async fn guard(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    match guard::enter::<Tenant>(&site, &request).await {
        Ok(ctx) => {
            request.extensions_mut().insert(ctx);
            next.run(request).await
        }
        Err(_) => StatusCode::UNAUTHORIZED.into_response(),
    }
}

/// The description of the API (OpenAPI 3.1).
pub fn openapi_json() -> String {
    "{}".to_owned()
}

//! What a service needs to find the decision API by the server's address alone: the metadata of the AuthZEN Authorization
//! API 1.0, section 9.

use crate::site::Site;
use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use serde::Serialize;

/// Where everything is.
#[derive(Debug, Serialize)]
struct Metadata {
    policy_decision_point: String,
    access_evaluation_endpoint: String,
    access_evaluations_endpoint: String,
    search_subject_endpoint: String,
    search_action_endpoint: String,
    search_resource_endpoint: String,
}

/// `GET /.well-known/authzen-configuration`. It names no data, so anyone may read it.
pub async fn show(State(site): State<Site>) -> Response {
    let origin = site.app().public_url().as_str().trim_end_matches('/').to_owned();
    let at = |path: &str| format!("{origin}/api/v1/decisions{path}");
    let metadata = Metadata {
        access_evaluation_endpoint: at(""),
        access_evaluations_endpoint: at("/batch"),
        search_subject_endpoint: at("/search/subjects"),
        search_action_endpoint: at("/search/actions"),
        search_resource_endpoint: at("/search/resources"),
        policy_decision_point: origin,
    };
    // Text only: writing it cannot fail.
    let json = serde_json::to_vec(&metadata).unwrap_or_default();
    ([(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "public, max-age=300")], json).into_response()
}

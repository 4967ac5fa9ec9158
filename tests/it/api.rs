//! The JSON API: what it promises to programs, over the whole router.

mod account;
mod attempts;
mod batch;
mod bodies;
mod conditional;
mod data_sources;
mod decisions;
mod document;
mod documented;
mod duties;
mod isolation;
mod once;
mod paging;
mod permissions;
mod proofs;
mod query_plans;
mod resource_types;
mod roles;
mod workspaces;

use crate::harness::{Answer, Client};
use axum::body::Body;
use http::{Method, Request, StatusCode, header};
use serde_json::Value;

/// An answer's body.
fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|error| panic!("{error}: {}", answer.text()))
}

/// A header's text, empty when it is not there.
fn head<'a>(answer: &'a Answer, name: &str) -> &'a str {
    answer.headers.get(name).map_or("", |value| value.to_str().unwrap())
}

/// Checks that a refusal is a problem of this kind, whole and under its request's id.
#[track_caller]
fn problem(answer: &Answer, status: StatusCode, code: &str) -> Value {
    let body = json(answer);
    assert_eq!((answer.status, body["code"].as_str()), (status, Some(code)), "{body}");
    assert_eq!(head(answer, "content-type"), "application/problem+json");
    assert_eq!(head(answer, "cache-control"), "no-store");
    assert_eq!(body["status"], status.as_u16());
    assert_eq!(body["type"], format!("/api/docs#problem-{code}"));
    assert_eq!(body["instance"], format!("urn:uuid:{}", head(answer, "x-request-id")));
    assert!(body["title"].as_str().is_some_and(|title| !title.is_empty()), "{body}");
    assert!(body["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{body}");
    body
}

/// Asks without a body.
async fn ask(client: &mut Client, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::builder().method(method).uri(path).header("sec-fetch-site", "same-origin");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    client.send(request.body(Body::empty()).unwrap()).await
}

/// The first user of the caller's organization with this address.
async fn user(client: &mut Client, email: &str) -> (String, String) {
    let list = json(&client.get(&format!("/api/v1/users?q={email}")).await);
    let row = &list["data"][0];
    assert_eq!(row["email"], email, "{list}");
    (row["id"].as_str().unwrap().to_owned(), format!("\"v{}\"", row["version"]))
}

/// Where a `Location` or a `next` leads.
fn location(answer: &Answer) -> &str {
    head(answer, header::LOCATION.as_str())
}

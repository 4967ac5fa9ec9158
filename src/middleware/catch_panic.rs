//! A panic in one request is that request's error 500, and nobody else's.

use std::panic::AssertUnwindSafe;

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures::FutureExt as _;

use super::{
    Rules,
    refusal::{Asker, Refusal, respond},
};

/// Turns a panic into an answer without details. The panic hook has logged where, inside this request's span.
pub async fn layer(State(rules): State<Rules>, request: Request, next: Next) -> Response {
    let asker = Asker::of_request(&request);
    // Unwind safety: what the request held is dropped with it; what outlives it (pools, caches) is behind locks of its own.
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => respond(Refusal::Internal, &asker, rules.page),
    }
}

//! A name for every request, its span, its log line and its metrics.
//!
//! The id is ours: one sent by the client would let it choose what an operator searches for. Lines hold method, route pattern and
//! status; never the path (it holds tokens), the query, a header, a body or an address.

use std::fmt;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use tokio::time::Instant;
use tracing::{Instrument as _, field};
use uuid::Uuid;

use crate::telemetry::{DURATION, REQUESTS};

/// The response header that carries the id.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's id, in its extensions. People see it as the reference of an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl RequestId {
    /// Version 7, so that ids sort by time.
    #[expect(
        clippy::disallowed_methods,
        reason = "names a log line, which has the machine's own time; no decision depends on it"
    )]
    fn new() -> Self {
        Self(Uuid::now_v7())
    }

    /// The id as the audit log stores it.
    #[must_use]
    pub const fn as_uuid(self) -> Uuid {
        self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Outermost layer: everything inside logs under the request's span.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let id = RequestId::new();
    request.extensions_mut().insert(id);
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map_or("unmatched", MatchedPath::as_str).to_owned();
    let span = tracing::info_span!("http.request", request.id = %id, method, route, status = field::Empty);

    let begin = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let took = begin.elapsed();

    let status = response.status().as_u16();
    span.record("status", status);
    span.in_scope(|| {
        let microseconds = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if status >= 500 {
            tracing::warn!(microseconds, "request failed")
        } else {
            tracing::info!(microseconds, "request answered")
        }
    });
    metrics::counter!(REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!(DURATION, "method" => method, "route" => route).record(took.as_secs_f64());

    // A UUID is always a header value.
    if let Ok(value) = HeaderValue::try_from(id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

/// A client may invent methods; each would be a new time series for ever.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

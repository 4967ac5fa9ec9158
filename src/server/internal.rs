//! The internal listener's routes. They are on an address of their own because their readers are machines of the operator.

use axum::{
    Router,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::IntoResponse,
    routing::get,
};

use super::{Check, Shutdown, probes};
use crate::telemetry;

/// `/metrics` in Prometheus' text format, and the probes.
pub fn router(check: Check, shutdown: Shutdown) -> Router {
    // Installed here at the latest, so that a scrape of a fresh process is complete.
    telemetry::metrics();
    Router::new().route("/metrics", get(metrics)).merge(probes::router(check, shutdown))
}

async fn metrics() -> impl IntoResponse {
    let handle = telemetry::metrics();
    // Moves what histograms have collected out of the hot path's buffers, which otherwise grow with every request.
    handle.run_upkeep();
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"), (CACHE_CONTROL, "no-store")], handle.render())
}

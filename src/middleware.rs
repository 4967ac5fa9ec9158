//! What every request passes before a page or an operation sees it, outermost first.
//!
//! | layer | why here |
//! |---|---|
//! | [`request_id`] | everything inside logs under its span |
//! | [`client_address`] | the limits, sessions and audit inside need it |
//! | [`security_headers`] | outside of everything that can answer, so that no answer lacks them |
//! | [`cache_control`] | likewise: an error must not be stored either |
//! | [`catch_panic`] | a panic's answer still gets id, headers and `no-store` |
//! | [`limits`] | before anything reads the body |
//! | [`same_origin`] | before the session is looked at: a foreign request has none |
//! | session, guard | layers of the router that is given to [`stack`] |
//!
//! House order puts the limits before the headers; here their refusals carry the headers as well.

pub mod cache_control;
pub mod catch_panic;
pub mod client_address;
pub mod guard;
pub mod limits;
pub mod refusal;
pub mod request_id;
pub mod same_origin;
pub mod security_headers;
pub mod session;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
};
use ipnetwork::IpNetwork;
use tower::ServiceBuilder;

use crate::config::Settings;

/// What the layers need to know. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Rules {
    /// Our own origin, as a browser writes it.
    pub origin: Arc<str>,
    /// Whether people come over TLS.
    pub https: bool,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Arc<[IpNetwork]>,
    /// Largest request body in bytes.
    pub body_limit: usize,
    /// Time to the response's headers.
    pub request_timeout: Duration,
    /// Draws refusals for browsers.
    pub page: refusal::Page,
}

impl From<&Settings> for Rules {
    fn from(settings: &Settings) -> Self {
        Self {
            origin: settings.public_url.origin().into(),
            https: settings.public_url.is_https(),
            trusted_proxies: settings.trusted_proxies.0.clone().into(),
            body_limit: settings.body_limit.0,
            request_timeout: settings.request_timeout,
            page: refusal::plain_page,
        }
    }
}

/// Puts the layers around every route and the fallback of `router`, which already carries session and guard.
///
/// Routes that are added to the result later have no layers: call this last.
pub fn stack(router: Router, rules: &Rules) -> Router {
    let rules = || rules.clone();
    // `Router::layer` and not a service around the router: only inside is the route's pattern known. The first is the outermost.
    router.layer(
        ServiceBuilder::new()
            .layer(from_fn(request_id::layer))
            .layer(from_fn_with_state(rules(), client_address::layer))
            .layer(from_fn_with_state(rules(), security_headers::layer))
            .layer(from_fn(cache_control::layer))
            .layer(from_fn_with_state(rules(), catch_panic::layer))
            .layer(from_fn_with_state(rules(), limits::layer))
            // axum's own limit of 2 MB would overrule a larger one of ours.
            .layer(DefaultBodyLimit::disable())
            .layer(from_fn_with_state(rules(), same_origin::layer)),
    )
}

#[cfg(test)]
mod tests;

//! Security headers on every answer, and one nonce for each.
//!
//! # The nonce, and how Leptos gets it
//! This layer makes a nonce, puts it into the request's extensions as [`CspNonce`] and into the Content-Security-Policy of the
//! answer if that is HTML. Leptos 0.8 makes a nonce of its own for every render (`leptos_axum::provide_contexts` calls
//! `leptos::nonce::provide_nonce()`), prints it on `HydrationScripts`, on its inline scripts and through `leptos_meta`, and reads it
//! with `use_nonce()`, which is a plain context look-up. The additional context closure of `render_app_async_with_context` and
//! `leptos_routes_with_context` runs **after** `provide_nonce()`, and a context provided later wins. So the renderer does:
//!
//! ```ignore
//! let nonce = request.extensions().get::<CspNonce>().cloned();
//! let context = move || {
//!     if let Some(nonce) = &nonce {
//!         provide_context(leptos::nonce::Nonce::from_value(nonce.as_shared()));
//!     }
//!     // … the rest of the context
//! };
//! ```
//!
//! Inside a component the extensions are also at hand: `use_context::<http::request::Parts>()`, which leptos_axum provides. From
//! there on `<HydrationScripts …/>` and `<script nonce=use_nonce()>` are right by themselves. Both need the feature `nonce` of
//! `leptos`, which `leptos_axum` turns on.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{
        HeaderName, HeaderValue,
        header::{
            CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    middleware::Next,
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::Rules;

/// The nonce of the answer to this request: 128 random bits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CspNonce(Arc<str>);

impl CspNonce {
    /// `None` when the operating system has no randomness, which leaves the page without scripts and still usable.
    fn new() -> Option<Self> {
        let mut bytes = [0_u8; 16];
        getrandom::fill(&mut bytes).ok()?;
        Some(Self(URL_SAFE_NO_PAD.encode(bytes).into()))
    }

    /// The nonce as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The nonce as `leptos::nonce::Nonce::from_value` takes it.
    #[must_use]
    pub fn as_shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

/// For everything that is not a page: nothing in it may run or load, and no page may frame it.
const INERT: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

/// The headers that are always the same.
///
/// `same-origin` and not `no-referrer`: with the latter a browser sends `Origin: null` even for our own forms (Fetch, 3.2), and the
/// same-origin check of browsers without `Sec-Fetch-Site` could not tell them from foreign ones. Links out carry no referrer.
const ALWAYS: [(HeaderName, HeaderValue); 6] = [
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (HeaderName::from_static("x-frame-options"), HeaderValue::from_static("DENY")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static(
            "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
             magnetometer=(), microphone=(), midi=(), payment=(), usb=(), serial=()",
        ),
    ),
];

/// Two years, as browsers' preload lists ask for.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000; includeSubDomains");

/// Sets the headers whatever the status, over anything a handler set.
pub async fn layer(State(rules): State<Rules>, mut request: Request, next: Next) -> Response {
    let nonce = CspNonce::new();
    if let Some(nonce) = &nonce {
        request.extensions_mut().insert(nonce.clone());
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let policy = if kind.starts_with(b"text/html") { page(nonce.as_ref()) } else { None };
    headers.insert(CONTENT_SECURITY_POLICY, policy.unwrap_or(INERT));
    headers.extend(ALWAYS);
    if rules.https {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    response
}

/// The policy of a page. `strict-dynamic` lets the hydration script load the wasm module's glue, and nothing an attacker adds.
fn page(nonce: Option<&CspNonce>) -> Option<HeaderValue> {
    let nonce = nonce?.as_str();
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'; object-src 'none'"
    );
    HeaderValue::try_from(policy).ok()
}

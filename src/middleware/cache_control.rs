//! Who may keep an answer. Unless said otherwise: nobody.
//!
//! Pages hold a nonce and somebody's data, so they are never stored, errors and redirects included. Built files with a hash in
//! their name never change. A handler that sets `Cache-Control` itself has thought about it and is left alone, except for errors.

use axum::{
    extract::Request,
    http::{HeaderValue, Method, StatusCode, header::CACHE_CONTROL},
    middleware::Next,
    response::Response,
};

const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const AN_HOUR: HeaderValue = HeaderValue::from_static("public, max-age=3600");

/// Sets `Cache-Control`.
pub async fn layer(request: Request, next: Next) -> Response {
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let asset = if safe { asset(request.uri().path()) } else { None };
    let mut response = next.run(request).await;
    let status = response.status();
    let found = status.is_success() || status == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    match asset {
        Some(rule) if found => drop(headers.insert(CACHE_CONTROL, rule)),
        _ if found => drop(headers.entry(CACHE_CONTROL).or_insert(NO_STORE)),
        // Files that are missing today may be there after the next release.
        _ => drop(headers.insert(CACHE_CONTROL, NO_STORE)),
    }
    response
}

/// The rule of a static file, by its path; `None` for everything else.
fn asset(path: &str) -> Option<HeaderValue> {
    if let Some(file) = path.strip_prefix("/pkg/") {
        return Some(if is_hashed(file) { FOR_EVER } else { AN_HOUR });
    }
    let root = path.strip_prefix('/').filter(|name| !name.contains('/'))?;
    let is_file =
        ["favicon.", "icons.", "apple-touch-icon.", "manifest.", "robots."].iter().any(|start| root.starts_with(start));
    is_file.then_some(AN_HOUR)
}

/// cargo-leptos names files `bulkhead.<hash>.js` with a base64 hash of 22 characters (`hash-files = true`).
fn is_hashed(file: &str) -> bool {
    let mut parts = file.split('.');
    let (Some(_), Some(hash), Some(_)) = (parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    hash.len() >= 16 && hash.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

//! Requests that change something come from our own pages, or not at all.
//!
//! Cookies are sent by the browser whoever made it send the request, and neither axum nor Leptos' server functions ask
//! (leptos #3786). Browsers say where a request comes from in `Sec-Fetch-Site`, older ones in `Origin`; a page cannot forge either.
//! A token in every form would say the same less reliably: it can leak, expire, and be forgotten in one form.

use axum::{
    extract::{MatchedPath, Request, State},
    http::{
        HeaderMap, HeaderName, Method,
        header::{CONTENT_LENGTH, CONTENT_TYPE, ORIGIN, REFERER, TRANSFER_ENCODING},
    },
    middleware::Next,
    response::Response,
};
use url::Url;

use super::{
    Rules,
    refusal::{Asker, Refusal, respond},
};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// The types that forms and operations take. `multipart/form-data` joins when something takes a file.
const TYPES: [&str; 2] = ["application/x-www-form-urlencoded", "application/json"];

/// A route that other sites may post to, because its own credential is in the request and not in a cookie.
#[derive(Debug, Clone, Copy)]
pub struct Exception {
    /// The route pattern, as registered.
    pub route: &'static str,
    /// Why this is safe. Read in review.
    pub reason: &'static str,
}

/// None yet. The list is part of the authorization matrix, which shows every addition.
pub const EXCEPTIONS: &[Exception] = &[];

/// Refuses foreign requests with 403 before any handler sees them.
pub async fn layer(State(rules): State<Rules>, mut request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let excepted = EXCEPTIONS.iter().any(|exception| Some(exception.route) == route);
    if !excepted && let Err(refusal) = judge(request.method(), request.headers(), &rules.origin) {
        metrics::counter!("http_requests_refused_total", "reason" => refusal.code()).increment(1);
        tracing::info!(reason = refusal.code(), "request refused");
        return respond(refusal, &Asker::of_request(&request), rules.page);
    }
    drop_foreign_referrer(request.headers_mut(), &rules.origin);
    next.run(request).await
}

fn judge(method: &Method, headers: &HeaderMap, origin: &str) -> Result<(), Refusal> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return readable(headers, origin);
    }
    let ours = match (single(headers, &SEC_FETCH_SITE), single(headers, &ORIGIN)) {
        (Single::Value(site), _) => site == "same-origin",
        (Single::Absent, Single::Value(from)) => from == origin,
        // Neither, or several of one: no browser does that, and whoever is not a browser can send the header.
        _ => false,
    };
    if !ours {
        return Err(Refusal::ForeignOrigin);
    }
    if has_body(headers) { acceptable_type(headers) } else { Ok(()) }
}

/// Reading is open to links from anywhere, but not to other sites' scripts, frames and images: what they cannot read they could
/// still time or count, and an event stream is held open (a "resource isolation policy").
fn readable(headers: &HeaderMap, origin: &str) -> Result<(), Refusal> {
    let is = |name: &HeaderName, wanted: &str| matches!(single(headers, name), Single::Value(value) if value == wanted);
    let allowed = match single(headers, &SEC_FETCH_SITE) {
        Single::Value("same-origin" | "none") => true,
        Single::Value(_) => is(&SEC_FETCH_MODE, "navigate") && is(&SEC_FETCH_DEST, "document"),
        Single::Absent => match single(headers, &ORIGIN) {
            Single::Value(from) => from == origin,
            Single::Absent => true,
            Single::Several => false,
        },
        Single::Several => false,
    };
    if allowed { Ok(()) } else { Err(Refusal::ForeignOrigin) }
}

/// A form of another site can only send three types; a body that claims one and holds another is how such checks are fooled.
fn acceptable_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let Single::Value(value) = single(headers, &CONTENT_TYPE) else {
        return Err(Refusal::UnsupportedType);
    };
    let (essence, parameter) = value.split_once(';').map_or((value, None), |(essence, rest)| (essence, Some(rest)));
    let known = TYPES.iter().any(|known| essence.trim().eq_ignore_ascii_case(known));
    // `fetch` adds the charset to a form body; there is no other parameter that means anything for these types.
    let plain = parameter.is_none_or(|parameter| parameter.trim().eq_ignore_ascii_case("charset=utf-8"));
    if known && plain { Ok(()) } else { Err(Refusal::UnsupportedType) }
}

fn has_body(headers: &HeaderMap) -> bool {
    headers.contains_key(TRANSFER_ENCODING)
        || headers.contains_key(CONTENT_TYPE)
        || headers.get(CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0")
}

/// server_fn redirects a form's sender to the `Referer` it named; only a page of ours may be named.
fn drop_foreign_referrer(headers: &mut HeaderMap, origin: &str) {
    let ours = match single(headers, &REFERER) {
        Single::Absent => return,
        Single::Value(referrer) => Url::parse(referrer).is_ok_and(|url| url.origin().ascii_serialization() == origin),
        Single::Several => false,
    };
    if !ours {
        headers.remove(REFERER);
    }
}

/// A header that must not come twice: two readers would each believe another one.
enum Single<'a> {
    Absent,
    Value(&'a str),
    Several,
}

fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Single<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Single::Absent,
        // Not text: not a value that anybody compares with, and present all the same.
        (Some(value), None) => value.to_str().map_or(Single::Several, Single::Value),
        (Some(_), Some(_)) => Single::Several,
    }
}

#[cfg(test)]
#[path = "same_origin_tests.rs"]
mod tests;

//! What a middleware answers when it refuses: a small page for a browser, problem+json (RFC 9457) for a program.
//!
//! A refusal says what to do next and carries the request's id. It never repeats anything from the request.

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER},
        request::Parts,
    },
    response::Response,
};

use super::request_id::RequestId;
use crate::problem::{Code, Problem};

/// Why a request was refused before any page or operation saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// An unsafe request that does not come from our own pages.
    ForeignOrigin,
    /// A body of a type that no form or operation takes.
    UnsupportedType,
    /// A body larger than `body_limit`.
    TooLarge,
    /// The client did not send its body in time.
    SlowBody,
    /// The server did not answer in time.
    Busy,
    /// A bug of ours.
    Internal,
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.problem().status()
    }

    /// The stable word that programs compare.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.problem().as_str()
    }

    /// What happened, as a heading.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::ForeignOrigin => "This request came from another site",
            Self::UnsupportedType => "This kind of content is not accepted",
            Self::TooLarge => "This request is too large",
            Self::SlowBody => "The request took too long to arrive",
            Self::Busy => "The server is busy",
            Self::Internal => "Something went wrong on our side",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::ForeignOrigin => "Nothing was changed. Open the page here and send the form again.",
            Self::UnsupportedType => "Nothing was changed. Send application/x-www-form-urlencoded or application/json.",
            Self::TooLarge => "Nothing was changed. Send less at once.",
            Self::SlowBody => "Nothing was changed. Check the connection and send it again.",
            Self::Busy => {
                "Wait a few seconds and try again. A change may or may not have been made: look before you repeat it."
            }
            Self::Internal => "Try again. If it happens again, report the reference below.",
        }
    }

    /// The same refusal, as the API says it.
    const fn problem(self) -> Code {
        match self {
            Self::ForeignOrigin => Code::ForeignOrigin,
            Self::UnsupportedType => Code::UnsupportedMediaType,
            Self::TooLarge => Code::BodyTooLarge,
            Self::SlowBody => Code::RequestTimeout,
            Self::Busy => Code::Unavailable,
            Self::Internal => Code::Internal,
        }
    }
}

/// Who asked, kept from a request that is then handed on.
#[derive(Debug, Clone)]
pub struct Asker {
    program: bool,
    id: Option<RequestId>,
}

impl Asker {
    /// Reads what a refusal needs to know of a request.
    #[must_use]
    pub fn of(parts: &Parts) -> Self {
        Self::read(parts.uri.path(), &parts.headers, parts.extensions.get().copied())
    }

    /// As [`Asker::of`], for a request that is still whole.
    #[must_use]
    pub fn of_request<B>(request: &axum::http::Request<B>) -> Self {
        Self::read(request.uri().path(), request.headers(), request.extensions().get().copied())
    }

    fn read(path: &str, headers: &HeaderMap, id: Option<RequestId>) -> Self {
        let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        Self { program: path.starts_with("/api/") || !accept.contains("text/html"), id }
    }
}

/// Draws the page of a refusal. The default is [`plain_page`]; the pages' own look is set in `Rules::page`.
pub type Page = fn(Refusal, &str) -> String;

/// The answer.
#[must_use]
pub fn respond(refusal: Refusal, asker: &Asker, page: Page) -> Response {
    let problem = Problem::new(refusal.problem());
    let retry_after = problem.retry_after;
    if asker.program {
        return problem.detail(refusal.advice()).respond(asker.id);
    }
    let id = asker.id.map(|id| id.to_string()).unwrap_or_default();
    let mut response = Response::new(Body::from(page(refusal, &id)));
    *response.status_mut() = refusal.status();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    if let Some(wait) = retry_after {
        response.headers_mut().insert(RETRY_AFTER, wait.as_secs().into());
    }
    response
}

/// A page without style, script or image. Every part is a constant of ours or a UUID, so nothing needs escaping.
#[must_use]
pub fn plain_page(refusal: Refusal, id: &str) -> String {
    let (title, advice) = (refusal.title(), refusal.advice());
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1><p>{advice}</p><p>Reference: <code>{id}</code></p>\
         <p><a href=\"/\">Back to the start</a></p></main></body></html>"
    )
}

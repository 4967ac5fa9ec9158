//! What a request names and what it has seen of it: ids in paths, `If-Match`, `If-None-Match`, and the ETags of answers.
//!
//! A tag is `"v<version>.<digest>"`. The version is what a change must have seen; the digest makes the tag a strong
//! validator of everything shown, "last seen" included, which is no version of anybody's.

use super::error::{ApiError, ApiResult};
use crate::problem::{Code, Problem};
use axum::{
    extract::{FromRequestParts, RawPathParams},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use bulkhead_model::Id;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::convert::Infallible;

/// The `{id}` of the path. What is no id is nowhere: the same 404 as an id of nothing.
#[derive(Debug)]
pub struct Named<K>(pub Id<K>);

impl<K, S: Send + Sync> FromRequestParts<S> for Named<K> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let id = param(parts, state, "id").await?;
        id.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}

/// A parameter of the path, as text.
pub async fn param<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> ApiResult<String> {
    let params = RawPathParams::from_request_parts(parts, state).await.map_err(|_| ApiError::not_found())?;
    let found = params.iter().find(|(given, _)| *given == name).map(|(_, value)| value.to_owned());
    found.ok_or_else(ApiError::not_found)
}

/// The version that `If-Match` names. Required: a change that does not say what it has seen is refused with 428.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen(pub i32);

/// The version of what no client changes by version: the digest alone tells such tags apart.
pub const UNVERSIONED: i32 = 0;

/// No object has it: what a tag that was never ours stands for. It matches nothing, so it is stale.
const NEVER: i32 = -1;

impl<S: Send + Sync> FromRequestParts<S> for Seen {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        let mut values = parts.headers.get_all(header::IF_MATCH).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => seen(value.to_str().unwrap_or_default()),
            (None, _) => Err(Problem::new(Code::PreconditionRequired).into()),
            (Some(_), Some(_)) => Err(one_tag()),
        }
    }
}

fn one_tag() -> ApiError {
    ApiError::header("If-Match", "Send one ETag, as it came.")
}

fn seen(value: &str) -> ApiResult<Seen> {
    let value = value.trim();
    if value == "*" {
        return Err(Problem::new(Code::PreconditionRequired).into());
    }
    // A weak tag never matches in If-Match (RFC 9110 13.1.1).
    if value.starts_with("W/\"") {
        return Ok(Seen(NEVER));
    }
    let tag = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|tag| !tag.contains('"'));
    let tag = tag.ok_or_else(one_tag)?;
    let version = tag.strip_prefix('v').map(|rest| rest.split('.').next().unwrap_or_default());
    let version = version.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
    Ok(Seen(version.and_then(|text| text.parse().ok()).unwrap_or(NEVER)))
}

/// What the client already has, from `If-None-Match`.
#[derive(Debug)]
pub struct Known(Vec<String>);

impl<S: Send + Sync> FromRequestParts<S> for Known {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl Known {
    fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::IF_NONE_MATCH).iter();
        let tags = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(','));
        // Weak comparison (RFC 9110 13.1.2): the mark is ignored. Our tags hold no comma.
        Self(tags.map(|tag| tag.trim().trim_start_matches("W/").to_owned()).collect())
    }

    /// One object: 304 when the client has it as it is, 200 otherwise.
    pub fn answer<T: Serialize>(&self, version: i32, body: &T) -> Response {
        let json = serialise(body);
        let tag = tag(version, &json);
        if self.0.iter().any(|known| known == "*" || known.as_bytes() == tag.as_bytes()) {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
        }
        respond(StatusCode::OK, &[(header::ETAG, tag)], json)
    }
}

/// One object after a change, with its new tag.
pub fn changed<T: Serialize>(version: i32, body: &T) -> Response {
    let json = serialise(body);
    let tag = tag(version, &json);
    respond(StatusCode::OK, &[(header::ETAG, tag)], json)
}

/// A new object: 201, with where it is.
pub fn created<T: Serialize>(location: &str, version: i32, body: &T) -> Response {
    let json = serialise(body);
    let tag = tag(version, &json);
    let mut response = respond(StatusCode::CREATED, &[(header::ETAG, tag)], json);
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// Anything else that is answered with 200.
pub fn shown<T: Serialize>(body: &T) -> Response {
    respond(StatusCode::OK, &[], serialise(body))
}

/// Views are text, numbers, lists and maps with text keys: writing them as JSON cannot fail.
fn serialise<T: Serialize>(body: &T) -> Vec<u8> {
    serde_json::to_vec(body).unwrap_or_default()
}

fn tag(version: i32, json: &[u8]) -> HeaderValue {
    let digest = Sha256::digest(json);
    let digest = digest.iter().take(8).fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    HeaderValue::from_str(&format!("\"v{version}.{digest}\"")).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

fn respond(status: StatusCode, headers: &[(HeaderName, HeaderValue)], json: Vec<u8>) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], json).into_response();
    for (name, value) in headers {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_brings_its_version_back() {
        let tag = tag(7, b"{}");
        let text = tag.to_str().unwrap_or_default();
        assert_eq!(seen(text).ok(), Some(Seen(7)));
        assert_eq!(seen("\"v7\"").ok(), Some(Seen(7)), "the version of a list's row is enough");
        assert_eq!(seen("\"v0\"").ok(), Some(Seen(0)));
    }

    #[test]
    fn what_is_not_ours_is_stale_and_what_is_no_tag_is_refused() {
        for stale in ["\"abc\"", "W/\"v7\"", "\"v-7\"", "\"v+7\"", "\"v99999999999\"", "\"\"", "\"v\""] {
            assert_eq!(seen(stale).ok(), Some(Seen(NEVER)), "{stale}");
        }
        for (refused, status) in [("*", 428), ("v7", 400), ("\"v7\", \"v8\"", 400), ("", 400)] {
            assert_eq!(seen(refused).map_err(|error| error.problem().status).err(), Some(status), "{refused}");
        }
    }

    #[test]
    fn who_has_it_gets_nothing() {
        let first = Known(vec![]).answer(3, &"a");
        let tag = first.headers()[header::ETAG].to_str().unwrap_or_default().to_owned();
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(Known(vec![tag.clone()]).answer(3, &"a").status(), StatusCode::NOT_MODIFIED);
        assert_eq!(Known(vec![tag.clone()]).answer(4, &"a").status(), StatusCode::OK);
        assert_eq!(Known(vec![tag]).answer(3, &"b").status(), StatusCode::OK);
    }
}

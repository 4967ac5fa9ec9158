//! Refusals for programs: problem details (RFC 9457). Middleware and API answer with the same words, and the
//! documentation lists them from here.
//!
//! A problem says what to do next and carries the request's id. Its `code` is stable; the sentences are for people.

use crate::middleware::request_id::RequestId;
use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use bulkhead_model::{
    FieldErrors,
    error::{Conflict, FieldError},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use utoipa::ToSchema;

/// The media type of RFC 9457.
pub const CONTENT_TYPE: &str = "application/problem+json";

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:ident, $title:literal, $advice:literal;)*) => {
        /// Every reason the API refuses something for. Part of the API: a code is never renamed or reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All of them, by status.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The stable word that programs compare.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Code::$name => $code,)* } }

            /// The HTTP status it comes with.
            #[must_use]
            pub const fn status(self) -> StatusCode { match self { $(Code::$name => StatusCode::$status,)* } }

            /// What happened; the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str { match self { $(Code::$name => $title,)* } }

            /// What it means and what to do, where an occurrence has nothing more exact to say.
            #[must_use]
            pub const fn advice(self) -> &'static str { match self { $(Code::$name => $advice,)* } }
        }
    };
}

codes! {
    /// The body is not JSON.
    MalformedJson = "malformed_json", BAD_REQUEST, "The body is not JSON", "Send one JSON object, encoded in UTF-8.";
    /// A query parameter is unknown, repeated or cannot be read.
    InvalidQuery = "invalid_query", BAD_REQUEST, "A query parameter does not fit", "Each refused parameter is in errors. Cursors are taken from next and previous, and belong to one list in one order.";
    /// A header cannot be read.
    InvalidHeader = "invalid_header", BAD_REQUEST, "A header does not fit", "The refused header is in errors.";
    /// No live session.
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Not signed in", "Sign in and send the session cookie.";
    /// The role lacks the permission.
    Forbidden = "forbidden", FORBIDDEN, "Your role does not allow this", "Ask an admin of the organization for a role that has the permission.";
    /// The role given, or the person acted on, holds more than the one who asks.
    BeyondOwnRole = "beyond_own_role", FORBIDDEN, "This goes beyond your own role", "Nobody gives a role that holds more than their own, or changes someone who has one.";
    /// Cross-site requests.
    ForeignOrigin = "foreign_origin", FORBIDDEN, "This request came from another site", "Nothing was changed. Send requests from this server's own pages, or with an Origin header that names it.";
    /// Nothing here, or somebody else's; which is not said.
    NotFound = "not_found", NOT_FOUND, "There is nothing here", "The address leads nowhere, or what it led to is gone.";
    /// Another method is meant.
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "This method is not possible here", "The Allow header names the methods that are.";
    /// The body did not arrive in time.
    RequestTimeout = "request_timeout", REQUEST_TIMEOUT, "The request took too long to arrive", "Nothing was changed. Check the connection and send it again.";
    /// The plan's limit is reached.
    QuotaReached = "quota_reached", CONFLICT, "The plan's limit is reached", "Remove users or change the plan.";
    /// The last admin cannot go.
    LastAdmin = "last_admin", CONFLICT, "The last admin stays", "Make someone else an admin first.";
    /// The short name is taken.
    SlugTaken = "slug_taken", CONFLICT, "This short name is taken", "Choose another.";
    /// The name is taken.
    NameTaken = "name_taken", CONFLICT, "This name is taken", "Choose another.";
    /// The address is taken.
    EmailTaken = "email_taken", CONFLICT, "This address is taken", "Someone with this address is already a user of the organization.";
    /// The object's status does not allow it.
    WrongStatus = "wrong_status", CONFLICT, "The status does not allow this", "Nothing was changed. Read the object again to see how it stands.";
    /// Somebody would hold duties that exclude each other, and no reason was given.
    DutyConflict = "duty_conflict", CONFLICT, "These duties exclude each other", "Nothing was changed. errors says who would hold what; send it again with a reason, or leave it.";
    /// Somebody would hold duties that exclude each other, and the conflict refuses that.
    DutyRefused = "duty_refused", CONFLICT, "No one person holds these duties together", "Nothing was changed, and no reason helps. errors says who would hold what; take one of the two away first, or change the conflict.";
    /// One proof at a time.
    ProofRunning = "proof_running", CONFLICT, "A proof is being made", "Nothing was started twice. GET /api/v1/proofs says how far it is.";
    /// The request was made for another organization.
    OtherOrganization = "other_organization", CONFLICT, "This belongs to another organization", "Nothing was changed. Sign in to the organization it was made for.";
    /// `If-Match` names an older version.
    StaleVersion = "stale_version", PRECONDITION_FAILED, "Someone changed this in the meantime", "Nothing was changed. Read the object again, compare, and repeat with its new ETag.";
    /// The body is over the limit.
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "This request is too large", "Nothing was changed. Send less at once.";
    /// The body is not JSON by its own words.
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "This kind of content is not accepted", "Nothing was changed. Send application/json.";
    /// Fields were refused.
    Invalid = "invalid", UNPROCESSABLE_ENTITY, "Something does not fit", "Nothing was changed. Each refused field is in errors.";
    /// Only a service knows its resources.
    ResourcesElsewhere = "resources_elsewhere", UNPROCESSABLE_ENTITY, "These resources are not kept here", "Only the service that has resources of this type can list them: ask about a page of them with POST /api/v1/decisions/batch. Users, roles and workspaces are kept here and can be searched.";
    /// An idempotency key came back with another request.
    IdempotencyKeyReused = "idempotency_key_reused", UNPROCESSABLE_ENTITY, "This Idempotency-Key was used for another request", "Nothing was changed. Use a new key for a new request.";
    /// `If-Match` is missing.
    PreconditionRequired = "precondition_required", PRECONDITION_REQUIRED, "Say which version you saw", "Nothing was changed. Read the object and send its ETag in If-Match; * is not taken, because it would overwrite what was never seen.";
    /// Too many attempts.
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many attempts", "Wait as long as Retry-After says.";
    /// A defect of ours.
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side", "It is recorded under the id in instance. Send the request again; if it fails again, report that id.";
    /// Another system did not answer as it should.
    OtherSystem = "other_system", BAD_GATEWAY, "Another system could not be asked", "Nothing was changed, here or there. Mend what detail says, and send the request again.";
    /// Too busy for now.
    Unavailable = "unavailable", SERVICE_UNAVAILABLE, "The server is busy", "Wait as long as Retry-After says and send it again. A POST that carried an Idempotency-Key can be repeated safely.";
}

impl From<Conflict> for Code {
    fn from(conflict: Conflict) -> Self {
        match conflict {
            Conflict::StaleVersion => Self::StaleVersion,
            Conflict::LastAdmin => Self::LastAdmin,
            Conflict::QuotaReached => Self::QuotaReached,
            Conflict::SlugTaken => Self::SlugTaken,
            Conflict::NameTaken => Self::NameTaken,
            Conflict::EmailTaken => Self::EmailTaken,
            Conflict::WrongStatus => Self::WrongStatus,
            Conflict::IdempotencyKeyReused => Self::IdempotencyKeyReused,
            Conflict::OtherOrganization => Self::OtherOrganization,
        }
    }
}

/// A problem, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// Where this kind of problem is explained: a reference relative to this server.
    #[serde(rename = "type")]
    #[schema(format = "uri-reference", example = "/api/docs#problem-not_found")]
    pub kind: String,
    /// What happened; the same for every occurrence of `code`.
    #[schema(example = "There is nothing here")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 404, minimum = 400, maximum = 599)]
    pub status: u16,
    /// What to do about it, for a person.
    #[schema(example = "The address leads nowhere, or what it led to is gone.")]
    pub detail: String,
    /// The stable word to compare.
    #[schema(example = "not_found")]
    pub code: String,
    /// The request's id, under which the server logged it; also in the `X-Request-Id` header.
    #[schema(format = "uri", example = "urn:uuid:0193c5a0-7c1e-7f3b-9d52-6f6a3c1f0e11")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The refused fields, parameters or headers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Refused>,
    /// How long to wait; sent as the `Retry-After` header.
    #[serde(skip)]
    pub retry_after: Option<Duration>,
}

/// One refused field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refused {
    /// The field's path in the body, or the parameter's or header's name.
    #[schema(example = "admin_email")]
    pub field: String,
    /// A sentence saying what to do about it.
    #[schema(example = "Enter an address such as ana@example.com.")]
    pub message: String,
}

impl From<&FieldError> for Refused {
    fn from(error: &FieldError) -> Self {
        Self { field: error.field.clone(), message: error.message.clone() }
    }
}

impl Problem {
    /// A problem with the words every occurrence of its code has.
    #[must_use]
    pub fn new(code: Code) -> Self {
        Self {
            kind: format!("/api/docs#problem-{}", code.as_str()),
            title: code.title().to_owned(),
            status: code.status().as_u16(),
            detail: code.advice().to_owned(),
            code: code.as_str().to_owned(),
            instance: None,
            errors: Vec::new(),
            retry_after: match code {
                Code::Unavailable => Some(Duration::from_secs(5)),
                _ => None,
            },
        }
    }

    /// A problem of refused fields, parameters or headers.
    #[must_use]
    pub fn of_fields(code: Code, errors: &FieldErrors) -> Self {
        Self { errors: errors.iter().map(Refused::from).collect(), ..Self::new(code) }
    }

    /// The same with something more exact to say.
    #[must_use]
    pub fn detail(self, detail: impl Into<String>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// The answer, under the request's id.
    #[must_use]
    pub fn respond(mut self, id: Option<RequestId>) -> Response {
        self.instance = id.map(|id| format!("urn:uuid:{id}"));
        let status = self.status_code();
        // Text and numbers only: this cannot fail.
        let mut response = Response::new(Body::from(serde_json::to_vec(&self).unwrap_or_default()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if let Some(wait) = self.retry_after {
            headers.insert(header::RETRY_AFTER, wait.as_secs().max(1).into());
        }
        if status == StatusCode::UNAUTHORIZED {
            // RFC 9110 11.6.1 requires a challenge; ours is the session cookie.
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Cookie realm=\"Bulkhead\""));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_words_and_errors() {
        for code in Code::ALL {
            assert!(code.as_str().bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{code:?}");
            assert!(code.status().is_client_error() || code.status().is_server_error(), "{code:?}");
        }
        let mut words: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
    }

    #[test]
    fn a_conflict_keeps_its_word() {
        for conflict in [
            Conflict::StaleVersion,
            Conflict::LastAdmin,
            Conflict::QuotaReached,
            Conflict::SlugTaken,
            Conflict::NameTaken,
            Conflict::EmailTaken,
            Conflict::WrongStatus,
            Conflict::IdempotencyKeyReused,
            Conflict::OtherOrganization,
        ] {
            assert_eq!(Code::from(conflict).as_str(), conflict.code());
        }
    }
}

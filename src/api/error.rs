//! Errors as problems. A handler's error travels to the guard as a response extension, because only there the
//! request is still at hand; it is drawn and logged once, there, under the id the client sees.

use crate::{
    middleware::request_id::RequestId,
    problem::{Code, Problem},
};
use axum::response::{IntoResponse, Response};
use bulkhead_domain::Error;
use bulkhead_model::FieldErrors;
use std::{sync::Arc, time::Duration};

/// Why an operation did not happen.
#[derive(Debug, Clone)]
pub struct ApiError {
    problem: Box<Problem>,
    /// Kept for the log; only of what is ours to mend.
    source: Option<Arc<Error>>,
}

/// Of every operation.
pub type ApiResult<T = Response> = Result<T, ApiError>;

impl ApiError {
    /// Nothing is there.
    pub fn not_found() -> Self {
        Problem::new(Code::NotFound).into()
    }

    /// One header cannot be read.
    pub fn header(name: &str, message: &str) -> Self {
        Problem::of_fields(Code::InvalidHeader, &FieldErrors::one(name, message)).into()
    }

    /// What will be answered.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Whether the database itself refused a row.
    pub fn is_refused_row(&self) -> bool {
        self.source.as_deref().is_some_and(bulkhead_domain::watch::is_refused_row)
    }

    /// The answer. What is ours to mend is logged with its causes.
    pub fn draw(self, id: Option<RequestId>) -> Response {
        if let Some(error) = &self.source {
            tracing::error!(error = &**error as &dyn std::error::Error, "{}", self.problem.title);
        }
        self.problem.respond(id)
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self { problem: Box::new(problem), source: None }
    }
}

impl From<FieldErrors> for ApiError {
    fn from(errors: FieldErrors) -> Self {
        Error::Invalid(errors).into()
    }
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        let problem = match &error {
            Error::Unauthenticated => Problem::new(Code::Unauthenticated),
            Error::Forbidden(permission) => {
                let roles: Vec<&str> = bulkhead_authz::roles_with(*permission).map(|role| role.code()).collect();
                let sentence = permission.sentence();
                let roles = roles.join(", ");
                Problem::new(Code::Forbidden).detail(format!(
                    "You cannot {sentence}. It needs {permission}, which these roles have: {roles}. The id in instance is \
                     a reference: an admin opens it in the audit log to see why."
                ))
            }
            Error::BeyondOwnRole => Problem::new(Code::BeyondOwnRole),
            Error::NotFound => Problem::new(Code::NotFound),
            Error::Invalid(fields) => Problem::of_fields(Code::Invalid, fields),
            Error::Duties(collision) => {
                let code = if collision.refused { Code::DutyRefused } else { Code::DutyConflict };
                let field = if collision.refused { "" } else { "reason" };
                let mut errors = FieldErrors::new();
                collision.sentences().for_each(|sentence| errors.add(field, sentence));
                Problem::of_fields(code, &errors)
            }
            Error::Conflict(conflict) => Problem::new(Code::from(*conflict)),
            Error::RateLimited { retry_after } => {
                Problem { retry_after: Some(*retry_after), ..Problem::new(Code::RateLimited) }
            }
            Error::Elsewhere(sentence) => Problem::new(Code::OtherSystem).detail(sentence.clone()),
            Error::Unavailable(_) => {
                Problem { retry_after: Some(Duration::from_secs(2)), ..Problem::new(Code::Unavailable) }
            }
            // Operations answer a repetition themselves; one that comes here was forgotten there.
            Error::DoneBefore(_) | Error::Internal(_) => Problem::new(Code::Internal),
        };
        let ours = problem.status >= 500;
        Self { problem: Box::new(problem), source: ours.then(|| Arc::new(error)) }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        // Drawn by the guard. Should one ever pass without, it is a problem all the same, only without its id.
        let mut response = self.problem.clone().respond(None);
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulkhead_model::{Permission, error::Conflict};

    #[test]
    fn every_error_has_its_status_and_nothing_internal_in_it() {
        let internal = || Box::<dyn std::error::Error + Send + Sync>::from("relation \"users\" is secret");
        let expected = [
            (Error::Unauthenticated, 401),
            (Error::Forbidden(Permission::UsersInvite), 403),
            (Error::NotFound, 404),
            (Error::Conflict(Conflict::StaleVersion), 412),
            (Error::Conflict(Conflict::WrongStatus), 409),
            (Error::Conflict(Conflict::IdempotencyKeyReused), 422),
            (Error::Invalid(FieldErrors::one("name", "Too long.")), 422),
            (Error::RateLimited { retry_after: Duration::from_secs(7) }, 429),
            (Error::Internal(internal()), 500),
            (Error::Unavailable(Some(internal())), 503),
        ];
        for (error, status) in expected {
            let error = ApiError::from(error);
            let text = serde_json::to_string(&*error.problem).unwrap_or_default();
            assert_eq!(error.problem.status, status, "{text}");
            assert!(!text.contains("secret"), "{text}");
        }
    }

    #[test]
    fn who_must_wait_is_told_how_long() {
        let response = ApiError::from(Error::RateLimited { retry_after: Duration::from_secs(7) }).draw(None);
        assert_eq!(response.headers().get("retry-after").map(|value| value.as_bytes()), Some(&b"7"[..]));
    }
}

//! Why a use case did not happen: closed, without free text, and safe to show.

use crate::access::Clash;
use bulkhead_model::{FieldErrors, Permission, error::Conflict};
use std::time::Duration;

/// The answer of a use case that did not happen. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No live session.
    #[error("not signed in")]
    Unauthenticated,
    /// Signed in, but not allowed.
    #[error("not allowed: {0}")]
    Forbidden(Permission),
    /// The role named, or the person acted on, holds more than the one who asks.
    #[error("the role holds more than the one who gives it")]
    BeyondOwnRole,
    /// There is no such thing here; whether it is somewhere else is not said.
    #[error("not found")]
    NotFound,
    /// Something typed or sent does not fit; field by field.
    #[error("refused fields")]
    Invalid(FieldErrors),
    /// What was asked conflicts with what is true by now.
    #[error("conflict: {}", .0.code())]
    Conflict(Conflict),
    /// Somebody would hold duties that exclude each other.
    #[error("duties that exclude each other")]
    Duties(Collision),
    /// The request with this idempotency key was done before; here is what it made.
    #[error("done before")]
    DoneBefore(bulkhead_db::idempotency::Done),
    /// Too many attempts.
    #[error("too many attempts; wait {}s", .retry_after.as_secs())]
    RateLimited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// Another system that was asked did not answer, or not as it should: a sentence without anything secret.
    #[error("{0}")]
    Elsewhere(String),
    /// Too busy, or the database cannot be reached: the same request may work in a moment.
    #[error("unavailable")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// A defect. The chain is logged once, by the renderer, under the request's id.
    #[error("internal error")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Duties that exclude each other, where somebody would hold both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collision {
    /// Whether that is refused whatever is said; otherwise it takes a reason, and none was given.
    pub refused: bool,
    /// Which, and who would hold them.
    pub clashes: Vec<Clash>,
}

impl Collision {
    /// Who would hold what, a sentence each.
    pub fn sentences(&self) -> impl Iterator<Item = String> {
        self.clashes.iter().flat_map(Clash::sentences)
    }
}

/// Of every use case.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<bulkhead_db::Error> for Error {
    fn from(error: bulkhead_db::Error) -> Self {
        use bulkhead_db::Error as Db;
        match error {
            Db::Conflict(conflict) => Self::Conflict(conflict),
            Db::Unavailable(_) | Db::Contention(_) => Self::Unavailable(Some(Box::new(error))),
            Db::Refused(_) | Db::Corrupt { .. } | Db::Internal(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<bulkhead_identity::Busy> for Error {
    fn from(_: bulkhead_identity::Busy) -> Self {
        Self::Unavailable(None)
    }
}

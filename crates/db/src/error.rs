//! What can go wrong between us and PostgreSQL, closed and without free text.

use bulkhead_model::error::Conflict;

/// A failure of the data layer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No connection could be had, or it broke: try again later. Nothing was committed.
    #[error("the database cannot be reached")]
    Unavailable(#[source] sqlx::Error),
    /// Two transactions wanted the same rows; the whole use case may be run again.
    #[error("the transaction met another one")]
    Contention(#[source] sqlx::Error),
    /// A rule the database itself holds was about to be broken.
    #[error("conflict: {}", .0.code())]
    Conflict(Conflict),
    /// Row-level security or a missing grant refused the statement. Always a defect or an attack, never routine.
    #[error("the database refused the statement")]
    Refused(#[source] sqlx::Error),
    /// A stored value does not read as what it should be.
    #[error("unreadable {what} in the database")]
    Corrupt {
        /// Which column or noun.
        what: &'static str,
    },
    /// Anything else: a defect.
    #[error("the database answered with an error")]
    Internal(#[source] sqlx::Error),
}

/// Of every function of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl From<bulkhead_rls::Error> for Error {
    fn from(error: bulkhead_rls::Error) -> Self {
        match error {
            bulkhead_rls::Error::Database(error) => error.into(),
            bulkhead_rls::Error::Unexpected(_) => Self::Corrupt { what: "catalogue" },
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        let code = match &error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => return Self::Unavailable(error),
            sqlx::Error::Database(db) => db.code().unwrap_or_default().into_owned(),
            _ => return Self::Internal(error),
        };
        let constraint = error.as_database_error().and_then(|db| db.constraint());
        match (code.as_str(), constraint) {
            ("BH001", _) => Self::Conflict(Conflict::LastAdmin),
            ("23505", Some("orgs_slug_key")) => Self::Conflict(Conflict::SlugTaken),
            (
                "23505",
                Some(
                    "data_sources_name_key"
                    | "duty_conflicts_name_key"
                    | "roles_name_key"
                    | "workspaces_name_key"
                    | "resource_types_pkey",
                ),
            ) => Self::Conflict(Conflict::NameTaken),
            ("23505", Some("users_email_key")) => Self::Conflict(Conflict::EmailTaken),
            ("42501", _) => Self::Refused(error),
            ("40001" | "40P01" | "55P03", _) => Self::Contention(error),
            // Class 08 connection, 57P operator intervention, 53 resources, 57014 our own statement_timeout,
            // 25P03 idle in transaction: the server cannot serve us now.
            (code, _) if ["08", "57", "53"].iter().any(|class| code.starts_with(class)) || code == "25P03" => {
                Self::Unavailable(error)
            }
            _ => Self::Internal(error),
        }
    }
}

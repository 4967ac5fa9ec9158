//! What keeps a proof from being made at all. What merely keeps a cell from being green is in the cell.

/// Why there is no proof.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// PostgreSQL answered with an error, or did not answer.
    #[error("{doing}: {source}")]
    Database {
        /// What was being done: `reading the catalogue`.
        doing: &'static str,
        /// What the database said.
        source: sqlx::Error,
    },
    /// The catalogue could not be read.
    #[error(transparent)]
    Catalogue(#[from] crate::Error),
    /// A connection URL is none.
    #[error("the connection URL cannot be used: {0}")]
    Url(String),
    /// There is no `pg_dump`, or only one that is older than the server.
    #[error("no pg_dump for PostgreSQL {server}: {reason}; install the client programs of that version or name one")]
    NoDump {
        /// The server's major version.
        server: u32,
        /// What was found instead.
        reason: String,
    },
    /// `pg_dump` failed.
    #[error("pg_dump did not write the schema: {0}")]
    Dump(String),
    /// The operating system gave no random bytes.
    #[error("no random bytes: {0}")]
    Randomness(String),
    /// The caller cancelled the run. The copies were dropped.
    #[error("the proof was cancelled")]
    Cancelled,
}

/// The answer of the prover's own steps.
pub(super) type Result<T> = std::result::Result<T, Error>;

/// Says what was being done when the database failed.
pub(super) fn while_(doing: &'static str) -> impl FnOnce(sqlx::Error) -> Error {
    move |source| Error::Database { doing, source }
}

//! What can go wrong while a database is read.

/// The answer of everything that asks a database.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a question about a database was not answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// PostgreSQL answered with an error, or did not answer.
    #[error("the database did not answer the question: {0}")]
    Database(#[from] sqlx::Error),
    /// PostgreSQL answered in a shape that this version does not know.
    #[error("the catalogue holds something unexpected: {0}")]
    Unexpected(String),
}

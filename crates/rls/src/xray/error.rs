//! Why a question got no ladder.

use super::QuestionError;

/// The answer of everything here.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a question got no ladder.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be asked; the person who asked can mend it.
    #[error(transparent)]
    Question(#[from] QuestionError),
    /// The database did not answer, or in a way that this version does not know.
    #[error(transparent)]
    Rls(#[from] crate::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Rls(error.into())
    }
}

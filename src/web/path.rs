//! What the path of a page names.

use super::errors::PageError;
use axum::{
    extract::{FromRequestParts, Path as AxumPath},
    http::request::Parts,
};
use bulkhead_domain::Error;
use serde::de::DeserializeOwned;

/// The parameters of the path. What is no id at all leads to nothing, exactly like an id that does not exist.
#[derive(Debug)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let path = AxumPath::<T>::from_request_parts(parts, state).await;
        path.map(|AxumPath(names)| Self(names)).map_err(|_| Error::NotFound.into())
    }
}

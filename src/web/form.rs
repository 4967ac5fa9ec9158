//! Forms as they arrive. Unknown fields are refused, so nothing can be slipped in beside the fields a page asked for (J04).

use super::{errors::PageError, page::Viewer};
use crate::{
    site::Site,
    watch::{ReadBody, Written},
};
use axum::{
    body::to_bytes,
    extract::{FromRequest, Request},
    http::header,
};
use bulkhead_domain::{Ctx, Error, OperatorCtx, idempotency};
use bulkhead_model::error::Conflict;
use serde::de::DeserializeOwned;

/// The hidden field that names the organization the form was made for.
pub const ORG_FIELD: &str = "org_id";
/// The hidden field that makes a form that is sent twice count once.
pub const ONCE_FIELD: &str = "once";

/// A posted form. Before its own fields are read, the three hidden ones are checked and taken out:
/// the synchroniser token must be this session's, the organization the credential's, and the idempotency key is
/// given to the context.
#[derive(Debug)]
pub struct Form<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Site> for Form<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, site: &Site) -> Result<Self, PageError> {
        let (parts, body) = request.into_parts();
        // Exactly what a browser's form sends: a body that only looks like one came from a script (G06).
        let kind = parts.headers.get(header::CONTENT_TYPE).map(|kind| kind.as_bytes());
        if kind != Some(b"application/x-www-form-urlencoded") {
            return Err(PageError::malformed());
        }
        // The body limit is a layer's; reading within it cannot be refused here for size.
        let bytes = to_bytes(body, usize::MAX).await.map_err(|_| PageError::malformed())?;
        let pairs: Vec<(String, String)> = serde_urlencoded::from_bytes(&bytes).map_err(|_| PageError::malformed())?;
        ReadBody::keep(&parts.extensions, Written::Form, &bytes);
        let (hidden, fields): (Vec<_>, Vec<_>) = pairs
            .into_iter()
            .partition(|(name, _)| [bulkhead_ui::CSRF_FIELD, ORG_FIELD, ONCE_FIELD].contains(&name.as_str()));
        let hidden = |name: &str| hidden.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str());
        if let Some(viewer) = parts.extensions.get::<Viewer>() {
            if !super::shell::csrf_matches(site, viewer, hidden(bulkhead_ui::CSRF_FIELD).unwrap_or_default()) {
                return Err(PageError::stale_form());
            }
            if hidden(ORG_FIELD).is_some_and(|org| org != viewer.identity.org_id.to_string()) {
                return Err(Error::Conflict(Conflict::OtherOrganization).into());
            }
        }
        if let Some(key) = hidden(ONCE_FIELD) {
            let path = parts.uri.path();
            // Passwords are in some bodies: only their fingerprint leaves this function.
            if let Some(once) = idempotency::once(key, parts.method.as_str(), path, &bytes) {
                if let Some(ctx) = parts.extensions.get::<Ctx>() {
                    ctx.once(once);
                } else if let Some(ctx) = parts.extensions.get::<OperatorCtx>() {
                    ctx.once(once);
                }
            }
        }
        let fields = serde_urlencoded::to_string(fields).map_err(|_| PageError::malformed())?;
        serde_urlencoded::from_str(&fields).map(Self).map_err(|_| PageError::malformed())
    }
}

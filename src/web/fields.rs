//! What every form page needs: the hidden fields, and refused fields as the components take them.

use super::{form, page::Web};
use bulkhead_model::FieldErrors;
use bulkhead_ui::FieldError;

/// Refused fields for an `ErrorSummary`.
pub fn summary(errors: &FieldErrors) -> Vec<FieldError> {
    errors.iter().map(|error| FieldError::new(error.field.clone(), error.message.clone())).collect()
}

/// The organization the form is made for, and the key that makes sending it twice count once.
pub fn hidden(web: &Web) -> Vec<(String, String)> {
    let mut fields = vec![(form::ONCE_FIELD.to_owned(), uuid::Uuid::new_v4().to_string())];
    if let Some(viewer) = web.viewer() {
        fields.push((form::ORG_FIELD.to_owned(), viewer.identity.org_id.to_string()));
    }
    fields
}

/// The same with the version of what is shown, so that a change in between is noticed.
pub fn hidden_with_version(web: &Web, version: i32) -> Vec<(String, String)> {
    let mut fields = hidden(web);
    fields.push(("version".to_owned(), version.to_string()));
    fields
}

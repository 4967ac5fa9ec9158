//! What people change of themselves, and admins of their own organization.

use super::{
    body::{Json, first_time},
    error::ApiResult,
    sessions,
    target::{self, Known, Seen},
};
use axum::{extract::Extension, http::StatusCode, response::IntoResponse};
use bulkhead_domain::{Ctx, account, orgs};
use bulkhead_model::{OrgId, org};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// What to change of oneself; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ana Souza"}))]
pub struct MePatch {
    /// What one wants to be called; empty for none.
    #[schema(max_length = 120)]
    name: Option<String>,
}

/// Change oneself
///
/// Address and role are decided by others.
#[utoipa::path(
    patch, path = "/api/v1/me", operation_id = "update_me", tag = "Own account",
    params(super::openapi::IfMatch),
    request_body = MePatch,
    responses((status = 200, description = "The signed-in user as changed", body = sessions::Me)),
)]
pub async fn update(Extension(ctx): Extension<Ctx>, Seen(version): Seen, Json(patch): Json<MePatch>) -> ApiResult {
    if let Some(name) = patch.name {
        account::rename(&ctx, version, &name).await?;
    }
    let me = sessions::Me::read(&ctx).await?;
    Ok(target::changed(me.version(), &me))
}

/// The old password and the new one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"current": "the password until now", "new": "a longer one that nobody guesses"}))]
pub struct PasswordChange {
    /// The password until now.
    #[schema(value_type = String, format = Password)]
    current: SecretString,
    /// The new one. How long it must be is the setting `password.min_length`; known and guessable ones are refused.
    #[schema(value_type = String, format = Password)]
    new: SecretString,
}

/// Change the own password
///
/// Ends every other session; this one stays. Wrong current passwords make the next attempt wait.
#[utoipa::path(
    post, path = "/api/v1/me/password", operation_id = "change_password", tag = "Own account",
    request_body = PasswordChange,
    responses((status = 204, description = "The password is changed")),
)]
pub async fn change_password(Extension(ctx): Extension<Ctx>, Json(body): Json<PasswordChange>) -> ApiResult {
    let [current, new] = [&body.current, &body.new].map(|secret| secret.expose_secret().to_owned());
    let done = account::change_password(&ctx, current, new, body.new.expose_secret()).await;
    first_time(done)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// The caller's organization.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OwnOrganization)]
pub struct Organization {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: OrgId,
    /// Its name in addresses.
    #[schema(example = "acme")]
    slug: String,
    /// Its display name.
    #[schema(example = "Acme")]
    name: String,
    /// Its plan's id.
    #[schema(example = "standard")]
    plan: String,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Grows with each change. `"v<version>"` is an ETag that `If-Match` takes.
    #[schema(example = 3)]
    version: i32,
}

impl From<org::Org> for Organization {
    fn from(org: org::Org) -> Self {
        let org::Org { id, slug, name, plan, created_at, version, .. } = org;
        Self { id, slug, name, plan, created_at, version }
    }
}

/// What to change of the own organization; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Acme"}))]
pub struct OrganizationPatch {
    /// Its display name.
    #[schema(max_length = 120)]
    name: Option<String>,
}

/// Read the own organization
#[utoipa::path(
    get, path = "/api/v1/organization", operation_id = "get_organization", tag = "Settings",
    params(super::openapi::IfNoneMatch),
    responses((status = 200, description = "The organization", body = Organization)),
)]
pub async fn organization(Extension(ctx): Extension<Ctx>, known: Known) -> ApiResult {
    let org = orgs::current(&ctx).await?;
    Ok(known.answer(org.version, &Organization::from(org)))
}

/// Rename the own organization
#[utoipa::path(
    patch, path = "/api/v1/organization", operation_id = "update_organization", tag = "Settings",
    params(super::openapi::IfMatch),
    request_body = OrganizationPatch,
    responses((status = 200, description = "The organization as changed", body = Organization)),
)]
pub async fn update_organization(
    Extension(ctx): Extension<Ctx>,
    Seen(version): Seen,
    Json(patch): Json<OrganizationPatch>,
) -> ApiResult {
    if let Some(name) = patch.name {
        orgs::rename_current(&ctx, version, &name).await?;
    }
    let org = orgs::current(&ctx).await?;
    Ok(target::changed(org.version, &Organization::from(org)))
}

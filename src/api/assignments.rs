//! The roles that users hold beside their built-in one.

pub mod batch;

use super::{
    body::{Because, Json, MaybeJson},
    error::{ApiError, ApiResult},
    list::Query,
    roles::{Holder, RoleHolders},
    target::{self, Named, param},
};
use axum::{
    extract::{Extension, FromRequestParts},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use bulkhead_domain::{
    Ctx,
    access::{self, Period},
};
use bulkhead_model::{RoleId, access::PlacedRole, id::UserKind};
use serde::Deserialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// The `{role}` of the path.
#[derive(Debug)]
pub struct NamedRole(RoleId);

impl<S: Send + Sync> FromRequestParts<S> for NamedRole {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let id = param(parts, state, "role").await?;
        id.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}

/// Where a role counts, from the query: `workspace`, or the whole organization without it.
fn placed(role: RoleId, query: &mut Query) -> ApiResult<PlacedRole> {
    let workspace = query.workspace("workspace");
    query.finish()?;
    Ok(PlacedRole { role, workspace })
}

/// From when until when somebody is to hold a role.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"until": "2027-01-31T18:00:00Z"}))]
pub struct AssignmentWrite {
    /// From when on; at once without it.
    #[serde(with = "time::serde::rfc3339::option", default)]
    from: Option<OffsetDateTime>,
    /// Until when, not included; without end without it.
    #[serde(with = "time::serde::rfc3339::option", default)]
    until: Option<OffsetDateTime>,
    /// Why. Kept in the audit log; needed where somebody would newly hold duties that exclude each other.
    #[serde(default)]
    #[schema(max_length = 500)]
    reason: String,
}

/// List a user's roles
///
/// Those of the organization's own. The built-in one is the user's `role`.
#[utoipa::path(
    get, path = "/api/v1/users/{id}/roles", operation_id = "list_user_roles", tag = "Roles",
    params(("id" = Uuid, Path, description = "The user's id")),
    responses((status = 200, description = "What they hold", body = RoleHolders)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>, Named(id): Named<UserKind>) -> ApiResult {
    Ok(target::shown(&RoleHolders::from(access::held(&ctx, id).await?)))
}

/// Give a user a role
///
/// In the whole organization or in a workspace. Or change from when until when they hold it there; sent twice, it is given
/// once. Nobody gives more than they hold themselves,
/// for longer than they hold it, or to somebody who stands above them. Where somebody would newly hold duties that exclude
/// each other, it takes a reason (`duty_conflict`), or is refused (`duty_refused`).
#[utoipa::path(
    put, path = "/api/v1/users/{id}/roles/{role}", operation_id = "assign_role", tag = "Roles",
    params(
        ("id" = Uuid, Path, description = "The user's id"),
        ("role" = Uuid, Path, description = "The id of a role of the organization's own"),
        ("workspace" = Option<Uuid>, Query, description = "The workspace it is to count in, of which they are a member; without: the whole organization"),
    ),
    request_body = AssignmentWrite,
    responses((status = 200, description = "The role as held", body = Holder)),
)]
pub async fn assign(
    Extension(ctx): Extension<Ctx>,
    Named(user): Named<UserKind>,
    NamedRole(role): NamedRole,
    mut query: Query,
    Json(written): Json<AssignmentWrite>,
) -> ApiResult {
    let placed = placed(role, &mut query)?;
    let AssignmentWrite { from, until, reason } = written;
    access::assign(&ctx, user, placed, Period { from, until }, &reason).await?;
    let held = access::held(&ctx, user).await?.into_iter().find(|held| held.placed() == placed);
    Ok(target::shown(&Holder::from(held.ok_or_else(ApiError::not_found)?)))
}

/// Take a role from a user
///
/// Where it counts: one held in the whole organization and in a workspace is taken twice. Where it denied one of two duties that
/// exclude each other, it takes a reason (`duty_conflict`), or is refused (`duty_refused`).
#[utoipa::path(
    delete, path = "/api/v1/users/{id}/roles/{role}", operation_id = "unassign_role", tag = "Roles",
    params(
        ("id" = Uuid, Path, description = "The user's id"),
        ("role" = Uuid, Path, description = "The role's id"),
        ("workspace" = Option<Uuid>, Query, description = "The workspace it counts in; without: the whole organization"),
    ),
    request_body = Option<Because>,
    responses((status = 204, description = "They do not hold it any more")),
)]
pub async fn unassign(
    Extension(ctx): Extension<Ctx>,
    Named(user): Named<UserKind>,
    NamedRole(role): NamedRole,
    mut query: Query,
    MaybeJson(because): MaybeJson<Because>,
) -> ApiResult<Response> {
    access::unassign(&ctx, user, placed(role, &mut query)?, &because.reason).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

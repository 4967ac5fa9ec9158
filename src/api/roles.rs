//! Roles of the caller's organization: seen, made, changed, deleted, and what a change would do before it is saved.
//!
//! Who holds a role is [`assignments`](super::assignments)', what somebody may do and why [`permissions`](super::permissions)'.

pub mod condition;
mod view;

use super::{
    body::{self, Because, Json, MaybeJson},
    error::ApiResult,
    list::{List, Query},
    target::{self, Known, Named, Seen, UNVERSIONED},
};
use axum::{
    extract::Extension,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bulkhead_domain::{
    Ctx,
    access::{self, Typed},
};
use bulkhead_model::{RoleId, access::Grant, id::RoleKind};
use serde::Deserialize;
use utoipa::ToSchema;

pub use view::{Holder, RoleDetail, RoleHolders, RolePreview, RoleRef, RoleVersions, Roles, WorkspaceRef};

/// A role as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Night auditor",
    "description": "Reads the audit log outside office hours.",
    "inherits": ["00000000-0000-4000-8000-000000000a04"],
    "grants": [
        {"permission": "audit:read", "effect": "allow", "when": [
            [{"test": "hours", "days": ["mon", "tue", "wed", "thu", "fri"], "from": 1080, "until": 360, "zone": "Europe/Berlin"}],
        ]},
        {"permission": "settings:read", "effect": "deny"},
    ],
    "reason": "Ticket 4711",
}))]
pub struct RoleWrite {
    /// What people call it. No other role's name, and none that looks like one.
    #[schema(max_length = 60)]
    name: String,
    /// What it is for.
    #[serde(default)]
    #[schema(max_length = 500)]
    description: String,
    /// The roles whose lines it has as well, by id; built-in ones too.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 32)]
    inherits: Vec<RoleId>,
    /// Its own lines. Nobody writes into a role what they do not hold themselves, always and without an end.
    #[serde(default)]
    #[schema(value_type = Vec<condition::Grant>, max_items = 500)]
    grants: Vec<Grant>,
    /// Why it is saved; kept with the version and in the audit log.
    #[serde(default)]
    #[schema(max_length = 500)]
    reason: String,
}

impl From<RoleWrite> for Typed {
    fn from(written: RoleWrite) -> Self {
        let RoleWrite { name, description, inherits, grants, reason } = written;
        Self { name, description, inherits, grants, reason }
    }
}

/// A role as it might be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "id": "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001",
    "role": {"name": "Auditor", "grants": [{"permission": "audit:read", "effect": "allow"}]},
}))]
pub struct RolePreviewRequest {
    /// The role that would be changed; without it, a new one.
    #[schema(value_type = Option<Uuid>)]
    id: Option<RoleId>,
    /// As it would be saved.
    role: RoleWrite,
}

async fn detail(ctx: &Ctx, id: RoleId) -> ApiResult<(i32, RoleDetail)> {
    let found = access::find(ctx, id).await?;
    let version = found.stored.as_ref().map_or(UNVERSIONED, |role| role.version);
    Ok((version, RoleDetail::of(&found)))
}

/// List the roles
///
/// The built-in ones first, then the organization's own by name.
#[utoipa::path(
    get, path = "/api/v1/roles", operation_id = "list_roles", tag = "Roles",
    responses((status = 200, description = "The roles, all of them", body = Roles)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>) -> ApiResult {
    Ok(target::shown(&Roles::of(&access::list(&ctx).await?)))
}

/// Create a role
#[utoipa::path(
    post, path = "/api/v1/roles", operation_id = "create_role", tag = "Roles",
    request_body = RoleWrite,
    responses((status = 201, description = "The role; `Location` names it", body = RoleDetail)),
)]
pub async fn create(Extension(ctx): Extension<Ctx>, Json(written): Json<RoleWrite>) -> ApiResult {
    let id = body::made(access::create(&ctx, &written.into()).await)?;
    let (version, role) = detail(&ctx, id).await?;
    Ok(target::created(&format!("/api/v1/roles/{id}"), version, &role))
}

/// Preview a role
///
/// What saving it would change, for whom, and what would be wrong with it; nothing is saved. Without an id, as a new role.
#[utoipa::path(
    post, path = "/api/v1/roles/preview", operation_id = "preview_role", tag = "Roles",
    request_body = RolePreviewRequest,
    responses((status = 200, description = "What would change", body = RolePreview)),
)]
pub async fn preview(Extension(ctx): Extension<Ctx>, Json(asked): Json<RolePreviewRequest>) -> ApiResult {
    let preview = access::preview(&ctx, asked.id, &asked.role.into()).await?;
    Ok(target::shown(&RolePreview::from(preview)))
}

/// Read a role
///
/// With everything it says by inheritance, and which role says it.
#[utoipa::path(
    get, path = "/api/v1/roles/{id}", operation_id = "get_role", tag = "Roles",
    params(("id" = Uuid, Path, description = "The role's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The role", body = RoleDetail)),
)]
pub async fn find(Extension(ctx): Extension<Ctx>, Named(id): Named<RoleKind>, known: Known) -> ApiResult {
    let (version, role) = detail(&ctx, id).await?;
    Ok(known.answer(version, &role))
}

/// Change a role
///
/// For everybody who holds it, with their next request. What is left out becomes empty. Built-in roles do not change:
/// for this operation there are none.
#[utoipa::path(
    put, path = "/api/v1/roles/{id}", operation_id = "replace_role", tag = "Roles",
    params(("id" = Uuid, Path, description = "The role's id"), super::openapi::IfMatch),
    request_body = RoleWrite,
    responses((status = 200, description = "The role as changed", body = RoleDetail)),
)]
pub async fn change(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<RoleKind>,
    Seen(version): Seen,
    Json(written): Json<RoleWrite>,
) -> ApiResult {
    access::change(&ctx, id, version, &written.into()).await?;
    let (version, role) = detail(&ctx, id).await?;
    Ok(target::changed(version, &role))
}

/// Delete a role
///
/// Who holds it loses it. A role that others inherit from stays. Its versions are kept. Where it denied one of two duties that
/// exclude each other to somebody, it takes a reason (`duty_conflict`), or is refused (`duty_refused`).
#[utoipa::path(
    delete, path = "/api/v1/roles/{id}", operation_id = "delete_role", tag = "Roles",
    params(("id" = Uuid, Path, description = "The role's id"), super::openapi::IfMatch),
    request_body = Option<Because>,
    responses((status = 204, description = "The role is deleted")),
)]
pub async fn delete(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<RoleKind>,
    Seen(version): Seen,
    MaybeJson(because): MaybeJson<Because>,
) -> ApiResult<Response> {
    access::delete(&ctx, id, version, &because.reason).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// List a role's versions
///
/// Every state it was saved in. A built-in role has none.
#[utoipa::path(
    get, path = "/api/v1/roles/{id}/versions", operation_id = "list_role_versions", tag = "Roles",
    params(("id" = Uuid, Path, description = "The role's id")),
    responses((status = 200, description = "The versions, the newest first", body = RoleVersions)),
)]
pub async fn versions(Extension(ctx): Extension<Ctx>, Named(id): Named<RoleKind>) -> ApiResult {
    Ok(target::shown(&RoleVersions::from(access::find(&ctx, id).await?.versions)))
}

/// List a role's members
///
/// Who holds it themselves, now or later, what was given last first; somebody who holds it in two places is there twice. Who
/// has a built-in role is in the list of users: `GET /api/v1/users?role=…`.
#[utoipa::path(
    get, path = "/api/v1/roles/{id}/members", operation_id = "list_role_members", tag = "Roles",
    params(
        ("id" = Uuid, Path, description = "The role's id"),
        ("q" = Option<String>, Query, description = "The beginning of the name or of the address"),
        super::openapi::Paging,
    ),
    responses((status = 200, description = "A page of members", body = List<Holder>)),
)]
pub async fn members(Extension(ctx): Extension<Ctx>, Named(id): Named<RoleKind>, mut query: Query) -> ApiResult {
    let search = query.text("q");
    let order = format!("role-members/{}/{id}", ctx.identity().org_id);
    let page = query.page(&order)?;
    let found = access::holders(&ctx, id, &search, &page).await?;
    Ok(query.answer(&order, found.page.map(Holder::from), found.count))
}

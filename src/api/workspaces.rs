//! Workspaces of the caller's organization, and who is in them. A role is given in one through
//! [`assignments`](super::assignments).

use super::{
    body::{self, Because, Json, MaybeJson, NoBody, first_time},
    error::{ApiError, ApiResult},
    list::{List, Query},
    roles::RoleRef,
    target::{self, Known, Named, Seen, param},
    words,
};
use axum::{
    extract::{Extension, FromRequestParts},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use bulkhead_domain::{
    Ctx, Error,
    workspaces::{self, Typed},
};
use bulkhead_model::{
    UserId, WorkspaceId,
    id::WorkspaceKind,
    workspace::{self, WorkspaceStatus},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// The `{user}` of the path.
#[derive(Debug)]
pub struct NamedUser(UserId);

impl<S: Send + Sync> FromRequestParts<S> for NamedUser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let id = param(parts, state, "user").await?;
        id.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}

/// A workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct Workspace {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: WorkspaceId,
    /// What people call it.
    #[schema(example = "Production")]
    name: String,
    /// What it is for; may be empty.
    #[schema(example = "What customers use.")]
    description: String,
    /// Whether roles in it count.
    #[schema(value_type = words::WorkspaceStatus)]
    status: WorkspaceStatus,
    /// How many users are in it.
    #[schema(example = 12)]
    members: i64,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it was changed last; its members are not part of it.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// Grows with each change. `"v<version>"` is an ETag that `If-Match` takes.
    #[schema(example = 3)]
    version: i32,
}

impl From<workspace::Workspace> for Workspace {
    fn from(one: workspace::Workspace) -> Self {
        let workspace::Workspace { id, name, description, status, members, created_at, updated_at, version } = one;
        Self { id, name, description, status, members, created_at, updated_at, version }
    }
}

/// The workspaces of an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Workspaces {
    /// Those in use first, by name; at most 200.
    data: Vec<Workspace>,
}

/// Somebody in a workspace.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkspaceMember {
    /// Their id.
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Their address.
    #[schema(example = "ana@example.com")]
    email: String,
    /// Their name; may be empty.
    name: String,
    /// Since when.
    #[serde(with = "time::serde::rfc3339")]
    added_at: OffsetDateTime,
    /// Who added them: an address.
    #[schema(example = "ben@example.com")]
    added_by: String,
    /// The roles they hold in it, now or later.
    roles: Vec<RoleRef>,
}

impl From<workspace::Member> for WorkspaceMember {
    fn from(member: workspace::Member) -> Self {
        let workspace::Member { user, email, name, added_at, added_by, roles } = member;
        let roles = roles.into_iter().map(|held| RoleRef { id: held.role, name: held.role_name }).collect();
        Self { user_id: user, email, name, added_at, added_by, roles }
    }
}

/// A workspace as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Production", "description": "What customers use."}))]
pub struct WorkspaceWrite {
    /// What people call it. No other workspace's name, and none that looks like one.
    #[schema(max_length = 60)]
    name: String,
    /// What it is for.
    #[serde(default)]
    #[schema(max_length = 500)]
    description: String,
}

impl From<WorkspaceWrite> for Typed {
    fn from(written: WorkspaceWrite) -> Self {
        let WorkspaceWrite { name, description } = written;
        Self { name, description }
    }
}

async fn read(ctx: &Ctx, id: WorkspaceId) -> ApiResult<(i32, Workspace)> {
    let found = workspaces::find(ctx, id).await?.workspace;
    Ok((found.version, found.into()))
}

/// List the workspaces
#[utoipa::path(
    get, path = "/api/v1/workspaces", operation_id = "list_workspaces", tag = "Workspaces",
    responses((status = 200, description = "The workspaces, all of them", body = Workspaces)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>) -> ApiResult {
    let data = workspaces::list(&ctx).await?.into_iter().map(Workspace::from).collect();
    Ok(target::shown(&Workspaces { data }))
}

/// Create a workspace
///
/// Nobody is in it yet.
#[utoipa::path(
    post, path = "/api/v1/workspaces", operation_id = "create_workspace", tag = "Workspaces",
    request_body = WorkspaceWrite,
    responses((status = 201, description = "The workspace; `Location` names it", body = Workspace)),
)]
pub async fn create(Extension(ctx): Extension<Ctx>, Json(written): Json<WorkspaceWrite>) -> ApiResult {
    let id = body::made(workspaces::create(&ctx, &written.into()).await)?;
    let (version, workspace) = read(&ctx, id).await?;
    Ok(target::created(&format!("/api/v1/workspaces/{id}"), version, &workspace))
}

/// Read a workspace
#[utoipa::path(
    get, path = "/api/v1/workspaces/{id}", operation_id = "get_workspace", tag = "Workspaces",
    params(("id" = Uuid, Path, description = "The workspace's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The workspace", body = Workspace)),
)]
pub async fn find(Extension(ctx): Extension<Ctx>, Named(id): Named<WorkspaceKind>, known: Known) -> ApiResult {
    let (version, workspace) = read(&ctx, id).await?;
    Ok(known.answer(version, &workspace))
}

/// Change a workspace
///
/// Its name and what it is for, of an archived one as well. A description that is left out becomes empty.
#[utoipa::path(
    put, path = "/api/v1/workspaces/{id}", operation_id = "replace_workspace", tag = "Workspaces",
    params(("id" = Uuid, Path, description = "The workspace's id"), super::openapi::IfMatch),
    request_body = WorkspaceWrite,
    responses((status = 200, description = "The workspace as changed", body = Workspace)),
)]
pub async fn change(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<WorkspaceKind>,
    Seen(version): Seen,
    Json(written): Json<WorkspaceWrite>,
) -> ApiResult {
    workspaces::change(&ctx, id, version, &written.into()).await?;
    as_it_is(&ctx, id, Ok(())).await
}

/// The workspace after a change, or after a repetition of one that was made.
async fn as_it_is(ctx: &Ctx, id: WorkspaceId, done: Result<(), Error>) -> ApiResult {
    first_time(done)?;
    let (version, workspace) = read(ctx, id).await?;
    Ok(target::changed(version, &workspace))
}

/// Archive a workspace
///
/// Its members and the roles they hold in it are kept; the roles do not count from the next request on. Nobody archives
/// one in which a role denies what they do not hold themselves.
#[utoipa::path(
    post, path = "/api/v1/workspaces/{id}/archive", operation_id = "archive_workspace", tag = "Workspaces",
    params(("id" = Uuid, Path, description = "The workspace's id"), super::openapi::IfMatch),
    responses((status = 200, description = "The workspace, archived", body = Workspace)),
)]
pub async fn archive(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<WorkspaceKind>,
    Seen(version): Seen,
    _: NoBody,
) -> ApiResult {
    let done = workspaces::archive(&ctx, id, version).await;
    as_it_is(&ctx, id, done).await
}

/// Bring a workspace back
///
/// The roles that are held in it count again, from the next request on. Nobody brings one back in which a role allows what
/// they do not hold themselves. Where somebody would newly hold duties that exclude each other, it takes a reason
/// (`duty_conflict`), or is refused (`duty_refused`).
#[utoipa::path(
    post, path = "/api/v1/workspaces/{id}/restore", operation_id = "restore_workspace", tag = "Workspaces",
    params(("id" = Uuid, Path, description = "The workspace's id"), super::openapi::IfMatch),
    request_body = Option<Because>,
    responses((status = 200, description = "The workspace, in use again", body = Workspace)),
)]
pub async fn restore(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<WorkspaceKind>,
    Seen(version): Seen,
    MaybeJson(because): MaybeJson<Because>,
) -> ApiResult {
    let done = workspaces::restore(&ctx, id, version, &because.reason).await;
    as_it_is(&ctx, id, done).await
}

/// List a workspace's members
///
/// With the roles they hold in it; from when until when stands among the roles of each user. Who was added last is first.
#[utoipa::path(
    get, path = "/api/v1/workspaces/{id}/members", operation_id = "list_workspace_members", tag = "Workspaces",
    params(
        ("id" = Uuid, Path, description = "The workspace's id"),
        ("q" = Option<String>, Query, description = "The beginning of the name or of the address"),
        super::openapi::Paging,
    ),
    responses((status = 200, description = "A page of members", body = List<WorkspaceMember>)),
)]
pub async fn members(Extension(ctx): Extension<Ctx>, Named(id): Named<WorkspaceKind>, mut query: Query) -> ApiResult {
    let search = query.text("q");
    let order = format!("workspace-members/{}/{id}", ctx.identity().org_id);
    let page = query.page(&order)?;
    let found = workspaces::members(&ctx, id, &search, &page).await?;
    Ok(query.answer(&order, found.page.map(WorkspaceMember::from), found.count))
}

/// Add a user to a workspace
///
/// Sent twice, they are added once. Being in it allows nothing by itself; roles are given there to those who are.
#[utoipa::path(
    put, path = "/api/v1/workspaces/{id}/members/{user}", operation_id = "add_workspace_member", tag = "Workspaces",
    params(
        ("id" = Uuid, Path, description = "The workspace's id"),
        ("user" = Uuid, Path, description = "The user's id"),
    ),
    responses((status = 200, description = "The member", body = WorkspaceMember)),
)]
pub async fn add_member(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<WorkspaceKind>,
    NamedUser(user): NamedUser,
    _: NoBody,
) -> ApiResult {
    workspaces::add_member(&ctx, id, user).await?;
    Ok(target::shown(&WorkspaceMember::from(workspaces::member(&ctx, id, user).await?)))
}

/// Take a user out of a workspace
///
/// The roles they hold in it go with that, from their next request on.
#[utoipa::path(
    delete, path = "/api/v1/workspaces/{id}/members/{user}", operation_id = "remove_workspace_member", tag = "Workspaces",
    params(
        ("id" = Uuid, Path, description = "The workspace's id"),
        ("user" = Uuid, Path, description = "The user's id"),
    ),
    responses((status = 204, description = "They are not in it any more")),
)]
pub async fn remove_member(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<WorkspaceKind>,
    NamedUser(user): NamedUser,
) -> ApiResult<Response> {
    workspaces::remove_member(&ctx, id, user).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

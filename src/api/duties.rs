//! Duties that exclude each other in the caller's organization, and who holds both.

use super::{
    body::{self, Json},
    error::ApiResult,
    permissions::BuiltInHolders,
    roles::RoleRef,
    target::{self, Known, Named, Seen},
    words,
};
use axum::{
    extract::Extension,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bulkhead_domain::{
    Ctx,
    access::Clash,
    duties::{self, Holders, Typed},
};
use bulkhead_model::{
    DutyConflictId, UserId,
    duty::{self, DutyRule},
    id::DutyConflictKind,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Two permissions that no one person should hold together.
#[derive(Debug, Serialize, ToSchema)]
pub struct DutyConflict {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: DutyConflictId,
    /// What people call it.
    #[schema(example = "Backups")]
    name: String,
    /// The two, by name.
    #[schema(example = json!(["backups:create", "backups:delete"]), min_items = 2, max_items = 2)]
    permissions: [String; 2],
    /// Why no one person should hold both.
    #[schema(example = "Who makes backups does not delete them.")]
    why: String,
    /// What happens to a change by which somebody would.
    #[schema(value_type = words::DutyRule)]
    rule: DutyRule,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// By whom: an address.
    #[schema(example = "ana@example.com")]
    created_by: String,
    /// When it was changed last.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// By whom: an address.
    #[schema(example = "ana@example.com")]
    updated_by: String,
    /// Grows with each change. `"v<version>"` is an ETag that `If-Match` takes.
    #[schema(example = 3)]
    version: i32,
}

impl From<duty::DutyConflict> for DutyConflict {
    fn from(conflict: duty::DutyConflict) -> Self {
        let duty::DutyConflict { id, name, pair, why, rule, created_at, created_by, updated_at, updated_by, version } =
            conflict;
        let permissions = [pair.first().to_string(), pair.second().to_string()];
        Self { id, name, permissions, why, rule, created_at, created_by, updated_at, updated_by, version }
    }
}

/// A conflict of the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DutyConflictListed {
    #[serde(flatten)]
    conflict: DutyConflict,
    /// How many people hold both, admins not counted.
    #[schema(example = 1)]
    holders: usize,
}

/// The conflicts, all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct DutyConflicts {
    /// By name; at most 100.
    data: Vec<DutyConflictListed>,
}

/// Somebody who holds both.
#[derive(Debug, Serialize, ToSchema)]
pub struct DutyHolder {
    /// Their id.
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Their address.
    #[schema(example = "ana@example.com")]
    email: String,
}

/// Who holds both.
#[derive(Debug, Serialize, ToSchema)]
pub struct DutyHolders {
    /// Built-in roles that allow both by themselves, and how many active users hold both by them. Admin is not among them.
    built_in: Vec<BuiltInHolders>,
    /// Everybody else who holds both, now or later, by address.
    users: Vec<DutyHolder>,
    /// The organization's own roles that allow both by themselves.
    roles: Vec<RoleRef>,
    /// How many active admins there are: they hold everything, and are not counted.
    admins: i64,
}

impl From<Holders> for DutyHolders {
    fn from(holders: Holders) -> Self {
        let Holders { by_built_in, people, roles, admins } = holders;
        Self {
            built_in: by_built_in.into_iter().map(|(role, holders)| BuiltInHolders { role, holders }).collect(),
            users: people.into_iter().map(|(user_id, email)| DutyHolder { user_id, email }).collect(),
            roles: roles.into_iter().map(|(id, name)| RoleRef { id, name }).collect(),
            admins,
        }
    }
}

/// Duties that exclude each other, and who would newly hold both.
#[derive(Debug, Serialize, ToSchema)]
pub struct DutyClash {
    /// The id of the conflict.
    #[schema(value_type = Uuid)]
    conflict_id: DutyConflictId,
    /// What it is called.
    #[schema(example = "Backups")]
    name: String,
    /// The two, by name.
    #[schema(example = json!(["backups:create", "backups:delete"]), min_items = 2, max_items = 2)]
    permissions: [String; 2],
    /// Whether saving takes a reason or is refused.
    #[schema(value_type = words::DutyRule)]
    rule: DutyRule,
    /// Roles that would allow both by themselves, by name: this one, or those that inherit from it.
    roles: Vec<String>,
    /// Addresses of those who would newly hold both.
    users: Vec<String>,
}

impl From<Clash> for DutyClash {
    fn from(Clash { conflict, roles, people }: Clash) -> Self {
        let permissions = [conflict.pair.first().to_string(), conflict.pair.second().to_string()];
        Self { conflict_id: conflict.id, name: conflict.name, permissions, rule: conflict.rule, roles, users: people }
    }
}

/// A conflict as it is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Backups",
    "permissions": ["backups:create", "backups:delete"],
    "why": "Who makes backups does not delete them.",
    "rule": "ask",
}))]
pub struct DutyConflictWrite {
    /// What people call it. No other conflict's name, and none that looks like one.
    #[schema(max_length = 60)]
    name: String,
    /// Two that differ, by name, in any order.
    #[schema(min_items = 2, max_items = 2)]
    permissions: [String; 2],
    /// Why no one person should hold both.
    #[schema(min_length = 1, max_length = 500)]
    why: String,
    /// What happens to a change by which somebody would; a reason is asked for without it.
    #[serde(default = "ask")]
    #[schema(value_type = Option<words::DutyRule>)]
    rule: DutyRule,
}

const fn ask() -> DutyRule {
    DutyRule::Ask
}

impl From<DutyConflictWrite> for Typed {
    fn from(written: DutyConflictWrite) -> Self {
        let DutyConflictWrite { name, permissions: [first, second], why, rule } = written;
        Self { name, first, second, why, rule }
    }
}

async fn read(ctx: &Ctx, id: DutyConflictId) -> ApiResult<(i32, DutyConflict)> {
    let conflict = duties::find(ctx, id).await?.0.conflict;
    Ok((conflict.version, conflict.into()))
}

/// List the conflicts of duties
///
/// Pairs of permissions that no one person should hold together.
#[utoipa::path(
    get, path = "/api/v1/duty-conflicts", operation_id = "list_duty_conflicts", tag = "Conflicting duties",
    responses((status = 200, description = "The conflicts, all of them", body = DutyConflicts)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>) -> ApiResult {
    let listed =
        |held: duties::Held| DutyConflictListed { holders: held.holders.count(), conflict: held.conflict.into() };
    let data = duties::list(&ctx).await?.data.into_iter().map(listed).collect();
    Ok(target::shown(&DutyConflicts { data }))
}

/// Create a conflict of duties
///
/// Whoever holds both goes on holding both, and is listed among the holders.
#[utoipa::path(
    post, path = "/api/v1/duty-conflicts", operation_id = "create_duty_conflict", tag = "Conflicting duties",
    request_body = DutyConflictWrite,
    responses((status = 201, description = "The conflict; `Location` names it", body = DutyConflict)),
)]
pub async fn create(Extension(ctx): Extension<Ctx>, Json(written): Json<DutyConflictWrite>) -> ApiResult {
    let id = body::made(duties::create(&ctx, &written.into()).await)?;
    let (version, conflict) = read(&ctx, id).await?;
    Ok(target::created(&format!("/api/v1/duty-conflicts/{id}"), version, &conflict))
}

/// Read a conflict of duties
#[utoipa::path(
    get, path = "/api/v1/duty-conflicts/{id}", operation_id = "get_duty_conflict", tag = "Conflicting duties",
    params(("id" = Uuid, Path, description = "The conflict's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The conflict", body = DutyConflict)),
)]
pub async fn find(Extension(ctx): Extension<Ctx>, Named(id): Named<DutyConflictKind>, known: Known) -> ApiResult {
    let (version, conflict) = read(&ctx, id).await?;
    Ok(known.answer(version, &conflict))
}

/// Change a conflict of duties
#[utoipa::path(
    put, path = "/api/v1/duty-conflicts/{id}", operation_id = "replace_duty_conflict", tag = "Conflicting duties",
    params(("id" = Uuid, Path, description = "The conflict's id"), super::openapi::IfMatch),
    request_body = DutyConflictWrite,
    responses((status = 200, description = "The conflict as changed", body = DutyConflict)),
)]
pub async fn change(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<DutyConflictKind>,
    Seen(version): Seen,
    Json(written): Json<DutyConflictWrite>,
) -> ApiResult {
    duties::change(&ctx, id, version, &written.into()).await?;
    let (version, conflict) = read(&ctx, id).await?;
    Ok(target::changed(version, &conflict))
}

/// Delete a conflict of duties
///
/// Nobody is asked for a reason or refused because of it any more.
#[utoipa::path(
    delete, path = "/api/v1/duty-conflicts/{id}", operation_id = "delete_duty_conflict", tag = "Conflicting duties",
    params(("id" = Uuid, Path, description = "The conflict's id"), super::openapi::IfMatch),
    responses((status = 204, description = "The conflict is deleted")),
)]
pub async fn delete(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<DutyConflictKind>,
    Seen(version): Seen,
) -> ApiResult<Response> {
    duties::delete(&ctx, id, version).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// List who holds both
///
/// Whoever could do both, at one time and in one place, with or without a condition. Who does by a built-in role alone is
/// counted, and found with `GET /api/v1/users?role=…`.
#[utoipa::path(
    get, path = "/api/v1/duty-conflicts/{id}/holders", operation_id = "list_duty_conflict_holders", tag = "Conflicting duties",
    params(("id" = Uuid, Path, description = "The conflict's id")),
    responses((status = 200, description = "Who holds both", body = DutyHolders)),
)]
pub async fn holders(Extension(ctx): Extension<Ctx>, Named(id): Named<DutyConflictKind>) -> ApiResult {
    Ok(target::shown(&DutyHolders::from(duties::find(&ctx, id).await?.0.holders)))
}

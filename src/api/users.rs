//! Users of the caller's organization.

use super::{
    body::{Json, NoBody, first_time},
    error::ApiResult,
    list::{List, Query},
    target::{self, Known, Named, Seen},
    words,
};
use axum::{
    extract::Extension,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bulkhead_domain::{Ctx, Error, users};
use bulkhead_model::{
    FieldErrors, UserId,
    id::UserKind,
    user::{self, Role, UserFilter, UserSort, UserStatus},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A user.
#[derive(Debug, Serialize, ToSchema)]
pub struct User {
    /// Their id.
    #[schema(value_type = Uuid)]
    id: UserId,
    /// The address as they wrote it.
    #[schema(example = "ana@example.com")]
    email: String,
    /// What they want to be called; may be empty.
    #[schema(example = "Ana Souza")]
    name: String,
    /// Their role.
    #[schema(value_type = words::Role)]
    role: Role,
    /// Their state.
    #[schema(value_type = words::UserStatus)]
    status: UserStatus,
    /// When they were invited or created.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Their latest request, to the minute.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    last_seen_at: Option<OffsetDateTime>,
    /// Grows with each change. `"v<version>"` is an ETag that `If-Match` takes.
    #[schema(example = 3)]
    version: i32,
}

impl From<user::User> for User {
    fn from(user: user::User) -> Self {
        let user::User { id, email, name, role, status, created_at, last_seen_at, version } = user;
        Self { id, email, name, role, status, created_at, last_seen_at, version }
    }
}

/// What to change of a user; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Ana Souza", "role": "manager"}))]
pub struct UserPatch {
    /// What they want to be called; empty for none.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// Their role. Nobody gives one that holds more than their own.
    #[schema(value_type = Option<words::Role>)]
    role: Option<String>,
    /// Why. Kept in the audit log; needed where a role gives them duties that exclude each other.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// Reads a role, or refuses the field.
pub fn role(text: &str) -> Result<Role, FieldErrors> {
    let roles: Vec<&str> = Role::ALL.iter().map(|role| role.code()).collect();
    Role::from_code(text).ok_or_else(|| FieldErrors::one("role", format!("Expected one of {}.", roles.join(", "))))
}

/// List the users
#[utoipa::path(
    get, path = "/api/v1/users", operation_id = "list_users", tag = "Users",
    params(
        ("q" = Option<String>, Query, description = "The beginning of the name or of the address"),
        ("status" = Option<Vec<words::UserStatus>>, Query, description = "Any of these; without: all but removed"),
        ("role" = Option<Vec<words::Role>>, Query, description = "Any of these"),
        ("sort" = Option<words::UserSort>, Query, description = "The order; name without"),
        super::openapi::Paging,
    ),
    responses((status = 200, description = "A page of users", body = List<User>)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>, mut query: Query) -> ApiResult {
    let filter = UserFilter {
        search: query.text("q"),
        status: query.words("status", UserStatus::ALL, UserStatus::from_code),
        role: query.words("role", Role::ALL, Role::from_code),
        sort: query.word("sort", UserSort::ALL, UserSort::from_code).unwrap_or(UserSort::Name),
        descending: query.reversed(),
    };
    let order = format!("users/{}/{}/{}", ctx.identity().org_id, filter.sort, filter.descending);
    let page = query.page(&order)?;
    let found = users::list(&ctx, &filter, &page).await?;
    Ok(query.answer(&order, found.page.map(User::from), found.count))
}

/// Read a user
#[utoipa::path(
    get, path = "/api/v1/users/{id}", operation_id = "get_user", tag = "Users",
    params(("id" = Uuid, Path, description = "The user's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The user", body = User)),
)]
pub async fn find(Extension(ctx): Extension<Ctx>, Named(id): Named<UserKind>, known: Known) -> ApiResult {
    let user = users::find(&ctx, id).await?;
    Ok(known.answer(user.version, &User::from(user)))
}

fn changed(user: user::User) -> Response {
    target::changed(user.version, &User::from(user))
}

/// Change a user
#[utoipa::path(
    patch, path = "/api/v1/users/{id}", operation_id = "update_user", tag = "Users",
    params(("id" = Uuid, Path, description = "The user's id"), super::openapi::IfMatch),
    request_body = UserPatch,
    responses((status = 200, description = "The user as changed", body = User)),
)]
pub async fn update(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<UserKind>,
    Seen(version): Seen,
    Json(patch): Json<UserPatch>,
) -> ApiResult {
    let to = patch.role.as_deref().map(role).transpose()?;
    // What stays is read here; that it is still so when it is written, the version guarantees.
    let now = users::find(&ctx, id).await?;
    let (name, role) = (patch.name.unwrap_or(now.name), to.unwrap_or(now.role));
    let reason = patch.reason.unwrap_or_default();
    Ok(changed(users::update_because(&ctx, id, version, (&name, role), &reason).await?))
}

/// A repetition of what was done is answered with how the user is now.
async fn or_as_it_is(ctx: &Ctx, id: UserId, done: Result<user::User, Error>) -> ApiResult {
    match first_time(done)? {
        Some(user) => Ok(changed(user)),
        None => Ok(changed(users::find(ctx, id).await?)),
    }
}

/// Suspend a user
///
/// Their sessions end with their next request, and nobody signs in as them until they are reactivated.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/suspend", operation_id = "suspend_user", tag = "Users",
    params(("id" = Uuid, Path, description = "The user's id"), super::openapi::IfMatch),
    responses((status = 200, description = "The user, suspended", body = User)),
)]
pub async fn suspend(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<UserKind>,
    Seen(version): Seen,
    _: NoBody,
) -> ApiResult {
    let done = users::suspend(&ctx, id, version).await;
    or_as_it_is(&ctx, id, done).await
}

/// Reactivate a user
///
/// Sessions that were ended stay ended.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/reactivate", operation_id = "reactivate_user", tag = "Users",
    params(("id" = Uuid, Path, description = "The user's id"), super::openapi::IfMatch),
    responses((status = 200, description = "The user, active again", body = User)),
)]
pub async fn reactivate(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<UserKind>,
    Seen(version): Seen,
    _: NoBody,
) -> ApiResult {
    let done = users::reactivate(&ctx, id, version).await;
    or_as_it_is(&ctx, id, done).await
}

/// Resend an invitation
///
/// A new link is mailed and the old one stops working. The user does not change, so no version is asked for.
#[utoipa::path(
    post, path = "/api/v1/users/{id}/resend", operation_id = "resend_invitation", tag = "Users",
    params(("id" = Uuid, Path, description = "The user's id")),
    responses((status = 200, description = "The invited user", body = User)),
)]
pub async fn resend(Extension(ctx): Extension<Ctx>, Named(id): Named<UserKind>, _: NoBody) -> ApiResult {
    let done = users::resend_invitation(&ctx, id).await;
    or_as_it_is(&ctx, id, done).await
}

/// Remove a user
///
/// The audit log keeps what they did; the address can be invited again.
#[utoipa::path(
    delete, path = "/api/v1/users/{id}", operation_id = "remove_user", tag = "Users",
    params(("id" = Uuid, Path, description = "The user's id"), super::openapi::IfMatch),
    responses((status = 204, description = "The user is removed")),
)]
pub async fn remove(Extension(ctx): Extension<Ctx>, Named(id): Named<UserKind>, Seen(version): Seen) -> ApiResult {
    users::remove(&ctx, id, version).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

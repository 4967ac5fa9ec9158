//! Permissions: which exist, who holds them, and what somebody may do and why.

use super::{
    error::{ApiError, ApiResult},
    list::Query,
    roles::RoleRef,
    target::{self, Named, param},
    words,
};
use axum::{
    extract::{Extension, FromRequestParts},
    http::request::Parts,
};
use bulkhead_authz::{
    access::{Roles, role_id},
    catalogue::Entry,
    decision::Step,
    truth::Looked,
};
use bulkhead_domain::{
    Ctx,
    access::{self, Able, Answer, Reach, Supposed, Why},
};
use bulkhead_model::{
    RoleId, UserId, WorkspaceId,
    access::{Effect, PermissionName},
    id::UserKind,
    org::OrgKind,
    user::Role,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A role that reaches a permission, and how far.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoleReach {
    #[serde(flatten)]
    role: RoleRef,
    /// How far the role by itself allows it.
    #[schema(value_type = words::Reach)]
    reach: &'static str,
}

/// What can be allowed or denied.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionInfo {
    /// `resource:action`
    #[schema(example = "users:read")]
    name: String,
    /// What it lets a person do, as the end of "You can …".
    #[schema(example = "see users")]
    sentence: String,
    /// Whether whoever newly allows it in a role says why.
    needs_reason: bool,
    /// The roles that allow it, the built-in ones first.
    roles: Vec<RoleReach>,
}

/// The permissions, all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Permissions {
    /// In the order of the documentation.
    data: Vec<PermissionInfo>,
}

/// List the permissions
///
/// Those that can be held in the caller's organization, and which roles allow them.
#[utoipa::path(
    get, path = "/api/v1/permissions", operation_id = "list_permissions", tag = "Roles",
    responses((status = 200, description = "The permissions", body = Permissions)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>) -> ApiResult {
    let roles = access::list(&ctx).await?;
    let ids = || {
        let built_in = Role::ALL.iter().map(|role| role_id(*role));
        built_in.chain(roles.own.iter().map(|role| role.definition.id))
    };
    let info = |entry: &Entry| {
        let reaching = |role: RoleId| match roles.reach(role, &entry.name) {
            Reach::Never => None,
            reach => Some(RoleReach { role: RoleRef::of(&roles.roles, role), reach: reach.code() }),
        };
        let (name, sentence) = (entry.name.to_string(), entry.sentence.clone());
        PermissionInfo { name, sentence, needs_reason: entry.needs_reason, roles: ids().filter_map(reaching).collect() }
    };
    let platform = ctx.identity().org_kind == OrgKind::Platform;
    Ok(target::shown(&Permissions { data: roles.roles.catalogue().existing(platform).map(info).collect() }))
}

/// Users with a built-in role that always allows something.
#[derive(Debug, Serialize, ToSchema)]
pub struct BuiltInHolders {
    /// Which role.
    #[schema(value_type = words::Role)]
    pub role: Role,
    /// How many active users have it.
    pub holders: i64,
}

/// Somebody, and how far they may do something.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserReach {
    /// Their id.
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// Their address.
    #[schema(example = "ana@example.com")]
    email: String,
    /// How far they may.
    #[schema(value_type = words::Reach)]
    reach: &'static str,
}

/// Who may do something.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionHolders {
    /// What.
    #[schema(example = "users:read")]
    permission: String,
    /// The built-in roles that always allow it. Some who have one may be in `denied`.
    built_in: Vec<BuiltInHolders>,
    /// Active users who may by a role of the organization's own.
    users: Vec<UserReach>,
    /// Active users whose built-in role allows it and who may not, or not always.
    denied: Vec<UserReach>,
    /// The organization's own roles that allow it.
    roles: Vec<RoleReach>,
}

/// The `{permission}` of the path.
#[derive(Debug)]
pub struct NamedPermission(PermissionName);

impl<S: Send + Sync> FromRequestParts<S> for NamedPermission {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let name = param(parts, state, "permission").await?;
        name.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}

/// List who holds a permission
///
/// At this moment, or under a condition. Who has it by a built-in role alone is counted, and found with
/// `GET /api/v1/users?role=…`.
#[utoipa::path(
    get, path = "/api/v1/permissions/{permission}/holders", operation_id = "list_permission_holders", tag = "Roles",
    params(("permission" = String, Path, description = "The permission's name, `users:read`")),
    responses((status = 200, description = "Who may", body = PermissionHolders)),
)]
pub async fn holders(Extension(ctx): Extension<Ctx>, NamedPermission(permission): NamedPermission) -> ApiResult {
    let Able { by_built_in, by_own, denied, roles, .. } = access::who_can(&ctx, &permission).await?;
    let user = |(user_id, email, reach): (UserId, String, Reach)| UserReach { user_id, email, reach: reach.code() };
    let role =
        |(id, name, reach): (RoleId, String, Reach)| RoleReach { role: RoleRef { id, name }, reach: reach.code() };
    Ok(target::shown(&PermissionHolders {
        permission: permission.to_string(),
        built_in: by_built_in.into_iter().map(|(role, holders)| BuiltInHolders { role, holders }).collect(),
        users: by_own.into_iter().map(user).collect(),
        denied: denied.into_iter().map(user).collect(),
        roles: roles.into_iter().map(role).collect(),
    }))
}

/// A line that was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraceLine {
    /// The role they hold.
    held: RoleRef,
    /// The workspace in which they hold it; null for the whole organization.
    #[schema(value_type = Option<Uuid>, required)]
    workspace: Option<WorkspaceId>,
    /// The roles from that one to the one that says it, both included.
    path: Vec<RoleRef>,
    /// Allowing or denying.
    #[schema(value_type = words::GrantEffect)]
    effect: Effect,
    /// When it counts, in a sentence.
    #[schema(example = "when from 192.0.2.0/24")]
    condition: String,
    /// What each test of the condition looked at. In a group all must hold, and of the groups one; without groups it always
    /// counts.
    tests: Vec<Vec<TraceTest>>,
    /// Whether the condition holds.
    #[schema(value_type = words::ConditionTruth)]
    truth: &'static str,
    /// Whether the held role counts at that moment.
    #[schema(value_type = words::RoleStanding)]
    standing: &'static str,
    /// Whether this line decided.
    decides: bool,
}

/// Whether somebody may do something, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct PermissionAnswer {
    /// What.
    #[schema(example = "users:read")]
    permission: String,
    /// Whether they may.
    allowed: bool,
    /// Why, as a code; docs/reason-codes.md explains each.
    #[schema(value_type = words::ReasonCode)]
    reason: &'static str,
    /// Why, in a sentence.
    #[schema(example = "A role that they hold allows it.")]
    sentence: &'static str,
    /// Every line that was looked at, in the order of the roles held.
    trace: Vec<TraceLine>,
}

/// Everything somebody may and may not do.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserPermissions {
    /// Who.
    #[schema(value_type = Uuid)]
    user_id: UserId,
    /// One answer for each permission, in the order of the documentation.
    data: Vec<PermissionAnswer>,
}

/// One test of a condition.
#[derive(Debug, Serialize, ToSchema)]
pub struct TraceTest {
    /// The test, in a sentence.
    #[schema(example = "its environment is “staging”")]
    test: String,
    /// What it looked at, as text; null where that is not known.
    #[schema(required, example = "“production”")]
    saw: Option<String>,
    /// Whether it holds.
    #[schema(value_type = words::ConditionTruth)]
    truth: &'static str,
}

impl TraceTest {
    fn of(looked: &Looked) -> Self {
        Self { test: looked.test.to_string(), saw: looked.saw.text(), truth: looked.truth.code() }
    }
}

impl TraceLine {
    fn of(roles: &Roles, answer: &Answer, step: &Step, looked: &[Vec<Looked>]) -> Self {
        let (assigned, origin) = (step.decider.assigned, step.decider.origin);
        let path = roles.way(assigned, origin).unwrap_or_else(|| vec![assigned, origin]);
        let when = roles.when(origin, step.decider.line);
        Self {
            held: RoleRef::of(roles, assigned),
            workspace: step.decider.workspace,
            path: path.into_iter().map(|role| RoleRef::of(roles, role)).collect(),
            effect: step.effect,
            condition: when.map(ToString::to_string).unwrap_or_default(),
            tests: looked.iter().map(|group| group.iter().map(TraceTest::of).collect()).collect(),
            truth: step.truth.code(),
            standing: step.standing.code(),
            decides: answer.verdict.decider == Some(step.decider),
        }
    }

    /// Every line that was looked at for an answer.
    pub fn all(roles: &Roles, answer: &Answer) -> Vec<Self> {
        answer.steps.iter().zip(&answer.looked).map(|(step, looked)| Self::of(roles, answer, step, looked)).collect()
    }
}

impl UserPermissions {
    fn of(why: &Why) -> Self {
        let answer = |answer: &Answer| PermissionAnswer {
            permission: answer.permission.name.to_string(),
            allowed: answer.verdict.allowed(),
            reason: answer.verdict.reason.code(),
            sentence: answer.verdict.reason.sentence(),
            trace: TraceLine::all(&why.roles, answer),
        };
        Self { user_id: why.user.id, data: why.answers.iter().map(answer).collect() }
    }
}

/// Explain what a user may do
///
/// By the function that decides, at a moment and from an address that can be supposed.
#[utoipa::path(
    get, path = "/api/v1/users/{id}/permissions", operation_id = "explain_user_permissions", tag = "Roles",
    params(
        ("id" = Uuid, Path, description = "The user's id"),
        ("at" = Option<String>, Query, format = DateTime, description = "The moment to suppose; now without"),
        ("address" = Option<String>, Query, description = "The client's address to suppose; without, one that is not known"),
    ),
    responses((status = 200, description = "One answer for each permission", body = UserPermissions)),
)]
pub async fn explain(Extension(ctx): Extension<Ctx>, Named(id): Named<UserKind>, mut query: Query) -> ApiResult {
    let supposed = Supposed { at: query.moment("at"), address: query.address("address") };
    query.finish()?;
    Ok(target::shown(&UserPermissions::of(&access::why(&ctx, id, supposed).await?)))
}

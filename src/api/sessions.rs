//! The caller: who they are, and their own sessions.

use super::{
    error::ApiResult,
    target::{self, Known, Named},
    words,
};
use axum::{extract::Extension, http::StatusCode, response::IntoResponse};
use bulkhead_domain::{Ctx, Error, account};
use bulkhead_model::{
    OrgId, Permission, SessionId, UserId,
    id::SessionKind,
    session::{self, SignInMethod},
    user::Role,
};
use serde::Serialize;
use std::net::IpAddr;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Who the session stands for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    /// The user's id.
    #[schema(value_type = Uuid)]
    id: UserId,
    /// Their address.
    #[schema(example = "ana@example.com")]
    email: String,
    /// Their name; may be empty.
    name: String,
    /// Their role.
    #[schema(value_type = words::Role)]
    role: Role,
    /// What they may do.
    #[schema(value_type = Vec<String>, example = json!(["self:manage", "users:read"]))]
    permissions: Vec<Permission>,
    /// Their organization.
    organization: Organization,
    /// This session's id.
    #[schema(value_type = Uuid)]
    session_id: SessionId,
    /// When this session ends whatever happens.
    #[serde(with = "time::serde::rfc3339")]
    session_expires_at: OffsetDateTime,
    /// Grows with each change of the user.
    version: i32,
}

/// The caller's organization.
#[derive(Debug, Serialize, ToSchema)]
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
    plan: String,
    /// Whether its users are the platform's operators.
    operators: bool,
}

impl Me {
    /// The caller, as they are now.
    pub async fn read(ctx: &Ctx) -> Result<Self, Error> {
        let (user, identity) = (account::profile(ctx).await?, ctx.identity());
        Ok(Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            permissions: Permission::ALL.iter().copied().filter(|permission| ctx.may(*permission)).collect(),
            organization: Organization {
                id: identity.org_id,
                slug: identity.org_slug.clone(),
                name: identity.org_name.clone(),
                plan: identity.org_plan.clone(),
                operators: identity.org_kind == bulkhead_model::org::OrgKind::Platform,
            },
            session_id: identity.session_id,
            session_expires_at: identity.expires_at,
            version: user.version,
        })
    }

    /// What a change must have seen.
    pub fn version(&self) -> i32 {
        self.version
    }
}

/// Who am I
#[utoipa::path(
    get, path = "/api/v1/me", operation_id = "get_me", tag = "Own account",
    params(super::openapi::IfNoneMatch),
    responses((status = 200, description = "The signed-in user", body = Me)),
)]
pub async fn me(Extension(ctx): Extension<Ctx>, known: Known) -> ApiResult {
    let me = Me::read(&ctx).await?;
    Ok(known.answer(me.version, &me))
}

/// A session.
#[derive(Debug, Serialize, ToSchema)]
pub struct Session {
    /// Its public handle; knowing it opens nothing.
    #[schema(value_type = Uuid)]
    id: SessionId,
    /// Whether it is the one that asks.
    current: bool,
    /// Browser and system, as far as the browser says.
    #[schema(example = "Firefox on Linux")]
    device: String,
    /// The browser's own words.
    user_agent: String,
    /// Where it began.
    #[schema(value_type = Option<String>, required, example = "203.0.113.7")]
    address: Option<IpAddr>,
    /// How it began.
    #[schema(value_type = words::SignInMethod)]
    method: SignInMethod,
    /// Authenticator assurance level, 1 to 3 (NIST SP 800-63B-4).
    #[schema(minimum = 1, maximum = 3)]
    assurance: i16,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// Its latest request, to the minute.
    #[serde(with = "time::serde::rfc3339")]
    last_seen_at: OffsetDateTime,
    /// When it ends whatever happens.
    #[serde(with = "time::serde::rfc3339")]
    expires_at: OffsetDateTime,
}

impl Session {
    fn of(session: session::Session, current: SessionId) -> Self {
        let device = session.device();
        let session::Session {
            id, method, assurance, user_agent, address, created_at, last_seen_at, expires_at, ..
        } = session;
        let current = id == current;
        Self { id, current, device, user_agent, address, method, assurance, created_at, last_seen_at, expires_at }
    }
}

/// The live sessions, all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Sessions {
    /// The latest first.
    data: Vec<Session>,
}

/// List the own sessions
#[utoipa::path(
    get, path = "/api/v1/sessions", operation_id = "list_sessions", tag = "Own account",
    responses((status = 200, description = "The live sessions", body = Sessions)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>) -> ApiResult {
    let current = ctx.identity().session_id;
    let sessions = account::list_sessions(&ctx).await?;
    Ok(target::shown(&Sessions { data: sessions.into_iter().map(|session| Session::of(session, current)).collect() }))
}

/// End one of the own sessions
///
/// Ending the one that asks signs out.
#[utoipa::path(
    delete, path = "/api/v1/sessions/{id}", operation_id = "end_session", tag = "Own account",
    params(("id" = Uuid, Path, description = "The session's id")),
    responses((status = 204, description = "The session has ended")),
)]
pub async fn end(Extension(ctx): Extension<Ctx>, Named(id): Named<SessionKind>) -> ApiResult {
    account::revoke_session(&ctx, id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// How many sessions ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ended {
    /// Sessions that ended.
    #[schema(example = 2)]
    ended: u64,
}

/// End all other own sessions
#[utoipa::path(
    delete, path = "/api/v1/sessions", operation_id = "end_other_sessions", tag = "Own account",
    responses((status = 200, description = "How many ended", body = Ended)),
)]
pub async fn end_others(Extension(ctx): Extension<Ctx>) -> ApiResult {
    Ok(target::shown(&Ended { ended: account::revoke_other_sessions(&ctx).await? }))
}

//! The audit log: an organization's own, and for operators all of them.

use super::{
    error::ApiResult,
    list::{List, Query},
    target::{Known, Named},
    words,
};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, OperatorCtx, audit};
use bulkhead_model::{
    AuditEventId, OrgId, RequestId, SessionId, UserId,
    audit::{Action, ActorKind, AuditFilter, Fields, Outcome, TargetKind},
    id::AuditEventKind,
};
use serde::Serialize;
use std::net::IpAddr;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// An event, as it was written.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEvent {
    /// Its id; ids sort in time.
    #[schema(value_type = Uuid)]
    id: AuditEventId,
    /// The organization it happened in.
    #[schema(value_type = Uuid)]
    org_id: OrgId,
    /// The organization's name; for operators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    org_name: Option<String>,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// Who acted.
    actor: Actor,
    /// What was done.
    #[schema(value_type = words::Action)]
    action: Action,
    /// What was acted on.
    target: Target,
    /// How it ended.
    #[schema(value_type = words::Outcome)]
    outcome: Outcome,
    /// Why, in the actor's words or as a reason code.
    #[schema(required)]
    reason: Option<String>,
    /// From where.
    #[schema(value_type = Option<String>, required, example = "203.0.113.7")]
    address: Option<IpAddr>,
    /// With which client.
    #[schema(required)]
    user_agent: Option<String>,
    /// In which request.
    #[schema(value_type = Option<Uuid>, required)]
    request_id: Option<RequestId>,
    /// In which session.
    #[schema(value_type = Option<Uuid>, required)]
    session_id: Option<SessionId>,
    /// The changed fields before, without secrets.
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>, required)]
    before: Option<Fields>,
    /// The changed fields after, without secrets.
    #[schema(value_type = Option<std::collections::BTreeMap<String, String>>, required)]
    after: Option<Fields>,
}

/// Who acted.
#[derive(Debug, Serialize, ToSchema)]
pub struct Actor {
    /// Kind of actor.
    #[schema(value_type = words::ActorKind)]
    kind: ActorKind,
    /// Their id, if it is a user or an operator.
    #[schema(value_type = Option<Uuid>, required)]
    id: Option<UserId>,
    /// Their address at the time, or the system's name.
    #[schema(example = "ana@example.com")]
    label: String,
}

/// What was acted on.
#[derive(Debug, Serialize, ToSchema)]
pub struct Target {
    /// Kind of target.
    #[schema(value_type = words::TargetKind)]
    kind: TargetKind,
    /// Its id, or key.
    id: String,
    /// What it was called at the time.
    label: String,
}

impl AuditEvent {
    fn of(event: bulkhead_model::audit::AuditEvent, org_name: Option<String>) -> Self {
        Self {
            id: event.id,
            org_id: event.org_id,
            org_name,
            at: event.at,
            actor: Actor { kind: event.actor_kind, id: event.actor_id, label: event.actor_label },
            action: event.action,
            target: Target { kind: event.target_kind, id: event.target_id, label: event.target_label },
            outcome: event.outcome,
            reason: event.reason,
            address: event.address,
            user_agent: event.user_agent,
            request_id: event.request_id,
            session_id: event.session_id,
            before: event.before,
            after: event.after,
        }
    }
}

/// An event, with the others of the same request.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditEventDetail {
    #[serde(flatten)]
    event: AuditEvent,
    /// Others of the same request, oldest first.
    same_request: Vec<AuditEvent>,
}

/// Events are never changed, so there is one version of each.
const ONLY_VERSION: i32 = 1;

fn detail(found: audit::EventDetail) -> AuditEventDetail {
    let name = found.org_name;
    let same_request = found.same_request.into_iter().map(|event| AuditEvent::of(event, name.clone())).collect();
    AuditEventDetail { event: AuditEvent::of(found.event, name.clone()), same_request }
}

fn filter(query: &mut Query) -> AuditFilter {
    AuditFilter {
        actor: query.text("actor"),
        action: query.words("action", Action::ALL, Action::from_code),
        target: query.text("target"),
        outcome: query.words("outcome", Outcome::ALL, Outcome::from_code),
        from: query.moment("from"),
        until: query.moment("until"),
        org: None,
    }
}

/// List the organization's events
///
/// Newest first.
#[utoipa::path(
    get, path = "/api/v1/audit-events", operation_id = "list_audit_events", tag = "Audit log",
    params(
        ("actor" = Option<String>, Query, description = "The beginning of the actor's address, or their id"),
        ("action" = Option<Vec<words::Action>>, Query, description = "Any of these"),
        ("target" = Option<String>, Query, description = "The target's id"),
        ("outcome" = Option<Vec<words::Outcome>>, Query, description = "Any of these"),
        ("from" = Option<String>, Query, description = "Not before this moment (RFC 3339)"),
        ("until" = Option<String>, Query, description = "Before this moment (RFC 3339)"),
        super::openapi::Places,
    ),
    responses((status = 200, description = "A page of events", body = List<AuditEvent>)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>, mut query: Query) -> ApiResult {
    let filter = filter(&mut query);
    let order = format!("audit-events/{}", ctx.identity().org_id);
    let page = query.page(&order)?;
    let found = audit::list(&ctx, &filter, &page).await?;
    Ok(query.answer(&order, found.page.map(|event| AuditEvent::of(event, None)), found.count))
}

/// Read one of the organization's events
#[utoipa::path(
    get, path = "/api/v1/audit-events/{id}", operation_id = "get_audit_event", tag = "Audit log",
    params(("id" = Uuid, Path, description = "The event's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The event", body = AuditEventDetail)),
)]
pub async fn find(Extension(ctx): Extension<Ctx>, Named(id): Named<AuditEventKind>, known: Known) -> ApiResult {
    Ok(known.answer(ONLY_VERSION, &detail(audit::find(&ctx, id).await?)))
}

/// List the events of every organization
///
/// Newest first. For operators.
#[utoipa::path(
    get, path = "/api/v1/platform/audit-events", operation_id = "list_platform_audit_events", tag = "Audit log",
    params(
        ("org" = Option<Uuid>, Query, description = "One organization only"),
        ("actor" = Option<String>, Query, description = "The beginning of the actor's address, or their id"),
        ("action" = Option<Vec<words::Action>>, Query, description = "Any of these"),
        ("target" = Option<String>, Query, description = "The target's id"),
        ("outcome" = Option<Vec<words::Outcome>>, Query, description = "Any of these"),
        ("from" = Option<String>, Query, description = "Not before this moment (RFC 3339)"),
        ("until" = Option<String>, Query, description = "Before this moment (RFC 3339)"),
        super::openapi::Places,
    ),
    responses((status = 200, description = "A page of events", body = List<AuditEvent>)),
)]
pub async fn list_all(Extension(ctx): Extension<OperatorCtx>, mut query: Query) -> ApiResult {
    let filter = AuditFilter { org: query.org("org"), ..filter(&mut query) };
    let order = "platform/audit-events";
    let page = query.page(order)?;
    let audit::EventList { page, count, org_names } = audit::list_all(&ctx, &filter, &page).await?;
    let rows = page.map(|event| {
        let name = org_names.get(&event.org_id).cloned();
        AuditEvent::of(event, name)
    });
    Ok(query.answer(order, rows, count))
}

/// Read an event of any organization
///
/// For operators.
#[utoipa::path(
    get, path = "/api/v1/platform/audit-events/{id}", operation_id = "get_platform_audit_event", tag = "Audit log",
    params(("id" = Uuid, Path, description = "The event's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The event", body = AuditEventDetail)),
)]
pub async fn find_any(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<AuditEventKind>,
    known: Known,
) -> ApiResult {
    Ok(known.answer(ONLY_VERSION, &detail(audit::find_any(&ctx, id).await?)))
}

//! Attempts at what is another organization's, and the alerts raised over them. For operators.

use super::{
    body::{Json, first_time},
    error::ApiResult,
    list::{List, Query},
    target::{self, Known, Named, Seen},
    words,
};
use axum::extract::Extension;
use bulkhead_domain::{Error, OperatorCtx, alerts};
use bulkhead_model::{
    AlertId, AttemptId, OrgId, RequestId, UserId,
    attempt::{self, AlertStatus, Surface},
    id::AlertKind,
};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// Who made an attempt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AttemptActor)]
pub struct Actor {
    /// The user.
    #[schema(value_type = Uuid)]
    id: UserId,
    /// Their address at the time.
    #[schema(example = "ana@example.com")]
    label: String,
    /// Their organization.
    #[schema(value_type = Uuid)]
    org_id: OrgId,
    /// Its short name at the time.
    #[schema(example = "acme")]
    org_slug: String,
}

impl From<attempt::AttemptActor> for Actor {
    fn from(actor: attempt::AttemptActor) -> Self {
        let attempt::AttemptActor { org_id, org_slug, id, label } = actor;
        Self { id, label, org_id, org_slug }
    }
}

/// An attempt at what is another organization's. It was refused like an object that does not exist.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attempt {
    /// Its id; ids sort in time.
    #[schema(value_type = Uuid)]
    id: AttemptId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// Who.
    actor: Actor,
    /// From where.
    #[schema(value_type = Option<String>, required, example = "203.0.113.7")]
    address: Option<IpAddr>,
    /// With which client.
    #[schema(required)]
    user_agent: Option<String>,
    /// In which request.
    #[schema(value_type = Option<Uuid>, required)]
    request_id: Option<RequestId>,
    /// Where in the request it stood.
    #[schema(value_type = words::Surface)]
    surface: Surface,
    /// Method and pattern of the route.
    #[schema(example = "GET /t/{slug}/users/{id}")]
    route: String,
    /// The HTTP status it was answered with: 404, or 200 where a filter simply found nothing.
    #[schema(example = 404)]
    answered_with: u16,
    /// Kind of what was aimed at.
    #[schema(example = "user")]
    aimed_kind: String,
    /// Its id, or the organization's short name.
    aimed_id: String,
    /// The organization it belongs to; null where the database itself refused a row and does not say whose.
    #[schema(value_type = Option<Uuid>, required)]
    owner_org_id: Option<OrgId>,
    /// Its short name at the time; empty where there is none.
    owner_org_slug: String,
    /// The alert it belongs to, once there is one.
    #[schema(value_type = Option<Uuid>, required)]
    alert_id: Option<AlertId>,
}

impl From<attempt::Attempt> for Attempt {
    fn from(attempt: attempt::Attempt) -> Self {
        let attempt::Attempt { id, at, actor, address, user_agent, request_id, surface, route, .. } = attempt;
        let attempt::Attempt { answered_with, aimed_kind, aimed_id, owner_org_id, owner_org_slug, alert_id, .. } =
            attempt;
        Self {
            id,
            at,
            actor: actor.into(),
            address,
            user_agent,
            request_id,
            surface,
            route,
            answered_with,
            aimed_kind,
            aimed_id,
            owner_org_id,
            owner_org_slug,
            alert_id,
        }
    }
}

/// An alert: more attempts by one person in a short time than the threshold allows.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alert {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: AlertId,
    /// Whom it is about.
    actor: Actor,
    /// What was done about it.
    #[schema(value_type = words::AlertStatus)]
    status: AlertStatus,
    /// Attempts it covers.
    #[schema(example = 3)]
    attempts: i32,
    /// When it was raised.
    #[serde(with = "time::serde::rfc3339")]
    opened_at: OffsetDateTime,
    /// The latest attempt.
    #[serde(with = "time::serde::rfc3339")]
    last_at: OffsetDateTime,
    /// The address of who acknowledged or closed it last.
    #[schema(required, example = "ana@example.com")]
    handled_by: Option<String>,
    /// When.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    handled_at: Option<OffsetDateTime>,
    /// What they wrote.
    #[schema(required)]
    note: Option<String>,
    /// Counts what people do with it, not its attempts. `"v<version>"` is an ETag that `If-Match` takes.
    #[schema(example = 1)]
    version: i32,
}

impl From<attempt::Alert> for Alert {
    fn from(alert: attempt::Alert) -> Self {
        let attempt::Alert { id, actor, status, attempts, opened_at, last_at, handled_by, handled_at, note, version } =
            alert;
        let actor = actor.into();
        Self { id, actor, status, attempts, opened_at, last_at, handled_by, handled_at, note, version }
    }
}

/// An alert with its attempts.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlertDetail {
    #[serde(flatten)]
    alert: Alert,
    /// What it covers, the newest first, at most 100.
    covers: Vec<Attempt>,
}

impl From<alerts::AlertDetail> for AlertDetail {
    fn from(detail: alerts::AlertDetail) -> Self {
        let covers = detail.attempts.into_iter().map(Attempt::from).collect();
        Self { alert: detail.alert.into(), covers }
    }
}

/// That somebody looks into an alert.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "Asked their admin."}))]
pub struct Acknowledgement {
    /// What is known so far; may be empty.
    #[serde(default)]
    #[schema(max_length = 2000)]
    note: String,
}

/// That an alert is settled.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"note": "An old bookmark; nothing was reached."}))]
pub struct Closure {
    /// What it was, and what was done.
    #[schema(max_length = 2000)]
    note: String,
}

/// List the attempts
///
/// Every request that named something of another organization, the newest first.
#[utoipa::path(
    get, path = "/api/v1/attempts", operation_id = "list_attempts", tag = "Attempts",
    params(super::openapi::Places),
    responses((status = 200, description = "A page of attempts", body = List<Attempt>)),
)]
pub async fn attempts(Extension(ctx): Extension<OperatorCtx>, mut query: Query) -> ApiResult {
    let page = query.page("attempts")?;
    let (found, count) = alerts::attempts(&ctx, &page).await?;
    Ok(query.answer("attempts", found.map(Attempt::from), count))
}

/// List the alerts
///
/// The latest raised first.
#[utoipa::path(
    get, path = "/api/v1/alerts", operation_id = "list_alerts", tag = "Attempts",
    params(
        ("status" = Option<Vec<words::AlertStatus>>, Query, description = "Any of these"),
        super::openapi::Places,
    ),
    responses((status = 200, description = "A page of alerts", body = List<Alert>)),
)]
pub async fn list(Extension(ctx): Extension<OperatorCtx>, mut query: Query) -> ApiResult {
    let statuses = query.words("status", AlertStatus::ALL, AlertStatus::from_code);
    let page = query.page("alerts")?;
    let found = alerts::page(&ctx, &statuses, &page).await?;
    Ok(query.answer("alerts", found.page.map(Alert::from), found.count))
}

/// Read an alert
#[utoipa::path(
    get, path = "/api/v1/alerts/{id}", operation_id = "get_alert", tag = "Attempts",
    params(("id" = Uuid, Path, description = "The alert's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The alert, with its attempts", body = AlertDetail)),
)]
pub async fn find(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<AlertKind>, known: Known) -> ApiResult {
    let detail = alerts::find(&ctx, id).await?;
    Ok(known.answer(detail.alert.version, &AlertDetail::from(detail)))
}

/// An alert after it was handled; after a repetition, as it is by now.
async fn handled(ctx: &OperatorCtx, id: AlertId, done: Result<(), Error>) -> ApiResult {
    first_time(done)?;
    let detail = alerts::find(ctx, id).await?;
    Ok(target::changed(detail.alert.version, &AlertDetail::from(detail)))
}

/// Acknowledge an alert
///
/// Says that somebody is looking into it. It keeps collecting attempts.
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/acknowledge", operation_id = "acknowledge_alert", tag = "Attempts",
    params(("id" = Uuid, Path, description = "The alert's id"), super::openapi::IfMatch),
    request_body = Acknowledgement,
    responses((status = 200, description = "The alert, acknowledged", body = AlertDetail)),
)]
pub async fn acknowledge(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<AlertKind>,
    Seen(version): Seen,
    Json(body): Json<Acknowledgement>,
) -> ApiResult {
    let done = alerts::acknowledge(&ctx, id, version, &body.note).await;
    handled(&ctx, id, done).await
}

/// Close an alert
///
/// Says that it is settled, and how. Further attempts count anew.
#[utoipa::path(
    post, path = "/api/v1/alerts/{id}/close", operation_id = "close_alert", tag = "Attempts",
    params(("id" = Uuid, Path, description = "The alert's id"), super::openapi::IfMatch),
    request_body = Closure,
    responses((status = 200, description = "The alert, closed", body = AlertDetail)),
)]
pub async fn close(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<AlertKind>,
    Seen(version): Seen,
    Json(body): Json<Closure>,
) -> ApiResult {
    let done = alerts::close(&ctx, id, version, &body.note).await;
    handled(&ctx, id, done).await
}

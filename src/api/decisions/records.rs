//! Recorded decisions: the list, and one with why it came out as it did.

use crate::api::{
    error::ApiResult,
    list::{List, Query},
    openapi,
    permissions::TraceLine,
    target::{self, Named},
    words,
};
use axum::extract::Extension;
use bulkhead_authz::decision::ReasonCode;
use bulkhead_domain::{
    Ctx,
    access::{self, DecisionRecord, Then, Trace},
};
use bulkhead_model::{
    AuditEventId, DecisionId, UserId,
    access::{DecisionFilter, DecisionOutcome, RecordedDecision as Kept, Resource, Value as Attribute},
    audit::{Action, AuditEvent},
    id::DecisionKind,
};
use serde::Serialize;
use serde_json::{Map, Value};
use std::net::IpAddr;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

/// Whom a decision is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecidedAbout {
    /// Their id.
    #[schema(value_type = Uuid)]
    id: UserId,
    /// Their address.
    #[schema(example = "ana@example.com")]
    email: String,
    /// Their name; empty where none is known.
    name: String,
}

/// What was asked about.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecidedResource {
    /// Its id, as the service wrote it.
    #[schema(required)]
    id: Option<String>,
    /// What was said about it and is registered: `owner`, `workspace` and attributes, as for a decision.
    properties: Map<String, Value>,
}

impl From<Resource> for DecidedResource {
    fn from(resource: Resource) -> Self {
        let said = |value: Attribute| match value {
            Attribute::Text(text) => Value::String(text),
            Attribute::Number(number) => number.into(),
            Attribute::Boolean(is) => Value::Bool(is),
            Attribute::Time(at) => Value::String(at.format(&Rfc3339).unwrap_or_default()),
        };
        let attributes = resource.attributes.into_iter().map(|(name, value)| (name.to_string(), said(value)));
        let id = |name: &str, id: String| (name.to_owned(), Value::String(id));
        let owner = resource.owner.map(|owner| id("owner", owner.to_string()));
        let workspace = resource.workspace.map(|workspace| id("workspace", workspace.to_string()));
        Self { id: resource.id, properties: attributes.chain(owner).chain(workspace).collect() }
    }
}

/// A decision, as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordedDecision {
    /// Its id, as the answer had it.
    #[schema(value_type = Uuid)]
    id: DecisionId,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// About whom; null where nobody of the organization has the id that was asked about.
    #[schema(required)]
    subject: Option<DecidedAbout>,
    /// What for, as it was written.
    #[schema(example = "backups:execute")]
    permission: String,
    /// About what.
    resource: DecidedResource,
    /// Where the person was, as far as the service knew.
    #[schema(value_type = Option<String>, required, example = "192.0.2.17")]
    ip_address: Option<IpAddr>,
    /// Whether it was allowed.
    decision: bool,
    /// Why, as a code; docs/reason-codes.md explains each.
    #[schema(value_type = words::ReasonCode)]
    reason: String,
    /// How many decisions like it this one stands for: of those that allow, a sample is kept.
    weight: i32,
    /// Whose credential asked.
    #[schema(example = "service@example.com")]
    asked_by: String,
}

impl From<Kept> for RecordedDecision {
    fn from(kept: Kept) -> Self {
        Self {
            id: kept.id,
            at: kept.at,
            subject: kept.about.map(|about| DecidedAbout { id: about.id, email: about.email, name: about.name }),
            permission: kept.permission,
            resource: kept.resource.into(),
            ip_address: kept.address,
            decision: kept.reason == ReasonCode::Granted.code(),
            reason: kept.reason,
            weight: kept.weight,
            asked_by: kept.asked_by,
        }
    }
}

/// What was recorded of why.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecidedThen {
    /// The way to the line that decided, as the roles were; null where none did, or it was not recorded.
    #[schema(required, example = "Support desk → allows backups:execute when its environment is “staging”")]
    decided_by: Option<String>,
    /// The number of the roles that it was decided by; null where it was not recorded.
    #[schema(required)]
    roles_version: Option<i64>,
}

/// A change since then.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeSince {
    /// The event of the audit log.
    #[schema(value_type = Uuid)]
    event: AuditEventId,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
    /// What was done.
    #[schema(value_type = words::Action)]
    action: Action,
    /// What it was done to.
    target: String,
}

impl From<&AuditEvent> for ChangeSince {
    fn from(event: &AuditEvent) -> Self {
        Self { event: event.id, at: event.at, action: event.action, target: event.target_label.clone() }
    }
}

/// What would be decided now, of the same moment, address and resource.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecidedNow {
    /// Whether it would be allowed.
    decision: bool,
    /// Why, as a code.
    #[schema(value_type = words::ReasonCode)]
    reason: &'static str,
    /// Why, in a sentence.
    #[schema(example = "None of their roles allows it.")]
    sentence: &'static str,
    /// Every line that is looked at, with what its condition saw.
    trace: Vec<TraceLine>,
    /// Changes of what they hold, and of roles that they hold or that decided, newest first.
    changed_since: Vec<ChangeSince>,
}

impl From<&Trace> for DecidedNow {
    fn from(trace: &Trace) -> Self {
        Self {
            decision: trace.now.allowed(),
            reason: trace.now.reason.code(),
            sentence: trace.now.reason.sentence(),
            trace: trace.answer.iter().flat_map(|answer| TraceLine::all(&trace.roles, answer)).collect(),
            changed_since: trace.changes.events.iter().map(ChangeSince::from).collect(),
        }
    }
}

/// A recorded decision, with why.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenedDecision {
    #[serde(flatten)]
    decision: RecordedDecision,
    /// What was recorded of why.
    then: DecidedThen,
    /// What would be decided now. Null for who may not see roles, and where there is nobody it is about, or not all that
    /// was asked is known.
    #[schema(required)]
    now: Option<DecidedNow>,
}

/// List recorded decisions
///
/// Every denial of the last 30 days, and one of twenty decisions that allowed. Newest first.
#[utoipa::path(
    get, path = "/api/v1/decisions", operation_id = "list_decisions", tag = "Decisions",
    params(
        ("person" = Option<String>, Query, description = "The beginning of the person's address, or their id"),
        ("permission" = Option<String>, Query, description = "Exactly this permission"),
        ("outcome" = Option<words::DecisionOutcome>, Query, description = "What came out"),
        ("reason" = Option<Vec<words::ReasonCode>>, Query, description = "Any of these"),
        ("from" = Option<String>, Query, description = "Not before this moment (RFC 3339)"),
        ("until" = Option<String>, Query, description = "Before this moment (RFC 3339)"),
        openapi::Places,
    ),
    responses((status = 200, description = "A page of decisions", body = List<RecordedDecision>)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>, mut query: Query) -> ApiResult {
    let filter = DecisionFilter {
        person: query.text("person"),
        permission: query.text("permission"),
        outcome: query.word("outcome", DecisionOutcome::ALL, DecisionOutcome::from_code),
        reason: query
            .words("reason", ReasonCode::ALL, ReasonCode::from_code)
            .into_iter()
            .map(|reason| reason.code().to_owned())
            .collect(),
        from: query.moment("from"),
        until: query.moment("until"),
    };
    let order = format!("decisions/{}", ctx.identity().org_id);
    let page = query.page(&order)?;
    let found = access::records(&ctx, &filter, &page).await?;
    Ok(query.answer(&order, found.page.map(RecordedDecision::from), found.count))
}

/// Open a recorded decision
///
/// As it was recorded, and as it would be decided now of the same moment, address and resource, with every line that is
/// looked at and what its condition saw.
#[utoipa::path(
    get, path = "/api/v1/decisions/{id}", operation_id = "get_decision", tag = "Decisions",
    params(("id" = Uuid, Path, description = "The decision's id")),
    responses((status = 200, description = "The decision", body = OpenedDecision)),
)]
pub async fn find(Extension(ctx): Extension<Ctx>, Named(id): Named<DecisionKind>) -> ApiResult {
    let DecisionRecord { decision, then, trace } = access::record(&ctx, id).await?;
    let Then { by, roles_version, .. } = then;
    Ok(target::shown(&OpenedDecision {
        decision: decision.into(),
        then: DecidedThen { decided_by: by, roles_version },
        now: trace.as_ref().map(DecidedNow::from),
    }))
}

//! The audit log: the list, one event, and the live tail, for an organization and for operators over all of them.
//!
//! Both consoles share these pages. What differs is who reads ([`Reader`]), and that is decided by the guard of the
//! route and checked again by the use case.

mod detail;
mod filters;
mod list;
mod live;
mod row;

use crate::routes::{Access, Routes};
use axum::{extract::FromRequestParts, http::request::Parts};
use bulkhead_domain::{
    Ctx, Error, OperatorCtx, Result,
    audit::{self, EventDetail, EventList, Tail},
};
use bulkhead_model::{
    AuditEventId, OrgId, Permission,
    audit::{AuditEvent, AuditFilter, Outcome},
    page::{Count, PageRequest, Place},
};
use bulkhead_ui::{Card, Timeline, TimelineItem, Tone};
use leptos::prelude::*;
use std::collections::BTreeMap;
use time::OffsetDateTime;

/// The routes of an organization's audit log.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant)
        .get("/t/{slug}/audit", list::show)
        .get("/t/{slug}/audit/live", live::tail)
        .get("/t/{slug}/audit/{id}", detail::show)
}

/// The routes of the audit log of all organizations.
pub fn operator_routes() -> Routes {
    Routes::new(Access::Operator)
        .get("/op/audit", list::show)
        .get("/op/audit/live", live::tail)
        .get("/op/audit/{id}", detail::show)
}

/// Events as a short timeline, each leading to its page below `base`.
pub fn timeline(events: &[AuditEvent], base: &str, now: OffsetDateTime) -> AnyView {
    let items = events
        .iter()
        .map(|event| TimelineItem {
            title: row::sentence(event),
            detail: (!event.target_label.is_empty()).then(|| event.target_label.clone()),
            at: event.at,
            tone: tone(event.outcome),
            href: Some(format!("{base}/{}", event.id)),
        })
        .collect::<Vec<_>>();
    view! { <Timeline items now /> }.into_any()
}

/// The latest events about something, for whoever may read the audit log.
pub async fn latest(ctx: &Ctx, target: impl ToString) -> Result<Option<Vec<AuditEvent>>> {
    if !ctx.may(Permission::AuditRead) {
        return Ok(None);
    }
    let filter = AuditFilter { target: target.to_string(), ..AuditFilter::default() };
    Ok(Some(audit::list(ctx, &filter, &PageRequest::new(Place::First, 10)).await?.page.rows))
}

/// Those as a card, or that there are none.
pub fn activity(events: &[AuditEvent], noun: &str, base: &str, now: OffsetDateTime) -> AnyView {
    if events.is_empty() {
        let none = format!("The audit log has no event about this {noun}.");
        return view! {
            <Card title="Activity">
                <p class="muted">{none}</p>
            </Card>
        }
        .into_any();
    }
    let events = timeline(events, base, now);
    let purpose = format!("The latest events about this {noun}.");
    view! { <Card title="Activity" purpose>{events}</Card> }.into_any()
}

/// What was denied or failed is seen before anything is read.
const fn tone(outcome: Outcome) -> Tone {
    match outcome {
        Outcome::Success => Tone::Neutral,
        Outcome::Denied => Tone::Danger,
        Outcome::Failure => Tone::Warn,
    }
}

/// Whose log is read.
#[derive(Debug, Clone)]
pub enum Reader {
    /// That of the viewer's organization.
    Organization(Ctx),
    /// Those of all organizations.
    Platform(OperatorCtx),
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = super::errors::PageError;

    /// The guard has put in one of the two; without a guard there is nothing to read.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> std::result::Result<Self, Self::Rejection> {
        let operator = parts.extensions.get::<OperatorCtx>().cloned().map(Self::Platform);
        let reader = operator.or_else(|| parts.extensions.get::<Ctx>().cloned().map(Self::Organization));
        reader.ok_or_else(|| Error::Unauthenticated.into())
    }
}

impl Reader {
    const fn is_platform(&self) -> bool {
        matches!(self, Self::Platform(_))
    }

    /// The same reader as the session is now, without being seen.
    async fn again(&self) -> Result<Self> {
        Ok(match self {
            Self::Organization(ctx) => Self::Organization(ctx.again().await?),
            Self::Platform(ctx) => Self::Platform(ctx.again().await?),
        })
    }

    async fn list(&self, filter: &AuditFilter, page: &PageRequest) -> Result<EventList> {
        match self {
            Self::Organization(ctx) => audit::list(ctx, filter, page).await,
            Self::Platform(ctx) => audit::list_all(ctx, filter, page).await,
        }
    }

    /// All events, whatever the filter.
    async fn count(&self) -> Result<Count> {
        match self {
            Self::Organization(ctx) => audit::count(ctx).await,
            Self::Platform(ctx) => audit::count_all(ctx).await,
        }
    }

    async fn find(&self, id: AuditEventId) -> Result<EventDetail> {
        match self {
            Self::Organization(ctx) => audit::find(ctx, id).await,
            Self::Platform(ctx) => audit::find_any(ctx, id).await,
        }
    }

    /// Events since the last round, and the names of their organizations.
    async fn since(&self, tail: &mut Tail) -> Result<(Vec<AuditEvent>, BTreeMap<OrgId, String>)> {
        match self {
            Self::Organization(ctx) => Ok((audit::since(ctx, tail).await?, BTreeMap::new())),
            Self::Platform(ctx) => {
                let events = audit::since_any(ctx, tail).await?;
                let names = match events.is_empty() {
                    true => BTreeMap::new(),
                    false => audit::org_names(ctx, &events).await?,
                };
                Ok((events, names))
            }
        }
    }

    /// The organization named in a filter; only operators can name one.
    async fn organization(&self, text: &str) -> Result<Option<(OrgId, String)>> {
        match self {
            Self::Organization(_) => Ok(None),
            Self::Platform(ctx) => audit::organization(ctx, text).await,
        }
    }
}

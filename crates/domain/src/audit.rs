//! Reading the audit log: an organization its own, operators all of them.

use crate::{Ctx, Error, OperatorCtx, Result};
use bulkhead_db::{Operator, ReadTx, Realm, audit::{self, Reach}, orgs};
use bulkhead_model::{
    AuditEventId, OrgId, perm,
    audit::{AuditEvent, AuditFilter},
    page::{Count, Page, PageRequest},
};
use std::collections::BTreeMap;

/// A page of events and how many match.
#[derive(Debug)]
pub struct EventList {
    /// Newest first.
    pub page: Page<AuditEvent>,
    /// All that match, capped.
    pub count: Count,
    /// Names of the organizations on the page; filled for operators.
    pub org_names: BTreeMap<OrgId, String>,
}

/// One event and those of the same request.
#[derive(Debug)]
pub struct EventDetail {
    /// The event.
    pub event: AuditEvent,
    /// Others of the same request, oldest first.
    pub same_request: Vec<AuditEvent>,
    /// The organization's name; filled for operators.
    pub org_name: Option<String>,
}

/// The organization's own events.
pub async fn list(ctx: &Ctx, filter: &AuditFilter, page: &PageRequest) -> Result<EventList> {
    let mut tx = ctx.read::<perm::AuditRead>().await?;
    listed(&mut tx, filter, Reach::Organization, page).await
}

/// Events of every organization.
pub async fn list_all(ctx: &OperatorCtx, filter: &AuditFilter, page: &PageRequest) -> Result<EventList> {
    let mut tx = ctx.read::<perm::PlatformAuditRead>().await?;
    let mut list = listed(&mut tx, filter, Reach::Platform, page).await?;
    let ids: Vec<OrgId> = list.page.rows.iter().map(|event| event.org_id).collect();
    list.org_names = names(&mut tx, &ids).await?;
    Ok(list)
}

async fn listed<R: Realm>(
    tx: &mut ReadTx<R>,
    filter: &AuditFilter,
    reach: Reach,
    page: &PageRequest,
) -> Result<EventList> {
    Ok(EventList {
        page: audit::list(tx, filter, reach, page).await?,
        count: audit::count(tx, filter, reach).await?,
        org_names: BTreeMap::new(),
    })
}

async fn names(tx: &mut ReadTx<Operator>, ids: &[OrgId]) -> Result<BTreeMap<OrgId, String>> {
    Ok(orgs::names(tx, ids).await?.into_iter().collect())
}

/// One of the organization's events.
pub async fn find(ctx: &Ctx, id: AuditEventId) -> Result<EventDetail> {
    let mut tx = ctx.read::<perm::AuditRead>().await?;
    detail(&mut tx, id, Reach::Organization).await
}

/// One event of any organization.
pub async fn find_any(ctx: &OperatorCtx, id: AuditEventId) -> Result<EventDetail> {
    let mut tx = ctx.read::<perm::PlatformAuditRead>().await?;
    let mut detail = detail(&mut tx, id, Reach::Platform).await?;
    detail.org_name = names(&mut tx, &[detail.event.org_id]).await?.into_values().next();
    Ok(detail)
}

async fn detail<R: Realm>(tx: &mut ReadTx<R>, id: AuditEventId, reach: Reach) -> Result<EventDetail> {
    let event = audit::find(tx, id, reach).await?.ok_or(Error::NotFound)?;
    let same_request = match event.request_id {
        Some(request) => audit::of_request(tx, event.org_id, request, event.id, event.at).await?,
        None => Vec::new(),
    };
    Ok(EventDetail { event, same_request, org_name: None })
}

/// What a live tail has to show after the last event it showed; the newest few when it has shown none.
/// The session is checked each time, so a tail ends with its session.
pub async fn since(ctx: &Ctx, after: Option<AuditEventId>) -> Result<Vec<AuditEvent>> {
    let mut tx = ctx.read::<perm::AuditRead>().await?;
    Ok(audit::since(&mut tx, Reach::Organization, after, TAIL_AT_ONCE).await?)
}

/// The same over every organization.
pub async fn since_any(ctx: &OperatorCtx, after: Option<AuditEventId>) -> Result<Vec<AuditEvent>> {
    let mut tx = ctx.read::<perm::PlatformAuditRead>().await?;
    Ok(audit::since(&mut tx, Reach::Platform, after, TAIL_AT_ONCE).await?)
}

/// The most events a live tail takes at once.
const TAIL_AT_ONCE: i64 = 50;

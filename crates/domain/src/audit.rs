//! Reading the audit log: an organization its own, operators all of them.

use crate::{
    Ctx, Error, OperatorCtx, Result,
    access::{
        Then, Trace,
        trace::{self, Occasion},
    },
    ctx::denial,
};
use bulkhead_authz::{decision::ReasonCode, truth::Resource};
use bulkhead_db::{
    Operator, ReadTx, Realm,
    audit::{self, Reach},
    orgs,
};
use bulkhead_model::{
    AuditEventId, OrgId, Permission,
    access::PermissionName,
    audit::{Action, AuditEvent, AuditFilter, TargetKind},
    org::OrgFilter,
    page::{Count, Key, Page, PageRequest, Place},
    perm,
};
use std::collections::{BTreeMap, BTreeSet};
use time::OffsetDateTime;

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
    /// Why it was denied, where it is a denial of one permission; for the organization itself.
    pub denial: Option<Denial>,
}

/// A denial of one permission.
#[derive(Debug)]
pub struct Denial {
    /// What was asked for.
    pub permission: PermissionName,
    /// What the function said.
    pub then: Then,
    /// What it says now of that moment and address; for whoever may see roles.
    pub trace: Option<Trace>,
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

/// How many events the organization has, capped.
pub async fn count(ctx: &Ctx) -> Result<Count> {
    let mut tx = ctx.read::<perm::AuditRead>().await?;
    Ok(audit::count(&mut tx, &AuditFilter::default(), Reach::Organization).await?)
}

/// How many events there are in all, capped.
pub async fn count_all(ctx: &OperatorCtx) -> Result<Count> {
    let mut tx = ctx.read::<perm::PlatformAuditRead>().await?;
    Ok(audit::count(&mut tx, &AuditFilter::default(), Reach::Platform).await?)
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

/// One of the organization's events; a denial with why.
pub async fn find(ctx: &Ctx, id: AuditEventId) -> Result<EventDetail> {
    let mut tx = ctx.read::<perm::AuditRead>().await?;
    let mut detail = detail(&mut tx, id, Reach::Organization).await?;
    detail.denial = denial(ctx, &mut tx, &detail.event).await?;
    Ok(detail)
}

/// Why something was denied: as it was written down, and as the function says now of the same moment and address.
async fn denial(ctx: &Ctx, tx: &mut ReadTx, event: &AuditEvent) -> Result<Option<Denial>> {
    if event.action != Action::AccessDenied || event.target_kind != TargetKind::Page {
        return Ok(None);
    }
    let (Ok(permission), Some(user)) = (event.target_id.parse::<PermissionName>(), event.actor_id) else {
        return Ok(None);
    };
    let field = |name: &str| event.after.as_ref().and_then(|fields| fields.get(name));
    let then = Then {
        reason: field(denial::REASON).and_then(|code| ReasonCode::from_code(code)),
        by: field(denial::DECIDED_BY).cloned(),
        roles_version: field(denial::ROLES_VERSION).and_then(|number| number.parse().ok()),
    };
    let occasion = Occasion {
        user,
        permission: event.target_id.clone(),
        at: event.at,
        address: event.address,
        resource: Resource::default(),
    };
    let trace = match ctx.may(Permission::RolesRead) {
        true => trace::trace(ctx, tx, &occasion, None, &then).await?,
        false => None,
    };
    Ok(Some(Denial { permission, then, trace }))
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
    Ok(EventDetail { event, same_request, org_name: None, denial: None })
}

/// The organization an operator names in a filter: by its id, or by its short name.
pub async fn organization(ctx: &OperatorCtx, text: &str) -> Result<Option<(OrgId, String)>> {
    let mut tx = ctx.read::<perm::PlatformAuditRead>().await?;
    if let Ok(id) = text.parse() {
        return Ok(orgs::names(&mut tx, &[id]).await?.into_iter().next());
    }
    let filter = OrgFilter { search: text.to_owned(), ..OrgFilter::default() };
    let found = orgs::list(&mut tx, &filter, &PageRequest::new(Place::First, 100)).await?;
    Ok(found.rows.into_iter().map(|row| row.org).find(|org| org.slug == text).map(|org| (org.id, org.name)))
}

/// What a live tail has to show since it was last asked, oldest first.
///
/// The session is looked up and the permission checked each time, in a context entered for this round, so a tail ends
/// with its session.
pub async fn since(ctx: &Ctx, tail: &mut Tail) -> Result<Vec<AuditEvent>> {
    let mut tx = ctx.read::<perm::AuditRead>().await?;
    fresh(&mut tx, Reach::Organization, tail).await
}

/// The same over every organization.
pub async fn since_any(ctx: &OperatorCtx, tail: &mut Tail) -> Result<Vec<AuditEvent>> {
    let mut tx = ctx.read::<perm::PlatformAuditRead>().await?;
    fresh(&mut tx, Reach::Platform, tail).await
}

/// Names of the organizations of some events, for operators.
pub async fn org_names(ctx: &OperatorCtx, events: &[AuditEvent]) -> Result<BTreeMap<OrgId, String>> {
    let mut tx = ctx.read::<perm::PlatformAuditRead>().await?;
    let ids: Vec<OrgId> = events.iter().map(|event| event.org_id).collect();
    names(&mut tx, &ids).await
}

async fn fresh<R: Realm>(tx: &mut ReadTx<R>, reach: Reach, tail: &mut Tail) -> Result<Vec<AuditEvent>> {
    let mut from = tail.horizon(tx.now());
    let mut fresh = Vec::new();
    for _ in 0..PAGES_AT_ONCE {
        // Backwards from an older event is forwards in time, and keeps the list's index and filters.
        let key = Key { value: String::new(), id: from.uuid() };
        let page = audit::list(tx, &tail.filter, reach, &PageRequest::new(Place::Before(key), 100)).await?;
        let Some(newest) = page.rows.first().map(|event| event.id) else { break };
        from = newest;
        fresh.extend(page.rows.into_iter().rev().filter(|event| tail.is_new(event.id)));
        if page.previous.is_none() {
            break;
        }
    }
    tail.forget();
    Ok(fresh)
}

/// Pages of 100 a live tail takes at once; a longer backlog comes with the next rounds.
const PAGES_AT_ONCE: usize = 4;

/// How far a live tail looks back. An event's id is of the moment its transaction began, so one that took longer
/// appears behind others that were shown already. Roles may run a statement for 5 s.
const LOOK_BACK: time::Duration = time::Duration::seconds(10);

/// Where a live tail is: which events it shows, and which of the latest it has shown.
#[derive(Debug, Clone)]
pub struct Tail {
    filter: AuditFilter,
    newest: Option<AuditEventId>,
    shown: BTreeSet<AuditEventId>,
}

impl Tail {
    /// A tail that shows what matches after an event its viewer has seen; from now on when they have seen none.
    pub fn new(filter: AuditFilter, after: Option<AuditEventId>) -> Self {
        Self { filter, newest: after, shown: after.into_iter().collect() }
    }

    /// After which id to look.
    fn horizon(&mut self, now: OffsetDateTime) -> AuditEventId {
        let newest = *self.newest.get_or_insert_with(|| first_at(now + LOOK_BACK));
        back(newest)
    }

    /// Whether an event has not been shown; from now on it has.
    fn is_new(&mut self, id: AuditEventId) -> bool {
        self.newest = self.newest.max(Some(id));
        self.shown.insert(id)
    }

    /// Forgets what will not be looked at again.
    fn forget(&mut self) {
        if let Some(newest) = self.newest {
            self.shown = self.shown.split_off(&back(newest));
        }
    }
}

/// The smallest version 7 id of a millisecond.
fn first_at(at: OffsetDateTime) -> AuditEventId {
    let milliseconds = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    AuditEventId::from_uuid(uuid::Uuid::from_u128(u128::from(milliseconds) << 80))
}

/// The smallest id of the moment [`LOOK_BACK`] before an id's.
fn back(id: AuditEventId) -> AuditEventId {
    let milliseconds = (id.uuid().as_u128() >> 80).saturating_sub(LOOK_BACK.whole_milliseconds().unsigned_abs());
    AuditEventId::from_uuid(uuid::Uuid::from_u128(milliseconds << 80))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: u128, tail: u128) -> AuditEventId {
        AuditEventId::from_uuid(uuid::Uuid::from_u128((milliseconds << 80) | tail))
    }

    #[test]
    fn an_event_that_was_committed_late_is_shown_once() {
        let mut tail = Tail::new(AuditFilter::default(), Some(at(100_000, 1)));
        assert!(tail.is_new(at(100_500, 1)));
        assert_eq!(tail.newest, Some(at(100_500, 1)));
        // It began before the newest shown, and is within what the next round looks at.
        let late = at(99_000, 7);
        assert!(late > tail.horizon(OffsetDateTime::UNIX_EPOCH));
        assert!(tail.is_new(late));
        assert_eq!(tail.newest, Some(at(100_500, 1)));
        tail.forget();
        assert!(!tail.is_new(late) && !tail.is_new(at(100_500, 1)) && !tail.is_new(at(100_000, 1)));
    }

    #[test]
    fn a_tail_remembers_no_more_than_it_looks_back() {
        let mut tail = Tail::new(AuditFilter::default(), Some(at(100_000, 1)));
        for second in 101..200 {
            assert!(tail.is_new(at(second * 1000, 1)));
            tail.forget();
        }
        assert_eq!(tail.shown.len(), 11);
    }

    #[test]
    fn a_tail_without_a_past_begins_now() {
        let now = OffsetDateTime::UNIX_EPOCH + time::Duration::hours(1);
        assert_eq!(Tail::new(AuditFilter::default(), None).horizon(now), first_at(now));
    }
}

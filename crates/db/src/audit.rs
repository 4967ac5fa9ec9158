//! Audit events: appended by `WriteTx::commit`, listed newest first. Nothing here updates or deletes; what is too old goes
//! through `retention`.

use crate::{
    Error, Result,
    idempotency::Done,
    tx::{ReadTx, Realm, WriteTx},
};
use bulkhead_model::{
    Id, OrgId, UserId,
    audit::{Action, ActorKind, AuditEvent, AuditFilter, Fields, Outcome, TargetKind},
    id::AuditEventId,
    page::{COUNT_CAP, Count, Key, Page, PageRequest, Place},
};
use ipnetwork::IpNetwork;
use sqlx::{FromRow, Postgres, QueryBuilder, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// What happened, without who, where and when: those come from the transaction.
#[derive(Debug, Clone)]
pub struct Record {
    action: Action,
    target_kind: TargetKind,
    target_id: String,
    target_label: String,
    outcome: Outcome,
    reason: Option<String>,
    before: Option<Fields>,
    after: Option<Fields>,
}

impl Record {
    /// A successful action on a target.
    pub fn new(action: Action, kind: TargetKind, id: impl ToString, label: impl Into<String>) -> Self {
        Self {
            action,
            target_kind: kind,
            target_id: id.to_string(),
            target_label: label.into(),
            outcome: Outcome::Success,
            reason: None,
            before: None,
            after: None,
        }
    }

    /// An action that did not succeed.
    #[must_use]
    pub fn outcome(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Whether anybody could go by something else than before: not where it did not happen, and nobody goes by a session
    /// that has only begun.
    pub(crate) fn changes_something(&self) -> bool {
        self.outcome == Outcome::Success && self.action != Action::SignedIn
    }

    /// Why: the person's words, or a reason code.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    /// A field before and after. Equal values are left out. Never call it with a secret.
    #[must_use]
    pub fn change(mut self, field: &str, before: impl ToString, after: impl ToString) -> Self {
        let (before, after) = (before.to_string(), after.to_string());
        if before != after {
            self.before.get_or_insert_default().insert(field.to_owned(), before);
            self.after.get_or_insert_default().insert(field.to_owned(), after);
        }
        self
    }

    /// A field that only exists after the action.
    #[must_use]
    pub fn after(mut self, field: &str, value: impl ToString) -> Self {
        self.after.get_or_insert_default().insert(field.to_owned(), value.to_string());
        self
    }
}

impl Record {
    pub(crate) fn done(&self) -> Done {
        Done { kind: self.target_kind, id: self.target_id.clone() }
    }
}

/// Cuts at a character boundary to what the table's CHECK allows.
fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

/// A version 7 id of a moment on the database's clock.
pub(crate) fn v7(at: OffsetDateTime) -> Uuid {
    v7_in_order(at, 0)
}

/// Version 7 ids of one moment that sort by `place` (RFC 9562 6.2, method 1: a counter in the 12 bits after the time).
fn v7_in_order(at: OffsetDateTime, place: u16) -> Uuid {
    let milliseconds = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    let mut bytes: [u8; 10] = *Uuid::new_v4().as_bytes().last_chunk().unwrap_or(&[0; 10]);
    bytes[..2].copy_from_slice(&place.to_be_bytes());
    uuid::Builder::from_unix_timestamp_millis(milliseconds, &bytes).into_uuid()
}

/// Writes the events of one change, in one statement however many they are. They stay in the order they happened in.
pub(crate) async fn append<R: Realm>(tx: &mut WriteTx<R>, records: &[Record]) -> Result<()> {
    let (at, scope, origin) = (tx.now(), tx.scope.clone(), tx.origin.clone());
    let ids: Vec<Uuid> = (0..).zip(records).map(|(place, _)| v7_in_order(at, place)).collect();
    let text = |read: fn(&Record) -> String| records.iter().map(read).collect::<Vec<String>>();
    let reasons: Vec<Option<String>> =
        records.iter().map(|record| record.reason.as_deref().map(|reason| cut(reason, 2000))).collect();
    let before: Vec<Option<Json<&Fields>>> = records.iter().map(|record| record.before.as_ref().map(Json)).collect();
    let after: Vec<Option<Json<&Fields>>> = records.iter().map(|record| record.after.as_ref().map(Json)).collect();
    sqlx::query!(
        "INSERT INTO audit_events (id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, target_label,
             outcome, reason, address, user_agent, request_id, session_id, before, after)
         SELECT e.id, $1::timestamptz, $2::text, $3::uuid, $4::text, e.action, e.target_kind, e.target_id, e.target_label,
             e.outcome, e.reason, $5::inet, $6::text, $7::uuid, $8::uuid, e.before, e.after
         FROM unnest($9::uuid[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::jsonb[], $17::jsonb[])
             AS e (id, action, target_kind, target_id, target_label, outcome, reason, before, after)",
        at,
        scope.actor.kind.code(),
        scope.actor.id.map(Id::uuid) as _,
        cut(&scope.actor.label, 400),
        origin.address.map(IpNetwork::from) as _,
        origin.user_agent.as_deref().map(|agent| cut(agent, 400)) as _,
        origin.request_id.map(Id::uuid) as _,
        scope.actor.session.map(Id::uuid) as _,
        &ids,
        &text(|record| record.action.code().to_owned()),
        &text(|record| record.target_kind.code().to_owned()),
        &text(|record| cut(&record.target_id, 200)),
        &text(|record| cut(&record.target_label, 400)),
        &text(|record| record.outcome.code().to_owned()),
        &reasons as _,
        &before as _,
        &after as _,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Whose events a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The transaction's organization.
    Organization,
    /// Every organization; gives rows only in the operator realm.
    Platform,
}

#[derive(FromRow)]
struct EventRow {
    org_id: Uuid,
    id: Uuid,
    at: OffsetDateTime,
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor_label: String,
    action: String,
    target_kind: String,
    target_id: String,
    target_label: String,
    outcome: String,
    reason: Option<String>,
    address: Option<IpNetwork>,
    user_agent: Option<String>,
    request_id: Option<Uuid>,
    session_id: Option<Uuid>,
    before: Option<Json<Fields>>,
    after: Option<Json<Fields>>,
}

impl TryFrom<EventRow> for AuditEvent {
    type Error = Error;
    fn try_from(row: EventRow) -> Result<Self> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            org_id: Id::from_uuid(row.org_id),
            at: row.at,
            actor_kind: ActorKind::from_code(&row.actor_kind)
                .ok_or(Error::Corrupt { what: "audit_events.actor_kind" })?,
            actor_id: row.actor_id.map(Id::from_uuid),
            actor_label: row.actor_label,
            action: Action::from_code(&row.action).ok_or(Error::Corrupt { what: "audit_events.action" })?,
            target_kind: TargetKind::from_code(&row.target_kind)
                .ok_or(Error::Corrupt { what: "audit_events.target_kind" })?,
            target_id: row.target_id,
            target_label: row.target_label,
            outcome: Outcome::from_code(&row.outcome).ok_or(Error::Corrupt { what: "audit_events.outcome" })?,
            reason: row.reason,
            address: row.address.map(|network| network.ip()),
            user_agent: row.user_agent,
            request_id: row.request_id.map(Id::from_uuid),
            session_id: row.session_id.map(Id::from_uuid),
            before: row.before.map(|json| json.0),
            after: row.after.map(|json| json.0),
        })
    }
}

const COLUMNS: &str = "org_id, id, at, actor_kind, actor_id, actor_label, action, target_kind, target_id, target_label, \
                       outcome, reason, address, user_agent, request_id, session_id, before, after";

fn matching<R: Realm>(sql: &mut QueryBuilder<Postgres>, tx: &ReadTx<R>, filter: &AuditFilter, reach: Reach) {
    sql.push(" FROM audit_events WHERE ");
    match (reach, filter.org) {
        // As in `users`: what RLS says of the setting, said again of what we know ourselves.
        (Reach::Organization, _) => sql.push("org_id = ").push_bind(tx.scope().org.uuid()),
        (Reach::Platform, Some(org)) => sql.push("org_id = ").push_bind(org.uuid()),
        (Reach::Platform, None) => sql.push("true"),
    };
    if let Ok(actor) = filter.actor.parse::<UserId>() {
        sql.push(" AND actor_id = ").push_bind(actor.uuid());
    } else if !filter.actor.is_empty() {
        sql.push(" AND starts_with(actor_label, ").push_bind(filter.actor.clone()).push(")");
    }
    if !filter.action.is_empty() {
        one_of(sql, "action", filter.action.iter().map(|action| action.code()).collect());
    }
    if !filter.target.is_empty() {
        sql.push(" AND target_id = ").push_bind(filter.target.clone());
    }
    if !filter.outcome.is_empty() {
        one_of(sql, "outcome", filter.outcome.iter().map(|outcome| outcome.code()).collect());
    }
    // Ids are in time order, so a time range is a range of the index that serves the list.
    if let Some(from) = filter.from {
        sql.push(" AND id >= ").push_bind(first_id_at(from));
    }
    if let Some(until) = filter.until {
        sql.push(" AND id < ").push_bind(first_id_at(until));
    }
}

/// A single word is asked for with `=`: only then does an index on the column give its rows in the order of time,
/// and a page stops after its rows. With `ANY` every row of the word is read and sorted first.
fn one_of(sql: &mut QueryBuilder<Postgres>, column: &'static str, codes: Vec<&'static str>) {
    match codes.as_slice() {
        [code] => sql.push(format!(" AND {column} = ")).push_bind(*code),
        _ => sql.push(format!(" AND {column} = ANY (")).push_bind(codes).push(")"),
    };
}

/// The smallest version 7 id of a millisecond.
pub(crate) fn first_id_at(at: OffsetDateTime) -> Uuid {
    let milliseconds = u64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or_default();
    Uuid::from_u128(u128::from(milliseconds) << 80)
}

/// A page of events, newest first.
pub async fn list<R: Realm>(
    tx: &mut ReadTx<R>,
    filter: &AuditFilter,
    reach: Reach,
    page: &PageRequest,
) -> Result<Page<AuditEvent>> {
    let mut sql = QueryBuilder::new(format!("SELECT {COLUMNS}"));
    matching(&mut sql, tx, filter, reach);
    match &page.place {
        Place::First => sql.push(" ORDER BY id DESC"),
        Place::After(key) => sql.push(" AND id < ").push_bind(key.id).push(" ORDER BY id DESC"),
        Place::Before(key) => sql.push(" AND id > ").push_bind(key.id).push(" ORDER BY id"),
    };
    sql.push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<EventRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    let events = rows.into_iter().map(AuditEvent::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Page::cut(page, events, |event| Key { value: String::new(), id: event.id.uuid() }))
}

/// How many events match, counted up to the cap.
pub async fn count<R: Realm>(tx: &mut ReadTx<R>, filter: &AuditFilter, reach: Reach) -> Result<Count> {
    let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT 1");
    matching(&mut sql, tx, filter, reach);
    sql.push(" LIMIT ").push_bind(COUNT_CAP).push(") capped");
    Ok(Count(sql.build_query_scalar().fetch_one(tx.connection()).await?))
}

/// One event, or nothing where it does not exist or belongs to another organization.
pub async fn find<R: Realm>(tx: &mut ReadTx<R>, id: AuditEventId, reach: Reach) -> Result<Option<AuditEvent>> {
    let mut sql = QueryBuilder::new(format!("SELECT {COLUMNS}"));
    matching(&mut sql, tx, &AuditFilter::default(), reach);
    sql.push(" AND id = ").push_bind(id.uuid());
    let row: Option<EventRow> = sql.build_query_as().fetch_optional(tx.connection()).await?;
    row.map(AuditEvent::try_from).transpose()
}

/// Other events of the same request, oldest first.
pub async fn of_request<R: Realm>(
    tx: &mut ReadTx<R>,
    org: OrgId,
    request: bulkhead_model::RequestId,
    except: AuditEventId,
    at: OffsetDateTime,
) -> Result<Vec<AuditEvent>> {
    // A request lasts seconds: the bounds on the id keep this an index range.
    let mut sql = QueryBuilder::new(format!("SELECT {COLUMNS} FROM audit_events WHERE org_id = "));
    sql.push_bind(org.uuid())
        .push(" AND id >= ")
        .push_bind(first_id_at(at - time::Duration::minutes(1)))
        .push(" AND id < ")
        .push_bind(first_id_at(at + time::Duration::minutes(1)))
        .push(" AND request_id = ")
        .push_bind(request.uuid())
        .push(" AND id <> ")
        .push_bind(except.uuid())
        .push(" ORDER BY id LIMIT 20");
    let rows: Vec<EventRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(AuditEvent::try_from).collect()
}

/// How far the clocks of a server and of its database may be apart for a request's events to be found by its id.
const CLOCKS_APART: time::Duration = time::Duration::minutes(10);

/// The event with this id, or the first one that was written in the request with this id, a denial before all others.
pub async fn by_reference<R: Realm>(tx: &mut ReadTx<R>, reference: Uuid, reach: Reach) -> Result<Option<AuditEventId>> {
    let within = |tx: &ReadTx<R>| {
        let mut sql = QueryBuilder::new("SELECT id");
        matching(&mut sql, tx, &AuditFilter::default(), reach);
        sql
    };
    let mut sql = within(tx);
    sql.push(" AND id = ").push_bind(reference);
    let found: Option<Uuid> = sql.build_query_scalar().fetch_optional(tx.connection()).await?;
    if found.is_some() {
        return Ok(found.map(Id::from_uuid));
    }
    // A request's id says when it began, which keeps this a range of the index that the list walks.
    let Some((seconds, _)) = reference.get_timestamp().map(|at| at.to_unix()) else { return Ok(None) };
    let begun = i64::try_from(seconds).ok().and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok());
    let bounds = begun.and_then(|begun| begun.checked_sub(CLOCKS_APART).zip(begun.checked_add(CLOCKS_APART)));
    let Some((from, until)) = bounds else { return Ok(None) };
    let mut sql = within(tx);
    sql.push(" AND id >= ")
        .push_bind(first_id_at(from))
        .push(" AND id < ")
        .push_bind(first_id_at(until))
        .push(" AND request_id = ")
        .push_bind(reference)
        .push(" ORDER BY outcome <> 'denied', id LIMIT 1");
    let found: Option<Uuid> = sql.build_query_scalar().fetch_optional(tx.connection()).await?;
    Ok(found.map(Id::from_uuid))
}

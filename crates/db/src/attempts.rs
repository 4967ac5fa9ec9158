//! Cross-tenant attempts and the alerts raised over them. Rows of the platform organization; only operators and the
//! watch reach them.

use crate::{Error, Operator, ReadTx, Result, audit::v7, tx::SystemTx};
use bulkhead_model::{
    AlertId, AttemptId, Id, OrgId,
    attempt::{Alert, AlertStatus, Attempt, AttemptActor, Surface, THRESHOLD, WINDOW_MINUTES},
    page::{COUNT_CAP, Count, Key, Page, PageRequest, Place},
};
use ipnetwork::IpNetwork;
use sqlx::{FromRow, Postgres, QueryBuilder};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// An attempt that was just refused. Who, from where and when come from the transaction that records it.
#[derive(Debug, Clone)]
pub struct NewAttempt {
    /// Who, and in which organization they are.
    pub actor: AttemptActor,
    /// Where in the request the other organization was named.
    pub surface: Surface,
    /// Method and pattern of the route.
    pub route: String,
    /// The HTTP status it was answered with.
    pub answered_with: u16,
    /// Kind of what was aimed at.
    pub aimed_kind: String,
    /// Its id, or the organization's name.
    pub aimed_id: String,
    /// Whose it is, where that is known.
    pub owner: Option<OrgId>,
}

/// What an attempt led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Raised {
    /// Not enough of them yet.
    Nothing,
    /// A new alert.
    Opened(Alert),
    /// It joined the alert that there is.
    Joined(AlertId),
}

/// Writes an attempt down and raises an alert when it is one too many. In the platform organization.
pub async fn record(tx: &mut SystemTx, new: &NewAttempt) -> Result<Raised> {
    let (now, origin) = (tx.now(), tx.origin.clone());
    // Two attempts of one actor at once must not both believe to be the one below the threshold.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('access_attempts' || $1::text, 0))")
        .bind(new.actor.id.uuid())
        .execute(tx.connection())
        .await?;
    let id = v7(now);
    sqlx::query(
        "INSERT INTO access_attempts (id, at, actor_org_id, actor_org_slug, actor_id, actor_label, address, user_agent, request_id,
             surface, route, answered_with, aimed_kind, aimed_id, owner_org_id, owner_org_slug)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,
                 coalesce((SELECT slug FROM orgs WHERE id = $15), ''))",
    )
    .bind(id)
    .bind(now)
    .bind(new.actor.org_id.uuid())
    .bind(&new.actor.org_slug)
    .bind(new.actor.id.uuid())
    .bind(cut(&new.actor.label, 400))
    .bind(origin.address.map(IpNetwork::from))
    .bind(origin.user_agent.as_deref().map(|agent| cut(agent, 400)))
    .bind(origin.request_id.map(Id::uuid))
    .bind(new.surface.code())
    .bind(cut(&new.route, 200))
    .bind(i32::from(new.answered_with))
    .bind(&new.aimed_kind)
    .bind(cut(&new.aimed_id, 200))
    .bind(new.owner.map(Id::uuid))
    .execute(tx.connection())
    .await?;
    raise(tx, new, now).await
}

async fn raise(tx: &mut SystemTx, new: &NewAttempt, now: OffsetDateTime) -> Result<Raised> {
    let actor = new.actor.id.uuid();
    let live: Option<Uuid> = sqlx::query_scalar(
        "UPDATE isolation_alerts SET attempts = attempts + 1, last_at = $2
         WHERE org_id = (SELECT app.org_id()) AND actor_id = $1 AND status <> 'closed' RETURNING id",
    )
    .bind(actor)
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    let since = now - Duration::minutes(WINDOW_MINUTES);
    if let Some(alert) = live {
        join(tx, alert, actor, since).await?;
        return Ok(Raised::Joined(Id::from_uuid(alert)));
    }
    // What an earlier, closed alert covered is settled and does not count again.
    let recent: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM access_attempts
         WHERE org_id = (SELECT app.org_id()) AND actor_id = $1 AND at >= $2 AND alert_id IS NULL",
    )
    .bind(actor)
    .bind(since)
    .fetch_one(tx.connection())
    .await?;
    if recent < THRESHOLD {
        return Ok(Raised::Nothing);
    }
    let row: AlertRow = sqlx::query_as(
        "INSERT INTO isolation_alerts (id, actor_org_id, actor_org_slug, actor_id, actor_label, attempts, opened_at, last_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7) RETURNING *",
    )
    .bind(Uuid::new_v4())
    .bind(new.actor.org_id.uuid())
    .bind(&new.actor.org_slug)
    .bind(actor)
    .bind(cut(&new.actor.label, 400))
    .bind(i32::try_from(recent).unwrap_or(i32::MAX))
    .bind(now)
    .fetch_one(tx.connection())
    .await?;
    let alert = Alert::try_from(row)?;
    join(tx, alert.id.uuid(), actor, since).await?;
    Ok(Raised::Opened(alert))
}

async fn join(tx: &mut SystemTx, alert: Uuid, actor: Uuid, since: OffsetDateTime) -> Result<()> {
    sqlx::query(
        "UPDATE access_attempts SET alert_id = $1
         WHERE org_id = (SELECT app.org_id()) AND actor_id = $2 AND at >= $3 AND alert_id IS NULL",
    )
    .bind(alert)
    .bind(actor)
    .bind(since)
    .execute(tx.connection())
    .await?;
    Ok(())
}

fn cut(text: &str, max: usize) -> String {
    text.chars().take(max).collect()
}

/// Attempts, the newest first: all of them, or those of one alert.
pub async fn list(tx: &mut ReadTx<Operator>, alert: Option<AlertId>, page: &PageRequest) -> Result<Page<Attempt>> {
    let mut sql =
        QueryBuilder::new(format!("SELECT {ATTEMPT} FROM access_attempts WHERE org_id = (SELECT app.org_id())"));
    if let Some(alert) = alert {
        sql.push(" AND alert_id = ").push_bind(alert.uuid());
    }
    match &page.place {
        Place::First => sql.push(" ORDER BY id DESC"),
        Place::After(key) => sql.push(" AND id < ").push_bind(key.id).push(" ORDER BY id DESC"),
        Place::Before(key) => sql.push(" AND id > ").push_bind(key.id).push(" ORDER BY id"),
    };
    sql.push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<AttemptRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    let attempts = rows.into_iter().map(Attempt::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Page::cut(page, attempts, |attempt| Key { value: String::new(), id: attempt.id.uuid() }))
}

/// How many attempts there are, counted up to the cap.
pub async fn count(tx: &mut ReadTx<Operator>) -> Result<Count> {
    let sql = "SELECT count(*) FROM (SELECT FROM access_attempts WHERE org_id = (SELECT app.org_id()) LIMIT $1) capped";
    Ok(Count(sqlx::query_scalar(sql).bind(COUNT_CAP).fetch_one(tx.connection()).await?))
}

/// The alerts that nobody has closed, the latest first; with `closed`, those that somebody has. At most 100.
pub async fn alerts(tx: &mut ReadTx<Operator>, closed: bool) -> Result<Vec<Alert>> {
    let rows: Vec<AlertRow> = sqlx::query_as(
        "SELECT * FROM isolation_alerts WHERE org_id = (SELECT app.org_id()) AND (status = 'closed') = $1
         ORDER BY last_at DESC, id LIMIT 100",
    )
    .bind(closed)
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(Alert::try_from).collect()
}

/// Alerts with any of these statuses, the latest raised first; all of them where none is named.
pub async fn alert_page(
    tx: &mut ReadTx<Operator>,
    statuses: &[AlertStatus],
    page: &PageRequest,
) -> Result<Page<Alert>> {
    let mut sql = QueryBuilder::new("SELECT *");
    with_status(&mut sql, statuses);
    let (from, order) = match &page.place {
        Place::First => (None, " ORDER BY opened_at DESC, id DESC"),
        Place::After(key) => (Some((" AND (opened_at, id) < (", key)), " ORDER BY opened_at DESC, id DESC"),
        Place::Before(key) => (Some((" AND (opened_at, id) > (", key)), " ORDER BY opened_at, id"),
    };
    if let Some((comparison, key)) = from {
        sql.push(comparison).push_bind(key.value.clone()).push("::timestamptz, ").push_bind(key.id).push(")");
    }
    sql.push(order).push(" LIMIT ").push_bind(page.fetch());
    let rows: Vec<AlertRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    let alerts = rows.into_iter().map(Alert::try_from).collect::<Result<Vec<_>>>()?;
    let key = |alert: &Alert| Key { value: alert.opened_at.format(&Rfc3339).unwrap_or_default(), id: alert.id.uuid() };
    Ok(Page::cut(page, alerts, key))
}

/// How many alerts have any of these statuses, counted up to the cap.
pub async fn alert_count(tx: &mut ReadTx<Operator>, statuses: &[AlertStatus]) -> Result<Count> {
    let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT");
    with_status(&mut sql, statuses);
    sql.push(" LIMIT ").push_bind(COUNT_CAP).push(") capped");
    Ok(Count(sql.build_query_scalar().fetch_one(tx.connection()).await?))
}

fn with_status(sql: &mut QueryBuilder<Postgres>, statuses: &[AlertStatus]) {
    sql.push(" FROM isolation_alerts WHERE org_id = (SELECT app.org_id())");
    if !statuses.is_empty() {
        let codes: Vec<&str> = statuses.iter().map(|status| status.code()).collect();
        sql.push(" AND status = ANY(").push_bind(codes).push(")");
    }
}

/// One alert.
pub async fn alert(tx: &mut ReadTx<Operator>, id: AlertId) -> Result<Option<Alert>> {
    let row: Option<AlertRow> =
        sqlx::query_as("SELECT * FROM isolation_alerts WHERE org_id = (SELECT app.org_id()) AND id = $1")
            .bind(id.uuid())
            .fetch_optional(tx.connection())
            .await?;
    row.map(Alert::try_from).transpose()
}

/// Acknowledges or closes an alert that is as `seen`. `false` when somebody was quicker.
pub async fn handle(
    tx: &mut crate::WriteTx<Operator>,
    id: AlertId,
    seen: i32,
    status: AlertStatus,
    by: &str,
    note: &str,
) -> Result<bool> {
    let now = tx.now();
    let done = sqlx::query(
        "UPDATE isolation_alerts SET status = $3, handled_by = $4, handled_at = $5, note = nullif($6, ''), version = version + 1
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND version = $2 AND status <> 'closed' AND status <> $3",
    )
    .bind(id.uuid())
    .bind(seen)
    .bind(status.code())
    .bind(by)
    .bind(now)
    .bind(note)
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

const ATTEMPT: &str = "id, at, actor_org_id, actor_org_slug, actor_id, actor_label, address, user_agent, request_id, surface, \
                       route, answered_with, aimed_kind, aimed_id, owner_org_id, owner_org_slug, alert_id";

#[derive(FromRow)]
struct ActorColumns {
    actor_org_id: Uuid,
    actor_org_slug: String,
    actor_id: Uuid,
    actor_label: String,
}

impl From<ActorColumns> for AttemptActor {
    fn from(row: ActorColumns) -> Self {
        Self {
            org_id: Id::from_uuid(row.actor_org_id),
            org_slug: row.actor_org_slug,
            id: Id::from_uuid(row.actor_id),
            label: row.actor_label,
        }
    }
}

#[derive(FromRow)]
struct AttemptRow {
    id: Uuid,
    at: OffsetDateTime,
    #[sqlx(flatten)]
    actor: ActorColumns,
    address: Option<IpNetwork>,
    user_agent: Option<String>,
    request_id: Option<Uuid>,
    surface: String,
    route: String,
    answered_with: i32,
    aimed_kind: String,
    aimed_id: String,
    owner_org_id: Option<Uuid>,
    owner_org_slug: String,
    alert_id: Option<Uuid>,
}

impl TryFrom<AttemptRow> for Attempt {
    type Error = Error;
    fn try_from(row: AttemptRow) -> Result<Self> {
        Ok(Self {
            id: AttemptId::from_uuid(row.id),
            at: row.at,
            actor: row.actor.into(),
            address: row.address.map(|network| network.ip()),
            user_agent: row.user_agent,
            request_id: row.request_id.map(Id::from_uuid),
            surface: Surface::from_code(&row.surface).ok_or(Error::Corrupt { what: "access_attempts.surface" })?,
            route: row.route,
            answered_with: u16::try_from(row.answered_with)
                .map_err(|_| Error::Corrupt { what: "access_attempts.answered_with" })?,
            aimed_kind: row.aimed_kind,
            aimed_id: row.aimed_id,
            owner_org_id: row.owner_org_id.map(Id::from_uuid),
            owner_org_slug: row.owner_org_slug,
            alert_id: row.alert_id.map(Id::from_uuid),
        })
    }
}

#[derive(FromRow)]
struct AlertRow {
    id: Uuid,
    #[sqlx(flatten)]
    actor: ActorColumns,
    status: String,
    attempts: i32,
    opened_at: OffsetDateTime,
    last_at: OffsetDateTime,
    handled_by: Option<String>,
    handled_at: Option<OffsetDateTime>,
    note: Option<String>,
    version: i32,
}

impl TryFrom<AlertRow> for Alert {
    type Error = Error;
    fn try_from(row: AlertRow) -> Result<Self> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            actor: row.actor.into(),
            status: AlertStatus::from_code(&row.status).ok_or(Error::Corrupt { what: "isolation_alerts.status" })?,
            attempts: row.attempts,
            opened_at: row.opened_at,
            last_at: row.last_at,
            handled_by: row.handled_by,
            handled_at: row.handled_at,
            note: row.note,
            version: row.version,
        })
    }
}

//! Decisions that services asked for: every denial and a sample of the rest, until `app.sweep()` forgets them.

use crate::{
    Result,
    tx::{ReadTx, WriteTx},
};
use bulkhead_model::{
    DecisionId, Id, UserId,
    access::{DecidedAbout, DecidedBy, DecisionFilter, DecisionOutcome, RecordedDecision, Resource},
    page::{COUNT_CAP, Count, Key, Page, PageRequest, Place},
    text::normalise,
};
use ipnetwork::IpNetwork;
use sqlx::{FromRow, Postgres, QueryBuilder, types::Json};
use std::net::IpAddr;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// A decision to be kept.
#[derive(Debug, Clone)]
pub struct NewDecision {
    /// Its id.
    pub id: DecisionId,
    /// When it was made.
    pub at: OffsetDateTime,
    /// Whose credential asked: an address.
    pub by: String,
    /// About whom; none where nobody has the id that was asked about.
    pub user: Option<UserId>,
    /// What was asked for, as it was written.
    pub permission: String,
    /// A reason code.
    pub reason: &'static str,
    /// How many decisions like it the row stands for.
    pub weight: i32,
    /// The line that decided, where one did.
    pub decided_by: Option<DecidedBy>,
    /// The number of the roles that it was decided by.
    pub roles_version: i64,
    /// Where the person was, as far as the service knew.
    pub address: Option<IpAddr>,
    /// What was asked about.
    pub resource: Resource,
}

/// Rows in one statement: each is fourteen of the 65 535 parameters that it may have.
const AT_ONCE: usize = 4_000;

/// Keeps decisions.
pub async fn keep(tx: &mut WriteTx, decisions: &[NewDecision]) -> Result<()> {
    for decisions in decisions.chunks(AT_ONCE) {
        insert(tx, decisions).await?;
    }
    Ok(())
}

async fn insert(tx: &mut WriteTx, decisions: &[NewDecision]) -> Result<()> {
    let mut sql = QueryBuilder::new(
        "INSERT INTO decisions (id, decided_at, user_id, permission, reason, weight, role_id, assigned_role_id,
             assigned_workspace_id, line, roles_version, address, resource, asked_by) ",
    );
    sql.push_values(decisions, |mut row, decision| {
        let by_line = decision.decided_by;
        row.push_bind(decision.id.uuid())
            .push_bind(decision.at)
            .push_bind(decision.user.map(Id::uuid))
            .push_bind(&decision.permission)
            .push_bind(decision.reason)
            .push_bind(decision.weight)
            .push_bind(by_line.map(|line| line.origin.uuid()))
            .push_bind(by_line.map(|line| line.assigned.uuid()))
            .push_bind(by_line.and_then(|line| line.workspace).map(Id::uuid))
            .push_bind(by_line.and_then(|line| i32::try_from(line.line).ok()))
            .push_bind(decision.roles_version)
            .push_bind(decision.address.map(IpNetwork::from))
            .push_bind(Json(&decision.resource))
            .push_bind(&decision.by);
    });
    sql.build().execute(tx.connection()).await?;
    Ok(())
}

/// A decision that was kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Kept {
    /// When it was made.
    pub at: OffsetDateTime,
    /// About whom.
    pub user: UserId,
    /// What was asked for, as it was written.
    pub permission: String,
    /// How many decisions like it the row stands for.
    pub weight: i32,
    /// Where the person was, as far as the service knew.
    pub address: Option<IpAddr>,
    /// What was asked about.
    pub resource: Resource,
}

/// What was decided about these users since then, the newest first, at most `limit`.
pub async fn about(tx: &mut ReadTx, users: &[UserId], since: OffsetDateTime, limit: i64) -> Result<Vec<Kept>> {
    #[derive(FromRow)]
    struct Row {
        decided_at: OffsetDateTime,
        user_id: Uuid,
        permission: String,
        weight: i32,
        address: Option<IpNetwork>,
        resource: Json<Resource>,
    }
    let users: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT decided_at, user_id, permission, weight, address, resource FROM decisions
         WHERE org_id = (SELECT app.org_id()) AND user_id = ANY($1) AND decided_at >= $2
         ORDER BY decided_at DESC, id LIMIT $3",
    )
    .bind(users)
    .bind(since)
    .bind(limit)
    .fetch_all(tx.connection())
    .await?;
    let kept = |row: Row| Kept {
        at: row.decided_at,
        user: Id::from_uuid(row.user_id),
        permission: row.permission,
        weight: row.weight,
        address: row.address.map(|address| address.ip()),
        resource: row.resource.0,
    };
    Ok(rows.into_iter().map(kept).collect())
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    decided_at: OffsetDateTime,
    user_id: Option<Uuid>,
    email: Option<String>,
    name: Option<String>,
    permission: String,
    reason: String,
    weight: i32,
    role_id: Option<Uuid>,
    assigned_role_id: Option<Uuid>,
    assigned_workspace_id: Option<Uuid>,
    line: Option<i32>,
    roles_version: Option<i64>,
    address: Option<IpNetwork>,
    resource: Json<Resource>,
    asked_by: String,
}

impl From<Row> for RecordedDecision {
    fn from(row: Row) -> Self {
        let about = |id| DecidedAbout {
            id: Id::from_uuid(id),
            email: row.email.unwrap_or_default(),
            name: row.name.unwrap_or_default(),
        };
        let line = row.line.and_then(|line| usize::try_from(line).ok());
        let decided_by = row.role_id.zip(row.assigned_role_id).zip(line).map(|((origin, assigned), line)| DecidedBy {
            assigned: Id::from_uuid(assigned),
            workspace: row.assigned_workspace_id.map(Id::from_uuid),
            origin: Id::from_uuid(origin),
            line,
        });
        Self {
            id: Id::from_uuid(row.id),
            at: row.decided_at,
            about: row.user_id.map(about),
            permission: row.permission,
            reason: row.reason,
            weight: row.weight,
            role: row.role_id.map(Id::from_uuid),
            decided_by,
            roles_version: row.roles_version,
            address: row.address.map(|address| address.ip()),
            resource: row.resource.0,
            asked_by: row.asked_by,
        }
    }
}

/// The one reason that allows.
const GRANTED: &str = "granted";

const COLUMNS: &str =
    "SELECT d.id, d.decided_at, d.user_id, u.email, u.name, d.permission, d.reason, d.weight, d.role_id,
        d.assigned_role_id, d.assigned_workspace_id, d.line, d.roles_version, d.address, d.resource, d.asked_by
 FROM decisions d LEFT JOIN users u ON u.org_id = d.org_id AND u.id = d.user_id WHERE d.org_id = ";

/// What a list or a count is about, without who it is about by name: nobody's name is asked for to count.
fn matching(sql: &mut QueryBuilder<Postgres>, tx: &ReadTx, filter: &DecisionFilter) {
    // RLS says the same of the setting. Said again of what we know ourselves: it holds where a policy is missing.
    let org = tx.scope().org.uuid();
    sql.push_bind(org);
    if let Ok(person) = filter.person.parse::<UserId>() {
        sql.push(" AND d.user_id = ").push_bind(person.uuid());
    } else if !filter.person.is_empty() {
        sql.push(" AND d.user_id = ANY (ARRAY(SELECT p.id FROM users p WHERE p.org_id = ")
            .push_bind(org)
            .push(" AND starts_with(p.email_norm, ")
            .push_bind(normalise(&filter.person))
            .push(")))");
    }
    if !filter.permission.is_empty() {
        sql.push(" AND d.permission = ").push_bind(filter.permission.clone());
    }
    if let Some(outcome) = filter.outcome {
        let is = if outcome == DecisionOutcome::Allowed { "=" } else { "<>" };
        sql.push(format!(" AND d.reason {is} ")).push_bind(GRANTED);
    }
    // A single word with `=`: only then does the index on it give its rows in the order of time.
    if let [reason] = filter.reason.as_slice() {
        sql.push(" AND d.reason = ").push_bind(reason.clone());
    } else if !filter.reason.is_empty() {
        sql.push(" AND d.reason = ANY (").push_bind(filter.reason.clone()).push(")");
    }
    if let Some(from) = filter.from {
        sql.push(" AND d.decided_at >= ").push_bind(from);
    }
    if let Some(until) = filter.until {
        sql.push(" AND d.decided_at < ").push_bind(until);
    }
}

/// A page of recorded decisions, newest first.
pub async fn list(tx: &mut ReadTx, filter: &DecisionFilter, page: &PageRequest) -> Result<Page<RecordedDecision>> {
    let mut sql = QueryBuilder::new(COLUMNS);
    matching(&mut sql, tx, filter);
    let (key, forwards) = match &page.place {
        Place::First => (None, true),
        Place::After(key) => (Some(key), true),
        Place::Before(key) => (Some(key), false),
    };
    if let Some(key) = key {
        sql.push(format!(" AND (d.decided_at, d.id) {} (", if forwards { "<" } else { ">" }))
            .push_bind(key.value.clone())
            .push("::timestamptz, ")
            .push_bind(key.id)
            .push(")");
    }
    let direction = if forwards { "DESC" } else { "ASC" };
    sql.push(format!(" ORDER BY d.decided_at {direction}, d.id {direction} LIMIT ")).push_bind(page.fetch());
    let rows: Vec<Row> = sql.build_query_as().fetch_all(tx.connection()).await?;
    let decisions = rows.into_iter().map(RecordedDecision::from).collect();
    let key = |decision: &RecordedDecision| Key {
        value: decision.at.format(&Rfc3339).unwrap_or_default(),
        id: decision.id.uuid(),
    };
    Ok(Page::cut(page, decisions, key))
}

/// How many match, counted up to the cap.
pub async fn count(tx: &mut ReadTx, filter: &DecisionFilter) -> Result<Count> {
    let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT 1 FROM decisions d WHERE d.org_id = ");
    matching(&mut sql, tx, filter);
    sql.push(" LIMIT ").push_bind(COUNT_CAP).push(") capped");
    Ok(Count(sql.build_query_scalar().fetch_one(tx.connection()).await?))
}

/// One of them; nothing where there is none here.
pub async fn find(tx: &mut ReadTx, id: DecisionId) -> Result<Option<RecordedDecision>> {
    let mut sql = QueryBuilder::new(COLUMNS);
    sql.push_bind(tx.scope().org.uuid()).push(" AND d.id = ").push_bind(id.uuid());
    let row: Option<Row> = sql.build_query_as().fetch_optional(tx.connection()).await?;
    Ok(row.map(RecordedDecision::from))
}

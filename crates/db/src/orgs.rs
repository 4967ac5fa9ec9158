//! Organizations. Tenants read and rename their own; everything else is the operators'.

use crate::{
    Error, Result,
    tx::{Operator, ReadTx, Realm, WriteTx},
};
use bulkhead_model::{
    Id, OrgId, OrgName, Slug,
    org::{Org, OrgFilter, OrgImpact, OrgKind, OrgSort, OrgStatus, OrgSummary, Plan},
    page::{COUNT_CAP, Count, Key, Page, PageRequest, Place},
    text::normalise,
};
use sqlx::{FromRow, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(FromRow)]
struct OrgRow {
    id: Uuid,
    slug: String,
    name: String,
    kind: String,
    status: String,
    status_reason: Option<String>,
    plan: String,
    created_at: OffsetDateTime,
    suspended_at: Option<OffsetDateTime>,
    delete_after: Option<OffsetDateTime>,
    version: i32,
}

impl TryFrom<OrgRow> for Org {
    type Error = Error;
    fn try_from(row: OrgRow) -> Result<Self> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            slug: row.slug,
            name: row.name,
            kind: OrgKind::from_code(&row.kind).ok_or(Error::Corrupt { what: "orgs.kind" })?,
            status: OrgStatus::from_code(&row.status).ok_or(Error::Corrupt { what: "orgs.status" })?,
            status_reason: row.status_reason,
            plan: row.plan,
            created_at: row.created_at,
            suspended_at: row.suspended_at,
            delete_after: row.delete_after,
            version: row.version,
        })
    }
}

#[derive(FromRow)]
struct SummaryRow {
    #[sqlx(flatten)]
    org: OrgRow,
    users: i64,
    last_activity: Option<OffsetDateTime>,
}

/// The organization the transaction acts in.
pub async fn current<R: Realm>(tx: &mut ReadTx<R>) -> Result<Option<Org>> {
    let row = sqlx::query_as!(
        OrgRow,
        "SELECT id, slug, name, kind, status, status_reason, plan, created_at, suspended_at, delete_after, version
         FROM orgs WHERE id = (SELECT app.org_id())",
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(Org::try_from).transpose()
}

/// One organization, for operators.
pub async fn find(tx: &mut ReadTx<Operator>, id: OrgId) -> Result<Option<Org>> {
    let row = sqlx::query_as!(
        OrgRow,
        "SELECT id, slug, name, kind, status, status_reason, plan, created_at, suspended_at, delete_after, version
         FROM orgs WHERE id = $1 AND status <> 'deleted'",
        id.uuid(),
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(Org::try_from).transpose()
}

/// Names of organizations, for showing whose an audit event is.
pub async fn names(tx: &mut ReadTx<Operator>, ids: &[OrgId]) -> Result<Vec<(OrgId, String)>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query!("SELECT id, name FROM orgs WHERE id = ANY ($1)", &ids).fetch_all(tx.connection()).await?;
    Ok(rows.into_iter().map(|row| (Id::from_uuid(row.id), row.name)).collect())
}

fn matching(sql: &mut QueryBuilder<Postgres>, filter: &OrgFilter) {
    sql.push(" FROM orgs o WHERE o.kind = 'customer' AND o.status <> 'deleted'");
    if !filter.search.is_empty() {
        let search = normalise(&filter.search);
        sql.push(" AND (starts_with(o.name_norm, ")
            .push_bind(search.clone())
            .push(") OR starts_with(o.slug, ")
            .push_bind(search.clone())
            .push(") OR strpos(o.name_norm, ")
            .push_bind(format!(" {search}"))
            .push(") > 0)");
    }
    if !filter.status.is_empty() {
        let codes: Vec<&str> = filter.status.iter().map(|status| status.code()).collect();
        sql.push(" AND o.status = ANY (").push_bind(codes).push(")");
    }
    if !filter.plan.is_empty() {
        sql.push(" AND o.plan = ANY (").push_bind(filter.plan.clone()).push(")");
    }
}

const USERS: &str = "(SELECT count(*) FROM users u WHERE u.org_id = o.id AND u.status <> 'removed')";
const LAST_ACTIVITY: &str = "(SELECT u.last_seen_at FROM users u WHERE u.org_id = o.id AND u.status <> 'removed' \
     ORDER BY u.sort_seen DESC, u.id DESC LIMIT 1)";

/// A page of customer organizations with how many users they have and when one was last seen.
pub async fn list(tx: &mut ReadTx<Operator>, filter: &OrgFilter, page: &PageRequest) -> Result<Page<OrgSummary>> {
    let column = match filter.sort {
        OrgSort::Name => "name_norm",
        OrgSort::Created => "created_at",
        OrgSort::Users => "users",
    };
    let cast = match filter.sort {
        OrgSort::Name => "",
        OrgSort::Created => "::timestamptz",
        OrgSort::Users => "::bigint",
    };
    let descending = filter.descending ^ !matches!(filter.sort, OrgSort::Name);
    let (key, backwards) = match &page.place {
        Place::First => (None, false),
        Place::After(key) => (Some(key), false),
        Place::Before(key) => (Some(key), true),
    };
    let down = descending ^ backwards;
    let direction = if down { "DESC" } else { "ASC" };
    let comparison = if down { "<" } else { ">" };
    // Counting users is dear, so it happens for the rows of the page only, except when it is the order.
    let counted_first = matches!(filter.sort, OrgSort::Users);
    let mut sql = QueryBuilder::new("SELECT p.*");
    if !counted_first {
        sql.push(format!(", {USERS} AS users").replace("o.", "p."));
    }
    sql.push(format!(", {LAST_ACTIVITY} AS last_activity").replace("o.", "p."));
    sql.push(
        " FROM (SELECT * FROM (SELECT o.id, o.slug, o.name, o.name_norm, o.kind, o.status, o.status_reason, o.plan, \
              o.created_at, o.suspended_at, o.delete_after, o.version",
    );
    if counted_first {
        sql.push(format!(", {USERS} AS users"));
    }
    matching(&mut sql, filter);
    sql.push(") q");
    if let Some(key) = key {
        sql.push(format!(" WHERE ({column}, id) {comparison} ("))
            .push_bind(key.value.clone())
            .push(cast)
            .push(", ")
            .push_bind(key.id)
            .push(")");
    }
    sql.push(format!(" ORDER BY {column} {direction}, id {direction} LIMIT ")).push_bind(page.fetch());
    sql.push(format!(") p ORDER BY {column} {direction}, id {direction}"));
    let rows: Vec<SummaryRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    let orgs = rows
        .into_iter()
        .map(|row| Ok(OrgSummary { org: row.org.try_into()?, users: row.users, last_activity: row.last_activity }))
        .collect::<Result<Vec<_>>>()?;
    let sort = filter.sort;
    Ok(Page::cut(page, orgs, |summary| Key { value: sort_value(summary, sort), id: summary.org.id.uuid() }))
}

fn sort_value(summary: &OrgSummary, sort: OrgSort) -> String {
    match sort {
        OrgSort::Name => normalise(&summary.org.name),
        OrgSort::Created => {
            summary.org.created_at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default()
        }
        OrgSort::Users => summary.users.to_string(),
    }
}

/// How many organizations match, counted up to the cap.
pub async fn count(tx: &mut ReadTx<Operator>, filter: &OrgFilter) -> Result<Count> {
    let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT 1");
    matching(&mut sql, filter);
    sql.push(" LIMIT ").push_bind(COUNT_CAP).push(") capped");
    Ok(Count(sql.build_query_scalar().fetch_one(tx.connection()).await?))
}

/// How many customer organizations are in each status.
pub async fn count_by_status(tx: &mut ReadTx<Operator>) -> Result<Vec<(OrgStatus, i64)>> {
    let rows = sqlx::query!(
        r#"SELECT status, count(*) AS "count!" FROM orgs WHERE kind = 'customer' AND status <> 'deleted' GROUP BY status"#
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|row| Ok((OrgStatus::from_code(&row.status).ok_or(Error::Corrupt { what: "orgs.status" })?, row.count)))
        .collect()
}

/// What suspending the organization named by `within` would end.
pub async fn impact(tx: &mut ReadTx<Operator>) -> Result<OrgImpact> {
    let row = sqlx::query!(
        r#"SELECT (SELECT count(*) FROM users WHERE org_id = app.org_id() AND status = 'active') AS "active!",
                  (SELECT count(*) FROM users WHERE org_id = app.org_id() AND status = 'invited') AS "invited!",
                  (SELECT count(*) FROM sessions WHERE org_id = app.org_id() AND revoked_at IS NULL AND expires_at > now()
                      AND last_seen_at + make_interval(secs => idle_seconds) > now()) AS "sessions!""#
    )
    .fetch_one(tx.connection())
    .await?;
    Ok(OrgImpact { active_users: row.active, invited_users: row.invited, live_sessions: row.sessions })
}

/// The plans there are, in order.
pub async fn plans<R: Realm>(tx: &mut ReadTx<R>) -> Result<Vec<Plan>> {
    let rows = sqlx::query!("SELECT id, name FROM plans ORDER BY position").fetch_all(tx.connection()).await?;
    Ok(rows.into_iter().map(|row| Plan { id: row.id, name: row.name }).collect())
}

/// Creates an organization in the status `provisioning` and moves the transaction into it.
/// A taken short name is [`bulkhead_model::error::Conflict::SlugTaken`].
pub async fn insert(tx: &mut WriteTx<Operator>, id: OrgId, slug: &Slug, name: &OrgName, plan: &str) -> Result<()> {
    tx.within(id).await?;
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO orgs (id, slug, name, name_norm, plan, status, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, 'provisioning', $6, $6)",
        id.uuid(),
        slug.as_str(),
        name.as_str(),
        name.norm(),
        plan,
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Renames the transaction's organization, and moves it to another plan where an operator does it.
/// `false` when the version is not the one seen.
pub async fn rename<R: Realm>(tx: &mut WriteTx<R>, seen_version: i32, name: &OrgName) -> Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "UPDATE orgs SET name = $2, name_norm = $3, updated_at = $4, version = version + 1
         WHERE id = (SELECT app.org_id()) AND version = $1",
        seen_version,
        name.as_str(),
        name.norm(),
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Moves the organization named by `within` to another plan.
pub async fn set_plan(tx: &mut WriteTx<Operator>, plan: &str) -> Result<()> {
    sqlx::query!("UPDATE orgs SET plan = $1 WHERE id = (SELECT app.org_id())", plan).execute(tx.connection()).await?;
    Ok(())
}

/// Moves the organization named by `within` from one status to another; `false` when it is in neither of `from`, or its
/// version is not the one seen. A system task, which saw none, compares the status only.
pub async fn set_status(
    tx: &mut WriteTx<Operator>,
    seen_version: Option<i32>,
    from: &[OrgStatus],
    to: OrgStatus,
    reason: Option<&str>,
    delete_after: Option<OffsetDateTime>,
) -> Result<bool> {
    let now = tx.now();
    let from: Vec<String> = from.iter().map(|status| status.code().to_owned()).collect();
    let done = sqlx::query!(
        "UPDATE orgs SET status = $2, status_reason = $3, delete_after = $4,
             suspended_at = CASE WHEN $2 = 'suspended' THEN $5::timestamptz END, updated_at = $5, version = version + 1
         WHERE id = (SELECT app.org_id()) AND kind = 'customer' AND status = ANY ($1)
           AND ($6::integer IS NULL OR version = $6)",
        &from,
        to.code(),
        reason,
        delete_after,
        now,
        seen_version,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Organizations whose provisioning has steps to do, oldest first. An active one may be among them: the invitation
/// goes out after the activation.
pub async fn provisioning(tx: &mut ReadTx<Operator>) -> Result<Vec<OrgId>> {
    let ids = sqlx::query_scalar!(
        "SELECT o.id FROM orgs o WHERE o.status IN ('provisioning', 'active')
           AND EXISTS (SELECT FROM provisioning_steps s WHERE s.org_id = o.id AND s.status <> 'done')
         ORDER BY o.created_at LIMIT 20"
    )
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(Id::from_uuid).collect())
}

//! Users of the transaction's organization.

use crate::{
    Error, Result,
    tx::{ReadTx, Realm, WriteTx},
};
use bulkhead_model::{
    Email, Id, UserId, UserName,
    page::{COUNT_CAP, Count, Key, Page, PageRequest, Place},
    text::normalise,
    user::{Role, User, UserFilter, UserSort, UserStatus},
};
use sqlx::{FromRow, Postgres, QueryBuilder};
use time::OffsetDateTime;
use uuid::Uuid;

#[derive(FromRow)]
struct UserRow {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    status: String,
    created_at: OffsetDateTime,
    last_seen_at: Option<OffsetDateTime>,
    version: i32,
}

impl TryFrom<UserRow> for User {
    type Error = Error;
    fn try_from(row: UserRow) -> Result<Self> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            email: row.email,
            name: row.name,
            role: Role::from_code(&row.role).ok_or(Error::Corrupt { what: "users.role" })?,
            status: UserStatus::from_code(&row.status).ok_or(Error::Corrupt { what: "users.status" })?,
            created_at: row.created_at,
            last_seen_at: row.last_seen_at,
            version: row.version,
        })
    }
}

/// The columns of a list's order, as they stand in its index.
fn sort_column(sort: UserSort) -> &'static str {
    match sort {
        UserSort::Name => "sort_name",
        UserSort::LastSeen => "sort_seen",
        UserSort::Created => "created_at",
    }
}

fn matching<R: Realm>(sql: &mut QueryBuilder<Postgres>, tx: &ReadTx<R>, filter: &UserFilter) {
    // RLS says the same of the setting. Said again of what we know ourselves: it holds where a policy is missing, and
    // an operator reading one organization uses the same index.
    sql.push(" FROM users WHERE org_id = ").push_bind(tx.scope().org.uuid()).push(" AND status <> 'removed'");
    named_like(sql, "", &filter.search);
    if !filter.status.is_empty() {
        let codes: Vec<&str> = filter.status.iter().map(|status| status.code()).collect();
        sql.push(" AND status = ANY (").push_bind(codes).push(")");
    }
    if !filter.role.is_empty() {
        let codes: Vec<&str> = filter.role.iter().map(|role| role.code()).collect();
        sql.push(" AND role = ANY (").push_bind(codes).push(")");
    }
}

/// Leaves out whose name and address do not begin with what is searched for; nobody where that is nothing. `table` stands
/// before the columns, with its dot.
pub(crate) fn named_like(sql: &mut QueryBuilder<Postgres>, table: &str, search: &str) {
    if search.is_empty() {
        return;
    }
    let search = normalise(search);
    sql.push(format!(" AND (starts_with({table}name_norm, "))
        .push_bind(search.clone())
        .push(format!(") OR starts_with({table}email_norm, "))
        .push_bind(search.clone())
        .push(format!(") OR strpos({table}name_norm, "))
        .push_bind(format!(" {search}"))
        .push(") > 0)");
}

/// A page of users. Removed users are never listed.
pub async fn list<R: Realm>(tx: &mut ReadTx<R>, filter: &UserFilter, page: &PageRequest) -> Result<Page<User>> {
    let mut sql = QueryBuilder::new("SELECT id, email, name, role, status, created_at, last_seen_at, version");
    matching(&mut sql, tx, filter);
    let column = sort_column(filter.sort);
    // Names read A to Z, dates newest first, unless asked otherwise.
    let descending = filter.descending ^ !matches!(filter.sort, UserSort::Name);
    let (key, backwards) = match &page.place {
        Place::First => (None, false),
        Place::After(key) => (Some(key), false),
        Place::Before(key) => (Some(key), true),
    };
    let down = descending ^ backwards;
    if let Some(key) = key {
        let cast = if matches!(filter.sort, UserSort::Name) { "" } else { "::timestamptz" };
        sql.push(format!(" AND ({column}, id) {} (", if down { "<" } else { ">" }))
            .push_bind(key.value.clone())
            .push(cast)
            .push(", ")
            .push_bind(key.id)
            .push(")");
    }
    let direction = if down { "DESC" } else { "ASC" };
    sql.push(format!(" ORDER BY {column} {direction}, id {direction} LIMIT ")).push_bind(page.fetch());
    let rows: Vec<UserRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    let users = rows.into_iter().map(User::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Page::cut(page, users, |user| Key { value: sort_value(user, filter.sort), id: user.id.uuid() }))
}

fn sort_value(user: &User, sort: UserSort) -> String {
    let stamp = |at: OffsetDateTime| at.format(&time::format_description::well_known::Rfc3339).unwrap_or_default();
    match sort {
        UserSort::Name => normalise(user.display()),
        UserSort::LastSeen => user.last_seen_at.map_or_else(|| "-infinity".to_owned(), stamp),
        UserSort::Created => stamp(user.created_at),
    }
}

/// How many users match, counted up to the cap.
pub async fn count<R: Realm>(tx: &mut ReadTx<R>, filter: &UserFilter) -> Result<Count> {
    let mut sql = QueryBuilder::new("SELECT count(*) FROM (SELECT 1");
    matching(&mut sql, tx, filter);
    sql.push(" LIMIT ").push_bind(COUNT_CAP).push(") capped");
    Ok(Count(sql.build_query_scalar().fetch_one(tx.connection()).await?))
}

/// One user, removed ones included (the audit log links to them); nothing where there is none here.
pub async fn find<R: Realm>(tx: &mut ReadTx<R>, id: UserId) -> Result<Option<User>> {
    let row = sqlx::query_as!(
        UserRow,
        "SELECT id, email, name, role, status, created_at, last_seen_at, version
         FROM users WHERE org_id = (SELECT app.org_id()) AND id = $1",
        id.uuid(),
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(User::try_from).transpose()
}

/// Ids of users who are not removed, from behind `after` on.
pub async fn ids(tx: &mut ReadTx, after: Option<Uuid>, limit: i64) -> Result<Vec<UserId>> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "SELECT id FROM users WHERE org_id = (SELECT app.org_id()) AND status <> 'removed' AND ($1::uuid IS NULL OR id > $1)
         ORDER BY id LIMIT $2",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(tx.connection())
    .await?;
    Ok(ids.into_iter().map(Id::from_uuid).collect())
}

/// Some users by name, removed ones included; those that are not here are left out.
pub async fn find_many<R: Realm>(tx: &mut ReadTx<R>, ids: &[UserId]) -> Result<Vec<User>> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
    let rows: Vec<UserRow> = sqlx::query_as(
        "SELECT id, email, name, role, status, created_at, last_seen_at, version
         FROM users WHERE org_id = (SELECT app.org_id()) AND id = ANY($1) ORDER BY sort_name, id",
    )
    .bind(ids)
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(User::try_from).collect()
}

/// The user with an address who is not removed.
pub async fn find_by_email<R: Realm>(tx: &mut ReadTx<R>, email: &Email) -> Result<Option<User>> {
    let row = sqlx::query_as!(
        UserRow,
        "SELECT id, email, name, role, status, created_at, last_seen_at, version
         FROM users WHERE org_id = (SELECT app.org_id()) AND email_norm = $1 AND status <> 'removed'",
        email.norm(),
    )
    .fetch_optional(tx.connection())
    .await?;
    row.map(User::try_from).transpose()
}

/// The users with these addresses, as they are compared, who are not removed; each with the address.
pub async fn find_by_emails<R: Realm>(tx: &mut ReadTx<R>, emails: &[String]) -> Result<Vec<(String, UserId)>> {
    let rows: Vec<(String, Uuid)> = sqlx::query_as(
        "SELECT email_norm, id FROM users WHERE org_id = (SELECT app.org_id()) AND email_norm = ANY($1) AND status <> 'removed'",
    )
    .bind(emails)
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|(email, id)| (email, Id::from_uuid(id))).collect())
}

/// Who matches, in the order of names and at most so many.
pub async fn matching_ids<R: Realm>(tx: &mut ReadTx<R>, filter: &UserFilter, most: i64) -> Result<Vec<UserId>> {
    let mut sql = QueryBuilder::new("SELECT id");
    matching(&mut sql, tx, filter);
    sql.push(" ORDER BY sort_name, id LIMIT ").push_bind(most);
    let ids: Vec<Uuid> = sql.build_query_scalar().fetch_all(tx.connection()).await?;
    Ok(ids.into_iter().map(Id::from_uuid).collect())
}

/// Addresses of the active admins, for notices to them.
pub async fn admin_addresses<R: Realm>(tx: &mut ReadTx<R>) -> Result<Vec<String>> {
    Ok(sqlx::query_scalar!(
        "SELECT email FROM users WHERE org_id = (SELECT app.org_id()) AND role = 'admin' AND status = 'active' ORDER BY email_norm",
    )
    .fetch_all(tx.connection())
    .await?)
}

/// Holds back other invitations of this organization until the transaction ends, then counts the users a plan
/// charges for (all but removed). Quotas are checked under this lock.
pub async fn count_for_quota<R: Realm>(tx: &mut WriteTx<R>) -> Result<i64> {
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('bulkhead.quota:' || app.org_id()::text, 0))")
        .execute(tx.connection())
        .await?;
    Ok(sqlx::query_scalar!(
        r#"SELECT count(*) AS "count!" FROM users WHERE org_id = (SELECT app.org_id()) AND status <> 'removed'"#,
    )
    .fetch_one(tx.connection())
    .await?)
}

/// Creates an invited user. A taken address is [`bulkhead_model::error::Conflict::EmailTaken`].
pub async fn insert_invited<R: Realm>(
    tx: &mut WriteTx<R>,
    id: UserId,
    email: &Email,
    name: &UserName,
    role: Role,
) -> Result<()> {
    let now = tx.now();
    sqlx::query!(
        "INSERT INTO users (id, email, email_norm, name, name_norm, role, status, created_at, updated_at)
         VALUES ($1, $2, $3, $4, $5, $6, 'invited', $7, $7)",
        id.uuid(),
        email.as_str(),
        email.norm(),
        name.as_str(),
        name.norm(),
        role.code(),
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What may be changed about a user; fields left `None` stay.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// A new name.
    pub name: Option<UserName>,
    /// A new role.
    pub role: Option<Role>,
    /// A new status.
    pub status: Option<UserStatus>,
}

/// Changes a user whose version is still the one seen; `false` when it is not, or there is no such user.
/// Taking the last active admin away is [`bulkhead_model::error::Conflict::LastAdmin`], held by a trigger.
pub async fn update(tx: &mut WriteTx, id: UserId, seen_version: i32, change: &Change) -> Result<bool> {
    let now = tx.now();
    let done = sqlx::query!(
        "UPDATE users SET name = coalesce($3, name), name_norm = coalesce($4, name_norm), role = coalesce($5, role),
             status = coalesce($6, status), updated_at = $7, version = version + 1
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND version = $2 AND status <> 'removed'",
        id.uuid(),
        seen_version,
        change.name.as_ref().map(UserName::as_str),
        change.name.as_ref().map(UserName::norm),
        change.role.map(Role::code),
        change.status.map(UserStatus::code),
        now,
    )
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

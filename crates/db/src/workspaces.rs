//! Workspaces, and who is in them. Who holds which role in one is [`access`](crate::access)'.

use crate::{
    Error, Result,
    access::assigned::{newest_first, stamp},
    tx::{ReadTx, WriteTx},
    users,
};
use bulkhead_model::{
    Id, UserId, WorkspaceId,
    page::{COUNT_CAP, Count, Key, Page, PageRequest},
    workspace::{Member, Workspace, WorkspaceStatus},
};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

/// A workspace as it is written down.
#[derive(Debug, Clone, Copy)]
pub struct NewWorkspace<'a> {
    /// What people call it.
    pub name: &'a str,
    /// What looks like the same name has the same key.
    pub name_key: &'a str,
    /// What it is for.
    pub description: &'a str,
}

#[derive(FromRow)]
struct WorkspaceRow {
    id: Uuid,
    name: String,
    description: String,
    status: String,
    members: i64,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    version: i32,
}

impl TryFrom<WorkspaceRow> for Workspace {
    type Error = Error;
    fn try_from(row: WorkspaceRow) -> Result<Self> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            name: row.name,
            description: row.description,
            status: WorkspaceStatus::from_code(&row.status).ok_or(Error::Corrupt { what: "workspaces.status" })?,
            members: row.members,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

const COLUMNS: &str = "SELECT w.id, w.name, w.description, w.status, w.created_at, w.updated_at, w.version,
        (SELECT count(*) FROM workspace_members m JOIN users u ON u.org_id = m.org_id AND u.id = m.user_id
         WHERE m.org_id = w.org_id AND m.workspace_id = w.id AND u.status <> 'removed') AS members
 FROM workspaces w WHERE w.org_id = (SELECT app.org_id())";

/// All of them: those in use first, by name.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<Workspace>> {
    let mut sql = sqlx::QueryBuilder::new(COLUMNS);
    let rows: Vec<WorkspaceRow> =
        sql.push(" ORDER BY w.status, w.name_key").build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(Workspace::try_from).collect()
}

/// Those that somebody is in: those in use first, by name.
pub async fn of_user(tx: &mut ReadTx, user: UserId) -> Result<Vec<Workspace>> {
    let mut sql = sqlx::QueryBuilder::new(COLUMNS);
    sql.push(" AND w.id IN (SELECT i.workspace_id FROM workspace_members i WHERE i.org_id = (SELECT app.org_id()) AND i.user_id = ");
    sql.push_bind(user.uuid()).push(") ORDER BY w.status, w.name_key");
    let rows: Vec<WorkspaceRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(Workspace::try_from).collect()
}

/// One of them.
pub async fn find(tx: &mut ReadTx, id: WorkspaceId) -> Result<Option<Workspace>> {
    let mut sql = sqlx::QueryBuilder::new(COLUMNS);
    let row: Option<WorkspaceRow> =
        sql.push(" AND w.id = ").push_bind(id.uuid()).build_query_as().fetch_optional(tx.connection()).await?;
    row.map(Workspace::try_from).transpose()
}

/// How many there are, archived ones included.
pub async fn count(tx: &mut ReadTx) -> Result<i64> {
    let sql = "SELECT count(*) FROM workspaces WHERE org_id = (SELECT app.org_id())";
    Ok(sqlx::query_scalar(sql).fetch_one(tx.connection()).await?)
}

/// Makes a workspace.
///
/// # Errors
/// A taken name is [`bulkhead_model::error::Conflict::NameTaken`].
pub async fn insert(tx: &mut WriteTx, id: WorkspaceId, new: NewWorkspace<'_>) -> Result<()> {
    let now = tx.now();
    sqlx::query(
        "INSERT INTO workspaces (id, name, name_key, description, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $5)",
    )
    .bind(id.uuid())
    .bind(new.name)
    .bind(new.name_key)
    .bind(new.description)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Changes a workspace that still has the version somebody saw; whether it had.
///
/// # Errors
/// A taken name is [`bulkhead_model::error::Conflict::NameTaken`].
pub async fn update(tx: &mut WriteTx, id: WorkspaceId, seen: i32, new: NewWorkspace<'_>) -> Result<bool> {
    let now = tx.now();
    let updated = sqlx::query(
        "UPDATE workspaces SET name = $3, name_key = $4, description = $5, updated_at = $6, version = version + 1
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND version = $2",
    )
    .bind(id.uuid())
    .bind(seen)
    .bind(new.name)
    .bind(new.name_key)
    .bind(new.description)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Archives a workspace or brings it back, if it still has the version somebody saw; whether it had.
pub async fn set_status(tx: &mut WriteTx, id: WorkspaceId, seen: i32, status: WorkspaceStatus) -> Result<bool> {
    let now = tx.now();
    let updated = sqlx::query(
        "UPDATE workspaces SET status = $3, updated_at = $4, version = version + 1
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND version = $2",
    )
    .bind(id.uuid())
    .bind(seen)
    .bind(status.code())
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(updated.rows_affected() == 1)
}

#[derive(FromRow)]
struct MemberRow {
    user_id: Uuid,
    email: String,
    name: String,
    added_at: OffsetDateTime,
    added_by: String,
}

impl From<MemberRow> for Member {
    fn from(row: MemberRow) -> Self {
        let MemberRow { user_id, email, name, added_at, added_by } = row;
        Self { user: Id::from_uuid(user_id), email, name, added_at, added_by, roles: Vec::new() }
    }
}

fn members(tx: &ReadTx, what: &str, id: WorkspaceId) -> sqlx::QueryBuilder<sqlx::Postgres> {
    let mut sql = sqlx::QueryBuilder::new(what);
    sql.push(" FROM workspace_members m JOIN users u ON u.org_id = m.org_id AND u.id = m.user_id WHERE m.org_id = ");
    sql.push_bind(tx.scope().org().uuid()).push(" AND m.workspace_id = ").push_bind(id.uuid());
    sql.push(" AND u.status <> 'removed'");
    sql
}

const MEMBER: &str = "SELECT m.user_id, u.email, u.name, m.added_at, m.added_by";

/// A page of who is in a workspace, who was added last first, without the roles they hold there; removed users left out.
/// `search` leaves others out by name or address.
pub async fn members_page(tx: &mut ReadTx, id: WorkspaceId, search: &str, page: &PageRequest) -> Result<Page<Member>> {
    let mut sql = members(tx, MEMBER, id);
    users::named_like(&mut sql, "u.", search);
    newest_first(&mut sql, ("m.added_at", "m.user_id"), page);
    let rows: Vec<MemberRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    let rows = rows.into_iter().map(Member::from).collect();
    Ok(Page::cut(page, rows, |member: &Member| Key { value: stamp(member.added_at), id: member.user.uuid() }))
}

/// How many are in it, counted up to the cap.
pub async fn count_members(tx: &mut ReadTx, id: WorkspaceId, search: &str) -> Result<Count> {
    let mut sql = members(tx, "SELECT count(*) FROM (SELECT 1", id);
    users::named_like(&mut sql, "u.", search);
    sql.push(" LIMIT ").push_bind(COUNT_CAP).push(") capped");
    Ok(Count(sql.build_query_scalar().fetch_one(tx.connection()).await?))
}

/// Somebody who is in a workspace, without the roles they hold there.
pub async fn member(tx: &mut ReadTx, id: WorkspaceId, user: UserId) -> Result<Option<Member>> {
    let mut sql = members(tx, MEMBER, id);
    sql.push(" AND m.user_id = ").push_bind(user.uuid());
    let row: Option<MemberRow> = sql.build_query_as().fetch_optional(tx.connection()).await?;
    Ok(row.map(Member::from))
}

/// Whether somebody is in a workspace.
pub async fn is_member(tx: &mut ReadTx, id: WorkspaceId, user: UserId) -> Result<bool> {
    let sql = "SELECT EXISTS (SELECT FROM workspace_members
               WHERE org_id = (SELECT app.org_id()) AND workspace_id = $1 AND user_id = $2)";
    Ok(sqlx::query_scalar(sql).bind(id.uuid()).bind(user.uuid()).fetch_one(tx.connection()).await?)
}

/// Puts somebody into a workspace; whether they were not in it.
pub async fn add_member(tx: &mut WriteTx, id: WorkspaceId, user: UserId, by: &str) -> Result<bool> {
    let now = tx.now();
    let added = sqlx::query(
        "INSERT INTO workspace_members (workspace_id, user_id, added_at, added_by) VALUES ($1, $2, $3, $4)
         ON CONFLICT (org_id, workspace_id, user_id) DO NOTHING",
    )
    .bind(id.uuid())
    .bind(user.uuid())
    .bind(now)
    .bind(by)
    .execute(tx.connection())
    .await?;
    Ok(added.rows_affected() == 1)
}

/// Takes somebody out of a workspace; whether they were in it. The roles they hold there go with it.
pub async fn remove_member(tx: &mut WriteTx, id: WorkspaceId, user: UserId) -> Result<bool> {
    let sql = "DELETE FROM workspace_members
               WHERE org_id = (SELECT app.org_id()) AND workspace_id = $1 AND user_id = $2";
    let removed = sqlx::query(sql).bind(id.uuid()).bind(user.uuid()).execute(tx.connection()).await?;
    Ok(removed.rows_affected() == 1)
}

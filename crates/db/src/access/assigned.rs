//! Roles as they are held: who, which, where, from when until when.

use crate::{
    Error, Result,
    tx::{ReadTx, Realm},
    users,
};
use bulkhead_model::{
    Id, RoleId, UserId, WorkspaceId,
    access::{Assigned, InWorkspace},
    page::{COUNT_CAP, Count, Key, Page, PageRequest, Place},
    workspace::WorkspaceStatus,
};
use sqlx::{FromRow, Postgres, QueryBuilder};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// Who holds a role, or what somebody holds.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    /// The role's holders, removed users left out.
    Role(RoleId),
    /// The user's roles.
    User(UserId),
    /// The roles that these users hold in the workspace.
    Members(WorkspaceId, &'a [UserId]),
    /// The roles that anybody holds in the workspace.
    Workspace(WorkspaceId),
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    user_email: String,
    user_name: String,
    role_id: Uuid,
    role_name: String,
    workspace_id: Option<Uuid>,
    workspace_name: Option<String>,
    workspace_status: Option<String>,
    starts_at: Option<OffsetDateTime>,
    ends_at: Option<OffsetDateTime>,
    assigned_at: OffsetDateTime,
    assigned_by: String,
}

impl TryFrom<Row> for Assigned {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let workspace = row.workspace_id.zip(row.workspace_name).zip(row.workspace_status);
        let workspace = workspace.map(|((id, name), status)| {
            let status = WorkspaceStatus::from_code(&status).ok_or(Error::Corrupt { what: "workspaces.status" })?;
            Ok::<_, Error>(InWorkspace { id: Id::from_uuid(id), name, status })
        });
        Ok(Self {
            user: Id::from_uuid(row.user_id),
            user_email: row.user_email,
            user_name: row.user_name,
            role: Id::from_uuid(row.role_id),
            role_name: row.role_name,
            workspace: workspace.transpose()?,
            from: row.starts_at,
            until: row.ends_at,
            assigned_at: row.assigned_at,
            assigned_by: row.assigned_by,
        })
    }
}

const COLUMNS: &str =
    "SELECT a.id, a.user_id, u.email AS user_email, u.name AS user_name, a.role_id, r.name AS role_name,
        w.id AS workspace_id, w.name AS workspace_name, w.status AS workspace_status,
        a.starts_at, a.ends_at, a.assigned_at, a.assigned_by
 FROM role_assignments a
 JOIN users u ON u.org_id = a.org_id AND u.id = a.user_id
 JOIN roles r ON r.org_id = a.org_id AND r.id = a.role_id
 LEFT JOIN workspaces w ON w.org_id = a.org_id AND w.id = a.workspace_id
 WHERE a.org_id = ";

/// Only what is asked for stands in the text: a plan that is made once must not have to serve all of it.
fn matching<R: Realm>(sql: &mut QueryBuilder<Postgres>, tx: &ReadTx<R>, of: Of<'_>) {
    sql.push_bind(tx.scope().org().uuid()).push(" AND u.status <> 'removed'");
    match of {
        Of::Role(role) => sql.push(" AND a.role_id = ").push_bind(role.uuid()),
        Of::User(user) => sql.push(" AND a.user_id = ").push_bind(user.uuid()),
        Of::Workspace(workspace) => sql.push(" AND a.workspace_id = ").push_bind(workspace.uuid()),
        Of::Members(workspace, users) => {
            let users: Vec<Uuid> = users.iter().map(|user| user.uuid()).collect();
            sql.push(" AND a.workspace_id = ").push_bind(workspace.uuid());
            sql.push(" AND a.user_id = ANY (").push_bind(users).push(")")
        }
    };
}

/// Who holds what where, by the user's name, the role's and the workspace's; those in archived workspaces as well, which do
/// not count.
pub async fn assigned<R: Realm>(tx: &mut ReadTx<R>, of: Of<'_>) -> Result<Vec<Assigned>> {
    let mut sql = QueryBuilder::new(COLUMNS);
    matching(&mut sql, tx, of);
    sql.push(" ORDER BY u.sort_name, u.id, r.name_key, w.name_key NULLS FIRST");
    let rows: Vec<Row> = sql.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(Assigned::try_from).collect()
}

/// A page of who holds a role and where, what was given last first. `search` leaves others out by name or address.
pub async fn holders_page<R: Realm>(
    tx: &mut ReadTx<R>,
    role: RoleId,
    search: &str,
    page: &PageRequest,
) -> Result<Page<Assigned>> {
    let mut sql = QueryBuilder::new(COLUMNS);
    matching(&mut sql, tx, Of::Role(role));
    users::named_like(&mut sql, "u.", search);
    newest_first(&mut sql, ("a.assigned_at", "a.id"), page);
    let rows: Vec<Row> = sql.build_query_as().fetch_all(tx.connection()).await?;
    let rows = rows.into_iter().map(|row| Ok((row.id, row.try_into()?))).collect::<Result<Vec<(Uuid, Assigned)>>>()?;
    let page = Page::cut(page, rows, |(id, held)| Key { value: stamp(held.assigned_at), id: *id });
    Ok(page.map(|(_, held)| held))
}

/// How many times it is held, counted up to the cap.
pub async fn count_holders<R: Realm>(tx: &mut ReadTx<R>, role: RoleId, search: &str) -> Result<Count> {
    let mut sql = QueryBuilder::new(
        "SELECT count(*) FROM (SELECT 1 FROM role_assignments a JOIN users u ON u.org_id = a.org_id AND u.id = a.user_id
         WHERE a.org_id = ",
    );
    matching(&mut sql, tx, Of::Role(role));
    users::named_like(&mut sql, "u.", search);
    sql.push(" LIMIT ").push_bind(COUNT_CAP).push(") capped");
    Ok(Count(sql.build_query_scalar().fetch_one(tx.connection()).await?))
}

/// Place, order and limit of a list that begins with what is newest.
pub(crate) fn newest_first(sql: &mut QueryBuilder<Postgres>, (at, id): (&str, &str), page: &PageRequest) {
    let (key, direction, comparison) = match &page.place {
        Place::First => (None, "DESC", "<"),
        Place::After(key) => (Some(key), "DESC", "<"),
        Place::Before(key) => (Some(key), "ASC", ">"),
    };
    if let Some(key) = key {
        sql.push(format!(" AND ({at}, {id}) {comparison} ("))
            .push_bind(key.value.clone())
            .push("::timestamptz, ")
            .push_bind(key.id)
            .push(")");
    }
    sql.push(format!(" ORDER BY {at} {direction}, {id} {direction} LIMIT ")).push_bind(page.fetch());
}

/// A moment as a key holds it.
pub(crate) fn stamp(at: OffsetDateTime) -> String {
    at.format(&Rfc3339).unwrap_or_default()
}

/// What is held in a workspace, each role with its end once, and how often; removed users left out.
pub async fn held_within<R: Realm>(
    tx: &mut ReadTx<R>,
    workspace: WorkspaceId,
) -> Result<Vec<(RoleId, Option<OffsetDateTime>, i64)>> {
    let rows: Vec<(Uuid, Option<OffsetDateTime>, i64)> = sqlx::query_as(
        "SELECT a.role_id, a.ends_at, count(*) FROM role_assignments a
         JOIN users u ON u.org_id = a.org_id AND u.id = a.user_id
         WHERE a.org_id = (SELECT app.org_id()) AND a.workspace_id = $1 AND u.status <> 'removed'
         GROUP BY a.role_id, a.ends_at",
    )
    .bind(workspace.uuid())
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|(role, until, count)| (Id::from_uuid(role), until, count)).collect())
}

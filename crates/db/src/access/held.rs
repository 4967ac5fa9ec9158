//! Who holds which role, and what somebody's rights are made of.

use crate::{
    Error, Result,
    tx::{ReadTx, Realm, WriteTx},
};
use bulkhead_model::{
    Id, RoleId, UserId, WorkspaceId,
    access::{Assignment, PlacedRole},
    org::OrgKind,
    user::{Role, UserStatus},
};
use sqlx::{FromRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// Gives a role to people, or changes from when until when they hold it there.
pub async fn assign(
    tx: &mut WriteTx,
    (users, placed): (&[UserId], PlacedRole),
    (from, until): (Option<OffsetDateTime>, Option<OffsetDateTime>),
    by: &str,
) -> Result<()> {
    let now = tx.now();
    sqlx::query(
        "INSERT INTO role_assignments (user_id, role_id, workspace_id, starts_at, ends_at, assigned_at, assigned_by)
         SELECT given.id, $2, $3, $4, $5, $6, $7 FROM unnest($1::uuid[]) AS given (id)
         ON CONFLICT (org_id, user_id, role_id, workspace_id) DO UPDATE
         SET starts_at = excluded.starts_at, ends_at = excluded.ends_at, assigned_at = excluded.assigned_at,
             assigned_by = excluded.assigned_by",
    )
    .bind(uuids(users))
    .bind(placed.role.uuid())
    .bind(placed.workspace.map(WorkspaceId::uuid))
    .bind(from)
    .bind(until)
    .bind(now)
    .bind(by)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Takes a role from people where it counts for them; how many held it there.
pub async fn unassign(tx: &mut WriteTx, users: &[UserId], placed: PlacedRole) -> Result<u64> {
    let deleted = sqlx::query(
        "DELETE FROM role_assignments WHERE org_id = (SELECT app.org_id()) AND user_id = ANY($1) AND role_id = $2
           AND workspace_id IS NOT DISTINCT FROM $3",
    )
    .bind(uuids(users))
    .bind(placed.role.uuid())
    .bind(placed.workspace.map(WorkspaceId::uuid))
    .execute(tx.connection())
    .await?;
    Ok(deleted.rows_affected())
}

fn uuids(users: &[UserId]) -> Vec<Uuid> {
    users.iter().map(|user| user.uuid()).collect()
}

/// What somebody's rights are made of, as it is now.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Their built-in role.
    pub role: Role,
    /// Only active users may do anything.
    pub status: UserStatus,
    /// What kind of organization theirs is.
    pub org_kind: OrgKind,
    /// The organization's own roles that they hold, now or later; without those in archived workspaces.
    pub assignments: Vec<Assignment>,
}

/// A row of `app.standings()`, which says what of it counts.
#[derive(FromRow)]
struct StandingRow {
    user_id: Uuid,
    email: String,
    role: String,
    status: String,
    org_kind: String,
    assignments: Option<Json<Vec<Assignment>>>,
}

impl Standing {
    /// Of the columns of `app.standings()`.
    pub(crate) fn of(
        (role, status, org_kind): (&str, &str, &str),
        assignments: Option<Json<Vec<Assignment>>>,
    ) -> Result<Self> {
        Ok(Self {
            role: Role::from_code(role).ok_or(Error::Corrupt { what: "users.role" })?,
            status: UserStatus::from_code(status).ok_or(Error::Corrupt { what: "users.status" })?,
            org_kind: OrgKind::from_code(org_kind).ok_or(Error::Corrupt { what: "orgs.kind" })?,
            assignments: assignments.map(|Json(assignments)| assignments).unwrap_or_default(),
        })
    }
}

impl TryFrom<StandingRow> for Standing {
    type Error = Error;
    fn try_from(row: StandingRow) -> Result<Self> {
        Self::of((&row.role, &row.status, &row.org_kind), row.assignments)
    }
}

const STANDINGS: &str = "SELECT s.user_id, s.email, s.role, s.status, s.org_kind, s.assignments FROM app.standings() s
 WHERE s.org_id = (SELECT app.org_id())";

/// What somebody's rights are made of.
pub async fn standing<R: Realm>(tx: &mut ReadTx<R>, user: UserId) -> Result<Option<Standing>> {
    let mut sql = sqlx::QueryBuilder::new(STANDINGS);
    let row: Option<StandingRow> =
        sql.push(" AND s.user_id = ").push_bind(user.uuid()).build_query_as().fetch_optional(tx.connection()).await?;
    row.map(Standing::try_from).transpose()
}

/// What the rights of several users are made of; those that the organization does not have are left out.
pub async fn standings<R: Realm>(tx: &mut ReadTx<R>, users: &[UserId]) -> Result<Vec<(UserId, Standing)>> {
    // Of an array PostgreSQL does not know the length: the plan that it keeps for one reads every user of an organization,
    // the one for a single id finds them by their key.
    if let [user] = users {
        return Ok(standing(tx, *user).await?.map(|standing| (*user, standing)).into_iter().collect());
    }
    let mut sql = sqlx::QueryBuilder::new(STANDINGS);
    sql.push(" AND s.user_id = ANY(").push_bind(uuids(users)).push(")");
    let rows: Vec<StandingRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(|row| Ok((Id::from_uuid(row.user_id), row.try_into()?))).collect()
}

/// The same of active users, by their ids from behind `after` on.
pub async fn active_standings<R: Realm>(
    tx: &mut ReadTx<R>,
    after: Option<UserId>,
    limit: i64,
) -> Result<Vec<(UserId, Standing)>> {
    let mut sql = sqlx::QueryBuilder::new(STANDINGS);
    sql.push(" AND s.status = 'active'");
    if let Some(after) = after {
        sql.push(" AND s.user_id > ").push_bind(after.uuid());
    }
    sql.push(" ORDER BY s.user_id LIMIT ").push_bind(limit);
    let rows: Vec<StandingRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(|row| Ok((Id::from_uuid(row.user_id), row.try_into()?))).collect()
}

/// Everybody who holds one of these roles, now or later, with all that they hold; removed users left out. By address.
pub async fn holders<R: Realm>(tx: &mut ReadTx<R>, roles: &[RoleId]) -> Result<Vec<(UserId, String, Standing)>> {
    let roles: Vec<Uuid> = roles.iter().map(|role| role.uuid()).collect();
    let mut sql = sqlx::QueryBuilder::new(STANDINGS);
    sql.push(
        " AND s.status <> 'removed' AND s.user_id IN
          (SELECT h.user_id FROM role_assignments h WHERE h.org_id = (SELECT app.org_id()) AND h.role_id = ANY(",
    );
    sql.push_bind(roles).push(")) ORDER BY s.email_norm");
    let rows: Vec<StandingRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    rows.into_iter().map(|row| Ok((Id::from_uuid(row.user_id), row.email.clone(), row.try_into()?))).collect()
}

/// Every active admin with the organization's own roles that they hold; those in workspaces as well, archived ones included,
/// which may be brought back.
pub async fn roles_of_admins<R: Realm>(tx: &mut ReadTx<R>) -> Result<Vec<(UserId, Vec<RoleId>)>> {
    let rows: Vec<(Uuid, Vec<Uuid>)> = sqlx::query_as(
        "SELECT u.id, ARRAY(SELECT a.role_id FROM role_assignments a WHERE a.org_id = u.org_id AND a.user_id = u.id)
         FROM users u WHERE u.org_id = (SELECT app.org_id()) AND u.role = 'admin' AND u.status = 'active'",
    )
    .fetch_all(tx.connection())
    .await?;
    let admin = |(id, roles): (Uuid, Vec<Uuid>)| (Id::from_uuid(id), roles.into_iter().map(Id::from_uuid).collect());
    Ok(rows.into_iter().map(admin).collect())
}

/// How many active users have each built-in role.
pub async fn count_by_role<R: Realm>(tx: &mut ReadTx<R>) -> Result<Vec<(Role, i64)>> {
    let counted: Vec<(String, i64)> = sqlx::query_as(
        "SELECT role, count(*) FROM users WHERE org_id = (SELECT app.org_id()) AND status = 'active' GROUP BY role",
    )
    .fetch_all(tx.connection())
    .await?;
    let count = |role: &Role| counted.iter().find(|(code, _)| code == role.code()).map_or(0, |(_, count)| *count);
    Ok(Role::ALL.iter().map(|role| (*role, count(role))).collect())
}

//! An organization's own roles: what they allow, and what they allowed before. Who holds them is [`held`]'s.

pub(crate) mod assigned;
mod held;
mod people;

pub use assigned::{Of, assigned, count_holders, held_within, holders_page};
pub use held::{
    Standing, active_standings, assign, count_by_role, holders, roles_of_admins, standing, standings, unassign,
};
pub use people::{Person, people};

use crate::{
    Result,
    tx::{ReadTx, Realm, WriteTx},
};
use bulkhead_model::{
    Id, RoleId,
    access::{Grant, RoleDefinition, RoleVersion, StoredRole},
};
use sqlx::{FromRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// What a role is saved as.
#[derive(Debug, Clone)]
pub struct NewRole<'a> {
    /// Its name, inheritance and grants.
    pub definition: &'a RoleDefinition,
    /// What looks like the same name has the same key.
    pub name_key: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// Why it is saved.
    pub reason: &'a str,
    /// Who saves it.
    pub by: &'a str,
}

#[derive(FromRow)]
struct RoleRow {
    id: Uuid,
    name: String,
    description: String,
    inherits: Vec<Uuid>,
    grants: Json<Vec<Grant>>,
    updated_at: OffsetDateTime,
    updated_by: String,
    version: i32,
    holders: i64,
}

impl From<RoleRow> for StoredRole {
    fn from(row: RoleRow) -> Self {
        let inherits = row.inherits.into_iter().map(Id::from_uuid).collect();
        Self {
            definition: RoleDefinition { id: Id::from_uuid(row.id), name: row.name, inherits, grants: row.grants.0 },
            description: row.description,
            updated_at: row.updated_at,
            updated_by: row.updated_by,
            version: row.version,
            holders: row.holders,
        }
    }
}

const COLUMNS: &str = "SELECT r.id, r.name, r.description, r.inherits, r.grants, r.updated_at, r.updated_by, r.version,
        (SELECT count(DISTINCT a.user_id) FROM role_assignments a JOIN users u ON u.org_id = a.org_id AND u.id = a.user_id
         WHERE a.org_id = r.org_id AND a.role_id = r.id AND u.status <> 'removed') AS holders
 FROM roles r WHERE r.org_id = (SELECT app.org_id())";

/// All of them, by name.
pub async fn list<R: Realm>(tx: &mut ReadTx<R>) -> Result<Vec<StoredRole>> {
    let mut sql = sqlx::QueryBuilder::new(COLUMNS);
    let rows: Vec<RoleRow> = sql.push(" ORDER BY r.name_key").build_query_as().fetch_all(tx.connection()).await?;
    Ok(rows.into_iter().map(StoredRole::from).collect())
}

/// One of them.
pub async fn find<R: Realm>(tx: &mut ReadTx<R>, id: RoleId) -> Result<Option<StoredRole>> {
    let mut sql = sqlx::QueryBuilder::new(COLUMNS);
    let row: Option<RoleRow> =
        sql.push(" AND r.id = ").push_bind(id.uuid()).build_query_as().fetch_optional(tx.connection()).await?;
    Ok(row.map(StoredRole::from))
}

/// What decisions are made from: the roles, without who holds them.
pub async fn definitions<R: Realm>(tx: &mut ReadTx<R>) -> Result<Vec<RoleDefinition>> {
    #[derive(FromRow)]
    struct Row {
        id: Uuid,
        name: String,
        inherits: Vec<Uuid>,
        grants: Json<Vec<Grant>>,
    }
    let rows: Vec<Row> =
        sqlx::query_as("SELECT id, name, inherits, grants FROM roles WHERE org_id = (SELECT app.org_id())")
            .fetch_all(tx.connection())
            .await?;
    let definition = |row: Row| RoleDefinition {
        id: Id::from_uuid(row.id),
        name: row.name,
        inherits: row.inherits.into_iter().map(Id::from_uuid).collect(),
        grants: row.grants.0,
    };
    Ok(rows.into_iter().map(definition).collect())
}

/// Begins a change of roles or of who holds them: until this transaction ends no other one changes either, so what is
/// checked from here on is still true when it commits. The answer is the number of what is there, as `app.enter()` says it.
pub async fn lock(tx: &mut WriteTx) -> Result<i64> {
    // What exists stays while it is given to somebody. A statement of its own: the next one is to see what this waited for.
    sqlx::query("SELECT pg_advisory_xact_lock_shared(hashtextextended('bulkhead.resource_types', 0))")
        .execute(tx.connection())
        .await?;
    let sql = "SELECT roles_version + (SELECT version FROM resource_registry) FROM orgs
               WHERE id = (SELECT app.org_id()) FOR NO KEY UPDATE";
    Ok(sqlx::query_scalar(sql).fetch_one(tx.connection()).await?)
}

/// Says that what roles allow is another than before: every process reads it anew for the next request. Who holds one
/// comes with each request anyway.
pub async fn changed(tx: &mut WriteTx) -> Result<()> {
    let sql = "UPDATE orgs SET roles_version = roles_version + 1 WHERE id = (SELECT app.org_id())";
    sqlx::query(sql).execute(tx.connection()).await?;
    Ok(())
}

/// Makes a role.
///
/// # Errors
/// A taken name is [`bulkhead_model::error::Conflict::NameTaken`].
pub async fn insert(tx: &mut WriteTx, role: &NewRole<'_>) -> Result<()> {
    let now = tx.now();
    sqlx::query(
        "INSERT INTO roles (id, name, name_key, description, inherits, grants, created_at, updated_at, updated_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8)",
    )
    .bind(role.definition.id.uuid())
    .bind(&role.definition.name)
    .bind(role.name_key)
    .bind(role.description)
    .bind(parents(role.definition))
    .bind(Json(&role.definition.grants))
    .bind(now)
    .bind(role.by)
    .execute(tx.connection())
    .await?;
    save_version(tx, role).await
}

/// Changes a role that still has the version somebody saw; whether it had.
///
/// # Errors
/// A taken name is [`bulkhead_model::error::Conflict::NameTaken`].
pub async fn update(tx: &mut WriteTx, seen: i32, role: &NewRole<'_>) -> Result<bool> {
    let now = tx.now();
    let updated = sqlx::query(
        "UPDATE roles SET name = $3, name_key = $4, description = $5, inherits = $6, grants = $7, updated_at = $8,
                          updated_by = $9, version = version + 1
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND version = $2",
    )
    .bind(role.definition.id.uuid())
    .bind(seen)
    .bind(&role.definition.name)
    .bind(role.name_key)
    .bind(role.description)
    .bind(parents(role.definition))
    .bind(Json(&role.definition.grants))
    .bind(now)
    .bind(role.by)
    .execute(tx.connection())
    .await?;
    if updated.rows_affected() == 0 {
        return Ok(false);
    }
    save_version(tx, role).await?;
    Ok(true)
}

fn parents(definition: &RoleDefinition) -> Vec<Uuid> {
    definition.inherits.iter().map(|parent| parent.uuid()).collect()
}

/// Keeps the role as it was written just now.
async fn save_version(tx: &mut WriteTx, role: &NewRole<'_>) -> Result<()> {
    sqlx::query(
        "INSERT INTO role_versions (role_id, version, name, description, inherits, grants, reason, saved_at, saved_by)
         SELECT id, version, name, description, inherits, grants, $2, updated_at, updated_by
         FROM roles WHERE org_id = (SELECT app.org_id()) AND id = $1",
    )
    .bind(role.definition.id.uuid())
    .bind(role.reason)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Deletes a role that still has the version somebody saw; whether it had. Who holds it holds it no more; its versions
/// stay.
pub async fn delete(tx: &mut WriteTx, id: RoleId, seen: i32) -> Result<bool> {
    let deleted = sqlx::query("DELETE FROM roles WHERE org_id = (SELECT app.org_id()) AND id = $1 AND version = $2")
        .bind(id.uuid())
        .bind(seen)
        .execute(tx.connection())
        .await?;
    Ok(deleted.rows_affected() == 1)
}

/// Every state that was saved, the newest first.
pub async fn versions<R: Realm>(tx: &mut ReadTx<R>, id: RoleId) -> Result<Vec<RoleVersion>> {
    #[derive(FromRow)]
    struct Row {
        version: i32,
        name: String,
        description: String,
        inherits: Vec<Uuid>,
        grants: Json<Vec<Grant>>,
        reason: String,
        saved_at: OffsetDateTime,
        saved_by: String,
    }
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT version, name, description, inherits, grants, reason, saved_at, saved_by FROM role_versions
         WHERE org_id = (SELECT app.org_id()) AND role_id = $1 ORDER BY version DESC",
    )
    .bind(id.uuid())
    .fetch_all(tx.connection())
    .await?;
    let version = |row: Row| RoleVersion {
        version: row.version,
        definition: RoleDefinition {
            id,
            name: row.name,
            inherits: row.inherits.into_iter().map(Id::from_uuid).collect(),
            grants: row.grants.0,
        },
        description: row.description,
        reason: row.reason,
        saved_at: row.saved_at,
        saved_by: row.saved_by,
    };
    Ok(rows.into_iter().map(version).collect())
}

//! Resource types of the services behind this control plane, the same in every organization.

use crate::{
    Error, Operator, Result,
    tx::{ReadTx, Realm, WriteTx},
};
use bulkhead_model::access::{RegisteredAction, RegisteredAttribute, ResourceSchema, ResourceType, StoredResourceType};
use sqlx::{FromRow, types::Json};
use time::OffsetDateTime;

#[derive(FromRow)]
struct TypeRow {
    name: String,
    label: String,
    description: String,
    actions: Json<Vec<RegisteredAction>>,
    attributes: Json<Vec<RegisteredAttribute>>,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    updated_by: String,
    version: i32,
}

impl TryFrom<TypeRow> for StoredResourceType {
    type Error = Error;
    fn try_from(row: TypeRow) -> Result<Self> {
        let schema = ResourceSchema {
            name: row.name.parse().map_err(|_| Error::Corrupt { what: "resource_types.name" })?,
            label: row.label,
            description: row.description,
            actions: row.actions.0,
            attributes: row.attributes.0,
        };
        Ok(Self {
            schema,
            created_at: row.created_at,
            updated_at: row.updated_at,
            updated_by: row.updated_by,
            version: row.version,
        })
    }
}

/// All of them, by name.
pub async fn list<R: Realm>(tx: &mut ReadTx<R>) -> Result<Vec<StoredResourceType>> {
    let rows: Vec<TypeRow> = sqlx::query_as(
        "SELECT name, label, description, actions, attributes, created_at, updated_at, updated_by, version
         FROM resource_types ORDER BY name",
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(StoredResourceType::try_from).collect()
}

/// Begins a change of what is registered: until this transaction ends no other one changes it either. Every process reads
/// every organization's roles anew afterwards.
pub async fn change(tx: &mut WriteTx<Operator>) -> Result<()> {
    // Whoever gives something to a role holds the same lock shared (`access::lock`): what a role mentions cannot go meanwhile.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended('bulkhead.resource_types', 0))")
        .execute(tx.connection())
        .await?;
    sqlx::query("UPDATE resource_registry SET version = version + 1").execute(tx.connection()).await?;
    Ok(())
}

/// Registers a type.
///
/// # Errors
/// A taken name is [`bulkhead_model::error::Conflict::NameTaken`].
pub async fn insert(tx: &mut WriteTx<Operator>, schema: &ResourceSchema, by: &str) -> Result<()> {
    let now = tx.now();
    sqlx::query(
        "INSERT INTO resource_types (name, label, description, actions, attributes, created_at, updated_at, updated_by)
         VALUES ($1, $2, $3, $4, $5, $6, $6, $7)",
    )
    .bind(schema.name.as_str())
    .bind(&schema.label)
    .bind(&schema.description)
    .bind(Json(&schema.actions))
    .bind(Json(&schema.attributes))
    .bind(now)
    .bind(by)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Changes a type that still has the version somebody saw; whether it had.
pub async fn update(tx: &mut WriteTx<Operator>, schema: &ResourceSchema, seen: i32, by: &str) -> Result<bool> {
    let now = tx.now();
    let updated = sqlx::query(
        "UPDATE resource_types SET label = $3, description = $4, actions = $5, attributes = $6, updated_at = $7,
                                   updated_by = $8, version = version + 1
         WHERE name = $1 AND version = $2",
    )
    .bind(schema.name.as_str())
    .bind(seen)
    .bind(&schema.label)
    .bind(&schema.description)
    .bind(Json(&schema.actions))
    .bind(Json(&schema.attributes))
    .bind(now)
    .bind(by)
    .execute(tx.connection())
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Takes a type out that still has the version somebody saw; whether it had.
pub async fn delete(tx: &mut WriteTx<Operator>, name: &ResourceType, seen: i32) -> Result<bool> {
    let sql = "DELETE FROM resource_types WHERE name = $1 AND version = $2";
    let deleted = sqlx::query(sql).bind(name.as_str()).bind(seen).execute(tx.connection()).await?;
    Ok(deleted.rows_affected() == 1)
}

/// Where permissions are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, FromRow)]
pub struct Mentions {
    /// Roles that say something about one of them.
    pub roles: i64,
    /// Conflicts of duties that are about one of them.
    pub conflicts: i64,
    /// The organizations whose these are.
    pub orgs: i64,
}

/// How many roles and conflicts of duties, of how many organizations, name any of these permissions.
pub async fn mentions(tx: &mut ReadTx<Operator>, permissions: &[String]) -> Result<Mentions> {
    Ok(sqlx::query_as(
        "SELECT count(*) FILTER (WHERE of_role) AS roles, count(*) FILTER (WHERE NOT of_role) AS conflicts,
                count(DISTINCT org_id) AS orgs
         FROM (SELECT r.org_id, true AS of_role FROM roles r
               WHERE EXISTS (SELECT FROM jsonb_array_elements(r.grants) AS line WHERE line ->> 'permission' = ANY($1))
               UNION ALL
               SELECT c.org_id, false FROM duty_conflicts c WHERE c.first = ANY($1) OR c.second = ANY($1)) AS named",
    )
    .bind(permissions)
    .fetch_one(tx.connection())
    .await?)
}

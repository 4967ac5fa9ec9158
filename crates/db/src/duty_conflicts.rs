//! Duties that exclude each other. Who holds both is [`access`](crate::access)' to say.

use crate::{
    Error, Result,
    tx::{ReadTx, WriteTx},
};
use bulkhead_model::{
    DutyConflictId, Id,
    duty::{DutyConflict, DutyPair, DutyRule},
};
use sqlx::FromRow;
use time::OffsetDateTime;
use uuid::Uuid;

/// A conflict as it is written down.
#[derive(Debug, Clone, Copy)]
pub struct NewDutyConflict<'a> {
    /// What people call it.
    pub name: &'a str,
    /// What looks like the same name has the same key.
    pub name_key: &'a str,
    /// What no one person should hold together.
    pub pair: &'a DutyPair,
    /// Why not.
    pub why: &'a str,
    /// What happens to a change by which somebody would.
    pub rule: DutyRule,
    /// Who writes it.
    pub by: &'a str,
}

#[derive(FromRow)]
struct DutyConflictRow {
    id: Uuid,
    name: String,
    first: String,
    second: String,
    why: String,
    rule: String,
    created_at: OffsetDateTime,
    created_by: String,
    updated_at: OffsetDateTime,
    updated_by: String,
    version: i32,
}

impl TryFrom<DutyConflictRow> for DutyConflict {
    type Error = Error;
    fn try_from(row: DutyConflictRow) -> Result<Self> {
        let pair = row.first.parse().ok().zip(row.second.parse().ok());
        let pair = pair.and_then(|(first, second)| DutyPair::new(first, second));
        Ok(Self {
            id: Id::from_uuid(row.id),
            name: row.name,
            pair: pair.ok_or(Error::Corrupt { what: "duty_conflicts.first" })?,
            why: row.why,
            rule: DutyRule::from_code(&row.rule).ok_or(Error::Corrupt { what: "duty_conflicts.rule" })?,
            created_at: row.created_at,
            created_by: row.created_by,
            updated_at: row.updated_at,
            updated_by: row.updated_by,
            version: row.version,
        })
    }
}

/// All of them, by name.
pub async fn list(tx: &mut ReadTx) -> Result<Vec<DutyConflict>> {
    let rows: Vec<DutyConflictRow> = sqlx::query_as(
        "SELECT id, name, first, second, why, rule, created_at, created_by, updated_at, updated_by, version
         FROM duty_conflicts WHERE org_id = (SELECT app.org_id()) ORDER BY name_key",
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(DutyConflict::try_from).collect()
}

/// Writes one down.
///
/// # Errors
/// A taken name is [`bulkhead_model::error::Conflict::NameTaken`].
pub async fn insert(tx: &mut WriteTx, id: DutyConflictId, new: NewDutyConflict<'_>) -> Result<()> {
    let now = tx.now();
    sqlx::query(
        "INSERT INTO duty_conflicts (id, name, name_key, first, second, why, rule, created_at, created_by, updated_at, updated_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $8, $9)",
    )
    .bind(id.uuid())
    .bind(new.name)
    .bind(new.name_key)
    .bind(new.pair.first().to_string())
    .bind(new.pair.second().to_string())
    .bind(new.why)
    .bind(new.rule.code())
    .bind(now)
    .bind(new.by)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Changes one that still has the version somebody saw; whether it had.
///
/// # Errors
/// A taken name is [`bulkhead_model::error::Conflict::NameTaken`].
pub async fn update(tx: &mut WriteTx, id: DutyConflictId, seen: i32, new: NewDutyConflict<'_>) -> Result<bool> {
    let now = tx.now();
    let updated = sqlx::query(
        "UPDATE duty_conflicts SET name = $3, name_key = $4, first = $5, second = $6, why = $7, rule = $8, updated_at = $9,
                                   updated_by = $10, version = version + 1
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND version = $2",
    )
    .bind(id.uuid())
    .bind(seen)
    .bind(new.name)
    .bind(new.name_key)
    .bind(new.pair.first().to_string())
    .bind(new.pair.second().to_string())
    .bind(new.why)
    .bind(new.rule.code())
    .bind(now)
    .bind(new.by)
    .execute(tx.connection())
    .await?;
    Ok(updated.rows_affected() == 1)
}

/// Deletes one that still has the version somebody saw; whether it had.
pub async fn delete(tx: &mut WriteTx, id: DutyConflictId, seen: i32) -> Result<bool> {
    let sql = "DELETE FROM duty_conflicts WHERE org_id = (SELECT app.org_id()) AND id = $1 AND version = $2";
    let deleted = sqlx::query(sql).bind(id.uuid()).bind(seen).execute(tx.connection()).await?;
    Ok(deleted.rows_affected() == 1)
}

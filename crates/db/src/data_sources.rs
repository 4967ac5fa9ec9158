//! Registered databases of somebody else's, in the platform organization.

use crate::{Error, Operator, ReadTx, Result, WriteTx, foreign::Profile};
use bulkhead_model::{
    DataSourceId, Id, OrgName,
    isolation::{Acceptance, DataSource},
};
use sqlx::{FromRow, types::Json};
use time::OffsetDateTime;
use uuid::Uuid;

/// The most that are kept: the list is one page.
pub const MOST: i64 = 100;

/// A data source as it is written down.
#[derive(Debug, Clone)]
pub struct NewDataSource {
    /// What people call it.
    pub name: OrgName,
    /// `user@host:port/database`.
    pub place: String,
    /// What it is measured by.
    pub profile: Profile,
    /// What its proofs accept.
    pub accepted: Vec<Acceptance>,
    /// Both as somebody wrote them.
    pub profile_text: String,
}

/// What it takes to look at one.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Its address, encrypted.
    pub address: Vec<u8>,
    /// What it is measured by.
    pub profile: Profile,
    /// What its proofs accept.
    pub accepted: Vec<Acceptance>,
}

/// Registers one.
///
/// # Errors
/// A taken name is [`bulkhead_model::error::Conflict::NameTaken`], one too many [`bulkhead_model::error::Conflict::QuotaReached`].
pub async fn insert(
    tx: &mut WriteTx<Operator>,
    id: DataSourceId,
    new: &NewDataSource,
    address: &[u8],
    by: &str,
) -> Result<()> {
    let now = tx.now();
    let inserted = sqlx::query(
        "INSERT INTO data_sources (id, name, name_norm, place, address, profile, profile_text, created_by, created_at, updated_at,
                                   accepted_attacks)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $11
         WHERE (SELECT count(*) FROM data_sources WHERE org_id = (SELECT app.org_id())) < $10",
    )
    .bind(id.uuid())
    .bind(new.name.as_str())
    .bind(new.name.norm())
    .bind(&new.place)
    .bind(address)
    .bind(Json(&new.profile))
    .bind(&new.profile_text)
    .bind(by)
    .bind(now)
    .bind(MOST)
    .bind(Json(&new.accepted))
    .execute(tx.connection())
    .await?;
    match inserted.rows_affected() {
        0 => Err(Error::Conflict(bulkhead_model::error::Conflict::QuotaReached)),
        _ => Ok(()),
    }
}

/// Changes one; without a new address it keeps the one it has. `false` when the version is not the one seen.
///
/// # Errors
/// A taken name is [`bulkhead_model::error::Conflict::NameTaken`].
pub async fn update(
    tx: &mut WriteTx<Operator>,
    id: DataSourceId,
    seen: i32,
    new: &NewDataSource,
    address: Option<&[u8]>,
) -> Result<bool> {
    let now = tx.now();
    let done = sqlx::query(
        "UPDATE data_sources SET name = $3, name_norm = $4, place = $5, address = coalesce($6, address), profile = $7,
             profile_text = $8, updated_at = $9, accepted_attacks = $10, version = version + 1
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND version = $2",
    )
    .bind(id.uuid())
    .bind(seen)
    .bind(new.name.as_str())
    .bind(new.name.norm())
    .bind(&new.place)
    .bind(address)
    .bind(Json(&new.profile))
    .bind(&new.profile_text)
    .bind(now)
    .bind(Json(&new.accepted))
    .execute(tx.connection())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Forgets one, its password included. `false` when the version is not the one seen.
pub async fn delete(tx: &mut WriteTx<Operator>, id: DataSourceId, seen: i32) -> Result<bool> {
    let sql = "DELETE FROM data_sources WHERE org_id = (SELECT app.org_id()) AND id = $1 AND version = $2";
    let done = sqlx::query(sql).bind(id.uuid()).bind(seen).execute(tx.connection()).await?;
    Ok(done.rows_affected() == 1)
}

/// All of them, by name.
pub async fn list(tx: &mut ReadTx<Operator>) -> Result<Vec<DataSource>> {
    let rows: Vec<SourceRow> = sqlx::query_as(
        "SELECT id, name, place, profile_text, created_by, created_at, updated_at, version FROM data_sources
         WHERE org_id = (SELECT app.org_id()) ORDER BY name_norm",
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(DataSource::try_from).collect()
}

/// One of them.
pub async fn find(tx: &mut ReadTx<Operator>, id: DataSourceId) -> Result<Option<DataSource>> {
    let row: Option<SourceRow> = sqlx::query_as(
        "SELECT id, name, place, profile_text, created_by, created_at, updated_at, version FROM data_sources
         WHERE org_id = (SELECT app.org_id()) AND id = $1",
    )
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    row.map(DataSource::try_from).transpose()
}

/// What it takes to look at one.
pub async fn opening(tx: &mut ReadTx<Operator>, id: DataSourceId) -> Result<Option<Opening>> {
    let row: Option<OpeningRow> = sqlx::query_as(
        "SELECT address, profile, accepted_attacks FROM data_sources WHERE org_id = (SELECT app.org_id()) AND id = $1",
    )
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|OpeningRow { address, profile, accepted_attacks }| Opening {
        address,
        profile: profile.0,
        accepted: accepted_attacks.0,
    }))
}

#[derive(FromRow)]
struct OpeningRow {
    address: Vec<u8>,
    profile: Json<Profile>,
    accepted_attacks: Json<Vec<Acceptance>>,
}

#[derive(FromRow)]
struct SourceRow {
    id: Uuid,
    name: String,
    place: String,
    profile_text: String,
    created_by: String,
    created_at: OffsetDateTime,
    updated_at: OffsetDateTime,
    version: i32,
}

impl TryFrom<SourceRow> for DataSource {
    type Error = Error;
    fn try_from(row: SourceRow) -> Result<Self> {
        Ok(Self {
            id: Id::from_uuid(row.id),
            name: OrgName::parse(&row.name).map_err(|_| Error::Corrupt { what: "data_sources.name" })?,
            place: row.place,
            profile_text: row.profile_text,
            created_by: row.created_by,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}

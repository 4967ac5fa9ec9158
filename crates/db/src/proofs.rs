//! Runs of the prover, in the platform organization.

use crate::{
    Error, Operator, ReadTx, Result,
    audit::v7,
    foreign::Proven,
    tx::{SystemTx, WriteTx},
};
use bulkhead_model::{
    Id, ProofId,
    isolation::{Counts, Proof, ProofRun, RunStatus, Standing},
};
use sqlx::FromRow;
use time::{Duration, OffsetDateTime};
use uuid::Uuid;

/// A run that said nothing for this long has died with its server.
const SILENCE: Duration = Duration::minutes(5);

/// Begins a run, or answers `None` when one is running. A run whose server died is closed first.
pub async fn begin(tx: &mut WriteTx<Operator>, requested_by: Option<&str>) -> Result<Option<ProofId>> {
    let now = tx.now();
    sqlx::query(
        "UPDATE proofs SET status = 'failed', finished_at = $1, failure = 'The server stopped while the run lasted.'
         WHERE org_id = (SELECT app.org_id()) AND status = 'running' AND heard_at < $2",
    )
    .bind(now)
    .bind(now - SILENCE)
    .execute(tx.connection())
    .await?;
    let id: Option<Uuid> = sqlx::query_scalar(
        "INSERT INTO proofs (id, requested_by, started_at, heard_at) VALUES ($1, $2, $3, $3)
         ON CONFLICT (org_id) WHERE status = 'running' DO NOTHING RETURNING id",
    )
    .bind(v7(now))
    .bind(requested_by)
    .bind(now)
    .fetch_optional(tx.connection())
    .await?;
    Ok(id.map(Id::from_uuid))
}

/// Says how far a run is.
pub async fn hear(tx: &mut SystemTx, id: ProofId, doing: &str, done: usize, total: usize) -> Result<()> {
    let (now, count) = (tx.now(), |n: usize| i32::try_from(n).unwrap_or(i32::MAX));
    sqlx::query(
        "UPDATE proofs SET heard_at = $2, doing = left($3, 400), cells_done = $4, cells_total = $5
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND status = 'running'",
    )
    .bind(id.uuid())
    .bind(now)
    .bind(doing)
    .bind(count(done))
    .bind(count(total))
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Keeps a finished proof: what the list shows of it, and the signed file.
pub async fn finish(tx: &mut SystemTx, id: ProofId, proof: &Proof, document: &[u8]) -> Result<()> {
    let (now, count) = (tx.now(), |n: u32| i32::try_from(n).unwrap_or(i32::MAX));
    let Counts { held, leaked, accepted, unproven } = proof.counts;
    sqlx::query(
        "UPDATE proofs SET status = 'finished', heard_at = $2, finished_at = $2, doing = '', cells_done = $3, cells_total = $3,
             catalogue_hash = $4, standing = $5, sentence = $6, held = $7, leaked = $8, accepted = $9, unproven = $10, document = $11
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND status = 'running'",
    )
    .bind(id.uuid())
    .bind(now)
    .bind(count(proof.counts.total()))
    .bind(&proof.catalogue_hash)
    .bind(code(proof.standing()))
    .bind(proof.verdict())
    .bind(count(held))
    .bind(count(leaked))
    .bind(count(accepted))
    .bind(count(unproven))
    .bind(document)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Closes a run that made no proof.
pub async fn fail(tx: &mut SystemTx, id: ProofId, why: &str) -> Result<()> {
    let now = tx.now();
    sqlx::query(
        "UPDATE proofs SET status = 'failed', heard_at = $2, finished_at = $2, doing = '', failure = left($3, 2000)
         WHERE org_id = (SELECT app.org_id()) AND id = $1 AND status = 'running'",
    )
    .bind(id.uuid())
    .bind(now)
    .bind(why)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The latest runs, the newest first, at most 100.
pub async fn list(tx: &mut ReadTx<Operator>) -> Result<Vec<ProofRun>> {
    let rows: Vec<RunRow> =
        sqlx::query_as("SELECT * FROM proofs WHERE org_id = (SELECT app.org_id()) ORDER BY id DESC LIMIT 100")
            .fetch_all(tx.connection())
            .await?;
    rows.into_iter().map(ProofRun::try_from).collect()
}

/// One run.
pub async fn find(tx: &mut ReadTx<Operator>, id: ProofId) -> Result<Option<ProofRun>> {
    let row: Option<RunRow> = sqlx::query_as("SELECT * FROM proofs WHERE org_id = (SELECT app.org_id()) AND id = $1")
        .bind(id.uuid())
        .fetch_optional(tx.connection())
        .await?;
    row.map(ProofRun::try_from).transpose()
}

/// The signed file of a finished run.
pub async fn document(tx: &mut ReadTx<Operator>, id: ProofId) -> Result<Option<Vec<u8>>> {
    let document: Option<Option<Vec<u8>>> =
        sqlx::query_scalar("SELECT document FROM proofs WHERE org_id = (SELECT app.org_id()) AND id = $1")
            .bind(id.uuid())
            .fetch_optional(tx.connection())
            .await?;
    Ok(document.flatten())
}

/// The finished run before this one.
pub async fn before(tx: &mut ReadTx<Operator>, id: ProofId) -> Result<Option<ProofId>> {
    let id: Option<Uuid> = sqlx::query_scalar(
        "SELECT id FROM proofs WHERE org_id = (SELECT app.org_id()) AND id < $1 AND status = 'finished' ORDER BY id DESC LIMIT 1",
    )
    .bind(id.uuid())
    .fetch_optional(tx.connection())
    .await?;
    Ok(id.map(Id::from_uuid))
}

/// Of the latest finished run: when it began, and the catalogue it speaks about.
pub async fn latest(tx: &mut ReadTx<Operator>) -> Result<Option<(OffsetDateTime, String)>> {
    Ok(sqlx::query_as(
        "SELECT started_at, catalogue_hash FROM proofs
         WHERE org_id = (SELECT app.org_id()) AND status = 'finished' ORDER BY id DESC LIMIT 1",
    )
    .fetch_optional(tx.connection())
    .await?)
}

/// What the latest finished run attacked.
pub async fn latest_proven(tx: &mut ReadTx<Operator>) -> Result<Option<Proven>> {
    let row: Option<(String, Vec<String>)> = sqlx::query_as(
        "SELECT catalogue_hash, ARRAY(SELECT DISTINCT cell ->> 'subject'
                                      FROM jsonb_array_elements(convert_from(document, 'UTF8')::jsonb #> '{proof,cells}') cell)
         FROM proofs WHERE org_id = (SELECT app.org_id()) AND status = 'finished' ORDER BY id DESC LIMIT 1",
    )
    .fetch_optional(tx.connection())
    .await?;
    Ok(row.map(|(catalogue_hash, tables)| Proven { catalogue_hash, tables }))
}

/// When the latest run began, however it ended.
pub async fn latest_begun(tx: &mut ReadTx<Operator>) -> Result<Option<OffsetDateTime>> {
    let sql = "SELECT started_at FROM proofs WHERE org_id = (SELECT app.org_id()) ORDER BY id DESC LIMIT 1";
    Ok(sqlx::query_scalar(sql).fetch_optional(tx.connection()).await?)
}

const fn code(standing: Standing) -> &'static str {
    match standing {
        Standing::Red => "red",
        Standing::Incomplete => "incomplete",
        Standing::Green => "green",
    }
}

#[derive(FromRow)]
struct RunRow {
    id: Uuid,
    status: String,
    requested_by: Option<String>,
    started_at: OffsetDateTime,
    finished_at: Option<OffsetDateTime>,
    doing: String,
    cells_done: i32,
    cells_total: i32,
    catalogue_hash: Option<String>,
    standing: Option<String>,
    sentence: Option<String>,
    held: i32,
    leaked: i32,
    accepted: i32,
    unproven: i32,
    failure: Option<String>,
}

impl TryFrom<RunRow> for ProofRun {
    type Error = Error;
    fn try_from(row: RunRow) -> Result<Self> {
        let count = |n: i32| u32::try_from(n).unwrap_or_default();
        let standing = match row.standing.as_deref() {
            None => None,
            Some("red") => Some(Standing::Red),
            Some("incomplete") => Some(Standing::Incomplete),
            Some("green") => Some(Standing::Green),
            Some(_) => return Err(Error::Corrupt { what: "proofs.standing" }),
        };
        Ok(Self {
            id: Id::from_uuid(row.id),
            status: RunStatus::from_code(&row.status).ok_or(Error::Corrupt { what: "proofs.status" })?,
            requested_by: row.requested_by,
            started_at: row.started_at,
            finished_at: row.finished_at,
            doing: row.doing,
            progress: (count(row.cells_done), count(row.cells_total)),
            catalogue_hash: row.catalogue_hash,
            standing,
            sentence: row.sentence,
            counts: Counts {
                held: count(row.held),
                leaked: count(row.leaked),
                accepted: count(row.accepted),
                unproven: count(row.unproven),
            },
            failure: row.failure,
        })
    }
}

//! Proofs of isolation: the runs, one with what it found, its signed file, and what changed since the one before. Of this
//! product's own database; those of data sources are in [`source`]. For operators.

pub mod source;

use super::{
    body::{self, NoBody},
    error::{ApiError, ApiResult},
    isolation::no_inspector,
    list::{List, Query},
    target::{self, Known, Named, UNVERSIONED},
    words,
};
use crate::problem::{Code, Problem};
use axum::{
    extract::Extension,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use bulkhead_domain::{Error, OperatorCtx, isolation::Subject, proofs};
use bulkhead_model::{
    DataSourceId, ProofId,
    id::ProofKind,
    isolation::{Counts, Proof, ProofDifference, ProofRun, ProvenSource, RunStatus, Standing},
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// The data source that a run is about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProvenSource)]
pub struct Source {
    /// Its id; null when it was removed since.
    #[schema(required, value_type = Option<Uuid>)]
    id: Option<DataSourceId>,
    /// What it was called when the run began.
    #[schema(example = "Shop, production")]
    name: String,
}

impl From<ProvenSource> for Source {
    fn from(ProvenSource { id, name }: ProvenSource) -> Self {
        Self { id, name }
    }
}

/// A run of the prover.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProofRun)]
pub struct Run {
    /// Its id; ids sort in time.
    #[schema(value_type = Uuid)]
    id: ProofId,
    /// The data source it is about; null for this product's own database.
    #[schema(required)]
    data_source: Option<Source>,
    /// Where it is.
    #[schema(value_type = words::RunStatus)]
    status: RunStatus,
    /// The address of the operator who asked for it; null where the schedule or a changed catalogue did.
    #[schema(required, example = "ana@example.com")]
    requested_by: Option<String>,
    /// When it began.
    #[serde(with = "time::serde::rfc3339")]
    started_at: OffsetDateTime,
    /// When it ended.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    finished_at: Option<OffsetDateTime>,
    /// What it is doing, in words; empty once it has ended.
    doing: String,
    /// Attacks that are settled.
    settled: u32,
    /// All attacks; 0 while they are not known.
    total: u32,
    /// SHA-256 of the catalogue it speaks about, in hexadecimal; known at the end.
    #[schema(required)]
    catalogue_hash: Option<String>,
    /// What it comes to; known at the end.
    #[schema(required)]
    standing: Option<Standing>,
    /// The same in a sentence.
    #[schema(required)]
    sentence: Option<String>,
    /// How the attacks ended.
    counts: Counts,
    /// Why it failed.
    #[schema(required)]
    failure: Option<String>,
}

impl From<ProofRun> for Run {
    fn from(run: ProofRun) -> Self {
        let ProofRun { id, source, status, requested_by, started_at, finished_at, doing, progress, .. } = run;
        let ProofRun { catalogue_hash, standing, sentence, counts, failure, .. } = run;
        let (settled, total) = progress;
        Self {
            id,
            data_source: source.map(Source::from),
            status,
            requested_by,
            started_at,
            finished_at,
            doing,
            settled,
            total,
            catalogue_hash,
            standing,
            sentence,
            counts,
            failure,
        }
    }
}

/// A run with what it found.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProofDetail)]
pub struct Detail {
    #[serde(flatten)]
    run: Run,
    /// What it found, attack by attack; null while it lasts and where it failed.
    #[schema(required)]
    proof: Option<Proof>,
}

/// What makes proofs, and whether the latest still holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Prover {
    /// Whether runs can be started: an address is set for the inspector.
    possible: bool,
    /// Whether the catalogue still is the one that the latest finished run speaks about; null where that is not known.
    #[schema(required)]
    current: Option<bool>,
    /// The fingerprint of the key that signs.
    key: String,
}

/// A proof as it is signed and kept. `bulkhead proof verify FILE` checks it offline, byte by byte: keep it as it came.
#[derive(Debug, ToSchema)]
#[schema(as = SignedProof)]
pub struct SignedFile {
    /// `bulkhead-proof/1`; `bulkhead-proof/2` where the proof names a data source.
    pub format: String,
    /// What is signed.
    pub proof: Proof,
    /// The public key it is signed with, Ed25519, in hexadecimal.
    pub key: String,
    /// The signature, in hexadecimal.
    pub signature: String,
}

async fn page(ctx: &OperatorCtx, subject: Subject, mut query: Query) -> ApiResult {
    let page = query.page("proofs")?;
    let found = proofs::page(ctx, subject, &page).await?;
    Ok(query.answer("proofs", found.page.map(Run::from), found.count))
}

/// The answer to asking for a run, below the path of the runs.
async fn begun(ctx: &OperatorCtx, subject: Subject, path: &str, id: ProofId) -> ApiResult {
    let run = Run::from(proofs::find(ctx, subject, id).await?.run);
    Ok(target::created(&format!("{path}/{id}"), UNVERSIONED, &run))
}

async fn one(ctx: &OperatorCtx, subject: Subject, id: ProofId, known: &Known) -> ApiResult {
    let proofs::ProofDetail { run, proof, .. } = proofs::find(ctx, subject, id).await?;
    Ok(known.answer(UNVERSIONED, &Detail { run: run.into(), proof }))
}

async fn changes(ctx: &OperatorCtx, subject: Subject, id: ProofId, known: &Known) -> ApiResult {
    let difference = proofs::find(ctx, subject, id).await?.difference.ok_or_else(ApiError::not_found)?;
    Ok(known.answer(UNVERSIONED, &difference))
}

/// List the proofs
///
/// Runs of the prover on this product's own database, the newest first, and those of data sources that were removed.
#[utoipa::path(
    get, path = "/api/v1/proofs", operation_id = "list_proofs", tag = "Proofs",
    params(super::openapi::Places),
    responses((status = 200, description = "A page of runs", body = List<Run>)),
)]
pub async fn list(Extension(ctx): Extension<OperatorCtx>, query: Query) -> ApiResult {
    page(&ctx, Subject::Own, query).await
}

/// Prove isolation
///
/// Starts a run, which goes on after the answer; read it to see how far it is. While one lasts no other begins.
#[utoipa::path(
    post, path = "/api/v1/proofs", operation_id = "start_proof", tag = "Proofs",
    responses((status = 201, description = "The run; `Location` names it", body = Run)),
)]
pub async fn start(Extension(ctx): Extension<OperatorCtx>, _: NoBody) -> ApiResult {
    let id = match proofs::start(&ctx).await.transpose() {
        None => return Err(Problem::new(Code::ProofRunning).into()),
        Some(Err(Error::NotFound)) => return Err(no_inspector()),
        Some(begun) => body::made(begun)?,
    };
    begun(&ctx, Subject::Own, "/api/v1/proofs", id).await
}

/// Read a proof
///
/// One run, with every attack on every table once it is finished.
#[utoipa::path(
    get, path = "/api/v1/proofs/{id}", operation_id = "get_proof", tag = "Proofs",
    params(("id" = Uuid, Path, description = "The run's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The run", body = Detail)),
)]
pub async fn find(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<ProofKind>, known: Known) -> ApiResult {
    one(&ctx, Subject::Own, id, &known).await
}

/// Compare a proof with the one before
///
/// What ended otherwise than in the finished run before. There is none while a run lasts, where it failed, and of the
/// first one.
#[utoipa::path(
    get, path = "/api/v1/proofs/{id}/difference", operation_id = "get_proof_difference", tag = "Proofs",
    params(("id" = Uuid, Path, description = "The run's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "What changed", body = ProofDifference)),
)]
pub async fn difference(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<ProofKind>,
    known: Known,
) -> ApiResult {
    changes(&ctx, Subject::Own, id, &known).await
}

/// Download a signed proof
///
/// The file as it was signed.
#[utoipa::path(
    get, path = "/api/v1/proofs/{id}/proof.json", operation_id = "download_proof", tag = "Proofs",
    params(("id" = Uuid, Path, description = "The run's id")),
    responses((status = 200, description = "The file", body = SignedFile)),
)]
pub async fn download(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<ProofKind>) -> ApiResult {
    Ok(file(id, proofs::document(&ctx, Subject::Own, id).await?))
}

/// A signed proof, to be kept under a name of its own.
pub fn file(id: ProofId, bytes: Vec<u8>) -> Response {
    let name = format!("attachment; filename=\"bulkhead-proof-{id}.json\"");
    ([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response()
}

/// Read what makes proofs
///
/// Of this product's own database.
#[utoipa::path(
    get, path = "/api/v1/prover", operation_id = "get_prover", tag = "Proofs",
    responses((status = 200, description = "The prover", body = Prover)),
)]
pub async fn prover(Extension(ctx): Extension<OperatorCtx>) -> ApiResult {
    let proofs::Prover { possible, current, key } = proofs::prover(&ctx).await?;
    Ok(target::shown(&Prover { possible, current, key }))
}

//! Proofs of data sources, below the data source.

use super::{Detail, Run, SignedFile, begun, changes, file, one, page};
use crate::{
    api::{
        body::{self, Json},
        error::{ApiError, ApiResult},
        list::{List, Query},
        openapi::{IfNoneMatch, Places},
        target::{self, Known, Named, param},
    },
    problem::{Code, Problem},
};
use axum::{
    extract::{Extension, FromRequestParts},
    http::request::Parts,
};
use bulkhead_domain::{OperatorCtx, isolation::Subject, proofs};
use bulkhead_model::{ProofId, id::DataSourceKind, isolation::ProofDifference};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The `{proof}` of the path.
#[derive(Debug)]
pub struct NamedProof(ProofId);

impl<S: Send + Sync> FromRequestParts<S> for NamedProof {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let id = param(parts, state, "proof").await?;
        id.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}

/// What a proof is to be made with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"passwords": {"shop_app": "secret"}}))]
pub struct SourceProofCreate {
    /// By role of the profile, the password it signs in with. A role without one is entered by `SET ROLE`, and what only a
    /// real sign-in can show is unproven. Used for this run alone, and not kept.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, String>)]
    passwords: BTreeMap<String, SecretString>,
}

/// What a proof would meet.
#[derive(Debug, Serialize, ToSchema)]
pub struct Prospect {
    /// Who signs in to make the copies.
    #[schema(example = "bulkhead")]
    user: String,
    /// The roles that would attack, as the profile names them.
    roles: Vec<Attacker>,
    /// Why a run could not even begin, each as a sentence.
    obstacles: Vec<String>,
    /// Why a run will probably fail, each as a sentence.
    doubts: Vec<String>,
}

/// A role as which a proof would attack.
#[derive(Debug, Serialize, ToSchema)]
pub struct Attacker {
    /// Its name.
    #[schema(example = "shop_app")]
    name: String,
    /// The server has it.
    exists: bool,
    /// It may sign in.
    signs_in: bool,
    /// Whoever makes the copies may become it with `SET ROLE`.
    is_entered: bool,
}

impl From<proofs::Prospect> for Prospect {
    fn from(prospect: proofs::Prospect) -> Self {
        let proofs::Prospect { user, roles, obstacles, doubts } = prospect;
        let roles = roles.into_iter().map(|role| {
            let proofs::Attacker { name, exists, signs_in, is_entered } = role;
            Attacker { name, exists, signs_in, is_entered }
        });
        Self { user, roles: roles.collect(), obstacles, doubts }
    }
}

/// Read what a proof of a data source would meet
///
/// Asked of its server now: rights that are missing, roles that are not there. Nothing is made.
#[utoipa::path(
    get, path = "/api/v1/data-sources/{id}/prospect", operation_id = "get_source_prospect", tag = "Data sources",
    params(("id" = Uuid, Path, description = "The data source's id")),
    responses((status = 200, description = "The prospect", body = Prospect)),
)]
pub async fn prospect(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<DataSourceKind>) -> ApiResult {
    Ok(target::shown(&Prospect::from(proofs::prospect(&ctx, id).await?)))
}

/// List the proofs of a data source
///
/// The newest first.
#[utoipa::path(
    get, path = "/api/v1/data-sources/{id}/proofs", operation_id = "list_source_proofs", tag = "Data sources",
    params(("id" = Uuid, Path, description = "The data source's id"), Places),
    responses((status = 200, description = "A page of runs", body = List<Run>)),
)]
pub async fn list(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<DataSourceKind>, query: Query) -> ApiResult {
    page(&ctx, Subject::Source(id), query).await
}

/// Prove the isolation of a data source
///
/// Attacks copies of its schema on its own server, which are dropped again. The run goes on after the answer; while one of
/// this data source lasts no other begins.
#[utoipa::path(
    post, path = "/api/v1/data-sources/{id}/proofs", operation_id = "start_source_proof", tag = "Data sources",
    params(("id" = Uuid, Path, description = "The data source's id")),
    request_body = SourceProofCreate,
    responses((status = 201, description = "The run; `Location` names it", body = Run)),
)]
pub async fn start(
    Extension(ctx): Extension<OperatorCtx>,
    Named(source): Named<DataSourceKind>,
    Json(new): Json<SourceProofCreate>,
) -> ApiResult {
    let started = proofs::start_of_source(&ctx, source, &new.passwords).await.transpose();
    let id = body::made(started.ok_or_else(|| Problem::new(Code::ProofRunning))?)?;
    begun(&ctx, Subject::Source(source), &format!("/api/v1/data-sources/{source}/proofs"), id).await
}

/// Read a proof of a data source
///
/// One run, with every attack on every table once it is finished.
#[utoipa::path(
    get, path = "/api/v1/data-sources/{id}/proofs/{proof}", operation_id = "get_source_proof", tag = "Data sources",
    params(
        ("id" = Uuid, Path, description = "The data source's id"),
        ("proof" = Uuid, Path, description = "The run's id"),
        IfNoneMatch,
    ),
    responses((status = 200, description = "The run", body = Detail)),
)]
pub async fn find(
    Extension(ctx): Extension<OperatorCtx>,
    Named(source): Named<DataSourceKind>,
    NamedProof(id): NamedProof,
    known: Known,
) -> ApiResult {
    one(&ctx, Subject::Source(source), id, &known).await
}

/// Compare a proof of a data source with the one before
///
/// What ended otherwise than in the finished run before. There is none while a run lasts, where it failed, and of the
/// first one.
#[utoipa::path(
    get, path = "/api/v1/data-sources/{id}/proofs/{proof}/difference", operation_id = "get_source_proof_difference",
    tag = "Data sources",
    params(
        ("id" = Uuid, Path, description = "The data source's id"),
        ("proof" = Uuid, Path, description = "The run's id"),
        IfNoneMatch,
    ),
    responses((status = 200, description = "What changed", body = ProofDifference)),
)]
pub async fn difference(
    Extension(ctx): Extension<OperatorCtx>,
    Named(source): Named<DataSourceKind>,
    NamedProof(id): NamedProof,
    known: Known,
) -> ApiResult {
    changes(&ctx, Subject::Source(source), id, &known).await
}

/// Download a signed proof of a data source
///
/// The file as it was signed.
#[utoipa::path(
    get, path = "/api/v1/data-sources/{id}/proofs/{proof}/proof.json", operation_id = "download_source_proof",
    tag = "Data sources",
    params(
        ("id" = Uuid, Path, description = "The data source's id"),
        ("proof" = Uuid, Path, description = "The run's id"),
    ),
    responses((status = 200, description = "The file", body = SignedFile)),
)]
pub async fn download(
    Extension(ctx): Extension<OperatorCtx>,
    Named(source): Named<DataSourceKind>,
    NamedProof(id): NamedProof,
) -> ApiResult {
    Ok(file(id, proofs::document(&ctx, Subject::Source(source), id).await?))
}

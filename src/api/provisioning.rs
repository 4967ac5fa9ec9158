//! How organizations are set up, and the plans they can be on. For operators.

use super::{body::NoBody, error::ApiResult, target, target::Named, words};
use axum::extract::Extension;
use bulkhead_domain::{OperatorCtx, orgs};
use bulkhead_model::{
    OrgId,
    id::OrgKind as Marker,
    org::{self, ProvisioningState, ProvisioningStep, StepStatus},
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// One step of provisioning.
#[derive(Debug, Serialize, ToSchema)]
pub struct Step {
    /// Which.
    #[schema(value_type = words::ProvisioningStep)]
    step: ProvisioningStep,
    /// How far.
    #[schema(value_type = words::StepStatus)]
    status: StepStatus,
    /// How often it was tried.
    attempts: i32,
    /// What it found or why it failed, in a sentence.
    #[schema(required)]
    detail: Option<String>,
    /// When it was done.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    finished_at: Option<OffsetDateTime>,
}

impl From<ProvisioningState> for Step {
    fn from(state: ProvisioningState) -> Self {
        let ProvisioningState { step, status, attempts, detail, finished_at } = state;
        Self { step, status, attempts, detail, finished_at }
    }
}

/// How far an organization is set up.
#[derive(Debug, Serialize, ToSchema)]
pub struct Provisioning {
    /// The steps, in order.
    steps: Vec<Step>,
}

async fn steps(ctx: &OperatorCtx, id: OrgId) -> ApiResult<Provisioning> {
    Ok(Provisioning { steps: orgs::find(ctx, id).await?.steps.into_iter().map(Step::from).collect() })
}

/// Read how far an organization is set up
#[utoipa::path(
    get, path = "/api/v1/orgs/{id}/provisioning", operation_id = "get_provisioning", tag = "Organizations",
    params(("id" = Uuid, Path, description = "The organization's id")),
    responses((status = 200, description = "The steps", body = Provisioning)),
)]
pub async fn find(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<Marker>) -> ApiResult {
    Ok(target::shown(&steps(&ctx, id).await?))
}

/// Try unfinished provisioning steps again
///
/// Each step happens once however often it is tried.
#[utoipa::path(
    post, path = "/api/v1/orgs/{id}/provisioning", operation_id = "resume_provisioning", tag = "Organizations",
    params(("id" = Uuid, Path, description = "The organization's id")),
    responses((status = 200, description = "The steps after trying", body = Provisioning)),
)]
pub async fn resume(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<Marker>, _: NoBody) -> ApiResult {
    orgs::find(&ctx, id).await?;
    orgs::resume_provisioning(&ctx, id).await?;
    Ok(target::shown(&steps(&ctx, id).await?))
}

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct Plan {
    /// Its id, as organizations name it.
    #[schema(example = "standard")]
    id: String,
    /// Its name.
    #[schema(example = "Standard")]
    name: String,
}

/// The plans, all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Plans {
    /// In order.
    data: Vec<Plan>,
}

/// List the plans
#[utoipa::path(
    get, path = "/api/v1/plans", operation_id = "list_plans", tag = "Organizations",
    responses((status = 200, description = "The plans an organization can be on", body = Plans)),
)]
pub async fn plans(Extension(ctx): Extension<OperatorCtx>) -> ApiResult {
    let plans = orgs::plans(&ctx).await?;
    Ok(target::shown(&Plans { data: plans.into_iter().map(|org::Plan { id, name }| Plan { id, name }).collect() }))
}

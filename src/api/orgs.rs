//! Organizations, for operators.

use super::{
    body::{self, Json, NoBody, first_time},
    error::ApiResult,
    list::{List, Query},
    target::{self, Known, Named, Seen},
    words,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Error, OperatorCtx,
    orgs::{self, NewOrg},
};
use bulkhead_model::{
    OrgId,
    id::OrgKind as Marker,
    org::{self, OrgFilter, OrgSort, OrgStatus},
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// An organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct Org {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: OrgId,
    /// Its name in addresses.
    #[schema(example = "acme")]
    slug: String,
    /// Its display name.
    #[schema(example = "Acme")]
    name: String,
    /// Its state.
    #[schema(value_type = words::OrgStatus)]
    status: OrgStatus,
    /// Why it is suspended or pending deletion, in the operator's words.
    #[schema(required)]
    status_reason: Option<String>,
    /// Its plan's id.
    #[schema(example = "standard")]
    plan: String,
    /// When it was created.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it was suspended, if it is.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    suspended_at: Option<OffsetDateTime>,
    /// When a pending deletion becomes final.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    delete_after: Option<OffsetDateTime>,
    /// Grows with each change. `"v<version>"` is an ETag that `If-Match` takes.
    #[schema(example = 3)]
    version: i32,
}

impl From<org::Org> for Org {
    fn from(org: org::Org) -> Self {
        let org::Org {
            id,
            slug,
            name,
            status,
            status_reason,
            plan,
            created_at,
            suspended_at,
            delete_after,
            version,
            ..
        } = org;
        Self { id, slug, name, status, status_reason, plan, created_at, suspended_at, delete_after, version }
    }
}

/// An organization in the list.
#[derive(Debug, Serialize, ToSchema)]
pub struct OrgRow {
    #[serde(flatten)]
    org: Org,
    /// Users that are not removed.
    #[schema(example = 12)]
    users: i64,
    /// The latest sign of life of any of them.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    last_activity: Option<OffsetDateTime>,
}

/// A new organization.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Acme", "slug": "acme", "plan": "standard", "admin_email": "ana@example.com"}))]
pub struct OrgCreate {
    /// Its display name.
    name: String,
    /// Its name in addresses; cannot be changed.
    slug: String,
    /// Its plan's id.
    plan: String,
    /// The address of its first admin, who is invited.
    admin_email: String,
}

/// What to change of an organization; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"plan": "standard"}))]
pub struct OrgPatch {
    /// Its display name.
    name: Option<String>,
    /// Its plan's id.
    plan: Option<String>,
}

/// Why an organization is suspended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Unpaid since October"}))]
pub struct Suspension {
    /// For the organization's audit log.
    #[schema(max_length = 500)]
    reason: String,
}

/// Why an organization is deprovisioned, by whom who knows which one it is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"confirm_name": "Acme", "reason": "Contract ended"}))]
pub struct Deprovisioning {
    /// The organization's name exactly as it stands.
    confirm_name: String,
    /// For the organization's audit log.
    #[schema(max_length = 500)]
    reason: String,
}

/// List the organizations
#[utoipa::path(
    get, path = "/api/v1/orgs", operation_id = "list_orgs", tag = "Organizations",
    params(
        ("q" = Option<String>, Query, description = "The beginning of a word of the name, or of the short name"),
        ("status" = Option<Vec<words::OrgStatus>>, Query, description = "Any of these; without: all but deleted"),
        ("plan" = Option<Vec<String>>, Query, description = "Any of these plans, by id"),
        ("sort" = Option<words::OrgSort>, Query, description = "The order; name without"),
        super::openapi::Paging,
    ),
    responses((status = 200, description = "A page of organizations", body = List<OrgRow>)),
)]
pub async fn list(Extension(ctx): Extension<OperatorCtx>, mut query: Query) -> ApiResult {
    let filter = OrgFilter {
        search: query.text("q"),
        status: query.words("status", OrgStatus::ALL, OrgStatus::from_code),
        plan: query.texts("plan"),
        sort: query.word("sort", OrgSort::ALL, OrgSort::from_code).unwrap_or(OrgSort::Name),
        descending: query.reversed(),
    };
    let order = format!("orgs/{}/{}", filter.sort, filter.descending);
    let page = query.page(&order)?;
    let found = orgs::list(&ctx, &filter, &page).await?;
    let rows = found.page.map(|row| OrgRow { org: row.org.into(), users: row.users, last_activity: row.last_activity });
    Ok(query.answer(&order, rows, found.count))
}

/// Create an organization
///
/// Answers as soon as the organization is durable. Its steps run at once, and again by themselves if one fails; see
/// its provisioning.
#[utoipa::path(
    post, path = "/api/v1/orgs", operation_id = "create_org", tag = "Organizations",
    request_body = OrgCreate,
    responses((status = 201, description = "The organization; `Location` names it", body = Org)),
)]
pub async fn create(Extension(ctx): Extension<OperatorCtx>, Json(new): Json<OrgCreate>) -> ApiResult {
    let OrgCreate { name, slug, plan, admin_email } = new;
    let id = body::made(orgs::create(&ctx, &NewOrg { name, slug, plan, admin_email }).await)?;
    let org = orgs::find(&ctx, id).await?.org;
    Ok(target::created(&format!("/api/v1/orgs/{id}"), org.version, &Org::from(org)))
}

/// Read an organization
#[utoipa::path(
    get, path = "/api/v1/orgs/{id}", operation_id = "get_org", tag = "Organizations",
    params(("id" = Uuid, Path, description = "The organization's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The organization", body = Org)),
)]
pub async fn find(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<Marker>, known: Known) -> ApiResult {
    let org = orgs::find(&ctx, id).await?.org;
    Ok(known.answer(org.version, &Org::from(org)))
}

/// Change an organization
#[utoipa::path(
    patch, path = "/api/v1/orgs/{id}", operation_id = "update_org", tag = "Organizations",
    params(("id" = Uuid, Path, description = "The organization's id"), super::openapi::IfMatch),
    request_body = OrgPatch,
    responses((status = 200, description = "The organization as changed", body = Org)),
)]
pub async fn update(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<Marker>,
    Seen(version): Seen,
    Json(patch): Json<OrgPatch>,
) -> ApiResult {
    // What stays is read here; that it is still so when it is written, the version guarantees.
    let now = orgs::find(&ctx, id).await?.org;
    let (name, plan) = (patch.name.unwrap_or(now.name), patch.plan.unwrap_or(now.plan));
    orgs::update(&ctx, id, version, &name, &plan).await?;
    as_it_is(&ctx, id).await
}

async fn as_it_is(ctx: &OperatorCtx, id: OrgId) -> ApiResult {
    let org = orgs::find(ctx, id).await?.org;
    Ok(target::changed(org.version, &Org::from(org)))
}

/// Answers a change of status with the organization; a repetition with how it is now.
async fn changed<T>(ctx: &OperatorCtx, id: OrgId, done: Result<T, Error>) -> ApiResult {
    first_time(done)?;
    as_it_is(ctx, id).await
}

/// Suspend an organization
///
/// Every session ends at once and nobody signs in; data is kept.
#[utoipa::path(
    post, path = "/api/v1/orgs/{id}/suspend", operation_id = "suspend_org", tag = "Organizations",
    params(("id" = Uuid, Path, description = "The organization's id"), super::openapi::IfMatch),
    request_body = Suspension,
    responses((status = 200, description = "The organization, suspended", body = Org)),
)]
pub async fn suspend(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<Marker>,
    Seen(version): Seen,
    Json(body): Json<Suspension>,
) -> ApiResult {
    let done = orgs::suspend(&ctx, id, version, &body.reason).await;
    changed(&ctx, id, done).await
}

/// Reactivate an organization
///
/// Sessions that were ended stay ended.
#[utoipa::path(
    post, path = "/api/v1/orgs/{id}/reactivate", operation_id = "reactivate_org", tag = "Organizations",
    params(("id" = Uuid, Path, description = "The organization's id"), super::openapi::IfMatch),
    responses((status = 200, description = "The organization, active again", body = Org)),
)]
pub async fn reactivate(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<Marker>,
    Seen(version): Seen,
    _: NoBody,
) -> ApiResult {
    let done = orgs::reactivate(&ctx, id, version).await;
    changed(&ctx, id, done).await
}

/// Deprovision an organization
///
/// Sessions end at once. The organization can be restored for 30 days; then everything of it is deleted for good, and
/// only its short name stays taken.
#[utoipa::path(
    post, path = "/api/v1/orgs/{id}/deprovision", operation_id = "deprovision_org", tag = "Organizations",
    params(("id" = Uuid, Path, description = "The organization's id"), super::openapi::IfMatch),
    request_body = Deprovisioning,
    responses((status = 200, description = "The organization, pending deletion", body = Org)),
)]
pub async fn deprovision(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<Marker>,
    Seen(version): Seen,
    Json(body): Json<Deprovisioning>,
) -> ApiResult {
    let done = orgs::deprovision(&ctx, id, version, &body.confirm_name, &body.reason).await;
    changed(&ctx, id, done).await
}

/// Restore an organization
///
/// Takes a pending deletion back. It comes back suspended, or provisioning where that was never finished.
#[utoipa::path(
    post, path = "/api/v1/orgs/{id}/restore", operation_id = "restore_org", tag = "Organizations",
    params(("id" = Uuid, Path, description = "The organization's id"), super::openapi::IfMatch),
    responses((status = 200, description = "The organization", body = Org)),
)]
pub async fn restore(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<Marker>,
    Seen(version): Seen,
    _: NoBody,
) -> ApiResult {
    let done = orgs::restore(&ctx, id, version).await;
    changed(&ctx, id, done).await
}

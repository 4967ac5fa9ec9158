//! What a database really enforces: the report, single tables, findings and the X-ray of rows. Of this product's own
//! database and, at addresses below a data source, of a registered one. For operators.

mod finding;
mod report;
pub mod xray;

use self::{
    finding::Findings,
    report::{Report, Table},
};
use super::{
    error::{ApiError, ApiResult},
    target::{self, Named, param},
};
use crate::problem::{Code, Problem};
use axum::{
    extract::{Extension, FromRequestParts},
    http::request::Parts,
};
use bulkhead_domain::{
    OperatorCtx,
    isolation::{self, Subject},
};
use bulkhead_model::id::DataSourceKind;

/// The `{table}` of the path: `schema.name`, percent-encoded where the names need it.
#[derive(Debug)]
pub struct TableName(pub String);

impl<S: Send + Sync> FromRequestParts<S> for TableName {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        param(parts, state, "table").await.map(Self)
    }
}

/// Nobody can look: said instead of an answer that could be taken for "nothing is wrong".
pub fn no_inspector() -> ApiError {
    let detail = "No address is set for the inspector. Set database_inspect_url; `bulkhead database setup` prints it.";
    Problem::new(Code::OtherSystem).detail(detail).into()
}

async fn report(ctx: &OperatorCtx, subject: Subject) -> ApiResult {
    Ok(target::shown(&Report::from(isolation::report(ctx, subject).await?)))
}

async fn table(ctx: &OperatorCtx, subject: Subject, name: &str) -> ApiResult {
    Ok(target::shown(&Table::from(isolation::table(ctx, subject, name).await?)))
}

async fn findings(ctx: &OperatorCtx, subject: Subject) -> ApiResult {
    let examined = isolation::examine(ctx, subject).await?.ok_or_else(no_inspector)?;
    Ok(target::shown(&Findings::from(examined)))
}

/// Read the isolation report
///
/// Read from the catalogue of this product's own database at this moment: every table, view and partition with its
/// verdict, the worst first, and the roles, functions, schemas and sequences that decide what policies are worth.
#[utoipa::path(
    get, path = "/api/v1/isolation", operation_id = "get_isolation", tag = "Isolation",
    responses((status = 200, description = "The report", body = Report)),
)]
pub async fn own(Extension(ctx): Extension<OperatorCtx>) -> ApiResult {
    report(&ctx, Subject::Own).await
}

/// Read the isolation report of a data source
#[utoipa::path(
    get, path = "/api/v1/data-sources/{id}/isolation", operation_id = "get_source_isolation", tag = "Data sources",
    params(("id" = Uuid, Path, description = "The data source's id")),
    responses((status = 200, description = "The report", body = Report)),
)]
pub async fn of_source(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<DataSourceKind>) -> ApiResult {
    report(&ctx, Subject::Source(id)).await
}

/// Read one table of the isolation report
///
/// What the catalogue says of it, policies, grants, columns and keys included, and what follows.
#[utoipa::path(
    get, path = "/api/v1/isolation/tables/{table}", operation_id = "get_isolation_table", tag = "Isolation",
    params(("table" = String, Path, description = "The table, as `schema.name`", example = "public.users")),
    responses((status = 200, description = "The table", body = Table)),
)]
pub async fn own_table(Extension(ctx): Extension<OperatorCtx>, TableName(name): TableName) -> ApiResult {
    table(&ctx, Subject::Own, &name).await
}

/// Read one table of a data source's isolation report
#[utoipa::path(
    get, path = "/api/v1/data-sources/{id}/isolation/tables/{table}", operation_id = "get_source_isolation_table",
    tag = "Data sources",
    params(
        ("id" = Uuid, Path, description = "The data source's id"),
        ("table" = String, Path, description = "The table, as `schema.name`", example = "public.users"),
    ),
    responses((status = 200, description = "The table", body = Table)),
)]
pub async fn table_of_source(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<DataSourceKind>,
    TableName(name): TableName,
) -> ApiResult {
    table(&ctx, Subject::Source(id), &name).await
}

/// List the findings
///
/// The catalogue is judged, and PostgreSQL is asked what each policy says about rows of two organizations, without a
/// context and with one. What could not be asked is in `not_seen` and never counts as safe.
#[utoipa::path(
    get, path = "/api/v1/isolation/findings", operation_id = "list_findings", tag = "Isolation",
    responses((status = 200, description = "What is wrong, the worst first", body = Findings)),
)]
pub async fn own_findings(Extension(ctx): Extension<OperatorCtx>) -> ApiResult {
    findings(&ctx, Subject::Own).await
}

/// List the findings about a data source
#[utoipa::path(
    get, path = "/api/v1/data-sources/{id}/isolation/findings", operation_id = "list_source_findings",
    tag = "Data sources",
    params(("id" = Uuid, Path, description = "The data source's id")),
    responses((status = 200, description = "What is wrong, the worst first", body = Findings)),
)]
pub async fn findings_of_source(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<DataSourceKind>) -> ApiResult {
    findings(&ctx, Subject::Source(id)).await
}

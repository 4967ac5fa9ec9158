//! The Row X-ray: why one role, acting for one organization, reaches one row or does not.
//!
//! A question is sent as one object; the ladder that answers it is the model's own, which the command line prints too.

mod question;

pub use self::question::Question;
use super::{TableName, no_inspector};
use crate::api::{
    body::Json,
    error::ApiResult,
    list::Query,
    target::{self, Named},
};
use axum::extract::Extension;
use bulkhead_domain::{
    OperatorCtx,
    isolation::{self, Subject, XrayForm},
};
use bulkhead_model::{
    id::DataSourceKind,
    isolation::{
        ColumnFacts,
        xray::{Example, Ladder},
    },
};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What the X-ray of a table can be asked about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = XrayScope)]
pub struct Scope {
    /// `schema.name`.
    #[schema(example = "public.users")]
    table: String,
    /// Roles whose reach can be asked about.
    roles: Vec<String>,
    /// The columns of the primary key, in its order; empty without one.
    primary_key: Vec<String>,
    /// The columns, in their order.
    columns: Vec<ColumnFacts>,
    /// The setting that says that an operator acts, where there is one; `as_operator` sets it.
    #[schema(required, example = "app.operator_id")]
    operator_setting: Option<String>,
    /// A row to begin with, where one was asked for and there is any.
    #[schema(required)]
    example: Option<Beginning>,
}

/// A row that is there, to begin a question with.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = XrayExample)]
pub struct Beginning {
    /// Its primary key, column by column, as `row` of a question takes it.
    row: BTreeMap<String, String>,
    /// An organization that has rows in the same table and is not the row's own.
    #[schema(required)]
    other_organization: Option<String>,
}

impl From<XrayForm> for Scope {
    fn from(form: XrayForm) -> Self {
        let XrayForm { table, roles, operator_setting, example, .. } = form;
        let example = example
            .map(|Example { key, other }| Beginning { row: key.into_iter().collect(), other_organization: other });
        let name = table.qualified();
        Self { table: name, roles, primary_key: table.primary_key, columns: table.columns, operator_setting, example }
    }
}

async fn scope(ctx: &OperatorCtx, subject: Subject, table: &str, mut query: Query) -> ApiResult {
    let example = query.flag("example");
    query.finish()?;
    let form = isolation::xray_form(ctx, subject, table, example).await?;
    match form.possible {
        true => Ok(target::shown(&Scope::from(form))),
        false => Err(no_inspector()),
    }
}

async fn answer(ctx: &OperatorCtx, subject: Subject, table: &str, asked: Question) -> ApiResult {
    let form = isolation::xray_form(ctx, subject, table, false).await?;
    if !form.possible {
        return Err(no_inspector());
    }
    let (question, reason) = asked.about(&form, &ctx.identity().user_id.to_string())?;
    // A context of its own: every answer with values is recorded, that to a repetition too.
    let ladder: Ladder = isolation::explain(&ctx.again().await?, subject, &question, &reason).await?;
    Ok(target::shown(&ladder))
}

/// Read what the X-ray of a table can be asked
#[utoipa::path(
    get, path = "/api/v1/isolation/tables/{table}/xray", operation_id = "get_xray", tag = "Isolation",
    params(
        ("table" = String, Path, description = "The table, as `schema.name`", example = "public.users"),
        ("example" = Option<bool>, Query, description = "`true`: with the key of a row to begin with"),
    ),
    responses((status = 200, description = "Roles, columns and key", body = Scope)),
)]
pub async fn show(Extension(ctx): Extension<OperatorCtx>, TableName(table): TableName, query: Query) -> ApiResult {
    scope(&ctx, Subject::Own, &table, query).await
}

/// Read what the X-ray of a data source's table can be asked
#[utoipa::path(
    get, path = "/api/v1/data-sources/{id}/isolation/tables/{table}/xray", operation_id = "get_source_xray",
    tag = "Data sources",
    params(
        ("id" = Uuid, Path, description = "The data source's id"),
        ("table" = String, Path, description = "The table, as `schema.name`", example = "public.users"),
        ("example" = Option<bool>, Query, description = "`true`: with the key of a row to begin with"),
    ),
    responses((status = 200, description = "Roles, columns and key", body = Scope)),
)]
pub async fn show_source(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<DataSourceKind>,
    TableName(table): TableName,
    query: Query,
) -> ApiResult {
    scope(&ctx, Subject::Source(id), &table, query).await
}

/// X-ray a row
///
/// Every layer that PostgreSQL asks about one row, with its answer; then the command really runs as that role and is
/// rolled back. Values are masked unless `reveal` is set, which takes a `reason`; both are written into the audit log
/// first. Nothing is made, so an `Idempotency-Key` changes nothing: a repetition is answered, and recorded, anew.
/// In a refusal, `question` stands for the question as a whole.
#[utoipa::path(
    post, path = "/api/v1/isolation/tables/{table}/xray", operation_id = "xray_row", tag = "Isolation",
    params(("table" = String, Path, description = "The table, as `schema.name`", example = "public.users")),
    request_body = Question,
    responses((status = 200, description = "The ladder", body = Ladder)),
)]
pub async fn ask(
    Extension(ctx): Extension<OperatorCtx>,
    TableName(table): TableName,
    Json(question): Json<Question>,
) -> ApiResult {
    answer(&ctx, Subject::Own, &table, question).await
}

/// X-ray a row of a data source
///
/// As of this product's own database, over the data source's own connection.
#[utoipa::path(
    post, path = "/api/v1/data-sources/{id}/isolation/tables/{table}/xray", operation_id = "xray_source_row",
    tag = "Data sources",
    params(
        ("id" = Uuid, Path, description = "The data source's id"),
        ("table" = String, Path, description = "The table, as `schema.name`", example = "public.users"),
    ),
    request_body = Question,
    responses((status = 200, description = "The ladder", body = Ladder)),
)]
pub async fn ask_source(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<DataSourceKind>,
    TableName(table): TableName,
    Json(question): Json<Question>,
) -> ApiResult {
    answer(&ctx, Subject::Source(id), &table, question).await
}

//! Data sources: databases of somebody else's that can be looked at like this product's own. For operators.
//!
//! How to sign in there is written and never read: no answer has it.

use super::{
    body::{self, Json},
    error::ApiResult,
    target::{self, Known, Named, Seen},
};
use crate::profile;
use axum::{
    extract::Extension,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use bulkhead_domain::{
    OperatorCtx,
    data_sources::{self, Typed},
};
use bulkhead_model::{DataSourceId, Permission, id::DataSourceKind, isolation};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A registered database.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataSource {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: DataSourceId,
    /// What people call it.
    #[schema(example = "Shop, production")]
    name: String,
    /// Where it is, without the password and the parameters of its address.
    #[schema(example = "bulkhead@db.example.com:5432/shop")]
    place: String,
    /// What it is measured by: TOML, comments included.
    profile: String,
    /// The address of the operator who registered it.
    #[schema(example = "ana@example.com")]
    created_by: String,
    /// When it was registered.
    #[serde(with = "time::serde::rfc3339")]
    created_at: OffsetDateTime,
    /// When it was last changed.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// Grows with each change. `"v<version>"` is an ETag that `If-Match` takes.
    #[schema(example = 3)]
    version: i32,
}

impl From<isolation::DataSource> for DataSource {
    fn from(source: isolation::DataSource) -> Self {
        let isolation::DataSource {
            id,
            name,
            place,
            profile_text: profile,
            created_by,
            created_at,
            updated_at,
            version,
        } = source;
        Self { id, name: name.to_string(), place, profile, created_by, created_at, updated_at, version }
    }
}

/// The data sources, all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct DataSources {
    /// By name.
    data: Vec<DataSource>,
}

/// A database to register.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Shop, production",
    "address": "postgres://bulkhead:secret@db.example.com:5432/shop?sslmode=verify-full",
}))]
pub struct DataSourceCreate {
    /// What people call it.
    #[schema(max_length = 120)]
    name: String,
    /// The connection URL, password included. Kept encrypted, and never answered.
    #[schema(value_type = String, format = Password, max_length = 4000)]
    address: SecretString,
    /// What it is measured by, as TOML. Without one the database is looked at and a profile is guessed: go through it
    /// line by line, because what is wrong there is wrong in every answer.
    #[schema(max_length = 60_000)]
    profile: Option<String>,
}

/// What to change of a data source; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"name": "Shop, production"}))]
pub struct DataSourcePatch {
    /// What people call it.
    #[schema(max_length = 120)]
    name: Option<String>,
    /// The connection URL, password included.
    #[schema(value_type = Option<String>, format = Password, max_length = 4000)]
    address: Option<SecretString>,
    /// What it is measured by, as TOML.
    #[schema(max_length = 60_000)]
    profile: Option<String>,
}

/// List the data sources
#[utoipa::path(
    get, path = "/api/v1/data-sources", operation_id = "list_data_sources", tag = "Data sources",
    responses((status = 200, description = "The data sources", body = DataSources)),
)]
pub async fn list(Extension(ctx): Extension<OperatorCtx>) -> ApiResult {
    let sources = data_sources::list(&ctx).await?;
    Ok(target::shown(&DataSources { data: sources.into_iter().map(DataSource::from).collect() }))
}

/// Register a database
///
/// Nothing is ever changed in it.
#[utoipa::path(
    post, path = "/api/v1/data-sources", operation_id = "create_data_source", tag = "Data sources",
    request_body = DataSourceCreate,
    responses((status = 201, description = "The data source; `Location` names it", body = DataSource)),
)]
pub async fn create(Extension(ctx): Extension<OperatorCtx>, Json(new): Json<DataSourceCreate>) -> ApiResult {
    // What is wrong with a profile is for those to know who may register one.
    ctx.require(Permission::PlatformIsolationManage).await?;
    let DataSourceCreate { name, address, profile } = new;
    let profile_text = match profile {
        Some(text) => text,
        None => profile::draft::text(&data_sources::look(&ctx, &address).await?),
    };
    let (profile, accepted) = profile::read(&profile_text)?;
    let typed = Typed { name, address, profile, accepted, profile_text };
    let id = body::made(data_sources::add(&ctx, &typed).await)?;
    let source = data_sources::find(&ctx, id).await?;
    Ok(target::created(&format!("/api/v1/data-sources/{id}"), source.version, &DataSource::from(source)))
}

/// Read a data source
#[utoipa::path(
    get, path = "/api/v1/data-sources/{id}", operation_id = "get_data_source", tag = "Data sources",
    params(("id" = Uuid, Path, description = "The data source's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The data source", body = DataSource)),
)]
pub async fn find(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<DataSourceKind>, known: Known) -> ApiResult {
    let source = data_sources::find(&ctx, id).await?;
    Ok(known.answer(source.version, &DataSource::from(source)))
}

/// Change a data source
#[utoipa::path(
    patch, path = "/api/v1/data-sources/{id}", operation_id = "update_data_source", tag = "Data sources",
    params(("id" = Uuid, Path, description = "The data source's id"), super::openapi::IfMatch),
    request_body = DataSourcePatch,
    responses((status = 200, description = "The data source as changed", body = DataSource)),
)]
pub async fn update(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<DataSourceKind>,
    Seen(version): Seen,
    Json(patch): Json<DataSourcePatch>,
) -> ApiResult {
    ctx.require(Permission::PlatformIsolationManage).await?;
    // What stays is read here; that it is still so when it is written, the version guarantees.
    let now = data_sources::find(&ctx, id).await?;
    let DataSourcePatch { name, address, profile } = patch;
    let profile_text = profile.unwrap_or(now.profile_text);
    let (profile, accepted) = profile::read(&profile_text)?;
    let (name, address) = (name.unwrap_or_else(|| now.name.to_string()), address.unwrap_or_default());
    let typed = Typed { name, address, profile, accepted, profile_text };
    data_sources::change(&ctx, id, version, &typed).await?;
    let source = data_sources::find(&ctx, id).await?;
    Ok(target::changed(source.version, &DataSource::from(source)))
}

/// Remove a data source
///
/// Forgets it, its password included. Nothing happens to the database.
#[utoipa::path(
    delete, path = "/api/v1/data-sources/{id}", operation_id = "remove_data_source", tag = "Data sources",
    params(("id" = Uuid, Path, description = "The data source's id"), super::openapi::IfMatch),
    responses((status = 204, description = "The data source is forgotten")),
)]
pub async fn remove(
    Extension(ctx): Extension<OperatorCtx>,
    Named(id): Named<DataSourceKind>,
    Seen(version): Seen,
) -> ApiResult<Response> {
    data_sources::remove(&ctx, id, version).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

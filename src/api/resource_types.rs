//! Resource types: what can be allowed or denied beside the console's own.

use super::{
    body::{Json, first_time},
    error::{ApiError, ApiResult},
    target::{self, Known, Seen, param},
    words,
};
use axum::{
    extract::{Extension, FromRequestParts},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use bulkhead_domain::{Ctx, OperatorCtx, resource_types};
use bulkhead_model::{
    FieldErrors, Permission,
    access::{self, AttributeKind, ResourceSchema, StoredResourceType},
    user::Role,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

/// What can be done to resources of a type.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceAction {
    /// The part of the permission behind the colon: a word in lower case.
    #[schema(value_type = String, example = "delete", max_length = 64)]
    name: access::ActionName,
    /// What it lets a person do, as the end of "You can …".
    #[schema(example = "delete invoices", min_length = 1, max_length = 60)]
    sentence: String,
    /// The built-in roles that allow it, beside Admin, which allows everything.
    #[serde(default)]
    #[schema(value_type = Vec<words::Role>)]
    held_by: Vec<Role>,
    /// Whether whoever newly allows it in a role says why.
    #[serde(default)]
    needs_reason: bool,
}

/// What conditions can compare of resources of a type.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResourceAttribute {
    /// A word in lower case.
    #[schema(value_type = String, example = "amount", max_length = 64)]
    name: access::AttributeName,
    /// What sort of value it has.
    #[schema(value_type = words::AttributeKind)]
    kind: AttributeKind,
    /// What it says about a resource.
    #[serde(default)]
    #[schema(max_length = 500)]
    description: String,
}

/// A registered type.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceTypeShown {
    /// The part of its permissions before the colon.
    #[schema(example = "invoices")]
    name: String,
    /// What people call it.
    #[schema(example = "Invoices")]
    label: String,
    /// What it is.
    description: String,
    /// What can be done, in the order it is shown.
    actions: Vec<ResourceAction>,
    /// What is known about one.
    attributes: Vec<ResourceAttribute>,
    /// When it was changed last.
    #[serde(with = "time::serde::rfc3339")]
    updated_at: OffsetDateTime,
    /// Grows with each change. `"v<version>"` is an ETag that `If-Match` takes.
    #[schema(example = 3)]
    version: i32,
}

impl From<StoredResourceType> for ResourceTypeShown {
    fn from(stored: StoredResourceType) -> Self {
        let StoredResourceType { schema, updated_at, version, .. } = stored;
        let ResourceSchema { name, label, description, actions, attributes } = schema;
        let action = |action: access::RegisteredAction| {
            let access::RegisteredAction { name, sentence, held_by, needs_reason } = action;
            ResourceAction { name, sentence, held_by, needs_reason }
        };
        let attribute = |attribute: access::RegisteredAttribute| {
            let access::RegisteredAttribute { name, kind, description } = attribute;
            ResourceAttribute { name, kind, description }
        };
        Self {
            name: name.to_string(),
            label,
            description,
            actions: actions.into_iter().map(action).collect(),
            attributes: attributes.into_iter().map(attribute).collect(),
            updated_at,
            version,
        }
    }
}

/// The types, all of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResourceTypes {
    /// By name.
    data: Vec<ResourceTypeShown>,
}

/// What a type is to be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "invoices",
    "label": "Invoices",
    "description": "What customers owe.",
    "actions": [
        {"name": "read", "sentence": "read invoices", "held_by": ["manager", "user", "viewer"]},
        {"name": "delete", "sentence": "delete invoices", "needs_reason": true},
    ],
    "attributes": [{"name": "amount", "kind": "number", "description": "In euros."}],
}))]
pub struct ResourceTypeWrite {
    /// The part of its permissions before the colon: a word in lower case. It stays what it is, so a change may leave it out.
    #[schema(value_type = Option<String>, max_length = 64)]
    name: Option<access::ResourceType>,
    /// What people call it.
    #[schema(min_length = 1, max_length = 60)]
    label: String,
    /// What it is.
    #[serde(default)]
    #[schema(max_length = 500)]
    description: String,
    /// What can be done, in the order it is to be shown. All types together have at most 200 actions.
    #[schema(min_items = 1, max_items = 200)]
    actions: Vec<ResourceAction>,
    /// What conditions can compare. `owner` and `workspace` are known of every type.
    #[serde(default)]
    #[schema(max_items = 40)]
    attributes: Vec<ResourceAttribute>,
}

impl ResourceTypeWrite {
    fn schema(self, name: access::ResourceType) -> ResourceSchema {
        let Self { label, description, actions, attributes, .. } = self;
        let action = |ResourceAction { name, sentence, held_by, needs_reason }| access::RegisteredAction {
            name,
            sentence,
            held_by,
            needs_reason,
        };
        let attribute =
            |ResourceAttribute { name, kind, description }| access::RegisteredAttribute { name, kind, description };
        ResourceSchema {
            name,
            label,
            description,
            actions: actions.into_iter().map(action).collect(),
            attributes: attributes.into_iter().map(attribute).collect(),
        }
    }
}

/// The `{type}` of the path.
#[derive(Debug)]
pub struct NamedType(access::ResourceType);

impl<S: Send + Sync> FromRequestParts<S> for NamedType {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let name = param(parts, state, "type").await?;
        name.parse().map(Self).map_err(|_| ApiError::not_found())
    }
}

/// List the resource types
///
/// Those that the platform's operators registered, the same in every organization. The console's own permissions are in
/// `GET /api/v1/permissions` with all others.
#[utoipa::path(
    get, path = "/api/v1/resource-types", operation_id = "list_resource_types", tag = "Decisions",
    responses((status = 200, description = "The types, all of them", body = ResourceTypes)),
)]
pub async fn list(Extension(ctx): Extension<Ctx>) -> ApiResult {
    let types = resource_types::list(&ctx).await?;
    Ok(target::shown(&ResourceTypes { data: types.into_iter().map(ResourceTypeShown::from).collect() }))
}

/// Register a resource type
///
/// It exists in every organization with the next request.
#[utoipa::path(
    post, path = "/api/v1/platform/resource-types", operation_id = "create_resource_type", tag = "Resource types",
    request_body = ResourceTypeWrite,
    responses((status = 201, description = "The type; `Location` names it", body = ResourceTypeShown)),
)]
pub async fn create(Extension(ctx): Extension<OperatorCtx>, Json(new): Json<ResourceTypeWrite>) -> ApiResult {
    ctx.require(Permission::PlatformTypesManage).await?;
    let name = new.name.clone().ok_or_else(|| FieldErrors::one("name", "Say what it is called in permissions."))?;
    let schema = new.schema(name);
    first_time(resource_types::register(&ctx, &schema).await)?;
    let stored = resource_types::find(&ctx, &schema.name).await?;
    let location = format!("/api/v1/platform/resource-types/{}", schema.name);
    Ok(target::created(&location, stored.version, &ResourceTypeShown::from(stored)))
}

/// Read a resource type
#[utoipa::path(
    get, path = "/api/v1/platform/resource-types/{type}", operation_id = "get_resource_type", tag = "Resource types",
    params(("type" = String, Path, description = "The type's name, `invoices`"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The type", body = ResourceTypeShown)),
)]
pub async fn find(Extension(ctx): Extension<OperatorCtx>, NamedType(name): NamedType, known: Known) -> ApiResult {
    let stored = resource_types::find(&ctx, &name).await?;
    Ok(known.answer(stored.version, &ResourceTypeShown::from(stored)))
}

/// Change a resource type
///
/// For every organization, with its next request. What is left out becomes empty. An action that a role names stays.
#[utoipa::path(
    put, path = "/api/v1/platform/resource-types/{type}", operation_id = "replace_resource_type", tag = "Resource types",
    params(("type" = String, Path, description = "The type's name, `invoices`"), super::openapi::IfMatch),
    request_body = ResourceTypeWrite,
    responses((status = 200, description = "The type as changed", body = ResourceTypeShown)),
)]
pub async fn change(
    Extension(ctx): Extension<OperatorCtx>,
    NamedType(name): NamedType,
    Seen(version): Seen,
    Json(written): Json<ResourceTypeWrite>,
) -> ApiResult {
    ctx.require(Permission::PlatformTypesManage).await?;
    if written.name.as_ref().is_some_and(|written| *written != name) {
        return Err(FieldErrors::one("name", "The name stays what it is.").into());
    }
    resource_types::change(&ctx, version, &written.schema(name.clone())).await?;
    let stored = resource_types::find(&ctx, &name).await?;
    Ok(target::changed(stored.version, &ResourceTypeShown::from(stored)))
}

/// Remove a resource type
///
/// One that no role names.
#[utoipa::path(
    delete, path = "/api/v1/platform/resource-types/{type}", operation_id = "remove_resource_type",
    tag = "Resource types",
    params(("type" = String, Path, description = "The type's name, `invoices`"), super::openapi::IfMatch),
    responses((status = 204, description = "The type is gone")),
)]
pub async fn remove(
    Extension(ctx): Extension<OperatorCtx>,
    NamedType(name): NamedType,
    Seen(version): Seen,
) -> ApiResult<Response> {
    resource_types::remove(&ctx, &name, version).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

//! Searching: what somebody may do to a resource, and who may do something to it.

use super::{DecisionAction, DecisionQuestion, DecisionResource, DecisionSubject};
use crate::api::{body::Json, error::ApiResult, target};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, access};
use bulkhead_model::{FieldErrors, Permission, UserId, access::ResourceType};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

/// What somebody may do to a resource.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "subject": {"type": "user", "id": "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001"},
    "resource": {"type": "invoices", "id": "inv-2041", "properties": {"amount": 250}},
}))]
pub struct ActionSearch {
    /// Who.
    subject: DecisionSubject,
    /// To what.
    resource: DecisionResource,
    /// Under which circumstances, as for a decision.
    #[schema(value_type = Option<Object>)]
    context: Option<Map<String, Value>>,
}

/// An action.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundAction {
    /// The part of a permission behind the colon.
    #[schema(example = "read")]
    name: String,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundActions {
    /// What they may do, in the order it is registered.
    results: Vec<FoundAction>,
}

/// Search what somebody may do
///
/// All actions of the resource's type are decided. Nothing is recorded.
#[utoipa::path(
    post, path = "/api/v1/decisions/search/actions", operation_id = "search_actions", tag = "Decisions",
    request_body = ActionSearch,
    responses((status = 200, description = "The actions, all of them", body = FoundActions)),
)]
pub async fn actions(Extension(ctx): Extension<Ctx>, Json(search): Json<ActionSearch>) -> ApiResult {
    ctx.require(Permission::DecisionsEvaluate).await?;
    let ActionSearch { subject, resource, context } = search;
    let mut errors = FieldErrors::new();
    // Of a type that is no name there are no actions.
    let of: Option<ResourceType> = resource.r#type.parse().ok();
    let action = DecisionAction { name: String::new(), properties: Map::new() };
    let question = DecisionQuestion { subject: Some(subject), action: Some(action), resource: Some(resource), context };
    let asked = question.read("", &mut errors);
    let asked = errors.finish(asked)?;
    let found = match of {
        Some(of) => access::actions(&ctx, &of, &asked).await?,
        None => Vec::new(),
    };
    let results = found.into_iter().map(|name| FoundAction { name: name.to_string() }).collect();
    Ok(target::shown(&FoundActions { results }))
}

/// A page of what is searched.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SearchPage {
    /// `page.next_token` of the answer before.
    token: Option<String>,
}

/// Who may do something to a resource.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "subject": {"type": "user"},
    "action": {"name": "delete"},
    "resource": {"type": "invoices", "id": "inv-2041", "properties": {"amount": 250}},
}))]
pub struct SubjectSearch {
    /// `user`; an id is ignored.
    subject: DecisionSubject,
    /// What.
    action: DecisionAction,
    /// To what.
    resource: DecisionResource,
    /// Under which circumstances, as for a decision.
    #[schema(value_type = Option<Object>)]
    context: Option<Map<String, Value>>,
    /// Where to go on.
    #[serde(default)]
    page: SearchPage,
}

/// Somebody.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundSubject {
    /// Always `user`.
    #[schema(example = "user")]
    r#type: &'static str,
    /// Their id.
    #[schema(value_type = Uuid)]
    id: UserId,
}

/// Where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextPage {
    /// The token for the next request; empty at the end.
    next_token: String,
}

/// Who was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundSubjects {
    /// Active users who may, by id.
    results: Vec<FoundSubject>,
    /// Where to go on. A page may be empty and not be the last.
    page: NextPage,
}

/// Search who may do something
///
/// Active users, a thousand looked at for each page. Nothing is recorded.
#[utoipa::path(
    post, path = "/api/v1/decisions/search/subjects", operation_id = "search_subjects", tag = "Decisions",
    request_body = SubjectSearch,
    responses((status = 200, description = "A page of users", body = FoundSubjects)),
)]
pub async fn subjects(Extension(ctx): Extension<Ctx>, Json(search): Json<SubjectSearch>) -> ApiResult {
    ctx.require(Permission::DecisionsEvaluate).await?;
    let SubjectSearch { subject, action, resource, context, page } = search;
    let mut errors = FieldErrors::new();
    let is_user = subject.r#type == "user";
    let subject = DecisionSubject { id: Some(String::new()), ..subject };
    let question = DecisionQuestion { subject: Some(subject), action: Some(action), resource: Some(resource), context };
    let asked = question.read("", &mut errors);
    let after = match page.token.as_deref().filter(|token| !token.is_empty()) {
        None => Some(None),
        Some(token) => {
            errors.keep("page.token", token.parse::<UserId>().map_err(|_| "Take it from the answer before.")).map(Some)
        }
    };
    let (asked, after) = errors.finish(asked.zip(after))?;
    let (found, next) = match is_user {
        true => access::subjects(&ctx, &asked, after).await?,
        false => (Vec::new(), None),
    };
    let results = found.into_iter().map(|id| FoundSubject { r#type: "user", id }).collect();
    let next_token = next.map(|id| id.to_string()).unwrap_or_default();
    Ok(target::shown(&FoundSubjects { results, page: NextPage { next_token } }))
}

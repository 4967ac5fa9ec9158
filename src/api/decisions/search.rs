//! Searching: what somebody may do to a resource, who may do something to it, and to which resources somebody may do it.

use super::{DecisionAction, DecisionQuestion, DecisionResource, DecisionSubject};
use crate::{
    api::{body::Json, error::ApiResult, target},
    problem::{Code, Problem},
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx,
    access::{self, Searched},
};
use bulkhead_model::{FieldErrors, Permission, UserId, WorkspaceId, access::ResourceType};
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
    /// How many are looked at for this page, and so the most that it has.
    #[schema(minimum = 1, maximum = 1000)]
    limit: Option<u16>,
}

impl SearchPage {
    fn read(&self, errors: &mut FieldErrors) -> Option<Searched> {
        if self.limit.is_some_and(|limit| !(1..=1_000).contains(&limit)) {
            errors.add("page.limit", "1 to 1000.");
        }
        let after = match self.token.as_deref().filter(|token| !token.is_empty()) {
            None => Some(None),
            Some(token) => {
                errors.keep("page.token", token.parse().map_err(|_| "Take it from the answer before.")).map(Some)
            }
        };
        after.map(|after| Searched { after, limit: self.limit })
    }
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
    let page = page.read(&mut errors);
    let (asked, page) = errors.finish(asked.zip(page))?;
    let (found, next) = match is_user {
        true => access::subjects(&ctx, &asked, page).await?,
        false => (Vec::new(), None),
    };
    let results = found.into_iter().map(|id| FoundSubject { r#type: "user", id }).collect();
    let next_token = next.map(|id| id.to_string()).unwrap_or_default();
    Ok(target::shown(&FoundSubjects { results, page: NextPage { next_token } }))
}

/// To which resources somebody may do something.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "subject": {"type": "user", "id": "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001"},
    "action": {"name": "read"},
    "resource": {"type": "workspaces"},
}))]
pub struct ResourceSearch {
    /// Who.
    subject: DecisionSubject,
    /// What.
    action: DecisionAction,
    /// To what: `users`, `roles` or `workspaces`, without properties; an id is ignored.
    resource: DecisionResource,
    /// Under which circumstances, as for a decision.
    #[schema(value_type = Option<Object>)]
    context: Option<Map<String, Value>>,
    /// Where to go on.
    #[serde(default)]
    page: SearchPage,
}

/// What is known about a resource, and was decided by.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundProperties {
    /// Whose it is.
    #[schema(value_type = Option<Uuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    owner: Option<UserId>,
    /// The workspace it is in.
    #[schema(value_type = Option<Uuid>)]
    #[serde(skip_serializing_if = "Option::is_none")]
    workspace: Option<WorkspaceId>,
}

/// A resource. Sent back as the resource of a decision, it is allowed for as long as nothing changes.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundResource {
    /// Its type.
    #[schema(example = "workspaces")]
    r#type: String,
    /// Its id.
    #[schema(value_type = Uuid)]
    id: uuid::Uuid,
    /// What is known about it.
    properties: FoundProperties,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundResources {
    /// Resources that they may do it to, by id.
    results: Vec<FoundResource>,
    /// Where to go on. A page may be empty and not be the last.
    page: NextPage,
}

/// Search what somebody may do something to
///
/// Users, roles and workspaces, which are kept here; a thousand looked at for each page. Those of other types only their
/// service knows: `resources_elsewhere` says so, instead of an empty list that would read as "none". Nothing is recorded.
#[utoipa::path(
    post, path = "/api/v1/decisions/search/resources", operation_id = "search_resources", tag = "Decisions",
    request_body = ResourceSearch,
    responses((status = 200, description = "A page of resources", body = FoundResources)),
)]
pub async fn resources(Extension(ctx): Extension<Ctx>, Json(search): Json<ResourceSearch>) -> ApiResult {
    ctx.require(Permission::DecisionsEvaluate).await?;
    let ResourceSearch { subject, action, resource, context, page } = search;
    let mut errors = FieldErrors::new();
    let of = resource.r#type.clone();
    if !resource.properties.is_empty() {
        errors.add("resource.properties", "Leave them out: what is known about these resources is known here.");
    }
    let resource = DecisionResource { id: None, properties: Map::new(), ..resource };
    let question = DecisionQuestion { subject: Some(subject), action: Some(action), resource: Some(resource), context };
    let (asked, page) = (question.read("", &mut errors), page.read(&mut errors));
    let (asked, page) = errors.finish(asked.zip(page))?;
    if !access::KEPT_HERE.contains(&of.as_str()) {
        return Err(Problem::new(Code::ResourcesElsewhere).into());
    }
    let (found, next) = access::resources(&ctx, &of, &asked, page).await?;
    let shown = |found: access::FoundResource| FoundResource {
        r#type: of.clone(),
        id: found.id,
        properties: FoundProperties { owner: found.owner, workspace: found.workspace },
    };
    let next_token = next.map(|id| id.to_string()).unwrap_or_default();
    let results = found.into_iter().map(shown).collect();
    Ok(target::shown(&FoundResources { results, page: NextPage { next_token } }))
}

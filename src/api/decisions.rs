//! Decisions for services that ask, shaped as the OpenID AuthZEN Authorization API 1.0 shapes them
//! (<https://openid.net/specs/authorization-api-1_0.html>). What is searched is in [`search`], what was recorded in
//! [`records`], and where all of it is in [`metadata`].
//!
//! Members of `properties` and `context` that mean nothing here are ignored where the standard lets anybody put anything;
//! what is said about the resource is not, because a misspelt attribute could not be denied by.

pub mod metadata;
pub mod records;
pub mod search;

use super::{body::Json, error::ApiResult, target, words};
use crate::watch::Unfound;
use axum::extract::Extension;
use bulkhead_authz::decision::ReasonCode;
use bulkhead_domain::{
    Ctx,
    access::{self, Asked, Decision, Given, LONGEST_ATTRIBUTE, MOST_ATTRIBUTES, MOST_QUESTIONS, Until},
};
use bulkhead_model::{DecisionId, FieldErrors, Permission, UserId, WorkspaceId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};
use std::net::IpAddr;
use utoipa::ToSchema;
use uuid::Uuid;

/// The longest part of a permission, in bytes, as `bulkhead_model::access` has it.
const LONGEST_NAME: usize = 64;

/// Who would do it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionSubject {
    /// `user`. Of another type nobody may do anything.
    #[schema(example = "user")]
    r#type: String,
    /// The user's id.
    #[schema(example = "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001", max_length = 256)]
    id: Option<String>,
    /// Ignored: what is known about users is known here.
    #[serde(default)]
    #[expect(dead_code, reason = "the standard lets callers send it")]
    properties: Map<String, Value>,
}

/// What would be done.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionAction {
    /// The part of a permission behind the colon.
    #[schema(example = "delete", max_length = 64)]
    name: String,
    /// Ignored.
    #[serde(default)]
    #[expect(dead_code, reason = "the standard lets callers send it")]
    properties: Map<String, Value>,
}

/// To what.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionResource {
    /// The part of a permission before the colon: a registered type, or one of the console's own.
    #[schema(example = "invoices", max_length = 64)]
    r#type: String,
    /// Its id, as its service writes it. Without one, the question is about the type.
    #[schema(example = "inv-2041", max_length = 256)]
    id: Option<String>,
    /// What conditions may ask about it: `owner`, the id of a user; `workspace`, the id of a workspace; and the attributes
    /// that are registered for its type. A time is text as RFC 3339 writes it.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"amount": 250, "owner": "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001"}))]
    properties: Map<String, Value>,
}

/// A question. In a batch, what is missing in one is taken from the request around it.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "subject": {"type": "user", "id": "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001"},
    "action": {"name": "delete"},
    "resource": {"type": "invoices", "id": "inv-2041", "properties": {"amount": 250}},
    "context": {"ip_address": "192.0.2.17"},
}))]
pub struct DecisionQuestion {
    /// Who.
    subject: Option<DecisionSubject>,
    /// What.
    action: Option<DecisionAction>,
    /// To what.
    resource: Option<DecisionResource>,
    /// Under which circumstances: `ip_address`, the address of the person as the service sees it. The moment is always
    /// this one, by the server's clock. Other members are ignored.
    #[schema(value_type = Option<Object>, example = json!({"ip_address": "192.0.2.17"}))]
    context: Option<Map<String, Value>>,
}

/// When the answers to come are not needed any more.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EvaluationsSemantic {
    /// All questions are answered.
    #[default]
    ExecuteAll,
    /// The first that is denied is the last that is answered.
    DenyOnFirstDeny,
    /// The first that is permitted is the last that is answered.
    PermitOnFirstPermit,
}

impl From<EvaluationsSemantic> for Until {
    fn from(semantic: EvaluationsSemantic) -> Self {
        match semantic {
            EvaluationsSemantic::ExecuteAll => Self::TheEnd,
            EvaluationsSemantic::DenyOnFirstDeny => Self::Denied,
            EvaluationsSemantic::PermitOnFirstPermit => Self::Allowed,
        }
    }
}

/// How a batch is answered.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct BatchOptions {
    /// When to end.
    evaluations_semantic: EvaluationsSemantic,
}

/// Several questions.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "subject": {"type": "user", "id": "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001"},
    "resource": {"type": "invoices", "id": "inv-2041"},
    "evaluations": [{"action": {"name": "read"}}, {"action": {"name": "delete"}}],
    "options": {"evaluations_semantic": "execute_all"},
}))]
pub struct DecisionBatch {
    /// For every question that has none.
    subject: Option<DecisionSubject>,
    /// For every question that has none.
    action: Option<DecisionAction>,
    /// For every question that has none.
    resource: Option<DecisionResource>,
    /// For every question that has none.
    #[schema(value_type = Option<Object>)]
    context: Option<Map<String, Value>>,
    /// The questions.
    #[schema(min_items = 1, max_items = 100)]
    evaluations: Vec<DecisionQuestion>,
    /// How they are answered.
    #[serde(default)]
    options: BatchOptions,
}

/// Why it came out as it did.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionReason {
    /// As a code; docs/reason-codes.md explains each.
    #[schema(value_type = words::ReasonCode)]
    reason: &'static str,
    /// In a sentence. It says nothing of roles and conditions, so it may be shown to the person.
    #[schema(example = "None of their roles allows it.")]
    sentence: &'static str,
    /// Under which it is recorded: every denial, and one of twenty decisions that allow.
    #[schema(value_type = Option<Uuid>, required)]
    id: Option<DecisionId>,
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionAnswer {
    /// Whether it may happen.
    decision: bool,
    /// Why.
    context: DecisionReason,
}

impl From<Decision> for DecisionAnswer {
    fn from(decision: Decision) -> Self {
        let allowed = decision.allowed();
        let Decision { kept_as: id, reason } = decision;
        Self { decision: allowed, context: DecisionReason { reason: reason.code(), sentence: reason.sentence(), id } }
    }
}

/// The answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionAnswers {
    /// In the order of the questions; fewer, where the batch ended early.
    evaluations: Vec<DecisionAnswer>,
}

/// Ask for a decision
///
/// The same function decides that enforces in the console. Recorded for 30 days, to try changed roles on.
#[utoipa::path(
    post, path = "/api/v1/decisions", operation_id = "decide", tag = "Decisions",
    request_body = DecisionQuestion,
    responses((status = 200, description = "The decision", body = DecisionAnswer)),
)]
pub async fn decide(Extension(ctx): Extension<Ctx>, Json(question): Json<DecisionQuestion>) -> ApiResult {
    ctx.require(Permission::DecisionsEvaluate).await?;
    let mut errors = FieldErrors::new();
    let asked = question.read("", &mut errors);
    let asked = errors.finish(asked)?;
    let asked = [asked];
    let mut answers = access::decide(&ctx, &asked, Until::TheEnd).await?;
    let unknown = unknown(&asked, &answers);
    let unanswered = || Decision { kept_as: None, reason: ReasonCode::NotGranted };
    let answer = DecisionAnswer::from(answers.pop().unwrap_or_else(unanswered));
    Ok(Unfound::beside(unknown, target::shown(&answer)))
}

/// Ask for several decisions
///
/// At one moment, in one request: 100 at most.
#[utoipa::path(
    post, path = "/api/v1/decisions/batch", operation_id = "decide_batch", tag = "Decisions",
    request_body = DecisionBatch,
    responses((status = 200, description = "The decisions", body = DecisionAnswers)),
)]
pub async fn decide_batch(Extension(ctx): Extension<Ctx>, Json(batch): Json<DecisionBatch>) -> ApiResult {
    ctx.require(Permission::DecisionsEvaluate).await?;
    let DecisionBatch { subject, action, resource, context, evaluations, options } = batch;
    let mut errors = FieldErrors::new();
    if evaluations.is_empty() || evaluations.len() > MOST_QUESTIONS {
        errors.add("evaluations", format!("Ask 1 to {MOST_QUESTIONS} questions."));
    }
    let read = |(place, question): (usize, DecisionQuestion)| {
        let question = DecisionQuestion {
            subject: question.subject.or_else(|| subject.clone()),
            action: question.action.or_else(|| action.clone()),
            resource: question.resource.or_else(|| resource.clone()),
            context: question.context.or_else(|| context.clone()),
        };
        question.read(&format!("evaluations[{place}]."), &mut errors)
    };
    let asked: Option<Vec<Asked>> = evaluations.into_iter().take(MOST_QUESTIONS).enumerate().map(read).collect();
    let asked = errors.finish(asked)?;
    let decided = access::decide(&ctx, &asked, options.evaluations_semantic.into()).await?;
    let unknown = unknown(&asked, &decided);
    let answers = DecisionAnswers { evaluations: decided.into_iter().map(DecisionAnswer::from).collect() };
    Ok(Unfound::beside(unknown, target::shown(&answers)))
}

/// The subjects that the organization does not have.
fn unknown(asked: &[Asked], answers: &[Decision]) -> Vec<Uuid> {
    let unknown = asked.iter().zip(answers).filter(|(_, answer)| answer.reason == ReasonCode::SubjectUnknown);
    unknown.filter_map(|(asked, _)| asked.user.map(|user| user.uuid())).collect()
}

impl DecisionQuestion {
    /// The question, or what is wrong with it, each under its own place. What reads well and does not exist is no error:
    /// it is denied.
    fn read(self, at: &str, errors: &mut FieldErrors) -> Option<Asked> {
        let mut missing = |name: &str| errors.add(format!("{at}{name}"), "Say it here or, in a batch, for all.");
        if self.subject.is_none() {
            missing("subject");
        }
        if self.action.is_none() {
            missing("action");
        }
        if self.resource.is_none() {
            missing("resource");
        }
        let (subject, action, mut resource) = (self.subject?, self.action?, self.resource?);
        let texts = [
            ("subject.id", subject.id.as_deref(), LONGEST_ATTRIBUTE),
            ("action.name", Some(action.name.as_str()), LONGEST_NAME),
            ("resource.type", Some(resource.r#type.as_str()), LONGEST_NAME),
            ("resource.id", resource.id.as_deref(), LONGEST_ATTRIBUTE),
        ];
        for (place, text, most) in texts {
            if let Some(problem) = text.and_then(|text| unkept(text, most)) {
                errors.add(format!("{at}{place}"), problem);
            }
        }
        if subject.id.is_none() {
            errors.add(format!("{at}subject.id"), "Say whose.");
        }
        let place = format!("{at}resource.properties");
        let owner: Option<Option<UserId>> = id(&mut resource.properties, "owner", &place, errors);
        let workspace: Option<Option<WorkspaceId>> = id(&mut resource.properties, "workspace", &place, errors);
        if resource.properties.len() > MOST_ATTRIBUTES {
            errors.add(&*place, format!("At most {MOST_ATTRIBUTES}."));
        }
        for (name, value) in &resource.properties {
            if let Some(problem) = value.as_str().and_then(|text| unkept(text, LONGEST_ATTRIBUTE)) {
                let name: String = name.chars().filter(|letter| !letter.is_control()).take(LONGEST_NAME).collect();
                errors.add(format!("{place}.{name}"), problem);
            }
        }
        let address = self.context.unwrap_or_default().remove("ip_address");
        let address = address.map(|address| address.as_str().and_then(|text| text.parse::<IpAddr>().ok()).ok_or(()));
        if matches!(address, Some(Err(()))) {
            errors.add(format!("{at}context.ip_address"), "Write an address, such as 192.0.2.17.");
        }
        Some(Asked {
            user: subject.id.filter(|_| subject.r#type == "user").and_then(|id| id.parse().ok()),
            permission: format!("{}:{}", resource.r#type, action.name),
            id: resource.id,
            owner: owner?,
            workspace: workspace?,
            attributes: resource.properties.into_iter().map(|(name, value)| (name, given(value))).collect(),
            address: address.and_then(Result::ok),
        })
    }
}

/// Why a text cannot be kept with the decision: it is too long, or PostgreSQL takes no such character.
fn unkept(text: &str, most: usize) -> Option<String> {
    if text.len() > most {
        return Some(format!("At most {most} bytes."));
    }
    text.contains(char::is_control).then(|| "Contains control characters.".to_owned())
}

/// An id among the properties, taken out; none where something else stands there.
fn id<T: DeserializeOwned>(
    properties: &mut Map<String, Value>,
    name: &str,
    place: &str,
    errors: &mut FieldErrors,
) -> Option<Option<T>> {
    let Some(value) = properties.remove(name) else { return Some(None) };
    errors.keep(&format!("{place}.{name}"), serde_json::from_value(value).map_err(|_| "Write an id.")).map(Some)
}

fn given(value: Value) -> Given {
    match value {
        Value::String(text) => Given::Text(text),
        Value::Bool(is) => Given::Boolean(is),
        Value::Number(number) => number.as_f64().map_or(Given::Other, Given::Number),
        Value::Null | Value::Array(_) | Value::Object(_) => Given::Other,
    }
}

//! Giving a role to many people at once and taking it from them; with `dry_run`, only what would happen.

use crate::{
    api::{
        body::{Json, first_time},
        error::ApiResult,
        roles::{RoleRef, WorkspaceRef},
        target::{self, Named},
        words,
    },
    watch::Unfound,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Bulk, Clash, Deed, Difference, Line, Order, Outcome, People, Period},
};
use bulkhead_model::{
    FieldErrors, RoleId, UserId, WorkspaceId,
    access::{PlacedRole, Prospect},
    id::RoleKind,
};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;
use uuid::Uuid;

/// Who is to get a role, where, and from when until when.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "emails": ["ana@example.com", "ben@example.com"],
    "until": "2027-01-31T18:00:00Z",
    "reason": "Yearly audit",
    "dry_run": true,
}))]
pub struct BatchGive {
    /// Users by their ids; with the addresses 1 to 1,000 people.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 1000)]
    users: Vec<UserId>,
    /// Users by their addresses.
    #[serde(default)]
    #[schema(max_items = 1000)]
    emails: Vec<String>,
    /// The workspace it is to count in, of which they are members; the whole organization without it.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    workspace: Option<WorkspaceId>,
    /// From when on; at once without it.
    #[serde(with = "time::serde::rfc3339::option", default)]
    from: Option<OffsetDateTime>,
    /// Until when, not included; without end without it.
    #[serde(with = "time::serde::rfc3339::option", default)]
    until: Option<OffsetDateTime>,
    /// Why; kept in the audit log. Required where somebody could newly do something dangerous.
    #[serde(default)]
    #[schema(max_length = 500)]
    reason: String,
    /// Answer what would happen, and do nothing.
    #[serde(default)]
    dry_run: bool,
}

/// From whom a role is to be taken, and where they hold it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"users": ["7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001"], "dry_run": true}))]
pub struct BatchTake {
    /// Users by their ids; with the addresses 1 to 1,000 people.
    #[serde(default)]
    #[schema(value_type = Vec<Uuid>, max_items = 1000)]
    users: Vec<UserId>,
    /// Users by their addresses.
    #[serde(default)]
    #[schema(max_items = 1000)]
    emails: Vec<String>,
    /// The workspace they hold it in; the whole organization without it.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    workspace: Option<WorkspaceId>,
    /// Why; kept in the audit log. Required where somebody could newly do something dangerous that the role denied, or would
    /// newly hold duties that exclude each other.
    #[serde(default)]
    #[schema(max_length = 500)]
    reason: String,
    /// Answer what would happen, and do nothing.
    #[serde(default)]
    dry_run: bool,
}

/// What becomes of one of those who were named.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchResult {
    /// The id or the address by which they were named.
    #[schema(example = "ana@example.com")]
    named: String,
    /// Who that is; null where nobody here is.
    #[schema(value_type = Option<Uuid>, required)]
    user_id: Option<UserId>,
    /// Their address.
    #[schema(required, example = "ana@example.com")]
    email: Option<String>,
    /// What becomes of them.
    #[schema(value_type = words::BatchOutcome)]
    outcome: &'static str,
    /// Why not, where the outcome is `cannot`.
    #[schema(value_type = Option<words::BatchRefusal>, required)]
    code: Option<&'static str>,
    /// The same in a sentence.
    #[schema(required)]
    reason: Option<String>,
}

impl From<Line> for BatchResult {
    fn from(line: Line) -> Self {
        let outcome = line.outcome.prospect().code();
        let (code, reason) = match &line.outcome {
            Outcome::Cannot(cannot) => (Some(cannot.code().code()), Some(cannot.sentence())),
            _ => (None, None),
        };
        let (user_id, email) = line.who.map(|who| (who.id, who.email)).unzip();
        Self { named: line.named, user_id, email, outcome, code, reason }
    }
}

/// Of how many something becomes.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchSummary {
    /// Who gets the role.
    gains: usize,
    /// Who holds it, for another time than before.
    changes: usize,
    /// Who loses it.
    loses: usize,
    /// Of whom it is true already.
    stays: usize,
    /// Who is left out.
    cannot: usize,
}

/// What people could newly do, or not do any more, with all that they hold taken into account.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchEffect {
    /// What it is about.
    #[schema(example = "users:read")]
    permission: String,
    /// Whether giving it takes a reason.
    dangerous: bool,
    /// How many may do it more than before.
    gain: usize,
    /// How many may do it less.
    lose: usize,
}

impl From<Difference> for BatchEffect {
    fn from(effect: Difference) -> Self {
        let Difference { permission, dangerous, gain, lose } = effect;
        Self { permission: permission.to_string(), dangerous, gain, lose }
    }
}

/// What was done, or would be.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchAnswer {
    /// Whether nothing was done because that was asked for.
    dry_run: bool,
    /// The role.
    role: RoleRef,
    /// The workspace it counts in; null for the whole organization.
    #[schema(required)]
    workspace: Option<WorkspaceRef>,
    /// In numbers.
    summary: BatchSummary,
    /// One for each id and each address, in their order, ids first.
    results: Vec<BatchResult>,
    /// What changes by it: dangerous gains first.
    permissions: Vec<BatchEffect>,
    /// Duties that exclude each other and that people would newly hold together, in sentences. It takes a `reason` because of
    /// them; whoever a conflict refuses is left out instead, with `duty_conflict`.
    duty_conflicts: Vec<String>,
    /// What to think of, in sentences; nothing is refused because of one.
    warnings: Vec<String>,
}

impl BatchAnswer {
    fn of(id: RoleId, dry_run: bool, bulk: Bulk) -> Self {
        let count = |prospect| bulk.count(prospect);
        let summary = BatchSummary {
            gains: count(Prospect::Gains),
            changes: count(Prospect::Changes),
            loses: count(Prospect::Loses),
            stays: count(Prospect::Stays),
            cannot: count(Prospect::Cannot),
        };
        Self {
            dry_run,
            role: RoleRef { id, name: bulk.role },
            workspace: bulk.workspace.map(WorkspaceRef::from),
            summary,
            results: bulk.lines.into_iter().map(BatchResult::from).collect(),
            permissions: bulk.effects.into_iter().map(BatchEffect::from).collect(),
            duty_conflicts: bulk.clashes.iter().flat_map(Clash::sentences).collect(),
            warnings: bulk.warnings,
        }
    }
}

/// Give a role to many users
///
/// All of them in one transaction, each with an event of their own. Who cannot get it is left out and named with a code, the
/// others are not held up by that; the rules are those of giving it to one. Where nobody can be given it, the request is refused.
/// A repetition with the same `Idempotency-Key` is answered with how things are by now.
#[utoipa::path(
    post, path = "/api/v1/roles/{id}/assignments/batch", operation_id = "assign_role_to_many", tag = "Roles",
    params(("id" = Uuid, Path, description = "The id of a role of the organization's own")),
    request_body = BatchGive,
    responses((status = 200, description = "What became of each", body = BatchAnswer)),
)]
pub async fn give(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<RoleKind>,
    Json(body): Json<BatchGive>,
) -> ApiResult {
    let BatchGive { users, emails, workspace, from, until, reason, dry_run } = body;
    let order = Order { placed: PlacedRole { role: id, workspace }, deed: Deed::Give(Period { from, until }), reason };
    answer(&ctx, &order, People::Listed { users, addresses: emails }, dry_run).await
}

/// Take a role from many users
///
/// Where they hold it; the counterpart of giving it to many.
#[utoipa::path(
    post, path = "/api/v1/roles/{id}/assignments/batch/remove", operation_id = "unassign_role_from_many", tag = "Roles",
    params(("id" = Uuid, Path, description = "The id of a role of the organization's own")),
    request_body = BatchTake,
    responses((status = 200, description = "What became of each", body = BatchAnswer)),
)]
pub async fn take(
    Extension(ctx): Extension<Ctx>,
    Named(id): Named<RoleKind>,
    Json(body): Json<BatchTake>,
) -> ApiResult {
    let BatchTake { users, emails, workspace, reason, dry_run } = body;
    let order = Order { placed: PlacedRole { role: id, workspace }, deed: Deed::Take, reason };
    answer(&ctx, &order, People::Listed { users, addresses: emails }, dry_run).await
}

async fn answer(ctx: &Ctx, order: &Order, people: People, dry_run: bool) -> ApiResult {
    let done = match dry_run {
        true => access::look(ctx, order, &people).await,
        false => access::carry_out(ctx, order, &people, None).await,
    };
    let bulk = match first_time(done.map_err(named))? {
        Some(bulk) => bulk,
        None => access::look(ctx, order, &people).await?,
    };
    let unfound: Vec<Uuid> = bulk.unfound().collect();
    Ok(Unfound::beside(unfound, target::shown(&BatchAnswer::of(order.placed.role, dry_run, bulk))))
}

/// A body has no field `people`: whoever is missing or too many is so in `users`.
fn named(error: Error) -> Error {
    let Error::Invalid(errors) = error else { return error };
    let mut renamed = FieldErrors::new();
    for error in errors.iter() {
        renamed.add(if error.field == "people" { "users" } else { &error.field }, &error.message);
    }
    Error::Invalid(renamed)
}

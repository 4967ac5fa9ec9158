//! How PostgreSQL plans the statements that the application runs. For operators.
//!
//! `/api/v1/plans` are what organizations are sold; these are the query planner's.

use super::{
    body::{NoBody, first_time},
    error::ApiResult,
    isolation::no_inspector,
    target::{self, Known, Named, UNVERSIONED},
    words,
};
use axum::extract::Extension;
use bulkhead_domain::{Error, OperatorCtx, plans};
use bulkhead_model::{
    PlanId,
    id::PlanKind,
    isolation::{self, AccessPath, Degradation, PlanNode, StatementSource, WatchedQuery},
};
use serde::Serialize;
use time::OffsetDateTime;
use utoipa::ToSchema;

/// A statement that the application runs, with the plans it had and has.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryPlan {
    /// Its id.
    #[schema(value_type = Uuid)]
    id: PlanId,
    /// The statement, as it was sent: parameters are `$1`, never values.
    statement: String,
    /// The role that runs it.
    role: String,
    /// How often it ran.
    calls: u64,
    /// All runs together, in milliseconds.
    total_ms: f64,
    /// Who counted.
    #[schema(value_type = words::StatementSource)]
    source: StatementSource,
    /// Since when the counts run, where that is known.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    counted_since: Option<OffsetDateTime>,
    /// When its plan was last asked for.
    #[serde(with = "time::serde::rfc3339")]
    examined_at: OffsetDateTime,
    /// The plan that newer ones are compared with.
    #[schema(required)]
    baseline: Option<Plan>,
    /// The plan now.
    #[schema(required)]
    current: Option<Plan>,
    /// What is worse now than in the plan it is compared with.
    degradations: Vec<Worse>,
    /// Why PostgreSQL did not plan it when it was last asked; `current` is then the plan before.
    #[schema(required)]
    failure: Option<String>,
}

/// What got worse.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanDegradation)]
pub struct Worse {
    /// What happened.
    kind: WorseKind,
    /// The same in a sentence.
    sentence: String,
}

/// Ways in which a plan gets worse.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PlanDegradationKind)]
pub enum WorseKind {
    /// An index that leads with the tenant column was used and is not any more.
    IndexLost,
    /// The same statement is estimated much higher.
    CostGrown,
}

impl From<&Degradation> for Worse {
    fn from(degradation: &Degradation) -> Self {
        let kind = match degradation {
            Degradation::IndexLost { .. } => WorseKind::IndexLost,
            Degradation::CostGrown { .. } => WorseKind::CostGrown,
        };
        Self { kind, sentence: degradation.sentence() }
    }
}

/// A generic plan: what holds for every organization, not for one value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GenericPlan)]
pub struct Plan {
    /// Since when it has this shape, or is what others are compared with.
    #[serde(with = "time::serde::rfc3339")]
    since: OffsetDateTime,
    /// Its shape: SHA-256 over node kinds, tables and indexes, in hexadecimal. Costs are no part of it.
    fingerprint: String,
    /// Estimated, with policies, in PostgreSQL's cost units (1 = a page read in sequence).
    cost: f64,
    /// The same without policies; null where that could not be planned.
    #[schema(required)]
    cost_without_policies: Option<f64>,
    /// How many times the statement costs what it would without policies.
    #[schema(required, example = 1.05)]
    ratio: Option<f64>,
    /// Tables it reads, in the plan's order.
    tables: Vec<Access>,
    /// The plan itself.
    root: Step,
}

/// How one table is reached.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanTable)]
pub struct Access {
    /// `schema.name`.
    #[schema(example = "public.users")]
    table: String,
    /// Row-level security is on.
    row_security: bool,
    /// The column that says whose a row is.
    #[schema(required, example = "org_id")]
    tenant_column: Option<String>,
    /// By what.
    path: Path,
    /// The index, where one is used.
    #[schema(required)]
    index: Option<String>,
    /// The organization is looked up in an index that leads with the tenant column.
    by_tenant_index: bool,
    /// Rows of the whole table, as PostgreSQL last counted or estimated them; null where it never did.
    #[schema(required)]
    table_rows: Option<f64>,
    /// A large tenant table that is read whole.
    large_scan: bool,
    /// How it is reached, in a sentence.
    sentence: String,
}

/// By what a table is reached.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AccessPath)]
pub enum Path {
    /// Every row is read.
    Sequential,
    /// Through an index, then the table.
    Index,
    /// Through an index alone.
    IndexOnly,
    /// Through one or more indexes, then the pages that they name.
    Bitmap,
    /// By the row's address.
    Address,
}

impl From<AccessPath> for Path {
    fn from(path: AccessPath) -> Self {
        match path {
            AccessPath::Sequential => Self::Sequential,
            AccessPath::Index => Self::Index,
            AccessPath::IndexOnly => Self::IndexOnly,
            AccessPath::Bitmap => Self::Bitmap,
            AccessPath::Address => Self::Address,
        }
    }
}

impl From<isolation::TableAccess> for Access {
    fn from(access: isolation::TableAccess) -> Self {
        let (sentence, large_scan) = (access.sentence(), access.is_large_scan());
        let isolation::TableAccess { table, row_security, tenant_column, path, index, by_tenant_index, table_rows } =
            access;
        let path = path.into();
        Self { table, row_security, tenant_column, path, index, by_tenant_index, table_rows, large_scan, sentence }
    }
}

/// A step of a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanStep)]
pub struct Step {
    /// PostgreSQL's name for it, with what it works on.
    #[schema(example = "Index Scan using users_pkey on public.users")]
    label: String,
    /// Estimated, this step and those below, in PostgreSQL's cost units.
    cost: f64,
    /// Estimated rows that it hands up.
    rows: f64,
    /// Its conditions.
    conditions: Vec<Condition>,
    /// Steps below.
    #[schema(no_recursion)]
    children: Vec<Step>,
}

/// A condition of a step.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PlanCondition)]
pub struct Condition {
    /// What PostgreSQL calls it.
    #[schema(example = "Index Cond")]
    kind: String,
    /// The condition.
    #[schema(example = "(org_id = $0)")]
    expression: String,
}

impl From<PlanNode> for Step {
    fn from(node: PlanNode) -> Self {
        let PlanNode { label, cost, rows, conditions, children } = node;
        let conditions = conditions.into_iter().map(|(kind, expression)| Condition { kind, expression }).collect();
        Self { label, cost, rows, conditions, children: children.into_iter().map(Self::from).collect() }
    }
}

impl From<(isolation::QueryPlan, OffsetDateTime)> for Plan {
    fn from((plan, since): (isolation::QueryPlan, OffsetDateTime)) -> Self {
        let ratio = plan.ratio();
        let isolation::QueryPlan { fingerprint, cost, cost_unbound: cost_without_policies, tables, root } = plan;
        let tables = tables.into_iter().map(Access::from).collect();
        Self { since, fingerprint, cost, cost_without_policies, ratio, tables, root: root.into() }
    }
}

impl From<WatchedQuery> for QueryPlan {
    fn from(query: WatchedQuery) -> Self {
        let degradations = query.degradations().iter().map(Worse::from).collect();
        let WatchedQuery { id, statement, source, counted_since, examined_at, baseline, current, failure } = query;
        let isolation::Statement { role, text: statement, calls, total_ms } = statement;
        Self {
            id,
            statement,
            role,
            calls,
            total_ms,
            source,
            counted_since,
            examined_at,
            baseline: baseline.map(Plan::from),
            current: current.map(Plan::from),
            degradations,
            failure,
        }
    }
}

/// The watched statements.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueryPlans {
    /// Those that took most time first, at most 500.
    data: Vec<QueryPlan>,
    /// Whether plans can be asked for: an address is set for the inspector.
    possible: bool,
    /// When they were last asked for.
    #[serde(with = "time::serde::rfc3339::option")]
    #[schema(required)]
    examined_at: Option<OffsetDateTime>,
}

async fn all(ctx: &OperatorCtx) -> ApiResult {
    let plans::PlanList { queries, possible, examined_at } = plans::list(ctx).await?;
    let data = queries.into_iter().map(QueryPlan::from).collect();
    Ok(target::shown(&QueryPlans { data, possible, examined_at }))
}

/// List the query plans
///
/// The statements that take most time, with the plan PostgreSQL has for them as the role that runs them.
#[utoipa::path(
    get, path = "/api/v1/query-plans", operation_id = "list_query_plans", tag = "Query plans",
    responses((status = 200, description = "The statements", body = QueryPlans)),
)]
pub async fn list(Extension(ctx): Extension<OperatorCtx>) -> ApiResult {
    all(&ctx).await
}

/// Ask for the plans now
///
/// Nothing is executed, and no parameter's value is known. It happens every hour by itself.
#[utoipa::path(
    post, path = "/api/v1/query-plans/examine", operation_id = "examine_query_plans", tag = "Query plans",
    responses((status = 200, description = "The statements, with the plans they have now", body = QueryPlans)),
)]
pub async fn examine(Extension(ctx): Extension<OperatorCtx>, _: NoBody) -> ApiResult {
    match plans::refresh(&ctx).await {
        Err(Error::NotFound) => return Err(no_inspector()),
        done => first_time(done)?,
    };
    all(&ctx).await
}

/// Read a query plan
#[utoipa::path(
    get, path = "/api/v1/query-plans/{id}", operation_id = "get_query_plan", tag = "Query plans",
    params(("id" = Uuid, Path, description = "The statement's id"), super::openapi::IfNoneMatch),
    responses((status = 200, description = "The statement", body = QueryPlan)),
)]
pub async fn find(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<PlanKind>, known: Known) -> ApiResult {
    Ok(known.answer(UNVERSIONED, &QueryPlan::from(plans::find(&ctx, id).await?)))
}

/// Accept a query plan
///
/// Later plans are compared with the one that the statement has now.
#[utoipa::path(
    post, path = "/api/v1/query-plans/{id}/accept", operation_id = "accept_query_plan", tag = "Query plans",
    params(("id" = Uuid, Path, description = "The statement's id")),
    responses((status = 200, description = "The statement", body = QueryPlan)),
)]
pub async fn accept(Extension(ctx): Extension<OperatorCtx>, Named(id): Named<PlanKind>, _: NoBody) -> ApiResult {
    first_time(plans::accept(&ctx, id).await)?;
    Ok(target::changed(UNVERSIONED, &QueryPlan::from(plans::find(&ctx, id).await?)))
}

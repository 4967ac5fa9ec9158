//! How PostgreSQL plans the statements that the application runs: all of them, and one with its plan.

pub mod detail;

use crate::web::{
    fields,
    form::Form,
    op::orgs::Pressed,
    page::{PageResult, Web},
};
use axum::extract::Extension;
use bulkhead_domain::{
    OperatorCtx,
    plans::{self, Examination, PlanList},
};
use bulkhead_model::{
    Permission, PlanId,
    isolation::{QueryPlan, StatementSource, WatchedQuery},
};
use bulkhead_ui::{
    Align, Badge, Cell, EmptyState, HeadCell, IconName, Notice, PageHeader, PostForm, RelTime, Row, RowTitle, Stat,
    Stats, SubmitButton, Table, Tone, counted, number,
};
use leptos::prelude::*;

const TITLE: &str = "Plans";
const PATH: &str = "/op/plans";

/// `GET /op/plans`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    let list = plans::list(&ctx).await?;
    let viewer = web.clone();
    Ok(web.show(TITLE, move || body(&viewer, &list)).await)
}

/// `POST /op/plans`
pub async fn refresh(web: Web, Extension(ctx): Extension<OperatorCtx>, Form(Pressed {}): Form<Pressed>) -> PageResult {
    let Examination { looked_at, refused, degraded, .. } = plans::refresh(&ctx).await?;
    let mut words = format!("{} looked at.", counted(looked_at as u64, "statement", "statements"));
    if refused > 0 {
        words.push_str(&format!(" PostgreSQL did not plan {refused} of them; their pages say why."));
    }
    if degraded > 0 {
        words.push_str(&format!(" {} got worse.", counted(degraded as u64, "plan", "plans")));
    }
    Ok(web.done(PATH, &words))
}

fn page_of(id: PlanId) -> String {
    format!("{PATH}/{id}")
}

/// The worst that can be said about a statement's plan.
fn badge(query: &WatchedQuery) -> AnyView {
    let (label, tone, icon) = match &query.current {
        _ if !query.degradations().is_empty() => ("Degraded", Tone::Danger, IconName::AlertTriangle),
        _ if query.failure.is_some() => ("Not planned", Tone::Warn, IconName::Help),
        Some((plan, _)) if plan.large_scans().next().is_some() => ("Scans a large table", Tone::Warn, IconName::Rows),
        _ => ("As it was", Tone::Ok, IconName::Check),
    };
    view! { <Badge label tone icon=icon /> }.into_any()
}

/// The first words of a statement that tell it from others.
fn title(query: &WatchedQuery) -> String {
    let words: Vec<&str> = query.statement.text.split_whitespace().collect();
    let words = words.join(" ");
    match words.char_indices().nth(90) {
        Some((cut, _)) => format!("{}…", &words[..cut]),
        None => words,
    }
}

/// "1.32 x", or a dash.
fn ratio(plan: &QueryPlan) -> String {
    plan.ratio().map_or_else(|| "–".to_owned(), |ratio| format!("{ratio:.2} x"))
}

/// Milliseconds with as many digits as matter.
fn milliseconds(value: f64) -> String {
    if value < 10.0 { format!("{value:.2} ms") } else { format!("{value:.0} ms") }
}

/// Whether the organization is looked up in an index, over all tenant tables of the plan.
fn tenant_index(plan: &QueryPlan) -> &'static str {
    let mut tenant = plan.tables.iter().filter(|access| access.tenant_column.is_some()).peekable();
    if tenant.peek().is_none() {
        return "no tenant table";
    }
    match tenant.fold((0, 0), |(used, all), access| (used + usize::from(access.by_tenant_index), all + 1)) {
        (used, all) if used == all => "used",
        (0, _) => "not used",
        _ => "for some tables",
    }
}

fn body(web: &Web, list: &PlanList) -> AnyView {
    let count = |wanted: &dyn Fn(&WatchedQuery) -> bool| {
        number(list.queries.iter().filter(|query| wanted(query)).count() as u64)
    };
    let degraded = count(&|query| !query.degradations().is_empty());
    let scans = count(&|query| query.current.as_ref().is_some_and(|(plan, _)| plan.large_scans().next().is_some()));
    let refused = count(&|query| query.failure.is_some());
    let watched = number(list.queries.len() as u64);
    let state = (!list.possible).then(|| {
        view! {
            <Notice>
                "No address is set for the inspector, so plans cannot be asked for. Set database_inspect_url; `bulkhead database setup` prints it."
            </Notice>
        }
    });
    let table = match list.queries.is_empty() {
        true => view! {
            <EmptyState
                title="No plans yet"
                body="PostgreSQL is asked how it would run the statements that take most time, as the role that runs them. Nothing is executed, and no parameter’s value is known. It happens every hour, or when you ask."
                icon=IconName::Database
            />
        }
        .into_any(),
        false => table(web, list),
    };
    view! {
        <PageHeader
            title=TITLE
            purpose="How PostgreSQL runs the statements that take most time: whether it looks organizations up in an index, and what row-level security costs."
            actions=refresh_form(web, list)
        />
        {state}
        <Stats>
            <Stat label="Degraded" value=degraded hint="Lost the tenant index, or cost 3 times more" />
            <Stat label="Large scans" value=scans hint="Read a tenant table of 10,000 rows whole" />
            <Stat label="Not planned" value=refused hint="PostgreSQL refused; the page says why" />
            <Stat label="Watched" value=watched hint="Forgotten 30 days after they were last among the top" />
        </Stats>
        {source(web, list)}
        {table}
    }
    .into_any()
}

fn refresh_form(web: &Web, list: &PlanList) -> AnyView {
    if !list.possible || !web.may(Permission::PlatformIsolationManage) {
        return ().into_any();
    }
    let (csrf, hidden) = (web.csrf(), fields::hidden(web));
    view! {
        <PostForm action=PATH csrf hidden inline=true>
            <SubmitButton label="Ask for plans now" pending="Asking" />
        </PostForm>
    }
    .into_any()
}

/// Who counted the statements, and since when.
fn source(web: &Web, list: &PlanList) -> AnyView {
    let Some(latest) = list.queries.iter().max_by_key(|query| query.examined_at) else { return ().into_any() };
    let (now, examined) = (web.now(), latest.examined_at);
    let who = match latest.source {
        StatementSource::PgStatStatements => "Statements were counted by pg_stat_statements",
        StatementSource::Server => {
            "Statements were counted by the server process that asked, because pg_stat_statements cannot be read; other processes and earlier ones are not in it. Counted"
        }
    };
    let since = latest.counted_since.map(|since| view! { " since " <RelTime at=since now /> });
    view! { <p class="muted">{who} {since} ". Plans were last asked for " <RelTime at=examined now /> "."</p> }
        .into_any()
}

fn table(web: &Web, list: &PlanList) -> AnyView {
    let now = web.now();
    let mut queries: Vec<&WatchedQuery> = list.queries.iter().collect();
    // What got worse comes first; the rest stays in the order of the time it takes.
    queries.sort_by_key(|query| query.degradations().is_empty());
    let rows: Vec<_> = queries
        .into_iter()
        .map(|query| {
            let (title, href, subtitle) = (title(query), page_of(query.id), query.statement.role.clone());
            let (status, examined) = (badge(query), query.examined_at);
            let calls = number(query.statement.calls);
            let mean = milliseconds(query.statement.total_ms / (query.statement.calls.max(1) as f64));
            let plan = query.current.as_ref().map(|(plan, _)| plan);
            let index = plan.map_or("–", tenant_index);
            let cost = plan.map_or_else(|| "–".to_owned(), |plan| format!("{:.0}", plan.cost));
            let ratio = plan.map_or_else(|| "–".to_owned(), ratio);
            view! {
                <Row>
                    <Cell header=true><RowTitle title href subtitle /></Cell>
                    <Cell label="Plan">{status}</Cell>
                    <Cell label="Tenant index">{index}</Cell>
                    <Cell label="With policies" align=Align::End>{ratio}</Cell>
                    <Cell label="Cost" align=Align::End>{cost}</Cell>
                    <Cell label="Calls" align=Align::End>{calls}</Cell>
                    <Cell label="Mean" align=Align::End>{mean}</Cell>
                    <Cell label="Looked at"><RelTime at=examined now /></Cell>
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="Statement" />
        <HeadCell label="Plan" />
        <HeadCell label="Tenant index" />
        <HeadCell label="With policies" align=Align::End />
        <HeadCell label="Cost" align=Align::End />
        <HeadCell label="Calls" align=Align::End />
        <HeadCell label="Mean" align=Align::End />
        <HeadCell label="Looked at" />
    }
    .into_any();
    view! { <Table caption="Statements, what got worse first" head>{rows}</Table> }.into_any()
}

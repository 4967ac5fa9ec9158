//! One statement: its text, how each table is reached, the plan itself, and what it is compared with.

use super::{PATH, TITLE, badge, milliseconds, page_of, ratio};
use crate::web::{
    fields,
    form::Form,
    op::orgs::Pressed,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{OperatorCtx, plans};
use bulkhead_model::{
    Permission, PlanId,
    isolation::{PlanNode, QueryPlan, WatchedQuery},
};
use bulkhead_ui::{
    Breadcrumb, Card, CodeBlock, Crumb, DescriptionList, Detail, Language, Notice, PageHeader, PostForm, RelTime,
    SubmitButton, Tone, UserText, Variant, counted,
};
use leptos::prelude::*;

/// `GET /op/plans/{id}`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<PlanId>) -> PageResult {
    let query = plans::find(&ctx, id).await?;
    let viewer = web.clone();
    Ok(web.show("Plan of a statement", move || body(&viewer, &query)).await)
}

/// `POST /op/plans/{id}`
pub async fn accept(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<PlanId>,
    Form(Pressed {}): Form<Pressed>,
) -> PageResult {
    plans::accept(&ctx, id).await?;
    Ok(web.done(&page_of(id), "Later plans are compared with this one."))
}

fn body(web: &Web, query: &WatchedQuery) -> AnyView {
    let status = badge(query);
    let worse: Vec<_> = query
        .degradations()
        .iter()
        .map(|one| {
            let sentence = one.sentence();
            view! { <li><UserText text=sentence /></li> }
        })
        .collect();
    let alarm = (!worse.is_empty()).then(|| {
        view! {
            <Notice tone=Tone::Danger>
                <p>"The plan is worse than the one it is compared with:"</p>
                <ul>{worse}</ul>
            </Notice>
        }
    });
    let failure = query.failure.clone().map(|why| {
        let kept = if query.current.is_some() { " Below is the plan it had before." } else { "" };
        let text = format!("PostgreSQL did not plan the statement: {why}.{kept}");
        view! { <Notice tone=Tone::Warn><UserText text /></Notice> }
    });
    let sql = query.statement.text.clone();
    let plan = query.current.as_ref().map(|(plan, _)| plan_cards(plan));
    view! {
        <Breadcrumb crumbs=vec![Crumb::new(TITLE, PATH)] />
        <PageHeader title="Plan of a statement" status actions=accept_form(web, query) />
        {alarm}
        {failure}
        <Card title="Statement" purpose="As it was sent. Parameters are $1, $2: their values are not known here.">
            <CodeBlock code=sql language=Language::Sql label="The statement" />
        </Card>
        {facts(web, query)}
        {plan}
    }
    .into_any()
}

/// Offered where the plan is another one than what it is compared with.
fn accept_form(web: &Web, query: &WatchedQuery) -> AnyView {
    let differs = match (&query.baseline, &query.current) {
        (Some((before, _)), Some((now, _))) => {
            before.fingerprint != now.fingerprint || !query.degradations().is_empty()
        }
        _ => false,
    };
    if !differs || !web.may(Permission::PlatformIsolationManage) {
        return ().into_any();
    }
    let (csrf, hidden, action) = (web.csrf(), fields::hidden(web), page_of(query.id));
    view! {
        <PostForm action csrf hidden inline=true>
            <SubmitButton label="Accept this plan" variant=Variant::Secondary pending="Accepting" />
        </PostForm>
    }
    .into_any()
}

fn facts(web: &Web, query: &WatchedQuery) -> AnyView {
    let now = web.now();
    let statement = &query.statement;
    let (role, calls) = (statement.role.clone(), counted(statement.calls, "time", "times"));
    let mean = milliseconds(statement.total_ms / (statement.calls.max(1) as f64));
    let (source, examined) = (query.source.label(), query.examined_at);
    let since = query.counted_since.map(|since| view! { ", since " <RelTime at=since now /> });
    let plan = query.current.as_ref().map(|(plan, since)| {
        let (cost, since, shape) = (cost(plan), *since, shape(plan));
        let ratio = match plan.cost_unbound {
            Some(unbound) => format!("{}: {:.2} with policies, {unbound:.2} without", ratio(plan), plan.cost),
            None => "not known: the statement could not be planned without policies".to_owned(),
        };
        view! {
            <Detail term="Estimated cost">{cost}</Detail>
            <Detail term="What policies cost">{ratio}</Detail>
            <Detail term="Shape"><code>{shape}</code> ", since " <RelTime at=since now /></Detail>
        }
    });
    let baseline = query.baseline.as_ref().map(|(plan, at)| {
        let (cost, shape, at) = (cost(plan), shape(plan), *at);
        view! { <Detail term="Compared with"><code>{shape}</code> ", " {cost} ", from " <RelTime at now /></Detail> }
    });
    view! {
        <Card title="Facts">
            <DescriptionList>
                <Detail term="Runs as"><code>{role}</code></Detail>
                <Detail term="Runs">{calls} ", " {mean} " on average"</Detail>
                <Detail term="Counted by">{source} {since}</Detail>
                <Detail term="Looked at"><RelTime at=examined now /></Detail>
                {plan}
                {baseline}
            </DescriptionList>
        </Card>
    }
    .into_any()
}

fn cost(plan: &QueryPlan) -> String {
    format!("{:.2} of PostgreSQL’s units", plan.cost)
}

/// Enough of the fingerprint to tell two plans apart.
fn shape(plan: &QueryPlan) -> String {
    plan.fingerprint.chars().take(12).collect()
}

fn plan_cards(plan: &QueryPlan) -> AnyView {
    let tables: Vec<_> = plan
        .tables
        .iter()
        .map(|access| {
            let sentence = access.sentence();
            view! { <li><UserText text=sentence /></li> }
        })
        .collect();
    let reached = match tables.is_empty() {
        true => view! { <p>"It reads no table."</p> }.into_any(),
        false => view! { <ul>{tables}</ul> }.into_any(),
    };
    let mut lines = String::new();
    draw(&plan.root, 0, &mut lines);
    view! {
        <Card title="How each table is reached">{reached}</Card>
        <Card
            title="The plan"
            purpose="The generic plan, which holds for every organization. Each step says what it costs with the steps below it, and how many rows PostgreSQL expects."
        >
            <CodeBlock code=lines label="The plan" />
        </Card>
    }
    .into_any()
}

/// As the text format of EXPLAIN draws it: a step a line, its conditions below, steps below it indented.
fn draw(node: &PlanNode, depth: usize, lines: &mut String) {
    let indent = "      ".repeat(depth);
    let arrow = if depth == 0 { "" } else { "->  " };
    lines.push_str(&format!("{indent}{arrow}{}  (cost {:.2}, rows {:.0})\n", node.label, node.cost, node.rows));
    for (name, condition) in &node.conditions {
        lines.push_str(&format!("{indent}{}  {name}: {condition}\n", " ".repeat(arrow.len())));
    }
    for child in &node.children {
        draw(child, depth + 1, lines);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_drawn_like_explain_does() {
        let leaf = PlanNode {
            label: "Index Scan using users_pkey on public.users".to_owned(),
            cost: 8.3,
            rows: 1.0,
            conditions: vec![("Index Cond".to_owned(), "(org_id = $0)".to_owned())],
            children: Vec::new(),
        };
        let root = PlanNode { label: "Limit".to_owned(), conditions: Vec::new(), children: vec![leaf.clone()], ..leaf };
        let mut lines = String::new();
        draw(&root, 0, &mut lines);
        assert_eq!(
            lines,
            "Limit  (cost 8.30, rows 1)\n      ->  Index Scan using users_pkey on public.users  (cost 8.30, rows 1)\n            Index Cond: (org_id = $0)\n"
        );
    }
}

//! The list of recorded decisions, newest first.

use super::{TITLE, home};
use crate::web::{
    explain,
    list::{ListQuery, menu, range},
    page::{PageResult, Web},
    references,
};
use axum::extract::Extension;
use bulkhead_authz::decision::ReasonCode;
use bulkhead_domain::{
    Ctx,
    access::{self, RecordList},
};
use bulkhead_model::{
    Permission,
    access::{DecisionFilter, DecisionOutcome, RecordedDecision},
};
use bulkhead_ui::{
    AppliedFilter, Cell, EmptyFiltered, EmptyState, FilterBar, HeadCell, IconName, Markup, PageHeader, RelTime,
    ResultLine, Row, Table, Tag, user_text, visible,
};
use leptos::prelude::*;

/// The names a query of this list may have.
const NAMES: [&str; 6] = ["person", "permission", "outcome", "reason", "from", "until"];

/// `GET /t/{slug}/decisions`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let query = ListQuery::read(&web, "decisions", &NAMES);
    let filter = filter(&query);
    let list = access::records(&ctx, &filter, &query.page(&web)).await?;
    let total = match filter == DecisionFilter::default() {
        true => list.count,
        false => access::count_records(&ctx).await?,
    };
    let page = web.clone();
    Ok(web.show(TITLE, move || body(&page, &ctx, &query, &filter, &list, total.0)).await)
}

/// What the query asks for. Words and dates that are none are as if they were not there.
fn filter(query: &ListQuery) -> DecisionFilter {
    let text = |name: &str| query.first(name).unwrap_or_default().trim().chars().take(200).collect::<String>();
    let (from, until) = range(query.first("from"), query.first("until"));
    DecisionFilter {
        person: text("person"),
        permission: text("permission"),
        outcome: match query.all("outcome", DecisionOutcome::from_code).as_slice() {
            [one] => Some(*one),
            _ => None,
        },
        reason: query.all("reason", |code| ReasonCode::from_code(code).map(|reason| reason.code().to_owned())),
        from,
        until,
    }
}

fn outcomes() -> Vec<(&'static str, &'static str)> {
    DecisionOutcome::ALL.iter().map(|outcome| (outcome.code(), outcome.label())).collect()
}

fn reasons() -> Vec<(&'static str, &'static str)> {
    ReasonCode::ALL.iter().map(|reason| (reason.code(), reason.code())).collect()
}

/// A chip for each filter that is on.
fn applied(query: &ListQuery, filter: &DecisionFilter) -> Vec<AppliedFilter> {
    let mut applied = Vec::new();
    let mut one = |name: &str, title: &str, counts: bool| {
        let value = query.first(name).filter(|_| counts).map(str::to_owned);
        applied.extend(value.map(|value| AppliedFilter::new(title, value, query.with(&[(name, None)]))));
    };
    one("person", "Person", true);
    one("permission", "Permission", true);
    one("from", "From", filter.from.is_some());
    one("until", "Until", filter.until.is_some());
    let (outcomes, reasons) = (outcomes(), reasons());
    applied.extend(query.applied(&[("outcome", "Outcome", &outcomes), ("reason", "Reason", &reasons)]));
    applied
}

fn more(query: &ListQuery) -> AnyView {
    let on = ["permission", "from", "until"].iter().filter(|name| query.first(name).is_some()).count();
    let fields = view! {
        <div class="facet-options">
            {query.field("permission", "Permission, exactly", "text")} {query.field("from", "From (day, UTC)", "date")}
            {query.field("until", "Until (day included, UTC)", "date")}
        </div>
    };
    menu("More", on, fields.into_any()).into_any()
}

fn body(web: &Web, ctx: &Ctx, query: &ListQuery, filter: &DecisionFilter, list: &RecordList, total: i64) -> AnyView {
    let purpose =
        "What services asked for in the last 30 days: every denial, and one of twenty decisions that allowed.";
    let actions = references::form(&home(ctx));
    if total == 0 {
        return view! {
            <PageHeader title=TITLE purpose actions />
            {nothing_yet(web)}
        }
        .into_any();
    }
    let number = |count: i64| u64::try_from(count).unwrap_or_default();
    let facets = vec![query.facet("outcome", "Outcome", &outcomes()), query.facet("reason", "Reason", &reasons())];
    let is_filtered = *filter != DecisionFilter::default();
    let rows = match list.page.rows.is_empty() {
        false => table(web, &list.page.rows),
        true => view! { <EmptyFiltered noun="decisions" clear_href=query.cleared() /> }.into_any(),
    };
    view! {
        <PageHeader title=TITLE purpose actions />
        <FilterBar
            action=web.path().to_owned()
            search_label="Person: address or id"
            query=query.first("person").unwrap_or_default().to_owned()
            query_name="person"
            facets
            more=more(query)
            applied=applied(query, filter)
            clear_href=is_filtered.then(|| query.cleared())
            keep=query.kept()
        />
        <ResultLine
            matching=number(list.count.0)
            total=number(total)
            one="decision"
            many="decisions"
            sorted_by="time, newest first"
        />
        {rows}
        {query.pager(web, &list.page, ("Newer", "Older"))}
    }
    .into_any()
}

fn nothing_yet(web: &Web) -> AnyView {
    let who = match web.may(Permission::DecisionsEvaluate) {
        true => "A service asks with POST /api/v1/decisions; the API reference shows how.",
        false => "A service of yours asks before it acts; an admin can set that up.",
    };
    let body = format!(
        "{who} Every denial and one of twenty decisions that allow are kept here for 30 days, to be opened and explained."
    );
    let action = view! { <a class="btn btn-secondary" href="/api/docs">"API reference"</a> }.into_any();
    view! { <EmptyState title="No decision yet" body icon=IconName::ShieldCheck action /> }.into_any()
}

fn table(web: &Web, rows: &[RecordedDecision]) -> AnyView {
    let (base, now) = (web.path().to_owned(), web.now());
    let rows: Vec<_> = rows
        .iter()
        .map(|decision| {
            let at = decision.at;
            let allowed = decision.reason == ReasonCode::Granted.code();
            let link = Tag::new("a").class("row-link").attr("href", &format!("{base}/{}", decision.id));
            let link = link.attr("data-row-link", "").child(who(decision));
            let person =
                decision.about.as_ref().filter(|about| !about.name.is_empty()).map(|about| about.email.as_str());
            let person = Tag::new("div").class("row-sub").text(&visible(person.unwrap_or_default()));
            let what = Tag::new("code").text(&visible(&decision.permission));
            let resource =
                Tag::new("div").class("row-sub").text(&visible(decision.resource.id.as_deref().unwrap_or_default()));
            let reason = Tag::new("code").text(&visible(&decision.reason));
            view! {
                <Row>
                    <Cell label="Time"><RelTime at now /></Cell>
                    <Cell header=true>{[link, person].into_iter().collect::<Markup>()}</Cell>
                    <Cell label="Permission">{[what, resource].into_iter().collect::<Markup>()}</Cell>
                    <Cell label="Outcome">{explain::outcome(allowed)}</Cell>
                    <Cell label="Reason">{Markup::from(reason)}</Cell>
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="Time" />
        <HeadCell label="Person" />
        <HeadCell label="Permission" />
        <HeadCell label="Outcome" />
        <HeadCell label="Reason" />
    }
    .into_any();
    view! { <Table caption="Recorded decisions" head>{rows}</Table> }.into_any()
}

fn who(decision: &RecordedDecision) -> Markup {
    match &decision.about {
        Some(about) => user_text(about.display()),
        None => user_text("Nobody of this organization"),
    }
}

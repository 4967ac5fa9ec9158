//! The list of organizations.

use super::{badge, page_of, plan_name};
use crate::web::{
    list::ListQuery,
    page::{PageResult, Web},
};
use axum::extract::Extension;
use bulkhead_domain::{OperatorCtx, orgs};
use bulkhead_model::{
    Permission,
    org::{OrgFilter, OrgSort, OrgStatus, OrgSummary, Plan},
};
use bulkhead_ui::{
    Align, Badge, Cell, EmptyFiltered, EmptyState, FilterBar, HeadCell, IconName, LinkButton, PageHeader, RelTime,
    ResultLine, Row, RowTitle, Sort, SortHeader, Table, Variant, number,
};
use leptos::prelude::*;

const STATUSES: [(&str, &str); 4] = [
    ("active", "Active"),
    ("provisioning", "Provisioning"),
    ("suspended", "Suspended"),
    ("pending_deletion", "Pending deletion"),
];

/// `GET /op/orgs`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    let query = ListQuery::read(&web, "orgs", &["status", "plan"]);
    let filter = OrgFilter {
        search: query.search(),
        status: query.all("status", OrgStatus::from_code),
        plan: query.all("plan", |id| Some(id.to_owned())),
        sort: query.first("sort").and_then(OrgSort::from_code).unwrap_or(OrgSort::Name),
        descending: query.reversed(),
    };
    let list = orgs::list(&ctx, &filter, &query.page(&web)).await?;
    let unfiltered = filter == OrgFilter { sort: filter.sort, descending: filter.descending, ..OrgFilter::default() };
    let total = match unfiltered {
        true => list.count,
        false => orgs::count(&ctx).await?,
    };
    let viewer = web.clone();
    Ok(web
        .show("Organizations", move || {
            let actions = create_button(&viewer);
            let plans: Vec<(&str, &str)> = list.plans.iter().map(|plan| (plan.id.as_str(), plan.name.as_str())).collect();
            let facets = vec![query.facet("status", "Status", &STATUSES), query.facet("plan", "Plan", &plans)];
            let applied = query.applied(&[("status", "Status", &STATUSES), ("plan", "Plan", &plans)]);
            let rows = match (list.page.rows.is_empty(), total.0 == 0) {
                (false, _) => table(&viewer, &query, &list.page.rows, &list.plans),
                (true, false) => view! { <EmptyFiltered noun="organizations" clear_href=query.cleared() /> }.into_any(),
                (true, true) => nothing_yet(&viewer),
            };
            view! {
                <PageHeader title="Organizations" purpose="Every customer: where it is in its life, and how to change that." actions />
                <FilterBar
                    action=viewer.path().to_owned()
                    search_label="Search by name or short name"
                    query=query.search()
                    facets
                    applied
                    clear_href=(!unfiltered).then(|| query.cleared())
                    keep=query.kept()
                />
                <ResultLine
                    matching=u64::try_from(list.count.0).unwrap_or_default()
                    total=u64::try_from(total.0).unwrap_or_default()
                    one="organization"
                    many="organizations"
                    sorted_by=filter.sort.label().to_lowercase()
                />
                {rows}
                {query.pager(&viewer, &list.page, ("Previous", "Next"))}
            }
            .into_any()
        })
        .await)
}

fn create_button(web: &Web) -> AnyView {
    match web.may(Permission::PlatformOrgsManage) {
        true => {
            view! { <LinkButton label="Create organization" href="/op/orgs/new" variant=Variant::Primary /> }.into_any()
        }
        false => ().into_any(),
    }
}

fn nothing_yet(web: &Web) -> AnyView {
    view! {
        <EmptyState
            title="No organizations yet"
            body="An organization is one customer: its users, its settings and its own audit log, kept apart from all others."
            icon=IconName::Building
            action=create_button(web)
        />
    }
    .into_any()
}

fn table(web: &Web, query: &ListQuery, rows: &[OrgSummary], plans: &[Plan]) -> AnyView {
    let now = web.now();
    let header = |code: &str, label: &'static str, natural, align| {
        let (href, sort) = query.sort_link(code, "name", natural);
        view! { <SortHeader label href sort align /> }
    };
    let head = view! {
        {header("name", "Name", Sort::Ascending, Align::Start)}
        <HeadCell label="Status" />
        <HeadCell label="Plan" />
        {header("users", "Users", Sort::Descending, Align::End)}
        <HeadCell label="Last activity" />
        {header("created", "Created", Sort::Descending, Align::Start)}
    }
    .into_any();
    let rows: Vec<_> = rows
        .iter()
        .map(|summary| {
            let org = &summary.org;
            let (title, subtitle, href) = (org.name.clone(), org.slug.clone(), page_of(org.id));
            let (plan, users) = (plan_name(plans, &org.plan), number(u64::try_from(summary.users).unwrap_or_default()));
            let (status, created_at, last_activity) = (badge(org.status), org.created_at, summary.last_activity);
            view! {
                <Row>
                    <Cell header=true>
                        <RowTitle title href subtitle />
                    </Cell>
                    <Cell label="Status">{status}</Cell>
                    <Cell label="Plan"><Badge label=plan /></Cell>
                    <Cell label="Users" align=Align::End>{users}</Cell>
                    <Cell label="Last activity">
                        {match last_activity {
                            Some(at) => view! { <RelTime at now /> }.into_any(),
                            None => view! { <span class="muted">"Never"</span> }.into_any(),
                        }}
                    </Cell>
                    <Cell label="Created"><RelTime at=created_at now /></Cell>
                </Row>
            }
        })
        .collect();
    view! { <Table caption="Organizations" head>{rows}</Table> }.into_any()
}

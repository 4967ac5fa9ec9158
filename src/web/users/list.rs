//! The list of users.

use crate::web::{
    list::ListQuery,
    page::{PageResult, Web},
};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, users};
use bulkhead_model::{
    Permission,
    user::{Role, User, UserFilter, UserSort, UserStatus},
};
use bulkhead_ui::{
    Badge, Cell, EmptyFiltered, FilterBar, HeadCell, LinkButton, PageHeader, RelTime, ResultLine, Row, RowTitle, Sort,
    SortHeader, StatusBadge, Table, Variant,
};
use leptos::prelude::*;

const STATUSES: [(&str, &str); 3] = [("active", "Active"), ("invited", "Invited"), ("suspended", "Suspended")];
const ROLES: [(&str, &str); 4] = [("admin", "Admin"), ("manager", "Manager"), ("user", "User"), ("viewer", "Viewer")];

/// `GET /t/{slug}/users`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let query = ListQuery::read(&web, "users", &["status", "role"]);
    let filter = UserFilter {
        search: query.search(),
        status: query.all("status", UserStatus::from_code),
        role: query.all("role", Role::from_code),
        sort: query.first("sort").and_then(UserSort::from_code).unwrap_or(UserSort::Name),
        descending: query.reversed(),
    };
    let list = users::list(&ctx, &filter, &query.page(&web)).await?;
    let unfiltered = filter == UserFilter { sort: filter.sort, descending: filter.descending, ..UserFilter::default() };
    let total = match unfiltered {
        true => list.count,
        false => users::count(&ctx).await?,
    };
    let (base, may_invite) = (web.path().to_owned(), web.may(Permission::UsersInvite));
    let viewer = web.clone();
    Ok(web
        .show("Users", move || {
            let actions = match may_invite {
                true => view! { <LinkButton label="Invite users" href=format!("{base}/invite") variant=Variant::Primary /> }.into_any(),
                false => ().into_any(),
            };
            let facets = vec![query.facet("status", "Status", &STATUSES), query.facet("role", "Role", &ROLES)];
            let applied = query.applied(&[("status", "Status", &STATUSES), ("role", "Role", &ROLES)]);
            view! {
                <PageHeader title="Users" purpose="Who belongs to this organization, and what their role lets them do." actions />
                <FilterBar
                    action=base.clone()
                    search_label="Search by name or address"
                    query=query.search()
                    facets
                    applied
                    clear_href=(!unfiltered).then(|| query.cleared())
                    keep=query.kept()
                />
                <ResultLine
                    matching=u64::try_from(list.count.0).unwrap_or_default()
                    total=u64::try_from(total.0).unwrap_or_default()
                    one="user"
                    many="users"
                    sorted_by=filter.sort.label().to_lowercase()
                />
                {if list.page.rows.is_empty() {
                    view! { <EmptyFiltered noun="users" clear_href=query.cleared() /> }.into_any()
                } else {
                    table(&viewer, &query, &list.page.rows, &base)
                }}
                {query.pager(&viewer, &list.page, ("Previous", "Next"))}
            }
            .into_any()
        })
        .await)
}

fn table(web: &Web, query: &ListQuery, rows: &[User], base: &str) -> AnyView {
    let now = web.now();
    let header = |code: &str, label: &'static str, natural| {
        let (href, sort) = query.sort_link(code, "name", natural);
        view! { <SortHeader label href sort /> }
    };
    let head = view! {
        {header("name", "Name", Sort::Ascending)}
        <HeadCell label="Status" />
        <HeadCell label="Role" />
        {header("last_seen", "Last seen", Sort::Descending)}
        {header("created", "Created", Sort::Descending)}
    }
    .into_any();
    let rows: Vec<_> = rows
        .iter()
        .map(|user| {
            let href = format!("{base}/{}", user.id);
            let subtitle = (!user.name.is_empty()).then(|| user.email.clone());
            let title = user.display().to_owned();
            let User { status, role, last_seen_at, created_at, .. } = user.clone();
            view! {
                <Row>
                    <Cell header=true>
                        <RowTitle title href subtitle avatar=true />
                    </Cell>
                    <Cell label="Status"><StatusBadge status=status.code() /></Cell>
                    <Cell label="Role"><Badge label=role.label() /></Cell>
                    <Cell label="Last seen">
                        {match last_seen_at {
                            Some(at) => view! { <RelTime at now /> }.into_any(),
                            None => view! { <span class="muted">"Never"</span> }.into_any(),
                        }}
                    </Cell>
                    <Cell label="Created"><RelTime at=created_at now /></Cell>
                </Row>
            }
        })
        .collect();
    view! { <Table caption="Users" head>{rows}</Table> }.into_any()
}

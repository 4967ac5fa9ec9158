//! The list of users, which operators see as a tab of an organization too.

use crate::web::{
    list::ListQuery,
    page::{PageResult, Web},
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx,
    users::{self, UserList},
};
use bulkhead_model::{
    Permission,
    page::Count,
    user::{Role, User, UserFilter, UserSort, UserStatus},
};
use bulkhead_ui::{
    Badge, Cell, EmptyFiltered, FilterBar, HeadCell, LinkButton, Markup, PageHeader, RelTime, ResultLine, Row,
    RowTitle, Sort, SortHeader, StatusBadge, Table, Tag, Variant, user_text,
};
use leptos::{either::Either, prelude::*};

const STATUSES: [(&str, &str); 3] = [("active", "Active"), ("invited", "Invited"), ("suspended", "Suspended")];
const ROLES: [(&str, &str); 4] = [("admin", "Admin"), ("manager", "Manager"), ("user", "User"), ("viewer", "Viewer")];

/// A page of users as it was asked for: an organization's own, or as operators look at them.
pub struct Users {
    query: ListQuery,
    filter: UserFilter,
    list: UserList,
    total: Count,
}

impl Users {
    /// The filter that a list's query string asks for.
    pub fn filter(query: &ListQuery) -> UserFilter {
        UserFilter {
            search: query.search(),
            status: query.all("status", UserStatus::from_code),
            role: query.all("role", Role::from_code),
            sort: query.first("sort").and_then(UserSort::from_code).unwrap_or(UserSort::Name),
            descending: query.reversed(),
        }
    }

    /// What was found; `all` counts every user where the filter left some out.
    pub async fn new<E>(
        query: ListQuery,
        filter: UserFilter,
        list: UserList,
        all: impl Future<Output = Result<Count, E>>,
    ) -> Result<Self, E> {
        let total = if is_unfiltered(&filter) { list.count } else { all.await? };
        Ok(Self { query, filter, list, total })
    }
}

fn is_unfiltered(filter: &UserFilter) -> bool {
    *filter == UserFilter { sort: filter.sort, descending: filter.descending, ..UserFilter::default() }
}

/// `GET /t/{slug}/users`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let query = ListQuery::read(&web, "users", &["status", "role"]);
    let filter = Users::filter(&query);
    let list = users::list(&ctx, &filter, &query.page(&web)).await?;
    let users = Users::new(query, filter, list, users::count(&ctx)).await?;
    let (base, may_invite) = (web.path().to_owned(), web.may(Permission::UsersInvite));
    let viewer = web.clone();
    Ok(web
        .show("Users", move || {
            let actions = match may_invite {
                true => view! { <LinkButton label="Invite users" href=format!("{base}/invite") variant=Variant::Primary /> }.into_any(),
                false => ().into_any(),
            };
            let found = section(&viewer, &users, ().into_any(), |user| Some(format!("{base}/{}", user.id)));
            view! {
                <PageHeader title="Users" purpose="Who belongs to this organization, and what their role lets them do." actions />
                {found}
            }
            .into_any()
        })
        .await)
}

/// Filters, count, rows and pager. `nobody` stands where there is no user at all; `link` leads to a user's page,
/// where the viewer has one.
pub fn section(web: &Web, users: &Users, nobody: AnyView, link: impl Fn(&User) -> Option<String>) -> AnyView {
    let Users { query, filter, list, total } = users;
    let cleared = query.with(&[("q", None), ("status", None), ("role", None)]);
    let facets = vec![query.facet("status", "Status", &STATUSES), query.facet("role", "Role", &ROLES)];
    let applied = query.applied(&[("status", "Status", &STATUSES), ("role", "Role", &ROLES)]);
    let tab = query.first("tab").map(|tab| ("tab".to_owned(), tab.to_owned()));
    let keep = query.kept().into_iter().chain(tab).collect();
    let rows = match (list.page.rows.is_empty(), total.0 == 0) {
        (false, _) => table(web, query, &list.page.rows, link),
        (true, false) => view! { <EmptyFiltered noun="users" clear_href=cleared.clone() /> }.into_any(),
        (true, true) => nobody,
    };
    view! {
        <FilterBar
            action=web.path().to_owned()
            search_label="Search by name or address"
            query=query.search()
            facets
            applied
            clear_href=(!is_unfiltered(filter)).then_some(cleared)
            keep
        />
        <ResultLine
            matching=u64::try_from(list.count.0).unwrap_or_default()
            total=u64::try_from(total.0).unwrap_or_default()
            one="user"
            many="users"
            sorted_by=filter.sort.label().to_lowercase()
        />
        {rows}
        {query.pager(web, &list.page, ("Previous", "Next"))}
    }
    .into_any()
}

fn table(web: &Web, query: &ListQuery, rows: &[User], link: impl Fn(&User) -> Option<String>) -> AnyView {
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
            let subtitle = (!user.name.is_empty()).then(|| user.email.clone());
            let title = user.display().to_owned();
            let who = match link(user) {
                Some(href) => Either::Left(view! { <RowTitle title href subtitle avatar=true /> }),
                None => {
                    let subtitle = subtitle.map(|text| Tag::new("div").class("row-sub").child(user_text(&text)));
                    Either::Right([user_text(&title), subtitle.into()].into_iter().collect::<Markup>())
                }
            };
            let User { status, role, last_seen_at, created_at, .. } = *user;
            view! {
                <Row>
                    <Cell header=true>{who}</Cell>
                    <Cell label="Status"><StatusBadge status=status.code() /></Cell>
                    <Cell label="Role"><Badge label=role.label() /></Cell>
                    <Cell label="Last seen">
                        {match last_seen_at {
                            Some(at) => Either::Left(view! { <RelTime at now /> }),
                            None => Either::Right(Markup::from(Tag::new("span").class("muted").text("Never"))),
                        }}
                    </Cell>
                    <Cell label="Created"><RelTime at=created_at now /></Cell>
                </Row>
            }
        })
        .collect();
    view! { <Table caption="Users" head>{rows}</Table> }.into_any()
}

//! The list of users, which operators see as a tab of an organization too.

use super::many;
use crate::web::{
    fields,
    list::ListQuery,
    page::{PageResult, Web},
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx,
    access::MOST_PEOPLE,
    users::{self, UserList},
};
use bulkhead_model::{
    Permission,
    page::Count,
    user::{Role, User, UserFilter, UserSort, UserStatus},
};
use bulkhead_ui::{
    Badge, BulkBar, Cell, EmptyFiltered, FilterBar, HeadCell, LinkButton, Markup, PageHeader, PostForm, RelTime,
    ResultLine, Row, RowSelect, RowTitle, Size, Sort, SortHeader, StatusBadge, SubmitButton, Table, Tag, Variant,
    user_text, visible,
};
use leptos::{either::Either, prelude::*};

/// What users can be filtered by.
pub const STATUSES: [(&str, &str); 3] = [("active", "Active"), ("invited", "Invited"), ("suspended", "Suspended")];
/// See [`STATUSES`].
pub const ROLES: [(&str, &str); 4] =
    [("admin", "Admin"), ("manager", "Manager"), ("user", "User"), ("viewer", "Viewer")];

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
    let query = ListQuery::read(&web, "users", &["status", "role", "all"]);
    let filter = Users::filter(&query);
    let list = users::list(&ctx, &filter, &query.page(&web)).await?;
    let users = Users::new(query, filter, list, users::count(&ctx)).await?;
    let (base, may_invite) = (web.path().to_owned(), web.may(Permission::UsersInvite));
    let many = many::is_offered(&web).then(|| many::path(&ctx));
    let viewer = web.clone();
    Ok(web
        .show("Users", move || {
            let invite = may_invite.then(|| view! { <LinkButton label="Invite users" href=format!("{base}/invite") variant=Variant::Primary /> });
            let give = many.clone().map(|href| view! { <LinkButton label="Give a role" href variant=Variant::Secondary /> });
            let actions = view! { {give} {invite} }.into_any();
            let link = |user: &User| Some(format!("{base}/{}", user.id));
            let found = section(&viewer, &users, ().into_any(), link, many.as_deref());
            view! {
                <PageHeader title="Users" purpose="Who belongs to this organization, and what their role lets them do." actions />
                {found}
            }
            .into_any()
        })
        .await)
}

/// Filters, count, rows and pager. `nobody` stands where there is no user at all; `link` leads to a user's page,
/// where the viewer has one; `many` is where what is chosen is sent, for whoever may choose.
pub fn section(
    web: &Web,
    users: &Users,
    nobody: AnyView,
    link: impl Fn(&User) -> Option<String>,
    many: Option<&str>,
) -> AnyView {
    let Users { query, filter, list, total } = users;
    let cleared = query.with(&[("q", None), ("status", None), ("role", None)]);
    let facets = vec![query.facet("status", "Status", &STATUSES), query.facet("role", "Role", &ROLES)];
    let applied = query.applied(&[("status", "Status", &STATUSES), ("role", "Role", &ROLES)]);
    let tab = query.first("tab").map(|tab| ("tab".to_owned(), tab.to_owned()));
    let keep = query.kept().into_iter().chain(tab).collect();
    let rows = match (list.page.rows.is_empty(), total.0 == 0) {
        (false, _) => match many {
            Some(action) => choosable(web, users, link, action),
            None => table(web, query, &list.page.rows, link, false),
        },
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

/// The rows with a checkbox each, and what can be done with those that are chosen. Everybody who matches is chosen by the
/// filter, on a page of its own address.
fn choosable(web: &Web, users: &Users, link: impl Fn(&User) -> Option<String>, action: &str) -> AnyView {
    let Users { query, list, .. } = users;
    let all = query.first("all") == Some("true");
    let count = list.count;
    let fits = usize::try_from(count.0).is_ok_and(|count| count <= MOST_PEOPLE);
    let mut hidden = fields::hidden(web);
    hidden.push(("step".to_owned(), "choose".to_owned()));
    let chosen = all.then(|| match count.0 {
        1 => "The one user who matches".to_owned(),
        _ => format!("All {count} users who match"),
    });
    if all {
        hidden.push(("filter".to_owned(), query.filters()));
    }
    let line = match (all, fits) {
        (true, _) => {
            let href = query.with(&[("all", None)]);
            view! { <p class="choose-line"><a href=href>"Choose single users instead"</a></p> }.into_any()
        }
        (false, true) if count.0 <= 1 => ().into_any(),
        (false, true) => {
            let href = query.with(&[("all", Some("true"))]);
            let label = format!("Select all {count} matching");
            view! { <p class="choose-line"><a href=href>{label}</a></p> }.into_any()
        }
        (false, false) => {
            let most = bulkhead_ui::number(u64::try_from(MOST_PEOPLE).unwrap_or(u64::MAX));
            let text = format!("Filter to {most} users or fewer to give a role to all of them.");
            view! { <p class="choose-line muted">{text}</p> }.into_any()
        }
    };
    let (csrf, rows) = (web.csrf(), table(web, query, &list.page.rows, link, !all));
    view! {
        {line}
        <PostForm action csrf hidden>
            {rows}
            <BulkBar noun="users" everybody=chosen>
                <SubmitButton label="Give a role" variant=Variant::Secondary size=Size::Small name="deed" value="give" />
                <SubmitButton label="Take a role away" variant=Variant::Secondary size=Size::Small name="deed" value="take" />
            </BulkBar>
        </PostForm>
    }
    .into_any()
}

fn table(web: &Web, query: &ListQuery, rows: &[User], link: impl Fn(&User) -> Option<String>, choose: bool) -> AnyView {
    let now = web.now();
    let header = |code: &str, label: &'static str, natural| {
        let (href, sort) = query.sort_link(code, "name", natural);
        view! { <SortHeader label href sort /> }
    };
    let head = view! {
        {choose.then(|| view! { <HeadCell label="Select" hidden=true /> })}
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
            let select = choose.then(|| {
                let (value, label) = (user.id.to_string(), format!("Select {}", visible(user.display())));
                view! { <RowSelect name="user" value label /> }
            });
            view! {
                <Row>
                    {select}
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

//! A list page, put together as pages should be.

use super::{Look, info, lists::sizes, nav, tabs};
use crate::{
    AppShell, AppliedFilter, BulkBar, Cell, Chip, Facet, FacetOption, FilterBar, Flash, HeadCell, IconName,
    KeysetPager, LinkButton, PageHeader, PostForm, Realm, RelTime, ResultLine, Row, RowSelect, RowTitle, Size, Sort,
    SortHeader, StatusBadge, SubmitButton, Table, Variant,
};
use leptos::prelude::*;
use time::Duration;

struct User {
    name: &'static str,
    email: &'static str,
    status: &'static str,
    role: &'static str,
    factor: &'static str,
    seen: Option<i64>,
}

const fn user(
    name: &'static str,
    email: &'static str,
    status: &'static str,
    role: &'static str,
    factor: &'static str,
    seen: Option<i64>,
) -> User {
    User { name, email, status, role, factor, seen }
}

const USERS: [User; 8] = [
    user("Ana Lopez", "ana@northwind.example", "active", "Admin", "Passkey", Some(4)),
    user("Bo Nilsson", "bo@northwind.example", "active", "Manager", "TOTP", Some(52)),
    user("Chidi Okafor", "chidi@northwind.example", "invited", "Viewer", "None", None),
    user("ad\u{200B}min", "imposter@northwind.example", "suspended", "Viewer", "None", Some(9_000)),
    user(
        "Dolores Ibárruri-Fernández de la Vega y Montalbán",
        "dolores.ibarruri.fernandez@northwind.example",
        "active",
        "User",
        "TOTP",
        Some(1_450),
    ),
    user("محمد الفاتح", "mohamed@northwind.example", "active", "User", "Passkey", Some(3_000)),
    user("Eve Park", "eve@northwind.example", "removed", "None", "None", Some(90_000)),
    user("Finn Aalto", "finn@northwind.example", "active", "Billing", "TOTP", Some(20_000)),
];

pub(super) fn page(look: Look) -> impl IntoView {
    let now = look.now;
    let rows = USERS
        .into_iter()
        .map(|user| {
            view! {
                <Row>
                    <RowSelect name="user" value=user.email label=format!("Select {}", user.name) />
                    <Cell header=true>
                        <RowTitle title=user.name href="#main" subtitle=user.email avatar=true />
                    </Cell>
                    <Cell label="Status">
                        <StatusBadge status=user.status />
                    </Cell>
                    <Cell label="Role">
                        <Chip label=user.role />
                    </Cell>
                    <Cell label="Second factor">{user.factor}</Cell>
                    <Cell label="Last seen">
                        {match user.seen {
                            Some(minutes) => {
                                view! { <RelTime at=now - Duration::minutes(minutes) now /> }.into_any()
                            }
                            None => "Never".into_any(),
                        }}
                    </Cell>
                    <Cell actions=true>
                        <LinkButton
                            label="Edit"
                            href="#main"
                            variant=Variant::Ghost
                            size=Size::Small
                            aria_label=format!("Edit {}", user.name)
                        />
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    let head = view! {
        <HeadCell label="Select" hidden=true />
        <SortHeader label="Name" href="#main" />
        <HeadCell label="Status" />
        <HeadCell label="Role" />
        <HeadCell label="Second factor" />
        <SortHeader label="Last seen" href="#main" sort=Sort::Descending />
        <HeadCell label="Actions" hidden=true />
    }
    .into_any();
    view! {
        <AppShell
            info=info(look, Realm::Organization)
            nav=nav()
            flash=view! { <Flash message="Invitation sent to chidi@northwind.example. The link works for 7 days." /> }.into_any()
        >
            <PageHeader
                title="Users"
                purpose="People who can sign in to Northwind Trading."
                actions=view! {
                    <LinkButton label="Export" href="#main" icon=IconName::Download />
                    <LinkButton
                        label="Invite user"
                        href="#main"
                        variant=Variant::Primary
                        icon=IconName::UserPlus
                    />
                }
                    .into_any()
            />
            {tabs(look.sheet)}
            <FilterBar
                action="/gallery"
                search_label="Search users"
                keep=vec![("sheet".to_owned(), "list".to_owned())]
                facets=facets()
                applied=vec![
                    AppliedFilter::new("Status", "Active", "#main"),
                    AppliedFilter::new("Role", "Admin", "#main"),
                ]
                clear_href="#main"
            />
            <ResultLine matching=38 total=214 one="user" many="users" sorted_by="last seen" />
            <PostForm action="/gallery" csrf="gallery">
                <Table caption="Users" head>
                    {rows}
                </Table>
                <BulkBar noun="users">
                    <SubmitButton label="Sign out" variant=Variant::Secondary size=Size::Small />
                    <SubmitButton label="Suspend users" variant=Variant::Danger size=Size::Small />
                </BulkBar>
            </PostForm>
            <KeysetPager older="#main" sizes=sizes() />
        </AppShell>
    }
}

fn facets() -> Vec<Facet> {
    vec![
        Facet::new(
            "status",
            "Status",
            vec![
                FacetOption { count: Some(201), ..FacetOption::new("active", "Active", true) },
                FacetOption { count: Some(9), ..FacetOption::new("invited", "Invited", false) },
                FacetOption { count: Some(4), ..FacetOption::new("suspended", "Suspended", false) },
            ],
        ),
        Facet::new("role", "Role", vec![FacetOption::new("admin", "Admin", true)]),
        Facet::new("factor", "Second factor", vec![FacetOption::new("none", "None", false)]),
    ]
}

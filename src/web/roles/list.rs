//! The list of roles.

use super::{TITLE, base, count_existing, existing, page_of};
use crate::web::{
    page::{PageResult, Web},
    text::one_line,
    users::explain,
};
use axum::extract::Extension;
use bulkhead_authz::{
    access::{Roles, role_id},
    words::name_of,
};
use bulkhead_domain::{
    Ctx,
    access::{self, RoleList},
};
use bulkhead_model::{Permission, RoleId, access::StoredRole, user::Role};
use bulkhead_ui::{
    Align, Card, Cell, EmptyState, HeadCell, IconName, LinkButton, PageHeader, RelTime, Row, RowTitle, Size, Table,
    UserText, Variant, number, visible,
};
use leptos::prelude::*;

/// `GET /t/{slug}/roles`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let list = access::list(&ctx).await?;
    let page = web.clone();
    Ok(web.show(TITLE, move || body(&page, &ctx, &list)).await)
}

fn body(web: &Web, ctx: &Ctx, list: &RoleList) -> AnyView {
    let new = |variant| {
        let href = format!("{}/new", base(ctx));
        web.may(Permission::RolesManage)
            .then(|| view! { <LinkButton label="New role" href icon=IconName::Plus variant /> })
            .into_any()
    };
    let conflicts = || {
        let href = super::conflicts::base(ctx);
        view! { <LinkButton label=super::conflicts::TITLE href variant=Variant::Secondary /> }
    };
    let (actions, own) = match list.own.is_empty() {
        false => (view! { {conflicts()} {new(Variant::Primary)} }.into_any(), own(web, ctx, list)),
        true => (
            conflicts().into_any(),
            view! {
                <EmptyState
                    title="No role of your own yet"
                    body="A role of your own allows exactly what a job needs, inherits from other roles and can be given until a day. It counts beside the built-in role that everybody has."
                    icon=IconName::Key
                    action=new(Variant::Primary)
                />
            }
            .into_any(),
        ),
    };
    let built_in = built_in(web, ctx, list);
    view! {
        <PageHeader
            title=TITLE
            purpose="What people may do here. Everybody has one built-in role; roles of your own come on top."
            actions
        />
        <Card title="Built-in roles" purpose="The same in every organization. They cannot be changed, but duplicated." flush=true>
            {built_in}
        </Card>
        <Card title="Your own roles" flush=true>{own}</Card>
    }
    .into_any()
}

/// What a role allows and denies, in numbers.
fn permissions(ctx: &Ctx, roles: &Roles, id: RoleId) -> String {
    let allowed = count_existing(ctx, roles, &roles.allowed(id));
    let denied = count_existing(ctx, roles, &roles.denied(id));
    match denied {
        0 => format!("{allowed} of {} allowed", existing(ctx, roles).count()),
        denied => format!("{allowed} allowed, {denied} denied"),
    }
}

fn duplicate(web: &Web, ctx: &Ctx, id: RoleId, name: &str) -> Option<impl IntoView + use<>> {
    let href = format!("{}/new?from={id}", base(ctx));
    let aria_label = format!("Duplicate {}", visible(name));
    web.may(Permission::RolesManage).then(
        || view! { <LinkButton label="Duplicate" href size=Size::Small variant=Variant::Ghost icon=IconName::Copy aria_label /> },
    )
}

fn built_in(web: &Web, ctx: &Ctx, list: &RoleList) -> AnyView {
    let rows: Vec<_> = Role::ALL
        .iter()
        .map(|role| {
            let (id, title) = (role_id(*role), role.label());
            let count = list.built_in.iter().find(|(of, _)| of == role).map_or(0, |(_, count)| *count);
            let users = number(u64::try_from(count).unwrap_or_default());
            let users = match web.may(Permission::UsersRead) {
                true => {
                    let org = &ctx.identity().org_slug;
                    let href = format!("/t/{org}/users?status=active&role={}", role.code());
                    let label = format!("{users} active users with the role {title}");
                    view! { <a href=href aria-label=label>{users}</a> }.into_any()
                }
                false => users.into_any(),
            };
            let (allowed, subtitle, href) = (permissions(ctx, &list.roles, id), explain(*role), page_of(ctx, id));
            let copy = duplicate(web, ctx, id, title);
            view! {
                <Row>
                    <Cell header=true><RowTitle title href subtitle /></Cell>
                    <Cell label="Permissions">{allowed}</Cell>
                    <Cell label="Active users" align=Align::End>{users}</Cell>
                    <Cell actions=true>{copy}</Cell>
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="Role" />
        <HeadCell label="Permissions" />
        <HeadCell label="Active users" align=Align::End />
        <HeadCell label="Actions" hidden=true />
    }
    .into_any();
    view! { <Table caption="Built-in roles" head>{rows}</Table> }.into_any()
}

fn own(web: &Web, ctx: &Ctx, list: &RoleList) -> AnyView {
    let rows: Vec<_> = list.own.iter().map(|role| row(web, ctx, &list.roles, role)).collect();
    let head = view! {
        <HeadCell label="Role" />
        <HeadCell label="Inherits from" />
        <HeadCell label="Permissions" />
        <HeadCell label="Members" align=Align::End />
        <HeadCell label="Last change" />
        <HeadCell label="Actions" hidden=true />
    }
    .into_any();
    view! { <Table caption="Roles of this organization, by name" head>{rows}</Table> }.into_any()
}

fn row(web: &Web, ctx: &Ctx, roles: &Roles, role: &StoredRole) -> impl IntoView + use<> {
    let id = role.definition.id;
    let (title, subtitle) = (role.definition.name.clone(), one_line(&role.description));
    let parents: Vec<String> = role.definition.inherits.iter().map(|parent| name_of(roles, *parent)).collect();
    let parents = match parents.is_empty() {
        true => view! { <span class="muted">"None"</span> }.into_any(),
        false => view! { <UserText text=parents.join(", ") /> }.into_any(),
    };
    let members = number(u64::try_from(role.holders).unwrap_or_default());
    let (at, by, now) = (role.updated_at, role.updated_by.clone(), web.now());
    let (allowed, href) = (permissions(ctx, roles, id), page_of(ctx, id));
    let copy = duplicate(web, ctx, id, &role.definition.name);
    view! {
        <Row>
            <Cell header=true><RowTitle title href subtitle /></Cell>
            <Cell label="Inherits from">{parents}</Cell>
            <Cell label="Permissions">{allowed}</Cell>
            <Cell label="Members" align=Align::End>{members}</Cell>
            <Cell label="Last change">
                <div><RelTime at now /> <div class="row-sub"><UserText text=by /></div></div>
            </Cell>
            <Cell actions=true>{copy}</Cell>
        </Row>
    }
}

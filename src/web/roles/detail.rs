//! One role: what it allows, who holds it, what it was.

use super::{base, holders::Holders, list_crumb, matrix, page_of};
use crate::web::{
    page::{PageResult, Web},
    path::Path,
    text::{paragraphs, paragraphs_or_none},
    users::explain,
};
use axum::extract::Extension;
use bulkhead_authz::words::name_of;
use bulkhead_domain::{
    Ctx,
    access::{self, RoleDetail},
    workspaces,
};
use bulkhead_model::{Permission, RoleId, workspace::Places};
use bulkhead_ui::{
    Badge, Breadcrumb, Card, Cell, CopyId, DescriptionList, Detail, HeadCell, IconName, LinkButton, Markup, PageHeader,
    RelTime, Row, Table, Tag, Tone, UserText, Variant, user_text, visible,
};
use leptos::prelude::*;

/// `GET /t/{slug}/roles/{id}`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Path<(String, RoleId)>) -> PageResult {
    let detail = access::find(&ctx, id).await?;
    let holders = match detail.stored {
        Some(_) => Some(Holders::read(&web, &ctx, id).await?),
        None => None,
    };
    let places = workspaces::places_of(&ctx, &detail.roles).await?;
    let title = visible(&detail.definition.name);
    let page = web.clone();
    Ok(web.show(&title, move || body(&page, &ctx, &detail, &places, holders)).await)
}

fn body(web: &Web, ctx: &Ctx, detail: &RoleDetail, places: &Places, holders: Option<Holders>) -> AnyView {
    let id = detail.definition.id;
    let kind = match detail.built_in() {
        Some(_) => "Built-in",
        None => "Your own",
    };
    let status = view! { <Badge label=kind /> }.into_any();
    let title = detail.definition.name.clone();
    let actions = actions(web, ctx, detail);
    let matrix = matrix::table(web, ctx, (&detail.roles, places), id);
    let purpose = "A denial wins over whatever else allows it, in this role or in another one that somebody holds.";
    view! {
        <Breadcrumb crumbs=vec![list_crumb(ctx)] />
        <PageHeader title status actions />
        {facts(web, ctx, detail)}
        <Card title="Permissions" purpose flush=true>{matrix}</Card>
        {holders.map(|holders| holders.card(web, ctx, id))}
        {versions(web, ctx, detail)}
    }
    .into_any()
}

fn actions(web: &Web, ctx: &Ctx, detail: &RoleDetail) -> AnyView {
    if !web.may(Permission::RolesManage) {
        return ().into_any();
    }
    let id = detail.definition.id;
    let (page, copy) = (page_of(ctx, id), format!("{}/new?from={id}", base(ctx)));
    let own = detail.stored.is_some();
    view! {
        <LinkButton label="Duplicate" href=copy icon=IconName::Copy />
        {own.then(|| view! { <LinkButton label="Delete" href=format!("{page}/delete") variant=Variant::Danger /> })}
        {own.then(|| view! { <LinkButton label="Edit" href=format!("{page}/edit") variant=Variant::Primary icon=IconName::Edit /> })}
    }
    .into_any()
}

/// Roles by name, each linked to its page.
fn linked(ctx: &Ctx, roles: impl Iterator<Item = (RoleId, String)>) -> Markup {
    let links: Vec<Markup> =
        roles.map(|(id, name)| Tag::new("a").attr("href", &page_of(ctx, id)).child(user_text(&name)).into()).collect();
    if links.is_empty() {
        return Tag::new("span").class("muted").text("None").into();
    }
    let between = |at: usize| (at > 0).then(|| Markup::text(", "));
    links.into_iter().enumerate().map(|(at, link)| [between(at).into(), link].into_iter().collect::<Markup>()).collect()
}

fn facts(web: &Web, ctx: &Ctx, detail: &RoleDetail) -> AnyView {
    let RoleDetail { definition, roles, heirs, .. } = detail;
    let description = match (detail.built_in(), &detail.stored) {
        (Some(role), _) => Markup::text(explain(role)),
        (None, role) => paragraphs_or_none(role.as_ref().map_or("", |role| &role.description)),
    };
    let parents = linked(ctx, definition.inherits.iter().map(|id| (*id, name_of(roles, *id))));
    let heirs = linked(ctx, heirs.iter().map(|heir| (heir.id, heir.name.clone())));
    let now = web.now();
    let changed = detail.stored.as_ref().map(|role| {
        let (at, by, version) = (role.updated_at, role.updated_by.clone(), role.version);
        view! {
            <Detail term="Last change">
                <RelTime at now /> " by " <UserText text=by /> {format!(", version {version}")}
            </Detail>
        }
    });
    let release = detail.built_in().map(|_| {
        let text = concat!(
            "Of Bulkhead ",
            env!("CARGO_PKG_VERSION"),
            ". The platform changes it, with a release or a resource type."
        );
        view! { <Detail term="Version">{text}</Detail> }
    });
    let id = definition.id.to_string();
    let users = detail.built_in().filter(|_| web.may(Permission::UsersRead)).map(|role| {
        let href = format!("/t/{}/users?role={}", ctx.identity().org_slug, role.code());
        let label = format!("Users with the role {}", role.label());
        view! { <Detail term="Who has it"><a href=href>{label}</a></Detail> }
    });
    view! {
        <Card title="Role">
            <DescriptionList>
                <Detail term="For">{description}</Detail>
                <Detail term="Inherits from">{parents}</Detail>
                <Detail term="Inherited by">{heirs}</Detail>
                {users}
                {changed}
                {release}
                <Detail term="Id"><CopyId id what="role id" /></Detail>
            </DescriptionList>
        </Card>
    }
    .into_any()
}

fn versions(web: &Web, ctx: &Ctx, detail: &RoleDetail) -> AnyView {
    let Some(stored) = &detail.stored else { return ().into_any() };
    let now = web.now();
    let rows: Vec<_> = detail
        .versions
        .iter()
        .map(|version| {
            let number = version.version;
            let href = format!("{}/versions/{number}", page_of(ctx, detail.definition.id));
            let current = (number == stored.version).then(|| view! { <Badge label="Current" tone=Tone::Info icon=IconName::Check /> });
            let (at, by) = (version.saved_at, version.saved_by.clone());
            let reason = match version.reason.is_empty() {
                true => view! { <span class="muted">"None given"</span> }.into_any(),
                false => paragraphs(&version.reason).into_any(),
            };
            view! {
                <Row>
                    <Cell header=true>
                        <div class="row-title"><a class="row-link" data-row-link="" href=href>{format!("Version {number}")}</a> {current}</div>
                    </Cell>
                    <Cell label="Saved"><RelTime at now /></Cell>
                    <Cell label="By"><UserText text=by /></Cell>
                    <Cell label="Reason"><div>{reason}</div></Cell>
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="Version" />
        <HeadCell label="Saved" />
        <HeadCell label="By" />
        <HeadCell label="Reason" />
    }
    .into_any();
    view! {
        <Card title="Versions" purpose="Every state it was saved in. A former one can be compared and restored." flush=true>
            <Table caption="Versions of this role, the newest first" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

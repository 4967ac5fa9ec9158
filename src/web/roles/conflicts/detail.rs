//! One conflict: what excludes what, why, and who holds both.

use super::{crumbs, explain, page_of, permission};
use crate::web::{
    page::{PageResult, Web},
    path::Path,
    text::paragraphs,
};
use axum::extract::Extension;
use bulkhead_authz::{access::role_id, catalogue::Catalogue};
use bulkhead_domain::{
    Ctx,
    duties::{self, Held, Holders},
};
use bulkhead_model::{DutyConflictId, Permission};
use bulkhead_ui::{
    Breadcrumb, Card, Cell, DescriptionList, Detail, HeadCell, IconName, LinkButton, PageHeader, RelTime, Row, Table,
    UserText, Variant, counted, visible,
};
use leptos::prelude::*;

/// `GET /t/{slug}/roles/conflicts/{id}`
pub async fn show(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Path<(String, DutyConflictId)>,
) -> PageResult {
    let (held, catalogue) = duties::find(&ctx, id).await?;
    let (title, page) = (visible(&held.conflict.name), web.clone());
    Ok(web.show(&title, move || body(&page, &ctx, &held, &catalogue)).await)
}

fn body(web: &Web, ctx: &Ctx, held: &Held, catalogue: &Catalogue) -> AnyView {
    let Held { conflict, holders } = held;
    let here = page_of(ctx, conflict.id);
    let actions = web.may(Permission::RolesManage).then(|| {
        let (edit, delete) = (format!("{here}/edit"), format!("{here}/delete"));
        view! {
            <LinkButton label="Edit" href=edit icon=IconName::Edit variant=Variant::Secondary />
            <LinkButton label="Delete" href=delete variant=Variant::Danger />
        }
    });
    let first = permission(catalogue, conflict.pair.first());
    let second = permission(catalogue, conflict.pair.second());
    let why = paragraphs(&conflict.why);
    let rule = format!("{}. {}", conflict.rule.label(), explain(conflict.rule));
    let (created, by, now) = (conflict.created_at, conflict.created_by.clone(), web.now());
    let (changed, changer) = (conflict.updated_at, conflict.updated_by.clone());
    view! {
        <Breadcrumb crumbs=crumbs(ctx) />
        <PageHeader
            title=visible(&conflict.name)
            purpose="Two permissions that no one person should hold together."
            actions=actions.into_any()
        />
        <Card title="Duties">
            <DescriptionList>
                <Detail term="Permission">{first}</Detail>
                <Detail term="Not together with">{second}</Detail>
                <Detail term="Why">{why}</Detail>
                <Detail term="On giving both">{rule}</Detail>
                <Detail term="Made"><RelTime at=created now /> " by " <UserText text=by /></Detail>
                <Detail term="Last change"><RelTime at=changed now /> " by " <UserText text=changer /></Detail>
            </DescriptionList>
        </Card>
        {who(web, ctx, holders)}
        {roles(ctx, holders)}
    }
    .into_any()
}

/// Everybody who holds both, with why.
fn who(web: &Web, ctx: &Ctx, holders: &Holders) -> AnyView {
    let base = format!("/t/{}", ctx.identity().org_slug);
    let admins = counted(u64::try_from(holders.admins).unwrap_or_default(), "admin", "admins");
    let admins = format!("Not counted: {admins}, who hold everything.");
    if holders.count() == 0 {
        let text = format!("Nobody holds both. {admins}");
        return view! { <Card title="Who holds both" id="holders"><p class="muted">{text}</p></Card> }.into_any();
    }
    let built_in = holders.by_built_in.iter().filter(|(_, count)| *count > 0).map(|(role, count)| {
        let (href, label) = (format!("{base}/roles/{}", role_id(*role)), role.label());
        let users = counted(u64::try_from(*count).unwrap_or_default(), "active user", "active users");
        let users = match web.may(Permission::UsersRead) {
            true => {
                let href = format!("{base}/users?status=active&role={}", role.code());
                view! { <a href=href>{users}</a> }.into_any()
            }
            false => users.into_any(),
        };
        view! {
            <Row>
                <Cell header=true>{users}</Cell>
                <Cell label="How">"The built-in role " <a href=href>{label}</a></Cell>
            </Row>
        }
        .into_any()
    });
    let people = holders.people.iter().map(|(user, email)| {
        let (page, why) = (format!("{base}/users/{user}"), format!("{base}/users/{user}/access"));
        let aria_label = format!("What can {} do?", visible(email));
        let text = email.clone();
        view! {
            <Row>
                <Cell header=true><a href=page><UserText text /></a></Cell>
                <Cell label="How"><a href=why aria-label=aria_label>"What can they do?"</a></Cell>
            </Row>
        }
        .into_any()
    });
    let rows: Vec<AnyView> = built_in.chain(people).collect();
    let head = view! { <HeadCell label="Who" /> <HeadCell label="How" /> }.into_any();
    let count = counted(u64::try_from(holders.count()).unwrap_or(u64::MAX), "person", "people");
    let purpose = format!("{count}, now or later. {admins}");
    view! {
        <Card title="Who holds both" purpose id="holders" flush=true>
            <Table caption="People who hold both" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

/// The organization's own roles that give both to whoever holds them.
fn roles(ctx: &Ctx, holders: &Holders) -> Option<AnyView> {
    if holders.roles.is_empty() {
        return None;
    }
    let links = holders.roles.iter().map(|(role, name)| {
        let (href, text) = (super::super::page_of(ctx, *role), name.clone());
        view! { <li><a href=href><UserText text /></a></li> }
    });
    let links = links.collect_view();
    Some(
        view! {
            <Card title="Roles that allow both" purpose="Each by itself, to whoever holds it.">
                <ul class="toc">{links}</ul>
            </Card>
        }
        .into_any(),
    )
}

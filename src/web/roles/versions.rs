//! What a role said in a former version, beside what it says now.

use super::{lines, list_crumb, page_of};
use crate::web::{
    page::{PageResult, Web},
    path::Path,
    text::one_line,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx, Error,
    access::{self, RoleDetail},
    workspaces,
};
use bulkhead_model::{
    Permission, RoleId,
    access::{RoleVersion, StoredRole},
    text::capitalised,
    workspace::Places,
};
use bulkhead_ui::{
    AbsTime, Breadcrumb, Card, Crumb, DescriptionList, Detail, Diff, LinkButton, PageHeader, UserText, Variant, visible,
};
use leptos::prelude::*;

type Here = Path<(String, RoleId, i32)>;

/// `GET /t/{slug}/roles/{id}/versions/{version}`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id, number)): Here) -> PageResult {
    let detail = access::find(&ctx, id).await?;
    let version = detail.versions.iter().find(|version| version.version == number).cloned().ok_or(Error::NotFound)?;
    let stored = detail.stored.clone().ok_or(Error::NotFound)?;
    let places = workspaces::places(&ctx).await?;
    let title = format!("Version {number} of {}", visible(&detail.definition.name));
    let page = web.clone();
    let facts = (stored, version, places);
    Ok(web.show(&title.clone(), move || body(&page, &ctx, &detail, &facts, title)).await)
}

fn body(
    web: &Web,
    ctx: &Ctx,
    detail: &RoleDetail,
    (stored, version, places): &(StoredRole, RoleVersion, Places),
    title: String,
) -> AnyView {
    let known = (&*detail.roles, places);
    let (id, number, current) = (detail.definition.id, version.version, stored.version);
    let is_current = number == current;
    let restore = (!is_current && web.may(Permission::RolesManage)).then(|| {
        let href = format!("{}/edit?version={number}", page_of(ctx, id));
        view! { <LinkButton label="Restore this version" href variant=Variant::Primary /> }
    });
    let crumbs = vec![list_crumb(ctx), Crumb::new(detail.definition.name.clone(), page_of(ctx, id))];
    let (at, by) = (version.saved_at, version.saved_by.clone());
    let reason = if version.reason.is_empty() { "None given".to_owned() } else { one_line(&version.reason) };
    let said = (&version.definition, version.description.as_str());
    let all = lines::differences(known, None, said);
    let rows: Vec<_> = all
        .into_iter()
        .map(|field| {
            // Names of permissions are written as they are.
            let term = if field.field.contains(':') { field.field } else { capitalised(&field.field) };
            let text = field.after.unwrap_or_default();
            view! { <Detail term><UserText text /></Detail> }
        })
        .collect();
    let comparison = match is_current {
        true => view! { <p class="muted card-line">"This is the current version."</p> }.into_any(),
        false => {
            let now = (&stored.definition, stored.description.as_str());
            let fields = lines::differences(known, Some(said), now);
            let purpose = format!("Before is version {number}, after is version {current}, which holds now.");
            view! {
                <Card title="Compared with the current version" purpose flush=true>
                    <Diff fields caption="What has changed since" />
                </Card>
            }
            .into_any()
        }
    };
    view! {
        <Breadcrumb crumbs />
        <PageHeader title actions=restore.into_any() />
        <Card title="What it said">
            <DescriptionList>
                <Detail term="Saved"><AbsTime at /> " by " <UserText text=by /></Detail>
                <Detail term="Reason"><UserText text=reason /></Detail>
                {rows}
            </DescriptionList>
        </Card>
        {comparison}
    }
    .into_any()
}

//! The list of workspaces.

use super::{TITLE, base, page_of};
use crate::web::{
    page::{PageResult, Web},
    text::one_line,
};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, workspaces};
use bulkhead_model::{Permission, workspace::Workspace};
use bulkhead_ui::{
    Align, Card, Cell, EmptyState, HeadCell, IconName, LinkButton, PageHeader, RelTime, Row, RowTitle, StatusBadge,
    Table, Variant, number,
};
use leptos::prelude::*;

/// `GET /t/{slug}/workspaces`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let list = workspaces::list(&ctx).await?;
    let page = web.clone();
    Ok(web.show(TITLE, move || body(&page, &ctx, &list)).await)
}

fn body(web: &Web, ctx: &Ctx, list: &[Workspace]) -> AnyView {
    let new = || {
        let href = format!("{}/new", base(ctx));
        web.may(Permission::WorkspacesManage)
            .then(|| view! { <LinkButton label="New workspace" href icon=IconName::Plus variant=Variant::Primary /> })
            .into_any()
    };
    let (actions, content) = match list.is_empty() {
        false => (new(), table(web, ctx, list)),
        true => (
            ().into_any(),
            view! {
                <EmptyState
                    title="No workspace yet"
                    body="A workspace is a part of the organization, such as a project, a team or an environment. People are members of it, and a role can be given in it alone."
                    icon=IconName::Layers
                    action=new()
                />
            }
            .into_any(),
        ),
    };
    view! {
        <PageHeader
            title=TITLE
            purpose="Parts of the organization. A role that is given in a workspace counts for what is in it, and nowhere else."
            actions
        />
        {content}
    }
    .into_any()
}

fn table(web: &Web, ctx: &Ctx, list: &[Workspace]) -> AnyView {
    let now = web.now();
    let rows: Vec<_> = list
        .iter()
        .map(|workspace| {
            let (title, subtitle) = (workspace.name.clone(), one_line(&workspace.description));
            let href = page_of(ctx, workspace.id);
            let members = number(u64::try_from(workspace.members).unwrap_or_default());
            let (status, at) = (workspace.status.code(), workspace.updated_at);
            view! {
                <Row>
                    <Cell header=true><RowTitle title href subtitle /></Cell>
                    <Cell label="Status"><StatusBadge status /></Cell>
                    <Cell label="Members" align=Align::End>{members}</Cell>
                    <Cell label="Last change"><RelTime at now /></Cell>
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="Workspace" />
        <HeadCell label="Status" />
        <HeadCell label="Members" align=Align::End />
        <HeadCell label="Last change" />
    }
    .into_any();
    view! { <Card flush=true><Table caption="Workspaces, those in use first, by name" head>{rows}</Table></Card> }
        .into_any()
}

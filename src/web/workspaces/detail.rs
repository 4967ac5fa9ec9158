//! One workspace: what it is for, who is in it, and what happened to it.

use super::{
    list_crumb,
    members::{Add, Members},
    page_of,
};
use crate::web::{
    audit, fields,
    page::{PageResult, Web},
    path::Path,
    text::paragraphs_or_none,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx, Error,
    workspaces::{self, WorkspaceDetail},
};
use bulkhead_model::{FieldErrors, Permission, WorkspaceId, audit::AuditEvent, workspace::WorkspaceStatus};
use bulkhead_ui::{
    AbsTime, Breadcrumb, Card, CopyId, DescriptionList, Detail, ErrorSummary, LinkButton, Notice, PageHeader, RelTime,
    StatusBadge, Tone, Variant, visible,
};
use http::StatusCode;
use leptos::prelude::*;

/// What the page shows.
struct Facts {
    detail: WorkspaceDetail,
    members: Members,
    activity: Option<Vec<AuditEvent>>,
}

impl Facts {
    async fn read(web: &Web, ctx: &Ctx, id: WorkspaceId) -> Result<Self, Error> {
        let detail = workspaces::find(ctx, id).await?;
        Ok(Self { detail, members: Members::read(web, ctx, id).await?, activity: audit::latest(ctx, id).await? })
    }
}

/// `GET /t/{slug}/workspaces/{id}`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Path<(String, WorkspaceId)>) -> PageResult {
    let facts = Facts::read(&web, &ctx, id).await?;
    draw(&web, StatusCode::OK, ctx, facts, Add::default(), FieldErrors::new()).await
}

/// The page again, with somebody who was not added.
pub async fn refused(web: &Web, ctx: Ctx, id: WorkspaceId, typed: Add, errors: FieldErrors) -> PageResult {
    let facts = Facts::read(web, &ctx, id).await?;
    draw(web, StatusCode::UNPROCESSABLE_ENTITY, ctx, facts, typed, errors).await
}

async fn draw(web: &Web, status: StatusCode, ctx: Ctx, facts: Facts, typed: Add, errors: FieldErrors) -> PageResult {
    let (title, page) = (visible(&facts.detail.workspace.name), web.clone());
    Ok(web.render(status, &title, false, move || body(&page, &ctx, &facts, &typed, &errors)).await)
}

fn body(web: &Web, ctx: &Ctx, facts: &Facts, typed: &Add, errors: &FieldErrors) -> AnyView {
    let Facts { detail, members, activity } = facts;
    let workspace = &detail.workspace;
    let (now, base) = (web.now(), format!("/t/{}/audit", ctx.identity().org_slug));
    let status = view! { <StatusBadge status=workspace.status.code() /> }.into_any();
    let archived = (workspace.status == WorkspaceStatus::Archived).then(|| {
        view! {
            <Notice tone=Tone::Warn>
                "This workspace is archived. Roles held in it are kept and do not count until it is brought back."
            </Notice>
        }
    });
    let description = paragraphs_or_none(&workspace.description);
    let (created, changed, id) = (workspace.created_at, workspace.updated_at, workspace.id.to_string());
    let events = activity.as_ref().map(|events| audit::activity(events, "workspace", &base, now));
    view! {
        <Breadcrumb crumbs=vec![list_crumb(ctx)] />
        <PageHeader title=visible(&workspace.name) status actions=actions(web, ctx, detail) />
        <ErrorSummary errors=fields::summary(errors) />
        {archived}
        <Card title="Workspace">
            <DescriptionList>
                <Detail term="For">{description}</Detail>
                <Detail term="Created"><AbsTime at=created /></Detail>
                <Detail term="Last change"><RelTime at=changed now /></Detail>
                <Detail term="Id"><CopyId id what="workspace id" /></Detail>
            </DescriptionList>
        </Card>
        {members.cards(web, ctx, detail, typed, errors)}
        {events}
    }
    .into_any()
}

/// The buttons beside the title: what the workspace's status and the viewer's roles allow.
fn actions(web: &Web, ctx: &Ctx, detail: &WorkspaceDetail) -> AnyView {
    if !web.may(Permission::WorkspacesManage) {
        return ().into_any();
    }
    let path = page_of(ctx, detail.workspace.id);
    let (label, action, variant) = match detail.workspace.status {
        WorkspaceStatus::Active => ("Archive", "archive", Variant::Danger),
        WorkspaceStatus::Archived => ("Bring back", "restore", Variant::Primary),
    };
    let status = detail.may_change_status(&detail.rights_of(ctx), web.now()).then(|| {
        let href = format!("{path}/{action}");
        view! { <LinkButton label href variant /> }
    });
    let edit = format!("{path}/edit");
    view! {
        <LinkButton label="Edit" href=edit variant=Variant::Secondary />
        {status}
    }
    .into_any()
}

//! Archiving a workspace and bringing it back, after saying what becomes of the roles that are held in it.

use super::{crumbs, page_of};
use crate::web::{
    clash::{self, Asked},
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, Error, workspaces};
use bulkhead_model::{
    Permission, WorkspaceId,
    error::Conflict,
    workspace::{Workspace, WorkspaceStatus},
};
use bulkhead_ui::{Breadcrumb, ConfirmForm, ConfirmPage, Consequence, Variant, visible};
use leptos::prelude::*;
use serde::Deserialize;

/// Which version the button was pressed for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    version: i32,
}

/// The same of a button after which a reason may be asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Restored {
    version: i32,
    /// Once somebody was asked for one.
    reason: Option<String>,
}

type Here = Path<(String, WorkspaceId)>;

/// `GET /t/{slug}/workspaces/{id}/archive`
pub async fn confirm_archive(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here) -> PageResult {
    confirm(web, ctx, id, WorkspaceStatus::Archived).await
}

/// `GET /t/{slug}/workspaces/{id}/restore`
pub async fn confirm_restore(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here) -> PageResult {
    confirm(web, ctx, id, WorkspaceStatus::Active).await
}

/// `POST /t/{slug}/workspaces/{id}/archive`
pub async fn archive(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Here,
    Form(seen): Form<Seen>,
) -> PageResult {
    workspaces::archive(&ctx, id, seen.version).await?;
    Ok(web.done(&page_of(&ctx, id), "Workspace archived. Roles held in it do not count any more."))
}

/// `POST /t/{slug}/workspaces/{id}/restore`
pub async fn restore(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Here,
    Form(form): Form<Restored>,
) -> PageResult {
    match workspaces::restore(&ctx, id, form.version, form.reason.as_deref().unwrap_or_default()).await {
        Err(Error::Duties(collision)) if !collision.refused => {
            let workspace = workspaces::find(&ctx, id).await?.workspace;
            let asked = Asked {
                title: title(WorkspaceStatus::Active, &workspace),
                button: ("Bring back", Variant::Primary),
                crumbs: crumbs(&ctx, &workspace),
                cancel: page_of(&ctx, id),
                fields: vec![("version", form.version.to_string())],
                reason: form.reason,
            };
            return clash::ask(&web, asked, collision).await;
        }
        restored => restored?,
    }
    Ok(web.done(&page_of(&ctx, id), "Workspace brought back. Roles held in it count again."))
}

/// What would be done, as the page is called.
fn title(to: WorkspaceStatus, workspace: &Workspace) -> String {
    let name = visible(&workspace.name);
    match to {
        WorkspaceStatus::Archived => format!("Archive {name}"),
        WorkspaceStatus::Active => format!("Bring back {name}"),
    }
}

async fn confirm(web: Web, ctx: Ctx, id: WorkspaceId, to: WorkspaceStatus) -> PageResult {
    ctx.require(Permission::WorkspacesManage).await?;
    let detail = workspaces::find(&ctx, id).await?;
    if detail.workspace.status == to {
        return Err(Error::Conflict(Conflict::WrongStatus).into());
    }
    let count = |number: i64| u64::try_from(number).unwrap_or_default();
    let (members, roles) = (count(detail.workspace.members), count(detail.roles()));
    let stay = match members {
        1 => Consequence::counted(1, "member stays in it."),
        members => Consequence::counted(members, "members stay in it."),
    };
    let (summary, consequences) = match to {
        WorkspaceStatus::Archived => (
            "Nothing is deleted. It can be brought back at any time.",
            vec![
                match roles {
                    0 => Consequence::new("Nobody holds a role in it, so nobody loses anything."),
                    1 => Consequence::counted(1, "role held in it stops counting, with the next request."),
                    roles => Consequence::counted(roles, "roles held in it stop counting, with the next request."),
                },
                Consequence::new("What a role denies in it is denied no more."),
                Consequence::new("Nobody is added to it, and no role is given in it, until it is brought back."),
                stay,
            ],
        ),
        WorkspaceStatus::Active => (
            "Everything is as it was before it was archived.",
            vec![
                match roles {
                    0 => Consequence::new("Nobody holds a role in it, so nobody gains anything."),
                    1 => Consequence::counted(1, "role held in it counts again, with the next request."),
                    roles => Consequence::counted(roles, "roles held in it count again, with the next request."),
                },
                stay,
            ],
        ),
    };
    let (title, page) = (title(to, &detail.workspace), web.clone());
    Ok(web
        .show(&title.clone(), move || {
            let crumbs = crumbs(&ctx, &detail.workspace);
            let (action, csrf) = (page.path().to_owned(), page.csrf());
            let hidden = fields::hidden_with_version(&page, detail.workspace.version);
            let (cancel_href, confirm_label) = (page_of(&ctx, id), title.clone());
            let harmless = to == WorkspaceStatus::Active;
            view! {
                <Breadcrumb crumbs />
                <ConfirmPage title=title.clone() summary consequences>
                    <ConfirmForm action csrf confirm_label cancel_href hidden harmless />
                </ConfirmPage>
            }
            .into_any()
        })
        .await)
}

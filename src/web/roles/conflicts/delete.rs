//! Deleting a conflict, after saying what is not asked any more.

use super::{base, crumbs, page_of};
use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, duties};
use bulkhead_model::{DutyConflictId, Permission, duty::DutyRule};
use bulkhead_ui::{Breadcrumb, ConfirmForm, ConfirmPage, Consequence, Crumb, visible};
use leptos::prelude::*;
use serde::Deserialize;

/// Which version was looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    version: i32,
}

type Here = Path<(String, DutyConflictId)>;

/// `GET /t/{slug}/roles/conflicts/{id}/delete`
pub async fn confirm(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here) -> PageResult {
    ctx.require(Permission::RolesManage).await?;
    let held = duties::find(&ctx, id).await?.0;
    let conflict = held.conflict;
    let (first, second) = (conflict.pair.first(), conflict.pair.second());
    let asked = match conflict.rule {
        DutyRule::Ask => format!("Nobody is asked for a reason any more before giving {first} and {second} together."),
        DutyRule::Refuse => format!("Everybody who may give roles can give {first} and {second} together."),
    };
    let both = match held.holders.count() {
        0 => Consequence::new("Nobody holds both now."),
        1 => Consequence::counted(1, "person holds both, and is not shown any more."),
        count => {
            let count = u64::try_from(count).unwrap_or(u64::MAX);
            Consequence::counted(count, "people hold both, and are not shown any more.")
        }
    };
    let consequences = vec![Consequence::new(asked), both, Consequence::new("The audit log keeps what it said.")];
    let (page, title) = (web.clone(), format!("Delete {}", visible(&conflict.name)));
    Ok(web
        .show(&title.clone(), move || {
            let cancel_href = page_of(&ctx, id);
            let mut crumbs = crumbs(&ctx);
            crumbs.push(Crumb::new(conflict.name.clone(), cancel_href.clone()));
            let (action, csrf) = (page.path().to_owned(), page.csrf());
            let hidden = fields::hidden_with_version(&page, conflict.version);
            let (confirm_label, summary) = (title.clone(), "What people hold does not change. It can be made again.");
            view! {
                <Breadcrumb crumbs />
                <ConfirmPage title=title.clone() summary consequences>
                    <ConfirmForm action csrf confirm_label cancel_href hidden />
                </ConfirmPage>
            }
            .into_any()
        })
        .await)
}

/// `POST /t/{slug}/roles/conflicts/{id}/delete`
pub async fn delete(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Here,
    Form(seen): Form<Seen>,
) -> PageResult {
    duties::delete(&ctx, id, seen.version).await?;
    Ok(web.done(&base(&ctx), "Conflict deleted. What people hold has not changed."))
}

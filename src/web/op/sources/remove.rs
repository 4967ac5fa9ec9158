//! Forgetting a data source.

use super::{PATH, TITLE, page_of, settings_of};
use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{Error, OperatorCtx, data_sources};
use bulkhead_model::{DataSourceId, Permission};
use bulkhead_ui::{Breadcrumb, ConfirmForm, ConfirmPage, Consequence, Crumb, visible};
use leptos::prelude::*;
use serde::Deserialize;

/// Which version of it was looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    version: i32,
}

/// `GET /op/sources/{id}/remove`
pub async fn confirm(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<DataSourceId>) -> PageResult {
    if !ctx.may(Permission::PlatformIsolationManage) {
        return Err(Error::Forbidden(Permission::PlatformIsolationManage).into());
    }
    let source = data_sources::find(&ctx, id).await?;
    let (viewer, title) = (web.clone(), format!("Remove {}", visible(source.name.as_str())));
    let heading = title.clone();
    let draw = move || {
        let crumbs = vec![Crumb::new(TITLE, PATH), Crumb::new(visible(source.name.as_str()), page_of(id))];
        let consequences = vec![
            Consequence::new("Its address and password are deleted here."),
            Consequence::new("Its profile is deleted with them; the audit log keeps what it said."),
            Consequence::new("Nothing happens to the database itself."),
        ];
        let summary = format!("{} can then no longer be looked at from here.", visible(&source.place));
        let (action, csrf, hidden) =
            (viewer.path().to_owned(), viewer.csrf(), fields::hidden_with_version(&viewer, source.version));
        view! {
            <Breadcrumb crumbs />
            <ConfirmPage title=heading.clone() summary consequences>
                <ConfirmForm action csrf hidden confirm_label=heading cancel_href=settings_of(id) />
            </ConfirmPage>
        }
        .into_any()
    };
    Ok(web.show(&title, draw).await)
}

/// `POST /op/sources/{id}/remove`
pub async fn remove(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<DataSourceId>,
    Form(Seen { version }): Form<Seen>,
) -> PageResult {
    data_sources::remove(&ctx, id, version).await?;
    Ok(web.done(PATH, "The data source is removed."))
}

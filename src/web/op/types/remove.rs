//! Taking a resource type out.

use super::{PATH, TITLE, page_of};
use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{Error, OperatorCtx, resource_types};
use bulkhead_model::{FieldErrors, Permission, access::ResourceType};
use bulkhead_ui::{Breadcrumb, ConfirmForm, ConfirmPage, Consequence, Crumb, Notice, Tone, visible};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

/// Which version of it was looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    version: i32,
}

/// `GET /op/resource-types/{type}/remove`
pub async fn confirm(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(name): Path<ResourceType>) -> PageResult {
    ctx.require(Permission::PlatformTypesManage).await?;
    draw(&web, &ctx, &name, StatusCode::OK, &FieldErrors::new()).await
}

/// `POST /op/resource-types/{type}/remove`
pub async fn remove(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(name): Path<ResourceType>,
    Form(Seen { version }): Form<Seen>,
) -> PageResult {
    match resource_types::remove(&ctx, &name, version).await {
        Ok(()) => Ok(web.done(PATH, &format!("{name} are no longer registered."))),
        Err(Error::Invalid(errors)) => draw(&web, &ctx, &name, StatusCode::UNPROCESSABLE_ENTITY, &errors).await,
        Err(error) => Err(error.into()),
    }
}

async fn draw(
    web: &Web,
    ctx: &OperatorCtx,
    name: &ResourceType,
    status: StatusCode,
    errors: &FieldErrors,
) -> PageResult {
    let stored = resource_types::find(ctx, name).await?;
    let label = visible(&stored.schema.label);
    let (viewer, title, here) = (web.clone(), format!("Remove {label}"), page_of(name));
    let (heading, message) = (title.clone(), errors.of("type").map(visible));
    let draw = move || {
        let crumbs = vec![Crumb::new(TITLE, PATH), Crumb::new(label.clone(), here.clone())];
        let permissions: Vec<String> = stored.schema.permissions().map(|name| name.to_string()).collect();
        let consequences = vec![
            Consequence::new(format!("These permissions exist no more: {}.", permissions.join(", "))),
            Consequence::new(
                "Services that ask for a decision about them are told no, with the reason permission-unknown.",
            ),
            Consequence::new("While a role of any organization names one of them, it is refused."),
        ];
        let refused = message.clone().map(|message| view! { <Notice tone=Tone::Danger>{message}</Notice> });
        let (action, csrf) = (viewer.path().to_owned(), viewer.csrf());
        let hidden = fields::hidden_with_version(&viewer, stored.version);
        let summary = "It is gone from every organization with the next request.";
        view! {
            <Breadcrumb crumbs />
            {refused}
            <ConfirmPage title=heading.clone() summary consequences>
                <ConfirmForm action csrf hidden confirm_label=heading cancel_href=here />
            </ConfirmPage>
        }
        .into_any()
    };
    Ok(web.render(status, &title, false, draw).await)
}

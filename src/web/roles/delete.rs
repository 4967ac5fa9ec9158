//! Deleting a role, after saying who loses it.

use super::{base, list_crumb, page_of};
use crate::web::{
    clash::{self, Asked},
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx, Error,
    access::{self, RoleDetail},
};
use bulkhead_model::{
    FieldErrors, Permission, RoleId,
    access::Assigned,
    page::{PageRequest, Place},
};
use bulkhead_ui::{
    Breadcrumb, ConfirmForm, ConfirmPage, Consequence, Crumb, LinkButton, Notice, Tone, UserText, Variant, visible,
};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use std::collections::HashSet;

/// Holders that are named; the others are counted.
const MOST_NAMED: u16 = 50;

/// Which version was looked at, and the name as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confirmed {
    version: i32,
    #[serde(default)]
    confirm_name: String,
    /// Once somebody was asked for one.
    reason: Option<String>,
}

type Here = Path<(String, RoleId)>;

/// `GET /t/{slug}/roles/{id}/delete`
pub async fn confirm(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here) -> PageResult {
    ctx.require(Permission::RolesManage).await?;
    draw(&web, ctx, id, StatusCode::OK, String::new(), FieldErrors::new()).await
}

/// `POST /t/{slug}/roles/{id}/delete`
pub async fn delete(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Here,
    Form(form): Form<Confirmed>,
) -> PageResult {
    ctx.require(Permission::RolesManage).await?;
    let detail = match access::find(&ctx, id).await {
        // Sent twice, the second finds nothing: whether the first did it, the use case remembers.
        Err(Error::NotFound) => {
            let again = access::delete(&ctx, id, form.version, "").await;
            return Err(again.err().unwrap_or(Error::NotFound).into());
        }
        found => found?,
    };
    let name = &detail.definition.name;
    let deleted = match form.confirm_name.trim() == name {
        true => access::delete(&ctx, id, form.version, form.reason.as_deref().unwrap_or_default()).await,
        false if detail.stored.is_none() => Err(Error::NotFound),
        false if detail.stored.as_ref().is_some_and(|role| role.version != form.version) => {
            Err(Error::Conflict(bulkhead_model::error::Conflict::StaleVersion))
        }
        false => {
            let message = format!("This is not the name. Type {} exactly.", visible(name));
            Err(FieldErrors::one("confirm_name", message).into())
        }
    };
    match deleted {
        Ok(()) => Ok(web.done(&base(&ctx), &format!("{} deleted. Nobody holds it any more.", visible(name)))),
        Err(Error::Invalid(errors)) => {
            draw(&web, ctx, id, StatusCode::UNPROCESSABLE_ENTITY, form.confirm_name, errors).await
        }
        Err(Error::Duties(collision)) if !collision.refused => {
            let asked = Asked {
                title: title(&detail),
                button: ("Delete role", Variant::Danger),
                crumbs: crumbs(&ctx, &detail),
                cancel: page_of(&ctx, id),
                fields: vec![("version", form.version.to_string()), ("confirm_name", form.confirm_name)],
                reason: form.reason,
            };
            clash::ask(&web, asked, collision).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What would be done, as the page is called.
fn title(detail: &RoleDetail) -> String {
    format!("Delete {}", visible(&detail.definition.name))
}

fn crumbs(ctx: &Ctx, detail: &RoleDetail) -> Vec<Crumb> {
    vec![list_crumb(ctx), Crumb::new(detail.definition.name.clone(), page_of(ctx, detail.definition.id))]
}

async fn draw(web: &Web, ctx: Ctx, id: RoleId, status: StatusCode, typed: String, errors: FieldErrors) -> PageResult {
    let detail = access::find(&ctx, id).await?;
    let stored = detail.stored.as_ref().ok_or(Error::NotFound)?;
    let named = PageRequest::new(Place::First, MOST_NAMED);
    let holders = access::holders(&ctx, id, "", &named).await?.page.rows;
    let (version, title) = (stored.version, title(&detail));
    let page = web.clone();
    let heading = title.clone();
    Ok(web
        .render(status, &title, false, move || body(&page, &ctx, &detail, &holders, (version, heading, typed), &errors))
        .await)
}

fn body(
    web: &Web,
    ctx: &Ctx,
    detail: &RoleDetail,
    holders: &[Assigned],
    (version, title, typed_value): (i32, String, String),
    errors: &FieldErrors,
) -> AnyView {
    let count = detail.stored.as_ref().and_then(|role| u64::try_from(role.holders).ok()).unwrap_or_default();
    let (name, cancel_href) = (detail.definition.name.clone(), page_of(ctx, detail.definition.id));
    let crumbs = crumbs(ctx, detail);
    let typed_error = errors.of("confirm_name").map(str::to_owned);
    let refused: Vec<_> = errors
        .iter()
        .filter(|error| error.field != "confirm_name")
        .map(|error| {
            let message = visible(&error.message);
            view! { <Notice tone=Tone::Danger>{message}</Notice> }
        })
        .collect();
    let question = if detail.heirs.is_empty() {
        let (action, csrf, hidden) = (web.path().to_owned(), web.csrf(), fields::hidden_with_version(web, version));
        let confirm_label = title.clone();
        view! {
            {named(ctx, holders, count)}
            <ConfirmForm action csrf hidden confirm_label cancel_href typed_name=name typed_value typed_error />
        }
        .into_any()
    } else {
        let links: Vec<_> = detail
            .heirs
            .iter()
            .map(|heir| {
                let (href, text) = (page_of(ctx, heir.id), heir.name.clone());
                view! { <li><a href=href><UserText text /></a></li> }
            })
            .collect();
        view! {
            <Notice tone=Tone::Warn>
                <p>"It cannot be deleted while other roles inherit from it. Take it out of these first:"</p>
                <ul>{links}</ul>
            </Notice>
            <div class="form-actions"><LinkButton label="Back to the role" href=cancel_href /></div>
        }
        .into_any()
    };
    let lose = match count {
        0 => Consequence::new("Nobody holds it, so nobody loses anything."),
        1 => Consequence::counted(1, "user loses it, with the next request."),
        count => Consequence::counted(count, "users lose it, with their next request."),
    };
    let consequences = vec![lose, Consequence::new("The audit log keeps what it allowed and who held it.")];
    let summary = "It is taken from everybody who holds it. It cannot be restored, only made again.";
    view! {
        <Breadcrumb crumbs />
        {refused}
        <ConfirmPage title summary consequences>{question}</ConfirmPage>
    }
    .into_any()
}

/// Who loses it, by address: those to whom it was given last. Somebody may hold it in several places.
fn named(ctx: &Ctx, holders: &[Assigned], count: u64) -> AnyView {
    if holders.is_empty() {
        return ().into_any();
    }
    let mut seen = HashSet::new();
    let holders: Vec<&Assigned> = holders.iter().filter(|holder| seen.insert(holder.user)).collect();
    let more = count.saturating_sub(u64::try_from(holders.len()).unwrap_or_default());
    let names: Vec<_> = holders
        .into_iter()
        .map(|holder| {
            let href = format!("/t/{}/users/{}", ctx.identity().org_slug, holder.user);
            let text = holder.user_email.clone();
            view! { <li><a href=href><UserText text /></a></li> }
        })
        .collect();
    view! {
        <div>
            <h2>"Who loses it"</h2>
            <ul class="toc">{names}</ul>
            {(more > 0).then(|| view! { <p class="muted">{format!("And {more} more.")}</p> })}
        </div>
    }
    .into_any()
}

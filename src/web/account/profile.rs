//! Who one is here: what one can change oneself, what others decide, and how the keyboard behaves.

use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    users,
};
use axum::extract::Extension;
use axum_extra::extract::CookieJar;
use bulkhead_domain::{Ctx, Error, account};
use bulkhead_model::{FieldErrors, error::Conflict, org::OrgKind, user::User};
use bulkhead_ui::{
    AbsTime, Card, Choice, DescriptionList, Detail, ErrorSummary, FormActions, Hidden, Input, Notice, PageHeader,
    PostForm, RadioCards, SubmitButton, Tone, UserText, Variant, visible,
};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

const TITLE: &str = "Profile";

/// The only field people change themselves.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named {
    name: String,
    version: i32,
}

/// `GET /account`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>, cookies: CookieJar) -> PageResult {
    let user = account::profile(&ctx).await?;
    let form = Named { name: user.name.clone(), version: user.version };
    let page = web.clone();
    Ok(web.show(TITLE, move || body(&page, &cookies, &user, &form, &FieldErrors::new(), None)).await)
}

/// `POST /account`
pub async fn rename(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    cookies: CookieJar,
    Form(form): Form<Named>,
) -> PageResult {
    let (status, errors) = match account::rename(&ctx, form.version, &form.name).await {
        Ok(()) => return Ok(web.done(web.path(), "Name saved.")),
        Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(Error::Conflict(Conflict::StaleVersion)) => (StatusCode::CONFLICT, FieldErrors::new()),
        Err(error) => return Err(error.into()),
    };
    let user = account::profile(&ctx).await?;
    let note = (status == StatusCode::CONFLICT).then(|| {
        format!(
            "Your account was changed since you opened this page. Your name is now: {}. What you typed is below and not saved.",
            if user.name.is_empty() { "none".to_owned() } else { visible(&user.name) }
        )
    });
    let (form, page) = (Named { version: user.version, ..form }, web.clone());
    Ok(web.render(status, TITLE, false, move || body(&page, &cookies, &user, &form, &errors, note)).await)
}

fn body(
    web: &Web,
    cookies: &CookieJar,
    user: &User,
    form: &Named,
    errors: &FieldErrors,
    note: Option<String>,
) -> AnyView {
    let identity = web.viewer().map(|viewer| viewer.identity.clone());
    let (organization, kind) = identity.map(|identity| (identity.org_name.clone(), identity.org_kind)).unzip();
    let decided_by = match kind {
        Some(OrgKind::Platform) => {
            "Another operator changes your role. The address stays the one you were invited with."
        }
        _ => "An admin of your organization changes your role. The address stays the one you were invited with.",
    };
    let (email, role, created_at) = (user.email.clone(), user.role, user.created_at);
    let (summary, refused) = (fields::summary(errors), errors.of("name").map(str::to_owned));
    let (action, csrf, hidden) = (web.path().to_owned(), web.csrf(), fields::hidden_with_version(web, form.version));
    let name = form.name.clone();
    let keyboard = keyboard(web, cookies);
    view! {
        <PageHeader title=TITLE purpose="How others see you, and what you may do here." />
        <ErrorSummary errors=summary />
        {note.map(|note| view! { <Notice tone=Tone::Warn>{note}</Notice> })}
        <Card title="Name" purpose="Shown in lists, in mails you cause, and in the audit log beside your address.">
            <PostForm action csrf hidden>
                <Input
                    name="name"
                    label="Your name"
                    value=name
                    error=refused
                    autocomplete="name"
                    maxlength=120
                    optional=true
                />
                <FormActions>
                    <SubmitButton label="Save name" pending="Saving" />
                </FormActions>
            </PostForm>
        </Card>
        <Card title="Account" purpose=decided_by>
            <DescriptionList>
                <Detail term="E-mail address"><UserText text=email /></Detail>
                <Detail term="Role">{format!("{}. {}", role.label(), users::explain(role))}</Detail>
                {organization
                    .map(|name| view! { <Detail term="Organization"><UserText text=name /></Detail> })}
                <Detail term="User since"><AbsTime at=created_at /></Detail>
            </DescriptionList>
        </Card>
        {keyboard}
    }
    .into_any()
}

/// Single letters as commands get in the way of speech input and of some keyboards: they can be turned off
/// (WCAG 2.2, 2.1.4).
fn keyboard(web: &Web, cookies: &CookieJar) -> AnyView {
    let value = match cookies.get("shortcuts").map(|cookie| cookie.value()) {
        Some("off") => "off",
        _ => "on",
    };
    let choices = vec![
        Choice::new("on", "On").hint("Press ? on any page to see them."),
        Choice::new("off", "Off").hint("Single letters do nothing. Tab, Enter and Ctrl K work as before."),
    ];
    let (csrf, here) = (web.csrf(), web.path().to_owned());
    view! {
        <Card title="Keyboard shortcuts" purpose="Kept in this browser.">
            <PostForm action="/preferences" csrf>
                <Hidden name="return_to" value=here />
                <RadioCards name="shortcuts" legend="Single-letter shortcuts" choices value />
                <FormActions>
                    <SubmitButton label="Save shortcuts" variant=Variant::Secondary />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

//! Changing one's own password.

use crate::web::{
    errors::wait,
    fields,
    form::Form,
    page::{PageResult, Web},
};
use axum::{
    extract::Extension,
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
};
use bulkhead_domain::{Ctx, Error, account};
use bulkhead_model::FieldErrors;
use bulkhead_ui::{Card, ErrorSummary, FormActions, Input, PageHeader, PasswordInput, PostForm, SubmitButton, counted};
use leptos::prelude::*;
use serde::Deserialize;

const TITLE: &str = "Password";

/// The form. No `Debug`: it holds passwords.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passwords {
    /// The address, for password managers; nothing reads it.
    #[serde(default, rename = "username")]
    _username: String,
    #[serde(default)]
    current: String,
    #[serde(default)]
    new: String,
    #[serde(default)]
    new_again: String,
}

/// `GET /account/password`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let shortest = account::shortest_password(&ctx).await?;
    let (page, email) = (web.clone(), ctx.identity().email.clone());
    Ok(web.show(TITLE, move || body(&page, email, shortest, &FieldErrors::new())).await)
}

/// `POST /account/password`
pub async fn change(web: Web, Extension(ctx): Extension<Ctx>, Form(form): Form<Passwords>) -> PageResult {
    let Passwords { current, new, new_again, .. } = form;
    let (status, errors, retry) = match account::change_password(&ctx, current, new, &new_again).await {
        Ok(ended) => {
            let ended = match ended {
                0 => "You had no other session.".to_owned(),
                ended => counted(ended, "other session has ended.", "other sessions have ended."),
            };
            return Ok(web.done("/account/sessions", &format!("Password changed. {ended}")));
        }
        Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None),
        Err(Error::RateLimited { retry_after }) => {
            let seconds = retry_after.as_secs().max(1);
            let message = format!("Too many attempts. Try again in {}.", wait(seconds));
            (StatusCode::TOO_MANY_REQUESTS, FieldErrors::one("current", message), Some(seconds))
        }
        Err(error) => return Err(error.into()),
    };
    let shortest = account::shortest_password(&ctx).await?;
    let (page, email) = (web.clone(), ctx.identity().email.clone());
    let mut response = web.render(status, TITLE, false, move || body(&page, email, shortest, &errors)).await;
    if let Some(seconds) = retry {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    Ok(response)
}

fn body(web: &Web, email: String, shortest: i64, errors: &FieldErrors) -> AnyView {
    let summary = fields::summary(errors);
    let refused = |field| errors.of(field).map(str::to_owned);
    let (wrong_current, wrong_new, wrong_again) = (refused("current"), refused("new"), refused("new_again"));
    let (action, csrf, hidden) = (web.path().to_owned(), web.csrf(), fields::hidden(web));
    let hint = super::password_hint(shortest);
    view! {
        <PageHeader title=TITLE purpose="Changing it ends every other session of yours. This one stays." />
        <ErrorSummary errors=summary />
        <Card title="Change password">
            <PostForm action csrf hidden>
                // Password managers file the new password under this address.
                <Input name="username" label="Account" value=email autocomplete="username" r#type="email" readonly=true />
                <PasswordInput name="current" label="Current password" error=wrong_current />
                <PasswordInput name="new" label="New password" autocomplete="new-password" hint error=wrong_new />
                <PasswordInput
                    name="new_again"
                    label="New password, again"
                    autocomplete="new-password"
                    error=wrong_again
                />
                <FormActions>
                    <SubmitButton label="Change password" pending="Changing" />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

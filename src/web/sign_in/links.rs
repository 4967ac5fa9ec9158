//! What opens behind the links in mails: joining an organization, choosing a new password. Each link works once.

use super::signed_in;
use crate::{
    middleware::guard::RequestOrigin,
    web::{
        fields,
        form::Form,
        page::{PageResult, Web},
    },
};
use axum::{
    extract::{Extension, Path},
    http::StatusCode,
};
use bulkhead_domain::{Error, sign_in::{self, TokenHolder, TokenPurpose}};
use bulkhead_model::FieldErrors;
use bulkhead_ui::{
    AuthShell, DescriptionList, Detail, ErrorSummary, FormActions, Input, LinkButton, PasswordInput, PostForm, SubmitButton,
    UserText, Variant,
};
use leptos::prelude::*;
use serde::Deserialize;
use tower_sessions::Session;

/// Joining: how to be called, and a password.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    password_again: String,
}

/// A new password.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    #[serde(default)]
    password: String,
    #[serde(default)]
    password_again: String,
}

/// `GET /invite/{token}`
pub async fn show_invitation(web: Web, Path(token): Path<String>) -> PageResult {
    match sign_in::holder(web.site().app(), TokenPurpose::Invitation, &token).await {
        Ok(holder) => {
            let name = holder.name.clone();
            let action = web.path().to_owned();
            Ok(web.show("Join", move || joining_form(&holder, &action, &name, &FieldErrors::new())).await)
        }
        Err(Error::NotFound) => Ok(dead_link(&web).await),
        Err(error) => Err(error.into()),
    }
}

/// `POST /invite/{token}`
pub async fn accept_invitation(
    web: Web,
    Path(token): Path<String>,
    Extension(session): Extension<Session>,
    origin: RequestOrigin,
    Form(form): Form<Joining>,
) -> PageResult {
    let app = web.site().app();
    let Joining { name, password, password_again } = form;
    match sign_in::accept_invitation(app, origin.0, &token, &name, password, &password_again).await {
        Ok(new) => signed_in(&web, &session, &new, "").await,
        Err(Error::Invalid(errors)) => {
            let holder = sign_in::holder(app, TokenPurpose::Invitation, &token).await?;
            let action = web.path().to_owned();
            Ok(web.refuse("Join", move || joining_form(&holder, &action, &name, &errors)).await)
        }
        Err(Error::NotFound) => Ok(dead_link(&web).await),
        Err(error) => Err(error.into()),
    }
}

fn joining_form(holder: &TokenHolder, action: &str, name: &str, errors: &FieldErrors) -> AnyView {
    let title = format!("Join {}", bulkhead_ui::visible(&holder.org_name));
    let (email, role) = (holder.email.clone(), holder.role.label());
    let (summary, passwords) = (fields::summary(errors), password_fields(errors));
    let (action, name, wrong_name) = (action.to_owned(), name.to_owned(), errors.of("name").map(str::to_owned));
    view! {
        <AuthShell title>
            <DescriptionList>
                <Detail term="Your account">{email}</Detail>
                <Detail term="Your role">{role}</Detail>
            </DescriptionList>
            <ErrorSummary errors=summary />
            <PostForm action csrf="">
                <Input name="name" label="Your name" value=name error=wrong_name autocomplete="name" maxlength=120 autofocus=true />
                {passwords}
                <FormActions><SubmitButton label="Join" pending="Joining" wide=true /></FormActions>
            </PostForm>
        </AuthShell>
    }
    .into_any()
}

fn password_fields(errors: &FieldErrors) -> AnyView {
    view! {
        <PasswordInput
            name="password"
            label="Password"
            autocomplete="new-password"
            hint="At least 15 characters. Several unrelated words are easy to remember. No other rules."
            error=errors.of("password")
        />
        <PasswordInput name="password_again" label="Password, again" autocomplete="new-password" error=errors.of("password_again") />
    }
    .into_any()
}

/// `GET /reset/{token}`
pub async fn show_reset(web: Web, Path(token): Path<String>) -> PageResult {
    match sign_in::holder(web.site().app(), TokenPurpose::PasswordReset, &token).await {
        Ok(holder) => {
            let action = web.path().to_owned();
            Ok(web.show("Choose a new password", move || reset_form(&holder, &action, &FieldErrors::new())).await)
        }
        Err(Error::NotFound) => Ok(dead_link(&web).await),
        Err(error) => Err(error.into()),
    }
}

/// `POST /reset/{token}`
pub async fn reset_password(
    web: Web,
    Path(token): Path<String>,
    origin: RequestOrigin,
    Form(form): Form<NewPassword>,
) -> PageResult {
    let app = web.site().app();
    match sign_in::reset_password(app, origin.0, &token, form.password, &form.password_again).await {
        Ok(holder) => Ok(web.done(&format!("/login/{}", holder.org_slug), "Password changed. Sign in with the new one.")),
        Err(Error::Invalid(errors)) => {
            let holder = sign_in::holder(app, TokenPurpose::PasswordReset, &token).await?;
            let action = web.path().to_owned();
            Ok(web.refuse("Choose a new password", move || reset_form(&holder, &action, &errors)).await)
        }
        Err(Error::NotFound) => Ok(dead_link(&web).await),
        Err(error) => Err(error.into()),
    }
}

fn reset_form(holder: &TokenHolder, action: &str, errors: &FieldErrors) -> AnyView {
    let (email, org_name, action) = (holder.email.clone(), holder.org_name.clone(), action.to_owned());
    let (summary, passwords) = (fields::summary(errors), password_fields(errors));
    view! {
        <AuthShell title="Choose a new password" purpose="Every session of this account ends when you save.">
            <p><UserText text=email /> " · " <UserText text=org_name /></p>
            <ErrorSummary errors=summary />
            <PostForm action csrf="">
                {passwords}
                <FormActions><SubmitButton label="Save password" pending="Saving" wide=true /></FormActions>
            </PostForm>
        </AuthShell>
    }
    .into_any()
}

/// The same page for a link that was used, has expired, or never existed.
async fn dead_link(web: &Web) -> axum::response::Response {
    web.render(StatusCode::NOT_FOUND, "This link does not work", false, || {
        view! {
            <AuthShell title="This link does not work">
                <p>"It was used before, has expired, or was replaced by a newer one. Ask whoever invited you to send it again, or ask for a new reset link."</p>
                <p><LinkButton label="Go to sign-in" href="/login" variant=Variant::Secondary /></p>
            </AuthShell>
        }
        .into_any()
    })
    .await
}

//! What opens behind the links in mails: joining an organization, choosing a new password. Each link works once.

use super::signed_in;
use crate::{
    middleware::guard::RequestOrigin,
    web::{
        account::password_hint,
        fields,
        form::Form,
        page::{PageResult, Web},
    },
};
use axum::{
    extract::{Extension, Path},
    http::StatusCode,
};
use bulkhead_domain::{
    Error,
    sign_in::{self, TokenHolder, TokenPurpose},
};
use bulkhead_model::FieldErrors;
use bulkhead_ui::{
    AuthShell, ErrorSummary, FormActions, Input, LinkButton, PasswordInput, PostForm, SubmitButton, Variant,
};
use leptos::prelude::*;
use serde::Deserialize;
use tower_sessions::Session;

/// Joining: how to be called, and a password. No `Debug`: it holds one.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Joining {
    /// The address, for password managers; nothing reads it.
    #[serde(default, rename = "username")]
    _username: String,
    name: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    password_again: String,
}

/// A new password. No `Debug`.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPassword {
    /// The address, for password managers; nothing reads it.
    #[serde(default, rename = "username")]
    _username: String,
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
            let (action, shortest) =
                (web.path().to_owned(), sign_in::shortest_password(web.site().app(), &holder).await?);
            Ok(web.show("Join", move || joining_form(&holder, &action, shortest, &name, &FieldErrors::new())).await)
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
    let Joining { name, password, password_again, .. } = form;
    match sign_in::accept_invitation(app, origin.0, &token, &name, password, &password_again).await {
        Ok(new) => signed_in(&web, &session, &new, "").await,
        Err(Error::Invalid(errors)) => {
            let holder = sign_in::holder(app, TokenPurpose::Invitation, &token).await?;
            let (action, shortest) = (web.path().to_owned(), sign_in::shortest_password(app, &holder).await?);
            Ok(web.refuse("Join", move || joining_form(&holder, &action, shortest, &name, &errors)).await)
        }
        Err(Error::NotFound) => Ok(dead_link(&web).await),
        Err(error) => Err(error.into()),
    }
}

fn joining_form(holder: &TokenHolder, action: &str, shortest: i64, name: &str, errors: &FieldErrors) -> AnyView {
    let title = format!("Join {}", bulkhead_ui::visible(&holder.org_name));
    let (email, purpose) = (holder.email.clone(), format!("You were invited with the role {}.", holder.role.label()));
    let (summary, passwords) = (fields::summary(errors), password_fields("Password", shortest, errors));
    let (action, name, wrong_name) = (action.to_owned(), name.to_owned(), errors.of("name").map(str::to_owned));
    view! {
        <AuthShell title purpose>
            <ErrorSummary errors=summary />
            <PostForm action csrf="">
                {account(email)}
                <Input name="name" label="Your name" value=name error=wrong_name autocomplete="name" maxlength=120 autofocus=true />
                {passwords}
                <FormActions><SubmitButton label="Join" pending="Joining" wide=true /></FormActions>
            </PostForm>
        </AuthShell>
    }
    .into_any()
}

/// Whose password it will be; password managers file it under this.
fn account(email: String) -> AnyView {
    view! { <Input name="username" label="Account" value=email r#type="email" autocomplete="username" readonly=true /> }
        .into_any()
}

fn password_fields(label: &'static str, shortest: i64, errors: &FieldErrors) -> AnyView {
    view! {
        <PasswordInput
            name="password"
            label
            autocomplete="new-password"
            hint=password_hint(shortest)
            error=errors.of("password")
        />
        <PasswordInput
            name="password_again"
            label=format!("{label}, again")
            autocomplete="new-password"
            error=errors.of("password_again")
        />
    }
    .into_any()
}

/// `GET /reset/{token}`
pub async fn show_reset(web: Web, Path(token): Path<String>) -> PageResult {
    match sign_in::holder(web.site().app(), TokenPurpose::PasswordReset, &token).await {
        Ok(holder) => {
            let (action, shortest) =
                (web.path().to_owned(), sign_in::shortest_password(web.site().app(), &holder).await?);
            Ok(web
                .show("Choose a new password", move || reset_form(&holder, &action, shortest, &FieldErrors::new()))
                .await)
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
        Ok(holder) => {
            Ok(web.done(&format!("/login/{}", holder.org_slug), "Password changed. Sign in with the new one."))
        }
        Err(Error::Invalid(errors)) => {
            let holder = sign_in::holder(app, TokenPurpose::PasswordReset, &token).await?;
            let (action, shortest) = (web.path().to_owned(), sign_in::shortest_password(app, &holder).await?);
            Ok(web.refuse("Choose a new password", move || reset_form(&holder, &action, shortest, &errors)).await)
        }
        Err(Error::NotFound) => Ok(dead_link(&web).await),
        Err(error) => Err(error.into()),
    }
}

fn reset_form(holder: &TokenHolder, action: &str, shortest: i64, errors: &FieldErrors) -> AnyView {
    let (email, org_name, action) = (holder.email.clone(), holder.org_name.clone(), action.to_owned());
    let (summary, passwords) = (fields::summary(errors), password_fields("New password", shortest, errors));
    view! {
        <AuthShell title="Choose a new password" organization=org_name purpose="Saving it ends every session of this account.">
            <ErrorSummary errors=summary />
            <PostForm action csrf="">
                {account(email)}
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
                <p>"It was used before, has expired, or was replaced by a newer one."</p>
                <p>"For an invitation, ask whoever invited you to send it again. For a new password, ask for another link from the sign-in page."</p>
                <p><LinkButton label="Go to sign-in" href="/login" variant=Variant::Secondary /></p>
            </AuthShell>
        }
        .into_any()
    })
    .await
}

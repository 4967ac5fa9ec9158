//! A forgotten password, and a forgotten organization. What is answered does not depend on what is known.

use crate::{
    middleware::guard::RequestOrigin,
    web::{
        form::Form,
        page::{PageResult, Web},
    },
};
use axum::extract::Path;
use bulkhead_domain::{Error, sign_in};
use bulkhead_model::FieldErrors;
use bulkhead_ui::{AuthShell, FormActions, Input, PostForm, SubmitButton};
use leptos::prelude::*;
use serde::Deserialize;

/// The only field of both forms.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Address {
    email: String,
}

/// The words of one of the two pages.
#[derive(Clone, Copy)]
struct Words {
    title: &'static str,
    purpose: &'static str,
    button: &'static str,
}

const RESET: Words = Words {
    title: "Choose a new password",
    purpose: "If the address belongs to an active account here, it gets a link that works once within 30 minutes.",
    button: "Send the link",
};
const REMIND: Words = Words {
    title: "Which organizations am I in?",
    purpose: "If the address belongs to active accounts, it gets a list of their organizations.",
    button: "Send the list",
};

/// `GET /forgot/{slug}`
pub async fn ask_reset(web: Web, Path(slug): Path<String>) -> PageResult {
    let action = web.path().to_owned();
    Ok(web.show(RESET.title, move || form(RESET, Some(slug), &action, &Address::default(), &FieldErrors::new())).await)
}

/// `POST /forgot/{slug}`
pub async fn send_reset(
    web: Web,
    Path(slug): Path<String>,
    origin: RequestOrigin,
    Form(address): Form<Address>,
) -> PageResult {
    let app = web.site().app();
    match sign_in::request_reset(app, origin.0, &slug, &address.email) {
        Ok(work) => {
            app.later("password reset", work);
            Ok(sent(&web, RESET.title, Some(slug)).await)
        }
        Err(Error::Invalid(errors)) => {
            let action = web.path().to_owned();
            Ok(web.refuse(RESET.title, move || form(RESET, Some(slug), &action, &address, &errors)).await)
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /forgot`
pub async fn ask_organizations(web: Web) -> PageResult {
    Ok(web.show(REMIND.title, || form(REMIND, None, "/forgot", &Address::default(), &FieldErrors::new())).await)
}

/// `POST /forgot`
pub async fn send_organizations(web: Web, origin: RequestOrigin, Form(address): Form<Address>) -> PageResult {
    let app = web.site().app();
    match sign_in::remind_organizations(app, origin.0, &address.email) {
        Ok(work) => {
            app.later("organization reminder", work);
            Ok(sent(&web, REMIND.title, None).await)
        }
        Err(Error::Invalid(errors)) => {
            Ok(web.refuse(REMIND.title, move || form(REMIND, None, "/forgot", &address, &errors)).await)
        }
        Err(error) => Err(error.into()),
    }
}

fn form(words: Words, organization: Option<String>, action: &str, address: &Address, errors: &FieldErrors) -> AnyView {
    let back = organization.as_ref().map_or("/login".to_owned(), |slug| format!("/login/{slug}"));
    let footer = view! { <p><a href=back>"Back to sign-in"</a></p> }.into_any();
    let refused = errors.of("email").map(str::to_owned);
    let (action, email) = (action.to_owned(), address.email.clone());
    view! {
        <AuthShell title=words.title organization=organization purpose=words.purpose footer>
            <PostForm action csrf="">
                <Input
                    name="email"
                    label="E-mail address"
                    value=email
                    r#type="email"
                    inputmode="email"
                    autocomplete="username"
                    error=refused
                    maxlength=254
                    autofocus=true
                />
                <FormActions><SubmitButton label=words.button wide=true /></FormActions>
            </PostForm>
        </AuthShell>
    }
    .into_any()
}

async fn sent(web: &Web, title: &'static str, organization: Option<String>) -> axum::response::Response {
    web.show(title, move || {
        let back = organization.as_ref().map_or("/login".to_owned(), |slug| format!("/login/{slug}"));
        let footer = view! { <p><a href=back>"Back to sign-in"</a></p> }.into_any();
        view! {
            <AuthShell title="Check your mailbox" organization=organization footer>
                <p>"If the address has an account, a mail is on its way and arrives within a few minutes. Otherwise nothing is sent."</p>
            </AuthShell>
        }
        .into_any()
    })
    .await
}

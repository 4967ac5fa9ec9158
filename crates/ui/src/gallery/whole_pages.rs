//! Sign-in, confirmation and error pages.

use super::{Look, info, nav};
use crate::{
    AppShell, AuthShell, Breadcrumb, ConfirmForm, ConfirmPage, Consequence, Crumb, ErrorState, ErrorSummary,
    FieldError, Input, LinkButton, PasswordInput, PostForm, Realm, Size, SubmitButton,
};
use leptos::prelude::*;

pub(super) fn sign_in() -> impl IntoView {
    view! {
        <AuthShell
            title="Sign in"
            organization="Northwind Trading"
            flash=view! {
                <ErrorSummary errors=vec![
                    FieldError::new("", "That email and password don't match."),
                ] />
            }
                .into_any()
            footer=view! {
                <a href="#main">"Another organization"</a>
                <a href="#main">"Help"</a>
            }
                .into_any()
        >
            <PostForm action="/gallery" csrf="gallery">
                <Input
                    name="email"
                    label="Email address"
                    r#type="email"
                    autocomplete="username"
                    value="ana@northwind.example"
                />
                <PasswordInput
                    name="password"
                    label="Password"
                    aside=view! { <a href="#main">"Forgot password"</a> }.into_any()
                />
                <SubmitButton label="Sign in" size=Size::Large wide=true pending="Signing in" />
            </PostForm>
        </AuthShell>
    }
}

pub(super) fn confirm(look: Look) -> impl IntoView {
    view! {
        <AppShell info=info(look, Realm::Operator) nav=nav()>
            <Breadcrumb crumbs=vec![
                Crumb::new("Organizations", "#main"),
                Crumb::new("Northwind Trading", "#main"),
            ] />
            <ConfirmPage
                title="Suspend Northwind Trading"
                summary="Nobody of this organization can sign in until it is reactivated. Its data is kept."
                consequences=vec![
                    Consequence::counted(212, "users are signed out at once"),
                    Consequence::counted(9, "API keys stop working; requests with them get 401"),
                    Consequence::counted(3, "jobs pause where they are"),
                    Consequence::new("The admins of the organization receive an email with the reason"),
                ]
            >
                <ConfirmForm
                    action="/gallery"
                    csrf="gallery"
                    confirm_label="Suspend Northwind Trading"
                    cancel_href="#main"
                    typed_name="Northwind Trading"
                    typed_value="Northwind"
                    typed_error="This is not the name. Type it as it stands above."
                    ask_reason=true
                />
            </ConfirmPage>
        </AppShell>
    }
}

pub(super) fn error(look: Look) -> impl IntoView {
    view! {
        <AppShell info=info(look, Realm::Organization) nav=nav()>
            <ErrorState
                status=403
                title="You cannot invite users"
                body="Inviting needs the permission users:invite, which none of your roles has. Ana Lopez and Bo Nilsson can grant it."
                saved=false
                request_id="0199f0c2-7d0e-7f3a"
                actions=view! {
                    <LinkButton label="Back to users" href="#main" />
                }
                    .into_any()
            />
        </AppShell>
    }
}

//! Someone who is signed in and opens sign-in again: is offered to go on, or to sign out first.

use super::{Next, home_of};
use crate::{
    middleware::guard,
    web::{
        errors::PageError,
        page::{Web, own_path},
    },
};
use axum::response::Response;
use bulkhead_domain::{Ctx, Error};
use bulkhead_model::org::OrgKind;
use bulkhead_ui::{
    AuthShell, DescriptionList, Detail, FormActions, LinkButton, PostForm, SubmitButton, UserText, Variant,
};
use leptos::prelude::*;

/// The page for a visitor with a live session; nothing for everybody else.
pub async fn signed_in(web: &Web, visitor: guard::Visitor) -> Result<Option<Response>, PageError> {
    match visitor.enter(web.site()).await {
        Ok(ctx) => {
            let next = Next::of(web).next;
            Ok(Some(web.show("You are signed in", move || body(&ctx, &next)).await))
        }
        Err(Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

fn body(ctx: &Ctx, next: &str) -> AnyView {
    let identity = ctx.identity();
    let home = home_of(&identity.org_slug, identity.org_kind == OrgKind::Platform);
    let href = own_path(next).filter(|next| *next != "/").unwrap_or(&home).to_owned();
    let (email, organization) = (identity.email.clone(), identity.org_name.clone());
    view! {
        <AuthShell title="You are signed in">
            <DescriptionList>
                <Detail term="Account"><UserText text=email /></Detail>
                <Detail term="Organization"><UserText text=organization /></Detail>
            </DescriptionList>
            <FormActions>
                <LinkButton label="Continue" href variant=Variant::Primary />
                <PostForm action="/logout" csrf="" inline=true>
                    <SubmitButton label="Sign out" variant=Variant::Secondary />
                </PostForm>
            </FormActions>
        </AuthShell>
    }
    .into_any()
}

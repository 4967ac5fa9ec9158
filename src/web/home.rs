//! The start page of an organization: what needs its viewer, and where things are.

use super::page::{PageResult, Web};
use crate::routes::{Access, Routes};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, audit, users};
use bulkhead_model::{
    Permission,
    audit::AuditFilter,
    page::{PageRequest, Place},
    user::{UserFilter, UserStatus},
};
use bulkhead_ui::{Card, LinkButton, PageHeader, Stat, Stats, Variant};
use leptos::prelude::*;

/// The routes of this page.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant).get("/t/{slug}", show)
}

async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let identity = ctx.identity().clone();
    let few = PageRequest::new(Place::First, 8);
    let count_of = |status: Vec<UserStatus>| UserFilter { status, ..UserFilter::default() };
    let everyone = users::list(&ctx, &count_of(vec![]), &PageRequest::new(Place::First, 1)).await?.count;
    let invited = users::list(&ctx, &count_of(vec![UserStatus::Invited]), &PageRequest::new(Place::First, 1)).await?.count;
    let recent = match ctx.may(Permission::AuditRead) {
        true => Some(audit::list(&ctx, &AuditFilter::default(), &few).await?.page.rows),
        false => None,
    };
    let (now, base) = (web.now(), format!("/t/{}", identity.org_slug));
    let may_invite = web.may(Permission::UsersInvite);
    Ok(web
        .show("Home", move || {
            let users_href = format!("{base}/users");
            let actions = may_invite.then(|| {
                view! { <LinkButton label="Invite users" href=format!("{base}/users/invite") variant=Variant::Primary /> }
                    .into_any()
            });
            let hello = if identity.name.is_empty() { identity.email.clone() } else { identity.name.clone() };
            view! {
                <PageHeader title=identity.org_name.clone() purpose=format!("Signed in as {hello}.") actions=actions.unwrap_or_else(|| ().into_any()) />
                <Stats>
                    <Stat label="Users" value=everyone.to_string() href=users_href.clone() />
                    <Stat label="Open invitations" value=invited.to_string() href=format!("{users_href}?status=invited") />
                </Stats>
                {recent
                    .map(|events| {
                        let events = super::audit::timeline(&events, &format!("{base}/audit"), now);
                        view! {
                            <Card title="Latest events" flush=true>
                                {events}
                            </Card>
                        }
                    })}
            }
            .into_any()
        })
        .await)
}

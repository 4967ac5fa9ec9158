//! Duties that exclude each other, where one user is concerned: the note that they hold both.

use super::detail;
use crate::web::{clash::Asked, roles::conflicts};
use bulkhead_authz::duties::Sides;
use bulkhead_domain::{Ctx, Error, duties};
use bulkhead_model::{Permission, UserId, duty::DutyConflict, user::User};
use bulkhead_ui::{Crumb, Notice, Tone, UserText, Variant};
use leptos::prelude::*;

/// Of which duties that exclude each other somebody could do both; nothing for whoever may not see roles.
pub async fn of_user(ctx: &Ctx, user: UserId) -> Result<Vec<(DutyConflict, Sides)>, Error> {
    match ctx.may(Permission::RolesRead) {
        true => duties::of_user(ctx, user).await,
        false => Ok(Vec::new()),
    }
}

/// That somebody holds both, a remark for each conflict. Of an admin it is said once, and is no warning.
pub fn notes(ctx: &Ctx, name: &str, held: &[(DutyConflict, Sides)]) -> AnyView {
    let link = |conflict: &DutyConflict| {
        let (href, text) = (conflicts::page_of(ctx, conflict.id), conflict.name.clone());
        view! { <a href=href><UserText text /></a> }
    };
    let both = held.iter().filter(|(_, sides)| sides.breaks()).map(|(conflict, _)| {
        let (first, second) = (conflict.pair.first(), conflict.pair.second());
        let text = format!("{name} holds both {first} and {second}. Conflict: ");
        let (link, why) = (link(conflict), format!(". {}", conflicts::why(conflict)));
        view! { <Notice tone=Tone::Warn>{text} {link} {why}</Notice> }
    });
    let both = both.collect_view();
    let admin = held.iter().find(|(_, sides)| *sides == Sides::Admin).map(|_| {
        let href = conflicts::base(ctx);
        view! {
            <Notice>
                <p>"Admins hold everything, so " <a href=href>"conflicting duties"</a> " do not count for them."</p>
            </Notice>
        }
    });
    view! { {both} {admin} }.into_any()
}

/// The question before this user holds both: `title` is what would be done, beside it the button.
pub fn question(
    ctx: &Ctx,
    user: &User,
    (title, button): (String, (&'static str, Variant)),
    fields: Vec<(&'static str, String)>,
    reason: Option<String>,
) -> Asked {
    let cancel = detail::path(ctx, user.id);
    let crumbs = vec![
        Crumb::new("Users", format!("/t/{}/users", ctx.identity().org_slug)),
        Crumb::new(user.display().to_owned(), cancel.clone()),
    ];
    Asked { title, button, crumbs, cancel, fields, reason }
}

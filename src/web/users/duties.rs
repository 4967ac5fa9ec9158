//! Duties that exclude each other, where one user is concerned: the note that they hold both, and the question before they
//! are given both.

use super::detail;
use crate::web::{
    fields,
    page::{PageResult, Web},
    roles::conflicts::{self, SAY_WHY},
};
use bulkhead_authz::duties::Sides;
use bulkhead_domain::{Collision, Ctx, Error, duties};
use bulkhead_model::{FieldErrors, Permission, UserId, duty::DutyConflict, user::User};
use bulkhead_ui::{
    Breadcrumb, Card, Crumb, ErrorSummary, FormActions, LinkButton, Notice, PageHeader, PostForm, SubmitButton,
    TextArea, Tone, UserText, Variant, visible,
};
use http::StatusCode;
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

/// That it is refused, beside the field that would do it.
pub fn refused(field: &str, collision: &Collision) -> FieldErrors {
    let sentences: Vec<String> = collision.sentences().collect();
    FieldErrors::one(field, format!("{} That is refused.", sentences.join(" ")))
}

/// What would make somebody hold both, as it was sent.
#[derive(Debug)]
pub struct Asked {
    /// What the page is called: what would be done.
    pub title: String,
    /// What the button says.
    pub label: &'static str,
    /// Everything that was sent beside the reason; it is sent again.
    pub fields: Vec<(&'static str, String)>,
    /// The reason, once somebody was asked for one.
    pub reason: Option<String>,
}

/// The question: nothing is done yet. 200 the first time, 422 where the reason is missing or does not read well.
pub async fn ask(web: &Web, ctx: Ctx, user: User, asked: Asked, collision: Collision) -> PageResult {
    let (status, errors) = match asked.reason {
        None => (StatusCode::OK, FieldErrors::new()),
        Some(_) => (StatusCode::UNPROCESSABLE_ENTITY, FieldErrors::one("reason", SAY_WHY)),
    };
    let (page, title) = (web.clone(), asked.title.clone());
    Ok(web.render(status, &title, false, move || body(&page, &ctx, &user, asked, &collision, &errors)).await)
}

fn body(web: &Web, ctx: &Ctx, user: &User, asked: Asked, collision: &Collision, errors: &FieldErrors) -> AnyView {
    let Asked { title, label, fields, reason } = asked;
    let cancel = detail::path(ctx, user.id);
    let crumbs = vec![
        Crumb::new("Users", format!("/t/{}/users", ctx.identity().org_slug)),
        Crumb::new(user.display().to_owned(), cancel.clone()),
    ];
    let notices = collision.clashes.iter().map(|clash| {
        let text = format!("{} {}", visible(&clash.sentences().join(" ")), conflicts::why(&clash.conflict));
        view! { <Notice tone=Tone::Danger>{text}</Notice> }
    });
    let notices = notices.collect_view();
    let mut hidden = fields::hidden(web);
    hidden.extend(fields.into_iter().map(|(name, value)| (name.to_owned(), value)));
    let (action, csrf, summary) = (web.path().to_owned(), web.csrf(), fields::summary(errors));
    let (value, error) = (reason.unwrap_or_default(), errors.of("reason").map(str::to_owned));
    view! {
        <Breadcrumb crumbs />
        <PageHeader title purpose="These duties exclude each other. Nothing is saved yet." />
        <ErrorSummary errors=summary />
        {notices}
        <Card title="Reason">
            <PostForm action csrf hidden>
                <TextArea
                    name="reason"
                    label="Why one person is to hold both"
                    value
                    error
                    hint="Kept in the audit log."
                    rows=3
                    maxlength=500
                />
                <FormActions>
                    <SubmitButton label pending="Saving" />
                    <LinkButton label="Cancel" href=cancel variant=Variant::Secondary />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

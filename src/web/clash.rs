//! Duties that exclude each other, where a change would bring both to somebody: the question before it, and the refusal.

use super::{
    fields,
    page::{PageResult, Web},
    roles::conflicts::{self, SAY_WHY},
};
use bulkhead_domain::Collision;
use bulkhead_model::FieldErrors;
use bulkhead_ui::{
    Breadcrumb, Card, Crumb, ErrorSummary, FormActions, LinkButton, Notice, PageHeader, PostForm, SubmitButton,
    TextArea, Tone, Variant, visible,
};
use http::StatusCode;
use leptos::prelude::*;

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
    /// What the button says, and how: as the one of the page that led here.
    pub button: (&'static str, Variant),
    /// The pages above.
    pub crumbs: Vec<Crumb>,
    /// Where somebody goes who thinks better of it.
    pub cancel: String,
    /// Everything that was sent beside the reason; it is sent again.
    pub fields: Vec<(&'static str, String)>,
    /// The reason, once somebody was asked for one.
    pub reason: Option<String>,
}

/// The question: nothing is done yet. 200 the first time, 422 where the reason is missing or does not read well.
pub async fn ask(web: &Web, asked: Asked, collision: Collision) -> PageResult {
    let (status, errors) = match asked.reason {
        None => (StatusCode::OK, FieldErrors::new()),
        Some(_) => (StatusCode::UNPROCESSABLE_ENTITY, FieldErrors::one("reason", SAY_WHY)),
    };
    let (page, title) = (web.clone(), asked.title.clone());
    Ok(web.render(status, &title, false, move || body(&page, asked, &collision, &errors)).await)
}

fn body(web: &Web, asked: Asked, collision: &Collision, errors: &FieldErrors) -> AnyView {
    let Asked { title, button: (label, variant), crumbs, cancel, fields, reason } = asked;
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
                    <SubmitButton label variant pending="Saving" />
                    <LinkButton label="Cancel" href=cancel variant=Variant::Secondary />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

//! Changing an organization's name and plan.

use super::{must_manage, page_of, plan_choices, plan_name};
use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Error, OperatorCtx,
    orgs::{self, OrgDetail},
};
use bulkhead_model::{FieldErrors, OrgId, error::Conflict};
use bulkhead_ui::{
    Breadcrumb, Card, Crumb, ErrorSummary, FormActions, Input, LinkButton, Notice, PageHeader, PostForm, Select,
    SubmitButton, Tone, Variant, visible,
};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

/// The form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    name: String,
    #[serde(default)]
    plan: String,
    version: i32,
}

/// `GET /op/orgs/{id}/edit`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<OrgId>) -> PageResult {
    must_manage(&ctx)?;
    let detail = orgs::find(&ctx, id).await?;
    let org = &detail.org;
    let form = Edit { name: org.name.clone(), plan: org.plan.clone(), version: org.version };
    let (title, page) = (title(&detail), web.clone());
    Ok(web.show(&title, move || body(&page, &detail, form, &FieldErrors::new(), None)).await)
}

/// `POST /op/orgs/{id}/edit`
pub async fn update(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<OrgId>,
    Form(form): Form<Edit>,
) -> PageResult {
    let (errors, stale) = match orgs::update(&ctx, id, form.version, &form.name, &form.plan).await {
        Ok(()) => return Ok(web.done(&page_of(id), &format!("{} saved.", visible(form.name.trim())))),
        Err(Error::Invalid(errors)) => (errors, false),
        Err(Error::Conflict(Conflict::StaleVersion)) => (FieldErrors::new(), true),
        Err(error) => return Err(error.into()),
    };
    let detail = orgs::find(&ctx, id).await?;
    // Where someone else was faster, saving again means having read what they saved. A typing mistake proves no
    // such thing: the version first seen stays in the form.
    let version = if stale { detail.org.version } else { form.version };
    let form = Edit { version, ..form };
    let note = stale.then(|| {
        format!(
            "Someone changed this organization since you opened the page. There it says now: name {}, plan {}. Your version is below and not saved.",
            visible(&detail.org.name),
            plan_name(&detail.plans, &detail.org.plan),
        )
    });
    let status = if stale { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let (title, page) = (title(&detail), web.clone());
    Ok(web.render(status, &title, false, move || body(&page, &detail, form, &errors, note)).await)
}

fn title(detail: &OrgDetail) -> String {
    format!("Edit {}", visible(&detail.org.name))
}

fn body(web: &Web, detail: &OrgDetail, form: Edit, errors: &FieldErrors, note: Option<String>) -> AnyView {
    let back = page_of(detail.org.id);
    let refused = |field| errors.of(field).map(str::to_owned);
    let (summary, wrong_name, wrong_plan) = (fields::summary(errors), refused("name"), refused("plan"));
    let (action, csrf, hidden) = (web.path().to_owned(), web.csrf(), fields::hidden_with_version(web, form.version));
    let choices = plan_choices(&detail.plans);
    let crumbs = vec![Crumb::new("Organizations", "/op/orgs"), Crumb::new(visible(&detail.org.name), back.clone())];
    let Edit { name, plan, .. } = form;
    view! {
        <Breadcrumb crumbs />
        <PageHeader title=title(detail) />
        <ErrorSummary errors=summary />
        {note.map(|note| view! { <Notice tone=Tone::Warn>{note}</Notice> })}
        <Card>
            <PostForm action csrf hidden>
                <Input name="name" label="Name" value=name error=wrong_name maxlength=120 autocomplete="off" />
                <Select
                    name="plan"
                    label="Plan"
                    choices
                    value=plan
                    error=wrong_plan
                    hint="Settings that the organization has not overridden follow the plan at once."
                />
                <FormActions>
                    <SubmitButton label="Save changes" pending="Saving" />
                    <LinkButton label="Cancel" href=back variant=Variant::Secondary />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

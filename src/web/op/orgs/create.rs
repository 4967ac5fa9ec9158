//! Creating an organization.

use super::{must_manage, page_of, plan_choices};
use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
};
use axum::extract::Extension;
use bulkhead_domain::{
    Error, OperatorCtx,
    orgs::{self, NewOrg},
};
use bulkhead_model::{FieldErrors, org::Plan};
use bulkhead_ui::{
    Breadcrumb, Card, Crumb, ErrorSummary, FormActions, Input, LinkButton, PageHeader, PostForm, Select, SubmitButton,
    Variant, visible,
};
use leptos::prelude::*;
use serde::Deserialize;

/// The form.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Creation {
    name: String,
    slug: String,
    #[serde(default)]
    plan: String,
    admin_email: String,
}

const TITLE: &str = "Create organization";

/// `GET /op/orgs/new`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    must_manage(&ctx)?;
    let plans = orgs::plans(&ctx).await?;
    let page = web.clone();
    Ok(web.show(TITLE, move || body(&page, &plans, Creation::default(), &FieldErrors::new())).await)
}

/// `POST /op/orgs/new`
pub async fn create(web: Web, Extension(ctx): Extension<OperatorCtx>, Form(form): Form<Creation>) -> PageResult {
    let Creation { name, slug, plan, admin_email } = form.clone();
    match orgs::create(&ctx, &NewOrg { name, slug, plan, admin_email }).await {
        Ok(id) => {
            Ok(web.done(&page_of(id), &format!("{} created. Its provisioning is below.", visible(form.name.trim()))))
        }
        Err(Error::Invalid(errors)) => {
            let plans = orgs::plans(&ctx).await?;
            let page = web.clone();
            Ok(web.refuse(TITLE, move || body(&page, &plans, form, &errors)).await)
        }
        Err(error) => Err(error.into()),
    }
}

fn body(web: &Web, plans: &[Plan], form: Creation, errors: &FieldErrors) -> AnyView {
    let refused = |field| errors.of(field).map(str::to_owned);
    let (summary, wrong_name, wrong_slug) = (fields::summary(errors), refused("name"), refused("slug"));
    let (wrong_plan, wrong_email) = (refused("plan"), refused("admin_email"));
    let (action, csrf, hidden, choices) = (web.path().to_owned(), web.csrf(), fields::hidden(web), plan_choices(plans));
    let Creation { name, slug, plan, admin_email } = form;
    view! {
        <Breadcrumb crumbs=vec![Crumb::new("Organizations", "/op/orgs")] />
        <PageHeader
            title=TITLE
            purpose="Its first admin gets an invitation as soon as the organization has proved to be kept apart from the others."
        />
        <ErrorSummary errors=summary />
        <Card>
            <PostForm action csrf hidden>
                <Input name="name" label="Name" value=name error=wrong_name maxlength=120 autocomplete="off" hint="As people write it. It can be changed later." />
                <Input
                    name="slug"
                    label="Short name"
                    value=slug
                    error=wrong_slug
                    prefix="/t/"
                    maxlength=48
                    autocomplete="off"
                    mono=true
                    hint="Its name in addresses: small letters, digits and hyphens. It cannot be changed later."
                />
                <Select name="plan" label="Plan" choices value=plan error=wrong_plan hint="Sets how many users it may have and how long its audit log is kept." />
                <Input
                    name="admin_email"
                    label="First admin’s e-mail address"
                    value=admin_email
                    error=wrong_email
                    r#type="email"
                    maxlength=254
                    autocomplete="off"
                    hint="This person is invited as an admin and invites everybody else."
                />
                <FormActions>
                    <SubmitButton label=TITLE pending="Creating" />
                    <LinkButton label="Cancel" href="/op/orgs" variant=Variant::Secondary />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

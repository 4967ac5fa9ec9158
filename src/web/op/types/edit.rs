//! Registering a resource type, and changing one.

use super::{
    PATH, TITLE,
    form::{ActionRow, AttributeRow, TypeForm},
    page_of,
};
use crate::web::{
    errors::PageError,
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{Error, OperatorCtx, resource_types};
use bulkhead_model::{
    FieldErrors, Permission,
    access::{AttributeKind, ResourceType, StoredResourceType},
    error::Conflict,
    text::capitalised,
    user::Role,
};
use bulkhead_ui::{
    Breadcrumb, Card, Checkbox, CheckboxGroup, Choice, Crumb, ErrorSummary, FormActions, Input, LinkButton, Notice,
    PageHeader, PostForm, Select, SubmitButton, TextArea, Tone, Variant, field_id, visible,
};
use http::StatusCode;
use leptos::prelude::*;

type Fields = Form<Vec<(String, String)>>;

/// What is said about the form above it.
#[derive(Default)]
struct Remarks {
    errors: FieldErrors,
    /// What someone else saved in the meantime.
    faster: Option<StoredResourceType>,
}

/// `GET /op/resource-types/new`
pub async fn blank(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    ctx.require(Permission::PlatformTypesManage).await?;
    draw(&web, StatusCode::OK, None, TypeForm::default(), Remarks::default()).await
}

/// `POST /op/resource-types/new`
pub async fn register(web: Web, Extension(ctx): Extension<OperatorCtx>, Form(pairs): Fields) -> PageResult {
    ctx.require(Permission::PlatformTypesManage).await?;
    let form = TypeForm::read(pairs)?;
    if form.version.is_some() {
        return Err(PageError::malformed());
    }
    if form.more {
        return draw(&web, StatusCode::OK, None, form, Remarks::default()).await;
    }
    let registered = match form.schema() {
        Ok(schema) => resource_types::register(&ctx, &schema).await.map(|()| schema),
        Err(errors) => Err(errors.into()),
    };
    match registered {
        Ok(schema) => Ok(web.done(PATH, &format!("{} are registered.", visible(&schema.label)))),
        Err(Error::Invalid(errors)) => {
            draw(&web, StatusCode::UNPROCESSABLE_ENTITY, None, form, Remarks { errors, faster: None }).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /op/resource-types/{type}`: the form, or the same to read for whoever may not change it.
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(name): Path<ResourceType>) -> PageResult {
    let stored = resource_types::find(&ctx, &name).await?;
    let form = TypeForm::of(&stored.schema, stored.version);
    draw(&web, StatusCode::OK, Some(stored), form, Remarks::default()).await
}

/// `POST /op/resource-types/{type}`
pub async fn change(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(name): Path<ResourceType>,
    Form(pairs): Fields,
) -> PageResult {
    ctx.require(Permission::PlatformTypesManage).await?;
    let form = TypeForm { name: name.to_string(), ..TypeForm::read(pairs)? };
    let seen = form.version.ok_or_else(PageError::malformed)?;
    if form.more {
        let stored = resource_types::find(&ctx, &name).await?;
        return draw(&web, StatusCode::OK, Some(stored), form, Remarks::default()).await;
    }
    let changed = match form.schema() {
        Ok(schema) => resource_types::change(&ctx, seen, &schema).await,
        Err(errors) => Err(errors.into()),
    };
    match changed {
        Ok(()) => Ok(web.done(PATH, &format!("{} saved.", visible(form.label.trim())))),
        Err(Error::Invalid(errors)) => {
            let stored = resource_types::find(&ctx, &name).await?;
            let remarks = Remarks { errors, faster: None };
            draw(&web, StatusCode::UNPROCESSABLE_ENTITY, Some(stored), form, remarks).await
        }
        Err(Error::Conflict(Conflict::StaleVersion)) => {
            let stored = resource_types::find(&ctx, &name).await?;
            // Saving again means having read what they saved.
            let form = TypeForm { version: Some(stored.version), ..form };
            let remarks = Remarks { errors: FieldErrors::new(), faster: Some(stored.clone()) };
            draw(&web, StatusCode::CONFLICT, Some(stored), form, remarks).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn draw(
    web: &Web,
    status: StatusCode,
    stored: Option<StoredResourceType>,
    form: TypeForm,
    remarks: Remarks,
) -> PageResult {
    let title = match &stored {
        Some(stored) => visible(&stored.schema.label),
        None => "Register a type".to_owned(),
    };
    let (viewer, heading) = (web.clone(), title.clone());
    let draw = move || body(&viewer, &heading, stored.as_ref(), form.shown(), &remarks);
    Ok(web.render(status, &title, false, draw).await)
}

fn body(web: &Web, title: &str, stored: Option<&StoredResourceType>, form: TypeForm, remarks: &Remarks) -> AnyView {
    let may = web.may(Permission::PlatformTypesManage);
    let Remarks { errors, faster } = remarks;
    let (summary, crumbs) = (fields::summary(errors), vec![Crumb::new(TITLE, PATH)]);
    let faster = faster.as_ref().map(faster_than_this);
    let reading = (!may).then(|| {
        view! { <Notice>"You can look at this type. Admins of the platform change it."</Notice> }
    });
    let title = title.to_owned();
    let (action, csrf) = (web.path().to_owned(), web.csrf());
    let mut hidden = fields::hidden(web);
    hidden.extend(form.version.map(|version| ("version".to_owned(), version.to_string())));
    let save = if stored.is_some() { "Save changes" } else { "Register" };
    let buttons = may.then(|| {
        view! {
            <FormActions>
                <SubmitButton label=save pending="Saving" name="step" value="save" />
                <LinkButton label="Cancel" href=PATH variant=Variant::Secondary />
            </FormActions>
        }
    });
    let remove = stored.filter(|_| may).map(|stored| {
        let href = format!("{}/remove", page_of(&stored.schema.name));
        let purpose = "Takes it out of every organization. A type that a role names stays.";
        view! {
            <Card title="Remove" purpose>
                <LinkButton label="Remove this type" href variant=Variant::Danger />
            </Card>
        }
    });
    let (about, actions, attributes) =
        (about(stored.is_some(), &form, errors), actions(&form, errors, may), attributes(&form, errors, may));
    view! {
        <Breadcrumb crumbs />
        <PageHeader title />
        <ErrorSummary errors=summary />
        {reading}
        {faster}
        <PostForm action csrf hidden>
            {about}
            {actions}
            {attributes}
            {buttons}
        </PostForm>
        {remove}
    }
    .into_any()
}

fn faster_than_this(stored: &StoredResourceType) -> AnyView {
    let names: Vec<String> = stored.schema.actions.iter().map(|action| action.name.to_string()).collect();
    let text = format!(
        "{} changed this type since you opened the page. It now says: {}, with the actions {}. What you typed is below and not saved.",
        visible(&stored.updated_by),
        visible(&stored.schema.label),
        names.join(", ")
    );
    view! { <Notice tone=Tone::Warn>{text}</Notice> }.into_any()
}

fn about(exists: bool, form: &TypeForm, errors: &FieldErrors) -> AnyView {
    let refused = |field| errors.of(field).map(str::to_owned);
    let (wrong_name, wrong_label, wrong_description) = (refused("name"), refused("label"), refused("description"));
    let (name, label, description) = (form.name.clone(), form.label.clone(), form.description.clone());
    let name = match exists {
        true => view! { <p>"Its name in permissions is " <code>{name}</code> " and stays so."</p> }.into_any(),
        false => {
            let hint = "As permissions write it, in the plural and in lower case: invoices.";
            view! { <Input name="name" label="Name" value=name error=wrong_name hint maxlength=64 mono=true autocomplete="off" /> }
                .into_any()
        }
    };
    view! {
        <Card title="Type">
            <div class="form">
                {name}
                <Input
                    name="label"
                    label="Label"
                    value=label
                    error=wrong_label
                    hint="As people call it: Invoices."
                    maxlength=60
                    autocomplete="off"
                />
                <TextArea name="description" label="What it is" value=description error=wrong_description maxlength=500 optional=true />
            </div>
        </Card>
    }
    .into_any()
}

/// A button for another row, where there may be one.
fn another(may: bool, label: &'static str) -> Option<impl IntoView> {
    may.then(|| {
        view! {
            <FormActions>
                <SubmitButton label variant=Variant::Secondary name="step" value="more" />
            </FormActions>
        }
    })
}

fn wrong(errors: &FieldErrors, field: &str) -> Option<AnyView> {
    let message = errors.of(field).map(visible)?;
    Some(view! { <Notice tone=Tone::Danger>{message}</Notice> }.into_any())
}

fn actions(form: &TypeForm, errors: &FieldErrors, may: bool) -> AnyView {
    let rows = form.actions.iter().enumerate().map(|(at, row)| action(at, row, errors)).collect_view();
    let purpose = "Each becomes a permission. Admins may do all of them; a row that is emptied is taken out.";
    let wrong = wrong(errors, "actions");
    view! {
        <Card title="Actions" purpose id=field_id("actions")>
            <div class="form">
                {wrong}
                {rows}
                {another(may, "Add another action")}
            </div>
        </Card>
    }
    .into_any()
}

fn action(at: usize, row: &ActionRow, errors: &FieldErrors) -> AnyView {
    let field = |name: &str| format!("{name}.{at}");
    let refused = |name: &str| errors.of(&field(name)).map(str::to_owned);
    let (wrong_name, wrong_roles) = (refused("action"), refused("held_by"));
    let ActionRow { name, sentence, held_by, needs_reason } = row.clone();
    let of = if name.trim().is_empty() { "a new action".to_owned() } else { visible(&name) };
    let roles = Role::ALL.iter().filter(|role| **role != Role::Admin);
    let choices = roles.map(|role| Choice::new(role.code(), role.label())).collect();
    view! {
        <div class="fields">
            <div class="fields-pair">
                <Input name=field("action") label="Action" value=name error=wrong_name maxlength=64 mono=true optional=true autocomplete="off" />
                <Input
                    name=field("sentence")
                    label="You can …"
                    value=sentence
                    maxlength=60
                    optional=true
                    autocomplete="off"
                />
            </div>
            <CheckboxGroup name=field("held_by") legend=format!("Built-in roles that allow {of}") choices values=held_by error=wrong_roles />
            <Checkbox name=field("reason") label=format!("Whoever newly allows {of} says why") checked=needs_reason />
        </div>
    }
    .into_any()
}

fn attributes(form: &TypeForm, errors: &FieldErrors, may: bool) -> AnyView {
    let rows = form.attributes.iter().enumerate().map(|(at, row)| attribute(at, row, errors)).collect_view();
    let purpose = "What conditions can compare. Whose it is and which workspace it is in are known of every type. A condition about an attribute that is taken out no longer allows anything.";
    let wrong = wrong(errors, "attributes");
    view! {
        <Card title="Attributes" purpose id=field_id("attributes")>
            <div class="form">
                {wrong}
                {rows}
                {another(may, "Add another attribute")}
            </div>
        </Card>
    }
    .into_any()
}

fn attribute(at: usize, row: &AttributeRow, errors: &FieldErrors) -> AnyView {
    let field = |name: &str| format!("{name}.{at}");
    let refused = |name: &str| errors.of(&field(name)).map(str::to_owned);
    let (wrong_name, wrong_kind) = (refused("attribute"), refused("kind"));
    let AttributeRow { name, kind, description } = row.clone();
    let choices = AttributeKind::ALL.iter().map(|kind| Choice::new(kind.code(), capitalised(kind.label()))).collect();
    view! {
        <div class="fields">
            <div class="fields-pair">
                <Input name=field("attribute") label="Attribute" value=name error=wrong_name maxlength=64 mono=true optional=true autocomplete="off" />
                <Select name=field("kind") label="Is" choices value=kind error=wrong_kind />
            </div>
            <Input name=field("about") label="What it says" value=description maxlength=500 optional=true autocomplete="off" />
        </div>
    }
    .into_any()
}

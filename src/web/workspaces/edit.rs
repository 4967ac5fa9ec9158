//! Making a workspace, and changing what it is called and for.

use super::{crumbs, list_crumb, page_of};
use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
    text::one_line,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx, Error,
    workspaces::{self, Typed},
};
use bulkhead_model::{FieldErrors, Permission, WorkspaceId, error::Conflict, workspace::Workspace};
use bulkhead_ui::{
    Breadcrumb, Card, ErrorSummary, FormActions, Input, LinkButton, Notice, PageHeader, PostForm, SubmitButton,
    TextArea, Tone, Variant, visible,
};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

const NEW: &str = "New workspace";

/// What is typed, and the version it was typed for; a new workspace has none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    version: i32,
}

impl Edit {
    fn typed(&self) -> Typed {
        Typed { name: self.name.clone(), description: self.description.clone() }
    }

    fn of(workspace: &Workspace) -> Self {
        let Workspace { name, description, version, .. } = workspace.clone();
        Self { name, description, version }
    }
}

/// What was sent and refused, with the reasons.
#[derive(Default)]
struct Refusal {
    status: StatusCode,
    errors: FieldErrors,
    note: Option<String>,
}

type Here = Path<(String, WorkspaceId)>;

/// `GET /t/{slug}/workspaces/new`
pub async fn blank(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    ctx.require(Permission::WorkspacesManage).await?;
    draw(&web, ctx, None, Edit::default(), Refusal::default()).await
}

/// `POST /t/{slug}/workspaces/new`
pub async fn make(web: Web, Extension(ctx): Extension<Ctx>, Form(form): Form<Edit>) -> PageResult {
    match workspaces::create(&ctx, &form.typed()).await {
        Ok(id) => {
            let message = format!("{} created. Add the people who work in it.", visible(form.name.trim()));
            Ok(web.done(&page_of(&ctx, id), &message))
        }
        Err(Error::Invalid(errors)) => {
            let refusal = Refusal { status: StatusCode::UNPROCESSABLE_ENTITY, errors, note: None };
            draw(&web, ctx, None, form, refusal).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /t/{slug}/workspaces/{id}/edit`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here) -> PageResult {
    ctx.require(Permission::WorkspacesManage).await?;
    let workspace = workspaces::find(&ctx, id).await?.workspace;
    let form = Edit::of(&workspace);
    draw(&web, ctx, Some(workspace), form, Refusal::default()).await
}

/// `POST /t/{slug}/workspaces/{id}/edit`
pub async fn change(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Here,
    Form(form): Form<Edit>,
) -> PageResult {
    let (errors, stale) = match workspaces::change(&ctx, id, form.version, &form.typed()).await {
        Ok(()) => return Ok(web.done(&page_of(&ctx, id), &format!("{} saved.", visible(form.name.trim())))),
        Err(Error::Invalid(errors)) => (errors, false),
        Err(Error::Conflict(Conflict::StaleVersion)) => (FieldErrors::new(), true),
        Err(error) => return Err(error.into()),
    };
    // Shown again with what was typed; where someone else was faster, beside what is there now.
    let workspace = workspaces::find(&ctx, id).await?.workspace;
    let note = stale.then(|| {
        format!(
            "Someone changed this workspace since you opened the page. There it says now: name {}, description {}. Your version is below and not saved.",
            visible(&workspace.name),
            match workspace.description.is_empty() {
                true => "none".to_owned(),
                false => visible(&one_line(&workspace.description)),
            }
        )
    });
    let status = if stale { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
    let form = Edit { version: workspace.version, ..form };
    draw(&web, ctx, Some(workspace), form, Refusal { status, errors, note }).await
}

async fn draw(web: &Web, ctx: Ctx, workspace: Option<Workspace>, form: Edit, refusal: Refusal) -> PageResult {
    let title = workspace.as_ref().map_or_else(|| NEW.to_owned(), |it| format!("Edit {}", visible(&it.name)));
    let (page, heading, status) = (web.clone(), title.clone(), refusal.status);
    Ok(web.render(status, &title, false, move || body(&page, &ctx, workspace.as_ref(), heading, form, refusal)).await)
}

fn body(web: &Web, ctx: &Ctx, workspace: Option<&Workspace>, title: String, form: Edit, refusal: Refusal) -> AnyView {
    let (crumbs, cancel, hidden, save) = match workspace {
        Some(it) => {
            (crumbs(ctx, it), page_of(ctx, it.id), fields::hidden_with_version(web, form.version), "Save changes")
        }
        None => (vec![list_crumb(ctx)], super::base(ctx), fields::hidden(web), "Create workspace"),
    };
    let Refusal { errors, note, .. } = refusal;
    let refused = |field| errors.of(field).map(str::to_owned);
    let (summary, wrong_name, wrong_text) = (fields::summary(&errors), refused("name"), refused("description"));
    let (action, csrf) = (web.path().to_owned(), web.csrf());
    let Edit { name, description, .. } = form;
    view! {
        <Breadcrumb crumbs />
        <PageHeader title purpose="A project, a team or an environment: whatever people work in together." />
        <ErrorSummary errors=summary />
        {note.map(|note| view! { <Notice tone=Tone::Warn>{note}</Notice> })}
        <Card>
            <PostForm action csrf hidden>
                <Input name="name" label="Name" value=name error=wrong_name maxlength=60 autocomplete="off" />
                <TextArea
                    name="description"
                    label="Description"
                    value=description
                    error=wrong_text
                    hint="What belongs into it, for those who choose where somebody gets a role."
                    rows=3
                    maxlength=500
                    optional=true
                />
                <FormActions>
                    <SubmitButton label=save pending="Saving" />
                    <LinkButton label="Cancel" href=cancel variant=Variant::Secondary />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

//! Naming duties that exclude each other, and changing them.

use super::{base, crumbs, explain, page_of};
use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
    text::one_line,
};
use axum::extract::Extension;
use bulkhead_authz::catalogue::Entry;
use bulkhead_domain::{
    Ctx, Error, access,
    duties::{self, Typed},
};
use bulkhead_model::{
    DutyConflictId, FieldErrors, Permission,
    duty::{DutyConflict, DutyRule},
    error::Conflict,
    text::capitalised,
};
use bulkhead_ui::{
    Breadcrumb, Card, Choice, Crumb, ErrorSummary, FormActions, Input, LinkButton, Notice, PageHeader, PostForm,
    RadioCards, Select, SubmitButton, TextArea, Tone, Variant, visible,
};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

const NEW: &str = "New conflict";

/// What is typed, and the version it was typed for; a new conflict has none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    name: String,
    #[serde(default)]
    first: String,
    #[serde(default)]
    second: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    rule: String,
    #[serde(default)]
    version: i32,
}

impl Edit {
    fn typed(&self) -> Result<Typed, FieldErrors> {
        let Self { name, first, second, why, rule, .. } = self.clone();
        let rule = DutyRule::from_code(&rule).ok_or_else(|| FieldErrors::one("rule", "Choose what happens."))?;
        Ok(Typed { name, first, second, why, rule })
    }

    fn blank() -> Self {
        Self { rule: DutyRule::Ask.code().to_owned(), ..Self::default() }
    }

    fn of(conflict: &DutyConflict) -> Self {
        Self {
            name: conflict.name.clone(),
            first: conflict.pair.first().to_string(),
            second: conflict.pair.second().to_string(),
            why: conflict.why.clone(),
            rule: conflict.rule.code().to_owned(),
            version: conflict.version,
        }
    }
}

/// What was sent and refused, with the reasons.
#[derive(Default)]
struct Refusal {
    status: StatusCode,
    errors: FieldErrors,
    note: Option<String>,
}

impl Refusal {
    fn of(errors: FieldErrors) -> Self {
        Self { status: StatusCode::UNPROCESSABLE_ENTITY, errors, note: None }
    }
}

type Here = Path<(String, DutyConflictId)>;

/// `GET /t/{slug}/roles/conflicts/new`
pub async fn blank(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    ctx.require(Permission::RolesManage).await?;
    draw(&web, ctx, None, Edit::blank(), Refusal::default()).await
}

/// `POST /t/{slug}/roles/conflicts/new`
pub async fn make(web: Web, Extension(ctx): Extension<Ctx>, Form(form): Form<Edit>) -> PageResult {
    // Who may not do this is told so before what they typed is looked at.
    ctx.require(Permission::RolesManage).await?;
    let made = match form.typed() {
        Ok(typed) => duties::create(&ctx, &typed).await,
        Err(errors) => Err(errors.into()),
    };
    match made {
        Ok(id) => Ok(web.done(&page_of(&ctx, id), &format!("{} created.", visible(form.name.trim())))),
        Err(Error::Invalid(errors)) => draw(&web, ctx, None, form, Refusal::of(errors)).await,
        Err(error) => Err(error.into()),
    }
}

/// `GET /t/{slug}/roles/conflicts/{id}/edit`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>, Path((_, id)): Here) -> PageResult {
    ctx.require(Permission::RolesManage).await?;
    let conflict = duties::find(&ctx, id).await?.0.conflict;
    let form = Edit::of(&conflict);
    draw(&web, ctx, Some(conflict), form, Refusal::default()).await
}

/// `POST /t/{slug}/roles/conflicts/{id}/edit`
pub async fn change(
    web: Web,
    Extension(ctx): Extension<Ctx>,
    Path((_, id)): Here,
    Form(form): Form<Edit>,
) -> PageResult {
    ctx.require(Permission::RolesManage).await?;
    let changed = match form.typed() {
        Ok(typed) => duties::change(&ctx, id, form.version, &typed).await,
        Err(errors) => Err(errors.into()),
    };
    let (errors, stale) = match changed {
        Ok(()) => return Ok(web.done(&page_of(&ctx, id), &format!("{} saved.", visible(form.name.trim())))),
        Err(Error::Invalid(errors)) => (errors, false),
        Err(Error::Conflict(Conflict::StaleVersion)) => (FieldErrors::new(), true),
        Err(error) => return Err(error.into()),
    };
    // Shown again with what was typed; where someone else was faster, beside what is there now.
    let conflict = duties::find(&ctx, id).await?.0.conflict;
    let note = stale.then(|| {
        format!(
            "Someone changed this conflict since you opened the page. There it says now: name {}, {} and {}, {}, why: {} Your version is below and not saved.",
            visible(&conflict.name),
            conflict.pair.first(),
            conflict.pair.second(),
            conflict.rule.label().to_lowercase(),
            super::ended(visible(&one_line(&conflict.why))),
        )
    });
    let (form, refusal) = match stale {
        true => (Edit { version: conflict.version, ..form }, Refusal { status: StatusCode::CONFLICT, errors, note }),
        false => (form, Refusal::of(errors)),
    };
    draw(&web, ctx, Some(conflict), form, refusal).await
}

async fn draw(web: &Web, ctx: Ctx, conflict: Option<DutyConflict>, form: Edit, refusal: Refusal) -> PageResult {
    let permissions = access::permissions(&ctx).await?;
    let title = conflict.as_ref().map_or_else(|| NEW.to_owned(), |it| format!("Edit {}", visible(&it.name)));
    let (page, heading, status) = (web.clone(), title.clone(), refusal.status);
    let body = move || body(&page, &ctx, conflict.as_ref(), &permissions, heading, form, refusal);
    Ok(web.render(status, &title, false, body).await)
}

/// The permissions, as things to choose from.
fn choices(permissions: &[Entry]) -> Vec<Choice> {
    let label = |entry: &Entry| format!("{} ({})", visible(&capitalised(&entry.sentence)), entry.name);
    let none = Choice::new("", "Choose a permission");
    std::iter::once(none)
        .chain(permissions.iter().map(|entry| Choice::new(entry.name.to_string(), label(entry))))
        .collect()
}

fn body(
    web: &Web,
    ctx: &Ctx,
    conflict: Option<&DutyConflict>,
    permissions: &[Entry],
    title: String,
    form: Edit,
    refusal: Refusal,
) -> AnyView {
    let (crumbs, cancel, hidden, save) = match conflict {
        Some(it) => {
            let mut crumbs = crumbs(ctx);
            crumbs.push(Crumb::new(it.name.clone(), page_of(ctx, it.id)));
            (crumbs, page_of(ctx, it.id), fields::hidden_with_version(web, form.version), "Save changes")
        }
        None => (crumbs(ctx), base(ctx), fields::hidden(web), "Create conflict"),
    };
    let Refusal { errors, note, .. } = refusal;
    let refused = |field| errors.of(field).map(str::to_owned);
    let (wrong_name, wrong_first, wrong_second) = (refused("name"), refused("first"), refused("second"));
    let (wrong_why, wrong_rule, summary) = (refused("why"), refused("rule"), fields::summary(&errors));
    let (action, csrf) = (web.path().to_owned(), web.csrf());
    let (ones, others) = (choices(permissions), choices(permissions));
    let rules = DutyRule::ALL.iter().map(|rule| Choice::new(rule.code(), rule.label()).hint(explain(*rule))).collect();
    let Edit { name, first, second, why, rule, .. } = form;
    view! {
        <Breadcrumb crumbs />
        <PageHeader title purpose="Two permissions that no one person should hold together. Whoever holds both now keeps them and is shown." />
        <ErrorSummary errors=summary />
        {note.map(|note| view! { <Notice tone=Tone::Warn>{note}</Notice> })}
        <Card>
            <PostForm action csrf hidden>
                <Input name="name" label="Name" value=name error=wrong_name maxlength=60 autocomplete="off" />
                <Select name="first" label="One permission" choices=ones value=first error=wrong_first />
                <Select
                    name="second"
                    label="The other permission"
                    choices=others
                    value=second
                    error=wrong_second
                    hint="Which is which does not matter."
                />
                <TextArea
                    name="why"
                    label="Why no one person should hold both"
                    value=why
                    error=wrong_why
                    hint="Whoever is asked for a reason, or refused, reads this."
                    rows=3
                    maxlength=500
                />
                <RadioCards name="rule" legend="When somebody would be given both" choices=rules value=rule error=wrong_rule />
                <FormActions>
                    <SubmitButton label=save pending="Saving" />
                    <LinkButton label="Cancel" href=cancel variant=Variant::Secondary />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

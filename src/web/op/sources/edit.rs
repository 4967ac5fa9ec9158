//! Registering a database, and changing what is known of it.
//!
//! What was typed as address is never written into a page again: a refused form asks for it anew.

use super::{PATH, TITLE, page_of, settings_of};
use crate::{
    profile,
    web::{
        fields,
        form::Form,
        page::{PageResult, Web},
        path::Path,
    },
};
use axum::extract::Extension;
use bulkhead_domain::{
    Error, OperatorCtx,
    data_sources::{self, Typed},
    isolation::foreign::Profile,
};
use bulkhead_model::{DataSourceId, FieldErrors, Permission, error::Conflict, isolation::DataSource};
use bulkhead_ui::{
    Breadcrumb, Card, Crumb, ErrorSummary, FormActions, Input, LinkButton, Notice, PageHeader, PasswordInput, PostForm,
    SubmitButton, TextArea, Tone, Variant, visible,
};
use http::StatusCode;
use leptos::prelude::*;
use secrecy::SecretString;
use serde::Deserialize;

/// The most characters of a profile.
const PROFILE_LENGTH: usize = 60_000;

/// The form of a new one.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct New {
    name: String,
    address: SecretString,
    #[serde(default)]
    profile: String,
}

/// The form of one that is there.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    name: String,
    #[serde(default)]
    address: SecretString,
    profile: String,
    version: i32,
}

/// What the page shows of a form.
#[derive(Debug, Default)]
struct Shown {
    name: String,
    profile: String,
    errors: FieldErrors,
    note: Option<String>,
}

/// The profile of a text, or what is wrong with it under its field.
fn read(text: &str) -> Result<Profile, FieldErrors> {
    if text.chars().count() > PROFILE_LENGTH {
        return Err(FieldErrors::one("profile", "A profile has at most 60,000 characters."));
    }
    match profile::parse(text) {
        Ok((profile, _)) => Ok(profile),
        Err(problem) => Err(FieldErrors::one("profile", format!("The profile {problem}."))),
    }
}

/// `GET /op/sources/new`
pub async fn blank(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    must_manage(&ctx)?;
    draw_new(&web, StatusCode::OK, Shown::default()).await
}

/// `POST /op/sources/new`: without a profile it looks at the database and guesses one.
pub async fn add(web: Web, Extension(ctx): Extension<OperatorCtx>, Form(form): Form<New>) -> PageResult {
    must_manage(&ctx)?;
    let guessed = form.profile.trim().is_empty();
    let refused = |errors, profile| {
        let shown = Shown { name: form.name.clone(), profile, errors, note: None };
        draw_new(&web, StatusCode::UNPROCESSABLE_ENTITY, shown)
    };
    let text = match guessed {
        false => form.profile.clone(),
        true => match data_sources::look(&ctx.again().await?, &form.address).await {
            Ok(draft) => profile::draft::text(&draft),
            Err(Error::Invalid(errors)) => return refused(errors, String::new()).await,
            Err(error) => return Err(error.into()),
        },
    };
    let profile = match read(&text) {
        Ok(profile) => profile,
        Err(mut errors) => {
            errors.add("address", "Type the address again: it is not kept before the form is complete.");
            return refused(errors, text).await;
        }
    };
    let typed = Typed { name: form.name.clone(), address: form.address.clone(), profile, profile_text: text.clone() };
    match data_sources::add(&ctx, &typed).await {
        Ok(id) if guessed => {
            let done = "Registered. The profile below is a guess: go through it line by line, then save it.";
            Ok(web.done(&settings_of(id), done))
        }
        Ok(id) => Ok(web.done(&page_of(id), &format!("{} is registered.", visible(form.name.trim())))),
        Err(Error::Invalid(errors)) => refused(errors, text).await,
        Err(error) => Err(error.into()),
    }
}

/// `GET /op/sources/{id}/settings`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<DataSourceId>) -> PageResult {
    must_manage(&ctx)?;
    let source = data_sources::find(&ctx, id).await?;
    let shown = Shown { name: source.name.to_string(), profile: source.profile_text.clone(), ..Shown::default() };
    let version = source.version;
    draw_settings(&web, StatusCode::OK, source, shown, version).await
}

/// `POST /op/sources/{id}/settings`
pub async fn change(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<DataSourceId>,
    Form(form): Form<Change>,
) -> PageResult {
    must_manage(&ctx)?;
    let changed = match read(&form.profile) {
        Err(errors) => Err(Error::Invalid(errors)),
        Ok(profile) => {
            let (name, address) = (form.name.clone(), form.address.clone());
            let typed = Typed { name, address, profile, profile_text: form.profile.clone() };
            data_sources::change(&ctx.again().await?, id, form.version, &typed).await
        }
    };
    let (status, errors) = match changed {
        Ok(()) => return Ok(web.done(&page_of(id), &format!("{} saved.", visible(form.name.trim())))),
        Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Err(Error::Conflict(Conflict::StaleVersion)) => (StatusCode::CONFLICT, FieldErrors::new()),
        Err(error) => return Err(error.into()),
    };
    let source = data_sources::find(&ctx, id).await?;
    // Where someone else was faster, saving again means having read what they saved.
    let stale = status == StatusCode::CONFLICT;
    let version = if stale { source.version } else { form.version };
    let note = stale.then(|| {
        format!(
            "Someone changed this data source since you opened the page. There it says now: name {}, {}. Your version is below and not saved.",
            visible(source.name.as_str()),
            visible(&source.place)
        )
    });
    let shown = Shown { name: form.name, profile: form.profile, errors, note };
    draw_settings(&web, status, source, shown, version).await
}

fn must_manage(ctx: &OperatorCtx) -> Result<(), Error> {
    match ctx.may(Permission::PlatformIsolationManage) {
        true => Ok(()),
        false => Err(Error::Forbidden(Permission::PlatformIsolationManage)),
    }
}

async fn draw_new(web: &Web, status: StatusCode, shown: Shown) -> PageResult {
    let (viewer, title) = (web.clone(), "Register a database");
    let draw = move || {
        let crumbs = vec![Crumb::new(TITLE, PATH)];
        let hidden = fields::hidden(&viewer);
        let hint = "Leave it empty and the database is looked at: what is guessed is shown to you for checking.";
        let address = "postgres://user:password@host:5432/database. A role that may read the catalogue is enough; the X-ray needs one that may become the roles it explains. Kept encrypted, and never shown again.";
        let page = Page { title, crumbs, back: PATH.to_owned(), submit: "Register", hint, address, optional: true };
        form(&viewer, page, hidden, shown)
    };
    Ok(web.render(status, title, false, draw).await)
}

async fn draw_settings(web: &Web, status: StatusCode, source: DataSource, shown: Shown, version: i32) -> PageResult {
    let (viewer, title) = (web.clone(), "Settings of a data source");
    let draw = move || {
        let crumbs = vec![Crumb::new(TITLE, PATH), Crumb::new(visible(source.name.as_str()), page_of(source.id))];
        let hidden = fields::hidden_with_version(&viewer, version);
        let hint = "What is wrong here is wrong in every answer.";
        let address = "Leave it empty to keep the one there is.";
        let page =
            Page { title, crumbs, back: page_of(source.id), submit: "Save changes", hint, address, optional: false };
        let remove = format!("{}/remove", page_of(source.id));
        let place = visible(&source.place);
        view! {
            {form(&viewer, page, hidden, shown)}
            <Card title="Remove" purpose=format!("Forgets {place}, its password included. Nothing happens to the database.")>
                <LinkButton label="Remove this data source" href=remove variant=Variant::Danger />
            </Card>
        }
        .into_any()
    };
    Ok(web.render(status, title, false, draw).await)
}

/// What differs between the two forms.
struct Page {
    title: &'static str,
    crumbs: Vec<Crumb>,
    back: String,
    submit: &'static str,
    hint: &'static str,
    address: &'static str,
    optional: bool,
}

fn form(web: &Web, page: Page, hidden: Vec<(String, String)>, shown: Shown) -> AnyView {
    let Page { title, crumbs, back, submit, hint, address, optional } = page;
    let Shown { name, profile, errors, note } = shown;
    let refused = |field| errors.of(field).map(str::to_owned);
    let (summary, wrong_name, wrong_address) = (fields::summary(&errors), refused("name"), refused("address"));
    let (wrong_profile, action, csrf) = (refused("profile"), web.path().to_owned(), web.csrf());
    let secret = match optional {
        true => view! { <PasswordInput name="address" label="Address" hint=address error=wrong_address autocomplete="off" /> }
            .into_any(),
        false => view! {
            <Input
                name="address"
                label="Address"
                r#type="password"
                hint=address
                error=wrong_address
                autocomplete="off"
                optional=true
            />
        }
        .into_any(),
    };
    view! {
        <Breadcrumb crumbs />
        <PageHeader title />
        <ErrorSummary errors=summary />
        {note.map(|note| view! { <Notice tone=Tone::Warn>{note}</Notice> })}
        <Card>
            <PostForm action csrf hidden>
                <Input name="name" label="Name" value=name error=wrong_name maxlength=120 autocomplete="off" />
                {secret}
                <TextArea name="profile" label="Profile" value=profile hint error=wrong_profile rows=14 mono=true optional />
                <FormActions>
                    <SubmitButton label=submit pending="Looking" />
                    <LinkButton label="Cancel" href=back variant=Variant::Secondary />
                </FormActions>
            </PostForm>
        </Card>
        <p class="muted">
            "A profile says which roles serve requests, which column says whose a row is, and how a transaction says for whom it acts. It is the same file as "
            <code>"bulkhead rls lint --profile"</code>
            " reads."
        </p>
    }
    .into_any()
}

//! Settings of the organization: what is in force, where it comes from, and changing one at a time.

mod draw;
mod words;

use super::{
    errors::PageError,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use crate::routes::{Access, Routes};
use axum::{extract::Extension, http::StatusCode};
use bulkhead_domain::{
    Ctx, Error, orgs,
    settings::{self, Change},
    users,
};
use bulkhead_model::{
    FieldErrors,
    error::Conflict,
    org::Org,
    setting::{Setting, SettingKey},
};
use serde::Deserialize;

/// The routes of these pages.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant)
        .get("/t/{slug}/settings", show)
        .post("/t/{slug}/settings/name", rename)
        .post("/t/{slug}/settings/{key}", set)
        .post("/t/{slug}/settings/{key}/inherit", inherit)
}

const TITLE: &str = "Settings";

/// What the page shows.
struct Facts {
    org: Org,
    settings: Vec<Setting>,
    /// Users that count against the plan's limit.
    users: u64,
}

impl Facts {
    async fn read(ctx: &Ctx) -> Result<Self, Error> {
        let settings = settings::in_force(ctx).await?;
        let users = u64::try_from(users::count(ctx).await?.0).unwrap_or_default();
        Ok(Self { org: orgs::current(ctx).await?, settings, users })
    }
}

/// Which form of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Subject {
    Name,
    Setting(SettingKey),
}

impl Subject {
    /// The name of its field, and so the anchor of its control.
    const fn field(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Setting(key) => key.code(),
        }
    }
}

/// A form that was sent and not saved: what it says is shown again, with the reason.
struct Attempt {
    subject: Subject,
    typed: String,
    errors: FieldErrors,
    /// Someone else saved first.
    stale: bool,
}

/// `GET /t/{slug}/settings`
async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    let facts = Facts::read(&ctx).await?;
    let page = web.clone();
    Ok(web.show(TITLE, move || draw::page(&page, &facts, None)).await)
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    version: i32,
}

/// `POST /t/{slug}/settings/name`
async fn rename(web: Web, Extension(ctx): Extension<Ctx>, Form(form): Form<Named>) -> PageResult {
    match orgs::rename_current(&ctx, form.version, &form.name).await {
        Ok(()) => Ok(web.done(&settings_page(&ctx), "Organization name saved.")),
        Err(error) => again(&web, &ctx, Subject::Name, form.name, error).await,
    }
}

/// A setting's form. Its field is called like the setting, so that every control of the page has an id of its own.
struct Sent {
    version: i32,
    typed: String,
}

impl Sent {
    fn read(key: SettingKey, fields: Vec<(String, String)>) -> Result<Self, PageError> {
        // A switch that is off sends nothing.
        let (mut version, mut typed) = (None, String::new());
        for (name, value) in fields {
            match name.as_str() {
                "version" => version = value.parse().ok(),
                name if name == key.code() => typed = value,
                _ => return Err(PageError::malformed()),
            }
        }
        Ok(Self { version: version.ok_or_else(PageError::malformed)?, typed })
    }
}

type Here = Path<(String, String)>;
type Fields = Form<Vec<(String, String)>>;

/// `POST /t/{slug}/settings/{key}`
async fn set(web: Web, Extension(ctx): Extension<Ctx>, Path((_, key)): Here, Form(fields): Fields) -> PageResult {
    let key = SettingKey::from_code(&key).ok_or(Error::NotFound)?;
    let Sent { version, typed } = Sent::read(key, fields)?;
    change(web, ctx, key, version, typed.clone(), Change::Set(typed)).await
}

/// `POST /t/{slug}/settings/{key}/inherit`: the same form, sent by its other button.
async fn inherit(web: Web, Extension(ctx): Extension<Ctx>, Path((_, key)): Here, Form(fields): Fields) -> PageResult {
    let key = SettingKey::from_code(&key).ok_or(Error::NotFound)?;
    let Sent { version, typed } = Sent::read(key, fields)?;
    change(web, ctx, key, version, typed, Change::Inherit).await
}

async fn change(web: Web, ctx: Ctx, key: SettingKey, version: i32, typed: String, change: Change) -> PageResult {
    let inherits = change == Change::Inherit;
    match settings::change(&ctx, key, version, change).await {
        Ok(setting) => {
            let value = words::value(key, &setting.value);
            let message = match inherits {
                true => format!("{}: inherited again, {value}.", key.label()),
                false => format!("{}: {value}. Saved.", key.label()),
            };
            Ok(web.done(&settings_page(&ctx), &message))
        }
        Err(error) => again(&web, &ctx, Subject::Setting(key), typed, error).await,
    }
}

/// The page with what was typed and why it was not saved: 422, or 409 where someone else was faster.
async fn again(web: &Web, ctx: &Ctx, subject: Subject, typed: String, error: Error) -> PageResult {
    let (status, errors) = match error {
        Error::Invalid(errors) => (StatusCode::UNPROCESSABLE_ENTITY, errors),
        Error::Conflict(Conflict::StaleVersion) => (StatusCode::CONFLICT, FieldErrors::new()),
        error => return Err(error.into()),
    };
    // The use case speaks of "value"; the page has one field for each setting.
    let errors = errors.iter().fold(FieldErrors::new(), |mut errors, error| {
        errors.add(subject.field(), &error.message);
        errors
    });
    let attempt = Attempt { subject, typed, errors, stale: status == StatusCode::CONFLICT };
    let (facts, page) = (Facts::read(ctx).await?, web.clone());
    Ok(web.render(status, TITLE, false, move || draw::page(&page, &facts, Some(&attempt))).await)
}

fn settings_page(ctx: &Ctx) -> String {
    format!("/t/{}/settings", ctx.identity().org_slug)
}

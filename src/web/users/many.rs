//! Giving a role to several people and taking it from them: choosing them and the role, looking at what would happen, and
//! doing it, each a POST of the same form.

mod choose;
mod form;
mod review;

use crate::{
    watch::Unfound,
    web::{
        errors::PageError,
        form::Form,
        page::{PageResult, Web},
    },
};
use axum::extract::Extension;
use bulkhead_domain::{
    Ctx, Error,
    access::{self, Deed},
};
use bulkhead_model::{FieldErrors, Permission, RoleId, access::Prospect, error::Conflict};
use bulkhead_ui::counted;
use form::{ManyForm, Step};
use http::StatusCode;
use uuid::Uuid;

/// Where it begins.
pub fn path(ctx: &Ctx) -> String {
    format!("/t/{}/users/roles", ctx.identity().org_slug)
}

/// The same with a role chosen.
pub fn path_for(ctx: &Ctx, role: RoleId) -> String {
    format!("{}?own_role={role}", path(ctx))
}

/// Whether the viewer is offered it.
pub fn is_offered(web: &Web) -> bool {
    [Permission::UsersUpdate, Permission::UsersRead, Permission::RolesRead].into_iter().all(|needed| web.may(needed))
}

/// Whoever arranges many people sees them, and what their roles allow.
async fn require(ctx: &Ctx) -> Result<(), Error> {
    ctx.require(Permission::UsersUpdate).await?;
    ctx.require(Permission::UsersRead).await?;
    ctx.require(Permission::RolesRead).await
}

/// `GET /t/{slug}/users/roles`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    require(&ctx).await?;
    let form = ManyForm::asked(serde_urlencoded::from_str(web.query()).unwrap_or_default());
    if let Ok(role) = form.own_role.parse::<RoleId>() {
        access::find(&ctx, role).await?;
    }
    choose::draw(&web, ctx, StatusCode::OK, form, FieldErrors::new()).await
}

/// `POST /t/{slug}/users/roles`
pub async fn step(web: Web, Extension(ctx): Extension<Ctx>, Form(pairs): Form<Vec<(String, String)>>) -> PageResult {
    require(&ctx).await?;
    let form = ManyForm::read(pairs).ok_or_else(PageError::malformed)?;
    match form.step {
        Step::Choose => choose::draw(&web, ctx, StatusCode::OK, form, FieldErrors::new()).await,
        Step::Look => look(&web, ctx, form, review::Remarks::default()).await,
        Step::Do => carry_out(&web, ctx, form).await,
    }
}

/// What would happen, and the question whether to.
async fn look(web: &Web, ctx: Ctx, form: ManyForm, remarks: review::Remarks) -> PageResult {
    let (order, people) = match form.typed() {
        Ok(typed) => typed,
        Err(errors) => return again(web, ctx, form, errors.into()).await,
    };
    match access::look(&ctx, &order, &people).await {
        Ok(bulk) => {
            let unfound: Vec<Uuid> = bulk.unfound().collect();
            Ok(Unfound::beside(unfound, review::ask(web, ctx, form, bulk, remarks).await?))
        }
        Err(error) => again(web, ctx, form, error).await,
    }
}

async fn carry_out(web: &Web, ctx: Ctx, form: ManyForm) -> PageResult {
    let promise = form.promise().ok_or_else(PageError::malformed)?;
    let (order, people) = match form.typed() {
        Ok(typed) => typed,
        Err(errors) => return again(web, ctx, form, errors.into()).await,
    };
    match access::carry_out(&ctx, &order, &people, Some(&promise)).await {
        Ok(bulk) if bulk.count(Prospect::Cannot) == 0 && bulk.lines.iter().all(|line| !line.otherwise) => {
            let people = u64::try_from(bulk.acts()).unwrap_or(u64::MAX);
            let (role, people) = (review::title(&bulk), counted(people, "person", "people"));
            let message = match form.deed() {
                Deed::Give(_) => format!("{role} given to {people}."),
                Deed::Take => format!("{role} taken from {people}."),
            };
            Ok(web.done(&back(&ctx, &form), &message))
        }
        Ok(bulk) => {
            let unfound: Vec<Uuid> = bulk.unfound().collect();
            Ok(Unfound::beside(unfound, review::tell(web, ctx, form, bulk).await?))
        }
        // Everything else about it is well, so the person stays where the reason is typed.
        Err(Error::Invalid(errors)) if errors.iter().all(|error| error.field == "reason") => {
            let remarks = review::Remarks { status: StatusCode::UNPROCESSABLE_ENTITY, errors, stale: false };
            look(web, ctx, form, remarks).await
        }
        Err(Error::Conflict(Conflict::StaleVersion)) => {
            let remarks = review::Remarks { status: StatusCode::CONFLICT, errors: FieldErrors::new(), stale: true };
            look(web, ctx, form, remarks).await
        }
        Err(error) => again(web, ctx, form, error).await,
    }
}

/// The form with what was typed and why it was not taken.
async fn again(web: &Web, ctx: Ctx, form: ManyForm, error: Error) -> PageResult {
    let errors = match error {
        Error::Invalid(errors) => errors,
        // Whoever is meant and not there is a line of their own; what is missing is the role or the workspace.
        Error::NotFound => FieldErrors::one("own_role", "This role or workspace is not there any more. Choose again."),
        error => return Err(error.into()),
    };
    choose::draw(web, ctx, StatusCode::UNPROCESSABLE_ENTITY, form, errors).await
}

/// Where the person came from: the list, as they had filtered it, or the role's page.
fn back(ctx: &Ctx, form: &ManyForm) -> String {
    let slug = &ctx.identity().org_slug;
    match (&form.filter, form.users.is_empty(), form.own_role.parse::<RoleId>()) {
        (Some(filter), ..) if !filter.is_empty() => format!("/t/{slug}/users?{filter}"),
        (None, true, Ok(role)) => format!("/t/{slug}/roles/{role}"),
        _ => format!("/t/{slug}/users"),
    }
}

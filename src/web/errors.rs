//! Errors as pages, in the shell of whoever asked, with what failed, whether anything was saved and what to do.
//!
//! A handler's error travels to [`layer`] as a response extension, because only there the request is still at
//! hand. It is logged once, there, under the id the person sees.

use super::page::Web;
use crate::{
    site::Site,
    watch::{Aims, Unfound},
};
use axum::{
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bulkhead_domain::{Ctx, Error, OperatorCtx, idempotency::Done, users, watch::is_refused_row};
use bulkhead_model::{audit::TargetKind, error::Conflict};
use bulkhead_ui::{AuthShell, ErrorState, LinkButton, Variant, visible};
use leptos::prelude::*;
use std::sync::Arc;

/// Why a page could not be shown or a form not be done.
#[derive(Debug, Clone)]
pub struct PageError(Arc<Kind>);

#[derive(Debug)]
enum Kind {
    Domain(Error),
    /// The body is not a form of ours.
    Malformed,
    /// The form was made in another session.
    StaleForm,
}

impl PageError {
    /// The body does not read as the form this address takes.
    pub fn malformed() -> Self {
        Self(Arc::new(Kind::Malformed))
    }

    /// The form comes from a session that is over.
    pub fn stale_form() -> Self {
        Self(Arc::new(Kind::StaleForm))
    }

    fn status(&self) -> StatusCode {
        match &*self.0 {
            Kind::Malformed => StatusCode::BAD_REQUEST,
            Kind::StaleForm => StatusCode::FORBIDDEN,
            Kind::Domain(error) => status(error),
        }
    }
}

/// The HTTP status of a use case's error; pages and API agree on it.
pub fn status(error: &Error) -> StatusCode {
    match error {
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::Forbidden(_) | Error::BeyondOwnRole => StatusCode::FORBIDDEN,
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
        Error::Conflict(_) | Error::Duties(_) => StatusCode::CONFLICT,
        Error::DoneBefore(_) => StatusCode::SEE_OTHER,
        Error::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Elsewhere(_) => StatusCode::BAD_GATEWAY,
        Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self(Arc::new(Kind::Domain(error)))
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Draws the error a handler left in its response. Inside the guard as well as outside of it: only inside is it known
/// who asks.
pub async fn layer(State(site): State<Site>, mut request: Request, next: Next) -> Response {
    let aims = Aims::with_body_of(&mut request);
    let (parts, body) = request.into_parts();
    let web = Web::of(&parts, &site);
    let (ctx, operator) = (parts.extensions.get::<Ctx>().cloned(), parts.extensions.get::<OperatorCtx>().cloned());
    let ctx_of_denied = ctx.clone();
    let mut response = next.run(Request::from_parts(parts, body)).await;
    let error = response.extensions_mut().remove::<PageError>();
    let unfound = response.extensions_mut().remove::<Unfound>();
    let status = error.as_ref().map_or_else(|| response.status(), PageError::status);
    let suspicious = match error.as_ref().map(|error| &*error.0) {
        None => Some(aims.answered(status, unfound.as_ref())),
        Some(Kind::Domain(Error::NotFound)) => Some(aims.not_found()),
        Some(Kind::Domain(error)) if is_refused_row(error) => Some(aims.refused_row()),
        Some(Kind::Domain(Error::Conflict(_) | Error::Invalid(_))) => Some(aims.answered(status, None)),
        Some(_) => None,
    };
    if let Some(aims) = suspicious {
        aims.look_later(&site, ctx, operator, status);
    }
    match error {
        Some(error) => {
            let admins = match (&*error.0, &ctx_of_denied) {
                (Kind::Domain(Error::Forbidden(_)), Some(ctx)) => who_can_help(ctx).await,
                _ => None,
            };
            draw(&web, &error, admins).await
        }
        None => response,
    }
}

/// Admins by name, as many as are named.
const MOST_NAMED: u16 = 3;

/// Who can give what somebody lacks, in a sentence: for whoever may see users. An error page is drawn without it rather
/// than not at all.
async fn who_can_help(ctx: &Ctx) -> Option<String> {
    let found = users::admins(ctx, MOST_NAMED).await.ok().flatten()?;
    let mut names: Vec<String> = found.page.rows.iter().map(|admin| visible(admin.display())).collect();
    let others = usize::try_from(found.count.0).unwrap_or_default().saturating_sub(names.len());
    match others {
        0 => {}
        1 => names.push("one more".to_owned()),
        others => names.push(format!("{others} more")),
    }
    let last = names.pop()?;
    let (who, verb) = match names.is_empty() {
        true => (last, "is an admin"),
        false => (format!("{} and {last}", names.join(", ")), "are admins"),
    };
    Some(format!("{who} {verb} and can give it."))
}

/// Draws the guard's own "nothing here" for someone it knows.
pub async fn nothing_here(site: &Site, request: Request, ctx: Ctx, aims: Aims) -> Response {
    let (parts, _) = request.into_parts();
    let web = Web::of(&parts, site);
    aims.look_later(site, Some(ctx), None, StatusCode::NOT_FOUND);
    draw(&web, &Error::NotFound.into(), None).await
}

async fn draw(web: &Web, error: &PageError, admins: Option<String>) -> Response {
    let status = error.status();
    let id = web.error_id().map(|id| id.to_string());
    let (title, body, advice) = match &*error.0 {
        Kind::Malformed => (
            "This form could not be read",
            "What arrived is not the form this page sends.".to_owned(),
            "Go back, reload the page and send it again.",
        ),
        Kind::StaleForm => (
            "This form has expired",
            "It was opened in a session that has ended since.".to_owned(),
            "Go back, reload the page and send it again.",
        ),
        Kind::Domain(Error::DoneBefore(done)) => {
            return web.done(&where_to(web, done), "This was already done; nothing was done twice.");
        }
        Kind::Domain(error) => words(web, error),
    };
    if status.is_server_error()
        && let Kind::Domain(error) = &*error.0
    {
        tracing::error!(error = error as &dyn std::error::Error, "{}", title);
    }
    let retry = retry_after(&error.0);
    let home = web.viewer().map_or("/login".to_owned(), super::shell::home_href);
    let (visitor, reads) = (web.viewer().is_none(), web.reads());
    let mut response = web
        .render(status, title, false, move || {
            let actions =
                view! { <LinkButton label="Go to the start page" href=home variant=Variant::Secondary /> }.into_any();
            let status = status.as_u16();
            let admins = admins.map(|admins| view! { <p>{admins}</p> });
            // Where nothing was to be saved, there is nothing to say about it.
            let state = match reads {
                true => view! {
                    <ErrorState status title body advice=advice request_id=id actions>
                        {admins}
                    </ErrorState>
                }
                .into_any(),
                false => view! {
                    <ErrorState status title body saved=false advice=advice request_id=id actions>
                        {admins}
                    </ErrorState>
                }
                .into_any(),
            };
            if visitor { view! { <AuthShell>{state}</AuthShell> }.into_any() } else { state }
        })
        .await;
    if let Some(seconds) = retry {
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

fn retry_after(kind: &Kind) -> Option<u64> {
    match kind {
        Kind::Domain(Error::RateLimited { retry_after }) => Some(retry_after.as_secs().max(1)),
        Kind::Domain(Error::Unavailable(_)) => Some(2),
        _ => None,
    }
}

/// Title, what happened, and what to do, in the person's words.
fn words(web: &Web, error: &Error) -> (&'static str, String, &'static str) {
    match error {
        Error::Unauthenticated => {
            ("You are signed out", "This session has ended.".to_owned(), "Sign in again to go on.")
        }
        Error::Forbidden(permission) => {
            let roles: Vec<&str> = bulkhead_authz::roles_with(*permission).map(|role| role.label()).collect();
            (
                "Your role does not allow this",
                format!(
                    "You cannot {}. It needs {permission}, which these roles have: {}.",
                    permission.sentence(),
                    roles.join(", ")
                ),
                "Ask an admin of your organization for a role that has it, and send them the reference below: it opens why.",
            )
        }
        Error::BeyondOwnRole => (
            "This goes beyond your own role",
            "You can neither give a role that holds more than yours nor change someone who has one.".to_owned(),
            "Ask an admin of your organization, and send them the reference below.",
        ),
        // The same words for what does not exist and for what belongs to someone else.
        Error::NotFound => (
            "There is nothing here",
            "The address leads nowhere, or what it led to is gone.".to_owned(),
            "Check the address, or start from the beginning.",
        ),
        Error::Invalid(fields) => (
            "Something does not fit",
            fields.iter().map(|field| field.message.clone()).collect::<Vec<_>>().join(" "),
            "Go back and correct it.",
        ),
        Error::Duties(collision) => (
            "These duties exclude each other",
            collision.sentences().map(|sentence| visible(&sentence)).collect::<Vec<_>>().join(" "),
            match collision.refused {
                true => "Take one of the two away first, or change the conflict, under Roles.",
                false => "Give a reason where the change is made.",
            },
        ),
        Error::Conflict(conflict) => (
            match conflict {
                Conflict::LastAdmin => "The last admin stays",
                Conflict::OtherOrganization => "This form belongs to another organization",
                _ => "This changed in the meantime",
            },
            conflict.sentence().to_owned(),
            "Go back, reload the page and look at how things stand now.",
        ),
        Error::RateLimited { retry_after } => (
            "Too many attempts",
            format!("Try again in {}.", wait(retry_after.as_secs())),
            "Nothing is lost; the wait ends by itself.",
        ),
        Error::Elsewhere(sentence) => (
            "The other system could not be asked",
            sentence.clone(),
            "Nothing was changed, here or there. Mend what is wrong, and open the page again.",
        ),
        Error::Unavailable(_) => (
            "The service is busy for a moment",
            "The request could not be completed.".to_owned(),
            "Wait a few seconds and send it again.",
        ),
        Error::DoneBefore(_) | Error::Internal(_) => {
            let _ = web;
            (
                "Something went wrong on our side",
                "It has been recorded under the reference below.".to_owned(),
                "Try again. If it happens again, send the reference to your administrator.",
            )
        }
    }
}

/// "40 seconds", "3 minutes".
pub fn wait(seconds: u64) -> String {
    match seconds.max(1) {
        1 => "1 second".to_owned(),
        seconds @ 2..=90 => format!("{seconds} seconds"),
        seconds => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// Where to find what a repeated form had made.
fn where_to(web: &Web, done: &Done) -> String {
    let home = web.viewer().map_or("/".to_owned(), super::shell::home_href);
    match done.kind {
        TargetKind::User if home.starts_with("/t/") => format!("{home}/users"),
        TargetKind::Org if home == "/op" => format!("/op/orgs/{}", done.id),
        TargetKind::Settings if home.starts_with("/t/") => format!("{home}/settings"),
        TargetKind::Session => "/account/sessions".to_owned(),
        _ => home,
    }
}

/// Nothing is at this address.
pub async fn not_found() -> PageError {
    Error::NotFound.into()
}

/// Something is at this address, but not with this method.
pub async fn method_not_allowed() -> Response {
    StatusCode::METHOD_NOT_ALLOWED.into_response()
}

//! Opening a reference: what a denied person sends to an admin leads to the event or the decision it names.

use super::{
    list::ListQuery,
    page::{PageResult, Web},
};
use crate::routes::{Access, Routes};
use axum::{extract::Extension, http::StatusCode};
use bulkhead_domain::{
    Ctx, Error, OperatorCtx,
    reference::{self, Found},
};
use bulkhead_model::Permission;
use bulkhead_ui::{Breadcrumb, Card, Crumb, FormActions, Input, Markup, PageHeader, SubmitButton, Tag, Variant};
use leptos::prelude::*;
use uuid::Uuid;

/// What the page is called.
const TITLE: &str = "Open a reference";
/// The longest text that is looked at; a reference as a URN has 45 characters.
const LONGEST: u32 = 100;

/// The routes of this page.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant).get("/t/{slug}/references", open)
}

/// The same for operators, of any organization's events.
pub fn operator_routes() -> Routes {
    Routes::new(Access::Operator).get("/op/references", open_any)
}

/// The field, for the head of a page: it leads on, or to the page that says what is wrong.
pub fn form(base: &str) -> AnyView {
    let field = Tag::new("input").class("input mono").attr("type", "text").attr("name", "reference");
    let field = field.attr("aria-label", "Reference").attr("placeholder", "Reference").attr("required", "");
    let field = field.attr("maxlength", &LONGEST.to_string()).attr("autocomplete", "off").attr("spellcheck", "false");
    let button = Tag::new("button").attr("type", "submit").class("btn btn-secondary").text(TITLE);
    let form = Tag::new("form").class("reference-form").attr("method", "get");
    let form = form.attr("action", &format!("{base}/references")).child(field.void()).child(button);
    Markup::from(form).into_any()
}

/// Where references are opened.
#[derive(Debug, Clone)]
struct Place {
    /// The address above.
    base: String,
    purpose: &'static str,
    hint: &'static str,
    /// What is said of one that leads nowhere.
    nothing: &'static str,
}

/// `GET /t/{slug}/references?reference=…`
async fn open(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    ctx.require(Permission::AuditRead).await?;
    let place = Place {
        base: format!("/t/{}", ctx.identity().org_slug),
        purpose: "Leads to the event or the recorded decision, with why it came out as it did.",
        hint: "The id that a denied person was shown, or that a service logged with a decision.",
        nothing: "Nothing in this organization has this reference. Events and decisions go after a time.",
    };
    lead(web, place, async |reference| reference::open(&ctx, reference).await).await
}

/// `GET /op/references?reference=…`
async fn open_any(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    ctx.require(Permission::PlatformAuditRead).await?;
    let place = Place {
        base: "/op".to_owned(),
        purpose: "Leads to the event, whichever organization it is of.",
        hint: "The id that somebody was shown when they were denied.",
        nothing: "No event has this reference. Events go after a time; recorded decisions are opened in their organization.",
    };
    lead(web, place, async |reference| reference::open_any(&ctx, reference).await.map(Found::Event)).await
}

/// To what was typed, or to what is wrong with it.
async fn lead(web: Web, place: Place, open: impl AsyncFnOnce(Uuid) -> Result<Found, Error>) -> PageResult {
    let typed = ListQuery::read(&web, "references", &["reference"]).first("reference").map(str::to_owned);
    let Some(typed) = typed else { return Ok(web.show(TITLE, move || body(&place, "", None)).await) };
    let named = reference::read(&typed);
    let wrong = match named {
        None => "A reference looks like 0193c5a0-7c1e-7f3b-9d52-6f6a3c1f0e11. Paste all of it.",
        Some(id) => match open(id).await {
            Ok(found) => return Ok(web.lead(&page_of(&place.base, found))),
            // The same for one of nothing and for another organization's.
            Err(Error::NotFound) => place.nothing,
            Err(error) => return Err(error.into()),
        },
    };
    let status = if named.is_some() { StatusCode::NOT_FOUND } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(web.render(status, TITLE, false, move || body(&place, &typed, Some(wrong))).await)
}

fn page_of(base: &str, found: Found) -> String {
    match found {
        Found::Event(id) => format!("{base}/audit/{id}"),
        Found::Decision(id) => format!("{base}/decisions/{id}"),
    }
}

fn body(place: &Place, typed: &str, wrong: Option<&'static str>) -> AnyView {
    let Place { base, purpose, hint, .. } = place.clone();
    let crumbs = vec![Crumb::new("Audit log", format!("{base}/audit"))];
    let (action, value) = (format!("{base}/references"), typed.to_owned());
    view! {
        <Breadcrumb crumbs />
        <PageHeader title=TITLE purpose />
        <Card>
            <form class="form" method="get" action=action novalidate>
                <Input
                    name="reference"
                    label="Reference"
                    value
                    hint
                    error=wrong
                    mono=true
                    autocomplete="off"
                    maxlength=LONGEST
                />
                <FormActions>
                    <SubmitButton label="Open" variant=Variant::Primary />
                </FormActions>
            </form>
        </Card>
    }
    .into_any()
}

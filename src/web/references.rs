//! Opening a reference: what a denied person sends to an admin leads to the event or the decision it names.

use super::{
    list::ListQuery,
    page::{PageResult, Web},
};
use crate::routes::{Access, Routes};
use axum::{extract::Extension, http::StatusCode};
use bulkhead_domain::{
    Ctx, Error,
    reference::{self, Found},
};
use bulkhead_model::Permission;
use bulkhead_ui::{Breadcrumb, Card, Crumb, FormActions, Input, Markup, PageHeader, SubmitButton, Tag, Variant};
use leptos::prelude::*;

/// What the page is called.
const TITLE: &str = "Open a reference";
/// The longest text that is looked at; a reference as a URN has 45 characters.
const LONGEST: u32 = 100;

/// The routes of this page.
pub fn routes() -> Routes {
    Routes::new(Access::Tenant).get("/t/{slug}/references", open)
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

/// `GET /t/{slug}/references?reference=…`
async fn open(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    ctx.require(Permission::AuditRead).await?;
    let base = format!("/t/{}", ctx.identity().org_slug);
    let typed = ListQuery::read(&web, "references", &["reference"]).first("reference").map(str::to_owned);
    let Some(typed) = typed else {
        let page = base.clone();
        return Ok(web.show(TITLE, move || body(&page, "", None)).await);
    };
    let named = reference::read(&typed);
    let found = match named {
        None => Err("A reference looks like 0193c5a0-7c1e-7f3b-9d52-6f6a3c1f0e11. Paste all of it."),
        Some(id) => match reference::open(&ctx, id).await {
            Ok(found) => Ok(found),
            // The same for one of nothing and for another organization's.
            Err(Error::NotFound) => {
                Err("Nothing in this organization has this reference. Events and decisions go after a time.")
            }
            Err(error) => return Err(error.into()),
        },
    };
    match found {
        Ok(found) => Ok(web.lead(&page_of(&base, found))),
        Err(wrong) => {
            let status = if named.is_some() { StatusCode::NOT_FOUND } else { StatusCode::UNPROCESSABLE_ENTITY };
            Ok(web.render(status, TITLE, false, move || body(&base, &typed, Some(wrong))).await)
        }
    }
}

fn page_of(base: &str, found: Found) -> String {
    match found {
        Found::Event(id) => format!("{base}/audit/{id}"),
        Found::Decision(id) => format!("{base}/decisions/{id}"),
    }
}

fn body(base: &str, typed: &str, wrong: Option<&'static str>) -> AnyView {
    let crumbs = vec![Crumb::new("Audit log", format!("{base}/audit"))];
    let (action, value) = (format!("{base}/references"), typed.to_owned());
    let hint = "The id that a denied person was shown, or that a service logged with a decision.";
    view! {
        <Breadcrumb crumbs />
        <PageHeader title=TITLE purpose="Leads to the event or the recorded decision, with why it came out as it did." />
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

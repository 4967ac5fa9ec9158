//! Changes of an organization's status. Each has a page that says in numbers what will happen before it asks.

use super::{must_manage, page_of};
use crate::web::{
    fields,
    form::Form,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Error, OperatorCtx,
    orgs::{self, OrgDetail, RESTORE_WINDOW},
};
use bulkhead_model::{FieldErrors, OrgId, error::Conflict, org::OrgStatus};
use bulkhead_ui::{Breadcrumb, ConfirmForm, ConfirmPage, Consequence, Crumb, ErrorSummary, counted, date, visible};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

/// Why.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reason {
    version: i32,
    reason: String,
}

/// A button that asks for nothing: which version of the organization it was pressed for.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    version: i32,
}

/// Why, and the name typed to show that the right one is meant.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NameAndReason {
    version: i32,
    confirm_name: String,
    reason: String,
}

/// What a confirmation asks for.
#[derive(Debug, Default)]
struct Asked {
    /// The name as typed; none where it need not be.
    name: Option<String>,
    /// The reason as typed; none where none is asked for.
    reason: Option<String>,
}

/// A question: what will be done to what, and what follows.
struct Question {
    verb: &'static str,
    summary: String,
    consequences: Vec<Consequence>,
    /// It gives something back.
    harmless: bool,
}

/// The organization, if `from` allows the change at all.
async fn found(ctx: &OperatorCtx, id: OrgId, from: &[OrgStatus]) -> Result<OrgDetail, Error> {
    must_manage(ctx)?;
    let detail = orgs::find(ctx, id).await?;
    match from.contains(&detail.org.status) {
        true => Ok(detail),
        false => Err(Error::Conflict(Conflict::WrongStatus)),
    }
}

async fn ask(web: Web, detail: OrgDetail, question: Question, asked: Asked, errors: FieldErrors) -> PageResult {
    let title = format!("{} {}", question.verb, visible(&detail.org.name));
    let status = if errors.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let page = web.clone();
    Ok(web
        .render(status, &title.clone(), false, move || {
            let (org, refused) = (&detail.org, |field| errors.of(field).map(str::to_owned));
            let (typed_error, reason_error) = (refused("confirm_name"), refused("reason"));
            let (typed_name, summary) = (asked.name.as_ref().map(|_| org.name.clone()), fields::summary(&errors));
            let (typed_value, ask_reason) = (asked.name.unwrap_or_default(), asked.reason.is_some());
            let (reason_value, cancel_href) = (asked.reason.unwrap_or_default(), page_of(org.id));
            let crumbs =
                vec![Crumb::new("Organizations", "/op/orgs"), Crumb::new(visible(&org.name), cancel_href.clone())];
            let (action, csrf, hidden) =
                (page.path().to_owned(), page.csrf(), fields::hidden_with_version(&page, org.version));
            let Question { summary: sentence, consequences, harmless, .. } = question;
            view! {
                <Breadcrumb crumbs />
                <ErrorSummary errors=summary />
                <ConfirmPage title=title.clone() summary=sentence consequences>
                    <ConfirmForm
                        action
                        csrf
                        hidden
                        confirm_label=title
                        cancel_href
                        typed_name
                        typed_value
                        typed_error
                        ask_reason
                        reason_value
                        reason_error
                        harmless
                    />
                </ConfirmPage>
            }
            .into_any()
        })
        .await)
}

/// "12 users …": a line for what there is any of.
fn so_many(count: i64, one: &str, many: &str) -> Option<Consequence> {
    let count = u64::try_from(count).ok().filter(|count| *count > 0)?;
    Some(Consequence::counted(count, if count == 1 { one } else { many }))
}

/// What closing the doors does to those inside.
fn doors_close(detail: &OrgDetail) -> Vec<Consequence> {
    let impact = detail.impact;
    [
        so_many(impact.live_sessions, "session ends with its next request.", "sessions end with their next request."),
        so_many(impact.active_users, "user can no longer sign in.", "users can no longer sign in."),
        so_many(
            impact.invited_users,
            "open invitation cannot be accepted meanwhile.",
            "open invitations cannot be accepted meanwhile.",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn suspension(detail: &OrgDetail) -> Question {
    let mut consequences = doors_close(detail);
    consequences.push(Consequence::new("Nothing is deleted. Reactivating lets people sign in again."));
    Question {
        verb: "Suspend",
        summary: "Everybody in this organization is signed out and stays out until an operator reactivates it."
            .to_owned(),
        consequences,
        harmless: false,
    }
}

/// `GET /op/orgs/{id}/suspend`
pub async fn confirm_suspend(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<OrgId>) -> PageResult {
    let detail = found(&ctx, id, &[OrgStatus::Active]).await?;
    let question = suspension(&detail);
    let asked = Asked { name: None, reason: Some(String::new()) };
    ask(web, detail, question, asked, FieldErrors::new()).await
}

/// `POST /op/orgs/{id}/suspend`
pub async fn suspend(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<OrgId>,
    Form(form): Form<Reason>,
) -> PageResult {
    match orgs::suspend(&ctx, id, form.version, &form.reason).await {
        Ok(ended) => {
            let detail = orgs::find(&ctx, id).await?;
            let ended = match ended {
                0 => "Nobody was signed in.".to_owned(),
                ended => counted(ended, "session has ended.", "sessions have ended."),
            };
            Ok(web.done(&page_of(id), &format!("{} suspended. {ended}", visible(&detail.org.name))))
        }
        Err(Error::Invalid(errors)) => {
            let detail = found(&ctx, id, &[OrgStatus::Active]).await?;
            let question = suspension(&detail);
            ask(web, detail, question, Asked { name: None, reason: Some(form.reason) }, errors).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /op/orgs/{id}/reactivate`
pub async fn confirm_reactivate(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<OrgId>) -> PageResult {
    let detail = found(&ctx, id, &[OrgStatus::Suspended]).await?;
    let mut consequences: Vec<Consequence> =
        so_many(detail.impact.active_users, "user can sign in again.", "users can sign in again.")
            .into_iter()
            .collect();
    consequences.push(Consequence::new("Sessions that were ended stay ended: people sign in anew."));
    let question = Question {
        verb: "Reactivate",
        summary: "People can use this organization again at once.".to_owned(),
        consequences,
        harmless: true,
    };
    ask(web, detail, question, Asked::default(), FieldErrors::new()).await
}

/// `POST /op/orgs/{id}/reactivate`
pub async fn reactivate(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<OrgId>,
    Form(seen): Form<Seen>,
) -> PageResult {
    orgs::reactivate(&ctx, id, seen.version).await?;
    let detail = orgs::find(&ctx, id).await?;
    Ok(web.done(&page_of(id), &format!("{} reactivated. Its users can sign in again.", visible(&detail.org.name))))
}

const CAN_BE_DEPROVISIONED: [OrgStatus; 3] = [OrgStatus::Active, OrgStatus::Suspended, OrgStatus::Provisioning];

fn deprovisioning(web: &Web, detail: &OrgDetail) -> Question {
    let (days, until) = (RESTORE_WINDOW.whole_days(), date(web.now() + RESTORE_WINDOW));
    let mut consequences = doors_close(detail);
    consequences.push(Consequence::new(format!("Until {until} an operator can restore it with everything in it.")));
    consequences.push(Consequence::new(
        "Then everything of it is deleted for good: users, settings and its audit log. Only its short name stays taken.",
    ));
    Question {
        verb: "Deprovision",
        summary: format!("Everybody is signed out now. It can be restored for {days} days, until {until}."),
        consequences,
        harmless: false,
    }
}

/// `GET /op/orgs/{id}/deprovision`
pub async fn confirm_deprovision(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<OrgId>,
) -> PageResult {
    let detail = found(&ctx, id, &CAN_BE_DEPROVISIONED).await?;
    let question = deprovisioning(&web, &detail);
    let asked = Asked { name: Some(String::new()), reason: Some(String::new()) };
    ask(web, detail, question, asked, FieldErrors::new()).await
}

/// `POST /op/orgs/{id}/deprovision`
pub async fn deprovision(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<OrgId>,
    Form(form): Form<NameAndReason>,
) -> PageResult {
    match orgs::deprovision(&ctx, id, form.version, &form.confirm_name, &form.reason).await {
        Ok(()) => {
            let org = orgs::find(&ctx, id).await?.org;
            let until =
                org.delete_after.map_or_else(String::new, |at| format!(" It can be restored until {}.", date(at)));
            Ok(web.done(&page_of(id), &format!("Deletion of {} scheduled.{until}", visible(&org.name))))
        }
        Err(Error::Invalid(errors)) => {
            let detail = found(&ctx, id, &CAN_BE_DEPROVISIONED).await?;
            let question = deprovisioning(&web, &detail);
            let asked = Asked { name: Some(form.confirm_name), reason: Some(form.reason) };
            ask(web, detail, question, asked, errors).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /op/orgs/{id}/restore`
pub async fn confirm_restore(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<OrgId>) -> PageResult {
    let detail = found(&ctx, id, &[OrgStatus::PendingDeletion]).await?;
    let question = Question {
        verb: "Restore",
        summary: "Its deletion is taken back, with everything still in it.".to_owned(),
        consequences: vec![
            Consequence::new("It comes back suspended. Letting people in again is a decision of its own."),
            Consequence::new("If its provisioning was never finished, it comes back where that stopped."),
        ],
        harmless: true,
    };
    ask(web, detail, question, Asked::default(), FieldErrors::new()).await
}

/// `POST /op/orgs/{id}/restore`
pub async fn restore(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<OrgId>,
    Form(seen): Form<Seen>,
) -> PageResult {
    orgs::restore(&ctx, id, seen.version).await?;
    let org = orgs::find(&ctx, id).await?.org;
    let next = match org.status {
        OrgStatus::Suspended => "Reactivate it to let people in.",
        _ => "Its provisioning can go on.",
    };
    Ok(web.done(&page_of(id), &format!("{} restored. {next}", visible(&org.name))))
}

//! Cross-tenant attempts: the alerts over them, every single one, and what was done about an alert.

use crate::web::{
    fields,
    form::Form,
    list::ListQuery,
    op::table_card::table_card,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Error, OperatorCtx,
    alerts::{self, AlertDetail, AttemptList, NOTE_LENGTH},
};
use bulkhead_model::{
    AlertId, FieldErrors, Permission,
    attempt::{Alert, AlertStatus, Attempt, THRESHOLD, WINDOW_MINUTES},
    error::Conflict,
};
use bulkhead_ui::{
    Align, Badge, Breadcrumb, Card, Cell, Crumb, DescriptionList, Detail, EmptyState, ErrorSummary, FormActions,
    HeadCell, IconName, Notice, PageHeader, PostForm, RelTime, Row, RowTitle, SubmitButton, Table, TextArea, Tone,
    UserText, Variant, counted, number, visible,
};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;

const TITLE: &str = "Attempts";
const PATH: &str = "/op/attempts";

/// `GET /op/attempts`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    let query = ListQuery::read(&web, "attempts", &[]);
    let list = alerts::list(&ctx, &query.page(&web)).await?;
    let closed = alerts::closed(&ctx).await?;
    let viewer = web.clone();
    Ok(web.show(TITLE, move || body(&viewer, &query, &list, &closed)).await)
}

fn body(web: &Web, query: &ListQuery, list: &AttemptList, closed: &[Alert]) -> AnyView {
    let purpose = format!(
        "Who named an object of another organization, and how it was refused. {THRESHOLD} attempts of one person within \
         {WINDOW_MINUTES} minutes raise an alert."
    );
    let live = alert_card(web, "Alerts", "Nobody has closed these.", &list.alerts);
    let settled = alert_card(web, "Closed alerts", "Settled, with what was found.", closed);
    let attempts = match list.page.rows.is_empty() {
        true => view! {
            <EmptyState
                title="No attempts"
                body="Nobody has named an object of another organization. Every one that somebody names is refused like an object that does not exist, and listed here."
                icon=IconName::ShieldCheck
            />
        }
        .into_any(),
        false => {
            let purpose = match u64::try_from(list.count.0).unwrap_or_default() {
                1 => "The only one there is.".to_owned(),
                many => format!("{}, the newest first.", counted(many, "attempt", "attempts")),
            };
            let table = attempt_table(web, &list.page.rows);
            view! { <Card title="All attempts" purpose flush=true>{table}</Card> }.into_any()
        }
    };
    view! {
        <PageHeader title=TITLE purpose />
        {live}
        {attempts}
        {query.pager(web, &list.page, ("Newer", "Older"))}
        {settled}
    }
    .into_any()
}

fn page_of(id: AlertId) -> String {
    format!("/op/alerts/{id}")
}

fn badge(status: AlertStatus) -> AnyView {
    let (tone, icon) = match status {
        AlertStatus::Open => (Tone::Danger, IconName::AlertTriangle),
        AlertStatus::Acknowledged => (Tone::Warn, IconName::Eye),
        AlertStatus::Closed => (Tone::Neutral, IconName::Check),
    };
    view! { <Badge label=status.label() tone icon=icon /> }.into_any()
}

fn alert_card(web: &Web, title: &'static str, purpose: &'static str, alerts: &[Alert]) -> AnyView {
    let now = web.now();
    let rows = alerts
        .iter()
        .map(|alert| {
            let (title, subtitle, href) =
                (alert.actor.label.clone(), format!("in {}", alert.actor.org_slug), page_of(alert.id));
            let (status, attempts) = (badge(alert.status), number(u64::try_from(alert.attempts).unwrap_or_default()));
            let (opened, last) = (alert.opened_at, alert.last_at);
            let handled = alert.handled_by.clone().unwrap_or_default();
            view! {
                <Row>
                    <Cell header=true><RowTitle title href subtitle /></Cell>
                    <Cell label="Status">{status}</Cell>
                    <Cell label="Attempts" align=Align::End>{attempts}</Cell>
                    <Cell label="Raised"><RelTime at=opened now /></Cell>
                    <Cell label="Latest"><RelTime at=last now /></Cell>
                    <Cell label="Handled by"><UserText text=handled /></Cell>
                </Row>
            }
            .into_any()
        })
        .collect();
    let head = view! {
        <HeadCell label="Who" />
        <HeadCell label="Status" />
        <HeadCell label="Attempts" align=Align::End />
        <HeadCell label="Raised" />
        <HeadCell label="Latest" />
        <HeadCell label="Handled by" />
    }
    .into_any();
    table_card(title, purpose, head, rows)
}

fn attempt_table(web: &Web, attempts: &[Attempt]) -> AnyView {
    let now = web.now();
    let rows: Vec<_> = attempts
        .iter()
        .map(|attempt| {
            let Attempt { at, surface, answered_with, .. } = *attempt;
            let (who, org) = (attempt.actor.label.clone(), format!("in {}", attempt.actor.org_slug));
            let from = attempt.address.map_or_else(|| "unknown".to_owned(), |address| address.to_string());
            let aimed = format!("{} {}", attempt.aimed_kind.replace('_', " "), attempt.aimed_id);
            let owner = match attempt.owner_org_slug.as_str() {
                "" => "owner not known".to_owned(),
                slug => format!("of {slug}"),
            };
            let (route, answer) = (attempt.route.clone(), format!("{}, answered {answered_with}", surface.label()));
            view! {
                <Row>
                    <Cell header=true><RelTime at now /></Cell>
                    <Cell label="Who">
                        <UserText text=who />
                        <div class="row-sub">{org}</div>
                    </Cell>
                    <Cell label="From"><code>{from}</code></Cell>
                    <Cell label="Aimed at">
                        <UserText text=aimed />
                        <div class="row-sub">{owner}</div>
                    </Cell>
                    <Cell label="By">
                        <code>{route}</code>
                        <div class="row-sub">{answer}</div>
                    </Cell>
                </Row>
            }
        })
        .collect();
    let head = view! {
        <HeadCell label="When" />
        <HeadCell label="Who" />
        <HeadCell label="From" />
        <HeadCell label="Aimed at" />
        <HeadCell label="By" />
    }
    .into_any();
    view! { <Table caption="Attempts" head>{rows}</Table> }.into_any()
}

/// What an operator writes about an alert.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handling {
    #[serde(default)]
    note: String,
    version: i32,
}

/// `GET /op/alerts/{id}`
pub async fn alert(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<AlertId>) -> PageResult {
    let detail = alerts::find(&ctx, id).await?;
    let form = Handling { note: detail.alert.note.clone().unwrap_or_default(), version: detail.alert.version };
    draw(&web, StatusCode::OK, detail, form, FieldErrors::new(), None).await
}

/// `POST /op/alerts/{id}/acknowledge`
pub async fn acknowledge(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<AlertId>,
    Form(form): Form<Handling>,
) -> PageResult {
    let outcome = alerts::acknowledge(&ctx, id, form.version, &form.note).await;
    answer(web, &ctx, id, form, outcome, "Alert acknowledged.").await
}

/// `POST /op/alerts/{id}/close`
pub async fn close(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<AlertId>,
    Form(form): Form<Handling>,
) -> PageResult {
    let outcome = alerts::close(&ctx, id, form.version, &form.note).await;
    answer(web, &ctx, id, form, outcome, "Alert closed.").await
}

async fn answer(
    web: Web,
    ctx: &OperatorCtx,
    id: AlertId,
    form: Handling,
    outcome: Result<(), Error>,
    done: &str,
) -> PageResult {
    let (status, errors, note) = match outcome {
        Ok(()) => return Ok(web.done(&page_of(id), done)),
        Err(Error::Invalid(errors)) => (StatusCode::UNPROCESSABLE_ENTITY, errors, None),
        Err(Error::Conflict(Conflict::StaleVersion)) => {
            let note = "Somebody handled this alert since you opened the page. What they wrote is shown above; yours is below and not saved.";
            (StatusCode::CONFLICT, FieldErrors::new(), Some(note))
        }
        Err(error) => return Err(error.into()),
    };
    let detail = alerts::find(ctx, id).await?;
    let version = if status == StatusCode::CONFLICT { detail.alert.version } else { form.version };
    draw(&web, status, detail, Handling { version, ..form }, errors, note).await
}

async fn draw(
    web: &Web,
    status: StatusCode,
    detail: AlertDetail,
    form: Handling,
    errors: FieldErrors,
    note: Option<&'static str>,
) -> PageResult {
    let (viewer, title) = (web.clone(), format!("Attempts by {}", visible(&detail.alert.actor.label)));
    let heading = title.clone();
    Ok(web.render(status, &title, false, move || alert_body(&viewer, heading, &detail, form, &errors, note)).await)
}

fn alert_body(
    web: &Web,
    title: String,
    detail: &AlertDetail,
    form: Handling,
    errors: &FieldErrors,
    note: Option<&'static str>,
) -> AnyView {
    let alert = &detail.alert;
    let now = web.now();
    let (status, opened, last) = (badge(alert.status), alert.opened_at, alert.last_at);
    let (org, attempts) = (alert.actor.org_slug.clone(), number(u64::try_from(alert.attempts).unwrap_or_default()));
    let org_href = format!("/op/orgs/{}", alert.actor.org_id);
    let audit_href = format!("/op/audit?actor={}", alert.actor.id);
    let handled = alert.handled_by.clone().zip(alert.handled_at).map(|(by, at)| {
        let written = alert.note.clone().unwrap_or_default();
        view! {
            <Detail term="Handled by"><UserText text=by /> ", " <RelTime at now /></Detail>
            <Detail term="Note"><UserText text=written /></Detail>
        }
    });
    let table = attempt_table(web, &detail.attempts);
    let may = web.may(Permission::PlatformIsolationManage) && alert.status != AlertStatus::Closed;
    let forms = may.then(|| handling(web, alert, form, errors));
    let summary = fields::summary(errors);
    view! {
        <Breadcrumb crumbs=vec![Crumb::new(TITLE, PATH)] />
        <PageHeader title purpose="Every attempt was refused like an object that does not exist. What is left to find out is why somebody tried." status />
        <ErrorSummary errors=summary />
        {note.map(|note| view! { <Notice tone=Tone::Warn>{note}</Notice> })}
        <Card title="Facts">
            <DescriptionList>
                <Detail term="Organization"><a href=org_href>{org}</a></Detail>
                <Detail term="Attempts">{attempts}</Detail>
                <Detail term="Raised"><RelTime at=opened now /></Detail>
                <Detail term="Latest"><RelTime at=last now /></Detail>
                <Detail term="What else they did"><a href=audit_href>"Their audit events"</a></Detail>
                {handled}
            </DescriptionList>
        </Card>
        {forms}
        <Card title="Attempts" purpose="The newest first, at most 100." flush=true>{table}</Card>
    }
    .into_any()
}

fn handling(web: &Web, alert: &Alert, form: Handling, errors: &FieldErrors) -> AnyView {
    let base = page_of(alert.id);
    let (csrf, hidden) = (web.csrf(), fields::hidden_with_version(web, form.version));
    let error = errors.of("note").map(str::to_owned);
    let acknowledged = alert.status == AlertStatus::Acknowledged;
    let acknowledge = (!acknowledged).then(|| {
        view! {
            <SubmitButton
                label="Acknowledge"
                pending="Acknowledging"
                variant=Variant::Secondary
                formaction=format!("{base}/acknowledge")
            />
        }
    });
    view! {
        <Card title="What is known about it" purpose="Acknowledge it when you look into it; close it when it is settled. Both are in the audit log.">
            <PostForm action=format!("{base}/close") csrf hidden>
                <TextArea
                    name="note"
                    label="Note"
                    value=form.note
                    error
                    hint="Needed to close: what it was, and what was done."
                    maxlength=u32::try_from(NOTE_LENGTH).unwrap_or(u32::MAX)
                />
                <FormActions>
                    <SubmitButton label="Close alert" pending="Closing" />
                    {acknowledge}
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

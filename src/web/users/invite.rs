//! Inviting several people at once, with a result for every line.

use crate::web::{
    clash::{self, Asked},
    fields,
    form::Form,
    page::{PageResult, Web},
};
use axum::extract::Extension;
use bulkhead_domain::{Ctx, Error, users};
use bulkhead_model::{
    FieldErrors, Perm, perm,
    user::{InviteOutcome, Role},
};
use bulkhead_ui::{
    Breadcrumb, Card, Cell, Choice, Crumb, ErrorSummary, FormActions, HeadCell, LinkButton, PageHeader, PostForm,
    RadioCards, Row, StatusBadge, SubmitButton, Table, TextArea, UserText, Variant,
};
use leptos::prelude::*;
use serde::Deserialize;

/// The form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invitation {
    emails: String,
    #[serde(default)]
    role: String,
    /// Once somebody was asked for one.
    reason: Option<String>,
}

const TITLE: &str = "Invite users";

/// `GET /t/{slug}/users/invite`
pub async fn show(web: Web, Extension(ctx): Extension<Ctx>) -> PageResult {
    if !ctx.may(perm::UsersInvite::PERMISSION) {
        return Err(Error::Forbidden(perm::UsersInvite::PERMISSION).into());
    }
    let form = Invitation { emails: String::new(), role: Role::User.code().to_owned(), reason: None };
    let page = web.clone();
    Ok(web.show(TITLE, move || body(&page, &ctx, &form, &FieldErrors::new(), Vec::new())).await)
}

/// `POST /t/{slug}/users/invite`
pub async fn send(web: Web, Extension(ctx): Extension<Ctx>, Form(form): Form<Invitation>) -> PageResult {
    let page = web.clone();
    let invited = match Role::from_code(&form.role) {
        Some(role) => users::invite(&ctx, &form.emails, role, form.reason.as_deref().unwrap_or_default()).await,
        None => Err(FieldErrors::one("role", "Choose a role.").into()),
    };
    match invited {
        Ok(outcomes) => {
            let sent = outcomes.iter().filter(|outcome| outcome.result.is_ok()).count();
            if sent == outcomes.len() {
                let back = web.path().trim_end_matches("/invite").to_owned();
                return Ok(web.done(&back, &bulkhead_ui::counted(sent as u64, "invitation sent.", "invitations sent.")));
            }
            // What went out is done; what did not stays in the form to be corrected.
            let left: Vec<&str> = outcomes
                .iter()
                .filter(|outcome| outcome.result.is_err())
                .map(|outcome| outcome.line.as_str())
                .collect();
            let form = Invitation { emails: left.join("\n"), role: form.role.clone(), reason: None };
            Ok(web.refuse(TITLE, move || body(&page, &ctx, &form, &FieldErrors::new(), outcomes)).await)
        }
        Err(Error::Invalid(errors)) => {
            Ok(web.refuse(TITLE, move || body(&page, &ctx, &form, &errors, Vec::new())).await)
        }
        Err(Error::Duties(collision)) if !collision.refused => {
            let list = web.path().trim_end_matches("/invite").to_owned();
            let Invitation { emails, role, reason } = form;
            let (crumbs, fields) = (vec![Crumb::new("Users", list.clone())], vec![("emails", emails), ("role", role)]);
            let (title, cancel) = (TITLE.to_owned(), list);
            clash::ask(
                &web,
                Asked { title, button: ("Send invitations", Variant::Primary), crumbs, cancel, fields, reason },
                collision,
            )
            .await
        }
        Err(Error::Duties(collision)) => {
            let errors = clash::refused("role", &collision);
            Ok(web.refuse(TITLE, move || body(&page, &ctx, &form, &errors, Vec::new())).await)
        }
        Err(error) => Err(error.into()),
    }
}

fn body(web: &Web, ctx: &Ctx, form: &Invitation, errors: &FieldErrors, outcomes: Vec<InviteOutcome>) -> AnyView {
    let list = web.path().trim_end_matches("/invite").to_owned();
    let choices: Vec<Choice> = Role::ALL
        .iter()
        .filter(|role| ctx.subject().may_assign(**role))
        .map(|role| Choice::new(role.code(), role.label()).hint(super::detail::explain(*role)))
        .collect();
    let (role, emails) = (form.role.clone(), form.emails.clone());
    let refused = |field| errors.of(field).map(str::to_owned);
    let (summary, wrong_emails, wrong_role) = (fields::summary(errors), refused("emails"), refused("role"));
    let (action, csrf, hidden) = (web.path().to_owned(), web.csrf(), fields::hidden(web));
    let results = (!outcomes.is_empty()).then(|| results(&outcomes));
    view! {
        <Breadcrumb crumbs=vec![Crumb::new("Users", list.clone())] />
        <PageHeader title=TITLE purpose="Each person gets a link by mail that works once. You see the result of every line." />
        <ErrorSummary errors=summary />
        {results}
        <Card>
            <PostForm action csrf hidden>
                <TextArea
                    name="emails"
                    label="E-mail addresses"
                    value=emails
                    hint="One a line, or separated by commas. At most 100."
                    error=wrong_emails
                    rows=6
                />
                <RadioCards name="role" legend="Role" choices value=role error=wrong_role />
                <FormActions>
                    <SubmitButton label="Send invitations" pending="Sending" />
                    <LinkButton label="Cancel" href=list variant=Variant::Secondary />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

fn results(outcomes: &[InviteOutcome]) -> AnyView {
    let head = view! { <HeadCell label="Line" /> <HeadCell label="Result" /> <HeadCell label="Why" /> }.into_any();
    let rows: Vec<_> = outcomes
        .iter()
        .map(|outcome| {
            let line = outcome.line.clone();
            let (status, why) = match &outcome.result {
                Ok(_) => ("invited", String::new()),
                Err(why) => ("failed", why.clone()),
            };
            view! {
                <Row>
                    <Cell header=true><UserText text=line /></Cell>
                    <Cell label="Result"><StatusBadge status /></Cell>
                    <Cell label="Why">{why}</Cell>
                </Row>
            }
        })
        .collect();
    let sent = outcomes.iter().filter(|outcome| outcome.result.is_ok()).count() as u64;
    let purpose = match sent {
        0 => "Nothing was sent. The lines are below, to correct.".to_owned(),
        sent => format!(
            "{} The other lines are below, to correct.",
            bulkhead_ui::counted(sent, "invitation is on its way.", "invitations are on their way.")
        ),
    };
    view! {
        <Card title="Result" purpose flush=true>
            <Table caption="Result of every line" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

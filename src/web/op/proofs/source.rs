//! Asking for a proof of a data source: what it would meet there, said before anything is made.

use super::{ASK, TITLE, begun};
use crate::web::{
    errors::PageError,
    fields,
    form::Form,
    op::isolation::place::Place,
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    Error, OperatorCtx,
    proofs::{self, Attacker, Prospect, password_field},
};
use bulkhead_model::{DataSourceId, FieldErrors, Permission};
use bulkhead_ui::{
    Breadcrumb, Card, Crumb, DescriptionList, Detail, ErrorSummary, FormActions, Input, LinkButton, Notice, PageHeader,
    PostForm, SubmitButton, Tone, Variant, visible,
};
use http::StatusCode;
use leptos::prelude::*;
use secrecy::SecretString;
use std::collections::BTreeMap;

/// `GET /op/sources/{id}/proofs/new`
pub async fn ask(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<DataSourceId>) -> PageResult {
    draw(&web, &ctx, StatusCode::OK, id, FieldErrors::new()).await
}

/// `POST /op/sources/{id}/proofs/new`
pub async fn start(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path(id): Path<DataSourceId>,
    Form(typed): Form<BTreeMap<String, SecretString>>,
) -> PageResult {
    let prefix = password_field("");
    let of_role = |(name, password): (String, SecretString)| Some((name.strip_prefix(&prefix)?.to_owned(), password));
    let passwords: Option<BTreeMap<_, _>> = typed.into_iter().map(of_role).collect();
    let passwords = passwords.ok_or_else(PageError::malformed)?;
    match proofs::start_of_source(&ctx, id, &passwords).await {
        Ok(proof) => {
            let (place, _) = Place::find(&ctx.again().await?, id).await?;
            Ok(begun(&web, &place, proof))
        }
        Err(Error::Invalid(errors)) => draw(&web, &ctx, StatusCode::UNPROCESSABLE_ENTITY, id, errors).await,
        Err(error) => Err(error.into()),
    }
}

async fn draw(web: &Web, ctx: &OperatorCtx, status: StatusCode, id: DataSourceId, errors: FieldErrors) -> PageResult {
    if !ctx.may(Permission::PlatformIsolationManage) {
        return Err(Error::Forbidden(Permission::PlatformIsolationManage).into());
    }
    let (place, _) = Place::find(&ctx.again().await?, id).await?;
    let prospect = proofs::prospect(&ctx.again().await?, id).await?;
    let viewer = web.clone();
    Ok(web.render(status, ASK, false, move || body(&viewer, &place, &prospect, &errors)).await)
}

fn body(web: &Web, place: &Place, prospect: &Prospect, errors: &FieldErrors) -> AnyView {
    let mut crumbs = place.trail();
    crumbs.push(Crumb::new(TITLE, place.proofs()));
    let possible = prospect.obstacles.is_empty();
    let remarks = match possible {
        true => remarks(Tone::Warn, "It can be tried, and will probably fail:", &prospect.doubts),
        false => remarks(
            Tone::Danger,
            "A proof cannot be made of this database as it is now. Repair this, and open the page again:",
            &[prospect.obstacles.as_slice(), &prospect.doubts].concat(),
        ),
    };
    let form = possible.then(|| form(web, place, prospect, errors));
    let purpose = format!("Attacks copies of the schema of {}, as the roles that serve its requests.", place.title);
    let whose = format!(
        "{} signs in, and reads the schema with pg_dump. No row is read, nothing is changed.",
        visible(&prospect.user)
    );
    view! {
        <Breadcrumb crumbs />
        <PageHeader title=ASK purpose />
        <ErrorSummary errors=fields::summary(errors) />
        {remarks}
        <Card title="What happens">
            <DescriptionList>
                <Detail term="Read">{whose}</Detail>
                <Detail term="Copied">
                    "The schema is restored into a new database on the same server, bulkhead_proof_…, with rows of two made-up organizations. A second copy of it is broken on purpose."
                </Detail>
                <Detail term="Attacked">
                    "Every attack goes to both copies and is rolled back. What was not tried after ten minutes is unproven, and only what held here and leaked there is green."
                </Detail>
                <Detail term="Dropped">
                    "Both copies, also after a failure. Until then the server has two more databases without rows of yours."
                </Detail>
            </DescriptionList>
        </Card>
        {form}
    }
    .into_any()
}

/// Sentences under a remark; nothing without them.
fn remarks(tone: Tone, remark: &'static str, sentences: &[String]) -> Option<AnyView> {
    let items: Vec<_> = sentences.iter().map(|sentence| view! { <li>{visible(sentence)}</li> }).collect();
    (!items.is_empty()).then(|| {
        view! {
            <Notice tone>
                <p>{remark}</p>
                <ul>{items}</ul>
            </Notice>
        }
        .into_any()
    })
}

fn form(web: &Web, place: &Place, prospect: &Prospect, errors: &FieldErrors) -> AnyView {
    let (csrf, hidden, action, back) = (web.csrf(), fields::hidden(web), web.path().to_owned(), place.proofs());
    let passwords: Vec<_> = prospect.roles.iter().map(|role| password(role, &prospect.user, errors)).collect();
    view! {
        <Card
            title="Attacked as"
            purpose="With its password a role really signs in, on the copies. Passwords are used for this run alone and not kept."
        >
            <PostForm action csrf hidden>
                {passwords}
                <FormActions>
                    <SubmitButton label=ASK pending="Starting" />
                    <LinkButton label="Cancel" href=back variant=Variant::Secondary />
                </FormActions>
            </PostForm>
        </Card>
    }
    .into_any()
}

/// The field for a role's password, and what leaving it empty means.
fn password(role: &Attacker, administrator: &str, errors: &FieldErrors) -> AnyView {
    let (name, shown) = (password_field(&role.name), visible(&role.name));
    if !role.signs_in {
        let text = format!(
            "{shown} may not sign in, so {} becomes it with SET ROLE. What only a real sign-in can show stays unproven.",
            visible(administrator)
        );
        return view! { <p>{text}</p> }.into_any();
    }
    let (hint, optional) = match role.is_entered {
        true => (
            format!(
                "Left empty, {} becomes it with SET ROLE: what only a real sign-in can show stays unproven, and the proof incomplete.",
                visible(administrator)
            ),
            true,
        ),
        false => {
            (format!("Needed: {} is no member of this role, so it cannot become it.", visible(administrator)), false)
        }
    };
    let error = errors.of(&name).map(str::to_owned);
    view! {
        <Input name label=format!("Password of {shown}") r#type="password" autocomplete="off" hint error optional />
    }
    .into_any()
}

//! Everything that is wrong with a database, by its catalogue and by asking PostgreSQL what its policies say.

use super::{finding, place::Place};
use crate::web::{
    page::{PageResult, Web},
    path::Path,
};
use axum::extract::Extension;
use bulkhead_domain::{
    OperatorCtx,
    isolation::{self, Examined},
};
use bulkhead_model::{DataSourceId, Permission, isolation::Severity};
use bulkhead_ui::{Breadcrumb, EmptyState, IconName, Notice, PageHeader, Stat, Stats, Tone, number};
use leptos::prelude::*;

const TITLE: &str = "Findings";

/// `GET /op/isolation/findings`
pub async fn show_own(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    draw(web, &ctx, &Place::own()).await
}

/// `GET /op/sources/{id}/findings`
pub async fn show_source(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<DataSourceId>) -> PageResult {
    let (place, _) = Place::find(&ctx, id).await?;
    draw(web, &ctx.again().await?, &place).await
}

async fn draw(web: Web, ctx: &OperatorCtx, place: &Place) -> PageResult {
    let examined = isolation::examine(ctx, place.subject).await?;
    let (viewer, place) = (web.clone(), place.clone());
    Ok(web.show(TITLE, move || body(&viewer, &place, examined.as_ref())).await)
}

fn body(web: &Web, place: &Place, examined: Option<&Examined>) -> AnyView {
    let content = match examined {
        Some(examined) => found(web, place, examined),
        None => view! {
            <Notice tone=Tone::Info>
                "No address is set for the inspector, so nobody can ask PostgreSQL. Set database_inspect_url; "
                <code>"bulkhead database setup"</code>
                " prints it."
            </Notice>
        }
        .into_any(),
    };
    view! {
        <Breadcrumb crumbs=place.trail() />
        <PageHeader
            title=TITLE
            purpose="By the catalogue, and by asking PostgreSQL what each policy says about rows of two organizations, without a context and with one. It was asked as this page was opened."
        />
        {content}
    }
    .into_any()
}

fn found(web: &Web, place: &Place, examined: &Examined) -> AnyView {
    let Examined { findings, not_seen } = examined;
    let may = web.may(Permission::PlatformIsolationManage);
    let of = |severity: Severity| -> Vec<_> {
        findings.iter().filter(|finding| finding.severity == severity).cloned().collect()
    };
    let [leaks, warnings, hints] = [Severity::Leak, Severity::Warning, Severity::Hint].map(of);
    let [so_many_leaks, so_many_warnings, so_many_hints] =
        [&leaks, &warnings, &hints].map(|findings| number(findings.len() as u64));
    let unseen = (!not_seen.is_empty()).then(|| {
        let items: Vec<_> = not_seen.iter().map(|sentence| view! { <li>{sentence.clone()}</li> }).collect();
        view! {
            <Notice tone=Tone::Warn>
                <p>"Not everything could be looked at, so no finding does not mean that nothing is wrong:"</p>
                <ul>{items}</ul>
            </Notice>
        }
    });
    let nothing = (findings.is_empty() && not_seen.is_empty()).then(|| {
        view! {
            <EmptyState
                title="Nothing found"
                body="No finding, neither in the catalogue nor in what the policies answered. What an attack would reach is shown by a proof."
                icon=IconName::ShieldCheck
            />
        }
    });
    let cards = [
        ("Leaks", "A row of another organization can be reached, or it cannot be excluded.", leaks),
        (
            "Warnings",
            "No row is reachable because of these alone; each tells something, or is one mistake away.",
            warnings,
        ),
        ("Hints", "Slower, or easier to get wrong.", hints),
    ]
    .map(|(title, purpose, findings)| finding::card(place, may, title, purpose, &findings));
    view! {
        <Stats>
            <Stat label="Leaks" value=so_many_leaks hint="Each of these is one too many" />
            <Stat label="Warnings" value=so_many_warnings hint="One mistake away" />
            <Stat label="Hints" value=so_many_hints hint="Slower, or easier to get wrong" />
        </Stats>
        {unseen}
        {nothing}
        {Vec::from(cards)}
    }
    .into_any()
}

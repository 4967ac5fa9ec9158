//! Proofs of isolation, of this product's own database and of data sources: the runs, one of them, its signed file.

mod detail;
pub mod source;

use crate::web::{
    fields,
    form::Form,
    op::{isolation::place::Place, orgs::Pressed},
    page::{PageResult, Web},
    path::Path,
};
use axum::{extract::Extension, response::Response};
use bulkhead_domain::{
    OperatorCtx,
    isolation::Subject,
    proofs::{self, ProofList},
};
use bulkhead_model::{
    DataSourceId, Permission, ProofId,
    isolation::{Counts, ProofRun, RunStatus, Standing},
};
use bulkhead_ui::{
    Align, Badge, Breadcrumb, Card, Cell, EmptyState, HeadCell, IconName, LinkButton, Notice, PageHeader, PostForm,
    RelTime, Row, RowTitle, SubmitButton, Table, Tone, UserText, Variant, number, visible,
};
use leptos::prelude::*;

const TITLE: &str = "Proofs";
/// What asking for a run is called.
const ASK: &str = "Prove isolation";

/// `GET /op/proofs`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    draw(web, &ctx, Place::own()).await
}

/// `GET /op/sources/{id}/proofs`
pub async fn show_source(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<DataSourceId>) -> PageResult {
    let (place, _) = Place::find(&ctx, id).await?;
    draw(web, &ctx.again().await?, place).await
}

async fn draw(web: Web, ctx: &OperatorCtx, place: Place) -> PageResult {
    let list = proofs::list(ctx, place.subject).await?;
    let viewer = web.clone();
    Ok(web.show(TITLE, move || list_body(&viewer, &place, &list)).await)
}

/// `POST /op/proofs`
pub async fn start(web: Web, Extension(ctx): Extension<OperatorCtx>, Form(Pressed {}): Form<Pressed>) -> PageResult {
    Ok(begun(&web, &Place::own(), proofs::start(&ctx).await?))
}

/// Where asking for a run leads.
fn begun(web: &Web, place: &Place, id: Option<ProofId>) -> Response {
    match id {
        Some(id) => web.done(&place.proof(id), "The run has begun. This page says how far it is when you reload it."),
        None => web.done(&place.proofs(), "A run is going on already; nothing was started twice."),
    }
}

/// `GET /op/proofs/{id}`
pub async fn detail(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<ProofId>) -> PageResult {
    draw_detail(web, &ctx, Place::own(), id).await
}

/// `GET /op/sources/{id}/proofs/{proof}`
pub async fn detail_of_source(
    web: Web,
    Extension(ctx): Extension<OperatorCtx>,
    Path((source, id)): Path<(DataSourceId, ProofId)>,
) -> PageResult {
    let (place, _) = Place::find(&ctx, source).await?;
    draw_detail(web, &ctx.again().await?, place, id).await
}

async fn draw_detail(web: Web, ctx: &OperatorCtx, place: Place, id: ProofId) -> PageResult {
    let detail = proofs::find(ctx, place.subject, id).await?;
    let viewer = web.clone();
    Ok(web.show("Proof of isolation", move || detail::body(&viewer, &place, &detail)).await)
}

/// `GET /op/proofs/{id}/proof.json`
pub async fn download(Extension(ctx): Extension<OperatorCtx>, Path(id): Path<ProofId>) -> PageResult {
    file(&ctx, Subject::Own, id).await
}

/// `GET /op/sources/{id}/proofs/{proof}/proof.json`
pub async fn download_of_source(
    Extension(ctx): Extension<OperatorCtx>,
    Path((source, id)): Path<(DataSourceId, ProofId)>,
) -> PageResult {
    file(&ctx, Subject::Source(source), id).await
}

async fn file(ctx: &OperatorCtx, subject: Subject, id: ProofId) -> PageResult {
    Ok(crate::api::proofs::file(id, proofs::document(ctx, subject, id).await?))
}

/// What a run came to, or where it is.
fn badge(run: &ProofRun) -> AnyView {
    let (label, tone, icon) = match (run.status, run.standing) {
        (RunStatus::Running, _) => ("Running", Tone::Info, IconName::Clock),
        (RunStatus::Failed, _) => ("Failed", Tone::Warn, IconName::AlertTriangle),
        (RunStatus::Finished, Some(Standing::Green)) => ("Held", Tone::Ok, IconName::ShieldCheck),
        (RunStatus::Finished, Some(Standing::Red)) => ("Leaked", Tone::Danger, IconName::ShieldAlert),
        (RunStatus::Finished, _) => ("Incomplete", Tone::Warn, IconName::Help),
    };
    view! { <Badge label tone icon=icon /> }.into_any()
}

fn list_body(web: &Web, place: &Place, list: &ProofList) -> AnyView {
    let may = list.possible && web.may(Permission::PlatformIsolationManage);
    let actions = match (may, place.subject) {
        (false, _) => ().into_any(),
        (true, Subject::Own) => {
            let (csrf, hidden) = (web.csrf(), fields::hidden(web));
            view! {
                <PostForm action=place.proofs() csrf hidden inline=true>
                    <SubmitButton label=ASK pending="Starting" />
                </PostForm>
            }
            .into_any()
        }
        (true, Subject::Source(_)) => {
            view! { <LinkButton label=ASK href=format!("{}/new", place.proofs()) variant=Variant::Primary /> }
                .into_any()
        }
    };
    let state = match (list.possible, list.current) {
        (false, _) => Some((
            Tone::Info,
            "No address is set for the inspector. Set database_inspect_url to prove isolation; `bulkhead database setup` prints it.",
        )),
        (true, Some(false)) => Some((
            Tone::Warn,
            "The schema has changed since the latest proof: what it says is about another one. Prove isolation anew.",
        )),
        (true, _) => None,
    };
    let purpose = match place.subject {
        Subject::Own => {
            "Isolation shown by attack instead of by configuration: as the real roles, on a disposable copy, signed."
        }
        Subject::Source(_) => {
            "Isolation shown by attack instead of by configuration: as the real roles, on a disposable copy beside this database, signed. When it is asked for; what has changed since is among the findings."
        }
    };
    let table = match list.runs.is_empty() {
        true => view! {
            <EmptyState
                title="Nothing proven yet"
                body="A proof copies the schema, plants rows of two organizations and attacks them as the roles that serve requests. Every attack is also tried on a copy that was broken on purpose, so that a green answer means something."
                icon=IconName::Shield
            />
        }
        .into_any(),
        false => runs(web, place, "Runs, the newest first", &list.runs),
    };
    let removed = (!list.removed.is_empty()).then(|| {
        let table = runs(web, place, "Runs of removed data sources, the newest first", &list.removed);
        let purpose = "What was proven outlives the data source: it stands here by the name it had then.";
        view! { <Card title="Of data sources that were removed" purpose flush=true>{table}</Card> }
    });
    let (trail, key) = (place.trail_of_proofs(), list.key.clone());
    let trail = (!trail.is_empty()).then(|| view! { <Breadcrumb crumbs=trail /> });
    view! {
        {trail}
        <PageHeader title=TITLE purpose actions />
        {state.map(|(tone, text)| view! { <Notice tone>{text}</Notice> })}
        {table}
        {removed}
        <p class="muted">"Proofs are signed with the key " <code>{key}</code> ". " <code>"bulkhead proof verify FILE"</code> " checks one offline."</p>
    }
    .into_any()
}

/// A table of runs, by whoever asked for them; by its name where the data source was removed.
fn runs(web: &Web, place: &Place, caption: &'static str, runs: &[ProofRun]) -> AnyView {
    let now = web.now();
    let rows: Vec<_> = runs
        .iter()
        .map(|run| {
            let asked = run.requested_by.clone().unwrap_or_else(|| "Schedule".to_owned());
            let gone = run.source.as_ref().filter(|source| source.id.is_none());
            let (title, subtitle) = match gone {
                Some(source) => (visible(&source.name), Some(asked)),
                None => (asked, None),
            };
            let href = place.proof(run.id);
            let (status, at) = (badge(run), run.started_at);
            let Counts { held, leaked, accepted, unproven } = run.counts;
            let [held, leaked, open] = [held, leaked, accepted + unproven].map(|n| number(u64::from(n)));
            let words = run.sentence.clone().or_else(|| run.failure.clone()).unwrap_or_else(|| run.doing.clone());
            view! {
                <Row>
                    <Cell header=true><RowTitle title href subtitle /></Cell>
                    <Cell label="Result">{status}</Cell>
                    <Cell label="Begun"><RelTime at now /></Cell>
                    <Cell label="Held" align=Align::End>{held}</Cell>
                    <Cell label="Leaked" align=Align::End>{leaked}</Cell>
                    <Cell label="Not proven" align=Align::End>{open}</Cell>
                    <Cell label="In words"><UserText text=words /></Cell>
                </Row>
            }
        })
        .collect();
    let first = if runs.iter().any(|run| run.source.as_ref().is_some_and(|source| source.id.is_none())) {
        "Data source"
    } else {
        "Asked for by"
    };
    let head = view! {
        <HeadCell label=first />
        <HeadCell label="Result" />
        <HeadCell label="Begun" />
        <HeadCell label="Held" align=Align::End />
        <HeadCell label="Leaked" align=Align::End />
        <HeadCell label="Not proven" align=Align::End />
        <HeadCell label="In words" />
    }
    .into_any();
    view! { <Table caption head>{rows}</Table> }.into_any()
}

//! Proofs of isolation: the runs, one of them, its signed file.

mod detail;

use crate::web::{
    fields,
    form::Form,
    op::orgs::Pressed,
    page::{PageResult, Web},
    path::Path,
};
use axum::{
    extract::Extension,
    http::header::{CONTENT_DISPOSITION, CONTENT_TYPE},
    response::IntoResponse,
};
use bulkhead_domain::{
    OperatorCtx,
    proofs::{self, ProofList},
};
use bulkhead_model::{
    Permission, ProofId,
    isolation::{Counts, ProofRun, RunStatus, Standing},
};
use bulkhead_ui::{
    Align, Badge, Cell, EmptyState, HeadCell, IconName, Notice, PageHeader, PostForm, RelTime, Row, RowTitle,
    SubmitButton, Table, Tone, UserText, number,
};
use leptos::prelude::*;

const TITLE: &str = "Proofs";
const PATH: &str = "/op/proofs";

/// `GET /op/proofs`
pub async fn show(web: Web, Extension(ctx): Extension<OperatorCtx>) -> PageResult {
    let list = proofs::list(&ctx).await?;
    let viewer = web.clone();
    Ok(web.show(TITLE, move || list_body(&viewer, &list)).await)
}

/// `POST /op/proofs`
pub async fn start(web: Web, Extension(ctx): Extension<OperatorCtx>, Form(Pressed {}): Form<Pressed>) -> PageResult {
    match proofs::start(&ctx).await? {
        Some(id) => Ok(web.done(&page_of(id), "The run has begun. This page says how far it is when you reload it.")),
        None => Ok(web.done(PATH, "A run is going on already; nothing was started twice.")),
    }
}

/// `GET /op/proofs/{id}`
pub async fn detail(web: Web, Extension(ctx): Extension<OperatorCtx>, Path(id): Path<ProofId>) -> PageResult {
    let detail = proofs::find(&ctx, id).await?;
    let viewer = web.clone();
    Ok(web.show("Proof of isolation", move || detail::body(&viewer, &detail)).await)
}

/// `GET /op/proofs/{id}/proof.json`
pub async fn download(Extension(ctx): Extension<OperatorCtx>, Path(id): Path<ProofId>) -> PageResult {
    let bytes = proofs::document(&ctx, id).await?;
    let name = format!("attachment; filename=\"bulkhead-proof-{id}.json\"");
    Ok(([(CONTENT_TYPE, "application/json".to_owned()), (CONTENT_DISPOSITION, name)], bytes).into_response())
}

fn page_of(id: ProofId) -> String {
    format!("{PATH}/{id}")
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

fn list_body(web: &Web, list: &ProofList) -> AnyView {
    let may = list.possible && web.may(Permission::PlatformIsolationManage);
    let actions = match may {
        true => {
            let (csrf, hidden) = (web.csrf(), fields::hidden(web));
            view! {
                <PostForm action=PATH csrf hidden inline=true>
                    <SubmitButton label="Prove isolation" pending="Starting" />
                </PostForm>
            }
            .into_any()
        }
        false => ().into_any(),
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
    let now = web.now();
    let rows: Vec<_> = list
        .runs
        .iter()
        .map(|run| {
            let (title, href) = (run.requested_by.clone().unwrap_or_else(|| "Schedule".to_owned()), page_of(run.id));
            let (status, at) = (badge(run), run.started_at);
            let Counts { held, leaked, accepted, unproven } = run.counts;
            let [held, leaked, open] = [held, leaked, accepted + unproven].map(|n| number(u64::from(n)));
            let words = run.sentence.clone().or_else(|| run.failure.clone()).unwrap_or_else(|| run.doing.clone());
            view! {
                <Row>
                    <Cell header=true><RowTitle title href /></Cell>
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
    let table = match rows.is_empty() {
        true => view! {
            <EmptyState
                title="Nothing proven yet"
                body="A proof copies the schema, plants rows of two organizations and attacks them as the roles that serve requests. Every attack is also tried on a copy that was broken on purpose, so that a green answer means something."
                icon=IconName::Shield
            />
        }
        .into_any(),
        false => {
            let head = view! {
                <HeadCell label="Asked for by" />
                <HeadCell label="Result" />
                <HeadCell label="Begun" />
                <HeadCell label="Held" align=Align::End />
                <HeadCell label="Leaked" align=Align::End />
                <HeadCell label="Not proven" align=Align::End />
                <HeadCell label="In words" />
            }
            .into_any();
            view! { <Table caption="Runs, the newest first" head>{rows}</Table> }.into_any()
        }
    };
    let key = list.key.clone();
    view! {
        <PageHeader
            title=TITLE
            purpose="Isolation shown by attack instead of by configuration: as the real roles, on a disposable copy, signed."
            actions
        />
        {state.map(|(tone, text)| view! { <Notice tone>{text}</Notice> })}
        {table}
        <p class="muted">"Proofs are signed with the key " <code>{key}</code> ". " <code>"bulkhead proof verify FILE"</code> " checks one offline."</p>
    }
    .into_any()
}

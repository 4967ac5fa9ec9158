//! The API's documentation: drawn from the document, with our own components. It loads nothing from elsewhere and needs
//! no script, so it works wherever the API does, the intranet without a way out included.

mod operations;
mod reader;
mod schemas;

use crate::{
    problem::Code,
    routes::{Access, Routes},
    web::page::{PageResult, Web},
};
use bulkhead_ui::{Card, Cell, CodeBlock, HeadCell, LinkButton, PageHeader, Row, Table};
use leptos::prelude::*;
use reader::Document;
use serde_json::Value;

/// The route of this page. It is given the document, because pages do not know the API.
pub fn routes(document: fn() -> &'static Value) -> Routes {
    Routes::new(Access::Public).get("/api/docs", move |web: Web| show(web, Document(document())))
}

async fn show(web: Web, document: Document) -> PageResult {
    let base = web.site().app().public_url().origin().ascii_serialization();
    Ok(web
        .show("API", move || {
            let actions = view! { <LinkButton label="OpenAPI document" href="/api/openapi.json" /> }.into_any();
            view! {
                <a class="skip-link" href="#main">
                    "Skip to content"
                </a>
                <main class="main mx-auto" id="main" tabindex="-1">
                    <PageHeader
                        title="API"
                        purpose="What the console does with users, organizations, settings and the audit log, for programs."
                        actions
                    />
                    {contents(document)}
                    {conventions(&base)}
                    {operations::all(document, &base)}
                    {problems()}
                    {schemas::all(document)}
                </main>
            }
            .into_any()
        })
        .await)
}

/// Where everything is.
fn contents(document: Document) -> AnyView {
    let groups = document.tags().map(|tag| {
        let operations = document
            .operations()
            .filter(|operation| operation.tag() == tag.name)
            .map(|operation| {
                view! { <li><a href=format!("#{}", operation.id())>{operation.summary()}</a></li> }
            })
            .collect_view();
        view! {
            <div>
                <h3><a href=format!("#{}", tag.anchor())>{tag.name}</a></h3>
                <ul>{operations}</ul>
            </div>
        }
    });
    let groups = groups.collect_view();
    view! {
        <Card title="Contents">
            <nav class="columns toc" aria-label="Contents">
                {groups}
                <div>
                    <h3>"Reference"</h3>
                    <ul>
                        <li><a href="#conventions">"Conventions"</a></li>
                        <li><a href="#problems">"Problems"</a></li>
                        <li><a href="#schemas">"Schemas"</a></li>
                    </ul>
                </div>
            </nav>
        </Card>
    }
    .into_any()
}

/// What holds for every operation.
fn conventions(base: &str) -> AnyView {
    let sign_in = format!(
        "curl -sS -c cookies -o /dev/null {base}/login/acme \\\n  -H 'Origin: {base}' \\\n  -d email=ana@example.com --data-urlencode password@- <password-file"
    );
    let paragraphs = [
        (
            "Who asks",
            "An operation is asked with the session cookie of a signed-in user, in that user's organization. A request that \
             changes something must say where it comes from: a browser does, and a program sends Origin with this \
             server's address. What the role does not allow is refused with 403 and recorded.",
        ),
        (
            "Bodies",
            "One JSON object with the type application/json. Unknown, repeated and missing fields are refused by name, so \
             that a misspelt field is never ignored. Moments are RFC 3339 in UTC.",
        ),
        (
            "Lists",
            "A page has at most 100 rows (limit). next and previous are the addresses of its neighbours, also as a Link \
             header. Pages begin after a row, not at a number, so rows that come and go meanwhile are neither skipped nor \
             shown twice. Filters that take several words are repeated: status=active&status=invited.",
        ),
        (
            "Versions",
            "One object is answered with an ETag. A change names it in If-Match and happens only if nobody was faster: 428 \
             without, 412 when stale. \"v\" and the version of a list's row is a tag as well. If-None-Match answers 304 when \
             nothing has changed.",
        ),
        (
            "Once",
            "A POST with an Idempotency-Key happens once, however often it is sent. A repetition is answered with the same \
             status and what was made, as it is now; another request under the same key is refused with 422.",
        ),
        (
            "Other organizations",
            "An id of another organization is answered exactly like one that does not exist. The attempt is recorded.",
        ),
    ];
    let paragraphs =
        paragraphs.map(|(title, text)| view! { <div><h3>{title}</h3><p>{text}</p></div> }).into_iter().collect_view();
    view! {
        <Card title="Conventions" id="conventions">
            <div class="columns">{paragraphs}</div>
            <CodeBlock label="Sign in once; the cookie file is used below" code=sign_in />
        </Card>
    }
    .into_any()
}

/// Every code a problem can have. The `type` of a problem leads here.
fn problems() -> AnyView {
    let head =
        view! { <HeadCell label="Code" /> <HeadCell label="Status" /> <HeadCell label="What it means" /> }.into_any();
    let rows = Code::ALL
        .iter()
        .map(|code| {
            view! {
                <Row>
                    <Cell header=true>
                        <code id=format!("problem-{}", code.as_str())>{code.as_str()}</code>
                    </Cell>
                    <Cell label="Status">{code.status().as_u16()}</Cell>
                    <Cell label="What it means">{format!("{}. {}", code.title(), code.advice())}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Card
            title="Problems"
            id="problems"
            purpose="Every refusal is application/problem+json (RFC 9457). Compare code; the sentences are for people. instance is the request's id, to be quoted when something is reported."
            flush=true
        >
            <Table caption="Problems" head>{rows}</Table>
        </Card>
    }
    .into_any()
}

//! Every operation, by group: what it takes, what it answers, and how to ask it.

use super::{
    reader::{Document, Operation, Tag},
    schemas::{kind, prose},
};
use bulkhead_ui::{Badge, Card, Cell, CodeBlock, HeadCell, PageHeader, Row, Table, Tone};
use leptos::prelude::*;
use serde_json::Value;

/// All groups.
pub fn all(document: Document, base: &str) -> AnyView {
    document.tags().map(|tag| group(document, tag, base)).collect_view().into_any()
}

fn group(document: Document, tag: Tag, base: &str) -> AnyView {
    let operations = document
        .operations()
        .filter(|operation| operation.tag() == tag.name)
        .map(|operation| draw(document, operation, base))
        .collect_view();
    view! {
        <section class="stack" id=tag.anchor() aria-label=tag.name>
            <PageHeader level=2 title=tag.name purpose=tag.about />
            {operations}
        </section>
    }
    .into_any()
}

fn draw(document: Document, operation: Operation, base: &str) -> AnyView {
    let method = operation.method.to_uppercase();
    let tone = match operation.method {
        "get" => Tone::Info,
        "delete" => Tone::Danger,
        _ => Tone::Ok,
    };
    let about = operation.about();
    let (answers, problems) = operation.answers();
    let answers = answers
        .into_iter()
        .map(|answer| {
            view! {
                <li>
                    <code>{answer.status}</code>
                    " "
                    {prose(answer.about)}
                    {answer.schema.map(|schema| view! { ": " {kind(schema)} })}
                </li>
            }
        })
        .collect_view();
    let problems = problems.join(", ");
    let curl = curl(document, operation, base);
    view! {
        <Card title=operation.summary() id=operation.id()>
            <p>
                <Badge label=method tone />
                " "
                <code>{operation.path}</code>
                {operation.operators_only().then(|| view! { " " <Badge label="Operators" /> })}
            </p>
            {(!about.is_empty()).then(|| view! { <p>{prose(about)}</p> })}
            {parameters(operation)}
            {operation
                .body()
                .map(|schema| {
                    let body = if operation.needs_body() { "Body: " } else { "Body, which may be missing: " };
                    view! { <p>{body} {kind(schema)}</p> }
                })}
            <ul>
                {answers} <li><a href="#problems">"Problems"</a> {format!(": {problems}")}</li>
            </ul>
            <CodeBlock label=format!("{}, with curl", operation.summary()) code=curl />
        </Card>
    }
    .into_any()
}

fn parameters(operation: Operation) -> Option<AnyView> {
    let rows: Vec<_> = operation
        .parameters()
        .map(|parameter| {
            let place =
                if parameter.required { format!("{}, required", parameter.place) } else { parameter.place.to_owned() };
            view! {
                <Row>
                    <Cell header=true><code>{parameter.name}</code></Cell>
                    <Cell label="In">{place}</Cell>
                    <Cell label="Type">{kind(parameter.schema)}</Cell>
                    <Cell label="For">{prose(parameter.about)}</Cell>
                </Row>
            }
        })
        .collect();
    if rows.is_empty() {
        return None;
    }
    let head =
        view! { <HeadCell label="Parameter" /> <HeadCell label="In" /> <HeadCell label="Type" /> <HeadCell label="For" /> }
            .into_any();
    let caption = format!("Parameters: {}", operation.summary());
    Some(view! { <Table caption head>{rows}</Table> }.into_any())
}

/// How to ask from a shell.
fn curl(document: Document, operation: Operation, base: &str) -> String {
    let path = operation.path.replace("{id}", "$ID").replace("{key}", "session.idle_minutes");
    let path = path.replace("{table}", "public.users").replace("{proof}", "$PROOF");
    let path = path.replace("{role}", "$ROLE").replace("{user}", "$USER_ID").replace("{permission}", "users:read");
    let path = path.replace("{type}", "invoices");
    let mut lines = vec![match operation.method {
        "get" => format!("curl -sS -b cookies \"{base}{path}\""),
        method => format!("curl -sS -b cookies -X {} \"{base}{path}\"", method.to_uppercase()),
    }];
    let takes = |name: &str| operation.parameters().any(|parameter| parameter.name == name);
    if operation.method != "get" {
        lines.push(format!("-H 'Origin: {base}'"));
    }
    if takes("If-Match") {
        lines.push("-H 'If-Match: \"v3\"'".to_owned());
    }
    if takes("Idempotency-Key") {
        lines.push("-H \"Idempotency-Key: $(uuidgen)\"".to_owned());
    }
    if let Some(schema) = operation.body() {
        let body = document.example(schema).unwrap_or(&Value::Null);
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("-d '{body}'"));
    }
    lines.join(" \\\n  ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_can_be_copied_and_every_body_has_an_example() {
        let document = Document(crate::api::document());
        for operation in document.operations() {
            let curl = curl(document, operation, "https://bulkhead.example");
            assert!(!curl.contains("null") && !curl.contains('{') || operation.body().is_some(), "{curl}");
            if let Some(body) = operation.body() {
                assert!(document.example(body).is_some(), "{}", operation.id());
            }
        }
    }
}

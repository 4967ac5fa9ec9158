//! Schemas: what bodies and answers look like.

use super::reader::Document;
use bulkhead_ui::{Card, Cell, HeadCell, PageHeader, Row, Table};
use leptos::prelude::*;
use serde_json::Value;

/// Every named schema.
pub fn all(document: Document) -> AnyView {
    let schemas = document.schemas().map(|(name, schema)| draw(document, name, schema)).collect_view();
    view! {
        <section class="stack" id="schemas" aria-label="Schemas">
            <PageHeader level=2 title="Schemas" />
            {schemas}
        </section>
    }
    .into_any()
}

fn draw(document: Document, name: &'static str, schema: &'static Value) -> AnyView {
    let about = schema["description"].as_str().unwrap_or_default();
    let fields = fields(document, schema);
    let body = if fields.is_empty() {
        view! { <p>{kind(schema)}</p> }.into_any()
    } else {
        let rows = fields
            .into_iter()
            .map(|field| {
                view! {
                    <Row>
                        <Cell header=true><code>{field.name}</code></Cell>
                        <Cell label="Type">{kind(field.schema)}</Cell>
                        <Cell label="Always there">{if field.required { "Yes" } else { "No" }}</Cell>
                        <Cell label="What it is">{prose(field.about)}</Cell>
                    </Row>
                }
            })
            .collect_view();
        let head = view! {
            <HeadCell label="Field" />
            <HeadCell label="Type" />
            <HeadCell label="Always there" />
            <HeadCell label="What it is" />
        }
        .into_any();
        view! { <Table caption=format!("Fields of {name}") head>{rows}</Table> }.into_any()
    };
    view! {
        <Card title=name purpose=about id=anchor(name)>
            {body}
        </Card>
    }
    .into_any()
}

fn anchor(name: &str) -> String {
    format!("schema-{name}")
}

struct Field {
    name: &'static str,
    schema: &'static Value,
    required: bool,
    about: &'static str,
}

/// The fields of an object, those of the schemas it is composed of included.
fn fields(document: Document, schema: &'static Value) -> Vec<Field> {
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let mut found: Vec<Field> = parts.flat_map(|part| fields(document, document.resolve(part))).collect();
    let required = |name: &str| schema["required"].as_array().into_iter().flatten().any(|given| given == name);
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let about = field["description"].as_str().unwrap_or_default();
        found.push(Field { name, schema: field, required: required(name), about });
    }
    found
}

/// What a value looks like, in words; a named schema is a link.
pub fn kind(schema: &'static Value) -> AnyView {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        return view! { <a href=format!("#{}", anchor(name))>{name}</a> }.into_any();
    }
    for composed in ["oneOf", "anyOf", "allOf"] {
        if let Some(parts) = schema[composed].as_array() {
            let between = if composed == "allOf" { " and " } else { " or " };
            let parts = parts
                .iter()
                .enumerate()
                .map(|(at, part)| view! { {(at > 0).then_some(between)} {kind(part)} })
                .collect_view();
            return parts.into_any();
        }
    }
    if schema["type"] == "array" {
        return view! { "list of " {kind(&schema["items"])} }.into_any();
    }
    if let Some(properties) = schema["properties"].as_object() {
        let field = |(name, field): (&'static String, &'static Value)| match field["enum"].as_array().map(Vec::as_slice)
        {
            Some([Value::String(word)]) => format!("{name}: {word}"),
            _ => name.clone(),
        };
        let fields: Vec<String> = properties.iter().map(field).collect();
        return view! { "object of " <code>{fields.join(", ")}</code> }.into_any();
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        return words.join(", ").into_any();
    }
    let format = schema["format"].as_str().map(|format| format!(" ({format})")).unwrap_or_default();
    let (null, names): (Vec<&str>, Vec<&str>) = match &schema["type"] {
        Value::Array(several) => several.iter().filter_map(Value::as_str).partition(|name| *name == "null"),
        one => (Vec::new(), vec![one.as_str().unwrap_or("any")]),
    };
    let names = names.join(" or ");
    match null.is_empty() {
        true => format!("{names}{format}").into_any(),
        false => format!("{names}{format} or null").into_any(),
    }
}

/// A description; what it quotes as code is code.
pub fn prose(text: &str) -> AnyView {
    text.split('`')
        .enumerate()
        .map(|(at, part)| {
            let part = part.to_owned();
            if at % 2 == 1 { view! { <code>{part}</code> }.into_any() } else { part.into_any() }
        })
        .collect_view()
        .into_any()
}

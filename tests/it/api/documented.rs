//! Whether an answer is what the document says: every field it names and no other, of the types it names, all the way
//! down. What the document says and what is sent come from different places; this holds them to each other.

use super::{Answer, json};
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Checks an answer's body against the document's schema for this operation and status.
#[track_caller]
pub fn is_documented(answer: &Answer, method: &str, path: &str) -> Value {
    let responses = &document()["paths"][path][method]["responses"];
    let schema = &responses[answer.status.as_str()]["content"]["application/json"]["schema"];
    assert!(schema.is_object(), "{method} {path} answered {}: {}", answer.status, answer.text());
    let body = json(answer);
    if let Err(why) = fits(schema, &body) {
        panic!("{method} {path}: {why}");
    }
    body
}

fn document() -> &'static Value {
    bulkhead::api::document()
}

fn resolve(schema: &'static Value) -> &'static Value {
    match schema["$ref"].as_str() {
        Some(reference) => document().pointer(reference.trim_start_matches('#')).unwrap(),
        None => schema,
    }
}

fn parts(schema: &'static Value, name: &str) -> impl Iterator<Item = &'static Value> {
    schema[name].as_array().into_iter().flatten()
}

/// Why a value does not fit, with the way to it.
fn fits(schema: &'static Value, value: &Value) -> Result<(), String> {
    let schema = resolve(schema);
    says(schema, value)?;
    let Some(object) = value.as_object() else { return Ok(()) };
    if let Some(names) = names(schema, object) {
        let unnamed: Vec<_> = object.keys().filter(|key| !names.contains(key.as_str())).collect();
        if !unnamed.is_empty() {
            return Err(format!("{unnamed:?} is in no schema: {value}"));
        }
    }
    Ok(())
}

/// The fields an object may have, those of what it is composed of included; `None` for a map of anything.
fn names(schema: &'static Value, object: &Map<String, Value>) -> Option<BTreeSet<&'static str>> {
    let schema = resolve(schema);
    if schema["additionalProperties"].is_object() {
        return None;
    }
    let mut found: BTreeSet<&'static str> =
        schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    for part in parts(schema, "allOf") {
        found.extend(names(part, object)?);
    }
    let value = Value::Object(object.clone());
    for part in parts(schema, "oneOf").filter(|part| says(resolve(part), &value).is_ok()) {
        found.extend(names(part, object)?);
    }
    Some(found)
}

/// Everything a schema says, but that it says everything.
fn says(schema: &'static Value, value: &Value) -> Result<(), String> {
    if let Some(words) = schema["enum"].as_array()
        && !words.contains(value)
    {
        return Err(format!("{value} is none of {words:?}"));
    }
    let kind = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(several) => several.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let counts = |name: &&str| *name == kind || (*name == "number" && kind == "integer");
    if !types.is_empty() && !types.iter().any(counts) {
        return Err(format!("{value} is no {types:?}"));
    }
    for part in parts(schema, "allOf") {
        says(resolve(part), value)?;
    }
    if schema["oneOf"].is_array() {
        let why: Vec<String> = parts(schema, "oneOf").filter_map(|part| fits_loosely(part, value).err()).collect();
        if why.len() == parts(schema, "oneOf").count() {
            return Err(format!("none fits: {why:?}"));
        }
    }
    if let Some(object) = value.as_object() {
        for name in parts(schema, "required").filter_map(Value::as_str) {
            if !object.contains_key(name) {
                return Err(format!("{name} is missing in {value}"));
            }
        }
        for (name, value) in object {
            let field = schema["properties"].get(name).or_else(|| schema.get("additionalProperties"));
            if let Some(field) = field.filter(|field| field.is_object()) {
                fits(field, value).map_err(|why| format!("{name}: {why}"))?;
            }
        }
    }
    for (at, value) in value.as_array().into_iter().flatten().enumerate() {
        let item = schema["prefixItems"].get(at).or_else(|| schema.get("items").filter(|items| items.is_object()));
        if let Some(item) = item {
            fits(item, value).map_err(|why| format!("[{at}]: {why}"))?;
        }
    }
    Ok(())
}

fn fits_loosely(schema: &'static Value, value: &Value) -> Result<(), String> {
    says(resolve(schema), value)
}

#[test]
fn what_does_not_fit_is_found() {
    let schema = &document()["components"]["schemas"]["Alert"];
    let actor = serde_json::json!({"id": "x", "label": "x", "org_id": "x", "org_slug": "x"});
    let alert = serde_json::json!({
        "id": "x", "actor": actor, "status": "open", "attempts": 3, "opened_at": "x", "last_at": "x",
        "handled_by": null, "handled_at": null, "note": null, "version": 1,
    });
    assert_eq!(fits(schema, &alert), Ok(()));
    for (field, value) in [("status", "happy".into()), ("attempts", "3".into()), ("id", Value::Null), ("new", 1.into())]
    {
        let mut wrong = alert.clone();
        wrong[field] = value;
        assert!(fits(schema, &wrong).is_err(), "{wrong}");
    }
    let mut nested = alert.clone();
    nested["actor"]["password"] = "x".into();
    assert!(fits(schema, &nested).is_err());
    let mut missing = alert;
    missing.as_object_mut().unwrap().remove("note");
    assert!(fits(schema, &missing).is_err());
}

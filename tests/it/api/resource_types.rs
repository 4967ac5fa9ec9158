//! Resource types: registered by operators, seen by everybody who sees roles.

use super::{documented::is_documented, *};
use crate::harness::World;

const INVOICES: &str = r#"{"name":"invoices","label":"Invoices","description":"What customers owe.",
    "actions":[{"name":"read","sentence":"read invoices","held_by":["manager","user","viewer"]},
               {"name":"delete","sentence":"delete invoices","needs_reason":true}],
    "attributes":[{"name":"amount","kind":"number"}]}"#;
const HERE: &str = "/api/v1/platform/resource-types/invoices";

#[tokio::test(flavor = "multi_thread")]
async fn a_type_is_registered_changed_and_removed() {
    let world = World::demo().await;
    let mut operator = world.signed_in("platform", "admin@platform.example").await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let key = [("idempotency-key", "1f0c")];
    let path = "/api/v1/platform/resource-types";
    for _ in 0..2 {
        let made = operator.json(Method::POST, path, INVOICES, &key).await;
        let body = is_documented(&made, "post", path);
        assert_eq!((head(&made, "location"), body["version"].as_i64()), (HERE, Some(1)), "sent twice, made once");
    }
    let seen = is_documented(&admin.get("/api/v1/resource-types").await, "get", "/api/v1/resource-types");
    let names: Vec<_> = seen["data"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert!(names.contains(&"invoices") && names.is_sorted(), "{names:?}");
    let all = json(&admin.get("/api/v1/permissions").await);
    let delete = all["data"].as_array().unwrap().iter().find(|one| one["name"] == "invoices:delete").unwrap();
    assert_eq!((delete["sentence"].as_str(), delete["needs_reason"].as_bool()), (Some("delete invoices"), Some(true)));

    let found = operator.get(HERE).await;
    let tag = head(&found, "etag").to_owned();
    is_documented(&found, "get", "/api/v1/platform/resource-types/{type}");
    let changed = r#"{"label":"Bills","actions":[{"name":"read","sentence":"read bills"}]}"#;
    let answer = operator.json(Method::PUT, HERE, changed, &[("if-match", &tag)]).await;
    let body = is_documented(&answer, "put", "/api/v1/platform/resource-types/{type}");
    assert_eq!((body["label"].as_str(), body["attributes"].as_array().map(Vec::len)), (Some("Bills"), Some(0)));
    let renamed = changed.replace("{\"label\"", "{\"name\":\"bills\",\"label\"");
    let answer = operator.json(Method::PUT, HERE, &renamed, &[("if-match", "\"v2\"")]).await;
    let body = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(body["errors"][0]["field"], "name", "{body}");
    let stale = operator.json(Method::PUT, HERE, changed, &[("if-match", &tag)]).await;
    problem(&stale, StatusCode::PRECONDITION_FAILED, "stale_version");
    let gone = ask(&mut operator, Method::DELETE, HERE, &[("if-match", "\"v2\"")]).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT, "{}", gone.text());
    problem(&operator.get(HERE).await, StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_type_is_said() {
    let world = World::demo().await;
    let mut operator = world.signed_in("platform", "admin@platform.example").await;
    for (wrong, field) in [
        (INVOICES.replace("\"invoices\"", "\"Invoices\""), "name"),
        (INVOICES.replace("\"invoices\"", "\"users\""), "name"),
        (INVOICES.replace("\"invoices\"", "null"), "name"),
        (INVOICES.replace("\"amount\"", "\"owner\""), "attributes"),
        (INVOICES.replace("\"number\"", "\"colour\""), "attributes[0].kind"),
        (INVOICES.replace("\"viewer\"", "\"king\""), "actions[0].held_by[2]"),
        (INVOICES.replace("\"delete\"", "\"read\""), "actions"),
    ] {
        let answer = operator.json(Method::POST, "/api/v1/platform/resource-types", &wrong, &[]).await;
        let body = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(body["errors"][0]["field"], field, "{body}");
    }
}

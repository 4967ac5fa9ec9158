//! Data sources: registered, looked at, changed and removed by programs; their address is written and never read.

use super::{documented::is_documented, *};
use crate::harness::World;
use secrecy::ExposeSecret;

const PATH: &str = "/api/v1/data-sources";
const ONE: &str = "/api/v1/data-sources/{id}";

const PROFILE: &str = "# by hand\ntenant_columns = [\"org_id\"]\n[context]\norg_setting = \"app.org_id\"\n\
                       operator_setting = \"app.operator_id\"\n[[roles]]\nname = \"bulkhead_app\"\nscope = \"tenant\"\n";

/// This very database as a data source, by its address; and what must never be answered.
fn address(world: &World) -> (String, String) {
    let url = world.database.as_inspector().expose_secret().to_owned();
    let password = url.split_once("://").unwrap().1.split('@').next().unwrap().split_once(':').unwrap().1.to_owned();
    assert!(password.len() >= 8, "there is a password to be kept");
    (url, password)
}

/// Registers it; where it is, and its tag.
async fn registered(world: &World, op: &mut Client) -> (String, String) {
    let body = serde_json::json!({"name": "Shop", "address": address(world).0, "profile": PROFILE}).to_string();
    let answer = op.json(Method::POST, PATH, &body, &[]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    (location(&answer).to_owned(), head(&answer, "etag").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answer_has_the_address() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let (url, password) = address(&world);
    let quiet = |answer: &Answer| {
        let text = format!("{:?} {}", answer.headers, answer.text());
        assert!(!text.contains(&password) && !text.contains(&url), "{text}");
    };
    let new = serde_json::json!({"name": "Shop", "address": url, "profile": PROFILE});
    let created = op.json(Method::POST, PATH, &new.to_string(), &[]).await;
    quiet(&created);
    let source = is_documented(&created, "post", PATH);
    assert_eq!((source["name"].as_str(), source["profile"].as_str()), (Some("Shop"), Some(PROFILE)));
    let here = location(&created).to_owned();
    let tag = head(&created, "etag").to_owned();

    for refused in [
        serde_json::json!({"name": "", "address": url, "profile": PROFILE}),
        serde_json::json!({"name": "Shop", "address": url, "profile": PROFILE}),
        serde_json::json!({"name": "Other", "address": url, "profile": format!("password = \"{password}\"")}),
        serde_json::json!({"name": "Other", "address": format!("postgres://x:{password}@db.example:1/x?sslmode=disable")}),
        serde_json::json!({"name": "Other", "address": format!("http://x:{password}@db.example")}),
        serde_json::json!({"name": "Other", "address": {"url": url}}),
    ] {
        let answer = op.json(Method::POST, PATH, &refused.to_string(), &[]).await;
        problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        quiet(&answer);
    }
    let patch = serde_json::json!({"address": url}).to_string();
    let patched = op.json(Method::PATCH, &here, &patch, &[("if-match", &tag)]).await;
    is_documented(&patched, "patch", ONE);
    quiet(&patched);
    for path in [PATH.to_owned(), here.clone(), format!("{here}/isolation"), format!("{here}/isolation/findings")] {
        let answer = op.get(&path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        quiet(&answer);
    }
    let logged = world
        .sql("SELECT string_agg(coalesce(before::text, '') || coalesce(after::text, ''), ' ') FROM audit_events")
        .await;
    assert!(!logged.contains(&password), "nor has the audit log");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_looked_at_like_ones_own() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let (here, _) = registered(&world, &mut op).await;
    let mut viewer = world.signed_in("platform", "viewer@platform.example").await;
    let report =
        is_documented(&viewer.get(&format!("{here}/isolation")).await, "get", "/api/v1/data-sources/{id}/isolation");
    assert!(report["tables"].as_array().unwrap().iter().any(|table| table["name"] == "public.users"), "{report}");
    is_documented(
        &viewer.get(&format!("{here}/isolation/tables/public.users")).await,
        "get",
        "/api/v1/data-sources/{id}/isolation/tables/{table}",
    );
    let findings = is_documented(
        &viewer.get(&format!("{here}/isolation/findings")).await,
        "get",
        "/api/v1/data-sources/{id}/isolation/findings",
    );
    let shared = findings["data"].as_array().unwrap().iter().find(|finding| finding["code"] == "no-tenant-column");
    assert!(shared.is_some(), "this profile declares no table shared, so each without a tenant column is found");

    let xray = "/api/v1/data-sources/{id}/isolation/tables/{table}/xray";
    let path = format!("{here}/isolation/tables/public.users/xray");
    problem(&viewer.get(&path).await, StatusCode::FORBIDDEN, "forbidden");
    let scope = is_documented(&op.get(&format!("{path}?example=true")).await, "get", xray);
    assert_eq!(scope["operator_setting"], "app.operator_id", "as the profile has it");
    let mut question = serde_json::json!({
        "role": "bulkhead_app", "organization": scope["example"]["other_organization"], "command": "select",
        "row": scope["example"]["row"], "reveal": true,
    });
    let refused = op.json(Method::POST, &path, &question.to_string(), &[]).await;
    let refused = problem(&refused, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(refused["errors"][0]["field"], "reason");
    question["reason"] = "Ticket 4711".into();
    let ladder = is_documented(&op.json(Method::POST, &path, &question.to_string(), &[]).await, "post", xray);
    assert_eq!(ladder["verdict"]["decision"], "not_reached", "{ladder}");
    let recorded = "SELECT after ->> 'data_source' FROM audit_events WHERE action = 'row.revealed'";
    assert!(here.ends_with(&world.sql(recorded).await), "and the log says of which database");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_what_it_has_seen_and_keeps_what_it_leaves_out() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let (here, tag) = registered(&world, &mut op).await;
    let rename = r#"{"name":"Shop, production"}"#;
    problem(
        &op.json(Method::PATCH, &here, rename, &[]).await,
        StatusCode::PRECONDITION_REQUIRED,
        "precondition_required",
    );
    let renamed = op.json(Method::PATCH, &here, rename, &[("if-match", &tag)]).await;
    let source = is_documented(&renamed, "patch", ONE);
    assert_eq!((source["name"].as_str(), source["profile"].as_str()), (Some("Shop, production"), Some(PROFILE)));
    assert_eq!(op.get(&format!("{here}/isolation")).await.status, StatusCode::OK, "the address stayed");
    let late = op.json(Method::PATCH, &here, r#"{"name":"Late"}"#, &[("if-match", &tag)]).await;
    problem(&late, StatusCode::PRECONDITION_FAILED, "stale_version");
    let late = ask(&mut op, Method::DELETE, &here, &[("if-match", &tag)]).await;
    problem(&late, StatusCode::PRECONDITION_FAILED, "stale_version");
    let refused = op.json(Method::PATCH, &here, r#"{"profile":"roles = 1"}"#, &[("if-match", &tag)]).await;
    let refused = problem(&refused, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(refused["errors"][0]["field"], "profile");

    let mut viewer = world.signed_in("platform", "viewer@platform.example").await;
    assert_eq!(json(&viewer.get(&here).await)["name"], "Shop, production", "a viewer reads");
    for (method, path) in [(Method::POST, PATH), (Method::PATCH, here.as_str()), (Method::DELETE, here.as_str())] {
        let body = r#"{"name":"X","address":"x","profile":"x"}"#;
        let answer = viewer.json(method, path, body, &[("if-match", "\"v1\"")]).await;
        problem(&answer, StatusCode::FORBIDDEN, "forbidden");
    }
    let tag = head(&op.get(&here).await, "etag").to_owned();
    let again = ask(&mut op, Method::GET, &here, &[("if-none-match", &tag)]).await;
    assert_eq!(again.status, StatusCode::NOT_MODIFIED);
    let removed = ask(&mut op, Method::DELETE, &here, &[("if-match", &tag)]).await;
    assert_eq!(removed.status, StatusCode::NO_CONTENT, "{}", removed.text());
    for end in ["", "/isolation", "/isolation/findings", "/isolation/tables/public.users"] {
        problem(&op.get(&format!("{here}{end}")).await, StatusCode::NOT_FOUND, "not_found");
    }
    let gone = ask(&mut op, Method::DELETE, &here, &[("if-match", &tag)]).await;
    problem(&gone, StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_profile_one_is_guessed_and_sent_twice_it_is_registered_once() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let body = serde_json::json!({"name": "Guessed", "address": address(&world).0}).to_string();
    let key = [("idempotency-key", "2f6a9d3e-6f4f-4d8e-9d39-8c7f0e4b1a55")];
    let first = op.json(Method::POST, PATH, &body, &key).await;
    let source = is_documented(&first, "post", PATH);
    let profile = source["profile"].as_str().unwrap();
    assert!(profile.contains("Nobody checked it") && profile.contains("tenant_columns = [\"org_id\"]"), "{profile}");
    let again = op.json(Method::POST, PATH, &body, &key).await;
    assert_eq!((again.status, location(&again)), (StatusCode::CREATED, location(&first)));
    assert_eq!(world.sql("SELECT count(*)::text FROM data_sources").await, "1");
}

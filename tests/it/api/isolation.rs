//! What operators' programs see of isolation: the report, findings, and the X-ray of rows.

use super::{documented::is_documented, *};
use crate::harness::World;

const TABLE: &str = "/api/v1/isolation/tables/{table}";
const XRAY: &str = "/api/v1/isolation/tables/{table}/xray";

fn names<'a>(list: &'a Value, field: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|row| row[field].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_reads_the_report_its_tables_and_the_findings() {
    let world = World::demo().await;
    let mut viewer = world.signed_in("platform", "viewer@platform.example").await;
    let answer = viewer.get("/api/v1/isolation").await;
    assert_eq!(head(&answer, "content-type"), "application/json");
    assert_eq!(head(&answer, "cache-control"), "no-store");
    let report = is_documented(&answer, "get", "/api/v1/isolation");
    let tables = names(&report["tables"], "name");
    assert!(tables.contains(&"public.users") && tables.contains(&"public.plans"), "{tables:?}");
    assert!(names(&report["roles"], "name").contains(&"bulkhead_app"));
    for list in ["functions", "schemas"] {
        assert!(!report[list].as_array().unwrap().is_empty(), "{list}");
    }

    let users = is_documented(&viewer.get("/api/v1/isolation/tables/public.users").await, "get", TABLE);
    assert_eq!((users["verdict"].as_str(), users["shared_because"].as_str()), (Some("isolated"), None), "{users}");
    assert!(!users["facts"]["policies"].as_array().unwrap().is_empty());
    let plans = is_documented(&viewer.get("/api/v1/isolation/tables/public.plans").await, "get", TABLE);
    assert_eq!(plans["verdict"], "shared_by_design");
    assert!(plans["shared_because"].is_string());

    let path = "/api/v1/isolation/findings";
    let findings = is_documented(&viewer.get(path).await, "get", path);
    let nothing = Value::Array(Vec::new());
    assert_eq!((&findings["data"], &findings["not_seen"]), (&nothing, &nothing), "this product's own is sound");
    world.keep_proof().await;
    let findings = is_documented(&viewer.get(path).await, "get", path);
    assert!(names(&findings["data"], "code").contains(&"table-unproven"), "newer than the latest proof: {findings}");
}

/// A hole made on purpose is told with its table, its explanation and the SQL that closes it.
#[tokio::test(flavor = "multi_thread")]
async fn a_hole_is_found_explained_and_repaired() {
    let world = World::demo().await;
    let mut viewer = world.signed_in("platform", "viewer@platform.example").await;
    world.database.sabotage("ALTER TABLE users NO FORCE ROW LEVEL SECURITY").await.unwrap();
    let path = "/api/v1/isolation/findings";
    let findings = is_documented(&viewer.get(path).await, "get", path);
    let found = findings["data"].as_array().unwrap().iter().find(|finding| finding["code"] == "rls-not-forced");
    let found = found.unwrap_or_else(|| panic!("{findings}"));
    assert_eq!((found["table"].as_str(), found["severity"].as_str()), (Some("public.users"), Some("leak")));
    let fix = found["fix"].as_str().unwrap();
    assert!(fix.contains("FORCE ROW LEVEL SECURITY"), "{fix}");
    let table = is_documented(&viewer.get("/api/v1/isolation/tables/public.users").await, "get", TABLE);
    assert_eq!(table["verdict"], "exposed");
    assert!(names(&table["findings"], "code").contains(&"rls-not-forced"), "{table}");
    world.database.sabotage(fix).await.unwrap();
    let table = is_documented(&viewer.get("/api/v1/isolation/tables/public.users").await, "get", TABLE);
    assert_eq!(table["verdict"], "isolated", "what the fix says closes it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_not_there_is_nowhere() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    for name in ["public.nothing", "users", "public.users%3B%20DROP%20TABLE%20users", "%22"] {
        for end in ["", "/xray"] {
            let path = format!("/api/v1/isolation/tables/{name}{end}");
            problem(&op.get(&path).await, StatusCode::NOT_FOUND, "not_found");
        }
    }
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    for path in ["/api/v1/isolation", "/api/v1/isolation/tables/public.users", "/api/v1/isolation/findings"] {
        problem(&admin.get(path).await, StatusCode::NOT_FOUND, "not_found");
    }
}

/// A row of acme and the organization of globex, to ask about.
async fn sighting(world: &World) -> (String, String, String) {
    let of = async |sql: &str| world.sql(sql).await;
    (
        of("SELECT o.id::text FROM orgs o WHERE slug = 'acme'").await,
        of("SELECT u.id::text FROM users u WHERE email = 'admin@acme.example'").await,
        of("SELECT o.id::text FROM orgs o WHERE slug = 'globex'").await,
    )
}

const REVEALED: &str = "SELECT count(*)::text FROM audit_events WHERE action = 'row.revealed'";

#[tokio::test(flavor = "multi_thread")]
async fn the_ladder_is_masked_unless_there_is_a_reason_which_is_recorded() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let (acme, user, globex) = sighting(&world).await;
    let path = "/api/v1/isolation/tables/public.users/xray";
    let mut question = serde_json::json!({
        "role": "bulkhead_app", "organization": globex, "command": "select", "row": {"org_id": acme, "id": user},
    });
    let masked = op.json(Method::POST, path, &question.to_string(), &[]).await;
    let ladder = is_documented(&masked, "post", XRAY);
    assert_eq!(ladder["verdict"]["decision"], "not_reached", "{ladder}");
    assert_eq!((&ladder["reality"]["reality"], &ladder["reality"]["agrees"]), (&"tried".into(), &true.into()));
    assert!(!masked.text().contains("admin@acme.example"), "values are hidden");

    question["reveal"] = true.into();
    let refused = op.json(Method::POST, path, &question.to_string(), &[]).await;
    let refused = problem(&refused, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(refused["errors"][0]["field"], "reason");
    assert_eq!(world.sql(REVEALED).await, "0", "nobody has seen anything");

    question["reason"] = "Ticket 4711: a row is missing.".into();
    for times in ["1", "2"] {
        let key = [("idempotency-key", "a key that makes nothing happen once")];
        let shown = op.json(Method::POST, path, &question.to_string(), &key).await;
        is_documented(&shown, "post", XRAY);
        assert!(shown.text().contains("admin@acme.example"), "{}", shown.text());
        assert_eq!(world.sql(REVEALED).await, times, "each time it is seen is recorded");
    }
    let why = world.sql("SELECT reason FROM audit_events WHERE action = 'row.revealed'").await;
    assert_eq!(why, "Ticket 4711: a row is missing.");

    question["organization"] = acme.into();
    question["reveal"] = false.into();
    let own = is_documented(&op.json(Method::POST, path, &question.to_string(), &[]).await, "post", XRAY);
    assert_eq!(own["verdict"]["decision"], "reached", "its own organization reaches it");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_can_be_asked_about() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let (acme, user, globex) = sighting(&world).await;
    let path = "/api/v1/isolation/tables/public.users/xray";
    let row = serde_json::json!({"org_id": acme, "id": user});
    let before = world.sql("SELECT count(*)::text || max(name) FROM users").await;
    for (question, decision) in [
        (serde_json::json!({"command": "update", "row": row, "values": {"name": "X"}}), "not_reached"),
        (serde_json::json!({"command": "update", "row": row, "values": {"name": "X"}, "blind": true}), "not_reached"),
        (
            serde_json::json!({"command": "insert", "values": {"org_id": acme, "id": user}, "returning": true}),
            "refused",
        ),
        (serde_json::json!({"command": "select", "row": {"email": "admin@acme.example"}}), "not_reached"),
    ] {
        let mut question = question;
        question["role"] = "bulkhead_app".into();
        question["organization"] = globex.clone().into();
        let ladder = is_documented(&op.json(Method::POST, path, &question.to_string(), &[]).await, "post", XRAY);
        assert_eq!(ladder["verdict"]["decision"], decision, "{question}: {ladder}");
    }
    assert_eq!(world.sql("SELECT count(*)::text || max(name) FROM users").await, before, "all of it was rolled back");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_does_not_fit_is_refused_by_its_field() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let path = "/api/v1/isolation/tables/public.users/xray";
    for (question, field) in [
        (r#"{"role":"bulkhead_app","command":"select"}"#, "row"),
        (r#"{"role":"bulkhead_app","command":"insert","row":{"id":"1"}}"#, "row"),
        (r#"{"role":"bulkhead_app","command":"delete","row":{"id":"1"},"values":{"id":"1"}}"#, "values"),
        (r#"{"role":"bulkhead_app","command":"select","row":{"id":"1"},"returning":true}"#, "returning"),
        (r#"{"role":"bulkhead_app","command":"select","row":{"id":"1"},"blind":true}"#, "blind"),
        (r#"{"role":"bulkhead_app","command":"truncate","row":{"id":"1"}}"#, "command"),
        (r#"{"role":"bulkhead_app","command":"select","row":{"id":1}}"#, "row.id"),
        (r#"{"role":"bulkhead_app","command":"select","row":{"id":"1"},"rol":"x"}"#, "rol"),
        (r#"{"role":"nobody","command":"select","row":{"id":"1"}}"#, "question"),
        (r#"{"role":"bulkhead_app","command":"select","row":{"no_column":"1"}}"#, "question"),
    ] {
        let answer = op.json(Method::POST, path, question, &[]).await;
        let refused = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["field"], field, "{question}: {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_asked_comes_with_a_row_to_begin_with() {
    let world = World::demo().await;
    let path = "/api/v1/isolation/tables/public.users/xray";
    let mut viewer = world.signed_in("platform", "viewer@platform.example").await;
    problem(&viewer.get(path).await, StatusCode::FORBIDDEN, "forbidden");
    let question = r#"{"role":"bulkhead_app","command":"select","row":{"id":"1"}}"#;
    problem(&viewer.json(Method::POST, path, question, &[]).await, StatusCode::FORBIDDEN, "forbidden");

    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let scope = is_documented(&op.get(path).await, "get", XRAY);
    assert_eq!((&scope["example"], scope["primary_key"].as_array().unwrap().len()), (&Value::Null, 2), "{scope}");
    let answer = op.get(&format!("{path}?exampel=true")).await;
    problem(&answer, StatusCode::BAD_REQUEST, "invalid_query");
    let scope = is_documented(&op.get(&format!("{path}?example=true")).await, "get", XRAY);
    let question = serde_json::json!({
        "role": "bulkhead_app", "organization": scope["example"]["other_organization"], "as_operator": false,
        "command": "select", "row": scope["example"]["row"],
    });
    let ladder = is_documented(&op.json(Method::POST, path, &question.to_string(), &[]).await, "post", XRAY);
    assert_eq!(ladder["verdict"]["decision"], "not_reached", "the example is a row of somebody else's: {ladder}");
}

//! What people change of themselves, and of their own organization.

use super::{documented::is_documented, *};
use crate::harness::World;
use bulkhead_domain::seed::DEMO_PASSWORD;
use sha2::{Digest, Sha256};

const ME: &str = "/api/v1/me";
const PASSWORD: &str = "/api/v1/me/password";
const ORGANIZATION: &str = "/api/v1/organization";
const NEW: &str = "seven green bulkheads hold";

#[tokio::test(flavor = "multi_thread")]
async fn everybody_renames_themselves_and_nothing_else() {
    let world = World::demo().await;
    let mut viewer = world.signed_in("acme", "viewer@acme.example").await;
    let tag = head(&viewer.get(ME).await, "etag").to_owned();
    problem(
        &viewer.json(Method::PATCH, ME, r#"{"name":"Vera"}"#, &[]).await,
        StatusCode::PRECONDITION_REQUIRED,
        "precondition_required",
    );
    for (body, field) in [(r#"{"role":"admin"}"#, "role"), (r#"{"name":"a\u202Eb"}"#, "name")] {
        let answer = viewer.json(Method::PATCH, ME, body, &[("if-match", &tag)]).await;
        let refused = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["field"], field);
    }
    let changed = viewer.json(Method::PATCH, ME, r#"{"name":"Vera"}"#, &[("if-match", &tag)]).await;
    let me = is_documented(&changed, "patch", ME);
    assert_eq!((me["name"].as_str(), me["role"].as_str()), (Some("Vera"), Some("viewer")));
    let late = viewer.json(Method::PATCH, ME, r#"{"name":"Late"}"#, &[("if-match", &tag)]).await;
    problem(&late, StatusCode::PRECONDITION_FAILED, "stale_version");
    assert_eq!(json(&viewer.get(ME).await)["name"], "Vera");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_once_by_who_knows_it() {
    let world = World::demo().await;
    let mut user = world.signed_in("acme", "user@acme.example").await;
    let mut elsewhere = world.signed_in("acme", "user@acme.example").await;
    for (body, field) in [
        (serde_json::json!({"current": "not mine at all", "new": NEW}), "current"),
        (serde_json::json!({"current": DEMO_PASSWORD, "new": "short"}), "new"),
        (serde_json::json!({"current": DEMO_PASSWORD}), "new"),
    ] {
        let answer = user.json(Method::POST, PASSWORD, &body.to_string(), &[]).await;
        let refused = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
        assert!(!answer.text().contains(NEW) && !answer.text().contains(DEMO_PASSWORD), "{}", answer.text());
    }
    assert_eq!(elsewhere.get(ME).await.status, StatusCode::OK, "nothing happened yet");

    let changes = async || {
        let sql = "SELECT count(*)::text FROM audit_events WHERE action = 'password.changed'";
        world.sql(sql).await.parse::<i64>().unwrap()
    };
    let before = changes().await;
    let body = serde_json::json!({"current": DEMO_PASSWORD, "new": NEW}).to_string();
    let key = [("idempotency-key", "c1f0e110-1d6a-4d9c-9a53-0b6a5a4e5f0c")];
    for _ in 0..2 {
        let answer = user.json(Method::POST, PASSWORD, &body, &key).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::NO_CONTENT, 0), "{}", answer.text());
    }
    assert_eq!(changes().await - before, 1, "a repetition is no failed attempt, and changes nothing");
    problem(&elsewhere.get(ME).await, StatusCode::UNAUTHORIZED, "unauthenticated");
    assert_eq!(user.get(ME).await.status, StatusCode::OK, "the session that asked stays");
    let mut again = world.visitor();
    assert_eq!(again.sign_in("acme", "user@acme.example", NEW).await.status, StatusCode::SEE_OTHER);

    // What is kept of the request would otherwise tell whether a guessed password is right, faster than its own hash does.
    let kept = world.sql("SELECT encode(request_hash, 'hex') FROM idempotency_keys").await;
    let parts = ["POST", "\0", PASSWORD, "\0", body.as_str()].concat();
    let guessable = Sha256::digest(parts.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(kept.len(), guessable.len());
    assert_ne!(kept, guessable, "nobody can compute it who only reads the database");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_admin_renames_their_organization() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let read = admin.get(ORGANIZATION).await;
    assert_eq!(is_documented(&read, "get", ORGANIZATION)["slug"], "acme");
    let tag = head(&read, "etag").to_owned();
    let mut manager = world.signed_in("acme", "manager@acme.example").await;
    let refused = manager.json(Method::PATCH, ORGANIZATION, r#"{"name":"Mine"}"#, &[("if-match", &tag)]).await;
    problem(&refused, StatusCode::FORBIDDEN, "forbidden");
    let changed = admin.json(Method::PATCH, ORGANIZATION, r#"{"name":"Acme AG"}"#, &[("if-match", &tag)]).await;
    let organization = is_documented(&changed, "patch", ORGANIZATION);
    assert_eq!((organization["name"].as_str(), organization["slug"].as_str()), (Some("Acme AG"), Some("acme")));
    let late = admin.json(Method::PATCH, ORGANIZATION, r#"{"name":"Late"}"#, &[("if-match", &tag)]).await;
    problem(&late, StatusCode::PRECONDITION_FAILED, "stale_version");
    assert_eq!(json(&admin.get(ME).await)["organization"]["name"], "Acme AG");
}

//! Attempts and alerts for programs: read by viewers, handled by who may, with what they have seen.

use super::{documented::is_documented, *};
use crate::harness::World;

const ALERTS: &str = "/api/v1/alerts";
const ONE: &str = "/api/v1/alerts/{id}";

/// A viewer of acme aims at globex often enough. The alert's address.
async fn raised(world: &World) -> String {
    let mut viewer = world.signed_in("acme", "viewer@acme.example").await;
    for _ in 0..3 {
        assert_eq!(viewer.get("/t/globex").await.status, StatusCode::NOT_FOUND);
    }
    world.app.tasks().close();
    world.app.tasks().wait().await;
    format!("{ALERTS}/{}", world.sql("SELECT id::text FROM isolation_alerts").await)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_read_acknowledged_and_closed() {
    let world = World::demo().await;
    let here = raised(&world).await;
    let mut viewer = world.signed_in("platform", "viewer@platform.example").await;
    let attempts = is_documented(&viewer.get("/api/v1/attempts").await, "get", "/api/v1/attempts");
    assert_eq!(attempts["count"], 3);
    let first = &attempts["data"][0];
    assert_eq!((first["surface"].as_str(), first["answered_with"].as_i64()), (Some("org"), Some(404)), "{first}");
    assert_eq!((first["actor"]["org_slug"].as_str(), first["owner_org_slug"].as_str()), (Some("acme"), Some("globex")));

    let open = is_documented(&viewer.get(&format!("{ALERTS}?status=open")).await, "get", ALERTS);
    assert_eq!(open["count"], 1);
    assert_eq!(json(&viewer.get(&format!("{ALERTS}?status=closed")).await)["count"], 0);
    let read = viewer.get(&here).await;
    let alert = is_documented(&read, "get", ONE);
    assert_eq!((alert["attempts"].as_i64(), alert["covers"].as_array().unwrap().len()), (Some(3), 3));
    let tag = head(&read, "etag").to_owned();
    let acknowledge = format!("{here}/acknowledge");
    let answer = viewer.json(Method::POST, &acknowledge, "{}", &[("if-match", &tag)]).await;
    problem(&answer, StatusCode::FORBIDDEN, "forbidden");

    let mut op = world.signed_in("platform", "admin@platform.example").await;
    problem(
        &op.json(Method::POST, &acknowledge, "{}", &[]).await,
        StatusCode::PRECONDITION_REQUIRED,
        "precondition_required",
    );
    let key = ("idempotency-key", "7a1a35d5-70ef-4a57-8a59-6a4ee5f6d3f1");
    let mut seen = String::new();
    for _ in 0..2 {
        let headers = [("if-match", tag.as_str()), key];
        let answer = op.json(Method::POST, &acknowledge, r#"{"note":"Asked them."}"#, &headers).await;
        let alert = is_documented(&answer, "post", "/api/v1/alerts/{id}/acknowledge");
        assert_eq!((alert["status"].as_str(), alert["note"].as_str()), (Some("acknowledged"), Some("Asked them.")));
        assert_eq!(alert["handled_by"], "admin@platform.example");
        seen = head(&answer, "etag").to_owned();
    }
    let close = format!("{here}/close");
    let late = op.json(Method::POST, &close, r#"{"note":"Done."}"#, &[("if-match", &tag)]).await;
    problem(&late, StatusCode::PRECONDITION_FAILED, "stale_version");
    let silent = op.json(Method::POST, &close, r#"{"note":" "}"#, &[("if-match", &seen)]).await;
    let refused = problem(&silent, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(refused["errors"][0]["field"], "note");
    let closed = op.json(Method::POST, &close, r#"{"note":"Done."}"#, &[("if-match", &seen)]).await;
    assert_eq!(is_documented(&closed, "post", "/api/v1/alerts/{id}/close")["status"], "closed");
    let tag = head(&closed, "etag").to_owned();
    let twice = op.json(Method::POST, &close, r#"{"note":"Done."}"#, &[("if-match", &tag)]).await;
    problem(&twice, StatusCode::CONFLICT, "wrong_status");
    assert_eq!(json(&op.get(&format!("{ALERTS}?status=open&status=acknowledged")).await)["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_made_them_finds_nothing() {
    let world = World::demo().await;
    let here = raised(&world).await;
    let mut viewer = world.signed_in("acme", "viewer@acme.example").await;
    for path in [here.as_str(), ALERTS, "/api/v1/attempts"] {
        problem(&viewer.get(path).await, StatusCode::NOT_FOUND, "not_found");
    }
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let none = format!("{ALERTS}/0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f");
    problem(&op.get(&none).await, StatusCode::NOT_FOUND, "not_found");
    let answer = op.json(Method::POST, &format!("{none}/close"), r#"{"note":"X"}"#, &[("if-match", "\"v1\"")]).await;
    problem(&answer, StatusCode::NOT_FOUND, "not_found");
}

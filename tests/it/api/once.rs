//! A request with an idempotency key happens once.

use super::*;
use crate::harness::World;

const KEY: (&str, &str) = ("idempotency-key", "5f0c4d9c-9a53-4d6a-8c1f-0b6a5a4e0e11");

#[tokio::test(flavor = "multi_thread")]
async fn sent_at_the_same_time_it_happens_once() {
    let world = World::demo().await;
    let op = world.signed_in("platform", "admin@platform.example").await;
    let plan = world.sql("SELECT id FROM plans ORDER BY position LIMIT 1").await;
    let body = serde_json::json!({"name": "Once", "slug": "once", "plan": plan, "admin_email": "ana@once.example"})
        .to_string();
    let send = || {
        let (mut client, body) = (op.clone(), body.clone());
        async move { client.json(Method::POST, "/api/v1/orgs", &body, &[KEY]).await }
    };
    let mut places = std::collections::BTreeSet::new();
    for answer in futures::future::join_all((0..5).map(|_| send())).await {
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        assert_eq!(json(&answer)["slug"], "once");
        places.insert(location(&answer).to_owned());
    }
    assert_eq!(places.len(), 1, "one organization: {places:?}");
    assert_eq!(world.sql("SELECT count(*)::text FROM orgs WHERE slug = 'once'").await, "1");

    let other = body.replace("ana@", "ben@");
    let answer = op.clone().json(Method::POST, "/api/v1/orgs", &other, &[KEY]).await;
    problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused");
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_invitations_are_answered_as_before_and_not_sent_again() {
    let world = World::demo().await;
    let mut admin = world.signed_in("globex", "admin@globex.example").await;
    let body = r#"{"emails":["new1@globex.example","admin@globex.example","not an address","new1@globex.example","new2@globex.example"],"role":"viewer"}"#;
    let first = admin.json(Method::POST, "/api/v1/invitations", body, &[KEY]).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    let made = |answer: &Answer| -> Vec<bool> {
        json(answer)["results"].as_array().unwrap().iter().map(|result| result["user_id"].is_string()).collect()
    };
    assert_eq!(made(&first), [true, false, false, false, true], "{}", first.text());
    let mails = "SELECT count(*)::text FROM mail_outbox";
    let before = world.sql(mails).await;
    let again = admin.json(Method::POST, "/api/v1/invitations", body, &[KEY]).await;
    assert_eq!((again.status, json(&again)), (first.status, json(&first)));
    assert_eq!(world.sql(mails).await, before, "nobody is written to twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_change_of_status_is_no_conflict_with_itself() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (id, version) = user(&mut admin, "viewer@acme.example").await;
    let suspend = format!("/api/v1/users/{id}/suspend");
    let seen = ("if-match", version.as_str());
    let first = ask(&mut admin, Method::POST, &suspend, &[KEY, seen]).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    let again = ask(&mut admin, Method::POST, &suspend, &[KEY, seen]).await;
    assert_eq!((again.status, json(&again)["status"].as_str()), (StatusCode::OK, Some("suspended")));
    let without = ask(&mut admin, Method::POST, &suspend, &[seen]).await;
    problem(&without, StatusCode::PRECONDITION_FAILED, "stale_version");

    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let org = world.sql("SELECT id::text FROM orgs WHERE slug = 'globex'").await;
    let tag = head(&op.get(&format!("/api/v1/orgs/{org}")).await, "etag").to_owned();
    for _ in 0..2 {
        let headers = [KEY, ("if-match", tag.as_str())];
        let answer =
            op.json(Method::POST, &format!("/api/v1/orgs/{org}/suspend"), r#"{"reason":"Unpaid"}"#, &headers).await;
        assert_eq!(
            (answer.status, json(&answer)["status"].as_str()),
            (StatusCode::OK, Some("suspended")),
            "{}",
            answer.text()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_is_refused() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let long = "k".repeat(201);
    for key in ["", long.as_str()] {
        let body = r#"{"emails":["x@y.example"],"role":"user"}"#;
        let answer = admin.json(Method::POST, "/api/v1/invitations", body, &[("idempotency-key", key)]).await;
        let refused = problem(&answer, StatusCode::BAD_REQUEST, "invalid_header");
        assert_eq!(refused["errors"][0]["field"], "Idempotency-Key");
    }
}

//! ETags: reading what one already has, and changing what one has seen.

use super::*;
use crate::harness::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_who_has_it_gets_nothing() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (id, _) = user(&mut admin, "user@acme.example").await;
    let event = json(&admin.get("/api/v1/audit-events?limit=1").await)["data"][0]["id"].as_str().unwrap().to_owned();
    for path in [
        format!("/api/v1/users/{id}"),
        format!("/api/v1/audit-events/{event}"),
        "/api/v1/settings/session.idle_minutes".to_owned(),
    ] {
        let first = admin.get(&path).await;
        assert_eq!(first.status, StatusCode::OK, "{path}: {}", first.text());
        let tag = head(&first, "etag").to_owned();
        let again = ask(&mut admin, Method::GET, &path, &[("if-none-match", &tag)]).await;
        assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0), "{path}");
        assert_eq!(head(&again, "etag"), tag);
        let other = ask(&mut admin, Method::GET, &path, &[("if-none-match", "\"v0.0\"")]).await;
        assert_eq!(other.status, StatusCode::OK);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_the_version_it_has_seen() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (id, _) = user(&mut admin, "user@acme.example").await;
    let path = format!("/api/v1/users/{id}");
    let tag = head(&admin.get(&path).await, "etag").to_owned();

    for headers in [vec![], vec![("if-match", "*")]] {
        let answer = admin.json(Method::PATCH, &path, r#"{"name":"A"}"#, &headers).await;
        problem(&answer, StatusCode::PRECONDITION_REQUIRED, "precondition_required");
    }
    let answer = admin.json(Method::PATCH, &path, r#"{"name":"A"}"#, &[("if-match", "v1")]).await;
    problem(&answer, StatusCode::BAD_REQUEST, "invalid_header");

    let changed = admin.json(Method::PATCH, &path, r#"{"name":"Changed"}"#, &[("if-match", &tag)]).await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    let body = json(&changed);
    assert_eq!(
        (body["name"].as_str(), body["role"].as_str()),
        (Some("Changed"), Some("user")),
        "what is left out stays"
    );
    assert_ne!(head(&changed, "etag"), tag);

    let late = admin.json(Method::PATCH, &path, r#"{"name":"Late"}"#, &[("if-match", &tag)]).await;
    problem(&late, StatusCode::PRECONDITION_FAILED, "stale_version");
    let weak = format!("W/{}", head(&changed, "etag"));
    let weak = admin.json(Method::PATCH, &path, r#"{"name":"Weak"}"#, &[("if-match", &weak)]).await;
    problem(&weak, StatusCode::PRECONDITION_FAILED, "stale_version");
    assert_eq!(json(&admin.get(&path).await)["name"], "Changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_is_overridden_and_taken_back() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let path = "/api/v1/settings/invitation.expiry_days";
    let before = admin.get(path).await;
    let tag = head(&before, "etag").to_owned();
    let wrong = admin.json(Method::PUT, path, r#"{"value":"9"}"#, &[("if-match", &tag)]).await;
    assert_eq!(problem(&wrong, StatusCode::UNPROCESSABLE_ENTITY, "invalid")["errors"][0]["field"], "value");
    let set = admin.json(Method::PUT, path, r#"{"value":9}"#, &[("if-match", &tag)]).await;
    assert_eq!(set.status, StatusCode::OK, "{}", set.text());
    assert_eq!((json(&set)["value"].as_i64(), json(&set)["source"].as_str()), (Some(9), Some("organization")));
    let tag = head(&set, "etag").to_owned();
    let inherited = ask(&mut admin, Method::DELETE, path, &[("if-match", &tag)]).await;
    assert_eq!(inherited.status, StatusCode::OK, "{}", inherited.text());
    assert_eq!(json(&inherited)["value"], json(&inherited)["inherited_value"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organization_goes_through_its_life() {
    let world = World::demo().await;
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let id = world.sql("SELECT id::text FROM orgs WHERE slug = 'globex'").await;
    let path = format!("/api/v1/orgs/{id}");
    let mut tag = head(&op.get(&path).await, "etag").to_owned();
    let first = tag.clone();
    let name = json(&op.get(&path).await)["name"].as_str().unwrap().to_owned();
    let deprovisioning = serde_json::json!({"confirm_name": name, "reason": "Contract ended"}).to_string();
    for (step, body, status) in [
        ("suspend", r#"{"reason":"Unpaid"}"#, "suspended"),
        ("reactivate", "", "active"),
        ("deprovision", deprovisioning.as_str(), "pending_deletion"),
        ("restore", "{}", "suspended"),
        ("reactivate", "", "active"),
    ] {
        let answer = op.json(Method::POST, &format!("{path}/{step}"), body, &[("if-match", &tag)]).await;
        assert_eq!(answer.status, StatusCode::OK, "{step}: {}", answer.text());
        assert_eq!(json(&answer)["status"], status, "{step}");
        tag = head(&answer, "etag").to_owned();
    }
    let late = op.json(Method::POST, &format!("{path}/suspend"), r#"{"reason":"Late"}"#, &[("if-match", &first)]).await;
    problem(&late, StatusCode::PRECONDITION_FAILED, "stale_version");
}

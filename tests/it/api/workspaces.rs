//! Workspaces: made, read, changed with what was seen, archived and brought back; their members, and roles that count in
//! one of them only.

use super::{
    documented::is_documented,
    roles::{id_of, made as made_role, role},
    *,
};
use crate::harness::World;

const PATH: &str = "/api/v1/workspaces";
const ONE: &str = "/api/v1/workspaces/{id}";
const MEMBERS: &str = "/api/v1/workspaces/{id}/members";
const MEMBER: &str = "/api/v1/workspaces/{id}/members/{user}";
const NOBODY: &str = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f";

/// Makes a workspace; where it is, and its tag.
async fn made(client: &mut Client, name: &str) -> (String, String) {
    let body = serde_json::json!({ "name": name }).to_string();
    let answer = client.json(Method::POST, PATH, &body, &[]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    (location(&answer).to_owned(), head(&answer, "etag").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_is_made_read_changed_archived_and_brought_back() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let new = serde_json::json!({"name": "Pilot", "description": "A first try."}).to_string();
    let key = [("idempotency-key", "workspaces-1")];
    let created = admin.json(Method::POST, PATH, &new, &key).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    let read = is_documented(&created, "post", PATH);
    assert_eq!((read["name"].as_str(), read["status"].as_str()), (Some("Pilot"), Some("active")));
    assert_eq!((read["members"].as_i64(), read["version"].as_i64()), (Some(0), Some(1)));
    let again = admin.json(Method::POST, PATH, &new, &key).await;
    assert_eq!((again.status, location(&again)), (StatusCode::CREATED, location(&created)), "sent twice, made once");
    let taken = admin.json(Method::POST, PATH, &new, &[]).await;
    let taken = problem(&taken, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(taken["errors"][0]["field"], "name");

    let here = location(&created).to_owned();
    let tag = head(&created, "etag").to_owned();
    let unchanged = ask(&mut admin, Method::GET, &here, &[("if-none-match", &tag)]).await;
    assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);

    let body = r#"{"name":"Trial"}"#;
    let put = async |admin: &mut Client, headers: &[(&str, &str)]| admin.json(Method::PUT, &here, body, headers).await;
    problem(&put(&mut admin, &[]).await, StatusCode::PRECONDITION_REQUIRED, "precondition_required");
    let changed = put(&mut admin, &[("if-match", &tag)]).await;
    let read = is_documented(&changed, "put", ONE);
    assert_eq!((read["name"].as_str(), read["description"].as_str()), (Some("Trial"), Some("")), "left out, empty");
    problem(&put(&mut admin, &[("if-match", &tag)]).await, StatusCode::PRECONDITION_FAILED, "stale_version");

    let mut tag = head(&changed, "etag").to_owned();
    for (verb, status) in [("archive", "archived"), ("restore", "active")] {
        let path = format!("{here}/{verb}");
        problem(
            &ask(&mut admin, Method::POST, &path, &[]).await,
            StatusCode::PRECONDITION_REQUIRED,
            "precondition_required",
        );
        let key = format!("workspaces-{verb}");
        for _ in 0..2 {
            let headers = [("if-match", tag.as_str()), ("idempotency-key", &key)];
            let done = ask(&mut admin, Method::POST, &path, &headers).await;
            let read = is_documented(&done, "post", &format!("{ONE}/{verb}"));
            assert_eq!(read["status"], status, "sent twice, done once");
        }
        tag = head(&admin.get(&here).await, "etag").to_owned();
        let twice = ask(&mut admin, Method::POST, &path, &[("if-match", &tag)]).await;
        problem(&twice, StatusCode::CONFLICT, "wrong_status");
    }
    let list = is_documented(&admin.get(PATH).await, "get", PATH);
    assert!(list["data"].as_array().unwrap().iter().any(|row| row["name"] == "Trial"), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workspace_is_refused_field_by_field() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    for (body, field) in [
        (serde_json::json!({}), "name"),
        (serde_json::json!({"name": ""}), "name"),
        (serde_json::json!({"name": "Pro\u{202e}duction"}), "name"),
        (serde_json::json!({"name": "x".repeat(61)}), "name"),
        (serde_json::json!({"name": "X", "description": "x".repeat(501)}), "description"),
        (serde_json::json!({"name": "X", "status": "archived"}), "status"),
    ] {
        let answer = admin.json(Method::POST, PATH, &body.to_string(), &[]).await;
        let refused = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_member_holds_roles_there_until_they_are_taken_out() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut person = world.signed_in("acme", "user@acme.example").await;
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let (pilot, _) = made(&mut admin, "Pilot").await;
    let (role, _) = made_role(&mut admin, &role("Log reader", "audit:read", "allow")).await;
    let everywhere = format!("/api/v1/users/{user}/roles/{}", id_of(&role));
    let there = format!("{everywhere}?workspace={}", id_of(&pilot));

    let outside = admin.json(Method::PUT, &there, "{}", &[]).await;
    let outside = problem(&outside, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(outside["errors"][0]["field"], "workspace");
    let member = format!("{pilot}/members/{user}");
    for _ in 0..2 {
        let added = ask(&mut admin, Method::PUT, &member, &[]).await;
        let added = is_documented(&added, "put", MEMBER);
        assert_eq!(
            (added["email"].as_str(), added["added_by"].as_str()),
            (Some("user@acme.example"), Some("admin@acme.example"))
        );
    }
    let given = admin.json(Method::PUT, &there, "{}", &[]).await;
    let given = is_documented(&given, "put", "/api/v1/users/{id}/roles/{role}");
    assert_eq!(
        (given["workspace"]["name"].as_str(), given["workspace"]["status"].as_str()),
        (Some("Pilot"), Some("active"))
    );
    assert_eq!(
        person.get("/api/v1/audit-events").await.status,
        StatusCode::FORBIDDEN,
        "it counts in the workspace only"
    );
    let whole = admin.json(Method::PUT, &everywhere, r#"{"until":"2999-01-01T00:00:00Z"}"#, &[]).await;
    assert_eq!(is_documented(&whole, "put", "/api/v1/users/{id}/roles/{role}")["workspace"], Value::Null);
    let members = is_documented(&admin.get(&format!("{pilot}/members")).await, "get", MEMBERS);
    assert_eq!(members["data"][0]["roles"][0]["name"], "Log reader");

    for (query, status, code) in [
        ("?workspace=pilot", StatusCode::BAD_REQUEST, "invalid_query"),
        ("?where=pilot", StatusCode::BAD_REQUEST, "invalid_query"),
        (&format!("?workspace={NOBODY}"), StatusCode::NOT_FOUND, "not_found"),
    ] {
        let path = format!("{everywhere}{query}");
        problem(&admin.json(Method::PUT, &path, "{}", &[]).await, status, code);
        problem(&ask(&mut admin, Method::DELETE, &path, &[]).await, status, code);
    }

    assert_eq!(ask(&mut admin, Method::DELETE, &member, &[]).await.status, StatusCode::NO_CONTENT);
    problem(&ask(&mut admin, Method::DELETE, &there, &[]).await, StatusCode::NOT_FOUND, "not_found");
    assert_eq!(ask(&mut admin, Method::DELETE, &everywhere, &[]).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organizations_workspace_is_none() {
    let world = World::demo().await;
    let mut acme = world.signed_in("acme", "admin@acme.example").await;
    let mut globex = world.signed_in("globex", "admin@globex.example").await;
    let (theirs, tag) = made(&mut acme, "Pilot").await;
    let (own, _) = user(&mut globex, "admin@globex.example").await;
    let seen = [("if-match", tag.as_str())];
    let answers = [
        globex.get(&theirs).await,
        globex.json(Method::PUT, &theirs, r#"{"name":"Mine"}"#, &seen).await,
        ask(&mut globex, Method::POST, &format!("{theirs}/archive"), &seen).await,
        ask(&mut globex, Method::PUT, &format!("{theirs}/members/{own}"), &[]).await,
        globex.get(&format!("{theirs}/members")).await,
    ];
    for answer in answers {
        problem(&answer, StatusCode::NOT_FOUND, "not_found");
    }
    let list = json(&globex.get(PATH).await);
    assert!(!list.to_string().contains("Pilot"), "{list}");
}

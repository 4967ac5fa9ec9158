//! What follows from roles: who may do what, and why.

use super::{
    documented::is_documented,
    roles::{id_of, log_reader, made},
    *,
};
use crate::harness::World;

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_do_is_explained() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let parent = serde_json::json!({"name": "Office", "grants": [{"permission": "audit:read", "effect": "allow",
        "when": [[{"test": "address", "ranges": ["192.0.2.0/24"]}]]}]});
    let (parent, _) = made(&mut admin, &parent.to_string()).await;
    let (here, _) = made(
        &mut admin,
        &serde_json::json!({"name": "Auditor", "inherits": [id_of(&parent)],
        "grants": [{"permission": "users:read", "effect": "deny"}]})
        .to_string(),
    )
    .await;
    let held = format!("/api/v1/users/{user}/roles/{}", id_of(&here));
    let until = r#"{"until":"2998-01-01T00:00:00Z"}"#;
    assert_eq!(admin.json(Method::PUT, &held, until, &[]).await.status, StatusCode::OK);
    let path = format!("/api/v1/users/{user}/permissions");
    let mut explain = async |query: &str| {
        is_documented(&admin.get(&format!("{path}{query}")).await, "get", "/api/v1/users/{id}/permissions")
    };
    let of = |all: &Value, name: &str| {
        all["data"].as_array().unwrap().iter().find(|answer| answer["permission"] == name).unwrap().clone()
    };
    let all = explain("").await;
    assert_eq!(all["data"].as_array().unwrap().len(), 14, "those of an organization: {all}");
    let audit = of(&all, "audit:read");
    assert_eq!((audit["allowed"].as_bool(), audit["reason"].as_str()), (Some(false), Some("condition-unclear")));
    assert_eq!(of(&all, "users:read")["reason"], "denied");
    let line = &audit["trace"][0];
    let names: Vec<_> = line["path"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Auditor", "Office"]);
    assert_eq!((line["condition"].as_str(), line["truth"].as_str()), (Some("when from 192.0.2.0/24"), Some("unknown")));
    assert_eq!(line["decides"], true);

    assert_eq!(of(&explain("?address=192.0.2.9").await, "audit:read")["reason"], "granted");
    assert_eq!(of(&explain("?address=198.51.100.1").await, "audit:read")["reason"], "condition-false");
    let later = explain("?address=192.0.2.9&at=2999-01-01T00:00:00Z").await;
    assert_eq!(of(&later, "audit:read")["reason"], "expired");
    assert_eq!(of(&later, "users:read")["reason"], "granted", "what is over denies nothing");
    for query in ["at=now", "address=here", "as=admin", "at=2026-01-01T00:00:00Z&at=2026-01-01T00:00:00Z"] {
        problem(&admin.get(&format!("{path}?{query}")).await, StatusCode::BAD_REQUEST, "invalid_query");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn permissions_and_their_holders_are_listed() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    log_reader(&mut admin).await;
    let all = is_documented(&admin.get("/api/v1/permissions").await, "get", "/api/v1/permissions");
    let audit = all["data"].as_array().unwrap().iter().find(|one| one["name"] == "audit:read").unwrap();
    let roles: Vec<_> = audit["roles"].as_array().unwrap().iter().map(|role| role["name"].as_str().unwrap()).collect();
    assert_eq!(roles, ["Admin", "Manager", "External auditor", "Log reader"]);
    assert!(!all.to_string().contains("platform."), "what nobody here can hold is not listed");
    let path = "/api/v1/permissions/{permission}/holders";
    let holders = is_documented(&admin.get("/api/v1/permissions/audit:read/holders").await, "get", path);
    let them = |user: &serde_json::Value| user["email"] == "user@acme.example";
    assert!(holders["users"].as_array().unwrap().iter().any(them), "{holders}");
    assert_eq!(holders["built_in"].as_array().unwrap().len(), 2);
    for nowhere in ["users:fly", "users", "platform.orgs:read", "%00", "users%3Aread%2F"] {
        let answer = admin.get(&format!("/api/v1/permissions/{nowhere}/holders")).await;
        problem(&answer, StatusCode::NOT_FOUND, "not_found");
    }
}

//! Decisions for services, as the AuthZEN Authorization API 1.0 shapes them.

use super::{
    documented::is_documented,
    roles::{id_of, made},
    *,
};
use crate::harness::World;
use serde_json::{Value, json as object};

const HERE: &str = "/api/v1/decisions";

/// Acme's user may delete backups of staging; who they are.
async fn deleter(admin: &mut Client) -> String {
    let (user, _) = user(admin, "user@acme.example").await;
    let role = object!({"name": "Cleaner", "reason": "Tests", "grants": [{"permission": "backups:delete", "effect": "allow",
        "when": [[{"test": "attribute", "name": "environment", "is": "equals", "values": [{"type": "text", "value": "staging"}]},
                  {"test": "address", "ranges": ["192.0.2.0/24"]}]]}]});
    let (role, _) = made(admin, &role.to_string()).await;
    let held = format!("/api/v1/users/{user}/roles/{}", id_of(&role));
    assert_eq!(admin.json(Method::PUT, &held, "{}", &[]).await.status, StatusCode::OK);
    user
}

fn question(user: &str, action: &str, environment: &str) -> Value {
    object!({"subject": {"type": "user", "id": user}, "action": {"name": action},
             "resource": {"type": "backups", "id": "b-17", "properties": {"environment": environment}},
             "context": {"ip_address": "192.0.2.17", "method": "DELETE"}})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_asks_and_is_told_why() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let user = deleter(&mut admin).await;
    let mut decide = async |question: Value| {
        let answer = admin.json(Method::POST, HERE, &question.to_string(), &[]).await;
        let body = is_documented(&answer, "post", HERE);
        (body["decision"].as_bool().unwrap(), body["context"]["reason"].as_str().unwrap().to_owned())
    };
    let no = |reason: &str| (false, reason.to_owned());
    assert_eq!(decide(question(&user, "delete", "staging")).await, (true, "granted".to_owned()));
    assert_eq!(decide(question(&user, "delete", "production")).await, no("condition-false"));
    assert_eq!(decide(question(&user, "execute", "staging")).await, no("not-granted"));
    assert_eq!(decide(question(&user, "shred", "staging")).await, no("permission-unknown"));
    let mut elsewhere = question(&user, "delete", "staging");
    elsewhere["context"] = object!({"time": "2026-01-01T00:00:00Z"});
    assert_eq!(decide(elsewhere).await, no("condition-unclear"));
    let mut misspelt = question(&user, "delete", "staging");
    misspelt["resource"]["properties"] = object!({"enviroment": "staging"});
    assert_eq!(decide(misspelt).await, no("attribute-unknown"));
    let mut key = question(&user, "delete", "staging");
    key["subject"]["type"] = "api_key".into();
    assert_eq!(decide(key).await, no("subject-unknown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organizations_user_is_nobody() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut other = world.signed_in("globex", "admin@globex.example").await;
    let foreign = user(&mut other, "admin@globex.example").await.0;
    let nobody = "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001";
    let mut decide = async |user: &str| {
        let mut answer =
            json(&admin.json(Method::POST, HERE, &question(user, "read", "staging").to_string(), &[]).await);
        assert!(answer["context"]["id"].is_string(), "{answer}");
        answer["context"]["id"] = Value::Null;
        answer
    };
    assert_eq!(decide(&foreign).await, decide(nobody).await);
    assert_eq!(decide(&foreign).await["context"]["reason"], "subject-unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_takes_what_is_missing_from_around_it() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let user = deleter(&mut admin).await;
    let path = "/api/v1/decisions/batch";
    let batch = |semantic: &str| {
        let mut batch = question(&user, "delete", "staging");
        batch["evaluations"] = object!([
            {},
            {"action": {"name": "execute"}},
            {"resource": {"type": "artifacts"}, "action": {"name": "read"}},
        ]);
        batch["options"] = object!({"evaluations_semantic": semantic});
        batch.to_string()
    };
    for (semantic, expected) in [
        ("execute_all", &[true, false, true][..]),
        ("deny_on_first_deny", &[true, false]),
        ("permit_on_first_permit", &[true]),
    ] {
        let answer = is_documented(&admin.json(Method::POST, path, &batch(semantic), &[]).await, "post", path);
        let decided: Vec<_> =
            answer["evaluations"].as_array().unwrap().iter().map(|one| one["decision"].as_bool().unwrap()).collect();
        assert_eq!(decided, expected, "{semantic}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_may_do_and_who_may_do_it_is_found() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let user = deleter(&mut admin).await;
    let path = "/api/v1/decisions/search/actions";
    let mut search = question(&user, "", "staging");
    search.as_object_mut().unwrap().remove("action");
    let found = is_documented(&admin.json(Method::POST, path, &search.to_string(), &[]).await, "post", path);
    assert_eq!(found["results"], object!([{"name": "delete"}]), "what a user may do to backups of staging");
    search["resource"]["type"] = "No Such Type".into();
    assert_eq!(json(&admin.json(Method::POST, path, &search.to_string(), &[]).await)["results"], object!([]));

    let path = "/api/v1/decisions/search/subjects";
    let who = |environment: &str| {
        let mut search = question("", "delete", environment);
        search["subject"] = object!({"type": "user"});
        search
    };
    let mut find = async |search: Value| {
        let found = is_documented(&admin.json(Method::POST, path, &search.to_string(), &[]).await, "post", path);
        assert_eq!(found["page"]["next_token"], "");
        found["results"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let (staging, production) = (find(who("staging")).await, find(who("production")).await);
    assert!(staging.contains(&user) && !production.contains(&user));
    assert_eq!(staging.len(), production.len() + 1, "the admins, and them");
    let mut later = who("staging");
    later["page"] = object!({"token": staging.last()});
    assert_eq!(find(later).await.len(), 0, "a page begins behind its token");
    let mut keys = who("staging");
    keys["subject"]["type"] = "api_key".into();
    assert_eq!(find(keys).await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_longest_question_is_answered_and_kept() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let quotes = "\"".repeat(256);
    let mut longest = question(&quotes, &"x".repeat(64), &quotes);
    longest["resource"]["id"] = quotes.clone().into();
    longest["resource"]["type"] = "y".repeat(64).into();
    let answer = is_documented(&admin.json(Method::POST, HERE, &longest.to_string(), &[]).await, "post", HERE);
    assert!(answer["context"]["id"].is_string(), "{answer}");
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let mut known = question(&user, "delete", &quotes);
    known["resource"]["id"] = quotes.into();
    let answer = is_documented(&admin.json(Method::POST, HERE, &known.to_string(), &[]).await, "post", HERE);
    assert!(answer["context"]["id"].is_string(), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_question_is_refused() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let with = |place: &str, value: Value| {
        let mut wrong = question(&user, "read", "staging");
        *wrong.pointer_mut(place).unwrap() = value;
        wrong
    };
    let properties = |name: &str, value: Value| with("/resource/properties", object!({name: value}));
    let many: serde_json::Map<String, Value> = (0..41).map(|n| (format!("a{n}"), n.into())).collect();
    for (wrong, field) in [
        (object!({}), "subject"),
        (with("/subject/id", Value::Null), "subject.id"),
        (with("/subject/id", "x".repeat(257).into()), "subject.id"),
        (with("/subject/id", "\u{0}".into()), "subject.id"),
        (with("/action/name", "x".repeat(65).into()), "action.name"),
        (with("/resource/type", "x".repeat(65).into()), "resource.type"),
        (with("/resource/id", "\u{0}".into()), "resource.id"),
        (properties("environment", "\u{1}".into()), "resource.properties.environment"),
        (with("/context", object!({"ip_address": "here"})), "context.ip_address"),
        (properties("owner", "Ana".into()), "resource.properties.owner"),
        (properties("workspace", 7.into()), "resource.properties.workspace"),
        (properties("environment", "x".repeat(257).into()), "resource.properties.environment"),
        (with("/resource/properties", many.into()), "resource.properties"),
        (object!({"subject": {"type": "user", "id": user, "role": "admin"}}), "subject.role"),
        (object!({"decision": true}), "decision"),
    ] {
        let answer = admin.json(Method::POST, HERE, &wrong.to_string(), &[]).await;
        let body = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(body["errors"][0]["field"], field, "{body}");
    }
    let too_many = object!({"evaluations": vec![question(&user, "read", "staging"); 101]});
    let answer = admin.json(Method::POST, "/api/v1/decisions/batch", &too_many.to_string(), &[]).await;
    let body = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
    assert_eq!(body["errors"][0]["field"], "evaluations", "{body}");
}

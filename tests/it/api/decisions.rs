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

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_is_listed_and_opened() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let user = deleter(&mut admin).await;
    let decided =
        json(&admin.json(Method::POST, HERE, &question(&user, "delete", "production").to_string(), &[]).await);
    let id = decided["context"]["id"].as_str().unwrap().to_owned();
    let list = async |admin: &mut Client, query: &str| {
        is_documented(&admin.get(&format!("{HERE}?{query}")).await, "get", HERE)["data"].as_array().unwrap().clone()
    };
    let found =
        list(&mut admin, "person=user@acme&permission=backups:delete&outcome=denied&reason=condition-false").await;
    assert_eq!((found.len(), found[0]["id"].as_str()), (1, Some(id.as_str())));
    assert_eq!(found[0]["resource"], object!({"id": "b-17", "properties": {"environment": "production"}}));
    assert_eq!(list(&mut admin, "outcome=allowed&permission=backups:delete").await.len(), 0);
    for (wrong, field) in
        [("reason=because", "reason"), ("outcome=maybe", "outcome"), ("form=x", "form"), ("from=today", "from")]
    {
        let refused = problem(&admin.get(&format!("{HERE}?{wrong}")).await, StatusCode::BAD_REQUEST, "invalid_query");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }

    let path = "/api/v1/decisions/{id}";
    let opened = is_documented(&admin.get(&format!("{HERE}/{id}")).await, "get", path);
    let by = "Cleaner → allows backups:delete when its environment is “staging” and from 192.0.2.0/24";
    assert_eq!(opened["then"]["decided_by"], by);
    let line = &opened["now"]["trace"][0];
    assert_eq!((&opened["now"]["reason"], &line["decides"]), (&object!("condition-false"), &object!(true)));
    assert_eq!(
        line["tests"][0][0],
        object!({"test": "its environment is “staging”", "saw": "“production”", "truth": "no"})
    );
    assert_eq!(line["tests"][0][1]["truth"], "yes");
    let mut other = world.signed_in("globex", "admin@globex.example").await;
    problem(&other.get(&format!("{HERE}/{id}")).await, StatusCode::NOT_FOUND, "not_found");
    assert_eq!(list(&mut other, "").await.len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_that_are_kept_here_are_searched_and_others_are_not_called_none() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let workspace = world.keep_workspace(&mut admin, "Kept").await;
    // Their own account they may change, and read the workspace that is named.
    let role = object!({"name": "Own", "reason": "Tests", "grants": [
        {"permission": "users:update", "effect": "allow", "when": [[{"test": "owner"}]]},
        {"permission": "workspaces:manage", "effect": "allow", "when": [[{"test": "workspace", "workspace": workspace}]]}]});
    let (role, _) = made(&mut admin, &role.to_string()).await;
    let held = format!("/api/v1/users/{user}/roles/{}", id_of(&role));
    assert_eq!(admin.json(Method::PUT, &held, "{}", &[]).await.status, StatusCode::OK);

    let path = "/api/v1/decisions/search/resources";
    let search = |of: &str, action: &str| object!({"subject": {"type": "user", "id": user}, "action": {"name": action}, "resource": {"type": of}});
    let mut find = async |search: &Value| {
        is_documented(&admin.json(Method::POST, path, &search.to_string(), &[]).await, "post", path)
    };
    let own = find(&search("users", "update")).await;
    assert_eq!(own["results"], object!([{"type": "users", "id": user, "properties": {"owner": user}}]));
    let one = find(&search("workspaces", "manage")).await;
    let expected = object!([{"type": "workspaces", "id": workspace, "properties": {"workspace": workspace}}]);
    assert_eq!(one["results"], expected);
    assert_eq!(find(&search("roles", "manage")).await["results"], object!([]));
    let mut nobody = search("users", "read");
    nobody["subject"]["id"] = "7f3d1c5e-6d2b-4f0a-9a57-0c0ffee00001".into();
    assert_eq!(find(&nobody).await["results"], object!([]));

    // Page by page, all of them, each once; and what is found is what a decision says.
    let (mut all, mut token, mut page) = (Vec::new(), String::new(), search("users", "read"));
    loop {
        page["page"] = object!({"token": token, "limit": 7});
        let found = find(&page).await;
        assert!(found["results"].as_array().unwrap().len() <= 7);
        all.extend(found["results"].as_array().unwrap().clone());
        token = found["page"]["next_token"].as_str().unwrap().to_owned();
        if token.is_empty() {
            break;
        }
    }
    let there = world.sql("SELECT count(*)::text FROM users u JOIN orgs o ON o.id = u.org_id WHERE o.slug = 'acme' AND u.status <> 'removed'").await;
    assert_eq!(all.len().to_string(), there);
    let asked =
        object!({"subject": {"type": "user", "id": user}, "action": {"name": "update"}, "resource": own["results"][0]});
    assert_eq!(json(&admin.json(Method::POST, HERE, &asked.to_string(), &[]).await)["decision"], true);

    let mut refused = async |search: Value, code: &str| {
        problem(&admin.json(Method::POST, path, &search.to_string(), &[]).await, StatusCode::UNPROCESSABLE_ENTITY, code)
    };
    for of in ["backups", "invoices", "settings", "No Such Type"] {
        let elsewhere = refused(search(of, "read"), "resources_elsewhere").await;
        assert!(elsewhere["detail"].as_str().unwrap().contains("/api/v1/decisions/batch"), "{elsewhere}");
    }
    let with = |name: &str, value: Value| {
        let mut wrong = search("users", "read");
        wrong[name] = value;
        wrong
    };
    for (wrong, field) in [
        (with("page", object!({"token": "x"})), "page.token"),
        (with("page", object!({"limit": 0})), "page.limit"),
        (with("page", object!({"limit": 1001})), "page.limit"),
        (with("resource", object!({"type": "users", "properties": {"owner": user}})), "resource.properties"),
        (with("subject", object!({"type": "user"})), "subject.id"),
    ] {
        assert_eq!(refused(wrong, "invalid").await["errors"][0]["field"], field);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_finds_the_endpoints_by_the_address_alone() {
    let world = World::demo().await;
    let answer = world.visitor().get("/.well-known/authzen-configuration").await;
    assert_eq!((answer.status, head(&answer, "content-type")), (StatusCode::OK, "application/json"));
    let body = json(&answer);
    let origin = body["policy_decision_point"].as_str().unwrap();
    assert!(!origin.ends_with('/') && origin.contains("://"), "{origin}");
    let routes: Vec<&str> =
        bulkhead::routes::list(true).iter().filter(|route| route.method == "POST").map(|route| route.path).collect();
    for (name, endpoint) in body.as_object().unwrap().iter().filter(|(name, _)| name.ends_with("_endpoint")) {
        let path = endpoint.as_str().unwrap().strip_prefix(origin).unwrap();
        assert!(routes.contains(&path), "{name}: {path} is no address of ours");
    }
    assert_eq!(body.as_object().unwrap().len(), 6, "the two that must be there, and every other that we have: {body}");
}

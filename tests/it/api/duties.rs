//! Conflicting duties: made, read, changed with what was seen, deleted; who holds both, and what asks for a reason.

use super::{
    documented::is_documented,
    roles::{id_of, made as made_role, role},
    *,
};
use crate::harness::World;

const PATH: &str = "/api/v1/duty-conflicts";
const ONE: &str = "/api/v1/duty-conflicts/{id}";
const HOLDERS: &str = "/api/v1/duty-conflicts/{id}/holders";
const HELD: &str = "/api/v1/users/{id}/roles/{role}";

fn eyes(name: &str, rule: &str) -> Value {
    let permissions = ["settings:read", "audit:read"];
    serde_json::json!({"name": name, "permissions": permissions, "why": "One or the other.", "rule": rule})
}

/// Makes a conflict; where it is, and its tag.
async fn made(client: &mut Client, rule: &str) -> (String, String) {
    let answer = client.json(Method::POST, PATH, &eyes("Eyes", rule).to_string(), &[]).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    (location(&answer).to_owned(), head(&answer, "etag").to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_made_read_changed_and_deleted() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut new = eyes("Eyes", "ask");
    new.as_object_mut().unwrap().remove("rule");
    let key = [("idempotency-key", "duties-1")];
    let created = admin.json(Method::POST, PATH, &new.to_string(), &key).await;
    assert_eq!(created.status, StatusCode::CREATED, "{}", created.text());
    let read = is_documented(&created, "post", PATH);
    assert_eq!(read["permissions"], serde_json::json!(["audit:read", "settings:read"]), "in one order");
    assert_eq!((read["rule"].as_str(), read["version"].as_i64()), (Some("ask"), Some(1)));
    let again = admin.json(Method::POST, PATH, &new.to_string(), &key).await;
    assert_eq!((again.status, location(&again)), (StatusCode::CREATED, location(&created)), "sent twice, made once");
    let taken = admin.json(Method::POST, PATH, &new.to_string(), &[]).await;
    assert_eq!(problem(&taken, StatusCode::UNPROCESSABLE_ENTITY, "invalid")["errors"][0]["field"], "second");

    let here = location(&created).to_owned();
    let tag = head(&created, "etag").to_owned();
    let unchanged = ask(&mut admin, Method::GET, &here, &[("if-none-match", &tag)]).await;
    assert_eq!(unchanged.status, StatusCode::NOT_MODIFIED);
    is_documented(&admin.get(&here).await, "get", ONE);

    let body = eyes("Two eyes", "refuse").to_string();
    let put = async |admin: &mut Client, headers: &[(&str, &str)]| admin.json(Method::PUT, &here, &body, headers).await;
    problem(&put(&mut admin, &[]).await, StatusCode::PRECONDITION_REQUIRED, "precondition_required");
    let changed = put(&mut admin, &[("if-match", &tag)]).await;
    let read = is_documented(&changed, "put", ONE);
    assert_eq!((read["name"].as_str(), read["rule"].as_str()), (Some("Two eyes"), Some("refuse")));
    problem(&put(&mut admin, &[("if-match", &tag)]).await, StatusCode::PRECONDITION_FAILED, "stale_version");

    let list = is_documented(&admin.get(PATH).await, "get", PATH);
    let row = list["data"].as_array().unwrap().iter().find(|row| row["name"] == "Two eyes").unwrap();
    let holders = is_documented(&admin.get(&format!("{here}/holders")).await, "get", HOLDERS);
    assert_eq!(holders["built_in"][0]["role"], "manager");
    let named = holders["users"].as_array().unwrap().len() as i64;
    assert_eq!(row["holders"].as_i64(), holders["built_in"][0]["holders"].as_i64().map(|built_in| built_in + named));

    let tag = head(&changed, "etag").to_owned();
    let delete = async |admin: &mut Client, tag: &str| ask(admin, Method::DELETE, &here, &[("if-match", tag)]).await;
    problem(&delete(&mut admin, "\"v1\"").await, StatusCode::PRECONDITION_FAILED, "stale_version");
    assert_eq!(delete(&mut admin, &tag).await.status, StatusCode::NO_CONTENT);
    problem(&delete(&mut admin, &tag).await, StatusCode::NOT_FOUND, "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_refused_field_by_field() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let with = |field: &str, value: Value| {
        let mut body = eyes("Eyes", "ask");
        body[field] = value;
        body
    };
    for (body, field) in [
        (serde_json::json!({}), "name"),
        (with("name", "".into()), "name"),
        (with("name", "Ey\u{202e}es".into()), "name"),
        (with("permissions", serde_json::json!(["audit:read"])), "permissions"),
        (with("permissions", serde_json::json!(["audit:read", 7])), "permissions[1]"),
        (with("permissions", serde_json::json!(["audit:read", "audit:read"])), "second"),
        (with("permissions", serde_json::json!(["nothing:here", "audit:read"])), "first"),
        (with("why", "".into()), "why"),
        (with("why", "x".repeat(501).into()), "why"),
        (with("rule", "never".into()), "rule"),
        (with("org_id", "x".into()), "org_id"),
    ] {
        let answer = admin.json(Method::POST, PATH, &body.to_string(), &[]).await;
        let refused = problem(&answer, StatusCode::UNPROCESSABLE_ENTITY, "invalid");
        assert_eq!(refused["errors"][0]["field"], field, "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn giving_both_takes_a_reason_or_is_refused_with_a_code_of_its_own() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let (reader, _) = made_role(&mut admin, &role("Reader", "audit:read", "allow")).await;
    let (looker, _) = made_role(&mut admin, &role("Looker", "settings:read", "allow")).await;
    let held = |role: &str| format!("/api/v1/users/{user}/roles/{}", id_of(role));
    let (conflict, tag) = made(&mut admin, "ask").await;
    assert_eq!(admin.json(Method::PUT, &held(&reader), "{}", &[]).await.status, StatusCode::OK);
    let asked = admin.json(Method::PUT, &held(&looker), "{}", &[]).await;
    let asked = problem(&asked, StatusCode::CONFLICT, "duty_conflict");
    assert_eq!(asked["errors"][0]["field"], "reason");
    let sentence = "user@acme.example would newly hold both audit:read and settings:read (conflict: Eyes).";
    assert_eq!(asked["errors"][0]["message"], sentence);

    let body = eyes("Eyes", "refuse").to_string();
    assert_eq!(admin.json(Method::PUT, &conflict, &body, &[("if-match", &tag)]).await.status, StatusCode::OK);
    let reason = r#"{"reason":"While Bo is away"}"#;
    let refused = admin.json(Method::PUT, &held(&looker), reason, &[]).await;
    problem(&refused, StatusCode::CONFLICT, "duty_refused");
    let both = serde_json::json!({"role": {"name": "Both", "reason": "x", "grants": [
        {"permission": "audit:read", "effect": "allow"}, {"permission": "settings:read", "effect": "allow"}]}});
    let preview = admin.json(Method::POST, "/api/v1/roles/preview", &both.to_string(), &[]).await;
    let preview = is_documented(&preview, "post", "/api/v1/roles/preview");
    assert_eq!(
        (preview["duties"][0]["name"].as_str(), preview["duties"][0]["rule"].as_str()),
        (Some("Eyes"), Some("refuse"))
    );
    assert_eq!(preview["duties"][0]["roles"], serde_json::json!(["Both"]));
    let saved = admin.json(Method::POST, "/api/v1/roles", &both["role"].to_string(), &[]).await;
    problem(&saved, StatusCode::CONFLICT, "duty_refused");

    let body = eyes("Eyes", "ask").to_string();
    let tag = head(&admin.get(&conflict).await, "etag").to_owned();
    assert_eq!(admin.json(Method::PUT, &conflict, &body, &[("if-match", &tag)]).await.status, StatusCode::OK);
    let given = admin.json(Method::PUT, &held(&looker), reason, &[]).await;
    is_documented(&given, "put", HELD);
    let holders = json(&admin.get(&format!("{conflict}/holders")).await);
    let holds = |row: &Value| row["email"] == "user@acme.example";
    assert!(holders["users"].as_array().unwrap().iter().any(holds), "{holders}");
    // A built-in role is asked about in the same way.
    let (viewer, tag) = super::user(&mut admin, "viewer@acme.example").await;
    assert_eq!(
        admin.json(Method::PUT, &format!("/api/v1/users/{viewer}/roles/{}", id_of(&reader)), reason, &[]).await.status,
        StatusCode::OK
    );
    let user = format!("/api/v1/users/{viewer}");
    let patch =
        async |admin: &mut Client, body: &str| admin.json(Method::PATCH, &user, body, &[("if-match", &tag)]).await;
    assert_eq!(patch(&mut admin, r#"{"role":"user"}"#).await.status, StatusCode::OK);
    let tag = head(&admin.get(&user).await, "etag").to_owned();
    let back = admin.json(Method::PATCH, &user, r#"{"role":"viewer"}"#, &[("if-match", &tag)]).await;
    problem(&back, StatusCode::CONFLICT, "duty_conflict");
    let back =
        admin.json(Method::PATCH, &user, r#"{"role":"viewer","reason":"Back again"}"#, &[("if-match", &tag)]).await;
    assert_eq!(back.status, StatusCode::OK, "{}", back.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_without_a_body_of_its_own_takes_a_reason_in_one() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let (user, _) = user(&mut admin, "user@acme.example").await;
    let (gag, tag) = made_role(&mut admin, &role("Gag", "settings:read", "deny")).await;
    let (reader, _) = made_role(&mut admin, &role("Reader", "audit:read", "allow")).await;
    let (looker, _) = made_role(&mut admin, &role("Looker", "settings:read", "allow")).await;
    let held = |role: &str| format!("/api/v1/users/{user}/roles/{}", id_of(role));
    made(&mut admin, "ask").await;
    for role in [&gag, &reader, &looker] {
        assert_eq!(admin.json(Method::PUT, &held(role), "{}", &[]).await.status, StatusCode::OK);
    }
    let taken = ask(&mut admin, Method::DELETE, &held(&gag), &[]).await;
    assert_eq!(problem(&taken, StatusCode::CONFLICT, "duty_conflict")["errors"][0]["field"], "reason");
    let unknown = admin.json(Method::DELETE, &held(&gag), r#"{"reasons":"x"}"#, &[]).await;
    assert_eq!(problem(&unknown, StatusCode::UNPROCESSABLE_ENTITY, "invalid")["errors"][0]["field"], "reasons");
    let reason = r#"{"reason":"Only one is left"}"#;
    let taken = admin.json(Method::DELETE, &held(&gag), reason, &[]).await;
    assert_eq!(taken.status, StatusCode::NO_CONTENT, "{}", taken.text());
    assert_eq!(admin.json(Method::PUT, &held(&gag), "{}", &[]).await.status, StatusCode::OK);
    let deleted = ask(&mut admin, Method::DELETE, &gag, &[("if-match", &tag)]).await;
    problem(&deleted, StatusCode::CONFLICT, "duty_conflict");
    let deleted = admin.json(Method::DELETE, &gag, reason, &[("if-match", &tag)]).await;
    assert_eq!(deleted.status, StatusCode::NO_CONTENT, "{}", deleted.text());

    let invite = |reason: &str| serde_json::json!({"emails": ["mo@acme.example"], "role": "manager", "reason": reason});
    let asked = admin.json(Method::POST, "/api/v1/invitations", &invite("").to_string(), &[]).await;
    problem(&asked, StatusCode::CONFLICT, "duty_conflict");
    let invited = admin.json(Method::POST, "/api/v1/invitations", &invite("Runs the desk").to_string(), &[]).await;
    let invited = is_documented(&invited, "post", "/api/v1/invitations");
    assert!(invited["results"][0]["user_id"].is_string(), "{invited}");
}

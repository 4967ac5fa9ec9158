//! The pages of recorded decisions and of denials: found, opened with why, and reached by the reference that was shown.

use crate::harness::{Client, World};
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// acme's admin, the id of acme's user, and a role that lets them delete backups of staging.
async fn world() -> (World, Client, String, String) {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let user = world.sql("SELECT id::text FROM users WHERE email = 'user@acme.example'").await;
    let role = json!({"name": "<b>Cleaner", "reason": "Tests", "grants": [{"permission": "backups:delete", "effect": "allow",
        "when": [[{"test": "attribute", "name": "environment", "is": "equals", "values": [{"type": "text", "value": "staging"}]},
                  {"test": "address", "ranges": ["192.0.2.0/24"]}]]}]});
    let made = admin.json(Method::POST, "/api/v1/roles", &role.to_string(), &[]).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let role = made.location().rsplit('/').next().unwrap().to_owned();
    let held = admin.json(Method::PUT, &format!("/api/v1/users/{user}/roles/{role}"), "{}", &[]).await;
    assert_eq!(held.status, StatusCode::OK);
    (world, admin, user, role)
}

async fn decide(admin: &mut Client, user: &str, environment: &str, address: &str) -> Value {
    let question = json!({"subject": {"type": "user", "id": user}, "action": {"name": "delete"},
        "resource": {"type": "backups", "id": "b-<17>", "properties": {"environment": environment}},
        "context": {"ip_address": address}});
    let answer = admin.json(Method::POST, "/api/v1/decisions", &question.to_string(), &[]).await;
    serde_json::from_str(&answer.text()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_is_opened_with_what_every_test_saw() {
    let (_world, mut admin, user, _) = world().await;
    let answer = decide(&mut admin, &user, "production", "198.51.100.7").await;
    assert_eq!(answer["context"]["reason"], "condition-false");
    let id = answer["context"]["id"].as_str().unwrap();
    let list = admin.get("/t/acme/decisions").await.text();
    assert!(list.contains(&format!("href=\"/t/acme/decisions/{id}\"")) && list.contains("b-&lt;17&gt;"), "{list}");
    let page = admin.get(&format!("/t/acme/decisions/{id}")).await.text();
    for shown in [
        "was denied backups:delete",
        "192.0.2.0/24",
        "It saw: 198.51.100.7",
        "It saw: “production”",
        "Does not hold",
        "condition-false",
        "&lt;b&gt;Cleaner → allows backups:delete when its environment is “staging” and from 192.0.2.0/24",
        "Neither roles nor what services have were changed since.",
        "admin@acme.example",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
    assert!(!page.contains("<b>Cleaner"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_then_stands_apart_from_what_is_said_now() {
    let (_world, mut admin, user, role) = world().await;
    let answer = decide(&mut admin, &user, "production", "192.0.2.7").await;
    let id = answer["context"]["id"].as_str().unwrap();
    let always =
        json!({"name": "Cleaner", "reason": "Tests", "grants": [{"permission": "backups:delete", "effect": "allow"}]});
    let seen = admin.get(&format!("/api/v1/roles/{role}")).await;
    let tag = seen.headers["etag"].to_str().unwrap().to_owned();
    let path = format!("/api/v1/roles/{role}");
    assert_eq!(admin.json(Method::PUT, &path, &always.to_string(), &[("if-match", &tag)]).await.status, StatusCode::OK);
    let page = admin.get(&format!("/t/acme/decisions/{id}")).await.text();
    for shown in [
        "It was denied then, and would be allowed now.",
        "As it was recorded.",
        "Roles have changed since",
        "changed what a role allows",
        "when its environment is “staging”",
        "→ allows backups:delete always",
    ] {
        assert!(page.contains(shown), "{shown}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn decisions_are_filtered_and_an_empty_list_says_why() {
    let (world, mut admin, user, _) = world().await;
    decide(&mut admin, &user, "production", "192.0.2.7").await;
    let found = async |admin: &mut Client, query: &str| {
        let answer = admin.get(&format!("/t/acme/decisions?{query}")).await;
        assert_eq!(answer.status, StatusCode::OK, "{query}");
        let text = answer.text();
        assert!(!text.contains("<script>alert"), "{query}");
        text.contains("b-&lt;17&gt;")
    };
    for (query, is_found) in [
        ("person=USER@acme", true),
        ("person=nobody", false),
        ("permission=backups:delete", true),
        ("permission=backups", false),
        ("outcome=denied", true),
        ("outcome=allowed", false),
        ("reason=condition-false", true),
        ("reason=granted", false),
        ("reason=no-such-reason", true),
        ("from=2999-01-01", false),
        ("until=2000-01-01", false),
        ("from=tomorrow&until=%3Cscript%3Ealert(1)%3C/script%3E", true),
        ("person=%3Cscript%3Ealert(1)%3C/script%3E", false),
        ("after=nonsense", true),
    ] {
        assert_eq!(found(&mut admin, query).await, is_found, "{query}");
    }
    let mut other = world.signed_in("globex", "admin@globex.example").await;
    let nothing = other.get("/t/globex/decisions").await.text();
    assert!(nothing.contains("No decision yet") && !nothing.contains("filter-form"), "{nothing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denied_person_is_told_what_to_send_to_whom_and_an_admin_opens_it() {
    let (world, mut admin, _, _) = world().await;
    let mut user = world.signed_in("acme", "user@acme.example").await;
    let denied = user.get("/t/acme/settings").await;
    let text = denied.text();
    assert_eq!(denied.status, StatusCode::FORBIDDEN);
    let reference = denied.headers["x-request-id"].to_str().unwrap().to_owned();
    assert!(text.contains("Reference ") && text.contains(&reference), "{text}");
    assert!(text.contains("can give it."), "who can: {text}");
    assert!(text.contains("It needs settings:read"), "{text}");

    let opened = admin.get(&format!("/t/acme/references?reference=%20{reference}%20")).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.text());
    let event = opened.location().rsplit('/').next().unwrap().to_owned();
    // Operators are sent references as well, of any organization.
    let mut operator = world.signed_in("platform", "admin@platform.example").await;
    assert!(operator.get("/op/audit").await.text().contains("action=\"/op/references\""));
    let there = operator.get(&format!("/op/references?reference={reference}")).await;
    assert_eq!((there.status, there.location()), (StatusCode::SEE_OTHER, format!("/op/audit/{event}").as_str()));
    let nothing = operator.get("/op/references?reference=0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f").await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
    assert!(nothing.text().contains("No event has this reference."), "{}", nothing.text());

    let event = admin.get(opened.location()).await.text();
    for shown in ["not-granted", "As it was recorded.", "What the function says of the same moment and address"] {
        assert!(event.contains(shown), "{shown}: {event}");
    }

    // The same through the API.
    let problem = user.get("/api/v1/settings").await;
    let body: Value = serde_json::from_str(&problem.text()).unwrap();
    let urn = body["instance"].as_str().unwrap();
    assert!(body["detail"].as_str().unwrap().contains("The id in instance is a reference"), "{body}");
    let opened = admin.get(&format!("/t/acme/references?reference={urn}")).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.text());
    assert!(admin.get(opened.location()).await.text().contains("was denied"));
    assert_ne!(opened.location(), "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_organizations_reference_is_like_none() {
    let (world, mut admin, user, _) = world().await;
    let decision = decide(&mut admin, &user, "production", "192.0.2.7").await;
    let decision = decision["context"]["id"].as_str().unwrap();
    let mut person = world.signed_in("acme", "user@acme.example").await;
    let request = person.get("/t/acme/settings").await.headers["x-request-id"].to_str().unwrap().to_owned();
    let mut other = world.signed_in("globex", "admin@globex.example").await;
    let mut ask = async |reference: &str| {
        let answer = other.get(&format!("/t/globex/references?reference={reference}")).await;
        (answer.status, answer.stable_text())
    };
    let none = ask("0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f").await;
    assert_eq!(none.0, StatusCode::NOT_FOUND);
    assert!(none.1.contains("Nothing in this organization has this reference."), "{}", none.1);
    assert_eq!(ask(decision).await, none);
    assert_eq!(ask(&request).await, none);
    assert_eq!(admin.get(&format!("/t/acme/references?reference={decision}")).await.status, StatusCode::SEE_OTHER);

    for typed in ["tomorrow", "%3Cscript%3Ealert(1)%3C/script%3E", "0f0f", &"x".repeat(5000)] {
        let answer = admin.get(&format!("/t/acme/references?reference={typed}")).await;
        let text = answer.text();
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed:.20}");
        assert!(text.contains("Paste all of it.") && !text.contains("<script>alert"), "{typed:.20}");
    }
    assert_eq!(person.get("/t/acme/references?reference=x").await.status, StatusCode::FORBIDDEN);
    assert!(admin.get("/t/acme/audit").await.text().contains("action=\"/t/acme/references\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_reader_may_not_see_is_named() {
    let (world, mut admin, user, _) = world().await;
    let decision = decide(&mut admin, &user, "production", "192.0.2.7").await;
    let page = format!("/t/acme/decisions/{}", decision["context"]["id"].as_str().unwrap());
    let mut person = world.signed_in("acme", "user@acme.example").await;
    let refused = person.get(&page).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(refused.text().contains("audit:read"), "{}", refused.text());
    let reader = r#"{"name":"Log reader","grants":[{"permission":"audit:read","effect":"allow"}]}"#;
    let made = admin.json(Method::POST, "/api/v1/roles", reader, &[]).await;
    let role = made.location().rsplit('/').next().unwrap().to_owned();
    assert_eq!(
        admin.json(Method::PUT, &format!("/api/v1/users/{user}/roles/{role}"), "{}", &[]).await.status,
        StatusCode::OK
    );
    let text = person.get(&page).await.text();
    assert!(text.contains("takes roles:read, which your role does not have"), "{text}");
    assert!(!text.contains("Cleaner"), "no role is named: {text}");
}

//! The document and its page are there for everybody, and answers are as the document says.

use super::*;
use crate::harness::World;

#[tokio::test(flavor = "multi_thread")]
async fn anyone_may_read_how_it_is_used() {
    let world = World::demo().await;
    let mut visitor = world.visitor();
    let document = visitor.get("/api/openapi.json").await;
    assert_eq!((document.status, head(&document, "content-type")), (StatusCode::OK, "application/json"));
    assert_eq!(json(&document), *bulkhead::api::document());
    let page = visitor.get("/api/docs").await;
    assert_eq!(page.status, StatusCode::OK);
    let page = page.text();
    for (path, item) in bulkhead::api::document()["paths"].as_object().unwrap() {
        assert!(page.contains(path.as_str()), "{path}");
        for operation in item.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            assert!(page.contains(&format!("id=\"{id}\"")) && page.contains(&format!("href=\"#{id}\"")), "{id}");
        }
    }
    for code in bulkhead::problem::Code::ALL {
        assert!(page.contains(&format!("id=\"problem-{}\"", code.as_str())), "{code:?}");
    }
    // Every link to a schema leads to one.
    for link in page.split("href=\"#schema-").skip(1) {
        let name = link.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"schema-{name}\"")), "{name}");
    }
    let foreign = page.match_indices("src=\"http").count() + page.match_indices("@import").count();
    assert_eq!(foreign, 0, "nothing is loaded from elsewhere");
}

/// Every answer of the reading operations has exactly the fields its schema names.
#[tokio::test(flavor = "multi_thread")]
async fn answers_have_the_fields_the_document_names() {
    let world = World::demo().await;
    let document = bulkhead::api::document();
    let fields = |schema: &str| -> Vec<String> {
        let schema = &document["components"]["schemas"][schema];
        schema["properties"].as_object().unwrap_or_else(|| panic!("{schema}")).keys().cloned().collect()
    };
    let named = |value: &Value| -> Vec<String> {
        value.as_object().unwrap_or_else(|| panic!("{value}")).keys().cloned().collect()
    };
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    assert_eq!(named(&json(&admin.get("/api/v1/me").await)), fields("Me"));
    assert_eq!(named(&json(&admin.get("/api/v1/users").await)["data"][0]), fields("User"));
    assert_eq!(named(&json(&admin.get("/api/v1/sessions").await)["data"][0]), fields("Session"));
    assert_eq!(named(&json(&admin.get("/api/v1/settings").await)["data"][0]), fields("Setting"));
    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let org = world.sql("SELECT id::text FROM orgs WHERE slug = 'acme'").await;
    assert_eq!(named(&json(&op.get(&format!("/api/v1/orgs/{org}")).await)), fields("Org"));
    assert_eq!(named(&json(&op.get(&format!("/api/v1/orgs/{org}/provisioning")).await)), fields("Provisioning"));
    assert_eq!(named(&json(&op.get("/api/v1/plans").await)["data"][0]), fields("Plan"));
    let event = json(&op.get("/api/v1/platform/audit-events?limit=1").await)["data"][0].clone();
    assert_eq!(named(&event), fields("AuditEvent"), "for operators the organization's name is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn ending_the_session_that_asks_signs_out() {
    let world = World::demo().await;
    let mut user = world.signed_in("acme", "user@acme.example").await;
    let sessions = json(&user.get("/api/v1/sessions").await);
    let rows = sessions["data"].as_array().unwrap();
    let current = rows.iter().find(|session| session["current"] == true).unwrap()["id"].as_str().unwrap().to_owned();
    let answer = ask(&mut user, Method::DELETE, &format!("/api/v1/sessions/{current}"), &[]).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
    problem(&user.get("/api/v1/me").await, StatusCode::UNAUTHORIZED, "unauthenticated");
}

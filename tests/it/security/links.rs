//! E10, F13, F14: links in mails.

use crate::harness::{Client, World};
use axum::body::Body;
use http::{Request, StatusCode, header};

const PASSWORD: &str = "several quiet harbours at dawn";

async fn invite(world: &World, admin: &mut Client, email: &str) -> String {
    let answer = admin.post("/t/acme/users/invite", &[("emails", email), ("role", "user")]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    link(world, email).await
}

/// The path of the newest link in a waiting mail.
async fn link(world: &World, email: &str) -> String {
    let body = world
        .sql(&format!("SELECT body FROM mail_outbox WHERE recipient = '{email}' ORDER BY created_at LIMIT 1"))
        .await;
    let url = body.split_whitespace().find(|word| word.starts_with("http")).expect("a link in the mail").to_owned();
    url.strip_prefix("http://bulkhead.test").expect("the link starts with the public URL").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_works_once_and_signs_in() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let path = invite(&world, &mut admin, "new@acme.example").await;
    let mut browser = world.visitor();
    let page = browser.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("new@acme.example"));
    let weak = browser
        .post_as_is(&path, &[("name", "New Person"), ("password", "password123"), ("password_again", "password123")])
        .await;
    assert_eq!(weak.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(weak.text().contains("New Person") && !weak.text().contains("password123"));
    let fields = [("name", "New Person"), ("password", PASSWORD), ("password_again", PASSWORD)];
    let joined = browser.post_as_is(&path, &fields).await;
    assert_eq!((joined.status, joined.location()), (StatusCode::SEE_OTHER, "/t/acme"));
    assert_eq!(browser.get("/t/acme/users").await.status, StatusCode::OK);
    let again = world.visitor().post_as_is(&path, &fields).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);
    assert_eq!(world.visitor().sign_in("acme", "new@acme.example", PASSWORD).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reset_link_works_once_and_ends_every_session() {
    let world = World::demo().await;
    let mut user = world.signed_in("acme", "user@acme.example").await;
    let known = world.visitor().post_as_is("/forgot/acme", &[("email", "user@acme.example")]).await;
    let unknown = world.visitor().post_as_is("/forgot/acme", &[("email", "nobody@acme.example")]).await;
    assert_eq!((known.status, known.stable_text()), (unknown.status, unknown.stable_text()));
    world.app.tasks().close();
    world.app.tasks().wait().await;
    let path = link(&world, "user@acme.example").await;
    let fields = [("password", PASSWORD), ("password_again", PASSWORD)];
    let mut browser = world.visitor();
    assert_eq!(browser.get(&path).await.status, StatusCode::OK);
    let done = browser.post_as_is(&path, &fields).await;
    assert_eq!((done.status, done.location()), (StatusCode::SEE_OTHER, "/login/acme"));
    assert_eq!(user.get("/account").await.status, StatusCode::SEE_OTHER, "the old session is over");
    assert_eq!(world.visitor().post_as_is(&path, &fields).await.status, StatusCode::NOT_FOUND);
    let old = world.visitor().sign_in("acme", "user@acme.example", bulkhead_domain::seed::DEMO_PASSWORD).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_links_look_alike() {
    let world = World::demo().await;
    let mut visitor = world.visitor();
    let made_up = format!("/invite/bhi_{}", "A".repeat(43));
    let mut seen = Vec::new();
    for path in [made_up.as_str(), "/invite/x", "/reset/x", "/invite/%00", "/reset/bhi_x"] {
        let answer = visitor.get(path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        seen.push(answer.stable_text());
    }
    seen.dedup();
    assert_eq!(seen.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn links_point_to_the_configured_host_whatever_the_request_says() {
    let world = World::demo().await;
    let request = Request::post("/forgot/acme")
        .header(header::HOST, "evil.example")
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("email=user%40acme.example"))
        .unwrap();
    let answer = world.visitor().send(request).await;
    assert!(answer.status.is_success() && !answer.text().contains("evil"));
    world.app.tasks().close();
    world.app.tasks().wait().await;
    link(&world, "user@acme.example").await;
}

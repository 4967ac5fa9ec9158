//! G: sessions begin anew, end at once, and stay ended.

use crate::harness::World;
use bulkhead_domain::seed::DEMO_PASSWORD;
use http::{StatusCode, header};

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_again_makes_a_new_session_and_ends_the_old_one() {
    let world = World::demo().await;
    let mut browser = world.signed_in("acme", "admin@acme.example").await;
    let old = browser.session().unwrap().to_owned();
    browser.sign_in("acme", "admin@acme.example", DEMO_PASSWORD).await;
    assert_ne!(browser.session(), Some(old.as_str()));
    assert_eq!(browser.get("/account").await.status, StatusCode::OK);
    let mut thief = world.visitor();
    thief.steal_session(&old);
    assert_eq!(thief.get("/account").await.status, StatusCode::SEE_OTHER, "the old cookie is worth nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_set_before_sign_in_is_not_taken_over() {
    let world = World::demo().await;
    let mut victim = world.visitor();
    victim.steal_session("AAAAAAAAAAAAAAAAAAAAAA");
    victim.sign_in("acme", "admin@acme.example", DEMO_PASSWORD).await;
    assert_ne!(victim.session(), Some("AAAAAAAAAAAAAAAAAAAAAA"));
    let mut attacker = world.visitor();
    attacker.steal_session("AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(attacker.get("/account").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_ends_the_session_for_every_copy_of_the_cookie() {
    let world = World::demo().await;
    let mut browser = world.signed_in("acme", "admin@acme.example").await;
    let mut copy = browser.clone();
    let answer = browser.post("/logout", &[]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert!(browser.session().is_none());
    assert_eq!(copy.get("/account").await.status, StatusCode::SEE_OTHER);
    let ended =
        "SELECT count(*)::text FROM audit_events WHERE action = 'session.ended' AND at > now() - interval '1 minute'";
    assert_eq!(world.sql(ended).await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn suspending_ends_sessions_with_the_next_request() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut user = world.signed_in("acme", "user@acme.example").await;
    let id = world.sql("SELECT id::text FROM users WHERE email = 'user@acme.example'").await;
    let version = admin.get(&format!("/t/acme/users/{id}/suspend")).await.hidden("version").unwrap();
    let done = admin.post(&format!("/t/acme/users/{id}/suspend"), &[("version", &version)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(user.get("/t/acme").await.status, StatusCode::SEE_OTHER);

    let mut op = world.signed_in("platform", "admin@platform.example").await;
    let org = world.sql("SELECT id::text FROM orgs WHERE slug = 'acme'").await;
    let version = op.get(&format!("/op/orgs/{org}/suspend")).await.hidden("version").unwrap();
    let done = op.post(&format!("/op/orgs/{org}/suspend"), &[("version", &version), ("reason", "Test")]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(admin.get("/t/acme").await.status, StatusCode::SEE_OTHER);
    let version = op.get(&format!("/op/orgs/{org}/reactivate")).await.hidden("version").unwrap();
    let done = op.post(&format!("/op/orgs/{org}/reactivate"), &[("version", &version)]).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text());
    assert_eq!(admin.get("/t/acme").await.status, StatusCode::SEE_OTHER, "what was ended stays ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cookie_is_bound_and_the_table_holds_no_cookie() {
    let world = World::demo().await;
    let mut browser = world.visitor();
    let answer = browser.sign_in("acme", "admin@acme.example", DEMO_PASSWORD).await;
    let cookies: Vec<&str> =
        answer.headers.get_all(header::SET_COOKIE).iter().map(|cookie| cookie.to_str().unwrap()).collect();
    let session = cookies.iter().find(|cookie| cookie.starts_with("bulkhead=")).unwrap();
    assert!(
        session.contains("HttpOnly") && session.contains("SameSite=Lax") && session.contains("Path=/"),
        "{session}"
    );
    let value = browser.session().unwrap().to_owned();
    let stored = world.sql("SELECT string_agg(s::text, ' ') FROM sessions s").await;
    assert!(!stored.contains(&value), "only a hash is stored");
}

//! H: what every answer carries.

use crate::harness::{Answer, World};
use http::{StatusCode, header};

fn check(path: &str, answer: &Answer) {
    for name in [
        "content-security-policy",
        "x-content-type-options",
        "referrer-policy",
        "cross-origin-opener-policy",
        "permissions-policy",
        "x-request-id",
        "cache-control",
    ] {
        assert!(answer.headers.contains_key(name), "{path} {}: {name}", answer.status);
    }
    let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{policy}");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(!answer.headers.contains_key("strict-transport-security"), "HSTS only over TLS");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_has_its_headers() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    for path in [
        "/",
        "/login",
        "/t/acme",
        "/t/acme/users",
        "/t/globex",
        "/op",
        "/nothing",
        "/healthz",
        "/pkg/none.js",
        "/favicon.svg",
        "/api/v1/users",
        "/api/v1/nothing",
    ] {
        check(path, &admin.get(path).await);
    }
    check("post", &admin.post_as_is("/t/acme/users/invite", &[]).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_page_has_its_own_nonce_on_every_script_and_no_inline_style() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut seen = Vec::new();
    for path in ["/t/acme", "/t/acme", "/t/acme/audit"] {
        let page = admin.get(path).await;
        assert_eq!(page.status, StatusCode::OK);
        assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
        let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        let text = page.text();
        assert_eq!(text.matches("<script").count(), text.matches(&format!("nonce=\"{nonce}\"")).count(), "{path}");
        assert!(!text.contains(" style=") && !text.contains("<style"), "{path}");
        assert!(!seen.contains(&nonce));
        seen.push(nonce);
    }
}

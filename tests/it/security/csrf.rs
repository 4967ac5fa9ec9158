//! G: requests that do not come from our own pages.

use crate::harness::{ORIGIN, World};
use axum::body::Body;
use http::{Request, StatusCode, header};

const FORM: &str = "application/x-www-form-urlencoded";

#[tokio::test(flavor = "multi_thread")]
async fn forms_from_elsewhere_are_refused_before_anything_happens() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let csrf = admin.get("/account").await.hidden("csrf").unwrap();
    let body = format!("emails=csrf%40acme.example&role=admin&csrf={csrf}");
    let cases: &[(&[(&str, &str)], StatusCode)] = &[
        (&[("sec-fetch-site", "cross-site")], StatusCode::FORBIDDEN),
        (&[("sec-fetch-site", "same-site")], StatusCode::FORBIDDEN),
        (&[("sec-fetch-site", "none")], StatusCode::FORBIDDEN),
        (&[("origin", "https://evil.example")], StatusCode::FORBIDDEN),
        (&[("origin", "null")], StatusCode::FORBIDDEN),
        (&[("origin", "http://sub.bulkhead.test")], StatusCode::FORBIDDEN),
        (&[("sec-fetch-site", "cross-site"), ("origin", ORIGIN)], StatusCode::FORBIDDEN),
        (&[], StatusCode::FORBIDDEN),
    ];
    for (headers, expected) in cases {
        let mut request = Request::post("/t/acme/users/invite").header(header::CONTENT_TYPE, FORM);
        for (name, value) in *headers {
            request = request.header(*name, *value);
        }
        let answer = admin.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert_eq!(answer.status, *expected, "{headers:?}");
    }
    for kind in ["text/plain", "multipart/form-data; boundary=x", "application/json", ""] {
        let mut request = Request::post("/t/acme/users/invite").header("sec-fetch-site", "same-origin");
        if !kind.is_empty() {
            request = request.header(header::CONTENT_TYPE, kind);
        }
        let answer = admin.send(request.body(Body::from(body.clone())).unwrap()).await;
        assert!(answer.status.is_client_error(), "{kind:?}: {}", answer.status);
    }
    assert_eq!(world.sql("SELECT count(*)::text FROM users WHERE email = 'csrf@acme.example'").await, "0");
    // The control: the same body from our own page does it.
    let request = Request::post("/t/acme/users/invite").header(header::CONTENT_TYPE, FORM).header("origin", ORIGIN);
    let answer = admin.send(request.body(Body::from(body)).unwrap()).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(world.sql("SELECT count(*)::text FROM users WHERE email = 'csrf@acme.example'").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_needs_the_token_and_organization_of_its_session() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let mut other = world.signed_in("globex", "admin@globex.example").await;
    let theirs = other.get("/account").await.hidden("csrf").unwrap();
    let fields = |csrf: &'static str| vec![("emails", "a@acme.example"), ("role", "user"), ("csrf", csrf)];
    let theirs: &'static str = theirs.leak();
    for csrf in ["", "x", theirs] {
        let answer = admin.post_as_is("/t/acme/users/invite", &fields(csrf)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{csrf:?}");
    }
    let globex = world.sql("SELECT id::text FROM orgs WHERE slug = 'globex'").await;
    let answer = admin
        .post("/t/acme/users/invite", &[("emails", "a@acme.example"), ("role", "user"), ("org_id", &globex)])
        .await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert_eq!(world.sql("SELECT count(*)::text FROM users WHERE email = 'a@acme.example'").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_nobody_asked_for_are_refused() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    for extra in ["tenant_id", "status", "is_operator", "email_verified", "created_at", "role[]"] {
        let answer =
            admin.post("/t/acme/users/invite", &[("emails", "b@acme.example"), ("role", "user"), (extra, "1")]).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{extra}");
    }
    let twice = [("emails", "b@acme.example"), ("role", "user"), ("role", "admin")];
    assert_eq!(admin.post("/t/acme/users/invite", &twice).await.status, StatusCode::BAD_REQUEST);
    assert_eq!(world.sql("SELECT count(*)::text FROM users WHERE email = 'b@acme.example'").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_of_ten_megabytes_is_refused() {
    let world = World::demo().await;
    let mut admin = world.signed_in("acme", "admin@acme.example").await;
    let request = Request::post("/t/acme/users/invite")
        .header(header::CONTENT_TYPE, FORM)
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(vec![b'a'; 10 << 20]))
        .unwrap();
    assert_eq!(admin.send(request).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

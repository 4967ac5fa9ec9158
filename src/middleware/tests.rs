//! Real requests through the whole stack around a small router.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::ConnectInfo,
    http::{HeaderMap, Request, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use futures::{StreamExt as _, stream};
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

use super::{client_address::ClientAddress, request_id::RequestId, security_headers::CspNonce, *};

const OURS: &str = "https://bulkhead.example.org";

fn rules() -> Rules {
    Rules {
        origin: OURS.into(),
        https: true,
        trusted_proxies: ["10.0.0.0/8".parse().unwrap()].into(),
        body_limit: 1024,
        request_timeout: Duration::from_millis(200),
        page: refusal::plain_page,
    }
}

fn router() -> Router {
    let routes = Router::new()
        .route("/page", get(|Extension(nonce): Extension<CspNonce>| async move { Html(nonce.as_str().to_owned()) }))
        .route("/leptos", get(leptos_page))
        .route("/text", get(|| async { "text" }))
        .route("/moved", get(|| async { Redirect::to("/page") }))
        .route("/kept", get(|| async { ([(header::CACHE_CONTROL, "public, max-age=60")], "keys") }))
        .route("/panic", get(panics))
        .route("/slow", get(|| async { tokio::time::sleep(Duration::from_secs(60)).await }))
        .route("/stream", get(endless))
        .route(
            "/address",
            get(|Extension(ClientAddress(address)): Extension<ClientAddress>| async move { address.to_string() }),
        )
        .route("/id", get(|Extension(id): Extension<RequestId>| async move { id.to_string() }))
        .route("/echo", post(|body: Bytes| async move { body }))
        .route(
            "/careless",
            post(|body: Body| async move {
                if body.collect().await.is_err() { StatusCode::BAD_REQUEST } else { StatusCode::OK }
            }),
        )
        .route("/api/v1/panic", get(panics))
        .route("/pkg/bulkhead.Nq3kXyZ_0aB-cDeFgHiJkL.js", get(|| async { "js" }))
        .route("/pkg/bulkhead.js", get(|| async { "js" }))
        .route("/favicon.svg", get(|| async { "svg" }));
    stack(routes, &rules())
}

#[expect(clippy::panic, reason = "this is the panic under test")]
async fn panics() -> Infallible {
    panic!("a secret in a panic's message")
}

async fn endless() -> Response {
    let ticks = stream::unfold((), |()| async {
        tokio::time::sleep(Duration::from_millis(150)).await;
        Some((Ok::<_, Infallible>("tick\n"), ()))
    });
    Body::from_stream(ticks.take(4)).into_response()
}

/// The renderer's part of the nonce, as the documentation of `security_headers` tells it.
async fn leptos_page(request: Request<Body>) -> Response {
    use leptos::{
        nonce::{Nonce, use_nonce},
        prelude::*,
    };

    let nonce = request.extensions().get::<CspNonce>().cloned();
    let context = move || {
        if let Some(nonce) = &nonce {
            provide_context(Nonce::from_value(nonce.as_shared()));
        }
    };
    let app = || view! { <script nonce=use_nonce()>"1"</script> };
    leptos_axum::render_app_async_with_context(context, app)(request).await
}

async fn send(request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let (parts, body) = router().oneshot(request).await.unwrap().into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    (parts.status, parts.headers, String::from_utf8(bytes.to_vec()).unwrap())
}

async fn get_path(path: &str) -> (StatusCode, HeaderMap, String) {
    send(Request::get(path).header("accept", "text/html").body(Body::empty()).unwrap()).await
}

fn form(path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path)
        .header("sec-fetch-site", "same-origin")
        .header("content-type", "application/x-www-form-urlencoded");
    request.body(body.into()).unwrap()
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
}

#[tokio::test]
async fn every_status_carries_the_headers() {
    for (path, status) in [
        ("/page", 200),
        ("/text", 200),
        ("/moved", 303),
        ("/nowhere", 404),
        ("/echo", 405),
        ("/panic", 500),
        ("/slow", 503),
    ] {
        let (found, headers, _) = get_path(path).await;
        assert_eq!(found.as_u16(), status, "{path}");
        for name in [
            "content-security-policy",
            "referrer-policy",
            "x-content-type-options",
            "cross-origin-opener-policy",
            "cross-origin-resource-policy",
            "permissions-policy",
            "strict-transport-security",
            "x-request-id",
        ] {
            assert!(headers.contains_key(name), "{path} lacks {name}");
        }
        assert!(text(&headers, "content-security-policy").contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(text(&headers, "cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn hsts_is_sent_over_tls_only() {
    let plain = stack(Router::new(), &Rules { https: false, ..rules() });
    let response = plain.oneshot(Request::get("/").body(Body::empty()).unwrap()).await.unwrap();
    assert!(!response.headers().contains_key("strict-transport-security"));
}

#[tokio::test]
async fn a_page_has_the_nonce_of_its_policy_and_the_next_page_another() {
    let (_, headers, first) = get_path("/page").await;
    assert!(text(&headers, "content-security-policy").contains(&format!("'nonce-{first}'")));
    assert!(!text(&headers, "content-security-policy").contains("unsafe-inline"));
    let (_, _, second) = get_path("/page").await;
    assert_ne!(first, second);
    let (_, headers, _) = get_path("/text").await;
    assert!(!text(&headers, "content-security-policy").contains("nonce"));
}

#[tokio::test]
async fn leptos_prints_the_nonce_of_the_policy() {
    // As in the server: this sets up Leptos' executor.
    leptos_axum::generate_route_list(|| ());
    let (_, headers, page) = get_path("/leptos").await;
    let policy = text(&headers, "content-security-policy");
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap();
    assert!(page.contains(&format!("nonce=\"{nonce}\"")), "{policy}\n{page}");
    assert_eq!(page.matches("nonce=").count(), page.matches(nonce).count(), "{page}");
}

#[tokio::test]
async fn built_files_are_kept_and_nothing_else() {
    let cache = async |path| text(&get_path(path).await.1, "cache-control").to_owned();
    assert_eq!(cache("/pkg/bulkhead.Nq3kXyZ_0aB-cDeFgHiJkL.js").await, "public, max-age=31536000, immutable");
    assert_eq!(cache("/pkg/bulkhead.js").await, "public, max-age=3600");
    assert_eq!(cache("/favicon.svg").await, "public, max-age=3600");
    assert_eq!(cache("/kept").await, "public, max-age=60");
    assert_eq!(cache("/pkg/gone.Nq3kXyZ_0aB-cDeFgHiJkL.js").await, "no-store");
}

#[tokio::test]
async fn the_id_is_ours_and_the_same_everywhere() {
    let (_, headers, body) =
        send(Request::get("/id").header("x-request-id", "chosen").body(Body::empty()).unwrap()).await;
    assert_eq!(text(&headers, "x-request-id"), body);
    assert_eq!(uuid::Uuid::parse_str(&body).unwrap().get_version_num(), 7);
}

#[tokio::test]
async fn the_address_is_the_peers_or_what_a_trusted_proxy_says() {
    for (peer, expected) in [("192.0.2.7:1", "192.0.2.7"), ("10.0.0.1:1", "203.0.113.9")] {
        let peer: SocketAddr = peer.parse().unwrap();
        let request =
            Request::get("/address").header("x-forwarded-for", "1.1.1.1, 203.0.113.9").extension(ConnectInfo(peer));
        assert_eq!(send(request.body(Body::empty()).unwrap()).await.2, expected);
    }
}

#[tokio::test]
async fn a_panic_is_an_answer_without_details_and_the_next_request_is_fine() {
    let (status, headers, page) = get_path("/panic").await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(page.contains(text(&headers, "x-request-id")) && !page.contains("secret"), "{page}");
    assert_eq!(get_path("/text").await.0, StatusCode::OK);

    let (_, headers, problem) = get_path("/api/v1/panic").await;
    assert_eq!(text(&headers, "content-type"), "application/problem+json");
    let problem: serde_json::Value = serde_json::from_str(&problem).unwrap();
    assert_eq!((&problem["status"], &problem["code"]), (&500.into(), &"internal".into()));
    assert_eq!(problem["instance"], format!("urn:uuid:{}", text(&headers, "x-request-id")));
}

#[tokio::test]
async fn bodies_up_to_the_limit_pass_and_longer_ones_do_not() {
    assert_eq!(send(form("/echo", "x".repeat(1024))).await.0, StatusCode::OK);
    for path in ["/echo", "/careless"] {
        let mut declared = form(path, "x".repeat(1025));
        declared.headers_mut().insert("content-length", 1025.into());
        assert_eq!(send(declared).await.0, StatusCode::PAYLOAD_TOO_LARGE, "{path}, declared");

        let chunks = stream::repeat_with(|| Ok::<_, Infallible>("x".repeat(100))).take(20);
        let (status, headers, _) = send(form(path, Body::from_stream(chunks))).await;
        assert_eq!(status, StatusCode::PAYLOAD_TOO_LARGE, "{path}, in chunks");
        if path == "/careless" {
            assert_eq!(text(&headers, "connection"), "close");
        }
    }
}

#[tokio::test]
async fn who_is_still_sending_is_heard_out_and_told_why() {
    for (expects, read) in [(false, 20), (true, 0)] {
        let sent = Arc::new(AtomicUsize::new(0));
        let counted = sent.clone();
        let chunks = stream::repeat_with(move || {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok::<_, Infallible>("x".repeat(100))
        });
        let mut request = form("/echo", Body::from_stream(chunks.take(20)));
        request.headers_mut().insert("content-length", 2000.into());
        if expects {
            request.headers_mut().insert("expect", "100-continue".parse().unwrap());
        }
        let (status, headers, _) = send(request).await;
        assert_eq!((status, text(&headers, "connection")), (StatusCode::PAYLOAD_TOO_LARGE, "close"));
        assert_eq!(sent.load(Ordering::Relaxed), read, "expects: {expects}");
    }
}

#[tokio::test]
async fn an_encoded_body_is_refused() {
    let mut request = form("/echo", "x");
    request.headers_mut().insert("content-encoding", "gzip".parse().unwrap());
    assert_eq!(send(request).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn a_late_answer_is_ours_and_a_late_body_is_the_clients() {
    let (status, headers, _) = get_path("/slow").await;
    assert_eq!((status, text(&headers, "retry-after")), (StatusCode::SERVICE_UNAVAILABLE, "5"));
    let never = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    assert_eq!(send(form("/echo", never)).await.0, StatusCode::REQUEST_TIMEOUT);
}

#[tokio::test]
async fn a_stream_may_be_open_longer_than_the_time_limit() {
    assert_eq!(get_path("/stream").await.2, "tick\n".repeat(4));
}

#[tokio::test]
async fn a_foreign_form_is_refused_before_the_handler() {
    let request = Request::post("/panic").header("sec-fetch-site", "cross-site").header("content-type", "text/plain");
    let (status, headers, page) = send(request.header("accept", "text/html").body("x".into()).unwrap()).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    assert_eq!(text(&headers, "content-type"), "text/html; charset=utf-8");
    assert!(page.contains("Nothing was changed"));
    assert_eq!(send(form("/echo", "a=b")).await.2, "a=b");
}

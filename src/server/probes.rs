//! `/healthz`, `/livez` and `/readyz`: is the process alive, and should it get requests.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use futures::future::BoxFuture;
use serde::Serialize;
use tokio::{
    sync::Mutex,
    time::{Instant, timeout},
};

use super::Shutdown;

/// A check that takes longer has failed: a balancer's own probe would have given up.
const PATIENCE: Duration = Duration::from_secs(2);
/// An answer serves for this long, so that probing cannot load what it probes.
const FRESH: Duration = Duration::from_secs(1);
/// What a client is told to wait, in seconds.
const RETRY: HeaderValue = HeaderValue::from_static("5");

/// Whether requests can be answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Readiness {
    /// True when no reason is left.
    pub ready: bool,
    /// Short words such as `database` or `migrations`. The public listener shows them: no addresses, no error texts.
    pub reasons: Vec<&'static str>,
}

impl Readiness {
    /// Ready when `reasons` is empty.
    #[must_use]
    pub fn because(reasons: Vec<&'static str>) -> Self {
        Self { ready: reasons.is_empty(), reasons }
    }
}

/// Asks everything that a request needs.
pub type Check = Arc<dyn Fn() -> BoxFuture<'static, Readiness> + Send + Sync>;

/// The last answer, and whoever asks next.
struct Gate {
    check: Check,
    shutdown: Shutdown,
    last: Mutex<Option<(Instant, Readiness)>>,
}

impl Gate {
    async fn readiness(&self) -> Readiness {
        if self.shutdown.is_draining() {
            return Readiness::because(vec!["draining"]);
        }
        // The lock is held over the check, so that a burst of probes asks once.
        let mut last = self.last.lock().await;
        if let Some((at, readiness)) = &*last
            && at.elapsed() < FRESH
        {
            return readiness.clone();
        }
        let readiness = (self.check)().await;
        *last = Some((Instant::now(), readiness.clone()));
        readiness
    }
}

/// The probes. They stand outside of sign-in and say nothing about anybody's data.
pub fn router(check: Check, shutdown: Shutdown) -> Router {
    let gate = Arc::new(Gate { check, shutdown, last: Mutex::default() });
    Router::new()
        .route("/healthz", get(alive))
        .route("/livez", get(alive))
        .route("/readyz", get(ready))
        .with_state(gate)
}

/// Answers as long as the process can answer anything. It asks nobody: a database that is down is no reason to restart us.
async fn alive() -> impl IntoResponse {
    ([(CACHE_CONTROL, "no-store")], "ok\n")
}

async fn ready(State(gate): State<Arc<Gate>>) -> Response {
    let readiness = timeout(PATIENCE, gate.readiness()).await.unwrap_or_else(|_| Readiness::because(vec!["timeout"]));
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response = (status, [(CACHE_CONTROL, "no-store")], Json(&readiness)).into_response();
    if !readiness.ready {
        response.headers_mut().insert(RETRY_AFTER, RETRY);
    }
    response
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::{body::Body, http::Request};
    use futures::FutureExt as _;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    use super::*;

    async fn ask(router: &Router, path: &str) -> (StatusCode, Option<HeaderValue>, String) {
        let response = router.clone().oneshot(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        (parts.status, parts.headers.get(RETRY_AFTER).cloned(), text)
    }

    fn check(readiness: Readiness) -> Check {
        Arc::new(move || futures::future::ready(readiness.clone()).boxed())
    }

    #[tokio::test]
    async fn ready_until_the_end_begins_and_alive_after() {
        let shutdown = Shutdown::new();
        let router = router(check(Readiness::because(vec![])), shutdown.clone());
        assert_eq!(ask(&router, "/readyz").await, (StatusCode::OK, None, r#"{"ready":true,"reasons":[]}"#.to_owned()));
        shutdown.begin();
        let (status, retry, text) = ask(&router, "/readyz").await;
        assert_eq!(
            (status, text.as_str()),
            (StatusCode::SERVICE_UNAVAILABLE, r#"{"ready":false,"reasons":["draining"]}"#)
        );
        assert_eq!(retry, Some(RETRY));
        for path in ["/healthz", "/livez"] {
            assert_eq!(ask(&router, path).await.0, StatusCode::OK);
        }
    }

    #[tokio::test]
    async fn a_hanging_check_is_not_waited_for() {
        let hanging: Check = Arc::new(|| futures::future::pending().boxed());
        let router = router(hanging, Shutdown::new());
        let begin = Instant::now();
        let (status, _, text) = ask(&router, "/readyz").await;
        assert_eq!(
            (status, text.as_str()),
            (StatusCode::SERVICE_UNAVAILABLE, r#"{"ready":false,"reasons":["timeout"]}"#)
        );
        assert!(begin.elapsed() <= PATIENCE + Duration::from_millis(500));
    }

    #[tokio::test]
    async fn probes_share_an_answer_for_a_second() {
        static ASKED: AtomicUsize = AtomicUsize::new(0);
        let counting: Check = Arc::new(|| {
            ASKED.fetch_add(1, Ordering::Relaxed);
            futures::future::ready(Readiness::because(vec![])).boxed()
        });
        let router = router(counting, Shutdown::new());
        for _ in 0..10 {
            ask(&router, "/readyz").await;
        }
        assert_eq!(ASKED.load(Ordering::Relaxed), 1);
        tokio::time::sleep(FRESH).await;
        ask(&router, "/readyz").await;
        assert_eq!(ASKED.load(Ordering::Relaxed), 2);
    }
}

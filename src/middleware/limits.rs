//! How much a request may send and how long it may take.
//!
//! The time limit ends when the response's headers are there. An event stream sends its headers at once and is then limited only by
//! the connection's write deadline, so it needs no exception; what makes a stream end is `Shutdown::draining` and the session.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, EXPECT},
    },
    middleware::Next,
    response::Response,
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Frame, SizeHint};
use tokio::time::timeout;

use super::{
    Rules,
    refusal::{Asker, Refusal, respond},
};

/// Refuses too large, encoded and late requests.
pub async fn layer(State(rules): State<Rules>, request: Request, next: Next) -> Response {
    let asker = Asker::of_request(&request);
    let refuse = |refusal| respond(refusal, &asker, rules.page);
    // We never decompress: a body that must be would be parsed as garbage, or as a bomb by whoever adds that later.
    if request
        .headers()
        .get_all(CONTENT_ENCODING)
        .iter()
        .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
    {
        return refuse(Refusal::UnsupportedType);
    }
    // Refused whatever it says. hyper refuses lengths that are not numbers or contradict each other.
    if declared(request.headers()).is_some_and(|length| length > rules.body_limit) {
        // Who waits to be told to go on has sent nothing yet, and asking for the body would tell them to.
        if !request.headers().contains_key(EXPECT) {
            throw_away(request.into_body()).await;
        }
        return closing(refuse(Refusal::TooLarge));
    }
    let progress = Progress::default();
    if request.body().is_end_stream() {
        progress.set(COMPLETE);
    }
    let seen = progress.clone();
    let request = request.map(|body| Body::new(Watched { body: Limited::new(body, rules.body_limit), progress: seen }));

    match timeout(rules.request_timeout, next.run(request)).await {
        // Whatever the handler made of the broken body: the client learns the true reason (leptos #4813 answered 500).
        Ok(response) if progress.is(EXCEEDED) && response.status() != StatusCode::PAYLOAD_TOO_LARGE => {
            closing(refuse(Refusal::TooLarge))
        }
        Ok(response) => response,
        Err(_) if progress.is(COMPLETE) => refuse(Refusal::Busy),
        Err(_) => closing(refuse(Refusal::SlowBody)),
    }
}

/// How much of a refused body is read, and for how long, so that its sender gets to read the answer.
const THROWN_AWAY: usize = 32 * 1024 * 1024;
const PATIENCE: Duration = Duration::from_secs(10);

/// Reads on and keeps nothing: whoever is still sending when the connection closes sees a broken connection, not the reason.
async fn throw_away(body: Body) {
    let mut body = Limited::new(body, THROWN_AWAY);
    let reading = async { while let Some(Ok(_)) = body.frame().await {} };
    // Whoever has not finished by then does without the reason.
    let _ = timeout(PATIENCE, reading).await;
}

fn declared(headers: &HeaderMap) -> Option<usize> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The rest of the body is still on its way; it must not be read as the next request.
fn closing(mut response: Response) -> Response {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

const COMPLETE: u8 = 1;
const EXCEEDED: u8 = 2;

/// How far the body has come.
#[derive(Debug, Clone, Default)]
struct Progress(Arc<AtomicU8>);

impl Progress {
    fn set(&self, state: u8) {
        self.0.store(state, Ordering::Relaxed);
    }

    fn is(&self, state: u8) -> bool {
        self.0.load(Ordering::Relaxed) == state
    }
}

/// A limited body that reports its end.
struct Watched {
    body: Limited<Body>,
    progress: Progress,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        match &frame {
            None => self.progress.set(COMPLETE),
            Some(Err(error)) if error.is::<LengthLimitError>() => self.progress.set(EXCEEDED),
            // A body of known length has no further frame to say that it is over.
            Some(Ok(_)) if self.body.is_end_stream() => self.progress.set(COMPLETE),
            Some(_) => {}
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

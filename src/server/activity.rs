//! Which requests are running on a connection, so that an idle one can be closed and a streaming one is not.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::sync::watch;

/// The running requests of one connection. Counts changes too, so that a short request resets the idle clock.
#[derive(Debug, Clone)]
pub(super) struct Activity(watch::Sender<usize>);

impl Activity {
    pub(super) fn new() -> Self {
        Self(watch::Sender::new(0))
    }

    /// Counts a request until the answer is dropped.
    pub(super) fn enter(&self) -> Running {
        self.0.send_modify(|running| *running += 1);
        Running(self.clone())
    }

    /// Returns when no request has been running for `time`.
    pub(super) async fn idle_for(&self, time: Duration) {
        let mut changes = self.0.subscribe();
        loop {
            let running = *changes.borrow_and_update() > 0;
            if running {
                // Cannot fail: `self` holds a sender.
                let _ = changes.changed().await;
            } else if tokio::time::timeout(time, changes.changed()).await.is_err() {
                return;
            }
        }
    }
}

/// One running request.
#[derive(Debug)]
pub(super) struct Running(Activity);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.0.send_modify(|running| *running -= 1);
    }
}

/// A response body that counts as running until it is sent or dropped.
pub(super) struct Tracked {
    body: Body,
    _running: Running,
}

impl Tracked {
    pub(super) fn new(body: Body, running: Running) -> Self {
        Self { body, _running: running }
    }
}

impl HttpBody for Tracked {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

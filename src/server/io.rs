//! A connection's bytes with two deadlines that hyper does not have.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Sleep, sleep},
};

/// What an HTTP/2 client sends first (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Cuts a client that does not say which protocol it speaks, or does not take its answer.
///
/// hyper-util decides between HTTP/1 and HTTP/2 by the first 24 bytes and waits for them without a timer; hyper's
/// `header_read_timeout` starts only after that. And neither has a timer for writing.
#[derive(Debug)]
pub(super) struct Deadlines<I> {
    io: I,
    /// Armed until the protocol is known.
    opening: Option<Pin<Box<Sleep>>>,
    /// How much of [`PREFACE`] has come.
    matched: usize,
    /// Two timers, because a socket's flush is always done and would disarm the write's.
    writing: Stall,
    flushing: Stall,
}

/// Armed while the client takes nothing.
#[derive(Debug)]
struct Stall {
    timeout: Duration,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Stall {
    /// Arms while `progress` is pending, and fails when that has lasted too long.
    fn watch<T>(&mut self, progress: Poll<io::Result<T>>, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        if progress.is_ready() {
            self.timer = None;
            return progress;
        }
        let timeout = self.timeout;
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(timeout)));
        timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<I> Deadlines<I> {
    pub(super) fn new(io: I, header_timeout: Duration, write_timeout: Duration) -> Self {
        let stall = || Stall { timeout: write_timeout, timer: None };
        Self { io, opening: Some(Box::pin(sleep(header_timeout))), matched: 0, writing: stall(), flushing: stall() }
    }

    /// Disarms the opening deadline as soon as the bytes decide the protocol.
    fn seen(&mut self, bytes: &[u8]) {
        let rest = PREFACE.get(self.matched..).unwrap_or_default();
        let common = rest.len().min(bytes.len());
        self.matched += common;
        if bytes.get(..common) != rest.get(..common) || self.matched == PREFACE.len() {
            self.opening = None;
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Deadlines<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let progress = Pin::new(&mut self.io).poll_read(context, buffer);
        if progress.is_ready() {
            if self.opening.is_some() {
                self.seen(buffer.filled().get(before..).unwrap_or_default());
            }
            return progress;
        }
        match &mut self.opening {
            Some(timer) => timer.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into())),
            None => Poll::Pending,
        }
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Deadlines<I> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.io).poll_write(context, bytes);
        self.writing.watch(progress, context)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.io).poll_flush(context);
        self.flushing.watch(progress, context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let progress = Pin::new(&mut self.io).poll_shutdown(context);
        self.flushing.watch(progress, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let progress = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.writing.watch(progress, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }
}

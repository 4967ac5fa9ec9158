//! One connection, from its first byte to its last.

use std::{convert::Infallible, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{Request, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto,
};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    time::{sleep, timeout},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{
    activity::{Activity, Tracked},
    io::Deadlines,
    limits::Limits,
};

/// Headers of one request, names and values together. Browsers stay below 16 KiB.
const HEADER_BYTES: u32 = 32 * 1024;
/// hyper's read buffer for HTTP/1: a request line and headers must fit.
const BUFFER_BYTES: usize = 64 * 1024;
const HEADERS: usize = 100;
/// Streams that a client may reset before they are taken up (rapid reset, CVE-2023-44487; hyper's own default).
const PENDING_RESETS: usize = 20;
/// Time for an idle client to take note that its connection is closing.
const FAREWELL: Duration = Duration::from_secs(5);

/// Serves `stream` until the client leaves, a deadline passes, or `closed` is cancelled and the running requests are answered.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    limits: &Limits,
    closed: CancellationToken,
) {
    // Answers are written whole; waiting for more bytes (Nagle) only delays the last one.
    let _ = stream.set_nodelay(true);
    let Some(tls) = tls else {
        return speak(stream, peer, router, limits, closed).await;
    };
    match timeout(limits.header_timeout, TlsAcceptor::from(tls).accept(stream)).await {
        Ok(Ok(stream)) => speak(stream, peer, router, limits, closed).await,
        Ok(Err(error)) => {
            metrics::counter!(crate::telemetry::REFUSED, "reason" => "handshake").increment(1);
            tracing::debug!(%error, "TLS handshake failed");
        }
        Err(_) => metrics::counter!(crate::telemetry::REFUSED, "reason" => "handshake timeout").increment(1),
    }
}

async fn speak<I>(io: I, peer: SocketAddr, router: Router, limits: &Limits, closed: CancellationToken)
where
    I: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Activity::new();
    let service = service_fn(|request: Request<Incoming>| {
        let running = activity.enter();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = router.clone().oneshot(request);
        async move {
            let Ok(response) = answer.await;
            Ok::<_, Infallible>(response.map(|body| Tracked::new(body, running)))
        }
    });
    let builder = http(limits);
    let io = TokioIo::new(Deadlines::new(io, limits.header_timeout, limits.write_timeout));
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut idle = pin!(activity.idle_for(limits.idle_timeout));

    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = closed.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
        () = idle.as_mut() => {
            connection.as_mut().graceful_shutdown();
            tokio::select! { served = connection => served, () = sleep(FAREWELL) => Ok(()) }
        }
    };
    if let Err(error) = served {
        // A client that breaks off or speaks nonsense is its own problem, and would otherwise fill the log.
        tracing::debug!(error, "connection ended early");
    }
}

fn http(limits: &Limits) -> auto::Builder<TokioExecutor> {
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_buf_size(BUFFER_BYTES)
        .max_headers(HEADERS);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(limits.http2_max_streams)
        .max_pending_accept_reset_streams(PENDING_RESETS)
        .max_header_list_size(HEADER_BYTES)
        .keep_alive_interval(limits.header_timeout * 2)
        .keep_alive_timeout(limits.header_timeout);
    builder
}

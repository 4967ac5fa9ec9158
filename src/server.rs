//! The listeners. `axum::serve` installs no timer, so a client that sends its headers one byte a minute holds a connection for
//! ever (tokio-rs/axum#2741); this accept loop has a deadline for every way of waiting.

mod activity;
mod connection;
mod internal;
mod io;
mod limits;
mod probes;
mod shutdown;
pub mod tls;

use std::{io::ErrorKind, net::SocketAddr, sync::Arc, time::Duration};

use axum::Router;
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub use self::{
    internal::router as internal_router,
    limits::Limits,
    probes::{Check, Readiness, router as probes},
    shutdown::Shutdown,
};
use crate::config::Settings;

/// The server cannot run.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// An address is taken, or not ours.
    #[error("cannot listen on {address}")]
    Bind {
        /// The configured address.
        address: SocketAddr,
        /// What the operating system said.
        #[source]
        source: std::io::Error,
    },
    /// The certificate or key cannot be used.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    /// The signal handlers cannot be installed.
    #[error("cannot listen for signals")]
    Signals(#[source] std::io::Error),
}

/// A bound address that does not answer yet.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    limits: Limits,
}

impl Listener {
    /// Binds `address`. Port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(
        address: SocketAddr,
        tls: Option<Arc<ServerConfig>>,
        limits: Limits,
    ) -> Result<Self, ServerError> {
        let failed = |source| ServerError::Bind { address, source };
        let socket = TcpListener::bind(address).await.map_err(failed)?;
        let address = socket.local_addr().map_err(failed)?;
        Ok(Self { socket, address, tls, limits })
    }

    /// The address that was bound.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` closes the listeners and the running requests are answered, or its time is over.
    pub async fn serve(self, router: Router, shutdown: &Shutdown) {
        let Self { socket, tls, limits, .. } = self;
        let limits = Arc::new(limits);
        let closed = shutdown.closed();
        let places = Arc::new(Semaphore::new(limits.connections.min(Semaphore::MAX_PERMITS)));
        let addresses = limits::Addresses::default();
        let connections = TaskTracker::new();
        let cut = CancellationToken::new();

        loop {
            let accepted = tokio::select! {
                biased;
                () = closed.cancelled() => break,
                accepted = accept(&socket, &places) => accepted,
            };
            let Some((stream, peer, place)) = accepted else {
                continue;
            };
            let own = if limits.trusted_proxies.iter().any(|network| network.contains(peer.ip().to_canonical())) {
                None
            } else {
                let Some(own) = addresses.enter(peer.ip(), limits.connections_per_address) else {
                    metrics::counter!(crate::telemetry::REFUSED, "reason" => "address").increment(1);
                    continue;
                };
                Some(own)
            };
            let (tls, router, limits) = (tls.clone(), router.clone(), Arc::clone(&limits));
            let (closed, cut) = (closed.clone(), cut.clone());
            connections.spawn(async move {
                let open = metrics::gauge!(crate::telemetry::CONNECTIONS);
                open.increment(1.0);
                tokio::select! {
                    () = connection::serve(stream, peer, tls, router, &limits, closed) => {}
                    () = cut.cancelled() => {}
                }
                open.decrement(1.0);
                drop((place, own));
            });
        }

        // From here the kernel refuses new connections.
        drop(socket);
        connections.close();
        if tokio::time::timeout(limits.drain_timeout, connections.wait()).await.is_err() {
            tracing::warn!(left = connections.len(), "requests did not finish in time and are cut");
            cut.cancel();
            connections.wait().await;
        }
    }
}

/// Waits for a free place first: at the cap, further clients wait in the kernel's queue instead of in our memory.
async fn accept(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    match socket.accept().await {
        Ok((stream, peer)) => Some((stream, peer, place)),
        // That client is gone; the next one is not.
        Err(error) if matches!(error.kind(), ErrorKind::ConnectionAborted | ErrorKind::ConnectionReset) => None,
        Err(error) => {
            // Out of descriptors, most likely: trying again at once would only burn the CPU that could free some.
            tracing::error!(%error, "cannot accept connections");
            tokio::time::sleep(Duration::from_millis(500)).await;
            None
        }
    }
}

/// Listens on the public and the internal address until the process is told to stop, then drains.
///
/// Order at the end: not ready, `drain_delay`, listeners closed, running requests finished (at most `drain_timeout`), background
/// tasks stopped. The internal listener answers until the last request is done, so that metrics of the end are seen.
///
/// # Errors
/// When an address, the certificate or the signal handlers cannot be had. A drain that takes too long is no error.
pub async fn run(public: Router, check: Check, settings: &Settings, shutdown: Shutdown) -> Result<(), ServerError> {
    let tls = match (&settings.tls_cert, &settings.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::acceptor(certificate, key)?),
        _ => None,
    };
    let limits = Limits::from(settings);
    let internal = Limits { connections: 64, drain_timeout: Duration::from_secs(1), ..limits.clone() };
    let listener = Listener::bind(settings.listen, tls, limits).await?;
    let metrics = Listener::bind(settings.internal_listen, None, internal).await?;
    shutdown.on_signals().map_err(ServerError::Signals)?;
    tracing::info!(address = %listener.address(), url = %settings.public_url.origin(), "serving");
    tracing::info!(address = %metrics.address(), "serving metrics and probes");

    let internal_end = Shutdown::new();
    let routes = internal_router(check, shutdown.clone());
    let internal = async {
        tokio::join!(metrics.serve(routes, &internal_end), internal_end.close_after(Duration::ZERO));
    };
    let public = async {
        tokio::join!(listener.serve(public, &shutdown), shutdown.close_after(settings.drain_delay));
        shutdown.finish().await;
        internal_end.begin();
    };
    tokio::join!(public, internal);
    tracing::info!("stopped");
    Ok(())
}

#[cfg(test)]
mod tests;

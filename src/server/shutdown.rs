//! How the process ends: not ready, then no new connection, then no running request, then no background task.

use std::{future::Future, process, sync::Arc, time::Duration};

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The exit code of a process that a second interrupt ended: 128 + SIGINT.
const INTERRUPTED: i32 = 130;
/// How long background tasks may take after the last request.
const WORKERS: Duration = Duration::from_secs(10);

/// A handle to the end of the process. Clones are the same handle.
#[derive(Debug, Clone, Default)]
pub struct Shutdown(Arc<Stages>);

#[derive(Debug, Default)]
struct Stages {
    draining: CancellationToken,
    closed: CancellationToken,
    workers: CancellationToken,
    tasks: TaskTracker,
}

impl Shutdown {
    /// A process that goes on.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Begins the end. Readiness is false from here on, and long streams end. Calling it again changes nothing.
    pub fn begin(&self) {
        self.0.draining.cancel();
    }

    /// Whether the end has begun.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.draining.is_cancelled()
    }

    /// Cancelled when the end begins. An event stream must finish on it: it would otherwise hold the drain for its whole time.
    #[must_use]
    pub fn draining(&self) -> CancellationToken {
        self.0.draining.clone()
    }

    /// Cancelled after the last request, so that no request sees a background task gone. Workers stop on it.
    #[must_use]
    pub fn workers(&self) -> CancellationToken {
        self.0.workers.clone()
    }

    /// Where tasks run that the end waits for, for code that starts several.
    #[must_use]
    pub fn tasks(&self) -> &TaskTracker {
        &self.0.tasks
    }

    /// Runs a task that the end waits for, up to 10 seconds after [`Shutdown::workers`] is cancelled.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.0.tasks.spawn(task);
    }

    /// Begins the end at SIGTERM or SIGINT. At a second one the process exits at once, with code 130.
    ///
    /// # Errors
    /// When the signal handlers cannot be installed.
    pub fn on_signals(&self) -> std::io::Result<()> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let shutdown = self.clone();
        // Not tracked: it waits for a second signal for as long as the process lives.
        TaskTracker::new().spawn(async move {
            tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
            tracing::info!("stopping; a second signal stops at once");
            shutdown.begin();
            tokio::select! { _ = interrupt.recv() => {} _ = terminate.recv() => {} }
            tracing::warn!("stopped at once by a second signal");
            process::exit(INTERRUPTED);
        });
        Ok(())
    }

    /// Cancelled when listeners must close and connections finish what they have.
    pub(super) fn closed(&self) -> CancellationToken {
        self.0.closed.clone()
    }

    /// Waits for the begin, then for `delay`, then closes the listeners.
    pub(super) async fn close_after(&self, delay: Duration) {
        self.0.draining.cancelled().await;
        tokio::time::sleep(delay).await;
        self.0.closed.cancel();
    }

    /// Stops the background tasks and waits for them.
    pub(super) async fn finish(&self) {
        self.0.workers.cancel();
        self.0.tasks.close();
        if tokio::time::timeout(WORKERS, self.0.tasks.wait()).await.is_err() {
            tracing::warn!(left = self.0.tasks.len(), "background tasks did not stop in time");
        }
    }
}

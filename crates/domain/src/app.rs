//! The application: everything that lives as long as the process. Cloning it is cheap.

use crate::{access::Graphs, alerts::Announcement, mail::Transport};
use bulkhead_db::{Database, TokenHash, foreign::Memory, inspect::Inspector, migrator::Schema};
use bulkhead_identity::{Hasher, RandomSource, Sealer, Vault};
use sha2::{Digest, Sha256};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::{Notify, mpsc};
use tokio_util::task::TaskTracker;
use url::Url;

/// What the application is made of; `main` builds it from the configuration, tests from a cloned database.
pub struct Parts {
    /// The runtime roles' pools.
    pub database: Database,
    /// Looks past policies; none where no address is set for it.
    pub inspector: Option<Inspector>,
    /// How often isolation is proven without being asked; none: never.
    pub proof_interval: Option<Duration>,
    /// Hashes passwords off the async threads.
    pub hasher: Hasher,
    /// Signs cookies and cursors.
    pub sealer: Sealer,
    /// Keeps the secrets of other systems.
    pub vault: Vault,
    /// Where tokens and ids come from.
    pub random: Arc<dyn RandomSource>,
    /// How mail leaves.
    pub mail: Transport,
    /// Who hears of alerts.
    pub alerts: Announcement,
    /// Where links in mails point; never taken from a request (F14).
    pub public_url: Url,
    /// Refuses developer conveniences.
    pub production: bool,
}

/// The application.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: Parts,
    touches: mpsc::Sender<TokenHash>,
    touched: tokio::sync::Mutex<mpsc::Receiver<TokenHash>>,
    mail_waiting: Notify,
    catalogues: Memory,
    graphs: Graphs,
    made: Instant,
    tasks: TaskTracker,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("App")
    }
}

/// A database that has not answered after this long counts as one that cannot be reached.
const PING_PATIENCE: Duration = Duration::from_secs(1);

/// Whether the server can do its work, for `/readyz`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Readiness {
    /// Every check passed.
    pub ready: bool,
    /// Each check by name, with what to do when it failed.
    pub checks: Vec<(&'static str, Result<String, String>)>,
}

impl Readiness {
    /// The checks that failed, with what to do.
    pub fn problems(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.checks.iter().filter_map(|(name, result)| Some((*name, result.as_ref().err()?.as_str())))
    }
}

impl App {
    /// Puts the application together. Nothing is contacted yet.
    pub fn new(parts: Parts) -> Self {
        // Bounded: when the database is slow, "last seen" becomes a little older, and nothing else happens.
        let (touches, touched) = mpsc::channel(4096);
        Self(Arc::new(Inner {
            parts,
            touches,
            touched: tokio::sync::Mutex::new(touched),
            mail_waiting: Notify::new(),
            catalogues: Memory::default(),
            graphs: Graphs::default(),
            made: Instant::now(),
            tasks: TaskTracker::new(),
        }))
    }

    /// The database; inside this crate only, so that pages cannot reach it.
    pub(crate) fn database(&self) -> &Database {
        &self.0.parts.database
    }

    pub(crate) fn inspector(&self) -> Option<&Inspector> {
        self.0.parts.inspector.as_ref()
    }

    pub(crate) fn proof_interval(&self) -> Option<Duration> {
        self.0.parts.proof_interval
    }

    pub(crate) fn hasher(&self) -> &Hasher {
        &self.0.parts.hasher
    }

    pub(crate) fn random(&self) -> &dyn RandomSource {
        &*self.0.parts.random
    }

    /// How long it has been there.
    pub(crate) fn age(&self) -> Duration {
        self.0.made.elapsed()
    }

    /// What somebody else's databases looked like.
    pub(crate) fn catalogues(&self) -> &Memory {
        &self.0.catalogues
    }

    /// Organizations' roles, ready to decide by.
    pub(crate) fn graphs(&self) -> &Graphs {
        &self.0.graphs
    }

    pub(crate) fn mail(&self) -> &Transport {
        &self.0.parts.mail
    }

    pub(crate) fn alerts(&self) -> &Announcement {
        &self.0.parts.alerts
    }

    /// Keeps the secrets of other systems.
    pub(crate) fn vault(&self) -> &Vault {
        &self.0.parts.vault
    }

    /// Signs what the browser keeps for us: flash messages and cursors.
    pub fn sealer(&self) -> &Sealer {
        &self.0.parts.sealer
    }

    /// Where people reach this server.
    pub fn public_url(&self) -> &Url {
        &self.0.parts.public_url
    }

    /// Whether developer conveniences are off.
    pub fn production(&self) -> bool {
        self.0.parts.production
    }

    /// Does something after the answer is on its way. Counted, so that a shutdown waits for it; a failure is logged.
    pub fn later(&self, name: &'static str, work: impl Future<Output = crate::Result<()>> + Send + 'static) {
        self.0.tasks.spawn(async move {
            if let Err(error) = work.await {
                tracing::warn!(task = name, error = &error as &dyn std::error::Error, "failed after the answer");
            }
        });
    }

    /// What runs after answers; to be closed and waited for at shutdown.
    pub fn tasks(&self) -> &TaskTracker {
        &self.0.tasks
    }

    /// The mails a development server kept instead of sending, newest first; none where they are sent.
    pub async fn delivered_mails(&self) -> crate::Result<Vec<crate::mail::Delivered>> {
        if self.production() {
            return Err(crate::Error::NotFound);
        }
        self.mail().delivered(100).await.map_err(|error| crate::Error::Internal(Box::new(error)))
    }

    /// Tells the mail worker that there is something to send.
    pub(crate) fn wake_mail(&self) {
        self.0.mail_waiting.notify_one();
    }

    pub(crate) async fn mail_waiting(&self, at_most: Duration) {
        // Either is a reason to look into the outbox.
        let _ = tokio::time::timeout(at_most, self.0.mail_waiting.notified()).await;
    }

    /// Notes that a session was seen, to be written with others by the worker.
    pub(crate) fn touch(&self, token: TokenHash) {
        // A full queue loses a note about a minute; that is what bounded means.
        let _ = self.0.touches.try_send(token);
    }

    pub(crate) async fn touched(&self, most: usize) -> Vec<TokenHash> {
        let mut tokens = Vec::new();
        self.0.touched.lock().await.recv_many(&mut tokens, most).await;
        tokens
    }

    /// A version 4 id from the application's randomness.
    pub(crate) fn new_id<K>(&self) -> bulkhead_model::Id<K> {
        let mut bytes = [0; 16];
        self.random().fill(&mut bytes);
        bulkhead_model::Id::from_uuid(uuid::Builder::from_random_bytes(bytes).into_uuid())
    }

    /// Sets the gauges of what is not counted where it happens: pools, hashing, mail.
    pub async fn measure(&self) {
        for (role, open, idle) in self.database().pool_usage() {
            metrics::gauge!("db_pool_connections", "role" => role).set(f64::from(open));
            metrics::gauge!("db_pool_idle", "role" => role).set(idle as f64);
        }
        let hashing = self.hasher().stats();
        metrics::gauge!("password_hashes_waiting").set(hashing.waiting as f64);
        metrics::counter!("password_hashes_total").absolute(hashing.runs);
        metrics::counter!("password_hashes_refused_total").absolute(hashing.refused);
        if let Ok((waiting, dead)) = self.database().mail_backlog().await {
            metrics::gauge!("mail_waiting").set(waiting as f64);
            metrics::gauge!("mail_dead").set(dead as f64);
        }
    }

    /// Checks the database, its schema version and the runtime roles.
    pub async fn readiness(&self) -> Readiness {
        let database = self.database();
        let mut checks = Vec::with_capacity(3);
        // A pool goes on knocking for as long as a request would wait, once for each role; whoever probes has left by then.
        let reached = tokio::time::timeout(PING_PATIENCE, database.ping()).await.is_ok_and(|answer| answer.is_ok());
        checks.push((
            "database",
            match reached {
                true => Ok("answers".to_owned()),
                false => Err("cannot be reached".to_owned()),
            },
        ));
        if reached {
            checks.push((
                "migrations",
                match database.schema().await {
                    Ok(Schema::Current) => Ok("at the version this server expects".to_owned()),
                    Ok(Schema::Ahead { newest }) => {
                        Ok(format!("ahead of this server, at {newest}: a newer one migrated it"))
                    }
                    Ok(Schema::Behind) => Err("behind this server: run `bulkhead migrate`".to_owned()),
                    Err(_) => Err("cannot be read: run `bulkhead migrate`".to_owned()),
                },
            ));
            checks.push((
                "roles",
                match database.check_roles().await {
                    Ok(()) => Ok(format!("runtime roles own nothing and bypass nothing; {}", sealing(database).await)),
                    Err(problem) => Err(problem.to_string()),
                },
            ));
        }
        Readiness { ready: checks.iter().all(|(_, result)| result.is_ok()), checks }
    }
}

/// A context that is not sealed is not unsafe, so it does not fail the check; it is said.
async fn sealing(database: &Database) -> &'static str {
    match database.is_sealing().await {
        Ok(true) => "the context is sealed",
        Ok(false) => {
            "the context is not sealed; fix, as a superuser: GRANT SET ON PARAMETER backtrace_functions TO bulkhead_definer;"
        }
        Err(_) => "whether the context is sealed is not known",
    }
}

/// Hash of a session cookie's 16 random bytes. Domain separated, so that no other hash in the database equals it.
pub fn session_hash(cookie: u128) -> TokenHash {
    TokenHash(Sha256::new().chain_update(b"bulkhead/session/v1/").chain_update(cookie.to_be_bytes()).finalize().into())
}

//! [`Hasher`]: Argon2 on threads of its own, so that a storm of sign-ins costs nobody else their page.
//!
//! - As many threads as *permits* (cores − 1 unless told otherwise), each with its own arena. They run at a low
//!   priority, so on a busy machine the threads that serve requests go first.
//! - A bounded queue before them. When it is full, or a job has waited too long, the caller gets [`Busy`] at once
//!   (503 with Retry-After) instead of a slow answer later: memory and waiting time have a ceiling (L06).
//! - A job whose caller has gone (closed connection, timeout) is skipped, not computed for nobody.
//! - Every `verify` runs Argon2 exactly once, whatever it was given: a stored hash, none (unknown account), or
//!   one it cannot use. Response time tells nothing about the account (K10).

use std::fmt;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use crate::hash::{Arena, Parsed};
use crate::{Keyring, Params, Password, RandomSource, SecretKey, StoredHash};

/// No thread was free in time. Answer 503 with `Retry-After: retry_after`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many sign-ins at this moment")]
pub struct Busy {
    /// When a new attempt is likely to find room; at least one second.
    pub retry_after: Duration,
}

/// What verifying found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The password is the one that was hashed. Always false without a stored hash.
    pub matches: bool,
    /// It matches, but was hashed with other parameters or an older pepper: hash again and store, now that the
    /// password is at hand.
    pub needs_rehash: bool,
}

/// How much of the machine hashing may take.
#[derive(Clone, Copy, Debug)]
pub struct HasherConfig {
    /// Cost of new hashes.
    pub params: Params,
    /// Hashes computed at the same time. Each holds `params.memory_kib` of memory for good.
    pub permits: NonZeroUsize,
    /// Jobs that may wait for a permit.
    pub queue: usize,
    /// How long one may wait before it is refused.
    pub max_wait: Duration,
    /// Added to the nice value of the hashing threads, 0 to 19. Linux only: elsewhere a nice value belongs to
    /// the whole process.
    pub niceness: u8,
}

impl Default for HasherConfig {
    /// OWASP parameters, all cores but one, two seconds of waiting, nice 10 (about a tenth of the processor
    /// time of a serving thread when both want the same core, all of it when nobody else does).
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let permits = NonZeroUsize::new(cores.saturating_sub(1)).unwrap_or(NonZeroUsize::MIN);
        Self {
            params: Params::default(),
            permits,
            // About 100 jobs of 16 ms fill the two seconds; beyond that a place in the queue is a false promise.
            queue: permits.get().saturating_mul(100),
            max_wait: Duration::from_secs(2),
            niceness: 10,
        }
    }
}

/// Counters for the metrics page. All since start, except `waiting`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HasherStats {
    /// Argon2 runs, of `hash` and `verify` together.
    pub runs: u64,
    /// Jobs refused with [`Busy`].
    pub refused: u64,
    /// Jobs in the queue now.
    pub waiting: usize,
}

/// Hashes and verifies passwords. Cheap to clone; its threads end when the last clone is dropped.
#[derive(Clone)]
pub struct Hasher(Arc<Inner>);

struct Inner {
    jobs: SyncSender<Job>,
    shared: Arc<Shared>,
}

/// What the threads need. They must not hold `Inner`, or its sender would keep them alive.
struct Shared {
    config: HasherConfig,
    peppers: Keyring,
    random: Arc<dyn RandomSource>,
    /// A hash that no account has, of current cost.
    dummy: Parsed,
    runs: AtomicU64,
    refused: AtomicU64,
    waiting: AtomicUsize,
}

struct Job {
    password: Password,
    queued: Instant,
    work: Work,
}

enum Work {
    Hash(oneshot::Sender<StoredHash>),
    Verify(Option<StoredHash>, oneshot::Sender<Verdict>),
}

/// The threads could not be made ready.
#[derive(Debug, thiserror::Error)]
pub enum HasherError {
    /// The operating system gave no thread.
    #[error("no thread for password hashing")]
    Thread(#[from] std::io::Error),
    /// Argon2 refused its parameters.
    #[error("argon2 failed its trial run")]
    Trial,
}

impl Hasher {
    /// Starts the threads and computes the dummy hash, which is the trial run as well.
    ///
    /// New hashes take the current pepper; stored ones name theirs.
    ///
    /// # Errors
    /// [`HasherError`], at start only.
    pub fn new(config: HasherConfig, peppers: Keyring, random: Arc<dyn RandomSource>) -> Result<Self, HasherError> {
        let mut salt = [0; 16];
        random.fill(&mut salt);
        let dummy = Arena::default()
            .hash("", salt, config.params, peppers.current())
            .ok()
            .and_then(|stored| Parsed::read(&stored.phc))
            .ok_or(HasherError::Trial)?;
        let shared = Arc::new(Shared {
            config,
            peppers,
            random,
            dummy,
            runs: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            waiting: AtomicUsize::new(0),
        });
        let (jobs, receiver) = sync_channel(config.queue);
        let receiver = Arc::new(Mutex::new(receiver));
        for number in 0..config.permits.get() {
            let (shared, receiver) = (Arc::clone(&shared), Arc::clone(&receiver));
            std::thread::Builder::new().name(format!("argon2-{number}")).spawn(move || serve(&shared, &receiver))?;
        }
        Ok(Self(Arc::new(Inner { jobs, shared })))
    }

    /// Hashes a new password with a fresh salt, the current parameters and the current pepper.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: &Password) -> Result<StoredHash, Busy> {
        let (reply, answer) = oneshot::channel();
        self.submit(password, Work::Hash(reply))?;
        answer.await.map_err(|_| self.refuse())
    }

    /// Compares a password with what is stored; without anything stored, spends the same time on nothing.
    ///
    /// A stored hash that cannot be read, or whose pepper is not configured, never matches and is logged: it
    /// means a damaged row or a missing key, which a person has to see.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: &Password, stored: Option<&StoredHash>) -> Result<Verdict, Busy> {
        let (reply, answer) = oneshot::channel();
        self.submit(password, Work::Verify(stored.cloned(), reply))?;
        answer.await.map_err(|_| self.refuse())
    }

    /// Counters for the metrics page.
    #[must_use]
    pub fn stats(&self) -> HasherStats {
        let shared = &self.0.shared;
        HasherStats {
            runs: shared.runs.load(Ordering::Relaxed),
            refused: shared.refused.load(Ordering::Relaxed),
            waiting: shared.waiting.load(Ordering::Relaxed),
        }
    }

    /// What new hashes are made with.
    #[must_use]
    pub fn params(&self) -> Params {
        self.0.shared.config.params
    }

    fn submit(&self, password: &Password, work: Work) -> Result<(), Busy> {
        let job = Job { password: password.clone(), queued: Instant::now(), work };
        // Counted before it can be taken out again, so that the count never goes below zero.
        self.0.shared.waiting.fetch_add(1, Ordering::Relaxed);
        self.0.jobs.try_send(job).map_err(|_| {
            self.0.shared.waiting.fetch_sub(1, Ordering::Relaxed);
            self.refuse()
        })
    }

    fn refuse(&self) -> Busy {
        self.0.shared.refused.fetch_add(1, Ordering::Relaxed);
        Busy { retry_after: self.0.shared.config.max_wait.max(Duration::from_secs(1)) }
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("config", &self.0.shared.config).finish_non_exhaustive()
    }
}

/// One thread: takes jobs until the last [`Hasher`] is gone.
fn serve(shared: &Shared, jobs: &Mutex<Receiver<Job>>) {
    lower_priority(shared.config.niceness);
    let mut arena = Arena::default();
    loop {
        // The idle threads wait in turn on the lock; the one inside waits for a job. Nothing panics under it.
        let received = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = received else { return };
        shared.waiting.fetch_sub(1, Ordering::Relaxed);
        if job.work.is_abandoned() || job.queued.elapsed() > shared.config.max_wait {
            continue; // dropping the reply is the answer: Busy
        }
        // A panic would take this thread's permit away for good; losing one answer is enough.
        if catch_unwind(AssertUnwindSafe(|| shared.run(job, &mut arena))).is_err() {
            tracing::error!("password hashing panicked");
            arena = Arena::default();
        }
    }
}

impl Work {
    fn is_abandoned(&self) -> bool {
        match self {
            Self::Hash(reply) => reply.is_closed(),
            Self::Verify(_, reply) => reply.is_closed(),
        }
    }
}

impl Shared {
    fn run(&self, job: Job, arena: &mut Arena) {
        self.runs.fetch_add(1, Ordering::Relaxed);
        // A send fails only when the caller has left meanwhile.
        match job.work {
            Work::Hash(reply) => {
                let mut salt = [0; 16];
                self.random.fill(&mut salt);
                let pepper = self.peppers.current();
                match arena.hash(job.password.expose(), salt, self.config.params, pepper) {
                    Ok(stored) => drop(reply.send(stored)),
                    Err(error) => tracing::error!(%error, "password hashing failed"),
                }
            }
            Work::Verify(stored, reply) => match self.verify(job.password.expose(), stored.as_ref(), arena) {
                Ok(verdict) => drop(reply.send(verdict)),
                Err(error) => tracing::error!(%error, "password verification failed"),
            },
        }
        arena.shrink(self.config.params);
    }

    fn verify(&self, password: &str, stored: Option<&StoredHash>, arena: &mut Arena) -> Result<Verdict, argon2::Error> {
        let usable = stored.and_then(|stored| self.usable(stored));
        let (parsed, pepper) = match &usable {
            Some((parsed, pepper)) => (parsed, *pepper),
            None => (&self.dummy, self.peppers.current()),
        };
        let equal = arena.verify(password, parsed, pepper)?;
        let matches = equal && usable.is_some();
        let outdated = parsed.is_outdated(self.config.params) || pepper.id() != self.peppers.current().id();
        Ok(Verdict { matches, needs_rehash: matches && outdated })
    }

    fn usable(&self, stored: &StoredHash) -> Option<(Parsed, &SecretKey)> {
        let parsed = Parsed::read(&stored.phc);
        let pepper = self.peppers.get(&stored.pepper_id);
        if parsed.is_none() {
            tracing::error!("a stored password hash cannot be read");
        }
        if pepper.is_none() {
            tracing::error!(pepper_id = %stored.pepper_id, "a stored password names a pepper that is not configured");
        }
        parsed.zip(pepper)
    }
}

#[cfg(target_os = "linux")]
fn lower_priority(niceness: u8) {
    // On Linux a nice value belongs to a thread, and "no pid" means the calling one (setpriority(2), notes).
    let process = rustix::process::getpriority_process(None);
    let lowered =
        process.and_then(|now| rustix::process::setpriority_process(None, now.saturating_add(niceness.into()).min(19)));
    if let Err(error) = lowered {
        tracing::warn!(%error, "password hashing keeps the normal priority");
    }
}

#[cfg(not(target_os = "linux"))]
fn lower_priority(_niceness: u8) {}

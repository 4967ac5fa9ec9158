//! Why a private PostgreSQL did not start, or stop, in words a newcomer can act on.

use std::io;
use std::path::{Path, PathBuf};

use crate::setup::SetupError;

/// Why a private PostgreSQL could not be started, prepared or stopped.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// Another process serves from the same directory.
    #[error("the data directory {} is in use by another Bulkhead (process {holder}); stop that one, or choose another data directory", directory.display())]
    InUse {
        /// The contested directory.
        directory: PathBuf,
        /// Process id the holder wrote into the lock file, or `unknown`.
        holder: String,
    },
    /// No PostgreSQL on this machine, and none could be downloaded.
    #[error(
        "no usable PostgreSQL on this machine and the download failed ({reason}); install PostgreSQL {oldest} or newer (Debian: apt-get install postgresql), or set DATABASE_URL to a server of yours"
    )]
    NoBinaries {
        /// Why the download failed.
        reason: String,
        /// The oldest major version that will do.
        oldest: u32,
    },
    /// The data was made by a major version that is not on this machine.
    #[error("the data in {} was made by PostgreSQL {version}, which is not on this machine; install PostgreSQL {version}, or move the directory away to start afresh", directory.display())]
    OtherVersion {
        /// Where the data is.
        directory: PathBuf,
        /// The major version that made it.
        version: u32,
    },
    /// Started by root, and there is nobody to run PostgreSQL as.
    #[error(
        "PostgreSQL refuses to run as root and this machine has neither a `postgres` nor a `nobody` user; add one (useradd --system postgres), or start Bulkhead as an ordinary user"
    )]
    NoAccount,
    /// The credentials file cannot be understood.
    #[error("the passwords in {} cannot be read: {reason}; restore the file, or move the whole directory away to start afresh", file.display())]
    Credentials {
        /// The file.
        file: PathBuf,
        /// What is wrong with it, without its content.
        reason: String,
    },
    /// A program of PostgreSQL failed.
    #[error("{program} failed: {reason}{}", tail(log))]
    Failed {
        /// `initdb` or `postgres`.
        program: &'static str,
        /// Its exit status, or how long was waited for it.
        reason: String,
        /// The last lines it wrote.
        log: String,
    },
    /// A file operation failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// A verb: read, write, create …
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The operating system's answer.
        source: io::Error,
    },
    /// Roles or database could not be prepared.
    #[error(transparent)]
    Setup(#[from] SetupError),
}

impl ClusterError {
    /// For `map_err`: names the path that the operating system's message leaves out.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }
}

fn tail(log: &str) -> String {
    if log.is_empty() { String::new() } else { format!("\n{log}") }
}

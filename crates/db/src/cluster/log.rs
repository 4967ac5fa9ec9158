//! What PostgreSQL's programs write, kept for whoever has to find out why.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use super::ClusterError;
use super::account::Account;

/// The log starts afresh above this size, in bytes; one older log is kept.
const LOG_LIMIT: u64 = 10 << 20;

/// The log file, from where this start begins.
pub(super) struct Log {
    path: PathBuf,
    start: u64,
}

impl Log {
    pub fn open(path: PathBuf, account: &Account) -> Result<Self, ClusterError> {
        let size = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let start = if size > LOG_LIMIT {
            fs::rename(&path, path.with_extension("log.1")).map_err(ClusterError::io("rename", &path))?;
            0
        } else {
            size
        };
        let log = Self { path, start };
        log.append()?;
        account.give(&log.path)?;
        Ok(log)
    }

    fn append(&self) -> Result<File, ClusterError> {
        OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.path)
            .map_err(ClusterError::io("write", &self.path))
    }

    /// Spawns `command` with both outputs in the log, a known environment and a working directory it may be in.
    pub fn attach(&self, command: &mut Command, working_directory: &Path) -> Result<Child, ClusterError> {
        // PGDATA, PGPORT, PGOPTIONS and LC_ALL of whoever starts us must not steer a private server.
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
        command.current_dir(working_directory).stdout(self.append()?).stderr(self.append()?);
        let program = PathBuf::from(command.get_program());
        command.spawn().map_err(ClusterError::io("run", &program))
    }

    /// The last lines written since the start, for an error message.
    pub fn tail(&self) -> String {
        const LINES: usize = 15;
        let mut text = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            file.seek(SeekFrom::Start(self.start))?;
            file.take(1 << 20).read_to_end(&mut text)
        });
        if read.is_err() {
            return format!("(see {})", self.path.display());
        }
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(LINES)..].join("\n")
    }
}

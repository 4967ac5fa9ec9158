//! What lies where in a private cluster's directory, and the lock that makes it one server's.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::account::Account;
use super::{ClusterError, binaries};
use crate::setup::hexadecimal;

/// The directory of one private cluster, locked for as long as this value lives.
#[derive(Debug)]
pub(super) struct Directory {
    root: PathBuf,
    /// Held, not read: the operating system unlocks it when the process ends, however it ends.
    lock: File,
}

impl Drop for Directory {
    /// Closing would do, but for a child that is being started at this moment and still has the file open as well.
    fn drop(&mut self) {
        let _ = self.lock.unlock();
    }
}

impl Directory {
    /// Creates `wanted` where missing and locks it. When `account` cannot walk there (a home directory of root is closed
    /// to everybody else), a directory of its own under /var/lib takes its place.
    pub fn open(wanted: &Path, account: &Account, throwaway: bool) -> Result<Self, ClusterError> {
        let wanted = std::path::absolute(wanted).map_err(ClusterError::io("resolve", wanted))?;
        create(&wanted)?;
        // Links are resolved first: it is the real path that has to be walked.
        let wanted = wanted.canonicalize().map_err(ClusterError::io("resolve", &wanted))?;
        // A throwaway one is the account's as a whole, because the keeper, which runs as the account, removes it.
        if throwaway {
            account.give(&wanted)?;
        }
        let root = if account.can_reach(&wanted) { wanted } else { detour(&wanted)? };
        if throwaway {
            account.give(&root)?;
        }
        let lock = lock(&root)?;
        Ok(Self { root, lock })
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// PostgreSQL's own data directory (PGDATA).
    pub fn data(&self) -> PathBuf {
        self.root.join("postgres")
    }

    /// Where initdb works; renamed to [`Self::data`] once complete.
    pub fn unfinished_data(&self) -> PathBuf {
        self.root.join("postgres.unfinished")
    }

    pub fn credentials(&self) -> PathBuf {
        self.root.join("credentials.json")
    }

    /// The superuser's password for initdb, removed right after.
    pub fn password_file(&self) -> PathBuf {
        self.root.join("initdb.password")
    }

    pub fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    pub fn downloads(&self) -> PathBuf {
        self.root.join("postgresql")
    }

    /// The major version that made the data; `None` when there is none yet.
    pub fn data_version(&self) -> Result<Option<u32>, ClusterError> {
        let file = self.data().join("PG_VERSION");
        match fs::read_to_string(&file) {
            Ok(text) => Ok(Some(text.trim().parse().unwrap_or(binaries::OLDEST))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(ClusterError::io("read", &file)(error)),
        }
    }
}

/// Open to walk through and to nothing else: the account reaches its data, nobody lists what else is here.
fn create(directory: &Path) -> Result<(), ClusterError> {
    if !directory.exists() {
        DirBuilder::new()
            .recursive(true)
            .mode(0o755)
            .create(directory)
            .map_err(ClusterError::io("create", directory))?;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o711))
            .map_err(ClusterError::io("set the permissions of", directory))?;
    }
    Ok(())
}

/// The same wish always leads to the same place, so that a restart finds its data.
fn detour(wanted: &Path) -> Result<PathBuf, ClusterError> {
    let hash = hexadecimal(&Sha256::digest(wanted.as_os_str().as_encoded_bytes()));
    let parent = Path::new("/var/lib/bulkhead");
    let directory = parent.join(&hash[..12]);
    create(parent)?;
    create(&directory)?;
    Ok(directory)
}

fn lock(root: &Path) -> Result<File, ClusterError> {
    let path = root.join("lock");
    let mut file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&path)
        .map_err(ClusterError::io("open", &path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let known = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
            let holder = if known { holder.trim().to_owned() } else { "unknown".to_owned() };
            return Err(ClusterError::InUse { directory: root.into(), holder });
        }
        Err(TryLockError::Error(error)) => return Err(ClusterError::io("lock", &path)(error)),
    }
    let write_holder = |file: &mut File| {
        file.set_len(0)?;
        file.seek(SeekFrom::Start(0))?;
        writeln!(file, "{}", std::process::id())
    };
    write_holder(&mut file).map_err(ClusterError::io("write", &path))?;
    Ok(file)
}

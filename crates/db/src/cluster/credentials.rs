//! The passwords of a private cluster: made once, kept beside its data (0600), reused at every start.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::ClusterError;
use crate::setup::{RolePasswords, random_password};

/// What opens a private cluster.
#[derive(Clone, Debug)]
pub(super) struct Credentials {
    /// Password of the bootstrap superuser `postgres`.
    pub superuser: SecretString,
    pub roles: RolePasswords,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    superuser: String,
    app: String,
    operator: String,
    auth: String,
    migrator: String,
    /// Absent where the passwords were made before this role was.
    inspector: Option<String>,
}

impl Credentials {
    /// Reads the file, or makes the passwords and writes them. The file is on disk before a cluster is initialized with
    /// them: a crash in between leaves passwords without a cluster, never a cluster without its passwords.
    pub fn load_or_create(file: &Path) -> Result<Self, ClusterError> {
        match fs::read_to_string(file) {
            Ok(text) => {
                let (kept, complete) =
                    Self::parse(&text).map_err(|reason| ClusterError::Credentials { file: file.into(), reason })?;
                if !complete {
                    kept.store(file)?;
                }
                Ok(kept)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let fresh = Self { superuser: random_password()?, roles: RolePasswords::generate()? };
                fresh.store(file)?;
                Ok(fresh)
            }
            Err(error) => Err(ClusterError::io("read", file)(error)),
        }
    }

    /// The passwords of a file, and whether it held all of them: those that are missing are made.
    fn parse(text: &str) -> Result<(Self, bool), String> {
        // serde_json quotes input in some of its errors; this file is all secrets, so only the position is repeated.
        let stored: Stored = serde_json::from_str(text).map_err(|error| {
            format!("not the JSON this product wrote (line {}, column {})", error.line(), error.column())
        })?;
        let complete = stored.inspector.is_some();
        let inspector = match stored.inspector {
            Some(password) => password.into(),
            None => random_password().map_err(|error| error.to_string())?,
        };
        let roles = RolePasswords {
            app: stored.app.into(),
            operator: stored.operator.into(),
            auth: stored.auth.into(),
            migrator: stored.migrator.into(),
            inspector,
        };
        Ok((Self { superuser: stored.superuser.into(), roles }, complete))
    }

    fn store(&self, file: &Path) -> Result<(), ClusterError> {
        let text = |secret: &SecretString| secret.expose_secret().to_owned();
        let stored = Stored {
            superuser: text(&self.superuser),
            app: text(&self.roles.app),
            operator: text(&self.roles.operator),
            auth: text(&self.roles.auth),
            migrator: text(&self.roles.migrator),
            inspector: Some(text(&self.roles.inspector)),
        };
        let json = serde_json::to_string_pretty(&stored)
            .map_err(|error| ClusterError::Credentials { file: file.into(), reason: error.to_string() })?;
        let unfinished = file.with_extension("new");
        write_private(&unfinished, &json)?;
        fs::rename(&unfinished, file).map_err(ClusterError::io("write", file))
    }
}

/// Writes a file that only its owner can read, from its first byte on.
pub(super) fn write_private(path: &Path, text: &str) -> Result<(), ClusterError> {
    let write = || -> io::Result<()> {
        // A left-over of a killed start may have another owner or mode.
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut file: File = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(ClusterError::io("write", path))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn passwords_survive_a_restart_and_only_their_owner_reads_them() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("credentials.json");
        let first = Credentials::load_or_create(&file).unwrap();
        let second = Credentials::load_or_create(&file).unwrap();
        assert_eq!(first.superuser.expose_secret(), second.superuser.expose_secret());
        assert_eq!(first.roles.app.expose_secret(), second.roles.app.expose_secret());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_damaged_file_is_named_and_its_content_is_not_repeated() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("credentials.json");
        fs::write(&file, "{\"superuser\": \"hunter2\"").unwrap();
        let message = Credentials::load_or_create(&file).unwrap_err().to_string();
        assert!(message.contains("credentials.json") && !message.contains("hunter2"), "{message}");
    }
}

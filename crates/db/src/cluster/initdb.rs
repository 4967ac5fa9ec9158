//! Makes the data of a private cluster, once.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use secrecy::ExposeSecret;

use super::ClusterError;
use super::account::Account;
use super::binaries::Binaries;
use super::credentials::{Credentials, write_private};
use super::directory::Directory;
use super::log::Log;
use super::process::POLL;

/// A slow disk may need this long for the first files of a cluster.
const PATIENCE: Duration = Duration::from_secs(300);

/// Makes the data directory. It appears under its name only once complete, so a killed initdb leaves nothing to trip on.
pub(super) async fn initialize(
    directory: &Directory,
    binaries: &Binaries,
    account: &Account,
    credentials: &Credentials,
    fsync: bool,
) -> Result<(), ClusterError> {
    // Sorting and case rules that do not depend on the machine. The second is for systems without the first.
    let mut result = Ok(());
    for locale in ["C.UTF-8", "C"] {
        let unfinished = directory.unfinished_data();
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(ClusterError::io("remove", &unfinished))?;
        }
        fs::create_dir(&unfinished).map_err(ClusterError::io("create", &unfinished))?;
        account.give(&unfinished)?;

        // The password travels in a file: arguments are visible to everybody on the machine.
        let password = directory.password_file();
        write_private(&password, credentials.superuser.expose_secret())?;
        account.give(&password)?;
        result = initdb(directory, binaries, account, locale, fsync).await;
        fs::remove_file(&password).map_err(ClusterError::io("remove", &password))?;
        if result.is_ok() {
            let data = directory.data();
            return fs::rename(&unfinished, &data).map_err(ClusterError::io("create", &data));
        }
    }
    result
}

async fn initdb(
    directory: &Directory,
    binaries: &Binaries,
    account: &Account,
    locale: &str,
    fsync: bool,
) -> Result<(), ClusterError> {
    let log = Log::open(directory.log(), account)?;
    let mut command = Command::new(binaries.program("initdb"));
    command
        .args(["--username=postgres", "--auth=scram-sha-256", "--encoding=UTF8"])
        .arg(format!("--locale={locale}"))
        .arg(with_path("--pgdata=", &directory.unfinished_data()))
        .arg(with_path("--pwfile=", &directory.password_file()));
    if !fsync {
        command.arg("--no-sync");
    }
    account.run(&mut command);
    command.stdin(Stdio::null());
    let mut child = Running(log.attach(&mut command, &directory.unfinished_data())?);
    let reason = match child.exit_within(PATIENCE).await {
        Some(Ok(status)) if status.success() => return Ok(()),
        Some(Ok(status)) => status.to_string(),
        Some(Err(error)) => error.to_string(),
        None => "it did not finish in five minutes".to_owned(),
    };
    Err(ClusterError::Failed { program: "initdb", reason, log: log.tail() })
}

/// A child process that does not outlive its handle.
struct Running(Child);

impl Running {
    /// How it ended; `None` when it has not after `limit`.
    async fn exit_within(&mut self, limit: Duration) -> Option<io::Result<ExitStatus>> {
        let deadline = Instant::now() + limit;
        loop {
            match self.0.try_wait().transpose() {
                None if Instant::now() < deadline => tokio::time::sleep(POLL).await,
                ended => return ended,
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            // Failing means that it has just ended by itself.
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }
}

fn with_path(option: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(option);
    argument.push(path);
    argument
}

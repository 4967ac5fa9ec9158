//! The processes of a private cluster: initdb, postgres, and the keeper that stops postgres when we are gone.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use secrecy::ExposeSecret;

use super::account::Account;
use super::binaries::Binaries;
use super::credentials::{Credentials, write_private};
use super::directory::Directory;
use super::{ClusterError, ClusterOptions};

const KEEPER: &str = include_str!("keeper.sh");
/// How often files and processes are looked at while waiting for them.
const POLL: Duration = Duration::from_millis(20);
/// A fast shutdown writes a checkpoint; a slow disk may need this long.
const FAST_SHUTDOWN: Duration = Duration::from_secs(20);
/// An immediate shutdown writes nothing.
const IMMEDIATE_SHUTDOWN: Duration = Duration::from_secs(5);
/// The log starts afresh above this size, in bytes; one older log is kept.
const LOG_LIMIT: u64 = 10 << 20;

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
    match child.exit_within(Duration::from_secs(300)).await {
        Some(exit) if exit == "exit status: 0" => Ok(()),
        Some(reason) => Err(ClusterError::Failed { program: "initdb", reason, log: log.tail() }),
        None => {
            let reason = "it did not finish in five minutes".to_owned();
            Err(ClusterError::Failed { program: "initdb", reason, log: log.tail() })
        }
    }
}

/// A child process that does not outlive its handle.
struct Running(Child);

impl Running {
    /// `None` after `limit`; otherwise how it ended.
    async fn exit_within(&mut self, limit: Duration) -> Option<String> {
        let deadline = Instant::now() + limit;
        loop {
            match self.0.try_wait() {
                Ok(Some(status)) => return Some(status.to_string()),
                Ok(None) if Instant::now() < deadline => tokio::time::sleep(POLL).await,
                Ok(None) => return None,
                Err(error) => return Some(error.to_string()),
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

/// A running PostgreSQL with its keeper. Dropping it closes the keeper's pipe, and the keeper stops PostgreSQL.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    keeper: ChildStdin,
    pub port: u16,
}

impl Server {
    /// Starts postgres and returns once it accepts connections.
    pub async fn start(
        directory: &Directory,
        binaries: &Binaries,
        account: &Account,
        options: &ClusterOptions,
    ) -> Result<Self, ClusterError> {
        stop_orphan(&directory.data()).await?;
        // Between finding a free port and PostgreSQL taking it somebody else may: that is worth a few attempts.
        let mut attempts = if options.port.is_some() { 1 } else { 5 };
        loop {
            attempts -= 1;
            match Self::start_on(free_port(options.port)?, directory, binaries, account, options).await {
                Err(ClusterError::Failed { log, .. }) if attempts > 0 && log.contains("could not bind") => {}
                result => return result,
            }
        }
    }

    async fn start_on(
        port: u16,
        directory: &Directory,
        binaries: &Binaries,
        account: &Account,
        options: &ClusterOptions,
    ) -> Result<Self, ClusterError> {
        let data = directory.data();
        let log = Log::open(directory.log(), account)?;
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(keeper_script()).arg("keeper").arg(&data);
        command.arg(if options.throwaway { directory.root() } else { Path::new("") });
        command.arg(binaries.program("postgres")).arg("-D").arg(&data);
        for setting in options.settings(port) {
            command.arg("-c").arg(setting);
        }
        account.run(&mut command);
        // A process group of its own: Ctrl-C in the terminal is for us, and PostgreSQL is needed until we have drained.
        command.process_group(0).stdin(Stdio::piped());
        let mut child = log.attach(&mut command, &data)?;
        let keeper = child.stdin.take().ok_or_else(|| ClusterError::Failed {
            program: "postgres",
            reason: "its keeper has no pipe".to_owned(),
            log: String::new(),
        })?;
        let mut server = Self { child, keeper, port };
        server.ready(&data, options.start_timeout, &log).await?;
        Ok(server)
    }

    /// Waits until the pid file says `ready`, which is what pg_ctl looks at too.
    async fn ready(&mut self, data: &Path, limit: Duration, log: &Log) -> Result<(), ClusterError> {
        let deadline = Instant::now() + limit;
        let failed = |reason: String| ClusterError::Failed { program: "postgres", reason, log: log.tail() };
        loop {
            if let Some(status) = self.child.try_wait().map_err(|error| failed(error.to_string()))? {
                return Err(failed(status.to_string()));
            }
            let pid_file = PidFile::read(data);
            if pid_file.is_some_and(|file| file.ready && file.pid.as_raw_nonzero().get().unsigned_abs() == self.child.id()) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(failed(format!("it was not ready after {} s", limit.as_secs())));
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Fast shutdown (open transactions are rolled back, a checkpoint is written); immediate when that takes too long.
    pub async fn stop(mut self, throwaway: bool) -> Result<(), ClusterError> {
        let pid = Pid::from_child(&self.child);
        let orderly = if throwaway { None } else { Some((Signal::INT, FAST_SHUTDOWN)) };
        let steps = [orderly, Some((Signal::QUIT, IMMEDIATE_SHUTDOWN)), Some((Signal::KILL, IMMEDIATE_SHUTDOWN))];
        for (signal, patience) in steps.into_iter().flatten() {
            if exited_within(&mut self.child, Duration::ZERO).await {
                break;
            }
            // Failing means that it has just ended by itself.
            let _ = kill_process(pid, signal);
            if exited_within(&mut self.child, patience).await {
                break;
            }
            tracing::warn!(?signal, "PostgreSQL did not stop in time");
        }
        let _ = self.keeper.write_all(b"stopped\n");
        if exited_within(&mut self.child, Duration::ZERO).await {
            Ok(())
        } else {
            let reason = format!("process {} does not end", self.child.id());
            Err(ClusterError::Failed { program: "postgres", reason, log: String::new() })
        }
    }

    /// Whether the process lives.
    pub fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

/// Without its comments, which `ps` would show.
fn keeper_script() -> String {
    let is_code = |line: &&str| !line.trim_start().starts_with('#') && !line.is_empty();
    KEEPER.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

async fn exited_within(child: &mut Child, limit: Duration) -> bool {
    let deadline = Instant::now() + limit;
    while matches!(child.try_wait(), Ok(None)) {
        if Instant::now() >= deadline {
            return false;
        }
        tokio::time::sleep(POLL).await;
    }
    true
}

/// `<PGDATA>/postmaster.pid`: the process id in its first line, the state in its eighth.
struct PidFile {
    pid: Pid,
    ready: bool,
}

impl PidFile {
    fn read(data: &Path) -> Option<Self> {
        let text = fs::read_to_string(data.join("postmaster.pid")).ok()?;
        let pid = Pid::from_raw(text.lines().next()?.trim().parse().ok()?)?;
        Some(Self { pid, ready: text.lines().nth(7).is_some_and(|state| state.trim() == "ready") })
    }
}

/// Stops a server that was left on `data`. We hold the directory's lock, so the process that wanted it is dead; its
/// keeper is either at it already or was killed too. A pid file that names nobody, or somebody else, is removed:
/// PostgreSQL itself would refuse to start when the number has been given to another of the account's processes.
async fn stop_orphan(data: &Path) -> Result<(), ClusterError> {
    let deadline = Instant::now() + FAST_SHUTDOWN;
    while let Some(PidFile { pid, .. }) = PidFile::read(data) {
        if !serves(pid, data) {
            let path = data.join("postmaster.pid");
            return match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(ClusterError::io("remove", &path)(error))
                }
                _ => Ok(()),
            };
        }
        let signal = if Instant::now() < deadline { Signal::INT } else { Signal::QUIT };
        if Instant::now() > deadline + IMMEDIATE_SHUTDOWN {
            let reason = format!("process {pid:?} of an earlier start does not end");
            return Err(ClusterError::Failed { program: "postgres", reason, log: String::new() });
        }
        let _ = kill_process(pid, signal);
        tokio::time::sleep(POLL * 5).await;
    }
    Ok(())
}

/// Whether `pid` lives and is the server of `data` (postgres works in its data directory). Where the system does not
/// tell where a process works, a living one is taken for it.
fn serves(pid: Pid, data: &Path) -> bool {
    if test_kill_process(pid).is_err() {
        return false;
    }
    match fs::read_link(format!("/proc/{}/cwd", pid.as_raw_nonzero())) {
        Ok(directory) => directory == data,
        Err(_) => !Path::new("/proc/self").exists(),
    }
}

fn free_port(wanted: Option<u16>) -> Result<u16, ClusterError> {
    if let Some(port) = wanted {
        return Ok(port);
    }
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .map_err(ClusterError::io("find a free port on", Path::new("127.0.0.1")))
}

fn with_path(option: &str, path: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from(option);
    argument.push(path);
    argument
}

/// The log file, from where this start begins.
struct Log {
    path: PathBuf,
    start: u64,
}

impl Log {
    fn open(path: PathBuf, account: &Account) -> Result<Self, ClusterError> {
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
    fn attach(&self, command: &mut Command, working_directory: &Path) -> Result<Child, ClusterError> {
        // PGDATA, PGPORT, PGOPTIONS and LC_ALL of whoever starts us must not steer a private server.
        command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin").env("LC_ALL", "C").env("TZ", "UTC");
        command.current_dir(working_directory).stdout(self.append()?).stderr(self.append()?);
        let program = PathBuf::from(command.get_program());
        command.spawn().map_err(ClusterError::io("run", &program))
    }

    /// The last lines written since the start, for an error message.
    fn tail(&self) -> String {
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

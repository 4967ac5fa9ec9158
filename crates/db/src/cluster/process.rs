//! The server process of a private cluster, and the keeper that stops it when we are gone.

use std::fs;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use super::account::Account;
use super::binaries::Binaries;
use super::directory::Directory;
use super::log::Log;
use super::{ClusterError, ClusterOptions};

const KEEPER: &str = include_str!("keeper.sh");
/// How often files and processes are looked at while waiting for them.
pub(super) const POLL: Duration = Duration::from_millis(20);
/// A fast shutdown writes a checkpoint; a slow disk may need this long.
const FAST_SHUTDOWN: Duration = Duration::from_secs(20);
/// An immediate shutdown writes nothing.
const IMMEDIATE_SHUTDOWN: Duration = Duration::from_secs(5);

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
            if pid_file
                .is_some_and(|file| file.ready && file.pid.as_raw_nonzero().get().unsigned_abs() == self.child.id())
            {
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

//! The processes under measurement: the server's release binary and the floor.

use std::{
    fs::{self, File},
    io::Write,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use bulkhead_db::setup::DatabaseUrls;
use secrecy::ExposeSecret;

use crate::{
    Result,
    affinity::{self, Side},
    client::{Ask, Connection},
    seed,
};

/// How long a program may take to answer at all.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running program; dropped, it is killed.
pub struct Program {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

/// How the server is started.
#[derive(Clone)]
pub struct Binary {
    path: PathBuf,
    /// Where its log and its data directory go.
    directory: PathBuf,
}

/// What cargo-leptos writes beside a release binary: the browser's files are named after their contents. The bench asks
/// for no such file, so none is built; the pages need their names.
const HASHES: &str = "js: AAAAAAAAAAAAAAAAAAAAAA\nwasm: BBBBBBBBBBBBBBBBBBBBBB\ncss: CCCCCCCCCCCCCCCCCCCCCC\n";

impl Binary {
    /// Copies a release binary to where nothing rebuilds it during a run, and puts beside it what it needs.
    pub fn install(built: &Path, directory: &Path) -> Result<Self> {
        let path = directory.join("bulkhead");
        fs::copy(built, &path)?;
        fs::write(directory.join("hash.txt"), HASHES)?;
        Ok(Self { path, directory: directory.to_owned() })
    }

    /// Starts `bulkhead serve` with its defaults on a database; returns at once.
    pub fn start(&self, urls: &DatabaseUrls) -> Result<Program> {
        let address = free_address()?;
        let mut command = Command::new(&self.path);
        // Nothing but this: what is set on this machine must not change a figure.
        command.arg("serve").env_clear().envs([
            ("BULKHEAD_LISTEN", address.to_string()),
            ("BULKHEAD_INTERNAL_LISTEN", "127.0.0.1:0".to_owned()),
            ("BULKHEAD_PUBLIC_URL", format!("http://{address}")),
            ("BULKHEAD_DATA_DIR", self.directory.join("data").display().to_string()),
            ("BULKHEAD_PEPPER", seed::key()),
            ("BULKHEAD_SIGNING_KEY", seed::key()),
            ("BULKHEAD_DATABASE_URL", urls.app.expose_secret().to_owned()),
            ("BULKHEAD_DATABASE_OPERATOR_URL", urls.operator.expose_secret().to_owned()),
            ("BULKHEAD_DATABASE_AUTH_URL", urls.auth.expose_secret().to_owned()),
        ]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(self.log("server.log")?);
        Ok(Program { child: on_the_served_side(&mut command)?, address })
    }

    /// Starts the floor on a database.
    pub fn start_floor(&self, urls: &DatabaseUrls) -> Result<Program> {
        let address = free_address()?;
        let mut command = Command::new(std::env::current_exe()?);
        command.arg("floor").arg("--listen").arg(address.to_string());
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(self.log("floor.log")?);
        let mut child = on_the_served_side(&mut command)?;
        let input = child.stdin.as_mut().ok_or("the floor has no standard input")?;
        writeln!(input, "{}", urls.migrate.expose_secret())?;
        Ok(Program { child, address })
    }

    fn log(&self, name: &str) -> Result<File> {
        Ok(File::options().create(true).append(true).open(self.directory.join(name))?)
    }
}

impl Program {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits until `ask` is answered as it must be; how long that took since `begin`.
    pub async fn answers(&mut self, ask: &Ask, begin: Instant) -> Result<Duration> {
        loop {
            let answered = match Connection::open(self.address).await {
                Ok(mut connection) => connection.ask(ask).await.map(drop),
                Err(error) => Err(error),
            };
            match answered {
                Ok(()) => return Ok(begin.elapsed()),
                Err(error) if begin.elapsed() > PATIENCE => return Err(error),
                Err(_) => {}
            }
            if let Some(status) = self.child.try_wait()? {
                return Err(format!("the program ended with {status}; its log is beside the data").into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It keeps no state of its own, so there is nothing to drain.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is started inherits the core of the thread that starts it.
fn on_the_served_side(command: &mut Command) -> Result<Child> {
    affinity::move_to(Side::Served)?;
    let child = command.spawn();
    affinity::move_to(Side::Client)?;
    Ok(child?)
}

/// A port nobody listens on.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

/// The directory, made where missing.
pub fn directory(path: &Path) -> Result<PathBuf> {
    fs::create_dir_all(path)?;
    Ok(path.canonicalize()?)
}

//! The private cluster: what a newcomer's first hour and every Ctrl-C rely on.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bulkhead_db::cluster::{Cluster, ClusterError, ClusterOptions};
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use secrecy::{ExposeSecret, SecretString};
use sqlx::{Connection, PgConnection};

/// A cluster that lasts, in a directory that does not.
fn lasting(directory: &Path) -> ClusterOptions {
    ClusterOptions { fsync: false, ..ClusterOptions::new(directory.join("data")) }
}

async fn query(url: &SecretString, sql: &'static str) -> String {
    let mut connection = PgConnection::connect(url.expose_secret()).await.unwrap();
    let answer = sqlx::query_scalar(sql).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    answer
}

/// The process id in PostgreSQL's pid file.
fn server_pid(cluster: &Cluster) -> Pid {
    let text = fs::read_to_string(cluster.directory().join("postgres/postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().parse().unwrap()).unwrap()
}

async fn gone(pid: Pid) -> bool {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        let zombie =
            fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).is_ok_and(|stat| stat.contains(") Z "));
        if zombie || test_kill_process(pid).is_err() {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    false
}

#[tokio::test]
async fn data_and_passwords_survive_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    open_to_all(directory.path());
    let cluster = Cluster::start(lasting(directory.path())).await.unwrap();
    let urls = cluster.prepare("bulkhead").await.unwrap();
    assert_eq!(query(&urls.app, "SELECT current_user::text").await, "bulkhead_app");
    assert_eq!(query(&urls.auth, "SHOW statement_timeout").await, "5s");
    assert_eq!(query(&urls.operator, "SHOW idle_in_transaction_session_timeout").await, "10s");
    let kept = "SELECT string_agg(DISTINCT split_part(rolpassword, ':', 1), ' ') FROM pg_authid WHERE rolname LIKE 'bulkhead%' AND rolcanlogin";
    assert_eq!(query(&cluster.admin_url(), kept).await, "SCRAM-SHA-256$1", "docs/adr/0015-one-scram-iteration.md");
    let mut wrong = url::Url::parse(urls.app.expose_secret()).unwrap();
    wrong.set_password(Some(&"0".repeat(64))).unwrap();
    assert!(PgConnection::connect(wrong.as_str()).await.is_err(), "another password signs nobody in");
    let pid = server_pid(&cluster);
    let first_identity = query(&cluster.admin_url(), "SELECT system_identifier::text FROM pg_control_system()").await;
    cluster.stop().await.unwrap();
    assert!(gone(pid).await, "stop() returned while the server was running");
    assert!(PgConnection::connect(urls.app.expose_secret()).await.is_err());

    let cluster = Cluster::start(lasting(directory.path())).await.unwrap();
    let urls = cluster.urls("bulkhead").unwrap();
    assert_eq!(query(&urls.migrate, "SELECT current_user::text").await, "bulkhead_migrator");
    let second_identity = query(&cluster.admin_url(), "SELECT system_identifier::text FROM pg_control_system()").await;
    assert_eq!(first_identity, second_identity);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn a_second_server_on_the_same_data_is_told_who_has_it() {
    let directory = tempfile::tempdir().unwrap();
    open_to_all(directory.path());
    let cluster = Cluster::start(lasting(directory.path())).await.unwrap();
    let refusal = Cluster::start(lasting(directory.path())).await.unwrap_err();
    assert!(matches!(&refusal, ClusterError::InUse { .. }), "{refusal}");
    assert!(refusal.to_string().contains(&std::process::id().to_string()), "{refusal}");
    cluster.stop().await.unwrap();
    Cluster::start(lasting(directory.path())).await.unwrap().stop().await.unwrap();
}

/// Dropping without `stop` closes the keeper's pipe, which is all that a killed process leaves behind.
#[tokio::test]
async fn the_server_ends_when_nobody_is_left_to_stop_it() {
    let directory = tempfile::tempdir().unwrap();
    open_to_all(directory.path());
    let cluster = Cluster::start(lasting(directory.path())).await.unwrap();
    let pid = server_pid(&cluster);
    drop(cluster);
    assert!(gone(pid).await);
}

#[tokio::test]
async fn a_throwaway_cluster_leaves_no_file() {
    let directory = tempfile::tempdir().unwrap().keep();
    let cluster = Cluster::start(ClusterOptions::throwaway(&directory)).await.unwrap();
    let pid = server_pid(&cluster);
    drop(cluster);
    assert!(gone(pid).await);
    let deadline = Instant::now() + Duration::from_secs(10);
    while directory.exists() && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!directory.exists());
}

/// Root's home is closed to everybody else, so only a start by root has to care.
#[tokio::test]
async fn a_directory_postgresql_cannot_reach_is_replaced_and_that_is_said() {
    let closed = tempfile::tempdir().unwrap();
    fs::set_permissions(closed.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let cluster = Cluster::start(ClusterOptions::throwaway(closed.path().join("data"))).await.unwrap();
    assert_eq!(cluster.moved(), cluster.account().is_some());
    let directory = cluster.directory().to_owned();
    cluster.stop().await.unwrap();
    assert!(!directory.exists());
    // Only if nobody's data is in it.
    let _ = fs::remove_dir("/var/lib/bulkhead");
}

/// Server process and keeper killed together: only the next start can tidy up.
#[tokio::test]
async fn a_server_left_by_an_earlier_start_is_stopped_and_its_data_kept() {
    let directory = tempfile::tempdir().unwrap();
    open_to_all(directory.path());
    let cluster = Cluster::start(lasting(directory.path())).await.unwrap();
    cluster.prepare("bulkhead").await.unwrap();
    let orphan = server_pid(&cluster);
    kill_process(keeper_of(&cluster), Signal::KILL).unwrap();
    drop(cluster);
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(test_kill_process(orphan).is_ok(), "the test needs an orphan");

    let cluster = Cluster::start(lasting(directory.path())).await.unwrap();
    assert!(gone(orphan).await);
    let urls = cluster.urls("bulkhead").unwrap();
    assert_eq!(query(&urls.app, "SELECT current_user::text").await, "bulkhead_app");
    cluster.stop().await.unwrap();
}

/// After a crash the number in the pid file may belong to somebody else's process.
#[tokio::test]
async fn a_pid_file_that_names_a_stranger_is_no_obstacle_and_the_stranger_lives() {
    let directory = tempfile::tempdir().unwrap();
    open_to_all(directory.path());
    let cluster = Cluster::start(lasting(directory.path())).await.unwrap();
    let pid_file = cluster.directory().join("postgres/postmaster.pid");
    cluster.stop().await.unwrap();
    fs::write(&pid_file, format!("{}\n/elsewhere\n", std::process::id())).unwrap();
    Cluster::start(lasting(directory.path())).await.unwrap().stop().await.unwrap();
}

#[tokio::test]
async fn a_failed_start_shows_what_postgresql_said() {
    let directory = tempfile::tempdir().unwrap();
    open_to_all(directory.path());
    let cluster = Cluster::start(lasting(directory.path())).await.unwrap();
    let configuration = cluster.directory().join("postgres/postgresql.conf");
    cluster.stop().await.unwrap();
    fs::write(&configuration, "no_such_setting = 1\n").unwrap();
    let failure = Cluster::start(lasting(directory.path())).await.unwrap_err();
    assert!(failure.to_string().contains("no_such_setting"), "{failure}");
}

/// What `tempfile` makes may be closed to PostgreSQL's account, depending on the umask.
fn open_to_all(directory: &Path) {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The shell that runs `keeper.sh` for this cluster.
fn keeper_of(cluster: &Cluster) -> Pid {
    let data = cluster.directory().join("postgres");
    let is_keeper = |process: &PathBuf| {
        fs::read(process.join("cmdline")).is_ok_and(|arguments| {
            let mut arguments = arguments.split(|byte| *byte == 0);
            arguments.next() == Some(b"/bin/sh")
                && arguments.any(|argument| argument == data.as_os_str().as_encoded_bytes())
        })
    };
    let process = fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path()).find(is_keeper).unwrap();
    Pid::from_raw(process.file_name().unwrap().to_str().unwrap().parse().unwrap()).unwrap()
}

//! Runs `pg_dump --schema-only`. It takes ACCESS SHARE locks on the source and nothing else.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;
use url::Url;

use super::error::{Error, Result};

/// What of a connection URL `pg_dump` understands; the rest is sqlx's own.
const SHARED_OPTIONS: [&str; 6] = ["host", "sslmode", "sslrootcert", "sslcert", "sslkey", "options"];

/// The schema of a database as SQL, for a server of `major`.
pub(super) async fn schema(url: &SecretString, major: u32, given: Option<&Path>) -> Result<String> {
    let program = locate(major, given).await?;
    let (address, password) = for_libpq(url)?;
    let mut command = Command::new(program);
    command
        .args(["--schema-only", "--no-publications", "--no-subscriptions", "--no-security-labels", "--no-tablespaces"])
        .args(["--lock-wait-timeout=5000", "--encoding=UTF8", "--dbname", &address])
        .env("PGCONNECT_TIMEOUT", "10")
        .stdin(Stdio::null())
        .kill_on_drop(true);
    if let Some(password) = password {
        // Not in the arguments, which every user of the machine can read.
        command.env("PGPASSWORD", password);
    }
    let output = command.output().await.map_err(|error| Error::Dump(error.to_string()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::Dump(without_place(said.trim()).chars().take(2000).collect()));
    }
    let text = String::from_utf8(output.stdout).map_err(|error| Error::Dump(error.to_string()))?;
    Ok(without_psql_commands(&text))
}

/// libpq begins its refusals with the server's address, which whoever asked knows and others need not.
fn without_place(said: &str) -> String {
    const FROM: &str = "connection to server ";
    const TO: &str = " failed: ";
    let mut out = String::with_capacity(said.len());
    let mut rest = said;
    while let Some((before, after)) = rest.split_once(FROM) {
        let Some((_, reason)) = after.split_once(TO) else { break };
        out.push_str(before);
        out.push_str("connection failed: ");
        rest = reason;
    }
    out + rest
}

/// Whether there is a `pg_dump` for a server of this `server_version_num`.
///
/// # Errors
/// [`Error::NoDump`], with what was found instead.
pub async fn find_pg_dump(server_version_num: u32) -> Result<()> {
    locate(server_version_num / 10_000, None).await.map(drop)
}

/// Newer versions guard a dump with `\restrict` and `\unrestrict`, which are psql's, not SQL. Each stands once, with the
/// same random word, so nothing inside a function's body is taken for one.
fn without_psql_commands(dump: &str) -> String {
    let word = dump.lines().find_map(|line| line.strip_prefix("\\restrict "));
    let Some(word) = word else { return dump.to_owned() };
    let guards = [format!("\\restrict {word}"), format!("\\unrestrict {word}")];
    dump.lines().filter(|line| !guards.iter().any(|guard| guard == line)).collect::<Vec<_>>().join("\n")
}

/// The URL without its password and without what libpq would refuse, and the password.
fn for_libpq(url: &SecretString) -> Result<(String, Option<String>)> {
    let mut url = Url::parse(url.expose_secret()).map_err(|error| Error::Url(error.to_string()))?;
    let password = url.password().map(decoded);
    let kept: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(key, _)| SHARED_OPTIONS.contains(&key.as_ref()))
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    url.set_password(None).map_err(|()| Error::Url("it cannot carry a password".to_owned()))?;
    url.set_query(None);
    if !kept.is_empty() {
        url.query_pairs_mut().extend_pairs(kept);
    }
    Ok((url.into(), password))
}

/// `%40` in a URL's password is `@`.
fn decoded(text: &str) -> String {
    // A form's decoder also takes `+` for a space, which a URL's user part does not.
    url::form_urlencoded::parse(text.replace('+', "%2B").replace('&', "%26").replace('=', "%3D").as_bytes())
        .next()
        .map(|(key, _)| key.into_owned())
        .unwrap_or_default()
}

/// The given program; else the oldest on this machine that is not older than the server.
async fn locate(server: u32, given: Option<&Path>) -> Result<PathBuf> {
    let candidates = given.map_or_else(candidates, |program| vec![program.to_owned()]);
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for program in candidates {
        if let Some(version) = version(&program).await {
            found.push((version, program));
        }
    }
    found.sort();
    let newest = found.last().map(|(version, program)| format!("{} is of version {version}", program.display()));
    found.into_iter().find(|(version, _)| *version >= server).map(|(_, program)| program).ok_or_else(|| Error::NoDump {
        server,
        reason: newest.unwrap_or_else(|| "none was found beside the server's programs or on the PATH".to_owned()),
    })
}

/// Debian's layout, Homebrew's, and whatever the PATH has.
fn candidates() -> Vec<PathBuf> {
    let below = |root: &str| {
        std::fs::read_dir(root)
            .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path().join("bin/pg_dump"))).collect::<Vec<_>>())
            .unwrap_or_default()
    };
    let mut all = below("/usr/lib/postgresql");
    all.extend(below("/opt/homebrew/opt"));
    all.retain(|program| program.is_file());
    all.push(PathBuf::from("pg_dump"));
    all
}

/// `pg_dump (PostgreSQL) 15.18 …` is 15.
async fn version(program: &Path) -> Option<u32> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().await.ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let number = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn the_password_leaves_the_address() {
        let url =
            SecretString::from("postgres://me:p%40+s%26s@localhost:5433/db?sslmode=require&statement-cache-capacity=0");
        let (address, password) = for_libpq(&url).unwrap();
        assert_eq!(address, "postgres://me@localhost:5433/db?sslmode=require");
        assert_eq!(password.as_deref(), Some("p@+s&s"));
    }

    #[test]
    fn a_refusal_is_told_without_the_address() {
        let said = "pg_dump: error: connection to server at \"db.example\" (192.0.2.7), port 5432 failed: FATAL:  no\n\
                    connection to server on socket \"/tmp/.s.PGSQL.5432\" failed: No such file or directory";
        let told = "pg_dump: error: connection failed: FATAL:  no\nconnection failed: No such file or directory";
        assert_eq!(without_place(said), told);
        assert_eq!(without_place("pg_dump: error: permission denied"), "pg_dump: error: permission denied");
    }

    #[test]
    fn psqls_own_lines_go_and_nothing_else() {
        let dump = "\\restrict aB3\nSELECT 1;\n\\restrict other\n\\unrestrict aB3";
        assert_eq!(without_psql_commands(dump), "SELECT 1;\n\\restrict other");
    }
}

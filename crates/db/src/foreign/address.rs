//! Where a foreign database is: read strictly, held to TLS, and never shown with its password.

use std::{fmt, net::IpAddr, str::FromStr};

use secrecy::{ExposeSecret, SecretString};
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use url::Url;

/// What of a connection URL is kept, under the names that both sqlx and libpq know.
const KEPT: [(&str, &str); 7] = [
    ("sslrootcert", "sslrootcert"),
    ("ssl-root-cert", "sslrootcert"),
    ("sslcert", "sslcert"),
    ("ssl-cert", "sslcert"),
    ("sslkey", "sslkey"),
    ("ssl-key", "sslkey"),
    ("options", "options"),
];
/// What may stand in a URL that was copied from a provider and changes nothing here.
const WITHOUT_MEANING: [&str; 9] = [
    "application_name",
    "channel_binding",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "gssencmode",
    "keepalives",
    "statement-cache-capacity",
    "target_session_attrs",
];
/// What says who and where, and so belongs into the URL's own parts.
const PLACES: [&str; 8] = ["sslmode", "ssl-mode", "host", "hostaddr", "port", "dbname", "user", "password"];

/// Why an address cannot be used. Each is a sentence for the person who gave it, and holds nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// It is no URL, or one of something else.
    #[error("the database's address must be a URL such as postgres://user@host:5432/database")]
    NotPostgres,
    /// A part of it is not readable.
    #[error("the {0} in the database's address cannot be read")]
    Unreadable(&'static str),
    /// An option that would be ignored.
    #[error("the database's address has the option {0:?}, which is not known here; take it out")]
    UnknownOption(String),
    /// TLS was switched off, and the server is elsewhere.
    #[error(
        "sslmode=disable would send everything to {0} readable for the network; use TLS, or say --allow-plaintext as well"
    )]
    Plaintext(String),
    /// A certificate or key is not where the address says.
    #[error("the address names {path} as {option}, and that file cannot be read")]
    NoFile {
        /// `sslrootcert`.
        option: &'static str,
        /// The path.
        path: String,
    },
    /// TLS is not known in this form.
    #[error("sslmode must be one of disable, allow, prefer, require, verify-ca and verify-full")]
    UnknownMode,
}

/// Whether somebody takes responsibility for a connection that others can read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plaintext {
    /// `sslmode=disable` is refused for a server that is not on this machine.
    Refused,
    /// `sslmode=disable` is obeyed.
    Allowed,
}

/// Where a database is and who signs in there.
///
/// A server on another machine is reached over TLS with a verified certificate (`verify-full`, or `verify-ca` where the
/// address says so), whatever weaker mode was written. Shown and debugged as `user@host:port/database`.
#[derive(Clone)]
pub struct Address {
    url: SecretString,
    shown: String,
    host: String,
    port: u16,
    user: String,
    database: String,
}

impl Address {
    /// Reads a URL. What it leaves out comes from the variables that libpq reads too, `PGHOST` and the like; nothing is
    /// contacted.
    ///
    /// # Errors
    /// See [`AddressError`].
    pub fn parse(url: &SecretString, plaintext: Plaintext) -> Result<Self, AddressError> {
        let given = Url::parse(url.expose_secret().trim()).map_err(|_| AddressError::NotPostgres)?;
        if !matches!(given.scheme(), "postgres" | "postgresql") {
            return Err(AddressError::NotPostgres);
        }
        let query: Vec<(String, String)> = given.query_pairs().into_owned().collect();
        if let Some((key, _)) = query.iter().find(|(key, _)| !is_known(key)) {
            let plain = key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')) && key.len() <= 40;
            return Err(AddressError::UnknownOption(if plain { key.clone() } else { "…".to_owned() }));
        }
        let value = |names: &[&str]| {
            query.iter().rev().find(|(key, _)| names.contains(&key.as_str())).map(|(_, value)| value.clone())
        };
        let asked = value(&["sslmode", "ssl-mode"]).map(|mode| mode.to_ascii_lowercase());
        let kept: Vec<(&str, String)> = KEPT.iter().filter_map(|(from, to)| Some((*to, value(&[from])?))).collect();
        if let Some((option, path)) = kept.iter().find(|(key, path)| *key != "options" && !is_readable(path)) {
            return Err(AddressError::NoFile { option, path: path.clone() });
        }
        let options = PgConnectOptions::from_str(given.as_str()).map_err(|_| unreadable(asked.as_deref()))?;
        let socket = options.get_socket().map(|path| path.display().to_string());
        let host = socket.unwrap_or_else(|| options.get_host().to_owned());
        let mode = mode(asked.as_deref(), options.get_ssl_mode(), &host, plaintext)?;

        let mut canonical = Url::parse("postgres://localhost/").map_err(|_| AddressError::NotPostgres)?;
        let user = options.get_username().to_owned();
        let database = options.get_database().unwrap_or(&user).to_owned();
        if !host.starts_with('/') {
            canonical.set_host(Some(&host)).map_err(|_| AddressError::Unreadable("host"))?;
        }
        canonical.set_port(Some(options.get_port())).map_err(|()| AddressError::Unreadable("port"))?;
        canonical.set_username(&encoded(&user)).map_err(|()| AddressError::Unreadable("user"))?;
        let password = value(&["password"]).map(|text| encoded(&text)).or_else(|| given.password().map(str::to_owned));
        canonical.set_password(password.as_deref()).map_err(|()| AddressError::Unreadable("password"))?;
        canonical.set_path(&encoded(&database));
        {
            let mut pairs = canonical.query_pairs_mut();
            if host.starts_with('/') {
                pairs.append_pair("host", &host);
            }
            pairs.append_pair("sslmode", mode).append_pair("application_name", super::APPLICATION);
            pairs.extend_pairs(kept);
        }
        let shown = format!("{user}@{host}:{}/{database}", options.get_port());
        Ok(Self { url: String::from(canonical).into(), shown, host, port: options.get_port(), user, database })
    }

    /// The whole URL, password included, with every part in its own place: the path names the database, and no option
    /// says otherwise.
    pub(super) const fn url(&self) -> &SecretString {
        &self.url
    }

    /// What sqlx connects with.
    pub(super) fn options(&self) -> Result<PgConnectOptions, AddressError> {
        PgConnectOptions::from_str(self.url.expose_secret()).map_err(|_| AddressError::NotPostgres)
    }

    /// The host's name or address, or the directory of its socket.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Who signs in.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

fn is_known(key: &str) -> bool {
    PLACES.contains(&key) || WITHOUT_MEANING.contains(&key) || KEPT.iter().any(|(from, _)| *from == key)
}

fn is_readable(path: &str) -> bool {
    std::fs::File::open(path).is_ok()
}

/// sqlx says what was wrong with the value in it; we say which part.
fn unreadable(asked: Option<&str>) -> AddressError {
    let known = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
    match asked {
        Some(mode) if !known.contains(&mode) => AddressError::UnknownMode,
        _ => AddressError::Unreadable("port, name or host"),
    }
}

/// The mode to connect with, as it is written in a URL. `given` is what holds without one: libpq's variable or default.
fn mode(asked: Option<&str>, given: PgSslMode, host: &str, plaintext: Plaintext) -> Result<&'static str, AddressError> {
    let wanted = match asked {
        Some("disable") => "disable",
        Some("allow") => "allow",
        Some("prefer") => "prefer",
        Some("require") => "require",
        Some("verify-ca") => "verify-ca",
        Some("verify-full") => "verify-full",
        Some(_) => return Err(AddressError::UnknownMode),
        None => match given {
            PgSslMode::Require => "require",
            PgSslMode::VerifyCa => "verify-ca",
            PgSslMode::VerifyFull => "verify-full",
            // Not what an address leaves to chance: only one that says so switches TLS off.
            _ => "prefer",
        },
    };
    match wanted {
        _ if is_local(host) => Ok(wanted),
        "disable" if plaintext == Plaintext::Refused => Err(AddressError::Plaintext(host.to_owned())),
        "disable" | "verify-ca" => Ok(wanted),
        _ => Ok("verify-full"),
    }
}

/// On this machine, so that an unencrypted connection leaves nothing on a wire.
fn is_local(host: &str) -> bool {
    host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// The URL's own setters leave `%` alone, so that it would be decoded later.
fn encoded(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        use fmt::Write as _;
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Address, AddressError> {
        Address::parse(&SecretString::from(url), Plaintext::Refused)
    }

    fn canonical(url: &str) -> Url {
        Url::parse(parse(url).unwrap().url().expose_secret()).unwrap()
    }

    fn mode_of(url: &str) -> String {
        canonical(url).query_pairs().find(|(key, _)| key == "sslmode").unwrap().1.into_owned()
    }

    #[test]
    fn a_server_elsewhere_is_verified_whatever_was_written() {
        for asked in ["", "?sslmode=prefer", "?sslmode=allow", "?sslmode=require", "?sslmode=verify-full"] {
            assert_eq!(mode_of(&format!("postgres://a@db.example/x{asked}")), "verify-full", "{asked}");
        }
        assert_eq!(mode_of("postgres://a@db.example/x?sslmode=verify-ca"), "verify-ca");
        let open = "postgres://a:hunter2@db.example/x?sslmode=disable";
        let refused = parse(open).unwrap_err();
        assert_eq!(refused, AddressError::Plaintext("db.example".to_owned()));
        assert!(!refused.to_string().contains("hunter2"));
        assert!(Address::parse(&open.into(), Plaintext::Allowed).is_ok());
        // An option must not lead away from a local name.
        assert_eq!(mode_of("postgres://a@localhost/x?host=db.example"), "verify-full");
        assert_eq!(
            parse("postgres://a@localhost/x?hostaddr=192.0.2.1&sslmode=disable").unwrap_err(),
            AddressError::Plaintext("192.0.2.1".to_owned())
        );
    }

    #[test]
    fn this_machine_needs_no_tls_and_obeys_what_is_asked() {
        for host in ["localhost", "127.0.0.1", "%2Frun%2Fpostgresql", "[::1]"] {
            assert_eq!(mode_of(&format!("postgres://a@{host}/x?sslmode=disable")), "disable", "{host}");
            assert_eq!(mode_of(&format!("postgres://a@{host}/x?sslmode=verify-full")), "verify-full", "{host}");
        }
    }

    /// The prover puts a copy's name into the path. An option that wins over the path would send it to the original.
    #[test]
    fn nothing_beside_the_path_names_a_database() {
        let url =
            canonical("postgres://localhost/x?dbname=real&user=me&password=a%25b%26&port=6000&options=-c%20jit%3Doff");
        assert_eq!((url.path(), url.username(), url.port()), ("/real", "me", Some(6000)));
        assert!(url.query_pairs().all(|(key, _)| !matches!(&*key, "dbname" | "user" | "password" | "port")));
        let options = PgConnectOptions::from_str(url.as_str()).unwrap();
        assert_eq!((options.get_database(), options.get_options()), (Some("real"), Some("-c jit=off")));
        assert_eq!(url.password(), Some("a%25b%26"));
    }

    #[test]
    fn names_survive_whatever_they_are() {
        let address = parse("postgres://we%22ird%40%25@localhost/a%2Fb%3F").unwrap();
        assert_eq!((address.user(), address.database()), ("we\"ird@%", "a/b?"));
        let options = address.options().unwrap();
        assert_eq!((options.get_username(), options.get_database()), ("we\"ird@%", Some("a/b?")));
    }

    #[test]
    fn what_is_refused_says_why_and_no_secret() {
        for (url, sentence) in [
            ("hunter2", "must be a URL"),
            ("mysql://a:hunter2@localhost/x", "must be a URL"),
            ("postgres://a:hunter2@localhost/x?sslmode=hunter2", "sslmode must be"),
            ("postgres://a@localhost/x?pasword=hunter2", "\"pasword\""),
            ("postgres://a@localhost/x?port=hunter2", "cannot be read"),
            ("postgres://a:hunter2@localhost/x?sslrootcert=/nowhere/ca.pem", "/nowhere/ca.pem as sslrootcert"),
        ] {
            let error = parse(url).unwrap_err().to_string();
            assert!(error.contains(sentence), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        let address = parse("postgres://me:hunter2@localhost:5433/x?password=hunter3").unwrap();
        assert_eq!(format!("{address} {address:?}"), "me@localhost:5433/x Address(me@localhost:5433/x)");
    }
}

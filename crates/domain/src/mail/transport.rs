//! How mail leaves: SMTP, or a directory where nothing must really be sent.
//!
//! Tested against a real SMTP state machine (the `mailin` crate, RFC 5321, no I/O of its own, no unsafe code)
//! behind a plain listener in `smtp_server.rs`. `mailin-embedded` and `maik` bring listeners of their own, but
//! the first does not compile without its TLS features and the second pulls in OpenSSL; `samotop` is async-std.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lettre::message::Mailbox;
use lettre::transport::smtp::response::Code;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use url::{Host, Url};

use super::directory::{self, Delivered};
use super::message::Message;

/// Connecting takes at most this long.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// An attempt takes at most this long, whatever the server does. Lettre itself waits for a silent server without
/// end (Q07). Well below the outbox lease, so that no second worker takes the mail meanwhile.
const SEND_TIMEOUT: Duration = Duration::from_secs(30);

/// Why a mail did not leave. Says what a person running the server needs and holds no address: what the server
/// answered is kept with addresses struck out, and may be logged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// May work later: no connection, a time-out, a 4xx answer, or settings that a person has to correct.
    #[error("{0}")]
    Temporary(String),
    /// Will not work later: a 5xx answer to this mail, or a mail that cannot be written down.
    #[error("{0}")]
    Permanent(String),
}

/// Why the mail settings cannot be used. Never repeats the URL, which may hold a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// Not `smtp://…` or `smtps://…` with a host.
    #[error("the SMTP URL is not of the form smtp://host:port or smtps://user:password@host:port")]
    Url,
    /// `?tls=` says something unknown.
    #[error("the SMTP URL's tls parameter is none, opportunistic or required")]
    Tls,
    /// A user name without password, or the other way round.
    #[error("the SMTP URL needs both user and password, or neither")]
    Credentials,
    /// Credentials over a connection that may stay in the clear.
    #[error("SMTP with a password needs TLS: use smtps://, or smtp:// with tls=required")]
    CredentialsInClear,
    /// The sender is not an address.
    #[error("the sender is not an address, or a name followed by <address>")]
    Sender,
    /// TLS could not be set up.
    #[error("TLS for SMTP could not be set up: {0}")]
    Setup(String),
}

/// Sends messages from one sender. Cheap to clone.
#[derive(Clone)]
pub struct Transport {
    from: Arc<Mailbox>,
    via: Via,
    now: fn() -> SystemTime,
    send_timeout: Duration,
}

#[derive(Clone)]
enum Via {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Directory(Arc<Path>),
}

impl Transport {
    /// SMTP through one server; `from` is `Name <address>` or an address.
    ///
    /// `smtps://` is TLS from the first byte (port 465). `smtp://` with user and password requires STARTTLS
    /// (port 587) before they are sent. `smtp://` without them (port 25) takes STARTTLS where it is offered,
    /// except to this machine; `?tls=required` or `?tls=none` says otherwise. User and password are
    /// percent-encoded. Nothing is contacted yet.
    ///
    /// # Errors
    /// [`TransportError`].
    pub fn smtp(url: &str, from: &str) -> Result<Self, TransportError> {
        let mut url = Url::parse(url).map_err(|_| TransportError::Url)?;
        let tls = tls_mode(&url)?;
        // Lettre reads user, password (percent-decoded), host, port and this one parameter.
        url.set_query(tls.map(|tls| format!("tls={tls}")).as_deref());
        let smtp = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.as_str())
            .map_err(|error| TransportError::Setup(presentable(&error.to_string())))?
            .timeout(Some(CONNECT_TIMEOUT))
            .build();
        Self::new(from, Via::Smtp(smtp))
    }

    /// Files in a directory, one pair a mail, readable by this user only. For development and tests: a
    /// production configuration refuses it, because nobody would get their mail.
    ///
    /// # Errors
    /// [`TransportError::Sender`].
    pub fn directory(path: impl Into<PathBuf>, from: &str) -> Result<Self, TransportError> {
        Self::new(from, Via::Directory(path.into().into()))
    }

    fn new(from: &str, via: Via) -> Result<Self, TransportError> {
        let from = Arc::new(from.parse().map_err(|_| TransportError::Sender)?);
        #[expect(clippy::disallowed_methods, reason = "the Date header's default clock; tests set their own")]
        let now = SystemTime::now;
        Ok(Self { from, via, now, send_timeout: SEND_TIMEOUT })
    }

    /// The same with another clock for the Date header.
    #[must_use]
    pub fn with_clock(self, now: fn() -> SystemTime) -> Self {
        Self { now, ..self }
    }

    /// The directory that mails are written to, if this does not really send.
    pub fn directory_path(&self) -> Option<&Path> {
        match &self.via {
            Via::Directory(path) => Some(path),
            Via::Smtp(_) => None,
        }
    }

    /// The newest mails in the directory, at most `limit`; none when this really sends.
    ///
    /// # Errors
    /// What reading the directory says.
    pub async fn delivered(&self, limit: usize) -> std::io::Result<Vec<Delivered>> {
        let Via::Directory(path) = &self.via else {
            return Ok(Vec::new());
        };
        let path = Arc::clone(path);
        tokio::task::spawn_blocking(move || directory::newest(&path, limit)).await?
    }

    /// Sends one message, within 30 seconds.
    ///
    /// # Errors
    /// [`SendError`]; [`super::retry_after`] says what to do about it. An error does not prove that the mail did
    /// not arrive: the answer may have been lost. That is what the Message-ID is for.
    pub async fn send(&self, message: &Message) -> Result<(), SendError> {
        let now = (self.now)();
        let wire = message.to_wire(&self.from, now)?;
        match &self.via {
            Via::Smtp(smtp) => match tokio::time::timeout(self.send_timeout, smtp.send(wire)).await {
                Ok(sent) => sent.map(drop).map_err(|error| classify(&error)),
                Err(_) => Err(SendError::Temporary("the SMTP server did not answer in time".to_owned())),
            },
            Via::Directory(path) => {
                let (path, message) = (Arc::clone(path), message.clone());
                let written =
                    tokio::task::spawn_blocking(move || directory::write(&path, &message, &wire.formatted(), now));
                written
                    .await
                    .map_err(std::io::Error::other)
                    .flatten()
                    .map_err(|error| SendError::Temporary(format!("the mail directory: {error}")))
            }
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.via {
            Via::Smtp(_) => "Transport(smtp)",
            Via::Directory(_) => "Transport(directory)",
        })
    }
}

/// What Lettre is told about TLS; `None` is a connection in the clear, and for `smtps` no parameter.
fn tls_mode(url: &Url) -> Result<Option<&'static str>, TransportError> {
    let host = url.host().ok_or(TransportError::Url)?;
    let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value);
    let asked = match asked.as_deref() {
        None => None,
        Some("none") => Some(None),
        Some("opportunistic") => Some(Some("opportunistic")),
        Some("required") => Some(Some("required")),
        Some(_) => return Err(TransportError::Tls),
    };
    let credentials = match (url.username().is_empty(), url.password()) {
        (true, None) => false,
        (false, Some(_)) => true,
        _ => return Err(TransportError::Credentials),
    };
    match (url.scheme(), credentials, asked) {
        ("smtps", _, None | Some(Some("required"))) => Ok(None),
        ("smtps", _, Some(_)) => Err(TransportError::Tls),
        ("smtp", true, None | Some(Some("required"))) => Ok(Some("required")),
        ("smtp", true, Some(_)) => Err(TransportError::CredentialsInClear),
        ("smtp", false, Some(asked)) => Ok(asked),
        ("smtp", false, None) if is_this_machine(&host) => Ok(None),
        ("smtp", false, None) => Ok(Some("opportunistic")),
        _ => Err(TransportError::Url),
    }
}

/// `smtp` is no "special" scheme to the URL standard, so an IPv4 address arrives as a domain.
fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => {
            *name == "localhost" || name.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_loopback())
        }
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
    }
}

/// 5xx is final, except what is about us and not about the mail: 530 to 538 are the answers to signing in
/// (RFC 4954 § 6, RFC 3207). A mistyped password must not throw every waiting mail away.
fn classify(error: &lettre::transport::smtp::Error) -> SendError {
    let text = presentable(&error.to_string());
    let number = error.status().map(|code: Code| u16::from(code));
    match number {
        Some(530..=539) => SendError::Temporary(text),
        Some(500..) => SendError::Permanent(text),
        _ => SendError::Temporary(text),
    }
}

/// A server's words, fit for a log: one line, at most 200 characters, without addresses.
fn presentable(text: &str) -> String {
    let words = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.map(|word| if word.contains('@') { "<address>" } else { word }).collect();
    words.join(" ").chars().take(200).collect()
}

#[cfg(test)]
#[path = "transport_tests.rs"]
mod tests;

//! URLs: the one that everybody may know, and those that hold a password.

use std::{
    fmt,
    net::{Ipv4Addr, SocketAddr},
};

use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Value;

/// The one origin under which people reach the server. Links in mail and redirects start here, never at a `Host` header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Where a developer's browser finds a listener of this machine. "Any address" includes loopback.
    pub(in crate::config) fn of_listener(mut listener: SocketAddr, tls: bool) -> Option<Self> {
        if listener.ip().is_unspecified() {
            listener.set_ip(Ipv4Addr::LOCALHOST.into());
        }
        let scheme = if tls { "https" } else { "http" };
        Self::parse(&format!("{scheme}://{listener}")).ok()
    }

    /// The origin as browsers write it in an `Origin` header: `https://example.org`, without a trailing slash.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// Whether people come over TLS, so that cookies may be `Secure` and HSTS may be sent.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// The parsed URL, for whoever builds links.
    #[must_use]
    pub const fn as_url(&self) -> &Url {
        &self.0
    }
}

impl Value for PublicUrl {
    const SYNTAX: &'static str = "URL";

    fn parse(text: &str) -> Result<Self, String> {
        let wanted =
            || "must be an origin such as https://bulkhead.example.org, without path, query or user".to_owned();
        let url = Url::parse(text).map_err(|_| wanted())?;
        let bare = url.path() == "/"
            && url.query().is_none()
            && url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none();
        if matches!(url.scheme(), "http" | "https") && url.host().is_some() && bare {
            Ok(Self(url))
        } else {
            Err(wanted())
        }
    }

    fn show(&self) -> String {
        self.origin()
    }
}

/// A URL that carries a password. Shown and debugged as `scheme://user@host/path`, without password and query; a web
/// address without its path too, which is all the secret that most receivers of webhooks ask for.
#[derive(Clone)]
pub struct SecretUrl {
    whole: SecretString,
    url: Url,
}

impl SecretUrl {
    /// The whole URL, password included, for the client library that connects.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.whole.expose_secret()
    }

    /// The whole URL as a secret to hand on.
    #[must_use]
    pub fn secret(&self) -> SecretString {
        self.whole.clone()
    }

    /// The user who logs in; empty when the URL names none.
    #[must_use]
    pub fn user(&self) -> &str {
        self.url.username()
    }

    /// The scheme, such as `postgres` or `smtps`.
    #[must_use]
    pub fn scheme(&self) -> &str {
        self.url.scheme()
    }

    /// One parameter of the query, such as `sslmode`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// Whether the server is on this machine, so that an unencrypted connection leaves nothing on a wire.
    #[must_use]
    pub fn is_local(&self) -> bool {
        match self.url.host_str() {
            // A socket directory: libpq writes it as `host=/run/postgresql` or percent-encoded.
            None | Some("") => true,
            Some(host) => {
                host == "localhost"
                    || host.starts_with("%2F")
                    || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
            }
        }
    }
}

impl fmt::Debug for SecretUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.show())
    }
}

impl Value for SecretUrl {
    const SECRET: bool = true;
    const SYNTAX: &'static str = "URL";

    fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|_| "must be a URL".to_owned())?;
        Ok(Self { whole: SecretString::from(text.to_owned()), url })
    }

    fn show(&self) -> String {
        let Self { url, .. } = self;
        let user = if url.username().is_empty() { String::new() } else { format!("{}@", url.username()) };
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        let (path, hidden) = match url.scheme() {
            "http" | "https" => ("", "path and options"),
            _ => (url.path(), "password and options"),
        };
        format!("{}://{user}{}{port}{path} ({hidden} hidden)", url.scheme(), url.host_str().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

    use super::*;

    #[test]
    fn a_public_url_is_an_origin() {
        assert_eq!(PublicUrl::parse("https://Example.org:443/").unwrap().origin(), "https://example.org");
        for text in [
            "example.org",
            "ftp://example.org",
            "https://example.org/app",
            "https://u:p@example.org",
            "https://example.org/?q",
        ] {
            assert!(PublicUrl::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_secret_url_hides_password_and_options() {
        let url = SecretUrl::parse("postgres://app:hunter2@db.internal:5433/bulkhead?password=hunter3").unwrap();
        let text = format!("{url:?} {}", url.show());
        assert!(!text.contains("hunter"), "{text}");
        assert!(text.contains("postgres://app@db.internal:5433/bulkhead"));
        assert_eq!(
            SecretUrl::parse("https://hooks.example/hunter4?k=hunter5").unwrap().show(),
            "https://hooks.example (path and options hidden)"
        );
        assert_eq!(url.expose(), "postgres://app:hunter2@db.internal:5433/bulkhead?password=hunter3");
    }

    #[test]
    fn local_means_loopback_or_socket() {
        for text in [
            "postgres://a@localhost/x",
            "postgres://a@127.0.0.1/x",
            "postgres://a@[::1]/x",
            "postgres://a@%2Frun%2Fpostgresql/x",
            "postgres:///x",
        ] {
            assert!(SecretUrl::parse(text).unwrap().is_local(), "{text}");
        }
        assert!(!SecretUrl::parse("postgres://a@db.internal/x").unwrap().is_local());
    }
}

//! The table of settings: name, type, default, help. Everything else about a setting is derived from its row here.
//!
//! To add one, add a row. It then has a flag `--the-name` (unless it is a secret), the variable `BULKHEAD_THE_NAME`, the key
//! `the_name` in `bulkhead.toml`, a paragraph in `--help` and a line in `config show`. A secret also has the same three with
//! `_file` at the end, naming a file that holds the value.

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use super::{
    keys::Keyring,
    source::{Problem, Resolution},
    value::{Bytes, LogFormat, Mode, Networks, PublicUrl, SecretText, SecretUrl, Text, Value},
};

/// One row of the table, as data.
#[derive(Debug)]
pub struct Setting {
    /// The name in the file; the flag and the variable are derived from it.
    pub name: &'static str,
    /// The group in `--help` and `config show`.
    pub heading: &'static str,
    /// The doc comment.
    pub help: &'static str,
    /// How the value is written.
    pub syntax: &'static str,
    /// The default, written like any other value.
    pub default: Option<&'static str>,
    /// Variables that other tools already set for the same thing.
    pub aliases: &'static [&'static str],
    /// Whether the value must never be shown.
    pub secret: bool,
}

macro_rules! settings {
    ($($heading:literal { $(
        $(#[doc = $doc:literal])+
        $name:ident: $ty:ty $(= $default:literal)? $(, also $alias:literal)*;
    )+ })+) => {
        /// Every setting, read and checked. Fields are documented once, here: these comments are the help texts.
        #[derive(Debug, Clone)]
        pub struct Settings { $($( $(#[doc = $doc])+ pub $name: $ty, )+)+ }

        /// The table as data, in the order of the documentation.
        pub static TABLE: &[Setting] = &[$($(Setting {
            name: stringify!($name),
            heading: $heading,
            help: concat!($($doc, "\n"),+),
            syntax: <$ty as Value>::SYNTAX,
            default: { const DEFAULT: &[&str] = &[$($default)?]; DEFAULT.first().copied() },
            aliases: &[$($alias),*],
            secret: <$ty as Value>::SECRET,
        },)+)+];

        impl Settings {
            /// Reads every value, so that all mistakes are reported together.
            pub(super) fn resolve(raw: &Resolution, problems: &mut Vec<Problem>) -> Option<Self> {
                $($( let $name = raw.read::<$ty>(stringify!($name), problems); )+)+
                Some(Self { $($( $name: $name?, )+)+ })
            }

            /// Every value as it may be shown, in the order of the table.
            pub(super) fn shown(&self) -> Vec<String> {
                vec![$($( self.$name.show(), )+)+]
            }
        }
    };
}

settings! {
    "Server" {
        /// What the server is for. In production nothing is made up, and a weak setting stops the start. `--production` is short for
        /// `--env production`.
        env: Mode = "development";
        /// Address of the public listener.
        listen: SocketAddr = "127.0.0.1:3000", also "LEPTOS_SITE_ADDR";
        /// Address of the internal listener for metrics and probes. Never expose it.
        internal_listen: SocketAddr = "127.0.0.1:3090";
        /// The origin under which people reach the server. Links in mail start here, whatever the request says. In development,
        /// without it, it is the address of the public listener.
        public_url: PublicUrl = "http://127.0.0.1:3000";
        /// Networks of the proxies whose X-Forwarded-For is believed. Empty: the peer is the client.
        trusted_proxies: Networks;
        /// Certificate chain (PEM) for TLS 1.3 on the public listener. Without it, a trusted proxy must end TLS.
        tls_cert: Option<PathBuf>;
        /// Private key (PEM) of the certificate.
        tls_key: Option<PathBuf>;
        /// Directory of the built scripts, styles and images.
        site_root: PathBuf = "target/site", also "LEPTOS_SITE_ROOT";
        /// Directory for what the server keeps itself: the private PostgreSQL and the secrets of development.
        data_dir: PathBuf = "data";
        /// How long the server still accepts after it reported itself not ready, so that a balancer can look away first.
        drain_delay: Duration = "0s";
        /// How long running requests may take to finish at shutdown.
        drain_timeout: Duration = "20s";
    }
    "Limits" {
        /// Connections at once; further ones wait in the kernel's queue.
        max_connections: NonZeroU32 = "8192";
        /// Connections at once from one address (IPv6: one /64). Trusted proxies are exempt.
        max_connections_per_address: NonZeroU32 = "512";
        /// Time for a TLS handshake, and again for a request's headers. Also ends an idle HTTP/1 connection.
        header_timeout: Duration = "10s";
        /// Time from a request's headers to its response's headers. Event streams are open longer, their headers are not late.
        request_timeout: Duration = "30s";
        /// How long a connection may go without any request.
        idle_timeout: Duration = "75s";
        /// How long a client may refuse to take bytes.
        write_timeout: Duration = "30s";
        /// Largest request body.
        body_limit: Bytes = "1MiB";
        /// Requests at once on one HTTP/2 connection.
        http2_max_streams: NonZeroU32 = "128";
    }
    "Database" {
        /// PostgreSQL as bulkhead_app, for requests of organizations. In development, without it, a private PostgreSQL is started.
        database_url: Option<SecretUrl>, also "DATABASE_URL";
        /// PostgreSQL as bulkhead_operator, for platform operators.
        database_operator_url: Option<SecretUrl>, also "DATABASE_OPERATOR_URL";
        /// PostgreSQL as bulkhead_auth, for look-ups before sign-in.
        database_auth_url: Option<SecretUrl>, also "DATABASE_AUTH_URL";
        /// PostgreSQL as bulkhead_migrator, for `migrate` and `database setup` only. A running server must not have it.
        database_migrate_url: Option<SecretUrl>, also "DATABASE_MIGRATE_URL";
        /// PostgreSQL as bulkhead_inspector, for the Row X-ray, proofs and plans. Without it the console does not offer them.
        database_inspect_url: Option<SecretUrl>;
        /// PostgreSQL as a superuser, for `database setup` only. A running server must not have it.
        database_admin_url: Option<SecretUrl>;
        /// Connections of the app pool.
        database_pool: NonZeroU32 = "16";
        /// Connections of the operator pool.
        database_operator_pool: NonZeroU32 = "4";
        /// Connections of the auth pool.
        database_auth_pool: NonZeroU32 = "8";
        /// How long a request waits for a connection before it is answered with 503.
        database_wait: Duration = "5s";
    }
    "Isolation" {
        /// How often isolation is proven by itself; also a minute after the schema has changed. 0: only when somebody asks. Needs
        /// database_inspect_url.
        proof_interval: Duration = "24h";
    }
    "Secrets" {
        /// Keys mixed into password hashes, the newest first. An old key is needed as long as hashes made with it exist.
        pepper: Option<Keyring>;
        /// Keys that sign cookies, the newest first.
        signing_key: Option<Keyring>;
    }
    "Mail" {
        /// Mail server, such as smtps://user:password@mail.example.org.
        smtp_url: Option<SecretUrl>, also "SMTP_URL";
        /// Sender of every mail.
        mail_from: Text = "Bulkhead <bulkhead@localhost>";
        /// Directory that receives mails instead of a mail server. For development: the mails hold sign-in links.
        mail_dir: Option<PathBuf>;
    }
    "Alerts" {
        /// Address that alerts about isolation are mailed to. Not set: every admin of the platform.
        alert_mail: Option<Text>;
        /// Receiver of a webhook for every alert, signed as Standard Webhooks has it.
        alert_webhook_url: Option<SecretUrl>;
        /// What webhooks are signed with: whsec_ and 24 to 64 random bytes in base64.
        alert_webhook_secret: Option<SecretText>;
    }
    "Sign-in" {
        /// Memory of one password hash.
        argon2_memory: Bytes = "19MiB";
        /// Passes of one password hash over its memory.
        argon2_iterations: NonZeroU32 = "2";
        /// Lanes of one password hash.
        argon2_parallelism: NonZeroU32 = "1";
        /// Password hashes at once; further ones wait, so that sign-ins cannot starve everything else. Not set: one a core.
        hashing_permits: Option<NonZeroU32>;
    }
    "Log" {
        /// Least severe level that is logged, or a filter such as info,bulkhead=debug.
        log_level: Text = "info", also "RUST_LOG";
        /// Form of a log line.
        log_format: LogFormat = "text";
    }
}

impl Setting {
    /// Every variable of this setting, ours first, for the help text.
    pub(super) fn variables(&self) -> String {
        let aliases = self.aliases.iter().map(|alias| (*alias).to_owned());
        std::iter::once(self.variable()).chain(aliases).collect::<Vec<_>>().join(", ")
    }

    /// The variable of this setting.
    #[must_use]
    pub fn variable(&self) -> String {
        format!("BULKHEAD_{}", self.name.to_ascii_uppercase())
    }

    /// The doc comment as running text.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.help.split_whitespace().collect::<Vec<_>>().join(" ")
    }
}

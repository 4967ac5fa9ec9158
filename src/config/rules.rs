//! What a configuration must be, beyond each value being readable: rules for everybody, and rules for production.

use super::{
    Settings,
    keys::Keyring,
    source::Problem,
    value::{Bytes, SecretUrl},
};

/// Memory times passes of the weakest of the equal settings in OWASP's password storage cheat sheet (7 MiB, 5 passes).
const LEAST_HASHING_WORK: usize = 35 * Bytes::MIB;

/// Every rule that the settings break.
pub(super) fn broken(settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    everywhere(settings, &mut problems);
    if settings.is_production() {
        in_production(settings, &mut problems);
    }
    problems
}

/// The rules of the database's URLs, for the commands that prepare or migrate it and serve nobody. What is given must be
/// right; that the URLs of a server are given is not asked, because `database setup` is what makes them.
pub(super) fn broken_for_database(settings: &Settings) -> Vec<Problem> {
    let mut problems = Vec::new();
    postgres_urls(settings, &mut problems);
    if settings.is_production() {
        guarded_urls(settings, &mut problems);
    }
    problems
}

fn everywhere(settings: &Settings, problems: &mut Vec<Problem>) {
    let mut refuse = |broken: bool, subject: &str, message: &str| {
        if broken {
            problems.push(Problem::new(subject, message));
        }
    };
    refuse(settings.tls_cert.is_some() != settings.tls_key.is_some(), "tls_cert and tls_key", "must be set together");
    refuse(
        settings.listen == settings.internal_listen && settings.listen.port() != 0,
        "internal_listen",
        "must differ from listen",
    );
    for (name, value) in [
        ("header_timeout", settings.header_timeout),
        ("request_timeout", settings.request_timeout),
        ("idle_timeout", settings.idle_timeout),
        ("write_timeout", settings.write_timeout),
        ("database_wait", settings.database_wait),
    ] {
        refuse(value.is_zero(), name, "must be longer than zero");
    }
    refuse(
        settings.database_wait >= settings.request_timeout,
        "database_wait",
        "must be shorter than request_timeout, or a busy database shows as a timeout",
    );
    // RFC 9106, 3.1: at least 8 KiB a lane.
    let lanes = usize::try_from(settings.argon2_parallelism.get()).unwrap_or(usize::MAX);
    refuse(
        settings.argon2_memory.kibibytes() < lanes.saturating_mul(8),
        "argon2_memory",
        "must be at least 8KiB for each of argon2_parallelism",
    );
    let databases = [&settings.database_url, &settings.database_operator_url, &settings.database_auth_url];
    let given = databases.iter().filter(|url| url.is_some()).count();
    refuse(
        !settings.is_production() && given != 0 && given != databases.len(),
        "database_url, database_operator_url and database_auth_url",
        "must be set together, or none of them for a private PostgreSQL",
    );
    let smtp = settings.smtp_url.as_ref().is_none_or(|url| matches!(url.scheme(), "smtp" | "smtps"));
    refuse(!smtp, "smtp_url", "must be a smtps:// or smtp:// URL");
    let web = settings.alert_webhook_url.as_ref().is_none_or(|url| matches!(url.scheme(), "https" | "http"));
    refuse(!web, "alert_webhook_url", "must be an https:// URL");
    refuse(
        settings.alert_webhook_url.is_some() != settings.alert_webhook_secret.is_some(),
        "alert_webhook_url and alert_webhook_secret",
        "must be set together: nothing is sent unsigned",
    );
    postgres_urls(settings, problems);
}

fn postgres_urls(settings: &Settings, problems: &mut Vec<Problem>) {
    for (name, url) in database_urls(settings) {
        if url.is_some_and(|url| !matches!(url.scheme(), "postgres" | "postgresql")) {
            problems.push(Problem::new(name, "must be a postgres:// URL"));
        }
    }
}

fn in_production(settings: &Settings, problems: &mut Vec<Problem>) {
    let mut refuse = |broken: bool, subject: &str, message: &str| {
        if broken {
            problems.push(Problem::new(subject, message));
        }
    };
    refuse(!settings.public_url.is_https(), "public_url", "must start with https://");
    refuse(
        settings.tls_cert.is_none() && settings.trusted_proxies.0.is_empty(),
        "tls_cert or trusted_proxies",
        "must be set: either the server ends TLS, or a named proxy does",
    );
    refuse(
        settings.trusted_proxies.0.iter().any(|network| network.prefix() == 0),
        "trusted_proxies",
        "must not be the whole internet: anybody could then name any address as their own",
    );
    for (name, ring) in [("pepper", &settings.pepper), ("signing_key", &settings.signing_key)] {
        refuse(ring.is_none(), name, "must be set (make a key with: openssl rand -base64 32)");
        refuse(
            ring.as_ref().is_some_and(Keyring::is_development),
            name,
            "must not hold the key named dev, which a developer's machine made up",
        );
    }
    refuse(settings.smtp_url.is_none(), "smtp_url", "must be set, or nobody receives an invitation");
    refuse(settings.mail_dir.is_some(), "mail_dir", "must not be set: it would keep sign-in links in files");
    refuse(settings.mail_from.0.contains("@localhost"), "mail_from", "must be an address that can be answered");
    let clear = |url: &SecretUrl| {
        url.scheme() == "smtp" && !url.is_local() && url.parameter("tls").as_deref() != Some("required")
    };
    refuse(
        settings.smtp_url.as_ref().is_some_and(clear),
        "smtp_url",
        "must encrypt: write smtps://, or smtp:// with ?tls=required",
    );
    refuse(
        settings.alert_webhook_url.as_ref().is_some_and(|url| url.scheme() != "https"),
        "alert_webhook_url",
        "must start with https://",
    );
    for (name, url) in database_urls(settings).into_iter().take(3) {
        refuse(url.is_none(), name, "must be set");
    }
    let passes = usize::try_from(settings.argon2_iterations.get()).unwrap_or(usize::MAX);
    refuse(
        settings.argon2_memory.0.saturating_mul(passes) < LEAST_HASHING_WORK,
        "argon2_memory and argon2_iterations",
        "must cost at least as much as 19MiB with 2 passes",
    );
    guarded_urls(settings, problems);
}

/// What production asks of the database URLs that are given.
fn guarded_urls(settings: &Settings, problems: &mut Vec<Problem>) {
    for (name, url) in database_urls(settings) {
        let encrypted = |url: &SecretUrl| {
            matches!(url.parameter("sslmode").as_deref(), Some("require" | "verify-ca" | "verify-full"))
        };
        if url.is_some_and(|url| !url.is_local() && !encrypted(url)) {
            problems.push(Problem::new(name, "must encrypt: add ?sslmode=verify-full (or require)"));
        }
    }
    let mut users: Vec<_> =
        database_urls(settings).into_iter().filter_map(|(_, url)| url).map(SecretUrl::user).collect();
    let urls = users.len();
    users.sort_unstable();
    users.dedup();
    if users.len() != urls {
        problems.push(Problem::new("the database URLs", "must each log in as a role of their own"));
    }
}

/// The three URLs that a server needs, then the two that it must not have.
fn database_urls(settings: &Settings) -> [(&'static str, Option<&SecretUrl>); 6] {
    [
        ("database_url", settings.database_url.as_ref()),
        ("database_operator_url", settings.database_operator_url.as_ref()),
        ("database_auth_url", settings.database_auth_url.as_ref()),
        ("database_inspect_url", settings.database_inspect_url.as_ref()),
        ("database_migrate_url", settings.database_migrate_url.as_ref()),
        ("database_admin_url", settings.database_admin_url.as_ref()),
    ]
}

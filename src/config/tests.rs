#![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

use clap::{Args as _, Command, FromArgMatches as _};

use super::*;

const KEY: &str = "2026-11:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// A configuration that production accepts; each test spoils one thing.
const SOUND: [(&str, &str); 12] = [
    ("BULKHEAD_ENV", "production"),
    ("BULKHEAD_PUBLIC_URL", "https://bulkhead.example.org"),
    ("BULKHEAD_TRUSTED_PROXIES", "10.0.0.0/8"),
    ("BULKHEAD_PEPPER", KEY),
    ("BULKHEAD_SIGNING_KEY", KEY),
    ("SMTP_URL", "smtps://mail:s3cr3t-mail@mail.example.org"),
    ("BULKHEAD_MAIL_FROM", "Bulkhead <no-reply@example.org>"),
    ("BULKHEAD_ALERT_WEBHOOK_URL", "https://hooks.example/s3cr3t-path?token=s3cr3t"),
    ("BULKHEAD_ALERT_WEBHOOK_SECRET", "whsec_czNjcjN0czNjcjN0czNjcjN0czNjcjN0"),
    ("DATABASE_URL", "postgres://bulkhead_app:s3cr3t-app@db/bulkhead?sslmode=verify-full"),
    ("DATABASE_OPERATOR_URL", "postgres://bulkhead_operator:s3cr3t-op@db/bulkhead?sslmode=verify-full"),
    ("DATABASE_AUTH_URL", "postgres://bulkhead_auth:s3cr3t-auth@db/bulkhead?sslmode=verify-full"),
];

fn flags(arguments: &[&str]) -> Flags {
    let command = Flags::augment_args(Command::new("bulkhead").no_binary_name(true));
    Flags::from_arg_matches(&command.try_get_matches_from(arguments).unwrap()).unwrap()
}

fn sound_but(name: &str, value: &str) -> Result<Loaded, ConfigError> {
    let pairs = SOUND.map(|(known, text)| if known == name { (known, value) } else { (known, text) });
    Loaded::read(&Flags::default(), &pairs.into())
}

fn subjects(error: &ConfigError) -> Vec<&str> {
    error.problems.iter().map(|problem| problem.subject.as_str()).collect()
}

#[test]
fn defaults_are_a_working_development_configuration() {
    let loaded = Loaded::read(&Flags::default(), &Environment::default()).unwrap();
    assert!(!loaded.settings.is_production());
    assert!(loaded.shown.iter().all(|line| line.origin == Origin::Default));
    assert_eq!(loaded.shown.len(), TABLE.len());
}

#[test]
fn a_sound_production_configuration_is_accepted() {
    Loaded::read(&Flags::default(), &SOUND.into()).unwrap();
}

#[test]
fn flags_beat_variables_beat_the_file_beats_defaults() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("bulkhead.toml");
    std::fs::write(&path, "listen = \"127.0.0.1:1\"\nlog_level = \"warn\"\nmax_connections = 7\ntrusted_proxies = [\"10.0.0.0/8\", \"::1\"]\n").unwrap();
    let environment = Environment::from([
        ("BULKHEAD_LISTEN", "127.0.0.1:2"),
        ("LEPTOS_SITE_ADDR", "127.0.0.1:9"),
        ("BULKHEAD_LOG_LEVEL", "debug"),
    ]);
    let loaded =
        Loaded::read(&flags(&["--config", path.to_str().unwrap(), "--listen", "127.0.0.1:3"]), &environment).unwrap();

    assert_eq!(loaded.settings.listen.port(), 3);
    assert_eq!(loaded.settings.log_level.0, "debug");
    assert_eq!(loaded.settings.max_connections.get(), 7);
    assert_eq!(loaded.settings.trusted_proxies.0.len(), 2);
    let origin = |name| loaded.shown.iter().find(|line| line.name == name).unwrap().origin.clone();
    assert_eq!(origin("listen"), Origin::Flag);
    assert_eq!(origin("log_level"), Origin::Variable("BULKHEAD_LOG_LEVEL".to_owned()));
    assert_eq!(origin("max_connections"), Origin::File(path));
    assert_eq!(origin("site_root"), Origin::Default);
}

#[test]
fn a_developer_finds_the_server_where_it_listens() {
    for (listen, origin) in [
        ("127.0.0.1:3000", "http://127.0.0.1:3000"),
        ("0.0.0.0:8080", "http://127.0.0.1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
    ] {
        let loaded = Loaded::read(&flags(&["--listen", listen]), &Environment::default()).unwrap();
        assert_eq!(loaded.settings.public_url.origin(), origin);
    }
}

#[test]
fn our_variable_beats_the_alias() {
    let environment = Environment::from([("BULKHEAD_LISTEN", "127.0.0.1:2"), ("LEPTOS_SITE_ADDR", "127.0.0.1:9")]);
    assert_eq!(Loaded::read(&Flags::default(), &environment).unwrap().settings.listen.port(), 2);
}

#[test]
fn every_unreadable_value_is_reported_and_none_repeated() {
    let environment = Environment::from([
        ("BULKHEAD_LISTEN", "nonsense-1"),
        ("BULKHEAD_IDLE_TIMEOUT", "nonsense-2"),
        ("BULKHEAD_PEPPER", "nonsense-3"),
    ]);
    let error = Loaded::read(&Flags::default(), &environment).unwrap_err();
    assert_eq!(subjects(&error), ["listen", "idle_timeout", "pepper"]);
    assert!(!error.to_string().contains("nonsense"), "{error}");
}

#[test]
fn a_misspelt_key_in_the_file_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("b.toml");
    std::fs::write(&path, "trusted_proxy = \"10.0.0.0/8\"\n").unwrap();
    let error = Loaded::read(&flags(&["--config", path.to_str().unwrap()]), &Environment::default()).unwrap_err();
    assert_eq!(subjects(&error), ["trusted_proxy"]);
}

#[test]
fn a_file_that_was_asked_for_must_exist() {
    assert!(Loaded::read(&flags(&["--config", "/nonexistent/b.toml"]), &Environment::default()).is_err());
}

#[test]
fn production_lists_everything_that_is_weak_at_once() {
    let error = Loaded::read(&flags(&["--production"]), &Environment::default()).unwrap_err();
    for subject in [
        "public_url",
        "tls_cert or trusted_proxies",
        "pepper",
        "signing_key",
        "smtp_url",
        "mail_from",
        "database_url",
        "database_operator_url",
        "database_auth_url",
    ] {
        assert!(subjects(&error).contains(&subject), "{subject} is missing in: {error}");
    }
}

#[test]
fn production_refuses_each_weakness() {
    let development = KEY.replace("2026-11", "dev");
    for (name, value, subject) in [
        ("BULKHEAD_PUBLIC_URL", "http://bulkhead.example.org", "public_url"),
        ("BULKHEAD_TRUSTED_PROXIES", "", "tls_cert or trusted_proxies"),
        ("BULKHEAD_TRUSTED_PROXIES", "0.0.0.0/0", "trusted_proxies"),
        ("BULKHEAD_PEPPER", &development, "pepper"),
        ("BULKHEAD_SIGNING_KEY", "", "signing_key"),
        ("SMTP_URL", "smtp://mail.example.org", "smtp_url"),
        ("BULKHEAD_ALERT_WEBHOOK_URL", "http://hooks.example/x", "alert_webhook_url"),
        ("BULKHEAD_ALERT_WEBHOOK_SECRET", "", "alert_webhook_url and alert_webhook_secret"),
        ("DATABASE_URL", "postgres://bulkhead_app:p@db/bulkhead", "database_url"),
        ("DATABASE_URL", "postgres://bulkhead_auth:p@localhost/bulkhead", "the database URLs"),
    ] {
        let error = sound_but(name, value).unwrap_err();
        assert_eq!(subjects(&error), [subject], "{name}={value}");
    }
}

#[test]
fn no_secret_is_shown_or_debugged() {
    let loaded = Loaded::read(&Flags::default(), &SOUND.into()).unwrap();
    let text = format!("{loaded:?}");
    assert!(!text.contains("s3cr3t") && !text.contains("AAECAw") && !text.contains("czNj"), "{text}");
}

#[test]
fn a_secret_may_come_from_a_file_but_not_from_a_flag() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("pepper");
    std::fs::write(&path, format!("{KEY}\n")).unwrap();
    let path = path.to_str().unwrap();
    for (flags, environment) in
        [(flags(&["--pepper-file", path]), [("X", "")]), (Flags::default(), [("BULKHEAD_PEPPER_FILE", path)])]
    {
        let loaded = Loaded::read(&flags, &environment.into()).unwrap();
        assert_eq!(loaded.settings.pepper.unwrap().current().id, "2026-11");
    }
    let command = Flags::augment_args(Command::new("bulkhead").no_binary_name(true));
    assert!(command.try_get_matches_from(["--pepper", KEY]).is_err());
    let both = Environment::from([("BULKHEAD_PEPPER_FILE", path), ("BULKHEAD_PEPPER", KEY)]);
    assert!(Loaded::read(&Flags::default(), &both).is_err());
}

#[test]
fn every_default_is_readable_and_every_help_text_is_a_sentence() {
    for row in TABLE {
        assert!(row.sentence().ends_with('.'), "{}", row.name);
        assert!(!(row.secret && row.default.is_some()), "{} has a default secret", row.name);
    }
}

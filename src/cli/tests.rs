#![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

use bulkhead_db::cluster::{Cluster, ClusterOptions};
use bulkhead_testing::texts;
use clap::CommandFactory as _;
use secrecy::{ExposeSecret as _, SecretString};

use super::*;

#[test]
fn the_command_line_is_consistent() {
    Cli::command().debug_assert();
}

#[test]
fn every_command_says_what_it_is_for() {
    fn check(command: &clap::Command) {
        for sub in command.get_subcommands() {
            assert!(sub.get_about().is_some(), "{} has no help", sub.get_name());
            check(sub);
        }
    }
    check(&Cli::command());
}

#[test]
fn a_weak_production_is_refused_with_its_own_code() {
    for arguments in [&["bulkhead", "serve", "--production"][..], &["bulkhead", "config", "show", "--production"]] {
        let cli = Cli::try_parse_from(arguments).unwrap();
        assert_eq!(run(cli.command, &Environment::default()).unwrap_err().code(), 3, "{arguments:?}");
    }
}

#[test]
fn long_help_lists_every_setting_and_short_help_does_not() {
    let mut command = Cli::command();
    let serve = command.find_subcommand_mut("serve").unwrap();
    let (long, short) = (serve.render_long_help().to_string(), serve.render_help().to_string());
    for row in crate::config::TABLE {
        assert!(long.contains(&row.name.replace('_', "-")), "{}", row.name);
    }
    assert!(!short.contains("argon2"));
}

/// A PostgreSQL of this test alone: the roles that a command makes, and their passwords, belong to the whole server.
fn throwaway() -> Cluster {
    let directory = tempfile::Builder::new().prefix("bulkhead-test-").tempdir().unwrap().keep();
    block_on(async { Ok(Cluster::start(ClusterOptions::throwaway(directory)).await.unwrap()) }).unwrap()
}

fn stop(cluster: Cluster) {
    block_on(async { cluster.stop().await.map_err(|error| Failure::failed(&error)) }).unwrap();
}

fn run_with<const N: usize>(arguments: &[&str], variables: [(&str, &str); N]) -> Result<ExitCode, Failure> {
    run(Cli::try_parse_from(arguments).unwrap().command, &Environment::from(variables))
}

fn ask(url: &SecretString, sql: &str) -> Vec<String> {
    block_on(async { Ok(texts(url, sql).await.unwrap()) }).unwrap()
}

#[test]
fn migrate_goes_where_its_url_points_and_starts_nothing() {
    let cluster = throwaway();
    let urls = block_on(async { Ok(cluster.prepare("bulkhead").await.unwrap()) }).unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let data = elsewhere.path().join("data");
    for mode in ["development", "production"] {
        let variables = [
            ("BULKHEAD_ENV", mode),
            ("DATABASE_MIGRATE_URL", urls.migrate.expose_secret()),
            ("BULKHEAD_DATA_DIR", data.to_str().unwrap()),
        ];
        run_with(&["bulkhead", "migrate"], variables).unwrap();
        let version = ask(&urls.migrate, "SELECT max(version)::text FROM _sqlx_migrations");
        let newest = bulkhead_db::migrator::expected_version().unwrap();
        assert_eq!(version, [newest.to_string()], "{mode}");
        assert!(!data.exists(), "a private PostgreSQL was made in {mode}");
    }
    stop(cluster);
}

#[test]
fn migrate_does_not_make_up_a_database_where_one_is_named() {
    let url = "postgres://bulkhead_app:p@localhost/bulkhead";
    let refused = [
        run_with(&["bulkhead", "migrate"], [("BULKHEAD_DATABASE_URL", url)]),
        run_with(&["bulkhead", "migrate", "--production"], []),
    ];
    for refusal in refused {
        let refusal = refusal.unwrap_err();
        assert_eq!(refusal.code(), 3);
        assert!(refusal.message().contains("database_migrate_url"), "{}", refusal.message());
    }
}

#[test]
fn database_setup_asks_for_nothing_that_it_is_about_to_make() {
    let cluster = throwaway();
    let admin = cluster.admin_url();
    let setup = ["bulkhead", "database", "setup", "--production"];
    run_with(&setup, [("BULKHEAD_DATABASE_ADMIN_URL", admin.expose_secret())]).unwrap();
    let roles = ask(&admin, "SELECT rolname::text FROM pg_roles WHERE rolname LIKE 'bulkhead\\_%'");
    assert_eq!(roles.len(), 7, "{roles:?}");
    assert_eq!(ask(&admin, "SELECT datname::text FROM pg_database WHERE datname = 'bulkhead'"), ["bulkhead"]);
    stop(cluster);

    // What is given must still be right.
    let open = run_with(&setup, [("BULKHEAD_DATABASE_ADMIN_URL", "postgres://postgres:p@db.example.org/postgres")]);
    let open = open.unwrap_err();
    assert_eq!(open.code(), 3);
    assert!(open.message().contains("must encrypt"), "{}", open.message());
    assert_eq!(run_with(&setup, []).unwrap_err().code(), 3);
}

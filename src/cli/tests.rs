#![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

use clap::CommandFactory as _;

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

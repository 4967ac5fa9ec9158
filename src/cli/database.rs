//! `bulkhead database`: what needs a superuser, once per installation.

use std::process::ExitCode;

use bulkhead_domain::installation::prepare_server;
use clap::Subcommand;
use secrecy::ExposeSecret as _;

use super::{Failure, block_on, print};
use crate::config::{Environment, Flags, Loaded};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create the roles and the database `bulkhead` on the server of database_admin_url, and print the settings to use
    Setup(Box<Flags>),
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let Command::Setup(flags) = &args.command;
    // Not what a server needs: its URLs are what this command makes.
    let settings = Loaded::read_for_database(flags, environment)?.settings;
    let Some(admin_url) = &settings.database_admin_url else {
        return Err(Failure::refused("database setup needs database_admin_url"));
    };
    block_on(async {
        let urls = prepare_server(&admin_url.secret(), "bulkhead").await?;
        // Shown once: the passwords are generated and kept nowhere else.
        print::line("# Keep these where the server reads its secrets. They are not stored anywhere else.")?;
        print::line(&format!("BULKHEAD_DATABASE_URL={}", urls.app.expose_secret()))?;
        print::line(&format!("BULKHEAD_DATABASE_OPERATOR_URL={}", urls.operator.expose_secret()))?;
        print::line(&format!("BULKHEAD_DATABASE_AUTH_URL={}", urls.auth.expose_secret()))?;
        print::line("# For `bulkhead migrate` only; a running server must not have it.")?;
        print::line(&format!("BULKHEAD_DATABASE_MIGRATE_URL={}", urls.migrate.expose_secret()))?;
        print::line(
            "# For the Row X-ray and for proofs. The role reads past policies: leave it out where nobody needs them.",
        )?;
        print::line(&format!("BULKHEAD_DATABASE_INSPECT_URL={}", urls.inspect.expose_secret()))
    })
}

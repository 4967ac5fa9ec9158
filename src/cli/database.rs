//! `bulkhead database`: what needs a superuser, once per installation.

use std::process::ExitCode;

use clap::Subcommand;

use super::{Failure, checked};
use crate::config::{Environment, Flags};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create the roles and the database that the configured URLs name; needs database_admin_url
    Setup(Box<Flags>),
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let Command::Setup(flags) = &args.command;
    let settings = checked(flags, environment)?;
    if settings.database_admin_url.is_none() {
        return Err(Failure::refused("database setup needs database_admin_url"));
    }
    Err(Failure::unconnected("database setup"))
}

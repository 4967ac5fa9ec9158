//! `bulkhead admin`: what must be possible before anybody can sign in.

use std::process::ExitCode;

use bulkhead_domain::bootstrap;
use clap::Subcommand;

use super::{Failure, block_on, checked, install::install, print};
use crate::config::{Environment, Flags};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Invite a platform operator and print the invitation link, which works once within a day
    Invite(Box<Invite>),
}

#[derive(Debug, clap::Args)]
pub(super) struct Invite {
    /// Address of the operator
    pub(super) email: String,
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let Command::Invite(invite) = &args.command;
    let settings = checked(&invite.flags, environment)?;
    block_on(async {
        let installation = install(&settings).await?;
        let invited = bootstrap::invite_operator(&installation.app, &invite.email).await;
        installation.stop().await?;
        print::line(&invited?)
    })
}

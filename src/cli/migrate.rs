//! `bulkhead migrate`.

use std::process::ExitCode;

use super::{Failure, block_on, checked, install::install, print};
use crate::config::{Environment, Flags};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let settings = checked(&args.flags, environment)?;
    block_on(async {
        let installation = install(&settings).await?;
        let migrated = installation.migrate().await;
        installation.stop().await?;
        let report = migrated?;
        match report.applied.as_slice() {
            [] => print::line("The schema is up to date."),
            applied => print::line(&format!("Applied {} migrations in {} ms.", applied.len(), report.took.as_millis())),
        }
    })
}

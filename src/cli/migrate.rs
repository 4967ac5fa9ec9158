//! `bulkhead migrate`.

use std::process::ExitCode;

use bulkhead_domain::installation::{self, MigrationReport};

use super::{Failure, block_on, checked, install::install, print};
use crate::config::{Environment, Flags, Loaded};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    // A migration serves nobody: whoever runs it needs the migrator's URL and none of the server's secrets.
    let settings = Loaded::read_for_database(&args.flags, environment)?.settings;
    let report = match &settings.database_migrate_url {
        Some(url) => block_on(async { Ok(installation::migrate(&url.secret()).await?) })?,
        None if settings.uses_private_database() && !settings.is_production() => migrate_private(args, environment)?,
        None => {
            return Err(Failure::refused(
                "migrate needs database_migrate_url: the roles that serve own nothing, so they cannot migrate",
            ));
        }
    };
    match report.applied.as_slice() {
        [] => print::line("The schema is up to date."),
        applied => print::line(&format!("Applied {} migrations in {} ms.", applied.len(), report.took.as_millis())),
    }
}

fn migrate_private(args: &Args, environment: &Environment) -> Result<MigrationReport, Failure> {
    let settings = checked(&args.flags, environment)?;
    block_on(async {
        let installation = install(&settings).await?;
        let migrated = installation.migrate().await;
        installation.stop().await?;
        Ok(migrated?)
    })
}

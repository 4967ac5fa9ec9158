//! `bulkhead seed`: a demo with organizations, people and a history.

use std::process::ExitCode;

use bulkhead_domain::{
    installation::{Installation, InstallationError},
    seed,
};

use super::{Failure, block_on, checked, install::install, print};
use crate::config::{Environment, Flags};

/// The demo is the same everywhere, so that screenshots and questions can be compared.
const SEED: u64 = 7;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let settings = checked(&args.flags, environment)?;
    if settings.is_production() {
        return Err(Failure::refused("the demo has accounts with known passwords and is refused in production"));
    }
    block_on(async {
        let installation = install(&settings).await?;
        let seeded = seed_migrated(&installation).await;
        installation.stop().await?;
        seeded
    })
}

async fn seed_migrated(installation: &Installation) -> Result<ExitCode, Failure> {
    installation.migrate().await?;
    demo(installation).await?;
    Ok(ExitCode::SUCCESS)
}

/// Seeds, unless there is something already, and prints how to sign in.
pub(super) async fn demo(installation: &Installation) -> Result<(), Failure> {
    let migrate_url = installation.migrate_url().ok_or(InstallationError::NoMigrateUrl)?;
    let seeded = seed::demo(&installation.app, migrate_url, SEED).await.map_err(|error| Failure::failed(&error))?;
    if seeded.already {
        print::line("The database has organizations already; the demo was left out or is there.")?;
    }
    if !seeded.sign_ins.is_empty() {
        print::line("Demo sign-ins:")?;
    }
    for account in &seeded.sign_ins {
        print::line(&format!(
            "  {}login/{:<9} {:<28} {}   ({})",
            installation.app.public_url(),
            account.org_slug,
            account.email,
            account.password,
            account.role.label()
        ))?;
    }
    Ok(())
}

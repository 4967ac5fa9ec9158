//! `bulkhead serve`.

use std::{process::ExitCode, sync::Arc};

use axum::Router;
use futures::FutureExt as _;

use super::{Failure, block_on, checked};
use crate::{
    config::{Environment, Flags, Settings},
    middleware::{self, Rules},
    server::{self, Check, Readiness, Shutdown},
    telemetry,
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Migrate the database first; for one machine, where nobody else does
    #[arg(long)]
    migrate: bool,
    /// Fill an empty database with a demo first; refused in production
    #[arg(long)]
    seed_demo: bool,
    #[command(flatten)]
    flags: Flags,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let settings = checked(&args.flags, environment)?;
    if settings.is_production() && args.seed_demo {
        return Err(Failure::refused(
            "--seed-demo makes accounts with known passwords and is refused in production",
        ));
    }
    if args.migrate && settings.database_url.is_some() && settings.database_migrate_url.is_none() {
        return Err(Failure::refused("--migrate needs database_migrate_url"));
    }
    telemetry::init(&settings)?;
    telemetry::metrics();
    block_on(serve(&settings))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(settings: &Settings) -> Result<(), Failure> {
    let shutdown = Shutdown::new();
    let check: Check = Arc::new(|| futures::future::ready(Readiness::because(Vec::new())).boxed());
    let routes = Router::new().merge(server::probes(Arc::clone(&check), shutdown.clone()));
    let router = middleware::stack(routes, &Rules::from(settings));
    server::run(router, check, settings, shutdown).await?;
    Ok(())
}

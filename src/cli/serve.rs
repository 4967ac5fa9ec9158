//! `bulkhead serve`.

use std::{process::ExitCode, sync::Arc, time::Duration};

use bulkhead_domain::{App, installation::Installation, workers};
use futures::FutureExt as _;
use leptos::config::{LeptosOptions, get_configuration};

use super::{Failure, block_on, checked, install::install, print, seed};
use crate::{
    config::{Environment, Flags, Settings},
    middleware::Rules,
    router,
    server::{self, Check, Readiness, Shutdown},
    site::{Site, missing_hashes},
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
        return Err(Failure::refused("--seed-demo makes accounts with known passwords and is refused in production"));
    }
    if args.migrate && settings.database_url.is_some() && settings.database_migrate_url.is_none() {
        return Err(Failure::refused("--migrate needs database_migrate_url"));
    }
    telemetry::init(&settings)?;
    telemetry::metrics();
    block_on(serve(&settings, args))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(settings: &Settings, args: &Args) -> Result<(), Failure> {
    let (leptos, shutdown) = (site_options(settings)?, Shutdown::new());
    let installation = install(settings).await?;
    // Whatever happens from here on, the private server is stopped before this returns.
    let served = serve_installed(settings, leptos, args, &installation, shutdown).await;
    let stopped = installation.stop().await;
    served?;
    Ok(stopped?)
}

/// Where the site is. Looked at before anything is started, because nothing can be drawn without it.
fn site_options(settings: &Settings) -> Result<LeptosOptions, Failure> {
    let mut leptos =
        get_configuration(Some("Leptos.toml")).map_err(|error| Failure::configuration(&error))?.leptos_options;
    leptos.site_root = settings.site_root.display().to_string().into();
    match missing_hashes(&leptos) {
        None => Ok(leptos),
        Some(file) => Err(Failure::refused(&format!(
            "the site is not built: there is no {}. `cargo leptos build` makes it; LEPTOS_HASH_FILE says where else it is.",
            file.display()
        ))),
    }
}

async fn serve_installed(
    settings: &Settings,
    leptos: LeptosOptions,
    args: &Args,
    installation: &Installation,
    shutdown: Shutdown,
) -> Result<(), Failure> {
    let private = installation.private_database();
    if let Some(private) = &private {
        print::line(&format!(
            "No database_url: using a private PostgreSQL ({private}). It stops with this server; production brings its own."
        ))?;
    }
    // The private database has nobody else to migrate it.
    if args.migrate || private.is_some() {
        match installation.migrate_unless_ahead().await? {
            None => print::line("The schema is ahead of this program, which serves from it and leaves it as it is.")?,
            Some(report) if report.applied.is_empty() => ExitCode::SUCCESS,
            Some(report) => {
                print::line(&format!("Applied {} migrations in {} ms.", report.applied.len(), report.took.as_millis()))?
            }
        };
    }
    installation.check_roles().await?;
    if args.seed_demo {
        seed::demo(installation).await?;
    }
    let app = &installation.app;
    workers::start(app, shutdown.tasks(), &shutdown.workers());
    shutdown.spawn(measure(app.clone(), shutdown.clone()));
    let site = Site::new(app.clone(), leptos);
    let check = readiness(app);
    let router = router::build(&site, &Rules::from(settings), &shutdown, Arc::clone(&check));
    print::line(&format!("Bulkhead serves on {} (Ctrl-C stops it).", settings.public_url.origin()))?;
    server::run(router, check, settings, shutdown).await?;
    Ok(())
}

fn readiness(app: &App) -> Check {
    let app = app.clone();
    Arc::new(move || {
        let app = app.clone();
        async move {
            let readiness = app.readiness().await;
            for (name, problem) in readiness.problems() {
                tracing::warn!(check = name, %problem, "not ready");
            }
            Readiness::because(readiness.problems().map(|(name, _)| name).collect())
        }
        .boxed()
    })
}

/// Gauges of what is not counted where it happens.
async fn measure(app: App, shutdown: Shutdown) {
    let stop = shutdown.workers();
    loop {
        app.measure().await;
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(15)) => {}
        }
    }
}

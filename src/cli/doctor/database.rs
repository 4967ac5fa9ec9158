//! The database: does it answer, is the schema the one this program expects, are the runtime roles weak enough.

use super::Check;
use crate::{
    cli::{Failure, block_on, install::install},
    config::Settings,
};

/// Asks the database that the settings name; a private one that nobody serves from is started for the moment.
pub(super) fn checks(settings: &Settings) -> Vec<Check> {
    let private = settings.database_url.is_none();
    if private && !settings.data_dir.join("postgres").exists() {
        return vec![Check::good("private PostgreSQL", "not created yet; `bulkhead serve` creates it")];
    }
    match block_on(ask(settings)) {
        Ok(checks) => checks,
        Err(failure) if private => vec![Check::warning(
            "private PostgreSQL",
            failure.message(),
            "if a server is running on this data directory, ask its /readyz instead",
        )],
        Err(failure) => vec![Check::failure(
            "connection",
            failure.message(),
            "check the three database URLs; `bulkhead database setup` creates roles and database",
        )],
    }
}

async fn ask(settings: &Settings) -> Result<Vec<Check>, Failure> {
    let installation = install(settings).await?;
    let readiness = installation.app.readiness().await;
    installation.stop().await?;
    let check = |(name, result): (&'static str, Result<String, String>)| match result {
        Ok(found) => Check::good(name, found),
        Err(problem) => Check::failure(name, problem, repair(name)),
    };
    Ok(readiness.checks.into_iter().map(check).collect())
}

fn repair(check: &str) -> &'static str {
    match check {
        "database" => "start PostgreSQL, or correct the database URLs",
        "migrations" => "run `bulkhead migrate`",
        _ => "run the SQL above as a superuser",
    }
}

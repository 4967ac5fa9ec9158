//! `bulkhead doctor`: a list of checks, each with what was found and how to repair it.
//!
//! To add one, write a function that returns a [`Check`] and put it into the list of its section.

mod database;
mod host;
mod report;

use std::process::ExitCode;

pub(super) use self::report::{Check, Report};
use super::{Failure, print};
use crate::config::{Environment, Flags, Loaded};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    flags: Flags,
}

/// The code that `--help` gives to "must be repaired".
const REPAIR: u8 = 4;

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    // Unreadable settings end it here: nothing else can be checked without them, and the error lists them all.
    let loaded = Loaded::read_unchecked(&args.flags, environment)?;
    let mut report = Report::default();
    report.section("Settings", host::settings(&loaded.settings, environment));
    report.section("This machine", host::machine(&loaded.settings));
    report.section("Database", database::checks(&loaded.settings));
    print::line(report.to_string().trim_end())?;
    Ok(if report.must_repair() { ExitCode::from(REPAIR) } else { ExitCode::SUCCESS })
}

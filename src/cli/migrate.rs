//! `bulkhead migrate`.

use std::process::ExitCode;

use super::{Failure, checked};
use crate::config::{Environment, Flags};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only say what would be applied
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let _settings = checked(&args.flags, environment)?;
    Err(Failure::unconnected(if args.dry_run {
        "migrate --dry-run"
    } else {
        "migrate"
    }))
}

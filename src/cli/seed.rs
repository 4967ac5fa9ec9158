//! `bulkhead seed`: a demo with organizations, people and a history.

use std::process::ExitCode;

use super::{Failure, checked};
use crate::config::{Environment, Flags};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) flags: Flags,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let settings = checked(&args.flags, environment)?;
    if settings.is_production() {
        return Err(Failure::refused(
            "the demo has accounts with known passwords and is refused in production",
        ));
    }
    Err(Failure::unconnected("seed"))
}

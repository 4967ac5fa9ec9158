//! `bulkhead gen`: what is derived from the code and committed. `script/gen` writes it to its place.

use std::process::ExitCode;

use clap::Subcommand;

use super::{Failure, print};
use crate::api;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) what: What,
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(super) enum What {
    /// The description of the JSON API (OpenAPI 3.1)
    Openapi,
    /// Who may do what, as a table (Markdown)
    AuthzMatrix,
    /// Why a decision came out as it did, and what to do about it (Markdown)
    ReasonCodes,
}

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let text = match args.what {
        What::Openapi => api::openapi_json(),
        What::AuthzMatrix => bulkhead_authz::matrix_markdown(),
        What::ReasonCodes => bulkhead_authz::reason_codes_markdown(),
    };
    print::line(text.trim_end())
}

//! `bulkhead rls`: how any PostgreSQL database keeps its tenants apart.
//!
//! A subcommand makes an [`Answer`], text and exit code; only [`run`] prints. So a test sees what a person sees.

mod adopt;
mod lint;
mod measure;
mod profile;
mod prove;
mod source;
mod table_name;
mod xray;

use std::process::ExitCode;

use clap::{Subcommand, ValueEnum};

use super::{EXIT_CODES, Failure, print, sheet::wants_colours};
use crate::config::Environment;

const ABOUT_ADDRESSES: &str = "\
The database is named by BULKHEAD_RLS_DATABASE_URL or --database-url-file. A --database-url works too, but every user
of the machine can read it in `ps`. A server on another machine is reached over verified TLS only.
It is measured by a profile: which roles serve requests, which column says whose a row is, which setting says for whom a
transaction acts. `bulkhead rls profile` drafts one. See docs/isolation-of-your-own-database.md.
";

#[derive(Debug, clap::Args)]
#[command(after_help = format!("{ABOUT_ADDRESSES}\n{EXIT_CODES}"))]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge every table, policy, role and function; read-only
    Lint(Box<lint::Args>),
    /// Explain why a role reaches a row or does not, and try it; taken back
    Xray(Box<xray::Args>),
    /// Attack a disposable copy of the schema and sign what came of it
    Prove(Box<prove::Args>),
    /// Print (never run) the migration that makes a plain table a tenant table
    Adopt(Box<adopt::Args>),
    /// Print a starting profile, guessed from the catalogue, to be checked by a person
    Profile(Box<profile::Args>),
}

/// What is printed on standard output, and how the process ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    /// The whole output.
    pub text: String,
    /// See `bulkhead --help`.
    pub code: u8,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a person at a terminal
    Text,
    /// One JSON object
    Json,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    let Answer { text, code } = answer(args, environment)?;
    print::line(&text)?;
    Ok(ExitCode::from(code))
}

/// The answer without printing it.
pub(super) fn answer(args: &Args, environment: &Environment) -> Result<Answer, Failure> {
    let colours = wants_colours(environment);
    match &args.command {
        Command::Lint(args) => lint::answer(args, environment, colours),
        Command::Xray(args) => xray::answer(args, environment, colours),
        Command::Prove(args) => prove::answer(args, environment, colours),
        Command::Adopt(args) => adopt::answer(args, environment),
        Command::Profile(args) => profile::answer(args, environment),
    }
}

/// JSON as it is printed.
fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map_err(|error| Failure::failed(&error))
}

#[cfg(test)]
mod tests;

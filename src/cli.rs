//! The command line: one file a subcommand.

mod admin;
mod database;
mod doctor;
mod exit;
mod generate;
mod install;
mod migrate;
mod print;
mod proof;
mod rls;
mod seed;
mod serve;
mod settings;
mod sheet;

use std::{io, process::ExitCode};

use clap::{Parser, Subcommand};

use self::exit::Failure;
use crate::config::{Environment, Flags, Loaded, Settings};

const EXIT_CODES: &str = "\
Exit codes:
  0    done
  1    failed while running
  2    the command line is wrong
  3    the configuration is refused
  4    doctor found something that must be repaired
  5    the database cannot be used
  6    isolation: findings, a red proof, or a proof that is refused
  7    isolation: something could not be seen or proven, so nothing is called isolated
  130  stopped by a signal";

const SETTINGS: &str = "\
Settings come from flags, then the environment, then bulkhead.toml, then defaults.
`bulkhead config show` tells which one won.";

/// The tenant control plane for a B2B SaaS: one server and one PostgreSQL.
#[derive(Debug, Parser)]
#[command(name = "bulkhead", version, after_help = format!("{EXIT_CODES}\n\n{SETTINGS}"), propagate_version = false)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the console and the API until SIGTERM or Ctrl-C
    Serve(serve::Args),
    /// Bring the database to the version of this program
    Migrate(migrate::Args),
    /// Fill the database with a demo
    Seed(seed::Args),
    /// Manage platform operators
    Admin(admin::Args),
    /// Check this installation and say how to repair it
    Doctor(doctor::Args),
    /// Show the settings
    Config(settings::Args),
    /// Prepare a PostgreSQL server: roles, database, rights
    Database(database::Args),
    /// Look at how any PostgreSQL database keeps its tenants apart
    Rls(rls::Args),
    /// Check proofs of isolation, offline
    Proof(proof::Args),
    /// Print what is derived from the code
    Gen(generate::Args),
    /// Print the version
    Version,
}

/// Runs the command of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misread(&error),
    };
    match run(cli.command, &Environment::of_process()) {
        Ok(code) => code,
        Err(failure) => failure.report(&mut io::stderr()),
    }
}

fn run(command: Command, environment: &Environment) -> Result<ExitCode, Failure> {
    match command {
        Command::Serve(args) => serve::run(&args, environment),
        Command::Migrate(args) => migrate::run(&args, environment),
        Command::Seed(args) => seed::run(&args, environment),
        Command::Admin(args) => admin::run(&args, environment),
        Command::Doctor(args) => doctor::run(&args, environment),
        Command::Config(args) => settings::run(&args, environment),
        Command::Database(args) => database::run(&args, environment),
        Command::Rls(args) => rls::run(&args, environment),
        Command::Proof(args) => proof::run(&args, environment),
        Command::Gen(args) => generate::run(&args),
        Command::Version => print::line(concat!("bulkhead ", env!("CARGO_PKG_VERSION"))),
    }
}

fn misread(error: &clap::Error) -> ExitCode {
    if let Some(refusal) = misreading(error) {
        return Failure::usage(refusal).report(&mut io::stderr());
    }
    // Nothing is left to do when even this cannot be written.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// clap repeats what it did not understand. An address in the wrong place would be repeated with its password.
fn misreading(error: &clap::Error) -> Option<String> {
    let holds_address = error.use_stderr() && error.render().to_string().contains("://");
    holds_address.then(|| {
        "an address stands where none is expected (it is not repeated here, because it may hold a password); see --help"
            .to_owned()
    })
}

/// Settings that may be used, for every command that acts on them.
fn checked(flags: &Flags, environment: &Environment) -> Result<Settings, Failure> {
    Ok(Loaded::read(flags, environment)?.settings)
}

/// Runs `work` on a runtime with one thread a core.
fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|error| Failure::failed(&error))?;
    runtime.block_on(work)
}

#[cfg(test)]
mod tests;

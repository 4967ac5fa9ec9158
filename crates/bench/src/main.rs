//! `script/bench`: what the server costs, as ratios to floors that run in the same minute on the same machine.
//!
//! A floor is the least that could do the same work: a bare axum handler with the same SQL and rows, the same queries
//! without row-level security, Argon2 alone. Absolute figures do not carry from one machine to another; ratios do, so
//! the goals are ratios. How, in one paragraph: server, floor and PostgreSQL run on one core, the client on another;
//! slices of two seconds alternate A B B A; each is bracketed by a fixed piece of arithmetic, and a pair of slices in
//! which the machine itself changed is dropped; the result is the median of the pairs' ratios with its spread.
//! `docs/performance.md` has the figures and says what they do not show.

mod affinity;
mod argon;
mod client;
mod cpu;
mod database;
mod floor;
mod measures;
mod pairs;
mod program;
mod relay;
mod report;
mod seed;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Why a run ended early: said as it is, once, by `main`.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T> = std::result::Result<T, Failure>;

#[derive(Parser)]
#[command(about = "Measures the server against floors of its own")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Seeds what is missing, measures everything and prints the table
    Run(measures::Plan),
    /// The floor's handlers, as a process of its own (started by `run`)
    #[command(hide = true)]
    Floor {
        /// Where to listen; the connection string comes on standard input, whose end ends the process
        #[arg(long)]
        listen: std::net::SocketAddr,
    },
}

fn main() -> ExitCode {
    match perform(Arguments::parse().command) {
        Ok(code) => code,
        Err(failure) => {
            report::progress(&format!("bulkhead-bench: {failure}"));
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Command) -> Result<ExitCode> {
    match command {
        Command::Run(plan) => {
            // One thread: what it starts inherits the core it is on at that moment.
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(measures::run(&plan))
        }
        Command::Floor { listen } => {
            // As the server has it: as many threads as there are cores to run on.
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            runtime.block_on(floor::serve(listen))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

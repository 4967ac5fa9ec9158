//! Arguments to subcommand; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    bulkhead::cli::main()
}

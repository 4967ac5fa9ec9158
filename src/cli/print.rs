//! Standard output, for the commands whose product is text.

use std::{
    io::{self, ErrorKind, Write as _},
    process::ExitCode,
};

use super::Failure;

/// Prints `text` and ends well. A reader that has seen enough (`| head`) is no failure.
pub(super) fn line(text: &str) -> Result<ExitCode, Failure> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}

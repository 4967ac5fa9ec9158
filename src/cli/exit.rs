//! How a command ends, and what a script can tell from it. The codes stand in `bulkhead --help`.

use std::{error::Error, io::Write, process::ExitCode};

use bulkhead_domain::isolation::foreign::ForeignError;

use super::sheet::safe;
use crate::{
    config::{ConfigError, KeysError},
    server::ServerError,
    telemetry::TelemetryError,
};

/// Findings, a red proof, a refused proof: what was looked for is there.
pub(super) const FOUND: u8 = 6;
/// Something could not be seen or proven, so nothing may be called isolated.
pub(super) const INCOMPLETE: u8 = 7;
/// Stopped by a signal.
const STOPPED: u8 = 130;

/// Why a command failed.
#[derive(Debug)]
pub(super) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// Something that was possible went wrong.
    pub(super) fn failed(error: &dyn Error) -> Self {
        Self { code: 1, message: chain(error) }
    }

    /// The settings cannot be used.
    pub(super) fn configuration(error: &dyn Error) -> Self {
        Self { code: 3, message: chain(error) }
    }

    /// The command line says something that cannot be done.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }

    /// A signal ended it.
    pub(super) fn stopped(message: &str) -> Self {
        Self { code: STOPPED, message: message.to_owned() }
    }

    /// The options do not go with the settings.
    pub(super) fn refused(message: &str) -> Self {
        Self { code: 3, message: message.to_owned() }
    }

    /// The code that tells scripts which kind of failure this is.
    #[cfg(test)]
    pub(super) const fn code(&self) -> u8 {
        self.code
    }

    /// What went wrong, for a report that goes on.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// Says it, and gives the process its code.
    pub(super) fn report(self, to: &mut impl Write) -> ExitCode {
        // Nothing is left to do when even this cannot be written.
        let _ = writeln!(to, "bulkhead: {}", self.message);
        ExitCode::from(self.code)
    }
}

/// What happened and why, on one line: `cannot listen on 127.0.0.1:3000: address in use`.
fn chain(error: &dyn Error) -> String {
    let mut message = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let text = cause.to_string();
        // Some libraries repeat their source in their own message.
        if !message.ends_with(&text) {
            message = format!("{message}: {text}");
        }
        source = cause.source();
    }
    message
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::configuration(&error)
    }
}

impl From<KeysError> for Failure {
    fn from(error: KeysError) -> Self {
        Self::configuration(&error)
    }
}

impl From<TelemetryError> for Failure {
    fn from(error: TelemetryError) -> Self {
        Self::configuration(&error)
    }
}

impl From<ServerError> for Failure {
    fn from(error: ServerError) -> Self {
        Self::failed(&error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::failed(&error)
    }
}

impl From<bulkhead_domain::installation::InstallationError> for Failure {
    fn from(error: bulkhead_domain::installation::InstallationError) -> Self {
        Self { code: 5, message: chain(&error) }
    }
}

impl From<ForeignError> for Failure {
    fn from(error: ForeignError) -> Self {
        let code = match &error {
            ForeignError::Address(_) => 3,
            ForeignError::Question(_) | ForeignError::Adopt(_) => 2,
            ForeignError::Rights { .. }
            | ForeignError::Changed(_)
            | ForeignError::Unsettled { .. }
            | ForeignError::TooSlow { .. } => INCOMPLETE,
            ForeignError::Cancelled => STOPPED,
            error if error.is_no_way_in() => 5,
            _ => 1,
        };
        // Names and messages are the other database's.
        Self { code, message: safe(&error.to_string()) }
    }
}

impl From<bulkhead_domain::Error> for Failure {
    fn from(error: bulkhead_domain::Error) -> Self {
        match &error {
            bulkhead_domain::Error::Invalid(fields) => {
                let sentences: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
                Self { code: 1, message: sentences.join(" ") }
            }
            bulkhead_domain::Error::Conflict(conflict) => Self { code: 1, message: conflict.sentence().to_owned() },
            _ => Self::failed(&error),
        }
    }
}

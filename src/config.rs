//! Typed settings from flags, environment and file, in that order; secrets redacted; a weak production configuration refused.
//!
//! `table` is where a setting is added. Everything else follows from its row. No other module reads the environment
//! (`clippy.toml` holds that), so a test passes an [`Environment`] of its own and never touches the process.

mod args;
pub mod keys;
mod rules;
mod source;
mod table;
pub mod value;

use std::fmt;

pub use keys::{Keyring, Keys, KeysError};
pub(crate) use source::read_secret;
pub use source::{Environment, Flags, Origin, Problem};
pub use table::{Setting, Settings, TABLE};
pub use value::{Mode, PublicUrl};

/// The configuration cannot be used. Prints every problem at once: a start that fails five times for five reasons is five
/// restarts too many.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError {
    /// What is wrong, in the order of the table.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.problems.len();
        write!(f, "the configuration has {count} {}:", if count == 1 { "problem" } else { "problems" })?;
        self.problems.iter().try_for_each(|problem| write!(f, "\n  - {problem}"))
    }
}

/// One line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The row of the table.
    pub name: &'static str,
    /// The group it belongs to.
    pub heading: &'static str,
    /// The value; of a secret, no more than what identifies it.
    pub value: String,
    /// Where the value came from.
    pub origin: Origin,
}

/// Settings, and where each came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The values.
    pub settings: Settings,
    /// The same for people, in the order of the table.
    pub shown: Vec<Shown>,
}

impl Loaded {
    /// Reads flags, environment and file, and checks the whole.
    ///
    /// # Errors
    /// Lists everything that is unreadable. When all is readable, lists every rule that is broken.
    pub fn read(flags: &Flags, environment: &Environment) -> Result<Self, ConfigError> {
        let loaded = Self::read_unchecked(flags, environment)?;
        let problems = rules::broken(&loaded.settings);
        if problems.is_empty() { Ok(loaded) } else { Err(ConfigError { problems }) }
    }

    /// As [`Loaded::read`], with the rules of the database's URLs only: for commands that serve nobody.
    ///
    /// # Errors
    /// As [`Loaded::read`].
    pub fn read_for_database(flags: &Flags, environment: &Environment) -> Result<Self, ConfigError> {
        let loaded = Self::read_unchecked(flags, environment)?;
        let problems = rules::broken_for_database(&loaded.settings);
        if problems.is_empty() { Ok(loaded) } else { Err(ConfigError { problems }) }
    }

    /// As [`Loaded::read`], without the rules: `config show` and `doctor` must be able to look at a weak configuration.
    ///
    /// # Errors
    /// Lists everything that is unreadable.
    pub fn read_unchecked(flags: &Flags, environment: &Environment) -> Result<Self, ConfigError> {
        let mut problems = Vec::new();
        let raw = source::Resolution::of(flags, environment, &mut problems);
        let settings = Settings::resolve(&raw, &mut problems);
        match settings {
            Some(mut settings) if problems.is_empty() => {
                let unset = raw.origin("public_url") == Origin::Default;
                let tls = settings.tls_cert.is_some();
                if unset
                    && !settings.is_production()
                    && let Some(url) = PublicUrl::of_listener(settings.listen, tls)
                {
                    settings.public_url = url;
                }
                let shown = TABLE.iter().zip(settings.shown());
                let shown = shown
                    .map(|(row, value)| Shown {
                        name: row.name,
                        heading: row.heading,
                        value,
                        origin: raw.origin(row.name),
                    })
                    .collect();
                Ok(Self { settings, shown })
            }
            _ => Err(ConfigError { problems }),
        }
    }
}

impl Settings {
    /// The rules that these settings break; empty when they may be used.
    #[must_use]
    pub fn problems(&self) -> Vec<Problem> {
        rules::broken(self)
    }

    /// Whether a PostgreSQL of our own is meant, because none is named.
    #[must_use]
    pub fn uses_private_database(&self) -> bool {
        self.database_url.is_none() && self.database_operator_url.is_none() && self.database_auth_url.is_none()
    }

    /// Whether nothing may be made up.
    #[must_use]
    pub fn is_production(&self) -> bool {
        self.env == Mode::Production
    }
}

#[cfg(test)]
mod tests;

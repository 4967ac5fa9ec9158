//! Which database, and how its address gets here.

use std::{convert::Infallible, path::PathBuf};

use bulkhead_domain::isolation::foreign::{Address, ForeignError, Plaintext};
use secrecy::SecretString;

use crate::{
    cli::Failure,
    config::{Environment, read_secret},
};

/// The variable that names the database; with `_FILE` at its end, a file that holds the address.
const VARIABLE: &str = "BULKHEAD_RLS_DATABASE_URL";

#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The database")]
#[group(skip)]
pub(super) struct Args {
    /// Address, postgres://user@host/database. Visible to every user of the machine in `ps`: rather set
    /// BULKHEAD_RLS_DATABASE_URL or use --database-url-file
    #[arg(long, value_name = "URL", value_parser = secret, conflicts_with = "database_url_file")]
    database_url: Option<SecretString>,
    /// File that holds the address
    #[arg(long, value_name = "FILE")]
    database_url_file: Option<PathBuf>,
    /// Obey sslmode=disable for a server on another machine: everything is then readable on the way
    #[arg(long)]
    allow_plaintext: bool,
}

fn secret(text: &str) -> Result<SecretString, Infallible> {
    Ok(text.into())
}

impl Args {
    pub(super) fn address(&self, environment: &Environment) -> Result<Address, Failure> {
        self.parse(&self.text(environment)?)
    }

    /// Reads an address that came another way under the same rules.
    pub(super) fn parse(&self, url: &SecretString) -> Result<Address, Failure> {
        let plaintext = if self.allow_plaintext { Plaintext::Allowed } else { Plaintext::Refused };
        Address::parse(url, plaintext).map_err(|error| ForeignError::from(error).into())
    }

    fn text(&self, environment: &Environment) -> Result<SecretString, Failure> {
        if let Some(url) = &self.database_url {
            return Ok(url.clone());
        }
        if let Some(path) = &self.database_url_file {
            return from_file("--database-url-file", &path.display().to_string());
        }
        let given = |name: &str| environment.get(name).filter(|value| !value.is_empty());
        let in_file = format!("{VARIABLE}_FILE");
        match (given(VARIABLE), given(&in_file)) {
            (Some(_), Some(_)) => Err(Failure::refused(&format!("{VARIABLE} and {in_file} are both set; keep one"))),
            (Some(url), None) => Ok(url.into()),
            (None, Some(path)) => from_file(&in_file, path),
            (None, None) => Err(Failure::usage(format!(
                "no database is named: set {VARIABLE}, or give --database-url-file FILE. Nothing is guessed. For this \
                 installation's own database pass the address of its inspector, which `bulkhead database setup` printed \
                 as BULKHEAD_DATABASE_INSPECT_URL, together with --own-profile"
            ))),
        }
    }
}

/// An address from a file.
pub(super) fn from_file(called: &str, path: &str) -> Result<SecretString, Failure> {
    read_secret(path).map(SecretString::from).map_err(|message| Failure::refused(&format!("{called} {message}")))
}

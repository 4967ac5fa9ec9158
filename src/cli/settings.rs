//! `bulkhead config`: what is set, by whom, and what could be.

use std::{fmt::Write as _, process::ExitCode};

use clap::Subcommand;

use super::{Failure, print};
use crate::config::{ConfigError, Environment, Flags, Loaded, TABLE};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print every setting, where its value came from, and what is wrong; secrets are not shown
    Show(Box<Flags>),
    /// Print a bulkhead.toml with every setting explained and none set
    Template,
}

pub(super) fn run(args: &Args, environment: &Environment) -> Result<ExitCode, Failure> {
    match &args.command {
        Command::Show(flags) => show(flags, environment),
        Command::Template => print::line(template().trim_end()),
    }
}

/// Shows a weak configuration too, and then fails: that is when one wants to look at it.
fn show(flags: &Flags, environment: &Environment) -> Result<ExitCode, Failure> {
    let loaded = Loaded::read_unchecked(flags, environment)?;
    print::line(table(&loaded).trim_end())?;
    let problems = loaded.settings.problems();
    if problems.is_empty() { Ok(ExitCode::SUCCESS) } else { Err(ConfigError { problems }.into()) }
}

fn table(loaded: &Loaded) -> String {
    let width = |text: fn(&crate::config::Shown) -> usize| loaded.shown.iter().map(text).max().unwrap_or_default();
    let (names, values) = (width(|line| line.name.len()), width(|line| line.value.chars().count()).min(48));
    let mut text = String::new();
    let mut heading = "";
    for line in &loaded.shown {
        if line.heading != heading {
            heading = line.heading;
            let gap = if text.is_empty() { "" } else { "\n" };
            // Writing into a String cannot fail.
            let _ = writeln!(text, "{gap}{heading}");
        }
        let _ = writeln!(text, "  {:names$}  {:values$}  {}", line.name, line.value, line.origin);
    }
    text
}

fn template() -> String {
    let mut text = String::from("# Settings of Bulkhead. Flags and environment variables win over this file.\n");
    let mut heading = "";
    for row in TABLE {
        if row.heading != heading {
            heading = row.heading;
            let _ = writeln!(text, "\n# ---- {heading}");
        }
        let name = if row.secret { format!("{}_file", row.name) } else { row.name.to_owned() };
        let value = if row.secret { "/path/of/the/secret" } else { row.default.unwrap_or(row.syntax) };
        let _ = writeln!(text, "\n# {} [{}]\n# {name} = \"{value}\"", row.sentence(), row.variable());
    }
    text
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

    use super::*;

    #[test]
    fn the_template_is_a_settings_file_that_sets_nothing() {
        assert!(template().parse::<toml::Table>().unwrap().is_empty());
        let active: String = template()
            .lines()
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.contains(" = \""))
            .map(|line| format!("{line}\n"))
            .collect();
        assert_eq!(active.parse::<toml::Table>().unwrap().len(), TABLE.len());
    }

    #[test]
    fn show_names_every_setting_and_its_source() {
        let loaded = Loaded::read_unchecked(&Flags::default(), &[("BULKHEAD_LOG_LEVEL", "debug")].into()).unwrap();
        let text = table(&loaded);
        for row in TABLE {
            assert!(text.contains(row.name), "{}", row.name);
        }
        assert!(text.lines().any(|line| line.contains("debug") && line.ends_with("environment BULKHEAD_LOG_LEVEL")));
    }
}

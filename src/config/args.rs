//! The table of settings as flags of a command.

use std::path::PathBuf;

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, builder::NonEmptyStringValueParser, value_parser,
};

use super::{
    source::Flags,
    table::{Setting, TABLE},
};

const FILE: &str = "config";
const PRODUCTION: &str = "production";

/// Built from the table instead of derived, so that a setting is written down once.
impl Args for Flags {
    fn augment_args(command: Command) -> Command {
        let file = Arg::new(FILE)
            .long("config")
            .value_name("PATH")
            .value_parser(value_parser!(PathBuf))
            .help("Settings file [env: BULKHEAD_CONFIG] [default: bulkhead.toml, if it is there]");
        let production = Arg::new(PRODUCTION)
            .long("production")
            .action(ArgAction::SetTrue)
            .conflicts_with("env")
            .help("Refuse a weak configuration; short for --env production");
        command.args([file, production]).args(TABLE.iter().map(flag))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// `-h` shows the two flags above; `--help` shows everything, in the groups of the table.
fn flag(setting: &Setting) -> Arg {
    let name = setting.name.replace('_', "-");
    let variable = setting.variable();
    let (id, long, value, notes) = if setting.secret {
        let notes = format!(
            "File that holds the value, which has no flag of its own because `ps` would show it [env: {variable}, {variable}_FILE]"
        );
        (format!("{}_file", setting.name), format!("{name}-file"), "PATH", notes)
    } else {
        let default = setting.default.map_or_else(String::new, |default| format!(" [default: {default}]"));
        (setting.name.to_owned(), name, setting.syntax, format!("[env: {}]{default}", setting.variables()))
    };
    Arg::new(id)
        .long(long)
        .value_name(value)
        .value_parser(NonEmptyStringValueParser::new())
        .help_heading(setting.heading)
        .hide_short_help(true)
        .help(format!("{} {notes}", setting.sentence()))
}

impl FromArgMatches for Flags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Self::default();
        flags.update_from_arg_matches(matches)?;
        Ok(flags)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        if let Some(path) = matches.get_one::<PathBuf>(FILE) {
            self.file = Some(path.clone());
        }
        if matches.get_flag(PRODUCTION) {
            self.values.insert("env".to_owned(), PRODUCTION.to_owned());
        }
        for setting in TABLE {
            let id = if setting.secret { format!("{}_file", setting.name) } else { setting.name.to_owned() };
            if let Some(value) = matches.get_one::<String>(&id) {
                self.values.insert(id, value.clone());
            }
        }
        Ok(())
    }
}

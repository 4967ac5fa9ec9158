//! Where values come from: flags before environment before file before defaults.

use std::{
    collections::{BTreeMap, HashMap},
    fmt, fs,
    path::{Path, PathBuf},
};

use super::{
    table::{Setting, TABLE},
    value::Value,
};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    Flag,
    /// The variable of that name.
    Variable(String),
    /// `bulkhead.toml` or the file that `--config` names.
    File(PathBuf),
    /// Nobody set it.
    Default,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => f.write_str("flag"),
            Self::Variable(name) => write!(f, "environment {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Default => f.write_str("default"),
        }
    }
}

/// One thing that is wrong, and how to say it right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The setting, or the file or variable, that is meant.
    pub subject: String,
    /// What is wrong with it. Never holds the value.
    pub message: String,
}

impl Problem {
    pub(super) fn new(subject: impl Into<String>, message: impl Into<String>) -> Self {
        Self { subject: subject.into(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.subject, self.message)
    }
}

/// Variables of ours that are no settings: where the settings file is, and the database that `bulkhead rls` looks at.
const NO_SETTINGS: [&str; 3] = ["CONFIG", "RLS_DATABASE_URL", "RLS_DATABASE_URL_FILE"];

/// The process environment, taken once. Nothing outside `config` reads variables, so a test can pass its own.
#[derive(Debug, Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Copies the variables of this process; those that are not Unicode are left out.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// One variable. Settings are read through the table; this is for what is none, such as `NO_COLOR`.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// With one more variable.
    #[cfg(test)]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Variables that start like ours and name no setting: probably misspelt. Not refused, because other tools of a host may
    /// share the prefix.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        let ours = |name: &&str| {
            name.strip_prefix("BULKHEAD_")
                .is_some_and(|rest| !NO_SETTINGS.contains(&rest) && !is_known(&rest.to_ascii_lowercase()))
        };
        self.0.keys().map(String::as_str).filter(ours)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Environment {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
    }
}

/// What the command line says about settings; see `config::args` for how it gets here.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`.
    pub file: Option<PathBuf>,
    /// Values by setting name; a secret's path by its name with `_file`.
    pub values: BTreeMap<String, String>,
}

/// Every setting's text and origin, before it is read as its type.
#[derive(Debug)]
pub(super) struct Resolution {
    chosen: HashMap<&'static str, (String, Origin)>,
}

impl Resolution {
    /// Puts the layers on top of each other.
    pub(super) fn of(flags: &Flags, environment: &Environment, problems: &mut Vec<Problem>) -> Self {
        let file = SettingsFile::open(flags, environment, problems);
        let mut chosen = HashMap::new();
        for setting in TABLE {
            let layers =
                [from_flags(setting, flags), from_environment(setting, environment), file.find(setting, problems)];
            let found = layers.into_iter().find(|layer| !layer.is_empty()).unwrap_or_default();
            let [layer] = match <[Found; 1]>::try_from(found) {
                Ok(one) => one,
                Err(found) if found.is_empty() => {
                    if let Some(default) = setting.default {
                        chosen.insert(setting.name, (default.to_owned(), Origin::Default));
                    }
                    continue;
                }
                Err(found) => {
                    let names = found.iter().map(|found| found.called.as_str()).collect::<Vec<_>>().join(" and ");
                    problems.push(Problem::new(names, "are both set; keep one"));
                    continue;
                }
            };
            let text = if layer.is_path { read_secret(&layer.text) } else { Ok(layer.text) };
            match text {
                Ok(text) => drop(chosen.insert(setting.name, (text, layer.origin))),
                Err(message) => problems.push(Problem::new(layer.called, message)),
            }
        }
        Self { chosen }
    }

    /// Reads one setting as its type.
    pub(super) fn read<T: Value>(&self, name: &'static str, problems: &mut Vec<Problem>) -> Option<T> {
        let Some((text, origin)) = self.chosen.get(name) else {
            return T::absent();
        };
        T::parse(text).map_err(|message| problems.push(Problem::new(name, format!("{message} (set by {origin})")))).ok()
    }

    /// Where a setting came from.
    pub(super) fn origin(&self, name: &str) -> Origin {
        self.chosen.get(name).map_or(Origin::Default, |(_, origin)| origin.clone())
    }
}

/// One way in which one layer sets a setting.
#[derive(Debug)]
struct Found {
    called: String,
    text: String,
    is_path: bool,
    origin: Origin,
}

fn from_flags(setting: &Setting, flags: &Flags) -> Vec<Found> {
    let found = |name: &str, is_path| {
        let text = flags.values.get(name)?.clone();
        Some(Found { called: format!("--{}", name.replace('_', "-")), text, is_path, origin: Origin::Flag })
    };
    let path = if setting.secret { found(&format!("{}_file", setting.name), true) } else { None };
    found(setting.name, false).into_iter().chain(path).collect()
}

/// Our own variable beats an alias: whoever writes `BULKHEAD_` means us.
fn from_environment(setting: &Setting, environment: &Environment) -> Vec<Found> {
    let found = |name: &str, is_path| {
        let text = environment.get(name).filter(|text| !text.is_empty())?.to_owned();
        Some(Found { called: name.to_owned(), text, is_path, origin: Origin::Variable(name.to_owned()) })
    };
    let names = std::iter::once(setting.variable()).chain(setting.aliases.iter().map(|alias| (*alias).to_owned()));
    names
        .map(|name| {
            let path = if setting.secret { found(&format!("{name}_FILE"), true) } else { None };
            found(&name, false).into_iter().chain(path).collect::<Vec<_>>()
        })
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

/// The settings file, if there is one.
#[derive(Debug, Default)]
struct SettingsFile {
    path: PathBuf,
    table: toml::Table,
}

impl SettingsFile {
    /// A file that was asked for must be there; `bulkhead.toml` in the working directory may be missing.
    fn open(flags: &Flags, environment: &Environment, problems: &mut Vec<Problem>) -> Self {
        let asked = flags.file.clone().or_else(|| environment.get("BULKHEAD_CONFIG").map(PathBuf::from));
        let path = asked.clone().unwrap_or_else(|| "bulkhead.toml".into());
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && asked.is_none() => {
                return Self::default();
            }
            Err(error) => {
                problems.push(Problem::new(path.display().to_string(), format!("cannot be read: {error}")));
                return Self::default();
            }
        };
        match text.parse::<toml::Table>() {
            Ok(table) => {
                for unknown in table.keys().filter(|key| !is_known(key)) {
                    problems.push(Problem::new(unknown, format!("in {} is not a setting", path.display())));
                }
                Self { path, table }
            }
            Err(error) => {
                // `message` and not `to_string`, which would print the offending line, perhaps with a secret in it.
                problems.push(Problem::new(path.display().to_string(), format!("is not TOML: {}", error.message())));
                Self::default()
            }
        }
    }

    fn find(&self, setting: &Setting, problems: &mut Vec<Problem>) -> Vec<Found> {
        let mut found = |name: &str, is_path| {
            let Some(text) = written(self.table.get(name)?) else {
                problems.push(Problem::new(
                    name,
                    format!("in {} must be a text, a number or a list of them", self.path.display()),
                ));
                return None;
            };
            // A path in the file is relative to the file, wherever the server is started.
            let text = if is_path { self.beside(&text) } else { text };
            Some(Found { called: name.to_owned(), text, is_path, origin: Origin::File(self.path.clone()) })
        };
        let value = found(setting.name, false);
        let path = if setting.secret { found(&format!("{}_file", setting.name), true) } else { None };
        value.into_iter().chain(path).collect()
    }

    fn beside(&self, path: &str) -> String {
        self.path.parent().unwrap_or(Path::new("")).join(path).display().to_string()
    }
}

fn is_known(key: &str) -> bool {
    TABLE
        .iter()
        .any(|setting| setting.name == key || (setting.secret && key.strip_suffix("_file") == Some(setting.name)))
}

/// A TOML value as it would be written in a variable.
fn written(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Array(parts) => parts.iter().map(written).collect::<Option<Vec<_>>>().map(|parts| parts.join(",")),
        _ => None,
    }
}

/// Editors and `echo` end a file with a line break that is no part of the secret.
pub(crate) fn read_secret(path: &str) -> Result<String, String> {
    fs::read_to_string(path)
        .map(|text| text.trim_end_matches(['\r', '\n']).to_owned())
        .map_err(|error| format!("names {path}, which cannot be read: {error}"))
}

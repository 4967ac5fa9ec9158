//! What a setting may be: each type knows how it is written, how it is shown and whether it is a secret.

mod url;

use std::{net::SocketAddr, num::NonZeroU32, path::PathBuf, time::Duration};

use ipnetwork::IpNetwork;
use secrecy::{ExposeSecret, SecretString};

pub use self::url::{PublicUrl, SecretUrl};

/// A type that a setting can have.
pub trait Value: Sized {
    /// Secrets have no flag (a flag is visible in `ps`), are never shown, and may be read from a file.
    const SECRET: bool = false;
    /// How the value is written, for the help text: `DURATION`, `ADDRESS`.
    const SYNTAX: &'static str;

    /// Reads the value as written in a flag, a variable or the file.
    ///
    /// # Errors
    /// A sentence for the operator. It never repeats the input, which may be a secret.
    fn parse(text: &str) -> Result<Self, String>;

    /// The value as `config show` prints it.
    fn show(&self) -> String;

    /// The value of a setting that nobody set and that has no default.
    fn absent() -> Option<Self> {
        None
    }
}

/// An empty text means "not set", so that a variable can be switched off without unsetting it.
impl<T: Value> Value for Option<T> {
    const SECRET: bool = T::SECRET;
    const SYNTAX: &'static str = T::SYNTAX;

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() { Ok(None) } else { T::parse(text).map(Some) }
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "(not set)".to_owned(), Value::show)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }
}

/// Values that the standard library reads and prints as we want them.
macro_rules! plain {
    ($($ty:ty, $syntax:literal, $wanted:literal;)+) => {$(
        impl Value for $ty {
            const SYNTAX: &'static str = $syntax;
            fn parse(text: &str) -> Result<Self, String> {
                text.parse().map_err(|_| concat!("must be ", $wanted).to_owned())
            }
            fn show(&self) -> String {
                self.to_string()
            }
        }
    )+};
}

plain! {
    SocketAddr, "ADDRESS:PORT", "an address and a port, such as 127.0.0.1:3000 or [::1]:3000";
    NonZeroU32, "NUMBER", "a whole number greater than zero";
}

impl Value for PathBuf {
    const SYNTAX: &'static str = "PATH";

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() { Err("must be a path".to_owned()) } else { Ok(text.into()) }
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

/// Units are required: `30` alone has been read as seconds, minutes and milliseconds by somebody.
impl Value for Duration {
    const SYNTAX: &'static str = "DURATION";

    fn parse(text: &str) -> Result<Self, String> {
        const WANTED: &str = "must be a whole number with a unit: 500ms, 10s, 30m, 12h or 7d";
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: u64 = match (number, unit) {
            ("0", "") => return Ok(Self::ZERO),
            _ => number.parse().map_err(|_| WANTED.to_owned())?,
        };
        let milliseconds = match unit.trim() {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return Err(WANTED.to_owned()),
        };
        number.checked_mul(milliseconds).map(Self::from_millis).ok_or_else(|| WANTED.to_owned())
    }

    fn show(&self) -> String {
        let ms = self.as_millis();
        [(86_400_000, "d"), (3_600_000, "h"), (60_000, "m"), (1_000, "s")]
            .into_iter()
            .find(|(unit, _)| ms > 0 && ms.is_multiple_of(*unit))
            .map_or_else(|| format!("{ms}ms"), |(unit, name)| format!("{}{name}", ms / unit))
    }
}

/// A number of bytes, written with a binary unit: `1MiB`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(pub usize);

impl Bytes {
    /// One mebibyte, 1 048 576 bytes.
    pub const MIB: usize = 1 << 20;

    /// Whole kibibytes, the unit of Argon2's memory parameter.
    #[must_use]
    pub const fn kibibytes(self) -> usize {
        self.0 >> 10
    }
}

impl Value for Bytes {
    const SYNTAX: &'static str = "SIZE";

    fn parse(text: &str) -> Result<Self, String> {
        const WANTED: &str = "must be a whole number with a unit: 512B, 64KiB or 1MiB";
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let number: usize = number.parse().map_err(|_| WANTED.to_owned())?;
        let unit = match unit.trim() {
            "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => Self::MIB,
            _ => return Err(WANTED.to_owned()),
        };
        number.checked_mul(unit).map(Self).ok_or_else(|| WANTED.to_owned())
    }

    fn show(&self) -> String {
        match self.0 {
            n if n > 0 && n % Self::MIB == 0 => format!("{}MiB", n / Self::MIB),
            n if n > 0 && n % 1024 == 0 => format!("{}KiB", n / 1024),
            n => format!("{n}B"),
        }
    }
}

/// Whether a weak configuration is tolerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// One machine, one developer: missing secrets and databases are made up.
    Development,
    /// Real people's data: nothing is made up, and a weak setting stops the start.
    Production,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For a person at a terminal.
    Text,
    /// One JSON object a line, for a collector.
    Json,
}

/// Closed choices, written as one of a few words.
macro_rules! choice {
    ($ty:ident: $first:literal => $one:ident $(, $word:literal => $variant:ident)+) => {
        impl Value for $ty {
            const SYNTAX: &'static str = concat!($first $(, "|", $word)+);
            fn parse(text: &str) -> Result<Self, String> {
                match text {
                    $first => Ok(Self::$one),
                    $($word => Ok(Self::$variant),)+
                    _ => Err(concat!("must be one of: ", $first $(, " ", $word)+).to_owned()),
                }
            }
            fn show(&self) -> String {
                match self {
                    Self::$one => $first.to_owned(),
                    $(Self::$variant => $word.to_owned(),)+
                }
            }
        }
    };
}

choice!(Mode: "development" => Development, "production" => Production);
choice!(LogFormat: "text" => Text, "json" => Json);

/// A text that means something only to whoever reads it, such as a log filter or a sender address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text(pub String);

impl Value for Text {
    const SYNTAX: &'static str = "TEXT";

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err("must be one line of text".to_owned());
        }
        Ok(Self(text.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// A text that nobody may see, such as a webhook's signing secret.
#[derive(Debug, Clone)]
pub struct SecretText(SecretString);

impl SecretText {
    /// The secret to hand on.
    #[must_use]
    pub fn secret(&self) -> SecretString {
        self.0.clone()
    }
}

impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Value for SecretText {
    const SECRET: bool = true;
    const SYNTAX: &'static str = "SECRET";

    fn parse(text: &str) -> Result<Self, String> {
        Text::parse(text).map(|text| Self(text.0.into()))
    }

    fn show(&self) -> String {
        "(hidden)".to_owned()
    }
}

/// Networks in CIDR notation, separated by commas.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks(pub Vec<IpNetwork>);

impl Value for Networks {
    const SYNTAX: &'static str = "CIDR,…";

    fn parse(text: &str) -> Result<Self, String> {
        let networks = text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse);
        networks
            .collect::<Result<_, _>>()
            .map(Self)
            .map_err(|_| "must be networks such as 10.0.0.0/8, separated by commas".to_owned())
    }

    fn show(&self) -> String {
        if self.0.is_empty() {
            return "(none)".to_owned();
        }
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }

    fn absent() -> Option<Self> {
        Some(Self::default())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is the failed assertion")]

    use super::*;

    #[test]
    fn durations_round_trip_and_need_a_unit() {
        for text in ["500ms", "10s", "30m", "12h", "7d"] {
            assert_eq!(Duration::parse(text).unwrap().show(), text);
        }
        assert_eq!(Duration::parse("0").unwrap(), Duration::ZERO);
        for text in ["", "30", "s", "1w", "-1s", "99999999999999999999d", "1.5s"] {
            assert!(Duration::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn sizes_round_trip_and_need_a_unit() {
        for text in ["512B", "64KiB", "19MiB"] {
            assert_eq!(Bytes::parse(text).unwrap().show(), text);
        }
        for text in ["", "1", "1MB", "18446744073709551615MiB"] {
            assert!(Bytes::parse(text).is_err(), "{text:?}");
        }
    }
}

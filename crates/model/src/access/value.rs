//! Values of attributes, with their types.

use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt};
use time::OffsetDateTime;

/// The value of an attribute. Two values compare only if they are of one type: `"5"` is not `5`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "type", content = "value")]
pub enum Value {
    /// Text, compared byte by byte.
    Text(String),
    /// A finite number.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A point in time.
    Time(#[serde(with = "time::serde::rfc3339")] OffsetDateTime),
}

impl Value {
    /// What its type is called.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "text",
            Self::Number(_) => "number",
            Self::Boolean(_) => "boolean",
            Self::Time(_) => "time",
        }
    }

    /// How it stands to another value; none across types, and none for a number that is not one.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => Some(a.cmp(b)),
            (Self::Number(a), Self::Number(b)) => a.partial_cmp(b),
            (Self::Boolean(a), Self::Boolean(b)) => Some(a.cmp(b)),
            (Self::Time(a), Self::Time(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "“{text}”"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Boolean(true) => f.write_str("yes"),
            Self::Boolean(false) => f.write_str("no"),
            Self::Time(at) => {
                let at = at.to_offset(time::UtcOffset::UTC);
                let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
                write!(f, "{year:04}-{month:02}-{day:02} {:02}:{:02} UTC", at.hour(), at.minute())
            }
        }
    }
}

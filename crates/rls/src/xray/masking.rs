//! What of a row and of an error message may be shown.

use bulkhead_model::isolation::xray::{Field, LengthClass, Shown};

use super::sql::Failure;
use super::target::Target;

/// How many characters of a value are shown.
const SHOWN: usize = 200;

/// A value that may be shown.
pub(super) fn shown(value: Option<&str>) -> Shown {
    let Some(value) = value else { return Shown::Null };
    let end = value.char_indices().nth(SHOWN).map_or(value.len(), |(at, _)| at);
    Shown::Value { text: value[..end].to_owned(), truncated: end < value.len() }
}

/// The columns of a row. Without `reveal` only those in `open` are shown.
pub(super) fn fields(target: &Target, values: &[Option<String>], open: &[String], reveal: bool) -> Vec<Field> {
    target
        .columns
        .iter()
        .zip(values)
        .map(|(column, value)| {
            let value = match value {
                Some(value) if !reveal && !open.contains(&column.name) => {
                    Shown::Masked { data_type: column.data_type.clone(), length: length(value) }
                }
                value => shown(value.as_deref()),
            };
            Field { column: column.name.clone(), value }
        })
        .collect()
}

fn length(value: &str) -> LengthClass {
    match value.chars().take(SHOWN + 1).count() {
        0 => LengthClass::Empty,
        1..=20 => LengthClass::Short,
        21..=SHOWN => LengthClass::Medium,
        _ => LengthClass::Long,
    }
}

/// PostgreSQL's message, without what could be a value of the row: a data exception quotes it after a colon, and what
/// functions raise themselves can be anything. Names of tables, columns and policies stay.
pub(super) fn message(failure: &Failure, reveal: bool) -> String {
    if reveal {
        return failure.message.clone();
    }
    match failure.sqlstate.get(..2) {
        Some("42" | "23" | "25" | "40" | "53" | "54" | "55" | "57") => failure.message.clone(),
        Some("22") => failure.message.split([':', '"']).next().unwrap_or_default().trim_end().to_owned(),
        _ => "(hidden: the message can contain values of the row)".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_lose_what_they_quote() {
        let failure = |sqlstate: &str, message: &str| Failure {
            sqlstate: sqlstate.to_owned(),
            message: message.to_owned(),
            in_function: false,
        };
        let quoting = failure("22P02", "invalid input syntax for type uuid: \"ada@example.com\"");
        assert_eq!(message(&quoting, false), "invalid input syntax for type uuid");
        assert!(message(&quoting, true).contains("ada@"));
        let out_of_range = failure("22003", "value \"99999999999\" is out of range for type integer");
        assert_eq!(message(&out_of_range, false), "value");
        assert!(!message(&failure("P0001", "not you, Ada"), false).contains("Ada"));
        assert!(message(&failure("42501", "permission denied for table notes"), false).contains("notes"));
    }
}

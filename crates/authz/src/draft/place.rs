//! Names of the editor's fields: what of which alternative and which row, `value2-1.invoices:read`.

/// Where a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FieldPlace<'a> {
    /// What it is: `value`.
    pub of: &'a str,
    /// The row, for a field of one.
    pub row: Option<usize>,
    /// The alternative; the first has no number.
    pub group: usize,
}

/// A number as it is written, and in no other way: two names of one field would be two fields.
fn number(text: &str) -> Option<usize> {
    let number: usize = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

impl<'a> FieldPlace<'a> {
    /// Reads a field's name up to the dot before the permission.
    pub fn read(name: &'a str) -> Option<Self> {
        let (name, group) = match name.split_once('-') {
            Some((name, group)) => (name, number(group).filter(|group| *group > 0)?),
            None => (name, 0),
        };
        let of = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let row = match name.get(of.len()..)? {
            "" => None,
            digits => Some(number(digits)?),
        };
        Some(Self { of, row, group })
    }
}

/// Writes one.
pub(super) fn name(of: &str, row: Option<usize>, group: usize) -> String {
    let row = row.map(|row| row.to_string()).unwrap_or_default();
    match group {
        0 => format!("{of}{row}"),
        group => format!("{of}{row}-{group}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_read_as_it_is_written_and_in_no_other_way() {
        for (of, row, group) in [("days", None, 0), ("not_before", None, 3), ("value", Some(0), 0), ("is", Some(12), 7)]
        {
            assert_eq!(FieldPlace::read(&name(of, row, group)), Some(FieldPlace { of, row, group }));
        }
        for other in
            ["days-0", "days-01", "value00", "value01-1", "days-", "days-x", "days-1-2", "value99999999999999999999"]
        {
            assert_eq!(FieldPlace::read(other), None, "{other}");
        }
    }
}

//! A row as PostgreSQL writes a composite value: `(1,"a ""b"" \\",)`.

/// The columns' values from the text of a composite value; `None` is NULL. `None` for all of it where the text is not
/// one.
pub(super) fn parse(text: &str) -> Option<Vec<Option<String>>> {
    let mut characters = text.strip_prefix('(')?.strip_suffix(')')?.chars().peekable();
    let mut values = Vec::new();
    let mut value: Option<String> = None;
    let mut quoted = false;
    while let Some(character) = characters.next() {
        match character {
            ',' if !quoted => values.push(value.take()),
            '"' if quoted && characters.peek() == Some(&'"') => value.get_or_insert_default().extend(characters.next()),
            '"' => {
                quoted = !quoted;
                value.get_or_insert_default();
            }
            '\\' => value.get_or_insert_default().push(characters.next()?),
            other => value.get_or_insert_default().push(other),
        }
    }
    values.push(value);
    (!quoted).then_some(values)
}

/// The text of a composite value with these columns.
pub(super) fn write(values: &[Option<String>]) -> String {
    let columns: Vec<String> = values
        .iter()
        .map(|value| match value {
            None => String::new(),
            Some(value) => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\"\"")),
        })
        .collect();
    format!("({})", columns.join(","))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_postgresql_writes_is_read() {
        let read = parse(r#"(1,"a ""b"" \\ c",,"",x)"#).unwrap();
        let expected = [Some("1"), Some(r#"a "b" \ c"#), None, Some(""), Some("x")];
        assert_eq!(read, expected.map(|value| value.map(str::to_owned)));
        assert_eq!(parse("()"), Some(vec![None]));
        assert_eq!(parse("(\"open)"), None);
        assert_eq!(parse("plain"), None);
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(values in proptest::collection::vec(proptest::option::of(".*"), 1..6)) {
            prop_assert_eq!(parse(&write(&values)), Some(values));
        }
    }
}

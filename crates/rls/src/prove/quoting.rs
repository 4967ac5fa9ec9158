//! Names and values inside SQL text. The prover writes statements about tables it has never seen, and PostgreSQL takes
//! no parameters where a name stands; so everything goes through these, whatever it is called.

/// A name, always quoted.
pub(crate) fn name(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// Names with commas between them.
pub(super) fn names<'a>(all: impl IntoIterator<Item = &'a String>) -> String {
    all.into_iter().map(|text| name(text)).collect::<Vec<_>>().join(", ")
}

/// A relation with its schema.
pub(super) fn relation(schema: &str, table: &str) -> String {
    format!("{}.{}", name(schema), name(table))
}

/// A string. Backslashes make it an escape string, so that it means the same whatever `standard_conforming_strings` says.
pub(super) fn value(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// A string or NULL.
pub(super) fn value_or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "NULL".to_owned(), value)
}

/// The words of an expression: what may be a column's name in it. Quoted names keep their inside whole.
pub(super) fn mentions(expression: &str, column: &str) -> bool {
    let quoted = name(column);
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    expression.contains(&quoted)
        || expression.match_indices(column).any(|(at, _)| {
            !expression[..at].ends_with(is_word) && !expression[at + column.len()..].starts_with(is_word)
        })
}

/// The strings quoted in an expression, each once, in their order.
pub(super) fn literals(expression: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find('\'') {
        let (mut text, mut at) = (String::new(), start + 1);
        while let Some(end) = rest[at..].find('\'') {
            text.push_str(&rest[at..at + end]);
            at += end + 1;
            if !rest[at..].starts_with('\'') {
                break;
            }
            text.push('\'');
            at += 1;
        }
        if !found.contains(&text) {
            found.push(text);
        }
        rest = rest.get(at.max(start + 1)..).unwrap_or_default();
    }
    found
}

/// The whole numbers in an expression, each once, in their order.
pub(super) fn numbers(expression: &str) -> Vec<i64> {
    let mut found = Vec::new();
    for word in expression.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')) {
        if let Ok(number) = word.parse::<i64>()
            && !found.contains(&number)
        {
            found.push(number);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_name_or_a_value() {
        assert_eq!(relation("a", "we\"ird; drop"), "\"a\".\"we\"\"ird; drop\"");
        assert_eq!(value("it's \\"), "E'it''s \\\\'");
        assert_eq!(value_or_null(None), "NULL");
    }

    #[test]
    fn expressions_are_taken_apart() {
        let check = "((kind = ANY (ARRAY['a'::text, 'it''s'::text])) AND (octet_length(hash) = 32))";
        assert_eq!(literals(check), ["a", "it's"]);
        assert_eq!(numbers(check), [32]);
        assert!(mentions(check, "kind") && mentions(check, "hash") && !mentions(check, "has"));
        assert_eq!(
            literals("'unfinished"),
            Vec::<String>::new().into_iter().chain(["".to_owned()]).collect::<Vec<_>>()
        );
    }
}

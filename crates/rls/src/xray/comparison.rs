//! Finds `column = expression` in a policy, so that the ladder can show what was compared with what.
//!
//! PostgreSQL prints every AND and OR in parentheses, around its operands and around itself. Only conditions that all
//! must hold are looked at; what is not understood is left out, never guessed.

use crate::catalogue::text::{split, without_parentheses};

/// The pairs of column and other side among `columns` that `expression` compares for equality.
pub(super) fn find<'e>(expression: &'e str, table: &str, columns: &[&str]) -> Vec<(String, &'e str)> {
    conjuncts(expression)
        .into_iter()
        .filter_map(|condition| {
            let sides = split(condition, " = ");
            let &[left, right] = &sides[..] else { return None };
            let named = |side: &str| columns.iter().find(|column| is_column(side, table, column));
            match (named(left), named(right)) {
                (Some(column), None) => Some(((*column).to_owned(), right)),
                (None, Some(column)) => Some(((*column).to_owned(), left)),
                _ => None,
            }
        })
        .collect()
}

/// Whether `expression` is several conditions that all must hold; PostgreSQL may evaluate them in any order.
pub(super) fn has_conjunction(expression: &str) -> bool {
    expression.contains(" AND ")
}

/// Settings that an expression reads by a constant name.
pub(crate) fn settings_read(expression: &str) -> Vec<String> {
    expression
        .match_indices("current_setting('")
        .filter_map(|(at, call)| {
            let name = expression[at + call.len()..].split('\'').next()?;
            Some(name.to_owned())
        })
        .collect()
}

/// Whether an expression may depend on `column`: it names it as a word of its own, or takes the whole row. A name inside
/// a string constant counts too, which errs on the careful side.
pub(super) fn mentions(expression: &str, column: &str) -> bool {
    let part_of_name = |character: char| character.is_alphanumeric() || character == '_' || character == '$';
    expression.contains(".*")
        || expression.match_indices(column).any(|(at, name)| {
            !expression[..at].ends_with(part_of_name) && !expression[at + name.len()..].starts_with(part_of_name)
        })
}

/// `column`, `"column"`, or either after the table's name.
fn is_column(text: &str, table: &str, column: &str) -> bool {
    let spellings = |name: &str| [name.to_owned(), super::sql::identifier(name)];
    let text = without_parentheses(text);
    spellings(column).iter().any(|column| {
        text == column
            || spellings(table).iter().any(|table| {
                text.strip_prefix(table.as_str()).and_then(|rest| rest.strip_prefix('.')) == Some(column.as_str())
            })
    })
}

fn conjuncts(expression: &str) -> Vec<&str> {
    let expression = without_parentheses(expression);
    if expression.starts_with("SELECT ") || split(expression, " OR ").len() > 1 {
        return Vec::new();
    }
    match split(expression, " AND ") {
        parts if parts.len() > 1 => parts.into_iter().flat_map(conjuncts).collect(),
        _ => vec![expression],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_comparisons_are_found_and_no_others() {
        let found = |expression| find(expression, "notes", &["org_id", "we\"ird"]);
        let context = "( SELECT app.org_id() AS org_id)";
        let plain = [("org_id".to_owned(), context)];
        assert_eq!(found("(org_id = ( SELECT app.org_id() AS org_id))"), plain);
        assert_eq!(found("(( SELECT app.org_id() AS org_id) = notes.org_id)"), plain);
        assert_eq!(found("((title <> 'a = b'::text) AND (org_id = ( SELECT app.org_id() AS org_id)))"), plain);
        assert_eq!(found("(\"we\"\"ird\" = 1)"), [("we\"ird".to_owned(), "1")]);
        for other in
            ["true", "((org_id = a()) OR true)", "(NOT (org_id = a()))", "(org_id = org_id)", "(org_id <> a())"]
        {
            assert_eq!(found(other), [], "{other}");
        }
    }

    #[test]
    fn a_column_is_mentioned_as_a_word_of_its_own() {
        assert!(
            mentions("(notes.id > 1)", "id")
                && mentions("(\"we\"\"ird\" = 1)", "we\"\"ird")
                && mentions("f(notes.*)", "id")
        );
        assert!(!mentions("(org_id = ( SELECT app.org_id() AS org_id))", "id") && !mentions("(id2 = 1)", "id"));
    }

    #[test]
    fn settings_are_read_from_constants() {
        let expression = "(org_id = (NULLIF(current_setting('app.org_id'::text, true), ''::text))::uuid)";
        assert_eq!(settings_read(expression), ["app.org_id"]);
    }
}

//! Reads policy expressions as far as a verdict needs it: is the tenant column compared, and can anything get past it?
//!
//! Searching the text for `org_id` would call `org_id = … OR true` safe. PostgreSQL prints every AND and OR with
//! parentheses around its operands and around itself, so the conditions that all must hold can be told apart exactly.
//! What is not understood counts as not comparing: a false alarm costs a look, a missed hole costs a customer.

/// Whether rows past the tenant column cannot satisfy `expression`.
pub(super) fn compares_tenant(expression: &str, column: &str) -> bool {
    conjuncts(expression).into_iter().any(|condition| {
        let Some((left, right)) = condition.split_once(" = ") else {
            return false;
        };
        is_column(left, column) && is_context(right, "org_id") || is_context(left, "org_id") && is_column(right, column)
    })
}

/// Whether `expression` holds only in a transaction of an operator.
pub(super) fn requires_operator(expression: &str) -> bool {
    conjuncts(expression).into_iter().any(|condition| {
        condition.strip_suffix(" IS NOT NULL").is_some_and(|subject| is_context(subject, "operator_id"))
    })
}

/// Whether the context is read in the expression itself, and so for every row, instead of once in a sub-select.
pub(super) fn reads_context_per_row(expression: &str) -> bool {
    ["app.org_id()", "app.operator_id()", "current_setting("]
        .iter()
        .any(|call| expression.match_indices(call).any(|(at, _)| !expression[..at].trim_end().ends_with("SELECT")))
}

fn is_column(text: &str, column: &str) -> bool {
    let text = text.trim();
    text == column
        || text.strip_suffix(column).is_some_and(|table| table.ends_with('.') && is_name(&table[..table.len() - 1]))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// `app.org_id()`, or `( SELECT app.org_id() AS org_id)` as PostgreSQL prints it.
fn is_context(text: &str, function: &str) -> bool {
    let text = without_parentheses(text);
    let call = format!("app.{function}()");
    text == call
        || text
            .strip_prefix("SELECT ")
            .and_then(|rest| rest.trim().strip_prefix(call.as_str()))
            .is_some_and(|alias| alias.is_empty() || alias == format!(" AS {function}"))
}

/// The conditions joined by AND at the outermost levels. An OR ends the search: it is one condition.
fn conjuncts(expression: &str) -> Vec<&str> {
    let expression = without_parentheses(expression);
    if starts_subquery(expression) {
        return vec![expression];
    }
    match split(expression, " AND ") {
        parts if parts.len() > 1 && split(expression, " OR ").len() == 1 => {
            parts.into_iter().flat_map(conjuncts).collect()
        }
        _ => vec![expression],
    }
}

fn starts_subquery(expression: &str) -> bool {
    expression.starts_with("SELECT ")
}

/// Takes parentheses away that enclose the whole text.
fn without_parentheses(text: &str) -> &str {
    let text = text.trim();
    match text.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) if is_balanced(inner) => without_parentheses(inner),
        _ => text,
    }
}

/// Whether no parenthesis in `text` closes one that was opened before it.
fn is_balanced(text: &str) -> bool {
    let mut depths = depths(text);
    depths.by_ref().all(|(_, depth)| depth >= 0)
}

/// Splits at `separator` outside parentheses and quotes.
fn split<'a>(text: &'a str, separator: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    let mut start = 0;
    for (at, depth) in depths(text) {
        if depth == 0 && at >= start && text[at..].starts_with(separator) {
            parts.push(&text[start..at]);
            start = at + separator.len();
        }
    }
    parts.push(&text[start..]);
    parts
}

/// The position of every character outside quotes, with the depth of parentheses after it.
fn depths(text: &str) -> impl Iterator<Item = (usize, i32)> {
    let mut depth = 0;
    let mut quote = None;
    text.char_indices().filter_map(move |(at, character)| {
        match (quote, character) {
            // A doubled quote closes and opens again, which comes to the same.
            (Some(open), _) => {
                if open == character {
                    quote = None;
                }
                return None;
            }
            (None, '\'' | '"') => {
                quote = Some(character);
                return None;
            }
            (None, '(') => depth += 1,
            (None, ')') => depth -= 1,
            _ => {}
        }
        Some((at, depth))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TENANT: &str = "(org_id = ( SELECT app.org_id() AS org_id))";

    #[test]
    fn the_plain_comparison_is_recognised_in_every_spelling() {
        for expression in [
            TENANT,
            "(org_id = app.org_id())",
            "(( SELECT app.org_id() AS org_id) = org_id)",
            "(users.org_id = ( SELECT app.org_id() AS org_id))",
            "((( SELECT app.operator_id() AS operator_id) IS NOT NULL) AND (org_id = ( SELECT app.org_id() AS org_id)))",
            "((org_id = ( SELECT app.org_id() AS org_id)) AND ((kind = 'a OR b'::text) OR (kind = ') OR ('::text)))",
        ] {
            assert!(compares_tenant(expression, "org_id"), "{expression}");
        }
        assert!(compares_tenant("(id = ( SELECT app.org_id() AS org_id))", "id"));
    }

    #[test]
    fn what_lets_other_rows_past_is_not_mistaken_for_it() {
        for expression in [
            "true",
            "(org_id IS NOT NULL)",
            "(org_id = org_id)",
            "((org_id = ( SELECT app.org_id() AS org_id)) OR true)",
            "((org_id = ( SELECT app.org_id() AS org_id)) OR (current_setting('app.role'::text, true) = 'admin'::text))",
            "(NOT (org_id = ( SELECT app.org_id() AS org_id)))",
            "(org_id <> ( SELECT app.org_id() AS org_id))",
            "(user_id = ( SELECT app.org_id() AS org_id))",
            "(org_id = COALESCE(( SELECT app.org_id() AS org_id), org_id))",
            "(org_id = (current_setting('app.org_id'::text, true))::uuid)",
            "(EXISTS ( SELECT 1 FROM users u WHERE (u.org_id = ( SELECT app.org_id() AS org_id))))",
        ] {
            assert!(!compares_tenant(expression, "org_id"), "{expression}");
        }
    }

    #[test]
    fn an_operator_is_required_only_by_a_condition_of_its_own() {
        assert!(requires_operator("(( SELECT app.operator_id() AS operator_id) IS NOT NULL)"));
        assert!(!requires_operator("((( SELECT app.operator_id() AS operator_id) IS NOT NULL) OR true)"));
        assert!(!requires_operator(TENANT));
    }

    #[test]
    fn the_context_is_to_be_read_once() {
        assert!(!reads_context_per_row(TENANT));
        assert!(reads_context_per_row("(org_id = app.org_id())"));
    }
}

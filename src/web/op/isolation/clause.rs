//! What a policy's expression means, in words. Only for reading: verdicts are the database crate's.

use bulkhead_model::isolation::{PolicyCommand, PolicyFacts};

/// A sentence that says whom a policy lets do what, with which rows.
pub fn meaning(policy: &PolicyFacts, tenant_column: Option<&str>) -> String {
    let roles = policy.roles.iter().map(|role| if role == "PUBLIC" { "everybody" } else { role }).collect::<Vec<_>>();
    let who = roles.join(" and ");
    let says = |expression: &Option<String>| expression.as_deref().map(|text| condition(text, tenant_column));
    let (using, check) = (says(&policy.using), says(&policy.with_check));
    let what = match policy.command {
        PolicyCommand::All => "reads, adds, changes and deletes",
        PolicyCommand::Select => "reads",
        PolicyCommand::Insert => "adds",
        PolicyCommand::Update => "changes",
        PolicyCommand::Delete => "deletes",
    };
    let verb = if policy.permissive { what.to_owned() } else { format!("only ever {what}") };
    match (using, check) {
        (Some(using), Some(check)) if using == check => {
            format!("{who} {verb} rows {using}, before and after the change.")
        }
        (Some(using), Some(check)) => format!("{who} {verb} rows {using}; what it writes must be rows {check}."),
        (Some(only), None) | (None, Some(only)) => format!("{who} {verb} rows {only}."),
        // PostgreSQL joins what policies say; one that says nothing lets nothing through.
        (None, None) => format!("{who} {verb} no row: the policy has no condition that one could satisfy."),
    }
}

/// "of its own organization, while an operator acts": the parts of an AND, those we know in words.
fn condition(expression: &str, tenant_column: Option<&str>) -> String {
    let (mut own, mut operator, mut rest) = (false, false, Vec::new());
    for part in conjuncts(expression) {
        match bare(part) {
            text if text == "true" => {}
            text if is_own_organization(&text, tenant_column) => own = true,
            text if is_operator(&text) => operator = true,
            _ => rest.push(unwrapped(part)),
        }
    }
    let whose = if own { "of the transaction’s organization" } else { "of every organization" };
    let mut words = vec![whose.to_owned()];
    words.extend(operator.then(|| "only while an operator acts".to_owned()));
    words.extend((!rest.is_empty()).then(|| format!("where {}", rest.join(" and "))));
    // What we cannot read may well be about the organization: then whose the rows are is left to the expression.
    if !own && !rest.is_empty() {
        words.remove(0);
    }
    words.join(", ")
}

/// The expression with one condition of its outermost AND a line.
pub fn laid_out(expression: &str) -> String {
    conjuncts(expression).join("\nAND ")
}

fn is_operator(text: &str) -> bool {
    let value = text.strip_suffix("IS NOT NULL").unwrap_or_default().trim();
    value == "app.operator_id" || value == "SELECT app.operator_id AS operator_id"
}

fn is_own_organization(text: &str, tenant_column: Option<&str>) -> bool {
    let Some(value) = tenant_column.and_then(|column| text.strip_prefix(column)) else { return false };
    let value = value.trim_start().strip_prefix('=').unwrap_or_default().trim();
    value == "app.org_id" || value == "SELECT app.org_id AS org_id"
}

/// The text without parentheses and with single spaces, to compare with what we know.
fn bare(text: &str) -> String {
    text.replace(['(', ')'], " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The parts of the outermost AND. Where anything else joins them, the whole is one part.
fn conjuncts(expression: &str) -> Vec<&str> {
    let text = unwrapped(expression);
    let cuts = outermost(text, " AND ");
    if cuts.is_empty() || !outermost(text, " OR ").is_empty() {
        return vec![text];
    }
    let mut parts = Vec::new();
    let mut start = 0;
    for cut in cuts {
        parts.push(&text[start..cut]);
        start = cut + " AND ".len();
    }
    parts.push(&text[start..]);
    parts
}

/// Where `word` stands outside every parenthesis and literal.
fn outermost(text: &str, word: &str) -> Vec<usize> {
    let (mut depth, mut quoted, mut found) = (0_i32, false, Vec::new());
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            ' ' if !quoted && depth == 0 && text[at..].starts_with(word) => found.push(at),
            _ => {}
        }
    }
    found
}

/// The text without the parentheses that hold all of it.
fn unwrapped(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('(').and_then(|text| text.strip_suffix(')')) else { return text };
    let (mut depth, mut quoted) = (0_i32, false);
    for c in inner.chars() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        // The first parenthesis closed before the end: the two do not belong together.
        if depth < 0 {
            return text;
        }
    }
    unwrapped(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "(org_id = ( SELECT app.org_id() AS org_id))";
    const OPERATOR: &str = "(( SELECT app.operator_id() AS operator_id) IS NOT NULL)";

    fn policy(command: PolicyCommand, using: Option<&str>, with_check: Option<&str>) -> PolicyFacts {
        PolicyFacts {
            name: "p".to_owned(),
            command,
            permissive: true,
            roles: vec!["bulkhead_app".to_owned()],
            using: using.map(str::to_owned),
            with_check: with_check.map(str::to_owned),
            calls: Vec::new(),
        }
    }

    #[test]
    fn what_is_known_is_said_in_words() {
        let said = |policy: &PolicyFacts| meaning(policy, Some("org_id"));
        assert_eq!(
            said(&policy(PolicyCommand::All, Some(OWN), Some(OWN))),
            "bulkhead_app reads, adds, changes and deletes rows of the transaction’s organization, before and after the change."
        );
        assert_eq!(
            said(&policy(PolicyCommand::Select, Some(OPERATOR), None)),
            "bulkhead_app reads rows of every organization, only while an operator acts."
        );
        let both = format!("({OPERATOR} AND {OWN} AND (kind = 'customer'::text))");
        assert_eq!(
            said(&policy(PolicyCommand::Insert, None, Some(&both))),
            "bulkhead_app adds rows of the transaction’s organization, only while an operator acts, where kind = 'customer'::text."
        );
    }

    #[test]
    fn a_policy_without_a_condition_lets_nothing_through() {
        let said = meaning(&policy(PolicyCommand::Select, None, None), Some("org_id"));
        assert_eq!(said, "bulkhead_app reads no row: the policy has no condition that one could satisfy.");
    }

    #[test]
    fn conditions_stand_on_lines_of_their_own() {
        assert_eq!(laid_out(OWN), "org_id = ( SELECT app.org_id() AS org_id)");
        assert_eq!(
            laid_out(&format!("({OPERATOR} AND {OWN})")),
            "(( SELECT app.operator_id() AS operator_id) IS NOT NULL)\nAND (org_id = ( SELECT app.org_id() AS org_id))"
        );
    }

    #[test]
    fn what_is_not_known_is_quoted_and_never_softened() {
        let said = |using: &str| meaning(&policy(PolicyCommand::Select, Some(using), None), Some("org_id"));
        assert_eq!(said("true"), "bulkhead_app reads rows of every organization.");
        assert_eq!(said(&format!("({OWN} OR (1 = 1))")), format!("bulkhead_app reads rows where {OWN} OR (1 = 1)."));
        assert_eq!(
            said("(name = ' AND org_id = app.org_id()')"),
            "bulkhead_app reads rows where name = ' AND org_id = app.org_id()'."
        );
        // Another column compared with the organization is not the tenant column.
        assert_eq!(said("(other = app.org_id())"), "bulkhead_app reads rows where other = app.org_id().");
    }
}

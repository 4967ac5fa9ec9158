//! The SQL of fixes, with every name quoted as PostgreSQL would.

use bulkhead_model::isolation::{FunctionFacts, PolicyFacts, TableFacts, TenantColumn};

use crate::{Profile, Scope};

/// Words that PostgreSQL 18 does not take as a name without quotes: reserved, and those reserved but for functions
/// and types (`src/include/parser/kwlist.h`). In alphabetical order.
const RESERVED: [&str; 101] = [
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "binary",
    "both",
    "case",
    "cast",
    "check",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "false",
    "fetch",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "group",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "intersect",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "natural",
    "not",
    "notnull",
    "null",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "outer",
    "overlaps",
    "placing",
    "primary",
    "references",
    "returning",
    "right",
    "select",
    "session_user",
    "similar",
    "some",
    "symmetric",
    "system_user",
    "table",
    "tablesample",
    "then",
    "to",
    "trailing",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
];

/// A name, quoted where it has to be.
pub(super) fn ident(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && RESERVED.binary_search(&name).is_err();
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// Several names.
pub(super) fn idents<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(ident).collect::<Vec<_>>().join(", ")
}

/// A text constant.
pub(super) fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A role in GRANT, REVOKE and policies, where `PUBLIC` is everybody.
pub(super) fn role(name: &str) -> String {
    if name == super::PUBLIC { name.to_owned() } else { ident(name) }
}

/// A relation with its schema.
pub(super) fn table(facts: &TableFacts) -> String {
    format!("{}.{}", ident(&facts.schema), ident(&facts.name))
}

/// `schema.name` as the profile and the catalogue's references have it.
pub(super) fn path(name: &str) -> String {
    name.split_once('.').map_or_else(|| ident(name), |(schema, name)| format!("{}.{}", ident(schema), ident(name)))
}

/// `schema.name(arguments)` as a policy's calls have it.
pub(super) fn signature(signature: &str) -> String {
    let (name, arguments) = signature.split_once('(').unwrap_or((signature, ")"));
    format!("{}({arguments}", path(name))
}

/// A function with its arguments, which the catalogue has as SQL already.
pub(super) fn function(facts: &FunctionFacts) -> String {
    format!("{}.{}({})", ident(&facts.schema), ident(&facts.name), facts.arguments)
}

/// The organization of the transaction, as SQL that raises no error and is NULL without one.
pub(super) fn organization(profile: &Profile, column: &TenantColumn) -> String {
    match profile.context.org_functions.first() {
        Some(function) => format!("{}()", path(function)),
        None => {
            let setting = text(&profile.context.org_setting);
            let cast = if column.data_type == "text" { String::new() } else { format!("::{}", column.data_type) };
            format!("nullif(current_setting({setting}, true), ''){cast}")
        }
    }
}

/// What a clause has to require of a role: the own organization, or for the platform's an operator.
pub(super) fn requirement(profile: &Profile, scope: Scope, column: &TenantColumn) -> String {
    let operator = match (scope, profile.context.operator_functions.first(), &profile.context.operator_setting) {
        (Scope::Tenant, ..) | (_, None, None) => None,
        (Scope::Platform, Some(function), _) => Some(format!("(SELECT {}()) IS NOT NULL", path(function))),
        (Scope::Platform, None, Some(setting)) => {
            Some(format!("(SELECT nullif(current_setting({}, true), '')) IS NOT NULL", text(setting)))
        }
    };
    operator.unwrap_or_else(|| format!("{} = (SELECT {})", ident(&column.name), organization(profile, column)))
}

/// `ALTER POLICY name ON table`.
pub(super) fn alter_policy(facts: &TableFacts, policy: &PolicyFacts) -> String {
    format!("ALTER POLICY {} ON {}", ident(&policy.name), table(facts))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_where_they_have_to_be() {
        assert!(RESERVED.is_sorted());
        assert_eq!(ident("org_id"), "org_id");
        assert_eq!(ident("we\"ird; drop"), "\"we\"\"ird; drop\"");
        assert_eq!(ident("Users"), "\"Users\"");
        assert_eq!(ident("order"), "\"order\"");
        assert_eq!(ident("1st"), "\"1st\"");
        assert_eq!(ident(""), "\"\"");
        assert_eq!(text("it's"), "'it''s'");
        assert_eq!(role("PUBLIC"), "PUBLIC");
    }
}

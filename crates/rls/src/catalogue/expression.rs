//! Reads policy expressions as far as a verdict needs it: is the tenant column compared, and can anything get past it?
//!
//! Searching the text for `org_id` would call `org_id = … OR true` safe. PostgreSQL prints every AND and OR with
//! parentheses around its operands and around itself, so the conditions that all must hold can be told apart exactly.
//! What is not understood counts as not comparing: a false alarm costs a look, a missed hole costs a customer.

use std::collections::HashSet;

use super::text::{calls, cast, literal, literals, path, split, whole_call, without_parentheses, words};
use crate::Context;

/// A policy's USING or WITH CHECK as PostgreSQL prints it, read with what the profile says of the context.
#[derive(Clone, Copy)]
pub(crate) struct Expression<'a> {
    text: &'a str,
    context: &'a Context,
}

/// One reading of a setting in an expression.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SettingRead {
    /// The setting, where it is a constant.
    pub name: Option<String>,
    /// NULL instead of an error where it was never set.
    pub missing_ok: bool,
    /// NULL instead of the empty text that a used connection leaves behind.
    pub nullif: bool,
}

/// A condition that names nothing of a row but whose it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Guard<'a> {
    /// `org_id = <context>`.
    Own {
        /// The comparison.
        condition: &'a str,
        /// What the column is compared with.
        value: &'a str,
    },
    /// `<operator's context> IS NOT NULL`.
    Operator {
        /// The test.
        condition: &'a str,
        /// The context.
        value: &'a str,
    },
}

impl<'a> Guard<'a> {
    pub(crate) const fn condition(self) -> &'a str {
        match self {
            Self::Own { condition, .. } | Self::Operator { condition, .. } => condition,
        }
    }
}

impl<'a> Expression<'a> {
    pub(crate) const fn new(text: &'a str, context: &'a Context) -> Self {
        Self { text, context }
    }

    /// Whether no row of another organization can satisfy it.
    pub(crate) fn compares_tenant(self, column: &str) -> bool {
        guards(self.text, &|condition| self.own(condition, column)).is_some()
    }

    /// Whether it can hold only for a row of the own organization, or while an operator acts.
    pub(crate) fn compares_tenant_or_requires_operator(self, column: &str) -> bool {
        self.guards(column).is_some()
    }

    /// Guards of which one holds wherever the expression does. None where it may hold without any.
    pub(crate) fn guards(self, column: &str) -> Option<Vec<Guard<'a>>> {
        guards(self.text, &|condition| self.own(condition, column).or_else(|| self.operator(condition)))
    }

    /// Whether, those guards apart, it says the same whatever is set: nothing in it is a sub-select, reads a setting, or
    /// is a function or an operator that somebody made.
    pub(crate) fn is_settled_but_for(self, guards: &[Guard<'_>]) -> bool {
        let rest = guards.iter().fold(self.text.to_owned(), |rest, guard| rest.replace(guard.condition(), "true"));
        let is_settled = |name: &str| !matches!(name, "current_setting" | "set_config" | "OPERATOR");
        !words(&rest).iter().any(|word| word == "SELECT")
            // With no search path what is not PostgreSQL's own is written with its schema.
            && calls(&rest).iter().all(|call| matches!(&call.path[..], [name] if is_settled(name)))
    }

    /// Whether it holds whatever the row and the context are, as far as its text says so.
    pub(crate) fn is_always_true(self) -> bool {
        admits_all(self.text)
    }

    /// Whether the context is read in the expression itself, and so for every row, instead of once in a sub-select.
    pub(crate) fn reads_context_per_row(self) -> bool {
        calls(self.text).into_iter().filter(|call| !call.in_select).any(|call| {
            let function = call.path.join(".");
            let mut known = self.context.org_functions.iter().chain(&self.context.operator_functions);
            function == "current_setting" || known.any(|known| *known == function)
        })
    }

    /// Every `current_setting` in it.
    pub(crate) fn settings(self) -> Vec<SettingRead> {
        calls(self.text)
            .into_iter()
            .filter(|call| call.path == ["current_setting"])
            .map(|call| SettingRead {
                name: call.arguments.first().and_then(|name| literal(name)),
                missing_ok: call.arguments.get(1).is_some_and(|argument| argument.trim() == "true"),
                nullif: call.within.as_deref() == Some("NULLIF"),
            })
            .collect()
    }

    /// A setting other than `allowed` whose value alone decides a condition: compared with a constant, or a boolean.
    /// Whoever runs SQL sets it to what is wanted.
    pub(crate) fn trusted_setting(self, allowed: &[&str]) -> Option<String> {
        conditions(self.text)
            .into_iter()
            .filter_map(|condition| match split(condition, " = ")[..] {
                [left, right] if is_constant(right) || right == "true" => setting_of(left),
                [left, right] if is_constant(left) => setting_of(right),
                [value] => setting_of(value.strip_suffix(" IS NOT NULL").unwrap_or(value)),
                _ => None,
            })
            .find(|name| !allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(name)))
    }

    /// `org_id = <context>`, either way round.
    fn own(self, condition: &'a str, column: &str) -> Option<Guard<'a>> {
        let [left, right] = split(condition, " = ")[..] else { return None };
        let is_own = |subject: &str, value: &str| {
            is_column(subject, column) && self.is_context(value, &self.context.org_setting, &self.context.org_functions)
        };
        let value = if is_own(left, right) { right } else { is_own(right, left).then_some(left)? };
        Some(Guard::Own { condition, value })
    }

    /// `<operator's context> IS NOT NULL`.
    fn operator(self, condition: &'a str) -> Option<Guard<'a>> {
        let setting = self.context.operator_setting.as_ref()?;
        let value = condition.strip_suffix(" IS NOT NULL")?;
        self.is_context(value, setting, &self.context.operator_functions)
            .then_some(Guard::Operator { condition, value })
    }

    /// Whether `text` is nothing but the context: a function that reads it or the setting itself, in a sub-select,
    /// NULLIF and casts, as PostgreSQL prints them.
    fn is_context(self, text: &str, setting: &str, functions: &[String]) -> bool {
        let text = without_parentheses(text);
        if let Some(selected) = text.strip_prefix("SELECT ") {
            return self.is_context(without_alias(selected), setting, functions);
        }
        if let Some((value, kind)) = cast(text) {
            // `varchar(8)` would cut two organizations down to one.
            return !kind.contains('(') && self.is_context(value, setting, functions);
        }
        let Some(call) = whole_call(text) else { return false };
        let first = call.arguments.first().copied().unwrap_or_default();
        match call.path.join(".").as_str() {
            // Whatever it is compared with, what comes out is the value or NULL.
            "NULLIF" => self.is_context(first, setting, functions),
            "current_setting" => literal(first).is_some_and(|name| name.eq_ignore_ascii_case(setting)),
            function => call.arguments.is_empty() && functions.iter().any(|known| known == function),
        }
    }
}

/// Every text constant and number in an expression, without repetition.
pub(crate) fn constants(expression: &str) -> Vec<String> {
    let numbers = words(expression).into_iter().filter(|word| word.chars().all(|c| c.is_ascii_digit()));
    let mut found = literals(expression);
    for number in numbers {
        if !found.contains(&number) {
            found.push(number);
        }
    }
    found
}

/// Every name in an expression, unquoted, whatever it names.
pub(crate) fn mentions(expression: &str) -> HashSet<String> {
    words(expression).into_iter().collect()
}

/// Guards of which one holds wherever `expression` does: of conditions joined by AND the first that is one, and of
/// alternatives one each.
fn guards<'a>(expression: &'a str, guard: &dyn Fn(&'a str) -> Option<Guard<'a>>) -> Option<Vec<Guard<'a>>> {
    let expression = without_parentheses(expression);
    if starts_subquery(expression) {
        return None;
    }
    if let Some(parts) = alternatives(expression) {
        let found: Option<Vec<_>> = parts.into_iter().map(|part| guards(part, guard)).collect();
        return found.map(|found| found.concat());
    }
    match &split(expression, " AND ")[..] {
        [condition] => guard(condition).map(|guard| vec![guard]),
        parts => parts.iter().find_map(|part| guards(part, guard)),
    }
}

fn admits_all(expression: &str) -> bool {
    let expression = without_parentheses(expression);
    if starts_subquery(expression) {
        return false;
    }
    if let Some(parts) = alternatives(expression) {
        return parts.into_iter().any(admits_all);
    }
    match &split(expression, " AND ")[..] {
        ["true"] => true,
        [condition] => {
            matches!(split(condition, " = ")[..], [left, right] if left == right && is_constant(left))
        }
        parts => parts.iter().copied().all(admits_all),
    }
}

/// What an OR at the outermost level joins.
fn alternatives(expression: &str) -> Option<Vec<&str>> {
    let parts = split(expression, " OR ");
    (parts.len() > 1 && !starts_subquery(expression)).then_some(parts)
}

fn starts_subquery(expression: &str) -> bool {
    expression.starts_with("SELECT ")
}

/// `app.org_id() AS org_id` without the alias. A FROM stays, and is then not understood.
fn without_alias(selected: &str) -> &str {
    match &split(selected, " AS ")[..] {
        [value, alias] if path(alias).is_some_and(|names| names.len() == 1) => value,
        _ => selected,
    }
}

/// The column itself, with or without its table, or cast to a type that keeps all values apart: PostgreSQL prints a
/// domain's column with a cast to what is under it.
fn is_column(text: &str, column: &str) -> bool {
    let text = without_parentheses(text);
    if let Some((value, kind)) = cast(text) {
        return matches!(kind, "text" | "character varying" | "uuid" | "bigint" | "integer")
            && is_column(value, column);
    }
    path(text).is_some_and(|names| names.len() <= 2 && names.last().is_some_and(|name| name == column))
}

/// A text constant or a number; with nothing else is a comparison with itself certain not to be NULL.
fn is_constant(text: &str) -> bool {
    literal(text).is_some() || (!text.is_empty() && text.chars().all(|c| c.is_ascii_digit()))
}

/// The conditions that AND, OR and NOT join, at any level.
fn conditions(expression: &str) -> Vec<&str> {
    let expression = without_parentheses(expression);
    let inner = expression.strip_prefix("NOT ").unwrap_or(expression);
    let parts = [" OR ", " AND "].map(|word| split(inner, word)).into_iter().find(|parts| parts.len() > 1);
    match parts {
        Some(parts) if !starts_subquery(inner) => parts.into_iter().flat_map(conditions).collect(),
        _ if inner.len() < expression.len() => conditions(inner),
        _ => vec![inner],
    }
}

/// The setting that `text` is the value of, with or without sub-select, NULLIF and casts.
fn setting_of(text: &str) -> Option<String> {
    let text = without_parentheses(text);
    if let Some(selected) = text.strip_prefix("SELECT ") {
        return setting_of(without_alias(selected));
    }
    if let Some((value, _)) = cast(text) {
        return setting_of(value);
    }
    let call = whole_call(text)?;
    let first = call.arguments.first()?;
    match call.path.join(".").as_str() {
        "NULLIF" | "COALESCE" | "lower" | "upper" => setting_of(first),
        "current_setting" => literal(first),
        _ => None,
    }
}

#[cfg(test)]
#[path = "expression_tests.rs"]
mod tests;

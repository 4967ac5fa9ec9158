//! What is asked, as it is sent.

use bulkhead_domain::isolation::XrayForm;
use bulkhead_model::{
    FieldErrors,
    isolation::xray::{self, Assignment, Command, RowAddress},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use std::fmt;
use utoipa::ToSchema;

/// A question to the X-ray. Values are text as PostgreSQL writes them; null is NULL.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = XrayQuestion, example = json!({
    "role": "bulkhead_app",
    "organization": "0193c5a0-7c1e-7f3b-9d52-6f6a3c1f0e11",
    "command": "select",
    "row": {"id": "0193c5a0-7c1e-7f3b-9d52-6f6a3c1f0e12"},
}))]
pub struct Question {
    /// The role whose reach is asked about.
    role: String,
    /// The organization in the context, by its key; without one no context is set.
    organization: Option<String>,
    /// Sets the caller as operator in the context as well, where the database has a setting for it.
    #[serde(default)]
    as_operator: bool,
    /// What the role does.
    command: Verb,
    /// The row, for all but `insert`: its columns with their values. The whole primary key names one row; anything else
    /// is a filter, of which the first match is explained.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Option<String>>>)]
    row: Option<Columns>,
    /// The columns that `insert` or `update` sets.
    #[schema(value_type = Option<std::collections::BTreeMap<String, Option<String>>>)]
    values: Option<Columns>,
    /// For `insert`: with `RETURNING *`, as most libraries write it. The policies for SELECT are asked then as well.
    #[serde(default)]
    returning: bool,
    /// For `update` and `delete`: a statement that reads no column, like one without WHERE. No policy for SELECT is
    /// asked then.
    #[serde(default)]
    blind: bool,
    /// Shows the values of all columns. They may be somebody's personal data: it takes a reason.
    #[serde(default)]
    reveal: bool,
    /// Why the values must be seen; written into the audit log.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

/// A statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = XrayCommand)]
enum Verb {
    /// Read it.
    Select,
    /// Add it.
    Insert,
    /// Change it.
    Update,
    /// Remove it.
    Delete,
}

/// Columns with values, in the order they were sent. A column that comes twice is refused, as every field is.
#[derive(Debug, Default)]
struct Columns(Vec<Assignment>);

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Columns;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of columns and their values as text")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Columns, A::Error> {
        let mut columns: Vec<Assignment> = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Option<String>>()? {
            if columns.iter().any(|(given, _)| *given == name) {
                return Err(A::Error::custom("a column came twice"));
            }
            columns.push((name, value));
        }
        Ok(Columns(columns))
    }
}

impl Columns {
    /// The whole primary key is a key; anything else is a filter.
    fn address(self, primary_key: &[String]) -> RowAddress {
        let key: Option<Vec<(String, String)>> =
            self.0.iter().map(|(column, value)| Some((column.clone(), value.clone()?))).collect();
        let whole = self.0.len() == primary_key.len() && self.0.iter().all(|(column, _)| primary_key.contains(column));
        match key {
            Some(key) if whole && !key.is_empty() => RowAddress::Key(key),
            _ => RowAddress::Filter(self.0),
        }
    }
}

impl Question {
    /// The question about this table, and the reason for revealing. Fields that the command has no use for are refused:
    /// whoever sent one meant something by it.
    pub fn about(self, form: &XrayForm, operator: &str) -> Result<(xray::Question, String), FieldErrors> {
        let mut errors = FieldErrors::new();
        let (inserts, writes) = (self.command == Verb::Insert, matches!(self.command, Verb::Insert | Verb::Update));
        match (&self.row, inserts) {
            (None, false) => errors.add("row", "Say which row."),
            (Some(_), true) => errors.add("row", "An INSERT has no row yet; send values."),
            _ => {}
        }
        if self.values.is_some() && !writes {
            errors.add("values", "Only insert and update set columns.");
        }
        if self.returning && !inserts {
            errors.add("returning", "Only insert takes it.");
        }
        if self.blind && !matches!(self.command, Verb::Update | Verb::Delete) {
            errors.add("blind", "Only update and delete take it.");
        }
        if self.as_operator && form.operator_setting.is_none() {
            errors.add("as_operator", "This database has no setting that says that an operator acts.");
        }
        errors.finish(Some(()))?;
        let row = self.row.unwrap_or_default().address(&form.table.primary_key);
        let values = self.values.unwrap_or_default().0;
        let command = match self.command {
            Verb::Select => Command::Select { row },
            Verb::Insert => Command::Insert { values, returning: self.returning },
            Verb::Update => Command::Update { row, changes: values, blind: self.blind },
            Verb::Delete => Command::Delete { row, blind: self.blind },
        };
        let acting = form.operator_setting.clone().filter(|_| self.as_operator);
        let question = xray::Question {
            schema: form.table.schema.clone(),
            table: form.table.name.clone(),
            role: self.role,
            organization: self.organization.filter(|organization| !organization.is_empty()),
            settings: acting.map(|setting| (setting, operator.to_owned())).into_iter().collect(),
            command,
            reveal: self.reveal,
        };
        Ok((question, self.reason))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    fn columns(json: &str) -> Result<Columns, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn the_whole_key_names_a_row_and_anything_else_filters() {
        let key = ["org_id".to_owned(), "id".to_owned()];
        let address = |json: &str| columns(json).unwrap().address(&key);
        assert!(matches!(address(r#"{"id":"1","org_id":"2"}"#), RowAddress::Key(key) if key.len() == 2));
        for filter in [r#"{"id":"1"}"#, r#"{"id":"1","org_id":null}"#, r#"{"id":"1","name":"2"}"#, "{}"] {
            assert!(matches!(address(filter), RowAddress::Filter(_)), "{filter}");
        }
        let nothing = columns("{}").unwrap().address(&[]);
        assert!(matches!(nothing, RowAddress::Filter(columns) if columns.is_empty()));
    }

    #[test]
    fn a_column_comes_once_and_its_value_is_text() {
        assert!(columns(r#"{"id":"1","id":"2"}"#).is_err());
        assert!(columns(r#"{"id":1}"#).is_err());
        assert_eq!(columns(r#"{"b":"1","a":null}"#).unwrap().0, [("b".into(), Some("1".into())), ("a".into(), None)]);
    }
}

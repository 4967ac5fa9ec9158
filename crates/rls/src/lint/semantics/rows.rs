//! Rows made up for a condition: two organizations, and values that the condition's columns may take.

use std::collections::HashMap;

use bulkhead_model::isolation::TableFacts;
use sqlx::PgConnection;

use super::ask::MadeUp;
use crate::catalogue::expression::{constants, mentions};
use crate::lint::sql;
use crate::{Error, Result};

/// How many rows are made up for one condition.
const LIMIT: usize = 256;
/// How many constants of a condition are tried in one column.
const CONSTANTS: usize = 12;

/// The columns of every table, with the type that is under each one's domains.
pub(super) struct Columns(HashMap<String, HashMap<String, BaseType>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct BaseType {
    /// As SQL.
    name: String,
    /// `pg_type.typcategory`.
    category: char,
    /// An enum's values.
    labels: Vec<String>,
}

/// Two organizations that are made up, so that no row that exists belongs to either.
pub(super) struct Organizations<'a> {
    /// The one that the transaction acts for, as text.
    pub own: &'a str,
    other: &'a str,
    kind: &'a BaseType,
}

impl Organizations<'_> {
    /// The own one as the tenant column holds it, as SQL.
    pub fn own_cell(&self) -> String {
        self.cell(self.own)
    }

    fn cell(&self, organization: &str) -> String {
        format!("{}::{}", sql::text(organization), self.kind.name)
    }
}

/// Rows of two organizations.
pub(super) struct Rows {
    columns: String,
    own_tuples: Vec<String>,
    tuples_of_others: Vec<String>,
}

impl Rows {
    /// Rows of another organization.
    pub fn of_others(&self) -> MadeUp<'_> {
        MadeUp { columns: &self.columns, tuples: &self.tuples_of_others }
    }

    /// Rows of the transaction's own organization, which nobody may see who acts for none.
    pub fn of_own(&self) -> MadeUp<'_> {
        MadeUp { columns: &self.columns, tuples: &self.own_tuples }
    }
}

const BASE_TYPES: &str = "
WITH RECURSIVE base(oid, under) AS (
    SELECT oid, oid FROM pg_catalog.pg_type WHERE typtype <> 'd'
    UNION ALL
    SELECT d.oid, b.under FROM pg_catalog.pg_type d JOIN base b ON b.oid = d.typbasetype WHERE d.typtype = 'd'
)
SELECT n.nspname || '.' || c.relname, a.attname::text,
       -- A domain's own length is kept; an ordinary column has its own.
       pg_catalog.format_type(b.under, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END),
       u.typcategory::text,
       coalesce((SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder) FROM pg_catalog.pg_enum e
                 WHERE e.enumtypid = b.under), '{}')
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
JOIN base b ON b.oid = t.oid
JOIN pg_catalog.pg_type u ON u.oid = b.under
WHERE a.attnum > 0 AND NOT a.attisdropped";

impl Columns {
    pub async fn read(connection: &mut PgConnection) -> Result<Self> {
        let read: Vec<(String, String, String, String, Vec<String>)> =
            sqlx::query_as(BASE_TYPES).fetch_all(connection).await.map_err(Error::Database)?;
        let mut tables: HashMap<String, HashMap<String, BaseType>> = HashMap::new();
        for (table, column, name, category, labels) in read {
            let category = category.chars().next().unwrap_or('X');
            tables.entry(table).or_default().insert(column, BaseType { name, category, labels });
        }
        Ok(Self(tables))
    }

    /// Two organizations for a table. None where none can be made up for the tenant column's type.
    pub fn organizations(&self, facts: &TableFacts) -> Option<Organizations<'_>> {
        let kind = self.0.get(&facts.qualified())?.get(&facts.tenant_column.as_ref()?.name)?;
        let (own, other) = organizations(kind)?;
        Some(Organizations { own, other, kind })
    }

    /// Their rows for a condition on the table.
    pub fn rows(&self, facts: &TableFacts, organizations: &Organizations<'_>, condition: &str) -> Option<Rows> {
        let tenant = facts.tenant_column.as_ref()?;
        let types = self.0.get(&facts.qualified())?;
        let (own, kind) = (organizations.own, organizations.kind);
        let mentioned = mentions(condition);
        let varied: Vec<(&str, &BaseType)> = facts
            .columns
            .iter()
            .filter(|column| column.name != tenant.name && mentioned.contains(&column.name))
            .filter_map(|column| Some((column.name.as_str(), types.get(&column.name)?)))
            .collect();
        let constants = constants(condition);
        let candidates: Vec<Vec<String>> =
            varied.iter().map(|(_, base)| base.candidates(&constants, (kind == *base).then_some(own))).collect();
        let combined = combinations(&candidates);
        let tuples = |organization: &str| -> Vec<String> {
            let tenant = organizations.cell(organization);
            combined
                .iter()
                .map(|row| format!("({})", [std::slice::from_ref(&tenant), row.as_slice()].concat().join(", ")))
                .collect()
        };
        let (own_tuples, tuples_of_others) = (tuples(own), tuples(organizations.other));
        let names = std::iter::once(tenant.name.as_str()).chain(varied.iter().map(|(name, _)| *name));
        Some(Rows { columns: sql::idents(names), own_tuples, tuples_of_others })
    }
}

/// Two values of the type that are no organization's: they are made up.
fn organizations(kind: &BaseType) -> Option<(&str, &str)> {
    Some(match (kind.name.as_str(), kind.category) {
        ("uuid", _) => ("0a0a0a0a-0000-4000-8000-00000000000a", "0b0b0b0b-0000-4000-8000-00000000000b"),
        ("smallint", _) => ("31001", "31002"),
        ("integer" | "bigint" | "numeric", _) => ("1900000001", "1900000002"),
        // One character fits every length.
        (_, 'S') => ("a", "b"),
        (_, 'E') => match &kind.labels[..] {
            [own, other, ..] => (own, other),
            _ => return None,
        },
        _ => return None,
    })
}

impl BaseType {
    /// Values that a column of this type may take, as SQL, NULL first.
    fn candidates(&self, constants: &[String], own: Option<&str>) -> Vec<String> {
        let mut values: Vec<String> = match (self.category, self.name.as_str()) {
            ('B', _) => vec!["true".to_owned(), "false".to_owned()],
            ('S', _) => vec!["x".to_owned(), String::new()],
            ('N', _) => vec!["0".to_owned(), "1".to_owned()],
            ('D', _) => vec!["2000-01-01 00:00:00".to_owned()],
            ('E', _) => self.labels.iter().take(CONSTANTS).cloned().collect(),
            ('A', _) | (_, "json" | "jsonb") => vec!["{}".to_owned()],
            (_, "uuid") => vec!["0c0c0c0c-0000-4000-8000-00000000000c".to_owned()],
            _ => Vec::new(),
        };
        let fitting = constants.iter().filter(|constant| match (self.category, self.name.as_str()) {
            ('S', _) => true,
            ('N', _) => constant.parse::<f64>().is_ok_and(f64::is_finite),
            (_, "uuid") => constant.len() == 36 && constant.chars().all(|c| c.is_ascii_hexdigit() || c == '-'),
            _ => false,
        });
        values.extend(fitting.take(CONSTANTS).cloned());
        values.extend(own.map(str::to_owned));
        let mut seen = std::collections::HashSet::new();
        values.retain(|value| seen.insert(value.clone()));
        let typed = values.into_iter().map(|value| format!("{}::{}", sql::text(&value), self.name));
        std::iter::once(format!("NULL::{}", self.name)).chain(typed).collect()
    }
}

/// Every combination while they are few; else each column's values while the others stay NULL, and then while they have
/// their first value.
fn combinations(candidates: &[Vec<String>]) -> Vec<Vec<String>> {
    let count = candidates.iter().try_fold(1_usize, |count, values| count.checked_mul(values.len()));
    if count.is_some_and(|count| count <= LIMIT) {
        return candidates.iter().fold(vec![Vec::new()], |rows, values| {
            rows.iter()
                .flat_map(|row| values.iter().map(move |value| [row.as_slice(), std::slice::from_ref(value)].concat()))
                .collect()
        });
    }
    let baseline = |index: usize| -> Vec<String> {
        candidates.iter().filter_map(|values| values.get(index).or_else(|| values.first())).cloned().collect()
    };
    let mut rows = vec![baseline(0), baseline(1)];
    for start in [baseline(0), baseline(1)] {
        for (column, values) in candidates.iter().enumerate() {
            for value in values {
                let mut row = start.clone();
                if let Some(cell) = row.get_mut(column) {
                    cell.clone_from(value);
                }
                rows.push(row);
            }
        }
    }
    rows.truncate(LIMIT);
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_columns_are_combined_and_many_are_varied_one_by_one() {
        let two = vec![vec!["NULL".to_owned(), "1".to_owned()]; 3];
        assert_eq!(combinations(&two).len(), 8);
        assert_eq!(combinations(&[]), [Vec::<String>::new()], "a condition on the organization alone");
        let many = vec![vec!["NULL".to_owned(), "1".to_owned(), "2".to_owned()]; 20];
        let rows = combinations(&many);
        assert!(rows.len() <= LIMIT && rows.iter().all(|row| row.len() == 20));
        assert!((0..20).all(|column| rows.iter().any(|row| row[column] == "2")));
    }
}

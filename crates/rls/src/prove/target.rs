//! What is aimed at: a table of the copy with everything an attacker of one role knows about it.

use bulkhead_model::isolation::{Catalogue, PolicyCommand, RelationKind, TableFacts};
use sqlx::PgConnection;

use super::breaking::parts_without_tenant;
use super::planting::Planted;
use super::quoting::{mentions, name, relation, value};
use super::row::Row;
use super::session::{Answer, send};
use super::survey::{Rights, Survey};
use super::values::Owner;

/// A table, or a partition of one, as one role.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// `schema.name`.
    pub subject: String,
    /// The same, quoted.
    pub sql: String,
    pub schema: String,
    pub table: String,
    pub kind: RelationKind,
    pub tenant: String,
    pub key_a: String,
    pub key_b: String,
    /// Rows of A, of B, of nobody, as the administrator counts them.
    pub of_a: i64,
    pub of_b: i64,
    pub of_nobody: i64,
    pub rights: Rights,
    /// The readable columns that COPY can name: generated ones it cannot.
    pub copyable: Vec<String>,
    pub row_a: Row,
    pub row_b: Row,
    pub fresh_a: Option<Row>,
    pub fresh_b: Option<Row>,
    /// Why there is no fresh row.
    pub no_fresh: String,
    /// A column that an UPDATE can set, and a value that every row may have.
    pub change: Option<(String, Option<String>)>,
    /// It has triggers of somebody's own, which may put another organization in place of the one named.
    pub has_triggers: bool,
    /// A policy lets this role read, so its own rows must be visible.
    pub must_read: bool,
    pub links: Vec<Link>,
    pub keys: Vec<Key>,
}

/// A foreign key to another tenant table.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub constraint: String,
    /// The columns beside the tenant column, with the values that point to B's row.
    pub values: Row,
}

/// A unique key.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub constraint: String,
    /// The columns beside the tenant column, with B's values.
    pub values: Row,
}

impl Target {
    /// The tenant column, quoted.
    pub fn tenant_sql(&self) -> String {
        name(&self.tenant)
    }

    /// Whether the role may read the tenant column, and so name whose rows it wants.
    pub fn tenant_readable(&self) -> bool {
        self.rights.readable.contains(&self.tenant)
    }

    /// `WHERE` the row is B's. Compared as text: a parameter's type may not be assumed.
    pub fn is_of(&self, key: &str) -> String {
        format!("{}::text = {}", self.tenant_sql(), value(key))
    }

    /// A column the role may read in which A's and B's rows differ.
    pub fn telling_column(&self) -> &str {
        let differs = |column: &&String| {
            self.row_b.get(*column).is_some_and(Option::is_some) && self.row_a.get(*column) != self.row_b.get(*column)
        };
        // One row rather than all of the organization's, where a column tells.
        let own = self.rights.readable.iter().filter(|column| **column != self.tenant).find(differs);
        own.unwrap_or(&self.tenant)
    }
}

/// Everything that can be aimed at as `role`, by subject.
pub(super) async fn targets(
    copy: &mut PgConnection,
    catalogue: &Catalogue,
    survey: &Survey,
    planted: &Planted,
    role: &str,
) -> Vec<Target> {
    let mut all = Vec::new();
    for table in &catalogue.tables {
        let base = match table.kind {
            RelationKind::Table | RelationKind::Partitioned => Some(table),
            RelationKind::Partition => root_of(catalogue, table),
            RelationKind::View | RelationKind::MaterializedView | RelationKind::Foreign => None,
        };
        let Some((base, tenant)) = base.zip(table.tenant_column.as_ref()) else { continue };
        let of = |owner| planted.rows(&base.qualified(), owner).first();
        let (Some(row_a), Some(row_b)) = (of(Owner::A), of(Owner::B)) else { continue };
        let key_of = |row: &Row| row.get(&tenant.name).cloned().flatten().unwrap_or_default();
        let fresh = |owner| planted.fresh.get(&(base.qualified(), owner)).cloned();
        let mut target = Target {
            subject: table.qualified(),
            sql: relation(&table.schema, &table.name),
            schema: table.schema.clone(),
            table: table.name.clone(),
            kind: table.kind,
            tenant: tenant.name.clone(),
            key_a: key_of(row_a),
            key_b: key_of(row_b),
            of_a: 0,
            of_b: 0,
            of_nobody: 0,
            rights: survey.rights.get(&(role.to_owned(), table.qualified())).cloned().unwrap_or_default(),
            copyable: Vec::new(),
            row_a: row_a.clone(),
            row_b: row_b.clone(),
            fresh_a: fresh(Owner::A),
            fresh_b: fresh(Owner::B),
            no_fresh: planted.no_fresh.get(&base.qualified()).cloned().unwrap_or_default(),
            change: None,
            has_triggers: !table.triggers.is_empty(),
            must_read: false,
            links: Vec::new(),
            keys: Vec::new(),
        };
        let written = |column: &&String| table.columns.iter().any(|facts| facts.name == **column && !facts.generated);
        target.copyable = target.rights.readable.iter().filter(written).cloned().collect();
        target.must_read = !target.rights.readable.is_empty() && reads(table, role);
        target.change = change(table, &target);
        if table.kind != RelationKind::Partition {
            target.links = links(table, planted);
            target.keys = keys(table, row_b);
        }
        count(copy, &mut target).await;
        all.push(target);
    }
    all
}

fn root_of<'a>(catalogue: &'a Catalogue, partition: &'a TableFacts) -> Option<&'a TableFacts> {
    let mut table = partition;
    // Bounded: a partition of a partition of …
    for _ in 0..16 {
        let Some(parent) = &table.parent else { return Some(table) };
        table = catalogue.tables.iter().find(|other| other.qualified() == *parent)?;
    }
    None
}

async fn count(copy: &mut PgConnection, target: &mut Target) {
    let tenant = target.tenant_sql();
    let sql = format!(
        "SELECT (count(*) FILTER (WHERE {}))::text, (count(*) FILTER (WHERE {}))::text, \
                (count(*) FILTER (WHERE {tenant} IS NULL))::text FROM {}",
        target.is_of(&target.key_a),
        target.is_of(&target.key_b),
        target.sql
    );
    let answer: Answer = send(copy, &sql).await;
    target.of_a = answer.number(0).unwrap_or_default();
    target.of_b = answer.number(1).unwrap_or_default();
    target.of_nobody = answer.number(2).unwrap_or_default();
}

/// Whether a permissive policy lets the role read at all.
fn reads(table: &TableFacts, role: &str) -> bool {
    !table.rls_enabled
        || table.policies.iter().any(|policy| {
            policy.permissive
                && matches!(policy.command, PolicyCommand::All | PolicyCommand::Select)
                && policy.roles.iter().any(|to| to == role || to == "PUBLIC")
        })
}

/// A column in no key: setting it everywhere to one value breaks nothing but isolation.
fn change(table: &TableFacts, target: &Target) -> Option<(String, Option<String>)> {
    let keyed = |column: &str| {
        table.unique_keys.iter().any(|key| key.columns.iter().any(|part| mentions(part, column)))
            || table.foreign_keys.iter().any(|foreign| foreign.columns.iter().any(|part| part == column))
    };
    let writable = |column: &&bulkhead_model::isolation::ColumnFacts| {
        !column.generated && !column.identity && column.name != target.tenant
    };
    let granted = |column: &str| target.rights.updatable.iter().any(|known| known == column);
    let columns = || table.columns.iter().filter(writable);
    let free = |granted_only: bool, keyed_too: bool| {
        columns().find(|column| (!granted_only || granted(&column.name)) && (keyed_too || !keyed(&column.name)))
    };
    let column =
        free(true, false).or_else(|| free(true, true)).or_else(|| free(false, false)).or_else(|| free(false, true))?;
    Some((column.name.clone(), target.row_a.get(&column.name).cloned().flatten()))
}

fn links(table: &TableFacts, planted: &Planted) -> Vec<Link> {
    let tenant = table.tenant_column.as_ref().map_or("", |column| column.name.as_str());
    let of = |foreign: &bulkhead_model::isolation::ForeignKeyFacts| {
        let theirs = planted.rows(&foreign.references, Owner::B).last()?;
        let pairs = foreign.columns.iter().zip(&foreign.referenced_columns).filter(|(column, _)| *column != tenant);
        let values: Row = pairs.map(|(column, other)| (column.clone(), theirs.get(other).cloned().flatten())).collect();
        (!values.is_empty()).then(|| Link { constraint: foreign.name.clone(), values })
    };
    table.foreign_keys.iter().filter(|foreign| foreign.to_tenant_table).filter_map(of).collect()
}

fn keys(table: &TableFacts, row_b: &Row) -> Vec<Key> {
    let tenant = table.tenant_column.as_ref().map_or("", |column| column.name.as_str());
    let of = |key: &bulkhead_model::isolation::UniqueFacts| {
        let parts = parts_without_tenant(table, key, tenant);
        let spoken = |column: &str| {
            parts.iter().any(|part| mentions(part, column))
                || key.predicate.as_ref().is_some_and(|predicate| mentions(predicate, column))
        };
        let columns = table.columns.iter().filter(|column| column.name != tenant && spoken(&column.name));
        let own = columns.clone().filter(|column| !column.generated);
        let values: Row = own.map(|column| (column.name.clone(), row_b.get(&column.name).cloned().flatten())).collect();
        // NULL is not equal to NULL: such a key tells nothing.
        let tells = !parts.is_empty() && values.values().any(Option::is_some);
        tells.then(|| Key { constraint: key.name.clone(), values })
    };
    table.unique_keys.iter().filter_map(of).collect()
}

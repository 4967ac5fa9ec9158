//! The migration that makes a plain table a tenant table. It is printed, never run: a person reads it first.
//!
//! It is expand and contract (ADR 0001): steps that wait for no lock longer than a moment come first, the back-fill runs
//! in batches, and what holds the table (NOT NULL, FORCE) comes when every row says whose it is.

use std::fmt::Write as _;

use bulkhead_model::isolation::{Catalogue, RelationKind, TableFacts};

use crate::{Profile, Scope};

/// Why there is no migration to print.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdoptError {
    /// There is no such table.
    #[error("there is no table {0}")]
    NoTable(String),
    /// Policies do not reach this kind of relation.
    #[error("{table} is a {kind}: only tables and partitioned tables have policies")]
    Kind {
        /// The relation.
        table: String,
        /// What it is.
        kind: &'static str,
    },
    /// The profile does not say what the column is called.
    #[error("the profile names no tenant column")]
    NoColumn,
    /// Nothing says which type the column has.
    #[error("no table has the column {0} yet, so its type is not known: name one that has it, or give the type")]
    NoType(String),
    /// What was given as a type is none.
    #[error("{0:?} is not the name of a type")]
    NotAType(String),
}

/// A name as SQL, always quoted: what it is called does not matter then.
#[must_use]
pub fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A name inside a comment, which ends with its line whatever the name holds.
fn remarked(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

/// The migration for one table. `column_type` is the tenant column's where no table has it yet; where one has, that wins.
///
/// # Errors
/// [`AdoptError`]; the catalogue says too little to print something that works.
pub fn migration(
    catalogue: &Catalogue,
    profile: &Profile,
    schema: &str,
    name: &str,
    column_type: Option<&str>,
) -> Result<String, AdoptError> {
    let qualified = format!("{schema}.{name}");
    let table = catalogue.tables.iter().find(|table| table.schema == schema && table.name == name);
    let table = table.ok_or_else(|| AdoptError::NoTable(qualified.clone()))?;
    if !matches!(table.kind, RelationKind::Table | RelationKind::Partitioned) {
        return Err(AdoptError::Kind { table: qualified, kind: table.kind.label() });
    }
    let column = profile.tenant_columns.first().ok_or(AdoptError::NoColumn)?;
    if let Some(given) = column_type.filter(|given| !is_type(given)) {
        return Err(AdoptError::NotAType(given.to_owned()));
    }
    let data_type = tenant_type(catalogue, column).or(column_type).ok_or_else(|| AdoptError::NoType(column.clone()))?;
    let plan = Plan { catalogue, profile, table, column, data_type };
    Ok([plan.header(), plan.column(), plan.backfill(), plan.index(), plan.constraints(), plan.keys(), plan.policies()]
        .concat())
}

/// It is printed as it is, so it must not be more than a type: `uuid`, `character varying(40)`, `app.tenant`.
fn is_type(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, ' ' | '_' | '.' | '(' | ')' | ','))
}

/// The type that the column has where it is already.
fn tenant_type<'a>(catalogue: &'a Catalogue, column: &str) -> Option<&'a str> {
    catalogue
        .tables
        .iter()
        .filter_map(|table| table.tenant_column.as_ref())
        .find(|tenant| tenant.name == column)
        .map(|tenant| tenant.data_type.as_str())
}

struct Plan<'a> {
    catalogue: &'a Catalogue,
    profile: &'a Profile,
    table: &'a TableFacts,
    column: &'a str,
    data_type: &'a str,
}

impl Plan<'_> {
    fn target(&self) -> String {
        format!("{}.{}", quoted(&self.table.schema), quoted(&self.table.name))
    }

    /// An identifier that begins with the table's name, within PostgreSQL's 63 bytes.
    fn named(&self, suffix: &str) -> String {
        let room = 63_usize.saturating_sub(suffix.len() + 1);
        let mut stem = self.table.name.as_str();
        while stem.len() > room {
            stem = &stem[..stem.floor_char_boundary(stem.len() - 1)];
        }
        quoted(&format!("{stem}_{suffix}"))
    }

    /// What says for whom a transaction acts: a function of the profile's, else the setting itself.
    fn context(&self) -> String {
        match self.profile.context.org_functions.first() {
            Some(function) => format!("{}()", function.split('.').map(quoted).collect::<Vec<_>>().join(".")),
            None => {
                let setting = self.profile.context.org_setting.replace('\'', "''");
                format!("nullif(current_setting('{setting}', true), '')::{}", self.data_type)
            }
        }
    }

    fn header(&self) -> String {
        let target = remarked(&self.target());
        format!(
            "-- Makes {target} a tenant table. Read it, fill in the back-fill, run it part by part.\n\
             -- Each part is a transaction of its own, but for what says that it must not be in one.\n\
             SET lock_timeout = '5s';\n\n"
        )
    }

    fn column(&self) -> String {
        let (target, column) = (self.target(), quoted(self.column));
        let has = self.table.columns.iter().find(|present| present.name == self.column);
        let mut sql =
            String::from("-- 1. The column, from the context, so that no statement has to name the organization.\n");
        if has.is_none() {
            let _ = writeln!(sql, "ALTER TABLE {target} ADD COLUMN {column} {};", self.data_type);
        }
        let _ = writeln!(sql, "ALTER TABLE {target} ALTER COLUMN {column} SET DEFAULT {};\n", self.context());
        sql
    }

    /// A foreign key to a table that knows its organization says whose a row is; without one a person must.
    fn backfill(&self) -> String {
        let (target, column) = (self.target(), quoted(self.column));
        let source = self.table.foreign_keys.iter().find_map(|key| {
            let other = self.catalogue.tables.iter().find(|table| table.qualified() == key.references)?;
            let tenant = other.tenant_column.as_ref()?;
            Some((key, other, tenant))
        });
        let mut sql = String::from(
            "-- 2. Whose are the rows that exist? In batches, as a role that bypasses policies; repeat until it says UPDATE 0.\n",
        );
        match source {
            Some((key, other, tenant)) => {
                let matched: Vec<String> = key
                    .columns
                    .iter()
                    .zip(&key.referenced_columns)
                    .map(|(mine, theirs)| format!("t.{} = p.{}", quoted(mine), quoted(theirs)))
                    .collect();
                let _ = writeln!(
                    sql,
                    "UPDATE {target} t SET {column} = p.{tenant}\nFROM {}.{} p\nWHERE {} AND t.ctid = ANY (ARRAY(\n    \
                     SELECT ctid FROM {target} WHERE {column} IS NULL LIMIT 10000));\n",
                    quoted(&other.schema),
                    quoted(&other.name),
                    matched.join(" AND "),
                    tenant = quoted(&tenant.name),
                );
            }
            None => {
                let _ = writeln!(
                    sql,
                    "-- No foreign key leads to a table that knows its organization: say yourself where it comes from.\n\
                     -- UPDATE {} SET {column} = … WHERE {column} IS NULL AND …;\n",
                    remarked(&target)
                );
            }
        }
        sql
    }

    fn index(&self) -> String {
        let (target, column) = (self.target(), quoted(self.column));
        let key: Vec<String> = std::iter::once(column)
            .chain(self.table.primary_key.iter().filter(|name| *name != self.column).map(|name| quoted(name)))
            .collect();
        // A partitioned table has no concurrent index; its partitions get theirs one by one.
        let concurrently = if self.table.kind == RelationKind::Partitioned { "" } else { " CONCURRENTLY" };
        // Unique where it can be, so that foreign keys can point to it together with the organization.
        let unique = if self.table.primary_key.is_empty() { "" } else { "UNIQUE " };
        format!(
            "-- 3. An index that begins with it: without one a small organization pays for a big one. Not in a transaction.\n\
             CREATE {unique}INDEX{concurrently} {} ON {target} ({});\n\n",
            self.named("by_org"),
            key.join(", ")
        )
    }

    fn constraints(&self) -> String {
        let (target, column, check) = (self.target(), quoted(self.column), self.named("org_known"));
        format!(
            "-- 4. From here on no row belongs to nobody. The check is validated without holding up writers.\n\
             ALTER TABLE {target} ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID;\n\
             ALTER TABLE {target} VALIDATE CONSTRAINT {check};\n\
             ALTER TABLE {target} ALTER COLUMN {column} SET NOT NULL;\n\
             ALTER TABLE {target} DROP CONSTRAINT {check};\n\n"
        )
    }

    /// Keys that leave the organization out: foreign keys can point across, unique ones tell what others have.
    fn keys(&self) -> String {
        let (target, column) = (self.target(), quoted(self.column));
        let list = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
        let mut sql = String::new();
        for key in self.table.foreign_keys.iter().filter(|key| key.to_tenant_table && !key.keeps_tenant) {
            let Some((schema, name)) = key.references.split_once('.') else { continue };
            let other = self.catalogue.tables.iter().find(|table| table.schema == schema && table.name == name);
            let Some(tenant) = other.and_then(|table| table.tenant_column.as_ref()) else { continue };
            // A column that names the other row's organization already is what the new one replaces in the key.
            let (mine, theirs): (Vec<String>, Vec<String>) = key
                .columns
                .iter()
                .cloned()
                .zip(key.referenced_columns.iter().cloned())
                .filter(|(_, theirs)| *theirs != tenant.name)
                .unzip();
            let constraint = self.named(&format!("{}_org", key.columns.join("_")));
            let _ = writeln!(
                sql,
                "ALTER TABLE {target} ADD CONSTRAINT {constraint} FOREIGN KEY ({column}, {}) REFERENCES {}.{} ({}, {}) \
                 NOT VALID;\n\
                 ALTER TABLE {target} VALIDATE CONSTRAINT {constraint};\n\
                 ALTER TABLE {target} DROP CONSTRAINT {};",
                list(&mine),
                quoted(schema),
                quoted(name),
                quoted(&tenant.name),
                list(&theirs),
                quoted(&key.name),
            );
        }
        for key in
            self.table.unique_keys.iter().filter(|key| !key.primary && !key.columns.iter().any(|c| c == self.column))
        {
            let _ = writeln!(
                sql,
                "-- {} is unique over all organizations: a duplicate tells that another one has the value.\n\
                 -- CREATE UNIQUE INDEX CONCURRENTLY … ON {} ({column}, {}); then drop {}.",
                remarked(&quoted(&key.name)),
                remarked(&target),
                remarked(&key.columns.join(", ")),
                remarked(&quoted(&key.name)),
            );
        }
        if sql.is_empty() {
            return sql;
        }
        format!(
            "-- 5. Keys that keep the organization. The referenced columns need a unique index of their own.\n{sql}\n"
        )
    }

    fn policies(&self) -> String {
        // In a sub-select it is read once a statement instead of once a row.
        let (target, column, context) = (self.target(), quoted(self.column), format!("(SELECT {})", self.context()));
        let mut sql = String::from("-- 6. The policies, and FORCE so that the owner is bound too.\n");
        let tenants = self.profile.runtime_roles.iter().filter(|role| role.scope == Scope::Tenant);
        for role in tenants {
            let _ = writeln!(
                sql,
                "CREATE POLICY {} ON {target} TO {}\n    USING ({column} = {context})\n    WITH CHECK ({column} = {context});",
                self.named(&format!("{}_tenant", role.name)),
                quoted(&role.name),
            );
        }
        let _ = writeln!(
            sql,
            "ALTER TABLE {target} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {target} FORCE ROW LEVEL SECURITY;\n\n\
             -- 7. Rights. The column is in no INSERT or UPDATE grant: it comes from the context and never changes."
        );
        let writable: Vec<String> = self
            .table
            .columns
            .iter()
            .filter(|present| present.name != self.column && !present.generated)
            .map(|present| quoted(&present.name))
            .collect();
        for role in self.profile.runtime_roles.iter().filter(|role| role.scope == Scope::Tenant) {
            let (role, columns) = (quoted(&role.name), writable.join(", "));
            let _ = writeln!(
                sql,
                "REVOKE ALL ON {target} FROM PUBLIC, {role};\nGRANT SELECT, DELETE ON {target} TO {role};\n\
                 GRANT INSERT ({columns}), UPDATE ({columns}) ON {target} TO {role};"
            );
        }
        sql.push_str("\n-- Then prove it: bulkhead rls prove\n");
        sql
    }
}

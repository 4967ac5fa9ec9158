//! Reads the live catalogue for the isolation page, and judges it.
//!
//! The page shows what PostgreSQL does, not what the migrations meant to say: a policy that somebody dropped by hand
//! turns a table Exposed at the next reload. The same judgement is a test, so that a migration cannot forget FORCE.

mod expression;
mod verdict;

use bulkhead_model::isolation::{
    Catalogue, ColumnGrant, ForeignKeyFacts, GrantFacts, PolicyCommand, PolicyFacts, RelationKind, TableFacts,
    TableReport, TenantColumn,
};
use sqlx::PgConnection;
use sqlx::types::Json;

pub use self::verdict::{Rules, Scope, findings, verdict};
use crate::{Error, Result};

/// Reads every table outside PostgreSQL's own schemas. Any role may: the catalogue is readable by everybody, which is
/// why no organization's user is ever shown it.
///
/// # Errors
/// When the database does not answer.
pub async fn read(connection: &mut PgConnection) -> Result<Catalogue> {
    let server_version: String = sqlx::query_scalar("SELECT split_part(current_setting('server_version'), ' ', 1)")
        .fetch_one(&mut *connection)
        .await?;
    let rows: Vec<Row> = sqlx::query_as(TABLES).fetch_all(connection).await?;
    let tables = rows.into_iter().map(TableFacts::try_from).collect::<Result<Vec<_>>>()?;
    Ok(Catalogue { server_version, tables })
}

/// Judges every table, the worst first, then by name.
#[must_use]
pub fn report(catalogue: Catalogue, rules: &Rules<'_>) -> Vec<TableReport> {
    let mut reports: Vec<TableReport> = catalogue
        .tables
        .into_iter()
        .map(|facts| TableReport { verdict: verdict(&facts, rules), findings: findings(&facts), facts })
        .collect();
    reports.sort_by_cached_key(|report| (report.verdict.rank(), report.facts.qualified()));
    reports
}

/// The report of this product's own database, as an operator's transaction reads it, with the server's version.
///
/// # Errors
/// When the database does not answer.
pub async fn product_report(tx: &mut crate::ReadTx<crate::Operator>) -> Result<(String, Vec<TableReport>)> {
    let catalogue = read(tx.connection()).await?;
    Ok((catalogue.server_version.clone(), report(catalogue, &Rules::PRODUCT)))
}

/// The roles that no policy binds: superusers and those with BYPASSRLS. None of them serves requests; the definer is
/// one, so that a handful of functions can look before anybody is known.
///
/// # Errors
/// When the database does not answer.
pub async fn unbound_roles(tx: &mut crate::ReadTx<crate::Operator>) -> Result<Vec<String>> {
    let names = "SELECT rolname::text FROM pg_catalog.pg_roles WHERE rolsuper OR rolbypassrls ORDER BY 1";
    Ok(sqlx::query_scalar(names).fetch_all(tx.connection()).await?)
}

/// One query, one row a table; the lists come as JSON. The owner's own rights are left out of the grants: they show in
/// every table and say nothing that `owner` does not.
const TABLES: &str = include_str!("tables.sql");

#[derive(sqlx::FromRow)]
struct Row {
    schema: String,
    name: String,
    kind: String,
    owner: String,
    comment: Option<String>,
    rls_enabled: bool,
    rls_forced: bool,
    security_invoker: bool,
    tenant_column: Option<Json<TenantColumn>>,
    tenant_index: Option<String>,
    policies: Json<Vec<PolicyRow>>,
    table_grants: Json<Vec<TableGrantRow>>,
    column_grants: Json<Vec<ColumnGrantRow>>,
    foreign_keys: Json<Vec<ForeignKeyFacts>>,
}

#[derive(serde::Deserialize)]
struct PolicyRow {
    name: String,
    command: String,
    permissive: bool,
    roles: Vec<String>,
    using: Option<String>,
    with_check: Option<String>,
}

#[derive(serde::Deserialize)]
struct TableGrantRow {
    role: String,
    privileges: Vec<String>,
}

#[derive(serde::Deserialize)]
struct ColumnGrantRow {
    role: String,
    privilege: String,
    columns: Vec<String>,
}

impl TryFrom<Row> for TableFacts {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let kind = match row.kind.as_str() {
            "table" => RelationKind::Table,
            "partitioned" => RelationKind::Partitioned,
            "partition" => RelationKind::Partition,
            "view" => RelationKind::View,
            "materialized_view" => RelationKind::MaterializedView,
            _ => RelationKind::Foreign,
        };
        let policies = row.policies.0.into_iter().map(PolicyFacts::from).collect();
        Ok(Self {
            schema: row.schema,
            name: row.name,
            kind,
            owner: row.owner,
            comment: row.comment,
            rls_enabled: row.rls_enabled,
            rls_forced: row.rls_forced,
            security_invoker: row.security_invoker,
            tenant_column: row.tenant_column.map(|column| column.0),
            tenant_index: row.tenant_index,
            policies,
            grants: merge(row.table_grants.0, row.column_grants.0),
            foreign_keys: row.foreign_keys.0,
        })
    }
}

impl From<PolicyRow> for PolicyFacts {
    fn from(row: PolicyRow) -> Self {
        let command = match row.command.as_str() {
            "r" => PolicyCommand::Select,
            "a" => PolicyCommand::Insert,
            "w" => PolicyCommand::Update,
            "d" => PolicyCommand::Delete,
            _ => PolicyCommand::All,
        };
        let PolicyRow { name, permissive, roles, using, with_check, .. } = row;
        Self { name, command, permissive, roles, using, with_check }
    }
}

/// One entry a role, in alphabetical order.
fn merge(tables: Vec<TableGrantRow>, columns: Vec<ColumnGrantRow>) -> Vec<GrantFacts> {
    let mut grants: Vec<GrantFacts> = tables
        .into_iter()
        .map(|row| GrantFacts { role: row.role, privileges: row.privileges, columns: Vec::new() })
        .collect();
    for ColumnGrantRow { role, privilege, columns } in columns {
        let column = ColumnGrant { privilege, columns };
        match grants.iter_mut().find(|grant| grant.role == role) {
            Some(grant) => grant.columns.push(column),
            None => grants.push(GrantFacts { role, privileges: Vec::new(), columns: vec![column] }),
        }
    }
    grants.sort_by(|a, b| a.role.cmp(&b.role));
    grants
}

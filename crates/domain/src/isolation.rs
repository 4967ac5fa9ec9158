//! The isolation report, read live from PostgreSQL's catalogue.

use crate::{Error, OperatorCtx, Result};
use bulkhead_db::catalog;
use bulkhead_model::{
    isolation::{Finding, TableReport},
    perm,
};

/// Every table that can reach tenant data, worst first, with what is really enforced.
#[derive(Debug)]
pub struct IsolationReport {
    /// The server's own version.
    pub server_version: String,
    /// Worst first.
    pub tables: Vec<TableReport>,
    /// What is wrong around the tables, worst first.
    pub findings: Vec<Finding>,
}

/// One table of the report.
#[derive(Debug)]
pub struct TableDetail {
    /// The server's own version.
    pub server_version: String,
    /// The table and the verdict on it.
    pub report: TableReport,
    /// Roles that no policy binds.
    pub unbound_roles: Vec<String>,
}

/// Reads the catalogue now.
pub async fn report(ctx: &OperatorCtx) -> Result<IsolationReport> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let catalog::ProductReport { server_version, report } = catalog::product_report(&mut tx).await?;
    Ok(IsolationReport { server_version, tables: report.tables, findings: report.findings })
}

/// Reads what there is to know about one table now.
pub async fn table(ctx: &OperatorCtx, schema: &str, name: &str) -> Result<TableDetail> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let catalog::ProductReport { server_version, report } = catalog::product_report(&mut tx).await?;
    let found = report.tables.into_iter().find(|table| table.facts.schema == schema && table.facts.name == name);
    let report = found.ok_or(Error::NotFound)?;
    Ok(TableDetail { server_version, report, unbound_roles: catalog::unbound_roles(&mut tx).await? })
}

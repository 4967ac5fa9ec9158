//! The isolation report, read live from PostgreSQL's catalogue.

use crate::{Error, OperatorCtx, Result};
use bulkhead_db::catalog;
use bulkhead_model::{isolation::TableReport, perm};

/// Every table that can reach tenant data, worst first, with what is really enforced.
#[derive(Debug)]
pub struct IsolationReport {
    /// The server's own version.
    pub server_version: String,
    /// Worst first.
    pub tables: Vec<TableReport>,
}

/// Reads the catalogue now.
pub async fn report(ctx: &OperatorCtx) -> Result<IsolationReport> {
    let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
    let (server_version, tables) = catalog::product_report(&mut tx).await?;
    Ok(IsolationReport { server_version, tables })
}

/// One table of the report.
pub async fn table(ctx: &OperatorCtx, schema: &str, name: &str) -> Result<(String, TableReport)> {
    let report = report(ctx).await?;
    let found = report.tables.into_iter().find(|table| table.facts.schema == schema && table.facts.name == name);
    Ok((report.server_version, found.ok_or(Error::NotFound)?))
}

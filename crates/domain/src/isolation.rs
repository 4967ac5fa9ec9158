//! The isolation report, read live from PostgreSQL's catalogue, and the X-ray of single rows.

use crate::{Error, OperatorCtx, Result};
use bulkhead_db::{
    audit::Record,
    catalog,
    inspect::{Inspector, QuestionError},
    orgs,
};
use bulkhead_model::{
    FieldErrors,
    audit::{Action, TargetKind},
    isolation::{
        Finding, TableFacts, TableReport,
        xray::{Ladder, Question},
    },
    org::{Org, OrgFilter},
    page::{PageRequest, Place},
    perm,
};

/// What this product's own database is measured by, and the leaks in it that somebody looked at.
pub use bulkhead_db::catalog::{accepted_leaks as own_accepted_leaks, profile as own_profile};
/// Any PostgreSQL database, another SaaS's included: lint, X-ray, proof and adoption.
pub use bulkhead_db::foreign;

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

/// What the X-ray can be asked about.
#[derive(Debug)]
pub struct XrayForm {
    /// Whether it can be asked at all: an address is set for the inspector.
    pub possible: bool,
    /// The table with its columns and key.
    pub table: TableFacts,
    /// Roles whose reach can be asked about.
    pub roles: Vec<String>,
    /// The organizations, by name, at most 200.
    pub orgs: Vec<Org>,
    /// The setting that says that an operator acts.
    pub operator_setting: String,
}

/// What is needed to ask about a row of a table.
pub async fn xray_form(ctx: &OperatorCtx, schema: &str, name: &str) -> Result<XrayForm> {
    let mut tx = ctx.read::<perm::PlatformIsolationManage>().await?;
    let catalog::ProductReport { report, .. } = catalog::product_report(&mut tx).await?;
    let found = report.tables.into_iter().find(|table| table.facts.schema == schema && table.facts.name == name);
    let table = found.ok_or(Error::NotFound)?.facts;
    let page = PageRequest::new(Place::First, 200);
    let orgs = orgs::list(&mut tx, &OrgFilter::default(), &page).await?.rows;
    Ok(XrayForm {
        possible: ctx.app().inspector().is_some(),
        table,
        roles: Inspector::roles(),
        operator_setting: catalog::profile().context.operator_setting.unwrap_or_default(),
        orgs: orgs.into_iter().map(|summary| summary.org).collect(),
    })
}

/// Why a role reaches a row or does not. Values are hidden unless the question asks to reveal them, which takes a
/// reason and is written into the audit log first.
pub async fn explain(ctx: &OperatorCtx, question: &Question, reason: &str) -> Result<Ladder> {
    let tx = ctx.write::<perm::PlatformIsolationManage>().await?;
    let inspector = ctx.app().inspector().ok_or(Error::NotFound)?;
    if question.reveal {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > 2000 {
            return Err(FieldErrors::one("reason", "Say in a sentence why the values must be seen.").into());
        }
        let target = format!("{}.{}", question.schema, question.table);
        let row = question.command.address().map(|row| format!("{:?}", row.columns())).unwrap_or_default();
        let record = Record::new(Action::RowRevealed, TargetKind::Row, &target, &target).reason(reason);
        tx.commit(record.after("row", row).after("role", &question.role)).await?;
    } else {
        // The inspector has a connection of its own; this one is not held meanwhile.
        drop(tx);
    }
    match inspector.explain(question).await {
        Ok(ladder) => Ok(ladder),
        Err(QuestionError::Question(bad)) => Err(FieldErrors::one("question", bad).into()),
        Err(QuestionError::Rls(error)) => Err(bulkhead_db::Error::from(error).into()),
    }
}

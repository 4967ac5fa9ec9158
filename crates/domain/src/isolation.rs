//! The isolation report, read live from PostgreSQL's catalogue, and the X-ray of single rows.

use crate::{
    Error, OperatorCtx, Result,
    data_sources::{self, elsewhere},
};
use bulkhead_db::{
    audit::Record,
    catalog::{self, ProductReport},
    inspect::QuestionError,
    orgs, proofs,
};
use bulkhead_model::{
    DataSourceId, FieldErrors,
    audit::{Action, TargetKind},
    isolation::{
        Finding, TableFacts, TableReport,
        xray::{Example, Ladder, Question},
    },
    org::{Org, OrgFilter},
    page::{PageRequest, Place},
    perm,
};

/// Tables, findings and facts of a catalogue.
pub use bulkhead_db::catalog::Report;
/// What this product's own database is measured by, and the leaks in it that somebody looked at.
pub use bulkhead_db::catalog::{accepted_leaks as own_accepted_leaks, profile as own_profile};
/// Any PostgreSQL database, another SaaS's included: lint, X-ray, proof and adoption.
pub use bulkhead_db::foreign;

/// Which database is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// This product's own.
    Own,
    /// A registered one.
    Source(DataSourceId),
}

/// What is really enforced: every relation that can reach tenant data, the worst first, and what stands around them.
#[derive(Debug)]
pub struct IsolationReport {
    /// The server's own version.
    pub server_version: String,
    /// Tables, findings and facts.
    pub report: Report,
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

/// Everything that was found by asking PostgreSQL itself, too.
#[derive(Debug)]
pub struct Examined {
    /// What is wrong, the worst first.
    pub findings: Vec<Finding>,
    /// What keeps the absence of findings from meaning anything, each as a sentence.
    pub not_seen: Vec<String>,
}

/// Reads the catalogue now.
pub async fn report(ctx: &OperatorCtx, subject: Subject) -> Result<IsolationReport> {
    match subject {
        Subject::Own => {
            let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
            let ProductReport { server_version, report } = catalog::product_report(&mut tx).await?;
            Ok(IsolationReport { server_version, report })
        }
        Subject::Source(id) => {
            let database = data_sources::open(ctx, id).await?;
            let catalogue = database.catalogue().await.map_err(|error| elsewhere(&error))?;
            let server_version = catalogue.server_version.clone();
            Ok(IsolationReport { server_version, report: catalog::report(catalogue, database.profile()) })
        }
    }
}

/// Reads what there is to know about one table now, by `schema.name`.
pub async fn table(ctx: &OperatorCtx, subject: Subject, name: &str) -> Result<TableDetail> {
    let IsolationReport { server_version, report } = report(ctx, subject).await?;
    let found = report.tables.into_iter().find(|table| table.facts.qualified() == name);
    let unbound = report.roles.into_iter().filter(|role| role.superuser || role.bypass_rls).map(|role| role.name);
    Ok(TableDetail { server_version, report: found.ok_or(Error::NotFound)?, unbound_roles: unbound.collect() })
}

/// Judges the facts, and asks PostgreSQL what the policies say about rows of two organizations. None where this
/// installation has no inspector to ask with.
pub async fn examine(ctx: &OperatorCtx, subject: Subject) -> Result<Option<Examined>> {
    let (database, proven) = match subject {
        Subject::Own => {
            let mut tx = ctx.read::<perm::PlatformIsolationRead>().await?;
            let proven = proofs::latest_proven(&mut tx).await?;
            drop(tx);
            let Some(inspector) = ctx.app().inspector() else { return Ok(None) };
            (inspector.database().map_err(|error| elsewhere(&error))?, proven)
        }
        Subject::Source(id) => (data_sources::open(ctx, id).await?, None),
    };
    let examination = database.lint().await.map_err(|error| elsewhere(&error))?;
    let not_seen = examination.not_seen(database.profile());
    let mut findings = examination.findings;
    if let Some(proven) = proven {
        findings.extend(foreign::unproven(&examination.catalogue, database.profile(), &proven));
    }
    Ok(Some(Examined { findings, not_seen }))
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
    /// The organizations, by name, at most 200. None where they are not known here and their key is typed.
    pub orgs: Option<Vec<Org>>,
    /// The setting that says that an operator acts, where there is one.
    pub operator_setting: Option<String>,
    /// A row to begin with, where one was asked for and there is any.
    pub example: Option<Example>,
}

/// What is needed to ask about a row of a table; with an `example` to begin with where that is asked for.
pub async fn xray_form(ctx: &OperatorCtx, subject: Subject, name: &str, example: bool) -> Result<XrayForm> {
    // Looking at rows is managing, whoever may read the report.
    let mut tx = ctx.read::<perm::PlatformIsolationManage>().await?;
    let orgs = match subject {
        Subject::Own => {
            let page = PageRequest::new(Place::First, 200);
            let rows = orgs::list(&mut tx, &OrgFilter::default(), &page).await?.rows;
            Some(rows.into_iter().map(|summary| summary.org).collect())
        }
        Subject::Source(_) => None,
    };
    drop(tx);
    let database = match subject {
        Subject::Own => ctx.app().inspector().map(|inspector| inspector.database()).transpose(),
        Subject::Source(id) => Ok(Some(data_sources::open(&ctx.again().await?, id).await?)),
    };
    let database = database.map_err(|error| elsewhere(&error))?;
    let table = table(&ctx.again().await?, subject, name).await?.report.facts;
    let example = match &database {
        Some(database) if example => database.example(&table).await.map_err(|error| elsewhere(&error))?,
        _ => None,
    };
    let profile = database.as_ref().map_or_else(catalog::profile, |database| database.profile().clone());
    Ok(XrayForm {
        possible: database.is_some(),
        table,
        roles: profile.runtime_roles.into_iter().map(|role| role.name).collect(),
        orgs,
        operator_setting: profile.context.operator_setting,
        example,
    })
}

/// Why a role reaches a row or does not. Values are hidden unless the question asks to reveal them, which takes a
/// reason and is written into the audit log first.
pub async fn explain(ctx: &OperatorCtx, subject: Subject, question: &Question, reason: &str) -> Result<Ladder> {
    let tx = ctx.write::<perm::PlatformIsolationManage>().await?;
    if subject == Subject::Own && ctx.app().inspector().is_none() {
        // Nobody can look, so nobody is recorded as having looked.
        return Err(Error::NotFound);
    }
    if question.reveal {
        let reason = reason.trim();
        if reason.is_empty() || reason.chars().count() > 2000 {
            return Err(FieldErrors::one("reason", "Say in a sentence why the values must be seen.").into());
        }
        let target = format!("{}.{}", question.schema, question.table);
        let row = question.command.address().map(|row| format!("{:?}", row.columns())).unwrap_or_default();
        let mut record = Record::new(Action::RowRevealed, TargetKind::Row, &target, &target).reason(reason);
        if let Subject::Source(id) = subject {
            record = record.after("data_source", id);
        }
        tx.commit(record.after("row", row).after("role", &question.role)).await?;
    } else {
        // The inspector has a connection of its own; this one is not held meanwhile.
        drop(tx);
    }
    match subject {
        Subject::Own => match ctx.app().inspector().ok_or(Error::NotFound)?.explain(question).await {
            Ok(ladder) => Ok(ladder),
            Err(QuestionError::Question(bad)) => Err(FieldErrors::one("question", bad).into()),
            Err(QuestionError::Rls(error)) => Err(bulkhead_db::Error::from(error).into()),
        },
        Subject::Source(id) => {
            let database = data_sources::open(&ctx.again().await?, id).await?;
            database.explain(question).await.map_err(|error| elsewhere(&error))
        }
    }
}

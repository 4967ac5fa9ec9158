//! The report and its tables. Facts are shown as the catalogue has them; the shape is the model's own, which the command
//! line prints too.

use super::finding::Finding;
use bulkhead_domain::isolation::{self, IsolationReport, TableDetail};
use bulkhead_model::isolation::{
    FunctionFacts, RelationKind, RoleFacts, SchemaFacts, SequenceFacts, TableFacts, TableReport, Verdict,
};
use serde::Serialize;
use utoipa::ToSchema;

/// What a database enforces, as its catalogue has it at this moment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IsolationReport)]
pub struct Report {
    /// PostgreSQL's version.
    #[schema(example = "15.18")]
    server_version: String,
    /// Every table, view, partition and foreign table outside PostgreSQL's own schemas, the worst first.
    tables: Vec<Row>,
    /// What is wrong around the tables: roles, functions, sequences, schemas, the server. The worst first.
    findings: Vec<Finding>,
    /// Roles, by name.
    roles: Vec<RoleFacts>,
    /// Schemas, by name.
    schemas: Vec<SchemaFacts>,
    /// Functions that run with their owner's rights, that everybody may execute, or that a policy calls.
    functions: Vec<FunctionFacts>,
    /// Sequences, by schema and name.
    sequences: Vec<SequenceFacts>,
}

/// What the catalogue proves about a table, from the worst to the safest.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TableVerdict)]
pub enum Word {
    /// A role that serves requests can reach rows across organizations, or that cannot be excluded.
    Exposed,
    /// It holds no organization's data.
    SharedByDesign,
    /// Every way in goes through a policy on the tenant column.
    Isolated,
    /// No role that serves requests can reach any row.
    Locked,
}

impl From<&Verdict> for Word {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Exposed(_) => Self::Exposed,
            Verdict::SharedByDesign(_) => Self::SharedByDesign,
            Verdict::Isolated => Self::Isolated,
            Verdict::Locked => Self::Locked,
        }
    }
}

/// A table in the report; its own address has all there is to know.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IsolationTableRow)]
pub struct Row {
    /// `schema.name`, as its address has it, percent-encoded there where it needs to be.
    #[schema(example = "public.users")]
    name: String,
    /// What it is.
    kind: RelationKind,
    /// The role that owns it.
    owner: String,
    /// What follows for isolation.
    verdict: Word,
    /// Row-level security is enabled.
    rls_enabled: bool,
    /// Row-level security binds the owner too.
    rls_forced: bool,
    /// The column that says which organization a row belongs to.
    #[schema(required, example = "org_id")]
    tenant_column: Option<String>,
    /// An index starts with it.
    tenant_indexed: bool,
    /// How many policies it has.
    policies: usize,
    /// How many findings are about it, those that make it exposed included.
    findings: usize,
}

impl From<TableReport> for Row {
    fn from(table: TableReport) -> Self {
        let TableReport { facts, verdict, findings } = table;
        let leaks = match &verdict {
            Verdict::Exposed(leaks) => leaks.len(),
            _ => 0,
        };
        Self {
            name: facts.qualified(),
            kind: facts.kind,
            verdict: Word::from(&verdict),
            rls_enabled: facts.rls_enabled,
            rls_forced: facts.rls_forced,
            tenant_indexed: facts.tenant_index.is_some(),
            tenant_column: facts.tenant_column.map(|column| column.name),
            policies: facts.policies.len(),
            findings: leaks + findings.len(),
            owner: facts.owner,
        }
    }
}

impl From<IsolationReport> for Report {
    fn from(seen: IsolationReport) -> Self {
        let IsolationReport { server_version, report } = seen;
        let isolation::Report { tables, findings, roles, schemas, functions, sequences } = report;
        Self {
            server_version,
            tables: tables.into_iter().map(Row::from).collect(),
            findings: findings.into_iter().map(Finding::from).collect(),
            roles,
            schemas,
            functions,
            sequences,
        }
    }
}

/// One table, with everything the catalogue says of it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IsolationTable)]
pub struct Table {
    /// PostgreSQL's version.
    #[schema(example = "15.18")]
    server_version: String,
    /// `schema.name`.
    #[schema(example = "public.users")]
    name: String,
    /// What follows for isolation.
    verdict: Word,
    /// Why it may be shared, where it is by design.
    #[schema(required)]
    shared_because: Option<String>,
    /// What is wrong with it, the worst first. Leaks are why it is exposed.
    findings: Vec<Finding>,
    /// Roles that no policy binds: superusers and those that bypass row-level security.
    unbound_roles: Vec<String>,
    /// What the catalogue says, policies and grants included.
    facts: TableFacts,
}

impl From<TableDetail> for Table {
    fn from(detail: TableDetail) -> Self {
        let TableDetail { server_version, report: TableReport { facts, verdict, findings }, unbound_roles } = detail;
        let word = Word::from(&verdict);
        let (leaks, shared_because) = match verdict {
            Verdict::Exposed(leaks) => (leaks, None),
            Verdict::SharedByDesign(reason) => (Vec::new(), Some(reason)),
            Verdict::Isolated | Verdict::Locked => (Vec::new(), None),
        };
        Self {
            server_version,
            name: facts.qualified(),
            verdict: word,
            shared_because,
            findings: leaks.into_iter().chain(findings).map(Finding::from).collect(),
            unbound_roles,
            facts,
        }
    }
}

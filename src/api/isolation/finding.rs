//! Findings: what is wrong, how bad it is, and the SQL that repairs it.

use crate::api::words;
use bulkhead_domain::isolation::Examined;
use bulkhead_model::isolation::{self, Code, ObjectKind, PolicyCommand, Severity};
use serde::Serialize;
use utoipa::ToSchema;

/// Something that is wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// Which of the known things; stable.
    #[schema(value_type = words::FindingCode)]
    code: Code,
    /// The code, as a person would say it.
    #[schema(example = "No index starts with the tenant column")]
    title: &'static str,
    /// How bad it is; a code's is always the same.
    #[schema(value_type = words::Severity)]
    severity: Severity,
    /// What kind of thing it is about.
    #[schema(value_type = words::ObjectKind)]
    object_kind: ObjectKind,
    /// What it is about, as an accepted finding of a profile names it: `schema.table`, `schema.table/part`, a role or a
    /// function's signature.
    #[schema(example = "public.notes/notes_tenant")]
    object: String,
    /// The table it belongs to, as `schema.name`.
    #[schema(required, example = "public.notes")]
    table: Option<String>,
    /// What is wrong and why that matters, in one sentence.
    explanation: String,
    /// The SQL that repairs it, with comments where a person has to choose; null where SQL cannot.
    #[schema(required)]
    fix: Option<String>,
    /// What to ask the X-ray of `table` to see it happen.
    #[schema(required)]
    probe: Option<Probe>,
}

/// A role and a statement that show a finding.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FindingProbe)]
pub struct Probe {
    /// The role that reaches the row.
    role: String,
    /// What it does to it.
    command: PolicyCommand,
}

impl From<isolation::Finding> for Finding {
    fn from(finding: isolation::Finding) -> Self {
        let isolation::Finding { code, severity, object, sentence: explanation, fix, probe } = finding;
        Self {
            code,
            title: code.label(),
            severity,
            object_kind: object.kind,
            object: object.to_string(),
            table: object.relation.map(|relation| relation.to_string()),
            explanation,
            fix: Some(fix).filter(|fix| !fix.is_empty()),
            probe: probe.map(|probe| Probe { role: probe.role, command: probe.command }),
        }
    }
}

/// Everything that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct Findings {
    /// The worst first.
    data: Vec<Finding>,
    /// What keeps the absence of findings from meaning anything, each as a sentence.
    not_seen: Vec<String>,
}

impl From<Examined> for Findings {
    fn from(examined: Examined) -> Self {
        let Examined { findings, not_seen } = examined;
        Self { data: findings.into_iter().map(Finding::from).collect(), not_seen }
    }
}

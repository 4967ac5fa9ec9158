//! The verdict on every table, with what decides it.

use std::collections::HashMap;

use bulkhead_model::isolation::{
    Catalogue, Finding, FunctionFacts, PolicyCommand, RelationKind, RelationName, RoleFacts, SchemaFacts,
    SequenceFacts, TableFacts, TableReport, Verdict,
};

use super::survey::Survey;
use super::{COMMANDS, around, role, sorted, stale, table};
use crate::Profile;

/// A catalogue with what is concluded from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Every relation, the worst first, then by name.
    pub tables: Vec<TableReport>,
    /// What is wrong around the tables: roles, functions, sequences, schemas, the server. The worst first.
    pub findings: Vec<Finding>,
    /// The facts about roles, by name.
    pub roles: Vec<RoleFacts>,
    /// The facts about schemas, by name.
    pub schemas: Vec<SchemaFacts>,
    /// The facts about functions that matter to isolation, by schema and name.
    pub functions: Vec<FunctionFacts>,
    /// The facts about sequences, by schema and name.
    pub sequences: Vec<SequenceFacts>,
}

/// Judges every table and what surrounds them.
#[must_use]
pub fn report(catalogue: Catalogue, profile: &Profile) -> Report {
    let survey = Survey::new(&catalogue, profile);
    let roles = role::lint(&survey);
    let mut all: Vec<Finding> = catalogue.tables.iter().flat_map(|facts| table::lint(&survey, facts)).collect();
    let mut findings = around(&survey);
    findings.extend(roles.iter().map(|role| role.finding.clone()));
    findings.extend(stale(&survey, &[all.as_slice(), findings.as_slice()].concat()));
    all = sorted(profile, all);
    let mut by_relation: HashMap<RelationName, Vec<Finding>> = HashMap::new();
    for finding in all {
        if let Some(relation) = finding.object.relation.clone() {
            by_relation.entry(relation).or_default().push(finding);
        }
    }
    let judged: Vec<(Verdict, Vec<Finding>)> = catalogue
        .tables
        .iter()
        .map(|facts| {
            let own = by_relation.remove(&RelationName::from(facts)).unwrap_or_default();
            let (mut leaks, rest): (Vec<_>, Vec<_>) = own.into_iter().partition(Finding::is_leak);
            let strong = roles.iter().filter(|role| role.finding.is_leak() && role.reaches(&survey, facts));
            leaks.extend(sorted(profile, strong.map(|role| role.finding.clone()).collect()));
            (verdict(&survey, facts, leaks), rest)
        })
        .collect();
    let findings = sorted(profile, findings);
    let mut tables: Vec<TableReport> = catalogue
        .tables
        .into_iter()
        .zip(judged)
        .map(|(facts, (verdict, findings))| TableReport { facts, verdict, findings })
        .collect();
    tables.sort_by_cached_key(|table| (table.verdict.rank(), table.facts.qualified()));
    let Catalogue { roles, schemas, functions, sequences, .. } = catalogue;
    Report { tables, findings, roles, schemas, functions, sequences }
}

fn verdict(survey: &Survey<'_>, facts: &TableFacts, leaks: Vec<Finding>) -> Verdict {
    if !leaks.is_empty() {
        return Verdict::Exposed(leaks);
    }
    if let Some(why) = survey.shared(facts) {
        return Verdict::SharedByDesign(why.to_owned());
    }
    let reach = survey.reach(facts);
    if reach.is_empty() {
        return Verdict::Locked;
    }
    match facts.kind {
        RelationKind::View | RelationKind::MaterializedView if !survey.holds_tenants(&facts.qualified()) => {
            Verdict::SharedByDesign("It shows nothing but what all organizations share.".to_owned())
        }
        RelationKind::View | RelationKind::MaterializedView | RelationKind::Foreign => Verdict::Isolated,
        // Rights without a policy that lets anything through: enabled row-level security denies by default.
        RelationKind::Table | RelationKind::Partitioned | RelationKind::Partition => {
            let some_way_in = reach.iter().any(|(identity, grant)| {
                facts.policies.iter().filter(|policy| policy.permissive).any(|policy| {
                    policy.roles.iter().any(|role| identity.has(role))
                        && COMMANDS.iter().any(|command| {
                            grant.holds(command.as_sql())
                                && (policy.command == *command || policy.command == PolicyCommand::All)
                        })
                })
            });
            if some_way_in { Verdict::Isolated } else { Verdict::Locked }
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#[path = "verdict_tests.rs"]
mod tests;

//! What a proof does not cover any more.

use bulkhead_model::isolation::{Catalogue, Code, Finding, Object, ObjectKind, RelationKind};

use super::sorted;
use super::survey::Survey;
use crate::{Profile, catalogue};

/// What the last proof attacked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proven {
    /// The catalogue's hash at that time (see [`catalogue::hash`]).
    pub catalogue_hash: String,
    /// Its tables, as `schema.name`.
    pub tables: Vec<String>,
}

/// Tables of organizations that the proof did not attack; and whether anything else changed since.
#[must_use]
pub fn unproven(catalogue: &Catalogue, profile: &Profile, proven: &Proven) -> Vec<Finding> {
    let survey = Survey::new(catalogue, profile);
    let attacked: std::collections::HashSet<&str> = proven.tables.iter().map(String::as_str).collect();
    // What has no tenant column is no target of a proof: if anybody reaches it, that is a finding of its own.
    let tables = catalogue.tables.iter().filter(|facts| {
        let has_rows = matches!(facts.kind, RelationKind::Table | RelationKind::Partitioned);
        let name = facts.qualified();
        has_rows && facts.tenant_column.is_some() && survey.holds_tenants(&name) && !attacked.contains(name.as_str())
    });
    let mut findings: Vec<Finding> = tables
        .map(|facts| {
            let sentence = "It is newer than the last proof, which never attacked it.";
            Finding::new(Code::TableUnproven, Object::relation(facts), sentence).fixed_by("-- Run a proof.")
        })
        .collect();
    if findings.is_empty() && catalogue::hash(catalogue) != proven.catalogue_hash {
        let object = Object::named(ObjectKind::Server, catalogue.database.as_str());
        let sentence = "Something that decides who reaches what changed since the last proof.";
        findings.push(Finding::new(Code::CatalogueUnproven, object, sentence).fixed_by("-- Run a proof."));
    }
    sorted(profile, findings)
}

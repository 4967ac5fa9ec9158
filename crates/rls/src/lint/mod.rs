//! Judges a catalogue: findings with a stable code, a severity, a sentence, and the SQL that repairs them.
//!
//! [`lint`] reads facts only and is pure, so that every rule has a test without a database. [`semantics`] asks
//! PostgreSQL itself what the policies say about rows of two organizations. What each code means is in
//! `docs/rls-lint.md`.

mod function;
mod keys;
mod policy;
mod proof;
mod report;
mod role;
mod sarif;
mod semantics;
mod server;
mod sql;
mod survey;
mod table;

use bulkhead_model::isolation::{Catalogue, Code, Finding, Object, ObjectKind, PolicyCommand};

pub use self::proof::{Proven, unproven};
pub use self::report::{Report, report};
pub use self::sarif::sarif;
pub use self::semantics::semantics;
use self::survey::Survey;
use crate::Profile;

/// Everybody, as grants and policies name them.
const PUBLIC: &str = "PUBLIC";
const COMMANDS: [PolicyCommand; 4] =
    [PolicyCommand::Select, PolicyCommand::Insert, PolicyCommand::Update, PolicyCommand::Delete];

/// Everything that the facts say is wrong, the worst first, without what the profile accepts.
#[must_use]
pub fn lint(catalogue: &Catalogue, profile: &Profile) -> Vec<Finding> {
    lint_with(catalogue, profile, Vec::new())
}

/// The same together with what [`semantics`] found, asked with a profile that accepts nothing: what the profile accepts
/// is taken out of both here, and only then is an entry without a finding stale.
#[must_use]
pub fn lint_with(catalogue: &Catalogue, profile: &Profile, asked: Vec<Finding>) -> Vec<Finding> {
    let survey = Survey::new(catalogue, profile);
    let mut findings: Vec<Finding> = catalogue.tables.iter().flat_map(|facts| table::lint(&survey, facts)).collect();
    findings.extend(around(&survey));
    findings.extend(role::lint(&survey).into_iter().map(|role| role.finding));
    findings.extend(asked);
    let stale = stale(&survey, &findings);
    findings.extend(stale);
    sorted(profile, findings)
}

/// What is wrong around the tables.
fn around(survey: &Survey<'_>) -> Vec<Finding> {
    let mut findings = function::lint(survey);
    findings.extend(server::lint(survey.catalogue));
    findings
}

/// The worst first, then by what it is about; without what the profile accepts.
fn sorted(profile: &Profile, mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.retain(|finding| !profile.accepted.iter().any(|accepted| accepted.covers(finding)));
    findings.sort_by(|a, b| (a.severity, &a.object, a.code).cmp(&(b.severity, &b.object, b.code)));
    findings
}

/// Entries of the profile that name nothing any more: they would silently accept what comes under that name.
fn stale(survey: &Survey<'_>, findings: &[Finding]) -> Vec<Finding> {
    let profile = survey.profile;
    let gone = |what: &str| {
        let object = Object::named(ObjectKind::Profile, what);
        let sentence = format!("The profile names {what}, and there is no such thing.");
        Finding::new(Code::AcceptanceStale, object, sentence).fixed_by("-- Take it out of the profile.")
    };
    let accepted = profile.accepted.iter().filter(|accepted| !findings.iter().any(|finding| accepted.covers(finding)));
    let mut stale: Vec<Finding> =
        accepted.map(|accepted| gone(&format!("{} {}", accepted.code, accepted.object))).collect();
    let shared = profile.shared_by_design.iter().filter(|(table, _)| survey.table(table).is_none());
    stale.extend(shared.map(|(table, _)| gone(table)));
    stale
}

//! What runtime roles are, and what they can become: no policy holds a role that is too strong.

use std::collections::HashSet;

use bulkhead_model::isolation::{Code, Finding, Object, ObjectKind, RoleFacts, TableFacts};

use super::sql;
use super::survey::Survey;

/// Roles of PostgreSQL that reach rows or files around grants and policies.
const AROUND: [&str; 5] = [
    "pg_read_all_data",
    "pg_write_all_data",
    "pg_read_server_files",
    "pg_write_server_files",
    "pg_execute_server_program",
];
/// Roles of PostgreSQL that see other sessions' statements, or figures of every table.
const WATCHING: [&str; 3] = ["pg_monitor", "pg_read_all_stats", "pg_stat_scan_tables"];

/// A finding about a role, and the relations whose verdict it decides.
pub(super) struct RoleFinding {
    pub finding: Finding,
    reaches: Reaches,
}

enum Reaches {
    /// No relation by itself.
    Nothing,
    /// Every relation that holds rows of organizations.
    Everything,
    /// What this role owns.
    OwnedBy(String),
}

impl RoleFinding {
    /// Whether it lets a runtime role reach rows of the relation, whatever its policies say.
    pub fn reaches(&self, survey: &Survey<'_>, facts: &TableFacts) -> bool {
        match &self.reaches {
            Reaches::Nothing => false,
            Reaches::Everything => survey.holds_tenants(&facts.qualified()),
            Reaches::OwnedBy(owner) => facts.owner == *owner,
        }
    }
}

/// Every finding about the runtime roles.
pub(super) fn lint(survey: &Survey<'_>) -> Vec<RoleFinding> {
    let owners: HashSet<&str> = survey.catalogue.tables.iter().map(|facts| facts.owner.as_str()).collect();
    let mut findings = Vec::new();
    for runtime in &survey.profile.runtime_roles {
        match survey.role(&runtime.name) {
            Some(role) => {
                findings.extend(attributes(role));
                findings
                    .extend(role.member_of.iter().filter_map(|stronger| membership(survey, &owners, role, stronger)));
            }
            // A catalogue without any role was made by hand.
            None if survey.catalogue.roles.is_empty() => {}
            None => findings.push(missing(&runtime.name)),
        }
    }
    findings
}

fn finding(code: Code, role: &str, sentence: String, fix: String, reaches: Reaches) -> RoleFinding {
    RoleFinding { finding: Finding::new(code, Object::named(ObjectKind::Role, role), sentence).fixed_by(fix), reaches }
}

fn missing(name: &str) -> RoleFinding {
    let sentence = format!("The server has no role {name}, so what it may do was not seen.");
    finding(
        Code::RuntimeRoleMissing,
        name,
        sentence,
        "-- Name the role that the application signs in with.".to_owned(),
        Reaches::Nothing,
    )
}

fn attributes(role: &RoleFacts) -> Vec<RoleFinding> {
    let (name, quoted) = (&role.name, sql::ident(&role.name));
    let mut findings = Vec::new();
    if role.superuser {
        let sentence = format!("{name} serves requests and is a superuser: no policy and no grant holds it.");
        let fix = format!("ALTER ROLE {quoted} NOSUPERUSER;");
        findings.push(finding(Code::RuntimeSuperuser, name, sentence, fix, Reaches::Everything));
    }
    if role.bypass_rls {
        let sentence = format!("{name} serves requests and has BYPASSRLS: no policy holds it.");
        let fix = format!("ALTER ROLE {quoted} NOBYPASSRLS;");
        findings.push(finding(Code::RuntimeBypassesRls, name, sentence, fix, Reaches::Everything));
    }
    findings
}

fn membership(survey: &Survey<'_>, owners: &HashSet<&str>, role: &RoleFacts, stronger: &str) -> Option<RoleFinding> {
    let name = &role.name;
    let fix = format!("REVOKE {} FROM {};", sql::ident(stronger), sql::ident(name));
    let becomes = |what: &str| format!("{name} serves requests and is a member of {stronger}, {what}.");
    if AROUND.contains(&stronger) {
        let sentence = becomes("which reaches data around grants and policies");
        return Some(finding(Code::RuntimeMemberOfStronger, name, sentence, fix, Reaches::Nothing));
    }
    if WATCHING.contains(&stronger) {
        let sentence = becomes("which sees other sessions’ statements and figures of every table");
        return Some(finding(Code::RuntimeReadsStatistics, name, sentence, fix, Reaches::Nothing));
    }
    let is_strong = |facts: &RoleFacts| facts.superuser || facts.bypass_rls;
    if survey.role(stronger).is_some_and(is_strong) {
        let sentence = becomes("which no policy holds");
        return Some(finding(Code::RuntimeMemberOfStronger, name, sentence, fix, Reaches::Everything));
    }
    // What a runtime role itself owns is said of the relation.
    (owners.contains(stronger) && !survey.profile.is_runtime(stronger)).then(|| {
        let sentence = becomes("which owns tables and can change or drop their policies");
        finding(Code::RuntimeMemberOfOwner, name, sentence, fix, Reaches::OwnedBy(stronger.to_owned()))
    })
}

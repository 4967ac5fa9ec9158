//! What is wrong with a relation whatever its policies say: its owner, its grants, its kind, its tenant column.

use bulkhead_model::isolation::{
    Code, Finding, GrantFacts, Object, ObjectKind, PolicyCommand, RelationKind, TableFacts, TenantColumn,
};

use super::survey::{Identity, Survey};
use super::{COMMANDS, PUBLIC, keys, policy, sql};
use crate::Scope;

/// Rights that go around policies (R15 in the design's table of pitfalls).
const UNRESTRAINED: [&str; 3] = ["TRUNCATE", "REFERENCES", "TRIGGER"];

/// Every finding about one relation.
pub(super) fn lint(survey: &Survey<'_>, facts: &TableFacts) -> Vec<Finding> {
    let mut findings = access(survey, facts);
    let reach = survey.reach(facts);
    if survey.shared(facts).is_some() {
        findings.extend(writable(facts, &reach));
        return findings;
    }
    match facts.kind {
        RelationKind::Table | RelationKind::Partitioned | RelationKind::Partition => {
            findings.extend(tenant_index(facts));
            findings.extend(tenant_default(survey, facts));
            if !reach.is_empty() {
                findings.extend(protection(facts, &reach));
                findings.extend(tenant_column(survey, facts));
                findings.extend(keys::lint(survey, facts));
                findings.extend(policy::lint(survey, facts));
            }
        }
        _ if reach.is_empty() || !survey.holds_tenants(&facts.qualified()) => {}
        RelationKind::View if facts.security_invoker => {}
        RelationKind::View => findings.push(view(facts, &reach)),
        RelationKind::MaterializedView => findings.push(materialized(facts, &reach)),
        RelationKind::Foreign => findings.push(foreign(facts, &reach)),
    }
    findings
}

/// What is wrong with who holds which right.
fn access(survey: &Survey<'_>, facts: &TableFacts) -> Vec<Finding> {
    let (object, table) = (|| Object::relation(facts), sql::table(facts));
    let mut findings = Vec::new();
    if survey.profile.is_runtime(&facts.owner) {
        let owner = &facts.owner;
        let finding = Finding::new(
            Code::OwnedByRuntime,
            object(),
            format!("{owner} owns it, and an owner can change or drop its policies."),
        );
        let fix = format!(
            "ALTER TABLE {table} OWNER TO a_role_that_serves_no_requests; -- NOLOGIN, no member of a runtime role"
        );
        findings.push(finding.fixed_by(fix).proved_by(owner, PolicyCommand::Select));
    }
    let is_invoker = facts.kind == RelationKind::View && facts.security_invoker;
    for grant in &facts.grants {
        let everybody = grant.role == PUBLIC;
        if everybody && !is_invoker && survey.holds_tenants(&facts.qualified()) {
            let rights = rights(grant);
            let finding = Finding::new(
                Code::GrantedToPublic,
                object(),
                format!("Every role has {rights} on it, also roles that nobody thought of."),
            );
            findings.push(finding.fixed_by(format!("REVOKE ALL ON {table} FROM PUBLIC;")));
        }
        let counts = survey.identities.iter().any(|identity| identity.has(&grant.role));
        for privilege in UNRESTRAINED.iter().filter(|privilege| counts && grant.holds(privilege)) {
            let role = &grant.role;
            let finding = Finding::new(
                Code::UnrestrainedPrivilege,
                object(),
                format!("{role} has {privilege}, which no policy restrains: {}.", consequence(privilege)),
            );
            findings.push(finding.fixed_by(format!("REVOKE {privilege} ON {table} FROM {};", sql::role(role))));
        }
    }
    findings
}

fn consequence(privilege: &str) -> &'static str {
    match privilege {
        "TRUNCATE" => "it empties the table for every organization",
        "REFERENCES" => "a foreign key tells which rows of other organizations exist",
        _ => "a trigger is called with every organization’s rows",
    }
}

fn rights(grant: &GrantFacts) -> String {
    let mut rights: Vec<&str> = grant.privileges.iter().map(String::as_str).collect();
    rights.extend(grant.columns.iter().map(|column| column.privilege.as_str()));
    rights.sort_unstable();
    rights.dedup();
    rights.join(", ")
}

/// What all organizations share, none of them may change.
fn writable<'a>(facts: &'a TableFacts, reach: &[(&Identity<'_>, &'a GrantFacts)]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for (_, grant) in reach.iter().filter(|(identity, _)| identity.scope == Scope::Tenant) {
        let held: Vec<&str> =
            ["INSERT", "UPDATE", "DELETE"].into_iter().filter(|privilege| grant.holds(privilege)).collect();
        let role = &grant.role;
        let finding = Finding::new(
            Code::SharedButWritable,
            Object::relation(facts),
            format!("{role} may change what every organization shares."),
        );
        let fix = format!("REVOKE {} ON {} FROM {};", held.join(", "), sql::table(facts), sql::role(role));
        let finding = finding.fixed_by(fix);
        if !held.is_empty() && !findings.contains(&finding) {
            findings.push(finding);
        }
    }
    findings
}

/// Whether row-level security holds at all, for the kinds that have it.
fn protection(facts: &TableFacts, reach: &[(&Identity<'_>, &GrantFacts)]) -> Vec<Finding> {
    let table = sql::table(facts);
    let enable =
        format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;\nALTER TABLE {table} FORCE ROW LEVEL SECURITY;");
    let (role, command) = first(reach);
    let off = |code, sentence: String| Finding::new(code, Object::relation(facts), sentence).proved_by(&role, command);
    let mut findings = Vec::new();
    match (facts.kind, &facts.parent) {
        (RelationKind::Partition, parent) => {
            let parent = parent.as_deref().unwrap_or("its parent");
            let revoke = revoke_all(facts, reach);
            findings.push(if facts.rls_enabled && facts.rls_forced {
                let sentence = format!(
                    "{role} can query the partition directly, where the policies of {parent} do not apply, only its own."
                );
                off(Code::PartitionGranted, sentence).fixed_by(revoke)
            } else {
                let sentence = format!("{role} can query the partition directly, past the policies of {parent}.");
                off(Code::PartitionUnprotected, sentence).fixed_by(format!("{revoke}\n{enable}"))
            });
            return findings;
        }
        (_, Some(parent)) if !facts.rls_enabled => {
            let sentence = format!(
                "It inherits from {parent}, but not its policies: {role} can query it directly, without row-level security."
            );
            findings.push(off(Code::InheritanceUnprotected, sentence).fixed_by(enable));
            return findings;
        }
        _ => {}
    }
    if !facts.rls_enabled {
        let sentence = "Row-level security is off, so its policies do nothing.".to_owned();
        findings.push(off(Code::RlsOff, sentence).fixed_by(enable));
    }
    if !facts.rls_forced {
        let sentence = "Row-level security is not forced, so the owner sees every row.";
        let fix = format!("ALTER TABLE {table} FORCE ROW LEVEL SECURITY;");
        let finding = Finding::new(Code::RlsNotForced, Object::relation(facts), sentence).fixed_by(fix);
        findings.push(finding.proved_by(&facts.owner, PolicyCommand::Select));
    }
    findings
}

/// A role and a statement that it may run, to look for a row with.
fn first(reach: &[(&Identity<'_>, &GrantFacts)]) -> (String, PolicyCommand) {
    let possible = reach.iter().find_map(|(identity, grant)| {
        let command = COMMANDS.into_iter().find(|command| grant.holds(command.as_sql()))?;
        Some((identity.name.to_owned(), command))
    });
    possible.unwrap_or_else(|| {
        (reach.first().map(|(identity, _)| identity.name.to_owned()).unwrap_or_default(), PolicyCommand::Select)
    })
}

fn revoke_all(facts: &TableFacts, reach: &[(&Identity<'_>, &GrantFacts)]) -> String {
    let mut roles: Vec<String> = reach.iter().map(|(_, grant)| sql::role(&grant.role)).collect();
    roles.sort();
    roles.dedup();
    format!("REVOKE ALL ON {} FROM {};", sql::table(facts), roles.join(", "))
}

/// The column that says whose a row is, as far as policies rest on it.
fn tenant_column(survey: &Survey<'_>, facts: &TableFacts) -> Vec<Finding> {
    let table = sql::table(facts);
    let Some(column) = &facts.tenant_column else {
        let name = survey.profile.tenant_columns.first().map_or("org_id", String::as_str);
        let sentence = format!("It has no {name}, so nothing says whose a row is.");
        let fix = format!(
            "-- Either it belongs to organizations:\nALTER TABLE {table} ADD COLUMN {} uuid; -- then back-fill, SET NOT NULL, \
             a default, policies and a leading index\n-- or it is the same for all: add it to the profile as shared by design, with the reason.",
            sql::ident(name)
        );
        return vec![Finding::new(Code::NoTenantColumn, Object::relation(facts), sentence).fixed_by(fix)];
    };
    if !column.nullable {
        return Vec::new();
    }
    let sentence = "Its tenant column may be NULL: a row can belong to nobody, and is lost to whoever made it.";
    let fix = format!("ALTER TABLE {table} ALTER COLUMN {} SET NOT NULL;", sql::ident(&column.name));
    vec![Finding::new(Code::TenantColumnNullable, about(facts, column), sentence).fixed_by(fix)]
}

fn about(facts: &TableFacts, column: &TenantColumn) -> Object {
    Object::of(facts, ObjectKind::Column, &column.name)
}

fn tenant_index(facts: &TableFacts) -> Option<Finding> {
    let column = facts.tenant_column.as_ref().filter(|_| facts.tenant_index.is_none())?;
    // The keyword is not allowed on a partitioned table; its index is made on each partition.
    let how = if facts.kind == RelationKind::Partitioned { "INDEX" } else { "INDEX CONCURRENTLY" };
    let fix = format!("CREATE {how} ON {} ({});", sql::table(facts), sql::ident(&column.name));
    let sentence = "No index starts with the tenant column: a small organization pays for a big one, and its waiting tells how big.";
    Some(Finding::new(Code::TenantIndexMissing, about(facts, column), sentence).fixed_by(fix))
}

/// In the list of organizations itself the key is given by whoever creates one.
fn tenant_default(survey: &Survey<'_>, facts: &TableFacts) -> Option<Finding> {
    let column = facts.tenant_column.as_ref().filter(|column| column.default.is_none() && !survey.is_root(facts))?;
    let fix = format!(
        "ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {};",
        sql::table(facts),
        sql::ident(&column.name),
        sql::organization(survey.profile, column)
    );
    let sentence =
        "The tenant column takes no default from the context, so every statement has to name the organization.";
    Some(Finding::new(Code::TenantColumnWithoutDefault, about(facts, column), sentence).fixed_by(fix))
}

fn view(facts: &TableFacts, reach: &[(&Identity<'_>, &GrantFacts)]) -> Finding {
    let (role, command) = first(reach);
    let sentence = format!(
        "The view lacks security_invoker, so {role} reads {} with the rights of {}.",
        facts.reads.join(", "),
        facts.owner
    );
    let fix = format!(
        "ALTER VIEW {} SET (security_invoker = true); -- PostgreSQL 15; before that, put the condition on the tenant column into the view",
        sql::table(facts)
    );
    Finding::new(Code::ViewRunsAsOwner, Object::relation(facts), sentence).fixed_by(fix).proved_by(&role, command)
}

fn materialized(facts: &TableFacts, reach: &[(&Identity<'_>, &GrantFacts)]) -> Finding {
    let (role, command) = first(reach);
    let sentence = format!(
        "No policy applies to a materialized view, and {role} can read what this one keeps of {}.",
        facts.reads.join(", ")
    );
    Finding::new(Code::MaterializedViewOverTenants, Object::relation(facts), sentence)
        .fixed_by(format!(
            "{} -- and give out a view with security_invoker that compares the organization",
            revoke_all(facts, reach)
        ))
        .proved_by(&role, command)
}

fn foreign(facts: &TableFacts, reach: &[(&Identity<'_>, &GrantFacts)]) -> Finding {
    let (role, command) = first(reach);
    let sentence = format!(
        "No policy of this server applies to a foreign table: {role} reaches every row that its user mapping reaches on the other one."
    );
    Finding::new(Code::ForeignTable, Object::relation(facts), sentence)
        .fixed_by(revoke_all(facts, reach))
        .proved_by(&role, command)
}

//! From facts to a verdict. Pure, so that every rule has a test without a database.

use bulkhead_model::isolation::{
    Finding, GrantFacts, PolicyCommand, PolicyFacts, Reason, RelationKind, TableFacts, Verdict,
};

use super::expression::{compares_tenant, reads_context_per_row, requires_operator};
use crate::{Profile, Scope};

const PUBLIC: &str = "PUBLIC";
/// Statements that go around policies (R15 in the design's table of pitfalls).
const UNRESTRAINED: [&str; 3] = ["TRUNCATE", "REFERENCES", "TRIGGER"];
const COMMANDS: [PolicyCommand; 4] =
    [PolicyCommand::Select, PolicyCommand::Insert, PolicyCommand::Update, PolicyCommand::Delete];

/// What the facts prove. Reasons are complete: the page shows all there is to repair.
#[must_use]
pub fn verdict(facts: &TableFacts, profile: &Profile) -> Verdict {
    let mut reasons = access_reasons(facts, profile);
    let reach: Vec<(&str, Scope, &GrantFacts)> = profile
        .runtime_roles
        .iter()
        .flat_map(|role| {
            facts
                .grants
                .iter()
                .filter(move |grant| grant.role == role.name || grant.role == PUBLIC)
                .map(move |grant| (role.name.as_str(), role.scope, grant))
        })
        .collect();

    if let Some((_, why)) = profile.shared_by_design.iter().find(|(table, _)| *table == facts.qualified()) {
        reasons.extend(
            reach
                .iter()
                .filter(|(_, scope, grant)| *scope == Scope::Tenant && may_write(grant))
                .map(|(role, ..)| Reason::SharedButWritable { role: (*role).to_owned() }),
        );
        reasons.dedup();
        return if reasons.is_empty() { Verdict::SharedByDesign(why.clone()) } else { Verdict::Exposed(reasons) };
    }
    if reach.is_empty() && reasons.is_empty() {
        return Verdict::Locked;
    }
    match facts.kind {
        RelationKind::Table | RelationKind::Partitioned => reasons.extend(table_reasons(facts, &reach)),
        RelationKind::Partition => {
            reasons.extend(reach.iter().map(|(role, ..)| Reason::PartitionGranted { role: (*role).to_owned() }))
        }
        RelationKind::View if facts.security_invoker => {}
        RelationKind::View => reasons.push(Reason::ViewRunsAsOwner),
        RelationKind::MaterializedView | RelationKind::Foreign => {
            reasons.push(Reason::NoPoliciesOnKind { kind: facts.kind });
        }
    }
    if !reasons.is_empty() {
        return Verdict::Exposed(reasons);
    }
    // Rights without a policy that lets anything through: enabled row-level security denies by default.
    let is_table = matches!(facts.kind, RelationKind::Table | RelationKind::Partitioned);
    let some_way_in = reach.iter().any(|(role, _, grant)| {
        COMMANDS
            .iter()
            .any(|command| grant.holds(command.as_sql()) && permissive(facts, role, *command).next().is_some())
    });
    if is_table && !some_way_in { Verdict::Locked } else { Verdict::Isolated }
}

/// What is wrong whatever the policies say.
fn access_reasons(facts: &TableFacts, profile: &Profile) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if profile.is_runtime(&facts.owner) {
        reasons.push(Reason::OwnedByRuntimeRole { role: facts.owner.clone() });
    }
    for grant in &facts.grants {
        if grant.role == PUBLIC {
            let columns = grant.columns.iter().map(|column| column.privilege.clone());
            let privileges = grant.privileges.iter().cloned().chain(columns).collect();
            reasons.push(Reason::GrantedToPublic { privileges });
        }
        if profile.is_runtime(&grant.role) {
            reasons.extend(UNRESTRAINED.iter().filter(|privilege| grant.holds(privilege)).map(|privilege| {
                Reason::UnrestrainedPrivilege { role: grant.role.clone(), privilege: (*privilege).to_owned() }
            }));
        }
    }
    reasons
}

fn may_write(grant: &GrantFacts) -> bool {
    ["INSERT", "UPDATE", "DELETE"].iter().any(|privilege| grant.holds(privilege))
}

fn table_reasons(facts: &TableFacts, reach: &[(&str, Scope, &GrantFacts)]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    if !facts.rls_enabled {
        reasons.push(Reason::RlsDisabled);
    }
    if !facts.rls_forced {
        reasons.push(Reason::NotForced);
    }
    match &facts.tenant_column {
        None => reasons.push(Reason::NoTenantColumn),
        Some(column) if column.nullable => reasons.push(Reason::TenantColumnNullable),
        Some(_) => {}
    }
    reasons.extend(
        facts
            .foreign_keys
            .iter()
            .filter(|key| key.to_tenant_table && !key.keeps_tenant)
            .map(|key| Reason::ForeignKeyCrossesTenants { constraint: key.name.clone() }),
    );
    for policy in &facts.policies {
        if policy.roles.iter().any(|role| role == PUBLIC) {
            reasons.push(Reason::PolicyToPublic { policy: policy.name.clone() });
        }
        // PostgreSQL would fall back to USING. That is a rule to know, not one to read; and it hides an intention.
        if policy.permissive && policy.command.writes() && policy.with_check.is_none() {
            reasons.push(Reason::MissingWithCheck { policy: policy.name.clone() });
        }
    }
    for (role, scope, grant) in reach {
        for command in COMMANDS.into_iter().filter(|command| grant.holds(command.as_sql())) {
            for reason in ways_past(facts, role, *scope, command) {
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
            }
        }
    }
    reasons
}

/// Permissive policies that let `role` past the tenant column in `command`. Any one is enough: they are alternatives.
fn ways_past<'a>(
    facts: &'a TableFacts,
    role: &'a str,
    scope: Scope,
    command: PolicyCommand,
) -> impl Iterator<Item = Reason> + 'a {
    let column = facts.tenant_column.as_ref().map_or("", |column| column.name.as_str());
    let holds = move |expression: &str| {
        compares_tenant(expression, column) || (scope == Scope::Platform && requires_operator(expression))
    };
    [Clause::Using, Clause::WithCheck].into_iter().filter(move |clause| clause.applies(command)).flat_map(
        move |clause| {
            let fenced = applicable(facts, role, command)
                .any(|policy| !policy.permissive && clause.of(policy).is_some_and(holds));
            permissive(facts, role, command).filter(move |policy| !fenced && !clause.of(policy).is_some_and(holds)).map(
                move |policy| Reason::PolicyIgnoresTenant {
                    policy: policy.name.clone(),
                    role: role.to_owned(),
                    clause: clause.as_sql().to_owned(),
                },
            )
        },
    )
}

#[derive(Clone, Copy)]
enum Clause {
    Using,
    WithCheck,
}

impl Clause {
    const fn applies(self, command: PolicyCommand) -> bool {
        match self {
            Self::Using => command.reads(),
            Self::WithCheck => command.writes(),
        }
    }

    /// The expression that decides: without a WITH CHECK of its own a policy is checked by USING.
    fn of(self, policy: &PolicyFacts) -> Option<&str> {
        match self {
            Self::Using => policy.using.as_deref(),
            Self::WithCheck => policy.with_check.as_deref().or(policy.using.as_deref()),
        }
    }

    const fn as_sql(self) -> &'static str {
        match self {
            Self::Using => "USING",
            Self::WithCheck => "WITH CHECK",
        }
    }
}

fn applicable<'a>(
    facts: &'a TableFacts,
    role: &'a str,
    command: PolicyCommand,
) -> impl Iterator<Item = &'a PolicyFacts> + 'a {
    facts.policies.iter().filter(move |policy| {
        (policy.command == command || policy.command == PolicyCommand::All)
            && policy.roles.iter().any(|to| to == role || to == PUBLIC)
    })
}

fn permissive<'a>(
    facts: &'a TableFacts,
    role: &'a str,
    command: PolicyCommand,
) -> impl Iterator<Item = &'a PolicyFacts> + 'a {
    applicable(facts, role, command).filter(|policy| policy.permissive)
}

/// What could be better without any row being reachable that should not be.
#[must_use]
pub fn findings(facts: &TableFacts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let (Some(column), RelationKind::Table | RelationKind::Partitioned) = (&facts.tenant_column, facts.kind) {
        if facts.tenant_index.is_none() {
            findings.push(Finding::NoTenantIndex);
        }
        // An organization's own id is given by whoever creates it.
        if column.name == "org_id" && column.default.is_none() {
            findings.push(Finding::NoTenantDefault);
        }
    }
    let per_row = |policy: &&PolicyFacts| {
        [&policy.using, &policy.with_check].into_iter().flatten().any(|expression| reads_context_per_row(expression))
    };
    findings.extend(
        facts.policies.iter().filter(per_row).map(|policy| Finding::ContextPerRow { policy: policy.name.clone() }),
    );
    findings
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;

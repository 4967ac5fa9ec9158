//! What policies let through, and what they are made of.

use std::collections::BTreeMap;

use bulkhead_model::isolation::{
    Code, Finding, FunctionUse, Object, ObjectKind, PolicyCommand, PolicyFacts, TableFacts, TenantColumn, Volatility,
};

use super::survey::{Identity, Survey};
use super::{COMMANDS, PUBLIC, sql};
use crate::catalogue::expression::Expression;
use crate::{Profile, Scope};

/// Every finding about the policies of a table that a runtime role reaches.
pub(super) fn lint(survey: &Survey<'_>, facts: &TableFacts) -> Vec<Finding> {
    let judged: Vec<Judged<'_>> =
        facts.policies.iter().map(|policy| Judged::new(policy, facts, survey.profile)).collect();
    let mut findings = ways_past(survey, facts, &judged);
    findings.extend(mutable_tenant(survey, facts, &judged));
    for Judged { policy, .. } in &judged {
        let counts = survey.identities.iter().any(|identity| policy.roles.iter().any(|role| identity.has(role)));
        if counts {
            findings.extend(shape(survey, facts, policy));
            findings.extend(spelling(survey, facts, policy));
            findings.extend(functions(facts, policy));
        }
    }
    findings
}

/// USING or WITH CHECK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Clause {
    Using,
    WithCheck,
}

impl Clause {
    pub const BOTH: [Self; 2] = [Self::Using, Self::WithCheck];

    pub const fn applies(self, command: PolicyCommand) -> bool {
        match self {
            Self::Using => command.reads(),
            Self::WithCheck => command.writes(),
        }
    }

    /// The expression that decides: without a WITH CHECK of its own a policy is checked by USING. Where there is
    /// neither, the policy admits nothing.
    pub fn of(self, policy: &PolicyFacts) -> Option<&str> {
        match self {
            Self::Using => policy.using.as_deref(),
            Self::WithCheck => policy.with_check.as_deref().or(policy.using.as_deref()),
        }
    }

    pub const fn as_sql(self) -> &'static str {
        match self {
            Self::Using => "USING",
            Self::WithCheck => "WITH CHECK",
        }
    }
}

/// A policy with what its text proves, read once.
struct Judged<'a> {
    policy: &'a PolicyFacts,
    using: Proof,
    with_check: Proof,
}

/// What an expression's text proves about the rows that satisfy it.
#[derive(Clone, Copy, Default)]
struct Proof {
    /// They are the own organization's.
    own: bool,
    /// They are, or an operator acts.
    own_or_operator: bool,
}

impl Proof {
    fn of(expression: Option<&str>, column: &str, profile: &Profile) -> Self {
        let Some(expression) = expression.map(|text| Expression::new(text, &profile.context)) else {
            return Self::default();
        };
        let own = expression.compares_tenant(column);
        Self { own, own_or_operator: own || expression.compares_tenant_or_requires_operator(column) }
    }

    const fn holds(self, scope: Scope) -> bool {
        match scope {
            Scope::Tenant => self.own,
            Scope::Platform => self.own_or_operator,
        }
    }
}

impl<'a> Judged<'a> {
    fn new(policy: &'a PolicyFacts, facts: &TableFacts, profile: &Profile) -> Self {
        // No column is called "": without a tenant column nothing compares it.
        let column = facts.tenant_column.as_ref().map_or("", |column| column.name.as_str());
        let proof = |clause: Clause| Proof::of(clause.of(policy), column, profile);
        Self { policy, using: proof(Clause::Using), with_check: proof(Clause::WithCheck) }
    }

    const fn proof(&self, clause: Clause) -> Proof {
        match clause {
            Clause::Using => self.using,
            Clause::WithCheck => self.with_check,
        }
    }

    fn is_about(&self, command: PolicyCommand) -> bool {
        self.policy.command == command || self.policy.command == PolicyCommand::All
    }

    fn admits_something(&self, clause: Clause) -> bool {
        self.policy.permissive && clause.of(self.policy).is_some()
    }
}

/// Whether a restrictive policy holds what the permissive ones let through. Only what is for this very role or for
/// everybody counts: what a membership adds can be left behind by `SET ROLE`.
fn is_fenced(
    judged: &[Judged<'_>],
    identity: &Identity<'_>,
    command: PolicyCommand,
    holds: impl Fn(&Judged<'_>) -> bool,
) -> bool {
    judged
        .iter()
        .filter(|judged| !judged.policy.permissive && judged.is_about(command))
        .filter(|judged| judged.policy.roles.iter().any(|to| to == identity.name || to == PUBLIC))
        .any(holds)
}

/// Who gets past a policy, whose rows it is meant to reach, and by which statement.
type Passer<'a> = (&'a str, Scope, PolicyCommand);

/// Permissive policies that let a role past the tenant column. Any one is enough: they are alternatives.
fn ways_past(survey: &Survey<'_>, facts: &TableFacts, judged: &[Judged<'_>]) -> Vec<Finding> {
    let mut past: BTreeMap<(usize, Clause), Vec<Passer<'_>>> = BTreeMap::new();
    for identity in &survey.identities {
        for command in COMMANDS.into_iter().filter(|command| survey.may(identity, facts, *command)) {
            for clause in Clause::BOTH.into_iter().filter(|clause| clause.applies(command)) {
                if is_fenced(judged, identity, command, |fence| fence.proof(clause).holds(identity.scope)) {
                    continue;
                }
                for (index, open) in judged.iter().enumerate() {
                    let applies = open.is_about(command) && open.policy.roles.iter().any(|to| identity.has(to));
                    if applies && open.admits_something(clause) && !open.proof(clause).holds(identity.scope) {
                        past.entry((index, clause)).or_default().push((identity.name, identity.scope, command));
                    }
                }
            }
        }
    }
    past.into_iter()
        .filter_map(|((index, clause), who)| Some(way_past(survey, facts, judged.get(index)?, clause, &who)))
        .collect()
}

fn way_past(
    survey: &Survey<'_>,
    facts: &TableFacts,
    judged: &Judged<'_>,
    clause: Clause,
    who: &[Passer<'_>],
) -> Finding {
    let policy = judged.policy;
    let mut roles: Vec<&str> = who.iter().map(|(role, ..)| *role).collect();
    roles.dedup();
    let (role, scope, command) = who.first().copied().unwrap_or(("", Scope::Tenant, PolicyCommand::Select));
    let expression = clause.of(policy).unwrap_or_default();
    let always = Expression::new(expression, &survey.profile.context).is_always_true();
    let looser = clause == Clause::WithCheck && policy.with_check.is_some() && judged.using.holds(scope);
    let (code, because) = match (looser, always) {
        (true, _) => (Code::WithCheckLooser, ", although its USING does not"),
        (_, true) => (Code::PolicyAlwaysTrue, ": it is always true"),
        _ => (Code::PolicyIgnoresTenant, ""),
    };
    let sentence = format!(
        "{} of policy {} lets {} past the tenant column{because}.",
        clause.as_sql(),
        policy.name,
        roles.join(", ")
    );
    let fix = match &facts.tenant_column {
        None => "-- Give the table a tenant column first; then compare it in the policy.".to_owned(),
        Some(column) => {
            let required = sql::requirement(survey.profile, scope, column);
            let kept = if always { required } else { format!("{required} AND {expression}") };
            format!("{} {} ({kept});", sql::alter_policy(facts, policy), clause.as_sql())
        }
    };
    about(code, facts, policy, sentence).fixed_by(fix).proved_by(role, command)
}

fn about(code: Code, facts: &TableFacts, policy: &PolicyFacts, sentence: String) -> Finding {
    Finding::new(code, Object::of(facts, ObjectKind::Policy, &policy.name), sentence)
}

/// Whether a row can be given to another organization: the column may be updated and no check holds it.
fn mutable_tenant(survey: &Survey<'_>, facts: &TableFacts, judged: &[Judged<'_>]) -> Option<Finding> {
    let column = facts.tenant_column.as_ref()?;
    let mover = survey.identities.iter().find(|identity| {
        let open = judged.iter().any(|judged| {
            judged.is_about(PolicyCommand::Update)
                && judged.admits_something(Clause::WithCheck)
                && judged.policy.roles.iter().any(|to| identity.has(to))
                // Not even an operator moves a row: it would take its history to another organization.
                && !judged.with_check.own
        });
        // Without row-level security nothing holds any column, and the table is found for that.
        facts.rls_enabled
            && open
            && survey.may_write(identity, facts, "UPDATE", &column.name)
            && !is_fenced(judged, identity, PolicyCommand::Update, |fence| fence.with_check.own)
    })?;
    let TenantColumn { name, .. } = column;
    let sentence = format!(
        "{} may change {name}, and no WITH CHECK holds it: a row can be moved to another organization.",
        mover.name
    );
    let others = facts.columns.iter().filter(|other| other.name != *name && !other.generated);
    let fix = format!(
        "REVOKE UPDATE ON {table} FROM {role};\nGRANT UPDATE ({}) ON {table} TO {role};",
        sql::idents(others.map(|other| other.name.as_str())),
        table = sql::table(facts),
        role = sql::ident(mover.name),
    );
    let object = Object::of(facts, ObjectKind::Column, name);
    let finding = Finding::new(Code::TenantColumnMutable, object, sentence).fixed_by(fix);
    Some(finding.proved_by(mover.name, PolicyCommand::Update))
}

/// What is not said: for whom, and what may be written.
fn shape(survey: &Survey<'_>, facts: &TableFacts, policy: &PolicyFacts) -> Vec<Finding> {
    let (name, alter) = (&policy.name, sql::alter_policy(facts, policy));
    let mut findings = Vec::new();
    // A restrictive one for everybody is a fence, and right.
    if policy.permissive && policy.roles.iter().any(|role| role == PUBLIC) {
        let sentence =
            format!("Policy {name} is TO PUBLIC instead of a named role, so it opens the table to roles to come.");
        let mut roles: Vec<&str> = survey.identities.iter().map(|identity| identity.name).collect();
        roles.sort_unstable();
        roles.dedup();
        findings.push(
            about(Code::PolicyToPublic, facts, policy, sentence)
                .fixed_by(format!("{alter} TO {};", sql::idents(roles))),
        );
    }
    // PostgreSQL falls back to USING. That is a rule to know, not one to read; and it hides an intention.
    if policy.permissive && policy.command.writes() && policy.with_check.is_none() {
        let sentence = format!("Policy {name} has no WITH CHECK, so what may be written is not said.");
        let check = match (&policy.using, &facts.tenant_column) {
            (Some(using), _) => using.clone(),
            (None, Some(column)) => sql::requirement(survey.profile, Scope::Tenant, column),
            (None, None) => "false".to_owned(),
        };
        findings.push(
            about(Code::MissingWithCheck, facts, policy, sentence).fixed_by(format!("{alter} WITH CHECK ({check});")),
        );
    }
    findings
}

/// How the context is read.
fn spelling(survey: &Survey<'_>, facts: &TableFacts, policy: &PolicyFacts) -> Vec<Finding> {
    let (name, profile) = (&policy.name, survey.profile);
    let clauses = || {
        [(&policy.using, Clause::Using), (&policy.with_check, Clause::WithCheck)]
            .into_iter()
            .filter_map(|(text, clause)| Some((Expression::new(text.as_deref()?, &profile.context), clause)))
    };
    let platform_only = policy.roles.iter().all(|role| {
        profile.runtime_roles.iter().any(|runtime| runtime.name == *role && runtime.scope == Scope::Platform)
    });
    let mut allowed = vec![profile.context.org_setting.as_str()];
    allowed.extend(profile.context.operator_setting.as_deref().filter(|_| platform_only));
    let mut findings = Vec::new();
    if let Some(setting) = clauses().find_map(|(expression, _)| expression.trusted_setting(&allowed)) {
        let sentence = format!("Policy {name} believes the setting {setting}, which whoever runs SQL can set.");
        let fix = format!(
            "-- Say it with a role: DROP POLICY {} ON {}; then a policy TO a role of its own, with the tenant column.",
            sql::ident(name),
            sql::table(facts)
        );
        findings.push(about(Code::PolicyBySetting, facts, policy, sentence).fixed_by(fix));
    }
    let respelled = || {
        let Some(column) = &facts.tenant_column else { return String::new() };
        let required = sql::requirement(profile, if platform_only { Scope::Platform } else { Scope::Tenant }, column);
        let clauses: String = clauses().map(|(_, clause)| format!(" {} ({required})", clause.as_sql())).collect();
        format!("-- Keep what else the policy requires.\n{}{clauses};", sql::alter_policy(facts, policy))
    };
    let settings: Vec<_> = clauses().flat_map(|(expression, _)| expression.settings()).collect();
    if settings.iter().any(|setting| !setting.missing_ok) {
        let sentence = format!(
            "Policy {name} reads a setting without missing_ok, so a transaction without a context ends in an error instead of no rows."
        );
        findings.push(about(Code::SettingWithoutMissingOk, facts, policy, sentence).fixed_by(respelled()));
    }
    if settings.iter().any(|setting| !setting.nullif) {
        let sentence = format!(
            "Policy {name} reads a setting without nullif, which is empty instead of NULL in every connection that was used before."
        );
        findings.push(about(Code::SettingWithoutNullif, facts, policy, sentence).fixed_by(respelled()));
    }
    if clauses().any(|(expression, _)| expression.reads_context_per_row()) {
        let sentence = format!("Policy {name} asks for the context once per row; wrap it in (SELECT …).");
        findings.push(about(Code::ContextPerRow, facts, policy, sentence).fixed_by(respelled()));
    }
    findings
}

/// What a policy calls.
fn functions(facts: &TableFacts, policy: &PolicyFacts) -> Vec<Finding> {
    let name = &policy.name;
    let mut findings = Vec::new();
    if let Some(call) = policy.calls.iter().find(|call| call.volatility == Volatility::Volatile) {
        let function = sql::signature(&call.signature);
        let sentence = format!(
            "Policy {name} calls {}, which is volatile: it runs for every row, and what it answers may change while it does.",
            call.signature
        );
        let fix = match call.built_in {
            true => format!("-- Write the policy without {function}."),
            false => {
                format!("ALTER FUNCTION {function} STABLE; -- if it only reads; otherwise write the policy without it")
            }
        };
        findings.push(about(Code::PolicyVolatileFunction, facts, policy, sentence).fixed_by(fix));
    }
    // Without arguments there is nothing of a row that it could reveal.
    let leaky = |call: &&FunctionUse| !call.built_in && !call.leakproof && !call.signature.ends_with("()");
    if let Some(call) = policy.calls.iter().find(leaky) {
        let function = sql::signature(&call.signature);
        let sentence = format!(
            "Policy {name} gives values of rows not yet judged to {}, whose errors and notices may reveal them, and no index is used for it.",
            call.signature
        );
        let fix = format!(
            "-- Compare columns in the policy itself, or after a review, as a superuser:\nALTER FUNCTION {function} LEAKPROOF;"
        );
        findings.push(about(Code::PolicyLeakyFunction, facts, policy, sentence).fixed_by(fix));
    }
    findings
}

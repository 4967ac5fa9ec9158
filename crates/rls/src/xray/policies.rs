//! Which policies decide about which row: the table "Policies Applied by Command Type" of PostgreSQL's documentation.

use bulkhead_model::isolation::PolicyCommand;
use bulkhead_model::isolation::xray::{Clause, Command, RowSide};

use super::target::Policy;

/// Policies that must together accept a row, before anything is evaluated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Planned {
    pub(super) row: RowSide,
    pub(super) command: PolicyCommand,
    pub(super) clause: Clause,
    /// Alternatives, in the order in which PostgreSQL tries them. None of them means no.
    pub(super) permissive: Vec<Expression>,
    /// In the order in which PostgreSQL evaluates them, by name.
    pub(super) restrictive: Vec<Expression>,
}

/// The expression of a policy that decides in one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Expression {
    pub(super) policy: String,
    pub(super) sql: String,
    pub(super) falls_back_to_using: bool,
}

/// The checks of a command, in the order in which PostgreSQL makes them. `policies` are those for the role.
pub(super) fn plan(command: &Command, policies: &[Policy]) -> Vec<Planned> {
    use PolicyCommand::{Delete, Insert, Select, Update};
    let using = |row, of| planned(policies, row, of, Clause::Using);
    let check = |of| planned(policies, RowSide::New, of, Clause::WithCheck);
    // A statement that reads columns (in WHERE or RETURNING) must be allowed to see the row as well: the one it starts
    // from, and the one it leaves behind.
    let reads = command.reads();
    let mut checks = match command {
        Command::Select { .. } => return vec![using(RowSide::Existing, Select)],
        Command::Insert { .. } => vec![check(Insert)],
        Command::Update { .. } => vec![using(RowSide::Existing, Update), check(Update)],
        Command::Delete { .. } => vec![using(RowSide::Existing, Delete)],
    };
    if reads {
        if !matches!(command, Command::Insert { .. }) {
            checks.insert(1, using(RowSide::Existing, Select));
        }
        if !matches!(command, Command::Delete { .. }) {
            checks.push(using(RowSide::New, Select));
        }
    }
    checks
}

fn planned(policies: &[Policy], row: RowSide, command: PolicyCommand, clause: Clause) -> Planned {
    let expressions = |permissive: bool| {
        policies
            .iter()
            .filter(move |policy| policy.permissive == permissive)
            .filter(move |policy| policy.command == command || policy.command == PolicyCommand::All)
            // A policy FOR ALL may have a WITH CHECK and no USING. Then it says nothing about what is read: it is
            // neither an alternative nor a restriction there.
            .filter_map(move |policy| expression(policy, clause))
    };
    let mut restrictive: Vec<_> = expressions(false).collect();
    restrictive.sort_by(|a, b| a.policy.cmp(&b.policy));
    Planned { row, command, clause, permissive: expressions(true).collect(), restrictive }
}

fn expression(policy: &Policy, clause: Clause) -> Option<Expression> {
    let (sql, falls_back_to_using) = match (clause, &policy.with_check) {
        (Clause::WithCheck, Some(check)) => (check, false),
        (Clause::WithCheck, None) => (policy.using.as_ref()?, true),
        (Clause::Using, _) => (policy.using.as_ref()?, false),
    };
    Some(Expression { policy: policy.name.clone(), sql: sql.clone(), falls_back_to_using })
}

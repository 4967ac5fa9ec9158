//! What most policies stand or fall with is one comparison, `org_id = <context>`, the same in all of them. What it says
//! is asked once for a role and a situation, not once a policy: where the context is NULL no row satisfies the
//! comparison, and where it is the own organization no row of another does, whatever else a policy says.
//!
//! The text says only that nothing gets past the comparison, by AND and OR, which PostgreSQL prints unambiguously; what
//! the context is in a situation PostgreSQL says. Whether the rest of a policy ends in an error is still asked of every
//! policy, in one situation, where an organization acts: the rest is such that no setting changes it.

use std::collections::HashMap;

use bulkhead_model::isolation::{PolicyFacts, TableFacts, Volatility};

use super::Subject;
use super::ask::{Kind, Settings, Situation, Transaction};
use super::rows::Organizations;
use crate::catalogue::expression::{Expression, Guard};
use crate::lint::sql;
use crate::{Context, Result};

/// What has to be so for a guard to refuse every row.
pub(super) struct Premise {
    value: String,
    /// The comparison, of one that the tenant column has a part in.
    condition: Option<String>,
}

impl Premise {
    /// Those of a condition that the policies put together; none where it may hold past every guard, or where it may say
    /// something else the next time.
    pub fn all(condition: &str, policies: &[&PolicyFacts], facts: &TableFacts, context: &Context) -> Vec<Self> {
        let volatile = |policy: &&PolicyFacts| policy.calls.iter().any(|call| call.volatility == Volatility::Volatile);
        let Some(column) = facts.tenant_column.as_ref().filter(|_| !policies.iter().any(volatile)) else {
            return Vec::new();
        };
        let expression = Expression::new(condition, context);
        let guards = expression.guards(&column.name).filter(|guards| expression.is_settled_but_for(guards));
        let premise = |guard| match guard {
            Guard::Own { condition, value } => Self { value: value.to_owned(), condition: Some(condition.to_owned()) },
            Guard::Operator { value, .. } => Self { value: value.to_owned(), condition: None },
        };
        guards.unwrap_or_default().into_iter().map(premise).collect()
    }

    /// Answers a row where it is not so.
    fn question(&self, kind: Kind, facts: &TableFacts, organizations: &Organizations<'_>) -> String {
        let value = &self.value;
        match (kind, &self.condition, &facts.tenant_column) {
            (Kind::Own, Some(condition), Some(column)) => format!(
                "SELECT 1 FROM (VALUES ({})) AS guarded({}) WHERE ({value}) IS NOT NULL AND ({condition}) IS NOT TRUE",
                organizations.own_cell(),
                sql::ident(&column.name)
            ),
            _ => format!("SELECT 1 WHERE ({value}) IS NOT NULL"),
        }
    }
}

/// What was asked about guards so far.
#[derive(Default)]
pub(super) struct Guards(HashMap<(String, Settings, String), bool>);

impl Guards {
    /// Whether the guards alone refuse every row that the subject is asked about in the situation.
    pub async fn refuse(
        &mut self,
        asked: &mut Transaction<'_>,
        facts: &TableFacts,
        subject: &Subject<'_>,
        situation: &Situation,
        organizations: &Organizations<'_>,
    ) -> Result<bool> {
        if subject.premises.is_empty() {
            return Ok(false);
        }
        for premise in &subject.premises {
            let question = premise.question(situation.kind, facts, organizations);
            let key = (subject.role.to_owned(), situation.settings().to_owned(), question);
            let holds = match self.0.get(&key) {
                Some(known) => *known,
                None => {
                    let holds = asked.holds_off(subject.role, situation, &key.2).await?;
                    self.0.insert(key, holds);
                    holds
                }
            };
            if !holds {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

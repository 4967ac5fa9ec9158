//! What PostgreSQL plans for a statement that the application runs, as the role that runs it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::{PlanId, org::words};

/// Estimated rows from which reading a whole tenant table is worth a warning.
pub const LARGE_TABLE_ROWS: f64 = 10_000.0;

/// A plan that costs this many times what it did is degraded, if it also costs [`COST_FLOOR`] more.
pub const COST_FACTOR: f64 = 3.0;

/// In PostgreSQL's cost units (1 = a page read in sequence). Growth below it is noise of small tables.
pub const COST_FLOOR: f64 = 100.0;

/// The generic plan of one statement as one role: what holds for every organization, not for one value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueryPlan {
    /// The plan's shape: SHA-256 over node kinds, tables and indexes in hexadecimal. Costs are no part of it.
    pub fingerprint: String,
    /// Estimated, with policies, in PostgreSQL's cost units.
    pub cost: f64,
    /// The same statement as a role that no policy binds; none where that could not be planned.
    pub cost_unbound: Option<f64>,
    /// Tables it reads, in the plan's order.
    pub tables: Vec<TableAccess>,
    /// The plan itself.
    pub root: PlanNode,
}

impl QueryPlan {
    /// How many times the statement costs what it would without policies.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        self.cost_unbound.filter(|unbound| *unbound > 0.0).map(|unbound| self.cost / unbound)
    }

    /// What is worse than it was in `before`, the plan that this one is compared with.
    #[must_use]
    pub fn degraded_since(&self, before: &Self) -> Vec<Degradation> {
        let mut found: Vec<Degradation> = before
            .tables
            .iter()
            .filter(|access| access.by_tenant_index)
            .filter_map(|access| {
                let mut now = self.tables.iter().filter(|table| table.table == access.table).peekable();
                now.peek()?;
                let lost = now.all(|table| !table.by_tenant_index);
                let index = access.index.clone().unwrap_or_default();
                lost.then(|| Degradation::IndexLost { table: access.table.clone(), index })
            })
            .collect();
        found.dedup();
        if self.cost >= before.cost * COST_FACTOR && self.cost - before.cost >= COST_FLOOR {
            found.push(Degradation::CostGrown { from: before.cost, to: self.cost });
        }
        found
    }

    /// Tenant tables that are read whole although they are large.
    pub fn large_scans(&self) -> impl Iterator<Item = &TableAccess> {
        self.tables.iter().filter(|access| access.is_large_scan())
    }
}

/// Why a statement is slower than it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Degradation {
    /// An index that leads with the tenant column was used and is not any more.
    IndexLost {
        /// As `schema.name`.
        table: String,
        /// The index that was used.
        index: String,
    },
    /// The same statement is estimated much higher.
    CostGrown {
        /// In PostgreSQL's cost units.
        from: f64,
        /// In PostgreSQL's cost units.
        to: f64,
    },
}

impl Degradation {
    /// What happened, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::IndexLost { table, index } => {
                format!("{table} was reached through {index}, which leads with the tenant column, and is not any more.")
            }
            Self::CostGrown { from, to } => {
                format!("The estimated cost grew {:.1} times, from {from:.0} to {to:.0}.", to / from.max(0.01))
            }
        }
    }
}

/// How one table is reached.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TableAccess {
    /// As `schema.name`.
    pub table: String,
    /// Row-level security is on, for it or for the table it is a partition of.
    pub row_security: bool,
    /// The column that says whose a row is, if it has one.
    pub tenant_column: Option<String>,
    /// By what.
    pub path: AccessPath,
    /// The index, where one is used.
    pub index: Option<String>,
    /// The index leads with the tenant column, and the plan looks the organization up in it.
    pub by_tenant_index: bool,
    /// Rows of the whole table, as PostgreSQL last counted or estimated them; none where it never did.
    pub table_rows: Option<f64>,
}

impl TableAccess {
    /// A tenant table above [`LARGE_TABLE_ROWS`] that is read past the tenant column.
    #[must_use]
    pub fn is_large_scan(&self) -> bool {
        self.tenant_column.is_some()
            && self.path == AccessPath::Sequential
            && self.table_rows.is_some_and(|rows| rows >= LARGE_TABLE_ROWS)
    }

    /// How it is reached, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let through = match (&self.index, self.path) {
            (Some(index), _) => format!("reached through the index {index}"),
            (None, AccessPath::Sequential) => "read whole".to_owned(),
            (None, _) => "reached by its row’s address".to_owned(),
        };
        let whose = match (&self.tenant_column, self.by_tenant_index, self.path) {
            (None, ..) => "; it has no tenant column".to_owned(),
            (Some(column), true, _) => {
                format!(", which begins with {column}: other organizations’ rows are not touched")
            }
            (Some(column), false, AccessPath::Sequential) => match (self.is_large_scan(), self.table_rows) {
                (true, _) => format!(": every organization’s rows are read, and {column} is compared row by row"),
                (false, Some(_)) => ", which is cheap for so few rows".to_owned(),
                (false, None) => "; PostgreSQL has not counted its rows yet".to_owned(),
            },
            (Some(column), false, _) => format!("; {column} is compared afterwards, row by row"),
        };
        let policies = match (self.row_security, &self.tenant_column) {
            (false, Some(_)) => " Row-level security is off.",
            _ => "",
        };
        format!("{} is {through}{whose}.{policies}", self.table)
    }
}

/// By what a table is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessPath {
    /// Every row is read.
    Sequential,
    /// Through an index, then the table.
    Index,
    /// Through an index alone.
    IndexOnly,
    /// Through one or more indexes, then the pages that they name.
    Bitmap,
    /// By the row's address.
    Address,
}

/// A step of a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanNode {
    /// PostgreSQL's name for it, with what it works on: `Index Scan using users_pkey on public.users`.
    pub label: String,
    /// Estimated, this step and those below, in PostgreSQL's cost units.
    pub cost: f64,
    /// Estimated rows that it hands up.
    pub rows: f64,
    /// Conditions, each with what PostgreSQL calls it: `Index Cond`, `Filter`.
    pub conditions: Vec<(String, String)>,
    /// Steps below.
    pub children: Vec<PlanNode>,
}

words! {
    /// Who counted the statements.
    StatementSource {
        Server = "server", "This server’s own record";
        PgStatStatements = "pg_stat_statements", "pg_stat_statements";
    }
}

/// A statement that the application runs, and how often. Its text is what was sent: parameters are `$1`, never values.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// The role that ran it.
    pub role: String,
    /// As it was sent.
    pub text: String,
    /// How often.
    pub calls: u64,
    /// All runs together, in milliseconds.
    pub total_ms: f64,
}

/// A statement with the plan it had when it was first looked at and the one it has now.
#[derive(Debug, Clone, PartialEq)]
pub struct WatchedQuery {
    /// Its id.
    pub id: PlanId,
    /// What runs, and how often.
    pub statement: Statement,
    /// Who counted.
    pub source: StatementSource,
    /// Since when the counts run, where that is known.
    pub counted_since: Option<OffsetDateTime>,
    /// When its plan was last asked for.
    pub examined_at: OffsetDateTime,
    /// The plan that newer ones are compared with, and since when.
    pub baseline: Option<(QueryPlan, OffsetDateTime)>,
    /// The plan now, and since when it has this shape.
    pub current: Option<(QueryPlan, OffsetDateTime)>,
    /// Why there is no plan now.
    pub failure: Option<String>,
}

impl WatchedQuery {
    /// What is worse now than in the plan it is compared with.
    #[must_use]
    pub fn degradations(&self) -> Vec<Degradation> {
        match (&self.baseline, &self.current) {
            (Some((before, _)), Some((now, _))) => now.degraded_since(before),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(path: AccessPath, index: Option<&str>, by_tenant_index: bool, rows: f64) -> TableAccess {
        TableAccess {
            table: "public.notes".to_owned(),
            row_security: true,
            tenant_column: Some("org_id".to_owned()),
            path,
            index: index.map(str::to_owned),
            by_tenant_index,
            table_rows: Some(rows),
        }
    }

    fn plan(cost: f64, tables: Vec<TableAccess>) -> QueryPlan {
        let root =
            PlanNode { label: "Result".to_owned(), cost, rows: 1.0, conditions: Vec::new(), children: Vec::new() };
        QueryPlan { fingerprint: String::new(), cost, cost_unbound: Some(10.0), tables, root }
    }

    #[test]
    fn a_lost_index_and_a_grown_cost_degrade() {
        let before = plan(10.0, vec![access(AccessPath::Index, Some("notes_pkey"), true, 5.0)]);
        let scanned = plan(12.0, vec![access(AccessPath::Sequential, None, false, 5.0)]);
        let lost = Degradation::IndexLost { table: "public.notes".to_owned(), index: "notes_pkey".to_owned() };
        assert_eq!(scanned.degraded_since(&before), [lost]);
        let grown = plan(400.0, before.tables.clone());
        assert_eq!(grown.degraded_since(&before), [Degradation::CostGrown { from: 10.0, to: 400.0 }]);
    }

    #[test]
    fn small_growth_and_a_table_that_is_gone_do_not() {
        let before = plan(10.0, vec![access(AccessPath::Index, Some("notes_pkey"), true, 5.0)]);
        assert_eq!(plan(109.0, before.tables.clone()).degraded_since(&before), []);
        assert_eq!(plan(1000.0, before.tables.clone()).degraded_since(&plan(400.0, before.tables.clone())), []);
        // The planner proved that the table cannot hold a row of interest, and left it out.
        assert_eq!(plan(1.0, Vec::new()).degraded_since(&before), []);
    }

    #[test]
    fn only_large_tenant_tables_are_worth_a_warning() {
        assert!(access(AccessPath::Sequential, None, false, LARGE_TABLE_ROWS).is_large_scan());
        assert!(!access(AccessPath::Sequential, None, false, 9_999.0).is_large_scan());
        assert!(!access(AccessPath::Index, Some("i"), false, 1e9).is_large_scan());
        let shared = TableAccess { tenant_column: None, ..access(AccessPath::Sequential, None, false, 1e9) };
        assert!(!shared.is_large_scan());
    }

    #[test]
    fn the_ratio_needs_a_cost_to_compare_with() {
        assert_eq!(plan(15.0, Vec::new()).ratio(), Some(1.5));
        assert_eq!(QueryPlan { cost_unbound: Some(0.0), ..plan(15.0, Vec::new()) }.ratio(), None);
    }
}

//! The vocabulary of isolation: what a live catalogue says ([`Catalogue`]) and what follows from it ([`Finding`], [`Verdict`]).
//!
//! The crate `rls` reads and judges; the isolation page and the `rls` commands show.

mod around;
mod attack;
mod code;
mod facts;
mod finding;
mod plan;
mod proof;
mod run;
mod source;
mod verdict;
pub mod xray;

pub use around::{FunctionFacts, RoleFacts, SchemaFacts, SequenceFacts, Volatility};
pub use attack::Attack;
pub use code::Code;
pub use facts::{
    Catalogue, CheckFacts, ColumnFacts, ColumnGrant, ForeignKeyFacts, FunctionUse, GrantFacts, PolicyCommand,
    PolicyFacts, RelationKind, TableFacts, TenantColumn, TriggerFacts, UniqueFacts,
};
pub use finding::{Finding, Object, ObjectKind, Probe, RelationName, Severity};
pub use plan::{
    AccessPath, COST_FACTOR, COST_FLOOR, Degradation, LARGE_TABLE_ROWS, PlanNode, QueryPlan, Statement,
    StatementSource, TableAccess, WatchedQuery,
};
pub use proof::{
    Acceptance, AttackingRole, Cell, CellChange, Counts, Outcome, Premises, Proof, ProofDifference, Standing, Unplanted,
};
pub use run::{ProofRun, ProvenSource, RunStatus};
pub use source::DataSource;
pub use verdict::{TableReport, Verdict};

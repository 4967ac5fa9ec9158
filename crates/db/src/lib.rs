//! The only crate that names sqlx, and so the only way to the database.
//!
//! - A [`Database`] holds one pool per runtime role; no pool leaves this crate.
//! - A transaction ([`ReadTx`], [`WriteTx`], [`SystemTx`]) needs a scope, and a scope is minted here, from a
//!   verified credential row. `org_id` is never an argument of a tenant's function: it comes from the scope.
//! - [`WriteTx::commit`] asks for an audit record; the change and its event commit together.
//!
//! # How to add a noun
//! 1. A migration that brings the table with its policy, FORCE, grants and index (`migrations/README.md`).
//! 2. A file here named like the noun, its functions verbs that take a transaction first.
//! 3. `script/gen` for the checked queries in `.sqlx/`.
//! 4. A row for the table in the RLS matrix, `tests/it/rls.rs`; the catalogue test fails until it is there.

pub mod access;
pub mod attempts;
pub mod audit;
pub mod catalog;
pub mod cluster;
pub mod data_sources;
pub mod decisions;
pub mod demo;
pub mod duty_conflicts;
mod error;
pub mod foreign;
#[cfg(doctest)]
mod guarantees;
pub mod idempotency;
pub mod inspect;
mod memory;
pub mod migrator;
pub mod orgs;
pub mod outbox;
pub mod passwords;
pub mod plans;
mod pools;
mod probe;
pub mod proofs;
pub mod provisioning;
pub mod resource_types;
pub mod retention;
pub mod roles;
pub mod scope;
pub mod sessions;
pub mod settings;
pub mod setup;
mod shared;
pub mod sign_in;
pub mod statements;
mod together;
pub mod tokens;
mod tx;
pub mod users;
pub mod workspaces;

pub use error::{Error, Result};
pub use memory::TOLD_AFTER;
pub use pools::{Database, PoolSizes};
pub use probe::Probe;
pub use scope::{Identity, OrgScope, Origin, SystemTask};
pub use shared::{AsOf, Entered, Held};
pub use tx::{Admits, Operator, ReadTx, Realm, SystemTx, Tenant, TokenHash, Unaudited, WriteTx};

//! Use cases: one file per noun, each function one thing a person can do.
//!
//! A use case takes a [`Ctx`] first, names its permission as a type, works in one transaction and commits
//! it with an audit record. Pages and API call the same functions; nothing above this crate holds a rule.
//!
//! # How to add a use case
//! 1. `ctx.read::<perm::…>()` or `ctx.write::<perm::…>()`; the permission is part of the code, so it cannot be forgotten.
//! 2. Validate into newtypes, collecting every refused field before answering ([`Error::Invalid`]).
//! 3. Change, then `tx.commit(Record::new(…))`.
//! 4. A test in `tests/` with a real database, and a row in the root's authorization table.

pub mod access;
pub mod account;
pub mod alerts;
mod app;
pub mod audit;
pub mod bootstrap;
mod ctx;
pub mod data_sources;
pub mod duties;
mod error;
#[cfg(doctest)]
mod guarantees;
pub mod idempotency;
pub mod installation;
pub mod isolation;
pub mod mail;
pub mod orgs;
pub mod palette;
pub mod plans;
pub mod proofs;
pub mod provisioning;
pub mod reference;
pub mod resource_types;
pub mod retention;
pub mod seed;
pub mod settings;
pub mod sign_in;
pub mod users;
pub mod watch;
pub mod webhook;
pub mod workers;
pub mod workspaces;

pub use app::{App, Parts, Readiness, session_hash};
pub use bulkhead_db::{Identity, Operator, Origin, Realm, Tenant, TokenHash};
pub use bulkhead_identity::Sealer;
pub use ctx::{Ctx, OperatorCtx};
pub use error::{Collision, Error, Result};

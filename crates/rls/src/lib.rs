//! Row-level security of any PostgreSQL database, this product's own or another SaaS's.
//!
//! - [`adopt`] prints the migration that makes a plain table a tenant table.
//! - [`catalogue`] reads what the server really enforces, in one read-only transaction.
//! - [`draft`] suggests a profile, for a person to check.
//! - [`lint`] judges it: findings with a code, a severity, a sentence and the SQL that repairs them.
//! - [`plans`] asks how statements are planned as the roles that run them, and what row-level security costs them.
//! - [`prove`] attacks a disposable copy of the database as its runtime roles, and records what got through.
//! - [`xray`] explains why a role reaches one row or does not, and tries it.
//!
//! Everything here takes a connection and a [`Profile`] (which roles serve requests, which column says whose a row is,
//! how a transaction says for whom it acts) and knows nothing of this product's own tables.

pub mod adopt;
pub mod catalogue;
pub mod draft;
mod error;
pub mod lint;
pub mod plans;
mod profile;
pub mod prove;
pub mod xray;

pub use error::{Error, Result};
pub use profile::{Accepted, Context, Profile, RootTable, RuntimeRole, Scope};

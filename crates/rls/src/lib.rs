//! Row-level security of any PostgreSQL database, this product's own or another SaaS's.
//!
//! - [`catalogue`] reads what the server really enforces, in one read-only transaction.
//! - [`lint`] judges it: findings with a code, a severity, a sentence and the SQL that repairs them.
//!
//! Everything here takes a connection and a [`Profile`] (which roles serve requests, which column says whose a row is,
//! how a transaction says for whom it acts) and knows nothing of this product's own tables.

pub mod catalogue;
mod error;
pub mod lint;
mod profile;

pub use error::{Error, Result};
pub use profile::{Accepted, Context, Profile, RootTable, RuntimeRole, Scope};

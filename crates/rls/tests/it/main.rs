//! The crate against a real PostgreSQL. Each test has a database of its own, empty of this product's tables.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod catalogue;
mod database;
mod prove;

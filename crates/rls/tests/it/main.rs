//! The crate against a real PostgreSQL. Each test has a database of its own, empty of this product's tables.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod adopt;
mod catalogue;
mod database;
mod lint;
mod plans;
mod prove;
mod xray;

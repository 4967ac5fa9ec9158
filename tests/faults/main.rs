//! What must hold when something dies: the built program against a PostgreSQL that is taken away, and the program
//! itself killed between a request and its answer.
//!
//! A target of its own, because these tests stop servers: `cargo test --test faults`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod crash;
mod installation;
mod ledger;
mod outage;
mod site;

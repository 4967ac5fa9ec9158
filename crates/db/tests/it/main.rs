//! Tests of the database layer on a real PostgreSQL; see `bulkhead_testing`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod catalog;
mod cluster;
mod fixture;
mod migrator;
mod plans;
mod pools;
mod remembered;
mod rls;
mod roles;
mod sealed;
mod sessions;
mod throttle;
mod together;
mod users;

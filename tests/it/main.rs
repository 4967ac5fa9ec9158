//! The whole router against a real PostgreSQL: as a visitor, as each role, as another organization, as an operator.
//!
//! One binary, one throwaway cluster, one database a test; `harness` has the clients.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod access;
mod api;
mod coverage;
mod decisions;
mod duties;
mod harness;
mod leptos_options;
mod many_roles;
mod pages;
mod resource_types;
mod roles;
mod security;
mod workspaces;

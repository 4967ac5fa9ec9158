//! Use cases on a real PostgreSQL, reached as the runtime roles; see `world`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod account;
mod alerts;
mod audit;
mod data_sources;
mod decisions;
mod duties;
mod duty_races;
mod duty_rules;
mod invitations;
mod last_admin;
mod once;
mod orgs;
mod outbox;
mod plans;
mod resource_types;
mod retention;
mod role_limits;
mod role_many;
mod role_many_limits;
mod role_races;
mod roles;
mod seed;
mod settings;
mod sign_in;
mod source_proofs;
mod statements;
mod tail;
mod tenancy;
mod thousand_roles;
mod traces;
mod users;
mod watch;
mod workspace_rights;
mod workspaces;
mod world;

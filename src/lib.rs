//! The server: HTTP in, HTML or JSON out. No SQL and no business rule lives here.

pub mod api;
pub mod cli;
pub mod config;
pub mod cursor;
pub mod middleware;
pub mod problem;
pub mod profile;
pub mod router;
pub mod routes;
pub mod server;
pub mod site;
pub mod telemetry;
pub mod watch;
pub mod web;

//! Pages. A route is a GET that shows and POSTs that act; both work without JavaScript.
//!
//! # The recipe
//! A handler takes [`page::Web`] (what the request knows), a context from the guard, and asks one use case. Then
//! - it shows: `web.show(Title, || view! { … })`,
//! - or it acted: `web.done("/t/acme/users", "User suspended.")`, a 303 with a one-shot message,
//! - or something typed was refused: it shows the same page again with [`bulkhead_model::FieldErrors`] and 422.
//!
//! Every other error is drawn by [`errors`], in the shell of whoever asked.

pub mod account;
pub mod api_docs;
pub mod audit;
mod clash;
mod clock;
mod csv;
pub mod decisions;
pub mod dev;
pub mod errors;
mod explain;
pub mod fields;
pub mod flash;
pub mod form;
pub mod home;
mod list;
mod moment;
pub mod op;
pub mod page;
pub mod palette;
mod path;
pub mod preferences;
pub mod references;
pub mod roles;
pub mod settings;
pub mod shell;
pub mod sign_in;
mod text;
pub mod users;
pub mod who_can;
pub mod workspaces;

//! The wasm crate: the `#[island]`s and the JSON they read; the only place with cfg features.
//!
//! An island adds comfort to a page that already works without it, holds no authority and no secret, and shows text
//! as text: nothing here writes HTML from a string.

mod live_tail;
mod palette;
pub mod role_matrix;
mod rows;
mod zones;

pub use live_tail::LiveTail;
pub use palette::Palette;
pub use role_matrix::RoleMatrix;

use serde::{Deserialize, Serialize};

/// An entry of the palette: a page to go to, or something found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// What it is called, safe to show.
    pub label: String,
    /// What tells it from another of that name; may be empty.
    pub detail: String,
    /// Where it leads: a path of ours.
    pub href: String,
}

/// One row of the audit log, as text: the page's table and the live tail show the same.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// Its page.
    pub href: String,
    /// `2026-11-21T07:39:12Z`.
    pub at: String,
    /// The moment in full.
    pub exact: String,
    /// Who did what.
    pub says: String,
    /// The action's code.
    pub code: String,
    /// What it was done to.
    pub target: String,
    /// The outcome's code.
    pub outcome: String,
    /// From where; may be empty.
    pub address: String,
    /// The organization's name; empty inside one.
    pub organization: String,
}

/// Called by the page once the module has loaded: brings every island to life.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

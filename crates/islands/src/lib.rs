//! The wasm crate: `#[island]`s and the few `#[server]` functions they call; the only place with cfg features.

mod palette;

pub use palette::Palette;

/// Called by the page once the module has loaded: brings every island to life.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    leptos::mount::hydrate_islands();
}

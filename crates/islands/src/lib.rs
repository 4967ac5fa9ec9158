//! The wasm crate: #[island]s and the few #[server] functions they call; the only place with cfg features.

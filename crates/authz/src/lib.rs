//! The one decision function: who may do what, and why. Wasm-safe, no I/O.

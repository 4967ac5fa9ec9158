//! The decision function against a reference that is written the slow, obvious way.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops")]

mod draft;
mod duties;
mod graph;
mod properties;
mod reference;
mod sayable;
mod wire;
mod world;

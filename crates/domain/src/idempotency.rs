//! Doing a write once, however often it is sent: see [`crate::Ctx::once`].

pub use bulkhead_db::idempotency::{Done, Once};
use sha2::{Digest, Sha256};

/// A key with the fingerprint of what makes two requests the same: method, path and body.
/// `None` for a key that is empty or longer than 200 characters.
pub fn once(key: &str, method: &str, path: &str, body: &[u8]) -> Option<Once> {
    let request = Sha256::new()
        .chain_update(method)
        .chain_update([0])
        .chain_update(path)
        .chain_update([0])
        .chain_update(body)
        .finalize()
        .into();
    (1..=200).contains(&key.chars().count()).then(|| Once { key: key.to_owned(), request })
}

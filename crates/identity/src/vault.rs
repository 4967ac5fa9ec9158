//! Secrets of other systems that have to be kept and used again: encrypted at rest, with a key that is not in the database.
//!
//! AES-256-GCM (NIST SP 800-38D) by aws-lc-rs, with a random 96-bit nonce a secret and a key derived for each purpose, so
//! that 2³² secrets of one purpose stay far from a repeated nonce. The purpose is bound as associated data too: whoever
//! may write the database can neither read a secret nor move it to another row.
//!
//! # Form
//! `version 1 | key id length 1 | key id | nonce 12 | ciphertext | tag 16`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use crate::{Keyring, SecretKey, keyring::mac};

const VERSION: u8 = 1;
const DOMAIN: &[u8] = b"bulkhead/vault/v1";

/// The library refused to encrypt. It does not happen with keys of the right length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a secret could not be encrypted")]
pub struct VaultError;

/// Encrypts with the current key, decrypts with any.
#[derive(Clone, Debug)]
pub struct Vault {
    keys: Keyring,
}

impl Vault {
    /// A vault of these keys.
    #[must_use]
    pub const fn new(keys: Keyring) -> Self {
        Self { keys }
    }

    /// Encrypts `secret` for `purpose`, which names the very place it is kept in: `data source/{id}`.
    ///
    /// # Errors
    /// [`VaultError`].
    pub fn lock(&self, purpose: &str, secret: &[u8]) -> Result<Vec<u8>, VaultError> {
        let key = self.keys.current();
        let mut text = Zeroizing::new(secret.to_vec());
        let nonce = cipher(key, purpose)
            .and_then(|cipher| cipher.seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut *text).ok())
            .ok_or(VaultError)?;
        let id = key.id().as_bytes();
        let mut locked = Vec::with_capacity(2 + id.len() + NONCE_LEN + text.len());
        locked.push(VERSION);
        // Key ids are at most 32 bytes (`SecretKey::new`).
        locked.push(u8::try_from(id.len()).unwrap_or(u8::MAX));
        locked.extend_from_slice(id);
        locked.extend_from_slice(nonce.as_ref());
        locked.extend_from_slice(&text);
        Ok(locked)
    }

    /// The secret, if it was locked here, for this purpose, and nobody changed a bit of it.
    #[must_use]
    pub fn open(&self, purpose: &str, locked: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&[version, id_len], rest) = locked.split_first_chunk()?;
        let (id, rest) = rest.split_at_checked(id_len.into())?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>()?;
        let key = self.keys.get(std::str::from_utf8(id).ok()?).filter(|_| version == VERSION)?;
        let mut text = Zeroizing::new(text.to_vec());
        let nonce = Nonce::assume_unique_for_key(*nonce);
        let length = cipher(key, purpose)?.open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut text).ok()?.len();
        text.truncate(length);
        Some(text)
    }
}

fn cipher(key: &SecretKey, purpose: &str) -> Option<RandomizedNonceKey> {
    let derived = Zeroizing::new(mac(key.bytes(), &[DOMAIN, purpose.as_bytes()]));
    RandomizedNonceKey::new(&AES_256_GCM, derived.as_slice()).ok()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::TestRandom;

    fn key(id: &str, seed: u64) -> SecretKey {
        SecretKey::generate(id, &TestRandom::new(seed)).unwrap()
    }

    #[test]
    fn what_is_locked_opens_and_shows_nothing() {
        let vault = Vault::new(key("a", 1).into());
        let locked = vault.lock("data source/1", b"postgres://u:hunter2@db/x").unwrap();
        assert!(!String::from_utf8_lossy(&locked).contains("hunter2"));
        assert_eq!(vault.open("data source/1", &locked).unwrap().as_slice(), b"postgres://u:hunter2@db/x");
        assert_ne!(vault.lock("data source/1", b"x").unwrap(), vault.lock("data source/1", b"x").unwrap());
    }

    #[test]
    fn it_opens_nowhere_else_and_not_when_changed() {
        let vault = Vault::new(key("a", 1).into());
        let locked = vault.lock("data source/1", b"secret").unwrap();
        assert_eq!(vault.open("data source/2", &locked), None);
        assert_eq!(Vault::new(key("a", 2).into()).open("data source/1", &locked), None, "right id, wrong key");
        assert_eq!(Vault::new(key("b", 1).into()).open("data source/1", &locked), None, "no such key");
        for at in 0..locked.len() {
            let mut altered = locked.clone();
            altered[at] ^= 1;
            assert_eq!(vault.open("data source/1", &altered), None, "byte {at}");
            assert_eq!(vault.open("data source/1", &locked[..at]), None, "cut at {at}");
        }
    }

    #[test]
    fn an_older_key_still_opens() {
        let old = Vault::new(key("a", 1).into()).lock("p", b"secret").unwrap();
        let rotated = Vault::new(Keyring::new(key("b", 2), vec![key("a", 1)]).unwrap());
        assert_eq!(rotated.open("p", &old).unwrap().as_slice(), b"secret");
    }
}

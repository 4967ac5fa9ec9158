//! Named secret keys and their rotation: one current key that makes, older ones that still check.
//!
//! Used for the password pepper ([`crate::Hasher`]) and for sealed cookies and cursors ([`crate::Sealer`]).
//! Rotating is: put the new key first, keep the old one behind it until nothing refers to it any more.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::RandomSource;

/// Keys are at least this long: 256 bits, the output of the HMAC that they feed.
pub const MIN_KEY_BYTES: usize = 32;
/// One block of SHA-256: a longer key would be hashed first and gain nothing.
const MAX_KEY_BYTES: usize = 64;
const MAX_ID_LEN: usize = 32;

/// Why a key or a ring of keys was refused. Never carries key material.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The id is empty, longer than 32, or holds something else than `a-z`, `0-9`, `-` and `_`.
    #[error("a key id is 1 to 32 of a-z, 0-9, - and _")]
    Id,
    /// Fewer than [`MIN_KEY_BYTES`] bytes, or more than 64.
    #[error("a key is 32 to 64 bytes long")]
    Length,
    /// Not of the form `id:base64`.
    #[error("a key is written as its id, a colon, and standard base64")]
    Syntax,
    /// Two keys of one ring share an id, so a stored reference to it would be ambiguous.
    #[error("two keys have the same id")]
    DuplicateId,
}

/// A secret with a public name. The name is stored beside what the key made, so that it can be found again.
#[derive(Clone)]
pub struct SecretKey {
    id: Box<str>,
    bytes: SecretSlice<u8>,
}

impl SecretKey {
    /// Takes over key material.
    ///
    /// # Errors
    /// [`KeyError::Id`] or [`KeyError::Length`].
    pub fn new(id: &str, bytes: Vec<u8>) -> Result<Self, KeyError> {
        let bytes = SecretSlice::from(bytes);
        let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
        if id.is_empty() || id.len() > MAX_ID_LEN || !id.bytes().all(plain) {
            return Err(KeyError::Id);
        }
        if !(MIN_KEY_BYTES..=MAX_KEY_BYTES).contains(&bytes.expose_secret().len()) {
            return Err(KeyError::Length);
        }
        Ok(Self { id: id.into(), bytes })
    }

    /// Draws a new 256-bit key.
    ///
    /// # Errors
    /// [`KeyError::Id`].
    pub fn generate(id: &str, random: &dyn RandomSource) -> Result<Self, KeyError> {
        let mut bytes = vec![0; MIN_KEY_BYTES];
        random.fill(&mut bytes);
        Self::new(id, bytes)
    }

    /// The public name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The `id:base64` form that [`FromStr`] reads: for writing a generated key to its 0600 file, nothing else.
    #[must_use]
    pub fn to_config(&self) -> Zeroizing<String> {
        let encoded = Zeroizing::new(STANDARD.encode(self.bytes()));
        Zeroizing::new(format!("{}:{}", self.id, *encoded))
    }

    /// A public fingerprint of the key material (not of the id), 16 hex digits.
    ///
    /// Kept in the database at first start and compared at every later one, it tells a *wrong* key under the
    /// right id from a lost password before anybody is refused. 64 bits of a keyed hash reveal nothing useful.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let tag = mac(self.bytes(), &[b"bulkhead/key-fingerprint/v1"]);
        tag[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.expose_secret()
    }
}

impl FromStr for SecretKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (id, encoded) = text.trim().split_once(':').ok_or(KeyError::Syntax)?;
        let bytes = STANDARD.decode(encoded).map_err(|_| KeyError::Syntax)?;
        Self::new(id, bytes)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The current key and the older ones that are still honoured. Ids are unique within a ring.
#[derive(Clone, Debug)]
pub struct Keyring {
    current: SecretKey,
    others: Vec<SecretKey>,
}

impl Keyring {
    /// A ring in which `current` makes and all check.
    ///
    /// # Errors
    /// [`KeyError::DuplicateId`].
    pub fn new(current: SecretKey, others: Vec<SecretKey>) -> Result<Self, KeyError> {
        let ring = Self { current, others };
        let mut ids: Vec<&str> = ring.iter().map(SecretKey::id).collect();
        ids.sort_unstable();
        if ids.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(KeyError::DuplicateId);
        }
        Ok(ring)
    }

    /// The key that new things are made with.
    #[must_use]
    pub fn current(&self) -> &SecretKey {
        &self.current
    }

    /// The key of that id, current or older.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&SecretKey> {
        self.iter().find(|key| key.id() == id)
    }

    /// All keys, the current one first.
    pub fn iter(&self) -> impl Iterator<Item = &SecretKey> {
        std::iter::once(&self.current).chain(&self.others)
    }
}

impl From<SecretKey> for Keyring {
    fn from(current: SecretKey) -> Self {
        Self { current, others: Vec::new() }
    }
}

/// HMAC-SHA-256 over length-prefixed parts: `("ab", "c")` and `("a", "bc")` never collide.
pub(crate) fn mac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    begin(key, parts).finalize().into_bytes().into()
}

/// Checks such a tag in constant time.
pub(crate) fn mac_matches(key: &[u8], parts: &[&[u8]], tag: &[u8]) -> bool {
    begin(key, parts).verify_slice(tag).is_ok()
}

fn begin(key: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
    // What HMAC itself does with a key of at most one block (RFC 2104 § 2), in the form that cannot fail.
    let mut block = Zeroizing::new([0; MAX_KEY_BYTES]);
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut hmac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        hmac.update(&(part.len() as u64).to_be_bytes());
        hmac.update(part);
    }
    hmac
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
    fn a_key_survives_its_configuration_form() {
        let made = key("2026-a", 1);
        let read: SecretKey = made.to_config().parse().unwrap();
        assert_eq!((read.id(), read.bytes()), (made.id(), made.bytes()));
        assert_eq!(read.fingerprint(), made.fingerprint());
    }

    #[test]
    fn fingerprints_follow_the_material_not_the_name() {
        assert_eq!(key("a", 1).fingerprint(), key("b", 1).fingerprint());
        assert_ne!(key("a", 1).fingerprint(), key("a", 2).fingerprint());
    }

    #[test]
    fn bad_keys_are_refused() {
        let refused = |text: &str| text.parse::<SecretKey>().unwrap_err();
        assert_eq!(refused("no colon"), KeyError::Syntax);
        assert_eq!(refused("a:not base64!"), KeyError::Syntax);
        assert_eq!(refused("a:c2hvcnQ="), KeyError::Length);
        assert_eq!(SecretKey::new("", vec![0; 32]).unwrap_err(), KeyError::Id);
        assert_eq!(SecretKey::new("A b", vec![0; 32]).unwrap_err(), KeyError::Id);
        assert_eq!(SecretKey::new("a", vec![0; 31]).unwrap_err(), KeyError::Length);
        assert_eq!(Keyring::new(key("a", 1), vec![key("a", 2)]).unwrap_err(), KeyError::DuplicateId);
    }

    #[test]
    fn debug_hides_the_material() {
        let made = key("a", 1);
        let shown = format!("{made:?} {:?}", Keyring::from(made.clone()));
        assert!(shown.contains("\"a\"") && !shown.contains(made.to_config().split_once(':').unwrap().1));
        assert!(!shown.contains(&format!("{:?}", made.bytes())));
    }

    /// Computed with Python's `hmac` module.
    #[test]
    fn is_plain_hmac() {
        let expected = "0bc448fbd942bda00fa596aed1a2014da91bb53394aafc0fd1b510d9ce5de26a";
        let tag = mac(&[11; 32], &[b"Hi There"]);
        assert_eq!(tag.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), expected);
        assert!(mac_matches(&[11; 32], &[b"Hi There"], &tag));
        assert!(!mac_matches(&[11; 33], &[b"Hi There"], &tag) && !mac_matches(&[11; 32], &[b"Hi There"], &tag[1..]));
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(mac(&[1; 32], &[b"ab", b"c"]), mac(&[1; 32], &[b"a", b"bc"]));
        assert_ne!(mac(&[1; 32], &[b"ab"]), mac(&[1; 32], &[b"ab", b""]));
    }
}

//! Small values that a browser keeps for us and gives back: one-shot messages in cookies, paging cursors.
//!
//! Signed (HMAC-SHA-256), **not encrypted**: the holder can read them, nobody can change them, move them to
//! another purpose or keep them past their time. Put in nothing that its holder may not see.
//!
//! # Binding
//! The purpose is part of what is signed. Whatever a value must not leave goes into it: an organization's
//! cursor is sealed as `cursor/users/{org_id}`, so another organization's cursor is simply not valid here.
//!
//! # Form
//! base64url of `version 1 | key id length 1 | key id | expiry 8 (seconds, big endian) | value | tag 32`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::Keyring;
use crate::keyring::{mac, mac_matches};

/// The longest sealed text that is looked at. A browser keeps about 4 KiB per cookie.
pub const MAX_SEALED_LEN: usize = 8 * 1024;

const VERSION: u8 = 1;
const TAG_LEN: usize = 32;
const DOMAIN: &[u8] = b"bulkhead/sealed/v1";

/// Seals and opens. The clock is the caller's.
#[derive(Clone, Debug)]
pub struct Sealer {
    keys: Keyring,
}

impl Sealer {
    /// Seals with the current key, opens with any.
    #[must_use]
    pub const fn new(keys: Keyring) -> Self {
        Self { keys }
    }

    /// A key of its own for `purpose`, from the current key: 32 bytes that say nothing about the key they come from.
    /// Another signing key makes another one.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; TAG_LEN] {
        mac(self.keys.current().bytes(), &[b"bulkhead/derived/v1", purpose.as_bytes()])
    }

    /// Seals `value` for `purpose` until `expires_at_unix` (seconds). The text is safe in a URL and a cookie.
    #[must_use]
    pub fn seal(&self, purpose: &str, value: &[u8], expires_at_unix: i64) -> String {
        let key = self.keys.current();
        let id = key.id().as_bytes();
        let mut body = Vec::with_capacity(2 + id.len() + 8 + value.len() + TAG_LEN);
        body.push(VERSION);
        // Key ids are at most 32 bytes (`SecretKey::new`).
        body.push(u8::try_from(id.len()).unwrap_or(u8::MAX));
        body.extend_from_slice(id);
        body.extend_from_slice(&expires_at_unix.to_be_bytes());
        body.extend_from_slice(value);
        let tag = mac(key.bytes(), &[DOMAIN, purpose.as_bytes(), &body]);
        body.extend_from_slice(&tag);
        URL_SAFE_NO_PAD.encode(body)
    }

    /// The value, if it was sealed here, for this purpose, and `now_unix` is before its expiry.
    ///
    /// One answer for every reason to refuse: which one it was helps only a forger.
    #[must_use]
    pub fn open(&self, purpose: &str, sealed: &str, now_unix: i64) -> Option<Vec<u8>> {
        if sealed.len() > MAX_SEALED_LEN {
            return None;
        }
        let mut body = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let tag = body.split_off(body.len().checked_sub(TAG_LEN)?);
        let (&[version, id_len], rest) = body.split_first_chunk()?;
        let (id, rest) = rest.split_at_checked(id_len.into())?;
        let (expires_at, value) = rest.split_first_chunk()?;
        let key = self.keys.get(std::str::from_utf8(id).ok()?)?;
        // Nothing is believed, the expiry included, before the tag is right.
        let genuine = version == VERSION && mac_matches(key.bytes(), &[DOMAIN, purpose.as_bytes(), &body], &tag);
        (genuine && now_unix < i64::from_be_bytes(*expires_at)).then(|| value.to_vec())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{SecretKey, TestRandom};

    fn key(id: &str, seed: u64) -> SecretKey {
        SecretKey::generate(id, &TestRandom::new(seed)).unwrap()
    }

    fn sealer() -> Sealer {
        Sealer::new(key("a", 1).into())
    }

    #[test]
    fn expires_to_the_second() {
        let sealed = sealer().seal("flash", b"saved", 1_000);
        assert_eq!(sealer().open("flash", &sealed, 999).unwrap(), b"saved");
        assert_eq!(sealer().open("flash", &sealed, 1_000), None);
    }

    #[test]
    fn stays_with_its_purpose_and_organization() {
        let sealed = sealer().seal("cursor/users/org-a", b"42", 1_000);
        assert_eq!(sealer().open("cursor/users/org-b", &sealed, 0), None);
        assert_eq!(sealer().open("flash", &sealed, 0), None);
        assert!(sealer().open("cursor/users/org-a", &sealed, 0).is_some());
    }

    #[test]
    fn rotation_keeps_what_is_out_there_until_the_old_key_goes() {
        let old = sealer().seal("flash", b"x", 1_000);
        let rotated = Sealer::new(Keyring::new(key("b", 2), vec![key("a", 1)]).unwrap());
        assert!(rotated.open("flash", &old, 0).is_some());
        let new = rotated.seal("flash", b"x", 1_000);
        assert_eq!(sealer().open("flash", &new, 0), None, "the old server does not know the new key");
        assert_eq!(Sealer::new(key("b", 2).into()).open("flash", &old, 0), None);
        assert_eq!(Sealer::new(key("a", 9).into()).open("flash", &old, 0), None, "right id, wrong key");
    }

    #[test]
    fn oversized_text_is_not_even_decoded() {
        let sealed = sealer().seal("p", &[7; MAX_SEALED_LEN], 1_000);
        assert_eq!(sealer().open("p", &sealed, 0), None);
    }

    proptest! {
        #[test]
        fn round_trip(purpose in "\\PC{0,40}", value in prop::collection::vec(any::<u8>(), 0..300), at in any::<i64>()) {
            let sealed = sealer().seal(&purpose, &value, at);
            prop_assert_eq!(sealer().open(&purpose, &sealed, at.saturating_sub(1)), (at > i64::MIN).then_some(value));
        }

        #[test]
        fn every_changed_bit_is_noticed(value in prop::collection::vec(any::<u8>(), 0..40), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let sealed = sealer().seal("p", &value, 1_000);
            let mut body = URL_SAFE_NO_PAD.decode(&sealed).unwrap();
            let at = at.index(body.len());
            body[at] ^= 1 << bit;
            prop_assert_eq!(sealer().open("p", &URL_SAFE_NO_PAD.encode(body), 0), None);
        }

        #[test]
        fn junk_is_refused_without_panic(text in "\\PC{0,80}", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(sealer().open("p", &text, 0), None);
            prop_assert_eq!(sealer().open("p", &URL_SAFE_NO_PAD.encode(bytes), 0), None);
        }
    }
}

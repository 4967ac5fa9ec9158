//! Argon2id over one arena: parameters, PHC strings, derive and compare. Synchronous; [`crate::Hasher`] runs it.
//!
//! # Where the pepper goes
//! The pepper is Argon2's own secret value K (RFC 9106 § 3.1), not an HMAC around the password. K is an input
//! of the first hash together with password, salt and parameters, each with its length, so there is no second
//! construction to get wrong (no truncation at NUL, no hex or base64 in between, no fixed 32-byte bottleneck),
//! and any Argon2 library that takes a secret can check our rows. Like every pepper inside the hash it can be
//! replaced only at sign-in, when the password is at hand; [`StoredHash::pepper_id`] says which row uses which.

use std::fmt;

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Version};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::keyring::SecretKey;

const SALT_LEN: usize = 16;
const OUTPUT_LEN: usize = 32;

/// The most that parameters may ask for, so that a stored string cannot order gigabytes or minutes.
const MAX_MEMORY_KIB: u32 = 1024 * 1024;
const MAX_ITERATIONS: u32 = 64;
const MAX_LANES: u32 = 64;

/// Parameters outside what Argon2 or this server accepts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("argon2 needs 8 KiB per lane to 1 GiB of memory, 1 to 64 iterations and 1 to 64 lanes")]
pub struct ParamsError;

/// What one Argon2id run costs. Stored inside every hash, so raising them touches nobody until they sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Params {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

impl Params {
    /// OWASP's first choice at its smallest memory: 19 MiB, two passes, one lane; about 16 ms of one core.
    pub const OWASP: Self = Self { memory_kib: 19_456, iterations: 2, lanes: 1 };

    /// The cheapest that Argon2 allows, for tests that hash often and measure nothing. See [`Self::is_strong`].
    pub const FOR_TESTS: Self = Self { memory_kib: 8, iterations: 1, lanes: 1 };

    /// Memory in KiB, number of passes over it, number of lanes.
    ///
    /// # Errors
    /// [`ParamsError`].
    pub const fn new(memory_kib: u32, iterations: u32, lanes: u32) -> Result<Self, ParamsError> {
        let fits = lanes >= 1
            && lanes <= MAX_LANES
            && iterations >= 1
            && iterations <= MAX_ITERATIONS
            && memory_kib >= 8 * lanes
            && memory_kib <= MAX_MEMORY_KIB;
        if fits { Ok(Self { memory_kib, iterations, lanes }) } else { Err(ParamsError) }
    }

    /// Memory in KiB.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    #[must_use]
    pub const fn iterations(self) -> u32 {
        self.iterations
    }

    /// Lanes. Computed one after another here: a request gets one core, not all of them.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }

    /// Whether these reach one of the equivalent settings of OWASP's password storage cheat sheet, from
    /// 46 MiB with one pass down to 7 MiB with five. A production configuration below that is refused.
    #[must_use]
    pub fn is_strong(self) -> bool {
        [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)]
            .iter()
            .any(|&(memory, passes)| self.memory_kib >= memory && self.iterations >= passes)
    }

    fn argon2(self) -> Result<argon2::Params, argon2::Error> {
        argon2::Params::new(self.memory_kib, self.iterations, self.lanes, None)
    }
}

impl Default for Params {
    fn default() -> Self {
        Self::OWASP
    }
}

/// A password hash as it lies in a row: the PHC string and the id of the pepper that went into it.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredHash {
    /// `$argon2id$v=19$m=…,t=…,p=…$salt$hash`
    pub phc: String,
    /// [`SecretKey::id`] of the pepper.
    pub pepper_id: String,
}

impl fmt::Debug for StoredHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredHash").field("pepper_id", &self.pepper_id).finish_non_exhaustive()
    }
}

/// A stored string, taken apart and found to be one that this server could have written.
pub(crate) struct Parsed {
    pub(crate) params: Params,
    salt: Salt,
    output: Output,
}

impl Parsed {
    /// `None` for anything but argon2id, version 19, three plain parameters within bounds, salt and hash.
    pub(crate) fn read(phc: &str) -> Option<Self> {
        let parsed = PasswordHash::new(phc).ok()?;
        if parsed.algorithm != ARGON2ID_IDENT || parsed.version != Some(Version::V0x13.into()) {
            return None;
        }
        let params = argon2::Params::try_from(&parsed.params).ok()?;
        // keyid and data are legal PHC, but would change the hash without us knowing the value.
        if !params.keyid().is_empty() || !params.data().is_empty() {
            return None;
        }
        let params = Params::new(params.m_cost(), params.t_cost(), params.p_cost()).ok()?;
        Some(Self { params, salt: parsed.salt?, output: parsed.hash? })
    }

    /// Whether a fresh hash would look different: other costs, a shorter salt or hash.
    pub(crate) fn is_outdated(&self, current: Params) -> bool {
        self.params != current || self.salt.len() < SALT_LEN || self.output.len() != OUTPUT_LEN
    }
}

/// The memory that Argon2 fills, kept between runs.
///
/// Reuse saves the page faults: 6-14 % of a run at 19 MiB, 44 % at 46 MiB. It is not wiped in between, which
/// would give that back: what it holds after a run is the output of the last pass, and whoever reads this
/// process's memory finds the pepper and the passwords in flight there too.
#[derive(Default)]
pub(crate) struct Arena(Vec<Block>);

impl Arena {
    /// Derives the hash of `password`.
    pub(crate) fn hash(
        &mut self,
        password: &str,
        salt: [u8; SALT_LEN],
        params: Params,
        pepper: &SecretKey,
    ) -> Result<StoredHash, argon2::password_hash::Error> {
        let mut output = Zeroizing::new([0; OUTPUT_LEN]);
        self.derive(password, &salt, params, pepper, output.as_mut_slice())?;
        let phc = PasswordHash {
            algorithm: ARGON2ID_IDENT,
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(params.argon2()?)?,
            salt: Some(Salt::new(&salt)?),
            hash: Some(Output::new(output.as_slice())?),
        };
        Ok(StoredHash { phc: phc.to_string(), pepper_id: pepper.id().to_owned() })
    }

    /// Derives again and compares in constant time.
    pub(crate) fn verify(
        &mut self,
        password: &str,
        stored: &Parsed,
        pepper: &SecretKey,
    ) -> Result<bool, argon2::Error> {
        let mut output = Zeroizing::new([0; Output::MAX_LENGTH]);
        let output = output.get_mut(..stored.output.len()).ok_or(argon2::Error::OutputTooLong)?;
        self.derive(password, &stored.salt, stored.params, pepper, output)?;
        Ok(output[..].ct_eq(stored.output.as_bytes()).into())
    }

    fn derive(
        &mut self,
        password: &str,
        salt: &[u8],
        params: Params,
        pepper: &SecretKey,
        output: &mut [u8],
    ) -> Result<(), argon2::Error> {
        let params = params.argon2()?;
        let blocks = params.block_count();
        if self.0.len() < blocks {
            self.0.resize(blocks, Block::new());
        }
        Argon2::new_with_secret(pepper.bytes(), Algorithm::Argon2id, Version::V0x13, params)?
            .hash_password_into_with_memory(password.as_bytes(), salt, output, self.0.as_mut_slice())
    }

    /// Gives back what a run with larger, older parameters left over.
    pub(crate) fn shrink(&mut self, params: Params) {
        let blocks = params.memory_kib as usize;
        if self.0.len() > blocks {
            self.0.truncate(blocks);
            self.0.shrink_to_fit();
        }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::TestRandom;

    fn pepper(seed: u64) -> SecretKey {
        SecretKey::generate("test", &TestRandom::new(seed)).unwrap()
    }

    /// Made with the reference implementation (`argon2.low_level.core` of argon2-cffi 25.1):
    /// password "correct horse", salt 16 x 0x02, secret 32 x 0x03, no associated data, m=64, t=3, p=1, 32 bytes.
    #[test]
    fn agrees_with_the_reference_implementation() {
        let pepper = SecretKey::new("ref", vec![3; 32]).unwrap();
        let params = Params::new(64, 3, 1).unwrap();
        let made = Arena::default().hash("correct horse", [2; 16], params, &pepper).unwrap();
        assert_eq!(
            made.phc,
            "$argon2id$v=19$m=64,t=3,p=1$AgICAgICAgICAgICAgICAg$4xd73+WNyMaIIKfF5Eu7axB5PvCZlDS/G8Ys3Kjz5/8"
        );
    }

    #[test]
    fn the_pepper_is_an_input() {
        let mut arena = Arena::default();
        let made = arena.hash("correct horse", [2; 16], Params::FOR_TESTS, &pepper(1)).unwrap();
        let parsed = Parsed::read(&made.phc).unwrap();
        assert!(arena.verify("correct horse", &parsed, &pepper(1)).unwrap());
        assert!(!arena.verify("correct horse", &parsed, &pepper(2)).unwrap());
    }

    #[test]
    fn nothing_is_cut_off_at_72_bytes_or_anywhere() {
        let mut arena = Arena::default();
        for len in [8, 55, 56, 64, 72, 128, 1023] {
            let (short, long) = ("a".repeat(len), "a".repeat(len + 1));
            let made = arena.hash(&short, [2; 16], Params::FOR_TESTS, &pepper(1)).unwrap();
            let parsed = Parsed::read(&made.phc).unwrap();
            assert!(arena.verify(&short, &parsed, &pepper(1)).unwrap());
            assert!(!arena.verify(&long, &parsed, &pepper(1)).unwrap(), "{len} against {}", len + 1);
        }
    }

    #[test]
    fn a_dirty_arena_changes_nothing() {
        let mut arena = Arena::default();
        let large = Params::new(256, 2, 2).unwrap();
        let clean = Arena::default().hash("one", [2; 16], Params::FOR_TESTS, &pepper(1)).unwrap();
        arena.hash("another", [9; 16], large, &pepper(2)).unwrap();
        assert_eq!(arena.hash("one", [2; 16], Params::FOR_TESTS, &pepper(1)).unwrap(), clean);
        arena.shrink(Params::FOR_TESTS);
        assert_eq!(arena.0.len(), 8);
        assert_eq!(arena.hash("one", [2; 16], Params::FOR_TESTS, &pepper(1)).unwrap(), clean);
    }

    #[test]
    fn only_strings_of_our_own_kind_are_read() {
        let ours = Arena::default().hash("x", [2; 16], Params::FOR_TESTS, &pepper(1)).unwrap().phc;
        assert!(Parsed::read(&ours).is_some());
        for (part, other) in [
            ("argon2id", "argon2i"),
            ("v=19", "v=16"),
            ("m=8,", "m=4294967295,"),
            ("m=8,", "m=7,"),
            ("t=1,", "t=65,"),
            ("t=1,", "t=0,"),
            ("p=1$", "p=1,keyid=YWJj$"),
            ("p=1$", "p=2$"),
        ] {
            let changed = ours.replacen(part, other, 1);
            assert_ne!(changed, ours);
            assert!(Parsed::read(&changed).is_none(), "{changed}");
        }
        assert!(Parsed::read(ours.rsplit_once('$').unwrap().0).is_none(), "no hash");
        assert!(Parsed::read("").is_none());
    }

    #[test]
    fn strength_follows_the_cheat_sheet() {
        let strong = |m, t| Params::new(m, t, 1).unwrap().is_strong();
        assert!(Params::OWASP.is_strong() && strong(47_104, 1) && strong(7_168, 5) && strong(65_536, 3));
        assert!(!Params::FOR_TESTS.is_strong() && !strong(19_456, 1) && !strong(7_168, 4));
    }

    proptest! {
        #[test]
        fn junk_is_read_without_panic(text in "\\PC{0,120}", tail in "[$=,a-zA-Z0-9+/]{0,80}") {
            let _ = Parsed::read(&text);
            let _ = Parsed::read(&format!("$argon2id$v=19${tail}"));
        }
    }
}

//! Sign-in cryptography: passwords, pepper, blocklist, one-time tokens. Bytes and a clock in, claims out.
//!
//! Nothing here reads a database, a request or the wall clock; the caller brings what it knows and keeps
//! what it is given. Where each thing stands:
//!
//! | to | use |
//! |---|---|
//! | take a password from a form | [`Password`] (`TryFrom<String>`) |
//! | decide whether a *new* password is good enough | [`check_new_password`] |
//! | hash and verify without blocking the runtime | [`Hasher`], giving [`StoredHash`] and [`Verdict`] |
//! | make, read and store a one-time link | [`Token`], [`TokenHash`], [`TokenPurpose`] |
//! | hand a small value to a browser and trust it when it returns | [`Sealer`] |
//! | keep a secret of another system, to use it again | [`Vault`] |
//! | name and rotate keys | [`SecretKey`], [`Keyring`] |
//! | draw randomness | [`RandomSource`]: [`OsRandom`] in the server, [`TestRandom`] in tests |
//!
//! # How to add a kind of one-time link
//! Add a variant to [`TokenPurpose`] with its own prefix. The prefix is part of what is hashed, so a token of
//! one kind can never be redeemed as another; the test `purposes_never_mix` walks over all variants.

mod blocklist;
mod guess;
mod hash;
mod hasher;
mod keyring;
mod password;
mod policy;
mod random;
mod sealed;
mod token;
mod vault;

pub use hash::{Params, ParamsError, StoredHash};
pub use hasher::{Busy, Hasher, HasherConfig, HasherError, HasherStats, Verdict};
pub use keyring::{KeyError, Keyring, MIN_KEY_BYTES, SecretKey};
pub use password::{MAX_PASSWORD_BYTES, Password, PasswordError};
pub use policy::{MIN_LENGTH, MIN_LENGTH_WITH_MFA, PasswordProblem, check_new_password};
pub use random::{OsRandom, RandomSource, TestRandom};
pub use sealed::{MAX_SEALED_LEN, Sealer};
pub use token::{MalformedToken, Token, TokenHash, TokenPurpose};
pub use vault::{Vault, VaultError};

//! Signed proofs: Ed25519 over the proof's own bytes, checked without a database or a network.
//!
//! A file is one JSON object, written in exactly one way. A file that means the same and is written differently is
//! refused like one that was altered: nothing has to be believed about what a difference means.

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use bulkhead_model::isolation::Proof;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Names the format in the file and in what is signed, so that a signature for anything else is none for this.
const FORMAT: &str = "bulkhead-proof/1";

/// A key that signs. Its 32 bytes are a secret.
pub struct SigningKey {
    pair: Ed25519KeyPair,
    seed: Zeroizing<[u8; 32]>,
}

impl SigningKey {
    /// A new key from the operating system's randomness.
    ///
    /// # Errors
    /// When there is none.
    pub fn generate() -> Result<Self, KeyError> {
        let mut seed = Zeroizing::new([0_u8; 32]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| KeyError)?;
        Self::from_seed(&seed)
    }

    /// The key of a seed that was kept.
    ///
    /// # Errors
    /// When the library refuses it.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| KeyError)?;
        Ok(Self { pair, seed: Zeroizing::new(*seed) })
    }

    /// The key of a seed that was kept as 64 hexadecimal digits, as `openssl rand -hex 32` writes one.
    ///
    /// # Errors
    /// When they are not that.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(unhex(text.trim()).ok_or(KeyError)?);
        let seed: &[u8; 32] = bytes.as_slice().try_into().map_err(|_| KeyError)?;
        Self::from_seed(seed)
    }

    /// The seed, for keeping it: encrypt it.
    #[must_use]
    pub fn seed(&self) -> &[u8; 32] {
        &self.seed
    }

    /// What others check with.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        let mut bytes = [0_u8; 32];
        // An Ed25519 public key has 32 bytes.
        for (to, from) in bytes.iter_mut().zip(self.pair.public_key().as_ref()) {
            *to = *from;
        }
        VerifyingKey(bytes)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "SigningKey({})", self.verifying_key().fingerprint())
    }
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no Ed25519 key")]
pub struct KeyError;

/// A key that checks. Not secret; written as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey([u8; 32]);

impl VerifyingKey {
    /// From its 64 hexadecimal digits.
    ///
    /// # Errors
    /// When they are not that.
    pub fn from_hex(text: &str) -> Result<Self, KeyError> {
        unhex(text.trim()).and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or(KeyError)
    }

    /// As hexadecimal digits.
    #[must_use]
    pub fn to_hex(self) -> String {
        hex(&self.0)
    }

    /// What people compare.
    #[must_use]
    pub fn fingerprint(self) -> Fingerprint {
        Fingerprint(Sha256::digest(self.0).into())
    }
}

/// SHA-256 of a key, shown in groups for comparing by eye.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint([u8; 32]);

impl fmt::Display for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = hex(&self.0);
        let groups: Vec<&str> = (0..8).filter_map(|group| digits.get(group * 4..group * 4 + 4)).collect();
        // 128 bits: nobody finds another key with the same.
        formatter.write_str(&groups.join("-"))
    }
}

/// A proof with its signature: what a file holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedProof {
    format: String,
    /// What is signed.
    pub proof: Proof,
    key: String,
    signature: String,
}

impl SignedProof {
    /// The file.
    ///
    /// # Errors
    /// When the proof cannot be written as JSON, which its types rule out.
    pub fn to_bytes(&self) -> Result<Vec<u8>, VerifyError> {
        let mut bytes = serde_json::to_vec(self).map_err(|error| VerifyError::Unreadable(error.to_string()))?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// Signs a proof.
///
/// # Errors
/// When the proof cannot be written as JSON, which its types rule out.
pub fn sign(proof: Proof, key: &SigningKey) -> Result<SignedProof, VerifyError> {
    let signature = hex(key.pair.sign(&signed_bytes(&proof)?).as_ref());
    Ok(SignedProof { format: FORMAT.to_owned(), proof, key: key.verifying_key().to_hex(), signature })
}

/// The format's name, a line end, and the proof as JSON: fields in their declared order, no maps, no floats.
fn signed_bytes(proof: &Proof) -> Result<Vec<u8>, VerifyError> {
    let mut bytes = format!("{FORMAT}\n").into_bytes();
    serde_json::to_writer(&mut bytes, proof).map_err(|error| VerifyError::Unreadable(error.to_string()))?;
    Ok(bytes)
}

/// Why a file is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is cut short, or no proof at all.
    #[error("this is no complete proof: {0}")]
    Unreadable(String),
    /// A proof of a version that this program does not know.
    #[error("this is a proof of the unknown format {0:?}")]
    Format(String),
    /// The signature does not fit what is signed.
    #[error("the file was altered, or signed by another key than it names")]
    Signature,
    /// The signature fits, and is by another key than the caller trusts.
    #[error("signed by the key {found}, not by the trusted key {trusted}")]
    OtherKey {
        /// Who signed.
        found: String,
        /// Who should have.
        trusted: String,
    },
    /// The signature fits, and the file is written in another way than proofs are: something was added or rearranged.
    #[error("the file is not written as it was signed: something was added or rearranged")]
    Rewritten,
}

/// On what a positive answer rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// The caller gave the key: the proof is by its holder, and whole.
    Given(Fingerprint),
    /// The key stood in the file: the proof is whole since it was signed, by whoever that was. Compare the fingerprint.
    Contained(Fingerprint),
}

/// A proof whose signature fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// The proof.
    pub proof: Proof,
    /// On what that rests.
    pub trust: Trust,
}

impl fmt::Display for Verified {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.trust {
            Trust::Given(key) => write!(formatter, "whole, and signed by the trusted key {key}"),
            Trust::Contained(key) => write!(
                formatter,
                "whole since it was signed by the key {key}, which came with the file: compare it with the one you know"
            ),
        }
    }
}

/// Checks a file, offline. With a trusted key only that one's signature counts; without, the answer says that the key
/// came with the file.
///
/// # Errors
/// When the file is cut short, altered, rearranged, signed by another key, or of another format.
pub fn verify(bytes: &[u8], trusted: Option<&VerifyingKey>) -> Result<Verified, VerifyError> {
    let unreadable = |error: serde_json::Error| VerifyError::Unreadable(error.to_string());
    #[derive(Deserialize)]
    struct Envelope {
        format: String,
    }
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(unreadable)?;
    if envelope.format != FORMAT {
        return Err(VerifyError::Format(envelope.format.chars().take(40).collect()));
    }
    let signed: SignedProof = serde_json::from_slice(bytes).map_err(unreadable)?;
    let key = VerifyingKey::from_hex(&signed.key).map_err(|error| VerifyError::Unreadable(error.to_string()))?;
    let signature = unhex(&signed.signature).ok_or(VerifyError::Signature)?;
    UnparsedPublicKey::new(&ED25519, key.0)
        .verify(&signed_bytes(&signed.proof)?, &signature)
        .map_err(|_| VerifyError::Signature)?;
    if let Some(trusted) = trusted.filter(|trusted| **trusted != key) {
        let (found, trusted) = (key.fingerprint().to_string(), trusted.fingerprint().to_string());
        return Err(VerifyError::OtherKey { found, trusted });
    }
    if signed.to_bytes()? != bytes {
        return Err(VerifyError::Rewritten);
    }
    let fingerprint = key.fingerprint();
    let trust = if trusted.is_some() { Trust::Given(fingerprint) } else { Trust::Contained(fingerprint) };
    Ok(Verified { proof: signed.proof, trust })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    // One way of writing only: small digits.
    if !text.len().is_multiple_of(2) || !text.bytes().all(|c| c.is_ascii_digit() || (b'a'..=b'f').contains(&c)) {
        return None;
    }
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#[path = "signature_tests.rs"]
mod tests;

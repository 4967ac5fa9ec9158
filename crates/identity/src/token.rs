//! One-time links: 256 random bits, shown once, stored as a hash, good for one purpose.
//!
//! A purpose is a prefix of the text and an input of the hash. An invitation presented as a password reset is
//! malformed, and even a caller that mixes the columns up finds no row (K05).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use crate::RandomSource;

const TOKEN_BYTES: usize = 32;

/// What a token can be redeemed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenPurpose {
    /// Accept an invitation and set the first password.
    Invitation,
    /// Set a new password without the old one.
    PasswordReset,
}

impl TokenPurpose {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Invitation, Self::PasswordReset];

    /// What the text starts with; known to secret scanners, so that a leaked link is recognised.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Invitation => "bhi_",
            Self::PasswordReset => "bhr_",
        }
    }
}

/// The text is not a token of that purpose. Says no more: the answer is the same page as for an unknown one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a token")]
pub struct MalformedToken;

/// A token in the clear: right after making it, to put it into a mail, or right after reading it from a link.
pub struct Token {
    purpose: TokenPurpose,
    bytes: Zeroizing<[u8; TOKEN_BYTES]>,
}

impl Token {
    /// Draws a new one.
    #[must_use]
    pub fn generate(purpose: TokenPurpose, random: &dyn RandomSource) -> Self {
        let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
        random.fill(bytes.as_mut_slice());
        Self { purpose, bytes }
    }

    /// Reads what somebody sent. Exactly one text stands for each token: no padding, no white space, no other
    /// alphabet, no stray bits.
    ///
    /// # Errors
    /// [`MalformedToken`].
    pub fn parse(purpose: TokenPurpose, text: &str) -> Result<Self, MalformedToken> {
        let encoded = text.strip_prefix(purpose.prefix()).ok_or(MalformedToken)?;
        let mut bytes = Zeroizing::new([0; TOKEN_BYTES]);
        match URL_SAFE_NO_PAD.decode_slice(encoded, bytes.as_mut_slice()) {
            Ok(TOKEN_BYTES) => Ok(Self { purpose, bytes }),
            _ => Err(MalformedToken),
        }
    }

    /// The text that goes into the link: prefix and 43 characters, safe in a URL path.
    #[must_use]
    pub fn reveal(&self) -> Zeroizing<String> {
        let mut text = String::with_capacity(self.purpose.prefix().len() + 43);
        text.push_str(self.purpose.prefix());
        URL_SAFE_NO_PAD.encode_string(self.bytes.as_slice(), &mut text);
        Zeroizing::new(text)
    }

    /// What the database keeps and looks up. A plain hash is enough: 256 random bits cannot be guessed back.
    #[must_use]
    pub fn hash(&self) -> TokenHash {
        let digest = Sha256::new()
            .chain_update(b"bulkhead/token/v1/")
            .chain_update(self.purpose.prefix())
            .chain_update(self.bytes.as_slice())
            .finalize();
        TokenHash(digest.into())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({:?})", self.purpose)
    }
}

/// SHA-256 of a token, with its purpose. Comparing takes the same time whatever the difference.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// The bytes to store (`bytea`, 32 long).
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for TokenHash {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl TryFrom<&[u8]> for TokenHash {
    type Error = MalformedToken;

    fn try_from(bytes: &[u8]) -> Result<Self, MalformedToken> {
        bytes.try_into().map(Self).map_err(|_| MalformedToken)
    }
}

impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenHash {}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::TestRandom;

    fn token(purpose: TokenPurpose) -> Token {
        Token::generate(purpose, &TestRandom::new(1))
    }

    #[test]
    fn round_trip() {
        for purpose in TokenPurpose::ALL {
            let made = token(purpose);
            let text = made.reveal();
            assert_eq!(text.len(), 47);
            assert_eq!(Token::parse(purpose, &text).unwrap().hash(), made.hash());
            assert_eq!(TokenHash::try_from(made.hash().as_bytes().as_slice()).unwrap(), made.hash());
        }
    }

    #[test]
    fn purposes_never_mix() {
        for made in TokenPurpose::ALL {
            for read in TokenPurpose::ALL {
                let same = made == read;
                assert_eq!(Token::parse(read, &token(made).reveal()).is_ok(), same);
                // The same 32 bytes under both purposes: the hash alone keeps them apart.
                assert_eq!(token(made).hash() == token(read).hash(), same);
            }
        }
    }

    #[test]
    fn one_text_per_token() {
        let text = token(TokenPurpose::Invitation).reveal();
        let refused = |text: &str| Token::parse(TokenPurpose::Invitation, text).is_err();
        assert!(refused(""), "F13: a blank token");
        assert!(refused("bhi_"));
        assert!(refused(&text[4..]), "no prefix");
        assert!(refused(&text.to_uppercase()));
        assert!(refused(&format!("{}=", *text)) && refused(&format!(" {}", *text)) && refused(&format!("{}\n", *text)));
        assert!(refused(&text[..46]) && refused(&format!("{}AAAA", *text)));
        // 43 characters carry 258 bits: the last two must be zero, or four texts would open one door.
        let last = text.chars().last().unwrap();
        let others = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars().filter(|&c| c != last);
        let same = others.filter_map(|c| Token::parse(TokenPurpose::Invitation, &format!("{}{c}", &text[..46])).ok());
        assert_eq!(same.filter(|other| other.hash() == token(TokenPurpose::Invitation).hash()).count(), 0);
    }

    #[test]
    fn debug_says_nothing() {
        let made = token(TokenPurpose::PasswordReset);
        assert_eq!(format!("{made:?} {:?}", made.hash()), "Token(PasswordReset) TokenHash(…)");
    }

    proptest! {
        #[test]
        fn junk_is_refused_without_panic(text in "\\PC{0,80}", tail in "[A-Za-z0-9_=-]{0,60}") {
            for purpose in TokenPurpose::ALL {
                let _ = Token::parse(purpose, &text);
                let long = format!("{}{tail}", purpose.prefix());
                if let Ok(token) = Token::parse(purpose, &long) {
                    prop_assert_eq!(&*token.reveal(), &long, "what is accepted is canonical");
                }
            }
        }
    }
}

//! [`Password`]: what a person typed, normalised, bounded, wiped after use, and never printable.

use std::fmt;

use unicode_normalization::{UnicodeNormalization as _, is_nfc};
use zeroize::{Zeroize as _, Zeroizing};

/// The longest password taken, in bytes of UTF-8. Longer input is refused, never cut: a cut would let two
/// different passwords match (L06).
pub const MAX_PASSWORD_BYTES: usize = 1024;

/// Why text cannot be a password. Shown to a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordError {
    /// More than [`MAX_PASSWORD_BYTES`].
    #[error("Use at most 1,024 bytes: about 1,000 letters, fewer with accents or emoji.")]
    TooLong,
    /// U+0000, which several clients and proxies cut strings at.
    #[error("A password cannot contain the null character.")]
    Null,
}

/// A password in Unicode normalization form C.
///
/// Two keyboards may send `é` as one code point or as two; NFC makes them one password, as
/// SP 800-63B-4 § 3.1.1.2 says (revision 3 named NFKC or NFKD; those also fold `ﬁ`, `①` and full-width
/// letters, which throws away characters that the person chose). Nothing is trimmed, folded or cut.
#[derive(Clone)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// The normalised text, for hashing and for the policy.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Length in Unicode code points, the unit in which SP 800-63B-4 counts.
    #[must_use]
    pub fn chars(&self) -> usize {
        self.0.chars().count()
    }
}

impl TryFrom<String> for Password {
    type Error = PasswordError;

    fn try_from(text: String) -> Result<Self, PasswordError> {
        let mut text = Zeroizing::new(text);
        if text.len() > MAX_PASSWORD_BYTES {
            return Err(PasswordError::TooLong);
        }
        if text.contains('\0') {
            return Err(PasswordError::Null);
        }
        if !is_nfc(&text) {
            // Collected into a buffer that is large enough, so that growing leaves no unwiped copy behind:
            // UAX #15 bounds NFC at three times the UTF-8 input.
            let mut composed = String::with_capacity(text.len() * 3);
            composed.extend(text.nfc());
            text.zeroize();
            *text = composed;
        }
        Ok(Self(text))
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn password(text: &str) -> Password {
        Password::try_from(text.to_owned()).unwrap()
    }

    #[test]
    fn composed_and_decomposed_are_one_password() {
        assert_eq!(password("caf\u{e9}").expose(), password("cafe\u{301}").expose());
        assert_ne!(password("ﬁ").expose(), password("fi").expose(), "NFC keeps what NFKC would fold");
    }

    #[test]
    fn counts_code_points_not_bytes() {
        assert_eq!(password("пароль").chars(), 6);
        assert_eq!(password("🦀🦀").chars(), 2);
    }

    #[test]
    fn refuses_rather_than_cuts() {
        let at = |len: usize| Password::try_from("a".repeat(len));
        assert_eq!(at(MAX_PASSWORD_BYTES).unwrap().chars(), MAX_PASSWORD_BYTES);
        assert_eq!(at(MAX_PASSWORD_BYTES + 1).unwrap_err(), PasswordError::TooLong);
        assert_eq!(at(1 << 20).unwrap_err(), PasswordError::TooLong);
        assert_eq!(Password::try_from("a\0b".to_owned()).unwrap_err(), PasswordError::Null);
    }

    #[test]
    fn debug_says_nothing() {
        assert_eq!(format!("{:?}", password("hunter2 hunter2")), "Password(…)");
    }

    proptest! {
        #[test]
        fn any_text_is_taken_or_refused_without_panic(text in ".{0,600}") {
            if let Ok(once) = Password::try_from(text) {
                let again = password(once.expose().get(..).unwrap_or_default());
                prop_assert_eq!(once.expose(), again.expose(), "normalising is idempotent");
            }
        }
    }
}

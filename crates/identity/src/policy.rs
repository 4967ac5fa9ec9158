//! Whether a new password is good enough, after SP 800-63B-4 § 3.1.1.2 and ASVS 6.2.
//!
//! Length counts, in code points. There are no composition rules ("one digit, one symbol") and no expiry: they
//! push people to `Summer2026!`. What is refused is what an attacker tries first: passwords from public lists,
//! words that belong to this person or organization, runs and repetitions.
//!
//! # How
//! [`guess`](crate::guess) estimates the guesses that an attacker needs for the **whole** password who knows the
//! blocklist (49,193 passwords from leaks, by frequency), this person's context and the usual patterns. A
//! passphrase that merely contains a common word passes; `password12345678` does not. What is below
//! [`guesses_needed`] is refused, and the pieces found say why in a person's words.

use std::collections::BTreeSet;

use crate::Password;
use crate::guess::{Piece, estimate};

/// The default minimum, in code points, where the password is the only factor.
pub const MIN_LENGTH: usize = 15;
/// The minimum where a second factor is always asked for.
pub const MIN_LENGTH_WITH_MFA: usize = 8;

const MAX_CONTEXT_WORDS: usize = 64;
const CONTEXT_WORD_CHARS: std::ops::RangeInclusive<usize> = 3..=24;

/// Why a new password is refused. Displays as a sentence for the person who chose it; never repeats the
/// password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum PasswordProblem {
    /// Fewer code points than asked for.
    #[error("Use at least {min} characters; this has {is}. Several unrelated words are easy to remember.")]
    TooShort {
        /// Code points asked for.
        min: usize,
        /// Code points given.
        is: usize,
    },
    /// Built around the person's address or name, the organization's, or the product's.
    #[error("Do not build it from your name, your address, your organization or this product.")]
    Context,
    /// Found on, or built from, lists of common passwords and words.
    #[error("This is close to a password that many people use. Attackers try those first.")]
    Common,
    /// Repetitions, rows of keys, sequences, years.
    #[error("Avoid repetitions, rows of keys, sequences such as 12345, and years.")]
    Pattern,
}

/// Checks a password that somebody wants to start using. Not for sign-in: an old password stays valid.
///
/// `context` is what is known about the person: e-mail address, names, organization, product. Each is also
/// taken apart at everything that is not a letter or digit. `min_length` is in code points:
/// [`MIN_LENGTH`] or [`MIN_LENGTH_WITH_MFA`], or what the organization asks beyond them.
///
/// # Errors
/// Everything that is wrong at once, each problem once, in the order in which to show them.
pub fn check_new_password(
    password: &Password,
    context: &[&str],
    min_length: usize,
) -> Result<(), Vec<PasswordProblem>> {
    let mut problems = BTreeSet::new();
    let is = password.chars();
    if is < min_length {
        problems.insert(PasswordProblem::TooShort { min: min_length, is });
    }
    let guessed = estimate(password.expose(), &context_words(context));
    if guessed.cost < guesses_needed(min_length) {
        problems.extend(guessed.pieces.into_iter().filter_map(|piece| match piece {
            Piece::Character => None,
            Piece::Common => Some(PasswordProblem::Common),
            Piece::Context => Some(PasswordProblem::Context),
            Piece::Pattern => Some(PasswordProblem::Pattern),
        }));
        if problems.is_empty() {
            // Reached only with a minimum so small that even random characters are too few.
            problems.insert(PasswordProblem::Common);
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.into_iter().collect()) }
}

/// In tenths of a decimal digit: 10^10 guesses where the password stands alone, 10^6 beside a second factor,
/// where guessing is throttled and not enough. A random character counts ten, so a random password of the
/// allowed length is far above either.
const fn guesses_needed(min_length: usize) -> u32 {
    if min_length < MIN_LENGTH { 60 } else { 100 }
}

/// Lower case, whole and in parts, without what is too short to mean anything, bounded in number and length.
fn context_words(context: &[&str]) -> Vec<String> {
    let mut words = BTreeSet::new();
    for text in context {
        let text = text.to_lowercase();
        let parts = text.split(|c: char| !c.is_alphanumeric());
        for word in std::iter::once(text.as_str()).chain(parts) {
            if CONTEXT_WORD_CHARS.contains(&word.chars().count()) && words.len() < MAX_CONTEXT_WORDS {
                words.insert(word.to_owned());
            }
        }
    }
    words.into_iter().collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CONTEXT: [&str; 4] = ["ada.lovelace@northwind.example", "Ada Lovelace", "Northwind Traders", "Bulkhead"];

    fn problems(text: &str, min: usize) -> Vec<PasswordProblem> {
        let password = Password::try_from(text.to_owned()).unwrap();
        check_new_password(&password, &CONTEXT, min).err().unwrap_or_default()
    }

    #[test]
    fn good_passwords_pass() {
        for good in [
            "correct horse battery staple",
            "welcome to the jungle", // common words, but four of them
            "tz8#Lq0vRm-4kWp",
            "kvnqhwzrtbxmjdl",
            "пять жирных котов спят",
            "木漏れ日と夕立と麦わら帽子の午後",
            "🦀🐙🦑🐡🐠🐟🐬🐳🐋🦈🐊🐅🐆🦓🦍",
        ] {
            assert_eq!(problems(good, MIN_LENGTH), [], "{good}");
        }
        assert_eq!(problems("vq7Kd0xw", MIN_LENGTH_WITH_MFA), []);
    }

    #[test]
    fn the_first_guesses_are_refused_however_long() {
        for (bad, why) in [
            ("passwordpassword", PasswordProblem::Common),
            ("password12345678", PasswordProblem::Common),
            ("P@$$w0rdP@$$w0rd", PasswordProblem::Common),
            ("iloveyou iloveyou", PasswordProblem::Common),
            ("changemechangeme", PasswordProblem::Common),
            ("administrator123", PasswordProblem::Common),
            ("qwertyuiopasdfgh", PasswordProblem::Common),
            ("aaaaaaaaaaaaaaaaaaaa", PasswordProblem::Pattern),
            ("abcdefghijklmnopqrst", PasswordProblem::Pattern),
            ("123456789012345", PasswordProblem::Common),
            ("Summer2024Summer2024", PasswordProblem::Pattern),
            ("ああああああああああああああああ", PasswordProblem::Pattern),
            ("northwind2024northwind", PasswordProblem::Context),
            ("lovelacelovelace", PasswordProblem::Context),
            ("bulkheadbulkhead", PasswordProblem::Context),
            ("ada.lovelace@northwind.example", PasswordProblem::Context),
        ] {
            let found = problems(bad, MIN_LENGTH);
            assert!(found.contains(&why), "{bad}: {found:?}");
        }
    }

    #[test]
    fn length_is_counted_in_code_points() {
        assert_eq!(problems("ёжик-Ωμ8z·ñü4", MIN_LENGTH), [PasswordProblem::TooShort { min: 15, is: 13 }]);
        assert_eq!(problems("ёжик-Ωμ8z·ñü4", 13), []);
        assert_eq!(problems("", MIN_LENGTH), [PasswordProblem::TooShort { min: 15, is: 0 }]);
        let both = problems("hunter2", MIN_LENGTH);
        assert_eq!(both, [PasswordProblem::TooShort { min: 15, is: 7 }, PasswordProblem::Common]);
    }

    #[test]
    fn without_context_the_same_words_are_just_words() {
        let password = Password::try_from("lovelace northwind tulip".to_owned()).unwrap();
        assert_eq!(check_new_password(&password, &[], MIN_LENGTH), Ok(()));
        assert_eq!(
            check_new_password(&password, &CONTEXT, MIN_LENGTH),
            Err(vec![PasswordProblem::Context, PasswordProblem::Common])
        );
    }

    #[test]
    fn nothing_asks_for_kinds_of_characters() {
        for one_kind in ["vkqzwhtrnbxmjdl", "VKQZWHTRNBXMJDL", "804719265308417", "#^&*)_=~`?>.,;:"] {
            assert_eq!(problems(one_kind, MIN_LENGTH), [], "{one_kind}");
        }
    }

    #[test]
    fn sentences_never_repeat_the_password() {
        for problem in problems("northwind northwind", 30) {
            let shown = format!("{problem} {problem:?}");
            assert!(!shown.to_lowercase().contains("northwind"), "{shown}");
        }
    }

    #[test]
    fn hostile_text_is_cheap() {
        let look_alikes = "4@8({[</369&#!1/|0$5+7%2";
        problems("reads the list on first use", MIN_LENGTH);
        for hostile in [look_alikes.repeat(40), "1a".repeat(500), "12".repeat(500), "4@(1!|0$5+7".repeat(90)] {
            let started = std::time::Instant::now();
            problems(&hostile, MIN_LENGTH);
            assert!(started.elapsed().as_millis() < 250, "{:?}", started.elapsed());
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_text_is_judged_without_panic(text in "\\PC{0,80}", word in "\\PC{0,40}", min in 0_usize..40) {
            if let Ok(password) = Password::try_from(text) {
                let result = check_new_password(&password, &[&word], min);
                prop_assert!(password.chars() >= min || result.is_err());
            }
        }
    }
}

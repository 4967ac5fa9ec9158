//! Checked text: what a person typed, once it has been found fit to keep.
//!
//! Every newtype keeps the text as written and, where it is searched or compared, a normalised
//! form computed here and stored beside it: `lower()` and `ILIKE` are not leakproof in PostgreSQL
//! and lose their index under row-level security (docs/architecture.md).

use serde::{Deserialize, Serialize};
use std::fmt;
use unicode_normalization::UnicodeNormalization;

/// Why a text was refused, as a sentence for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct TextError(pub &'static str);

/// NFKC, lower case, NFKC again (lower-casing can denormalise): equal for what people call the same. Trimmed at the end
/// too, because NFKC makes spaces: `¯` becomes one with a mark on it.
pub fn normalise(text: &str) -> String {
    let text: String = text.nfkc().collect::<String>().to_lowercase().nfkc().collect();
    text.trim().to_owned()
}

/// Control characters, bidirectional overrides, zero-width and other invisible characters have no
/// place in a name: they make one thing look like another (E08, M02).
pub fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{00AD}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{180E}' | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{E0000}'..='\u{E007F}')
}

fn single_line(text: &str, max: usize, empty: &'static str, long: &'static str) -> Result<String, TextError> {
    let text: String = text.trim().nfc().collect();
    if text.is_empty() {
        return Err(TextError(empty));
    }
    if text.chars().count() > max {
        return Err(TextError(long));
    }
    if text.chars().any(is_deceptive) {
        return Err(TextError("Contains invisible or control characters. Type it again instead of pasting."));
    }
    Ok(text)
}

/// The same with a capital letter at the beginning, as a sentence has it.
#[must_use]
pub fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The same for what begins with a word of our own. A browser would download the capital letters of all scripts otherwise.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

macro_rules! text_type {
    ($name:ident) => {
        impl $name {
            /// As the person wrote it.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl std::str::FromStr for $name {
            type Err = TextError;
            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::parse(text)
            }
        }
        impl TryFrom<String> for $name {
            type Error = TextError;
            fn try_from(text: String) -> Result<Self, TextError> {
                Self::parse(&text)
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    };
}

/// An e-mail address: at most 254 characters (RFC 5321 4.5.3.1.3), ASCII, one `@`, a dotted domain.
///
/// Internationalised mailbox names are refused rather than folded: two addresses that look the same
/// must not be two accounts (CVE-2019-19844).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);
text_type!(Email);

impl Email {
    /// Checks and keeps an address.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        const SHAPE: TextError = TextError("Enter an e-mail address like name@example.com.");
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError("Enter an e-mail address."));
        }
        if text.len() > 254 {
            return Err(TextError("An e-mail address has at most 254 characters."));
        }
        let (local, domain) = text.split_once('@').ok_or(SHAPE)?;
        let local_ok = !local.is_empty()
            && local.len() <= 64
            && !local.starts_with('.')
            && !local.ends_with('.')
            && !local.contains("..")
            && local.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b));
        let domain_ok = domain.contains('.')
            && domain.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            });
        if local_ok && domain_ok { Ok(Self(text.to_owned())) } else { Err(SHAPE) }
    }

    /// The form addresses are compared in: lower case (ASCII only, by construction).
    pub fn norm(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

/// The name of an organization in URLs: 1 to 48 of a-z, 0-9 and inner hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);
text_type!(Slug);

/// Names that would read as a part of the product, or that the platform itself holds.
const RESERVED_SLUGS: &[&str] = &[
    "platform", "bulkhead", "op", "operator", "admin", "api", "login", "logout", "account", "system", "support",
    "security", "root", "www", "new",
];

impl Slug {
    /// Checks the shape. Whether it is free is asked of the database.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TextError("Enter a short name."));
        }
        if text.len() > 48 {
            return Err(TextError("A short name has at most 48 characters."));
        }
        let inner = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !inner || text.starts_with('-') || text.ends_with('-') {
            return Err(TextError("Use lower-case letters, digits and hyphens, with a letter or digit at both ends."));
        }
        Ok(Self(text.to_owned()))
    }

    /// Whether a new organization may not take this name.
    pub fn is_reserved(&self) -> bool {
        RESERVED_SLUGS.contains(&self.0.as_str())
    }
}

/// The display name of an organization: 1 to 120 characters on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct OrgName(String);
text_type!(OrgName);

impl OrgName {
    /// Checks and keeps a name (NFC, trimmed).
    pub fn parse(text: &str) -> Result<Self, TextError> {
        single_line(text, 120, "Enter a name.", "A name has at most 120 characters.").map(Self)
    }

    /// The form names are searched and sorted in.
    pub fn norm(&self) -> String {
        normalise(&self.0)
    }
}

/// A person's name as they want to be called: up to 120 characters on one line, or nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UserName(String);
text_type!(UserName);

impl UserName {
    /// Checks and keeps a name (NFC, trimmed); empty is a name not given.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        single_line(text, 120, "", "A name has at most 120 characters.").map(Self)
    }

    /// The form names are searched and sorted in.
    pub fn norm(&self) -> String {
        normalise(&self.0)
    }
}

/// What an organization calls a role of its own: 1 to 60 characters on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleName(String);
text_type!(RoleName);

impl RoleName {
    /// Checks and keeps a name (NFC, trimmed). Whether it looks like another one is asked where all of them are known.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        single_line(text, 60, "Enter a name.", "The name of a role has at most 60 characters.").map(Self)
    }
}

/// What an organization calls two duties that exclude each other.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DutyConflictName(String);
text_type!(DutyConflictName);

impl DutyConflictName {
    /// Checks and keeps a name (NFC, trimmed). Whether it looks like another one is asked where all of them are known.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        single_line(text, 60, "Enter a name.", "The name of a conflict has at most 60 characters.").map(Self)
    }
}

/// A workspace's name, unique in its organization.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WorkspaceName(String);
text_type!(WorkspaceName);

impl WorkspaceName {
    /// Checks and keeps a name (NFC, trimmed). Whether it looks like another one is asked where all of them are known.
    pub fn parse(text: &str) -> Result<Self, TextError> {
        single_line(text, 60, "Enter a name.", "The name of a workspace has at most 60 characters.").map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_people_use_are_kept() {
        for good in ["ana@acme.com", "A.B+tag@mail.example.co.uk", " x_y@a-b.io "] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        assert_eq!(Email::parse("Ana@Acme.COM").map(|e| e.norm()), Ok("ana@acme.com".into()));
    }

    #[test]
    fn addresses_that_would_confuse_are_refused() {
        for bad in [
            "",
            "ana",
            "ana@",
            "@acme.com",
            "ana@acme",
            "a b@acme.com",
            "mıke@acme.com",
            "a@b@c.com",
            "ana@acme.com\nBcc: x@y.z",
            "ana@acme..com",
            ".ana@acme.com",
            "ana@-acme.com",
            "ana@acme.com.",
            "\"a\"@acme.com",
            "ana@[127.0.0.1]",
        ] {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Email::parse(&format!("{}@acme.com", "a".repeat(250))).is_err());
    }

    #[test]
    fn names_keep_their_script_and_lose_their_tricks() {
        assert_eq!(OrgName::parse("  Ærø Ørsted & Søn ").map(|n| n.to_string()), Ok("Ærø Ørsted & Søn".into()));
        for bad in ["", "   ", "Ac\u{200B}me", "Acme\u{202E}moc", "Ac\nme", "Ac\0me"] {
            assert!(OrgName::parse(bad).is_err(), "{bad:?}");
        }
        assert!(OrgName::parse(&"é".repeat(120)).is_ok());
        assert!(OrgName::parse(&"é".repeat(121)).is_err());
        assert_eq!(normalise("Ｆull Ｗidth K"), "full width k");
    }

    #[test]
    fn slugs_are_plain() {
        assert!(Slug::parse("acme-2").is_ok());
        for bad in ["", "-a", "a-", "Acme", "a_b", "a b", "ａcme", "a/b"] {
            assert!(Slug::parse(bad).is_err(), "{bad:?}");
        }
        assert!(Slug::parse("platform").is_ok_and(|s| s.is_reserved()));
    }

    proptest! {
        #[test]
        fn no_input_panics(text in ".*") {
            let _ = (Email::parse(&text), Slug::parse(&text), OrgName::parse(&text), UserName::parse(&text));
        }

        #[test]
        fn normalising_twice_changes_nothing(text in ".*") {
            let once = normalise(&text);
            prop_assert_eq!(normalise(&once), once);
        }
    }
}

//! Names that look alike are one name.

use bulkhead_model::{text::normalise, user::Role};
use unicode_security::skeleton;

/// What all names have in common that people take for this one: the skeleton of Unicode's UTS #39, section 4, of the
/// name in lower case and without its spaces.
pub(crate) fn key(name: &str) -> String {
    let folded: String = normalise(name).split_whitespace().collect();
    // Twice, because lower case brings back letters that the first skeleton was about.
    normalise(&skeleton(&folded).collect::<String>())
}

/// Whether a name would be taken for a built-in role's.
pub(super) fn is_built_in(key_of_name: &str) -> bool {
    Role::ALL.iter().any(|role| key(role.label()) == key_of_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_a_built_in_role_is_one() {
        for alike in ["Admin", " ADMIN ", "аdmin", "Аdmin", "adm\u{131}n", "Ａdmin", "A dmin", "ɑdmin"] {
            assert!(is_built_in(&key(alike)), "{alike}");
        }
        for other in ["Administrator", "Billing admin", "Auditor", "Used"] {
            assert!(!is_built_in(&key(other)), "{other}");
        }
    }

    #[test]
    fn names_that_differ_keep_apart() {
        assert_ne!(key("Support"), key("Sales"));
        assert_eq!(key("Support"), key("suppоrt"));
    }
}

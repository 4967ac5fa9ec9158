//! The list of common passwords (`data/README.md` says where it comes from), sorted for lookup on first use.

use std::sync::LazyLock;

const LIST: &str = include_str!("../data/common-passwords.txt");

/// Words with their rank (0 is the most frequent), in alphabetical order. About 1 MB, built in milliseconds.
static SORTED: LazyLock<Vec<(&'static str, u32)>> = LazyLock::new(|| {
    let mut words: Vec<_> = LIST.lines().zip(0..).collect();
    words.sort_unstable();
    words
});

/// What the list says about a piece of text.
pub(crate) struct Found {
    /// The rank, if this is an entry.
    pub(crate) rank: Option<u32>,
    /// Whether any entry begins with this: if not, longer text need not be asked about.
    pub(crate) is_prefix: bool,
}

/// Looks up `text`, in lower case.
pub(crate) fn find(text: &str) -> Found {
    let at = SORTED.partition_point(|(word, _)| *word < text);
    match SORTED.get(at) {
        Some((word, rank)) => Found { rank: (*word == text).then_some(*rank), is_prefix: word.starts_with(text) },
        None => Found { rank: None, is_prefix: false },
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_list_has_the_expected_form() {
        let words: Vec<_> = LIST.lines().collect();
        assert!(words.len() > 40_000);
        assert_eq!(words.iter().collect::<HashSet<_>>().len(), words.len(), "no word twice");
        for word in words {
            assert!(word.len() >= 4 && *word == word.to_lowercase() && word.trim() == word, "{word}");
        }
    }

    #[test]
    fn finds_entries_prefixes_and_nothing() {
        assert_eq!(find("123456").rank, Some(0));
        assert_eq!(find("password").rank, Some(1));
        let prefix = find("passwordstandar");
        assert!(prefix.rank.is_none() && prefix.is_prefix);
        for absent in ["passwordx#", "~~~~~", "\u{10ffff}"] {
            let found = find(absent);
            assert!(found.rank.is_none() && !found.is_prefix, "{absent}");
        }
        assert!(find("").is_prefix);
    }
}

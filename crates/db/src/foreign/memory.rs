//! Facts that were read once, for as long as nothing changed.
//!
//! Writing a large catalogue out takes PostgreSQL most of a second, asking whether anything in it was written to some
//! hundredths of one. So every look asks, and reads anew only where the answer is another one. What is remembered is
//! never shown without asking: there is no age at which it is taken on trust.

use std::sync::{Arc, Mutex, PoisonError};

use bulkhead_model::isolation::Catalogue;
use bulkhead_rls::{Profile, catalogue::RowVersions};

/// How many catalogues are kept. One of 500 tables and 5,000 policies takes some megabytes.
const KEPT: usize = 4;

/// The catalogues that a process looked at last. Cloning it is cheap, and gives the same one.
#[derive(Clone, Default)]
pub struct Memory(Arc<Mutex<Vec<Remembered>>>);

struct Remembered {
    place: String,
    profile: Profile,
    versions: RowVersions,
    catalogue: Catalogue,
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

impl Memory {
    /// What was read at `place` by this profile while its rows had these versions.
    pub(super) fn recall(&self, place: &str, profile: &Profile, versions: &RowVersions) -> Option<Catalogue> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_it = |of: &Remembered| of.place == place && of.profile == *profile && of.versions == *versions;
        let found = kept.iter().position(is_it)?;
        kept[..=found].rotate_right(1);
        Some(kept[0].catalogue.clone())
    }

    /// Keeps it in place of what was read there before; the one that was looked at longest ago has to go.
    pub(super) fn keep(&self, place: &str, profile: &Profile, versions: RowVersions, catalogue: &Catalogue) {
        let catalogue = catalogue.clone();
        let new = Remembered { place: place.to_owned(), profile: profile.clone(), versions, catalogue };
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|old| old.place != new.place || old.profile != new.profile);
        kept.insert(0, new);
        kept.truncate(KEPT);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(tenant_column: &str) -> Profile {
        Profile::new(vec![tenant_column.to_owned()], "app.org_id", Vec::new())
    }

    fn catalogue(database: &str) -> Catalogue {
        Catalogue {
            server_version: "15.18".to_owned(),
            server_version_num: 150_018,
            database: database.to_owned(),
            tables: Vec::new(),
            roles: Vec::new(),
            schemas: Vec::new(),
            functions: Vec::new(),
            sequences: Vec::new(),
        }
    }

    #[test]
    fn what_is_recalled_is_of_this_place_this_profile_and_these_versions() {
        let (memory, org_id, versions) = (Memory::default(), profile("org_id"), RowVersions::of("1"));
        memory.keep("a@one", &org_id, versions.clone(), &catalogue("one"));
        assert_eq!(memory.clone().recall("a@one", &org_id, &versions), Some(catalogue("one")));
        assert_eq!(memory.recall("a@two", &org_id, &versions), None);
        assert_eq!(memory.recall("a@one", &profile("tenant_id"), &versions), None);
        assert_eq!(memory.recall("a@one", &org_id, &RowVersions::of("2")), None);
        memory.keep("a@one", &org_id, RowVersions::of("2"), &catalogue("newer"));
        assert_eq!(memory.recall("a@one", &org_id, &versions), None, "the newer one took its place");
    }

    #[test]
    fn the_one_that_was_looked_at_longest_ago_goes() {
        let (memory, org_id, versions) = (Memory::default(), profile("org_id"), RowVersions::of("1"));
        let keep = |place: &str| memory.keep(place, &org_id, versions.clone(), &catalogue(place));
        let knows = |place: &str| memory.recall(place, &org_id, &versions).is_some();
        (0..KEPT).for_each(|n| keep(&n.to_string()));
        assert!(knows("0"), "looked at again");
        keep("another");
        assert!(knows("0") && !knows("1") && knows("2") && knows("another"));
    }
}

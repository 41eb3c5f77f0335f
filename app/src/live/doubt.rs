//! Which of two versions is the newer, and when a database is believed that it went back.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
};

use crate::domain::{Id, state::Version};

/// After this many polls that say the same, an older version is believed: the database was
/// restored.
const BELIEVED: u32 = 3;

/// Versions older than what is shown, and how often in a row they were seen.
#[derive(Debug, Default)]
pub struct Doubts(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    seen: HashMap<Id, (Version, u32)>,
    restored: HashSet<Id>,
}

impl Doubts {
    /// What is shown is what the database holds: there is nothing to doubt.
    pub fn believe(&self, page: &Id) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).seen.remove(page);
    }

    /// Whether what was found goes before what is shown. A higher revision does; a lower one, or the
    /// same with another commit, when it was seen several times in a row.
    pub fn supersedes(&self, found: &Version, shown: &Version, page: &Id) -> bool {
        let mut doubts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if found.revision > shown.revision || found == shown {
            doubts.seen.remove(page);
            return found != shown;
        }
        let seen = doubts.seen.entry(page.clone()).or_insert_with(|| (found.clone(), 0));
        // It may be written to while it is doubted.
        *seen = (found.clone(), seen.1 + 1);
        let believed = seen.1 >= BELIEVED;
        if believed {
            tracing::warn!(page.id = %page, page.revision = found.revision, shown.revision = shown.revision,
                "the database went back to an older state, and the page goes with it");
            doubts.seen.remove(page);
            doubts.restored.insert(page.clone());
        }
        believed
    }

    /// Whether the page was just believed to have gone back; asked once.
    pub fn is_restored(&self, page: &Id) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).restored.remove(page)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::id;

    fn version(revision: i64, commit: &str) -> Version {
        Version { revision, commit: id(commit) }
    }

    #[test]
    fn an_older_version_is_believed_when_it_stays() {
        let (doubts, page, shown) = (Doubts::default(), id("page"), version(7, "a"));
        for older in [version(6, "z"), version(7, "b")] {
            let believed = [(); 3].map(|()| doubts.supersedes(&older, &shown, &page));
            assert_eq!(believed, [false, false, true], "{older:?}");
            assert_eq!([doubts.is_restored(&page), doubts.is_restored(&page)], [true, false]);
        }
    }

    #[test]
    fn one_that_is_written_to_meanwhile_is_believed_too() {
        let (doubts, page, shown) = (Doubts::default(), id("page"), version(7, "a"));
        let found = [version(4, "x"), version(5, "y"), version(6, "z")];
        assert_eq!(found.map(|found| doubts.supersedes(&found, &shown, &page)), [false, false, true]);
    }

    #[test]
    fn what_was_seen_again_is_not_doubted_any_more() {
        let (doubts, page, shown) = (Doubts::default(), id("page"), version(7, "a"));
        for _ in 0..5 {
            assert!(!doubts.supersedes(&version(6, "z"), &shown, &page));
            doubts.believe(&page);
        }
        assert!(doubts.supersedes(&version(8, "c"), &shown, &page) && !doubts.is_restored(&page));
        assert!(!doubts.supersedes(&shown, &shown, &page));
    }
}

//! Which of two versions is the newer, and when a database is believed that it went back.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    clock,
    domain::{Id, state::Version},
};

/// After this many polls that say the same, over this time, an older version is believed: the database
/// was restored. Polls may come all at once, as when a connection is made anew.
const BELIEVED: u32 = 3;
const BELIEVED_AFTER: Duration = Duration::from_secs(2);

/// Versions older than what is shown: since when, and how often in a row they were seen.
#[derive(Debug, Default)]
pub struct Doubts(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    seen: HashMap<Id, (Instant, u32)>,
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
        // It may be written to while it is doubted.
        let (since, times) = doubts.seen.entry(page.clone()).or_insert_with(|| (clock::instant(), 0));
        *times += 1;
        let believed = *times >= BELIEVED && since.elapsed() >= BELIEVED_AFTER;
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

    #[tokio::test(start_paused = true)]
    async fn an_older_version_is_believed_when_it_stays() {
        let (doubts, page, shown) = (Doubts::default(), id("page"), version(7, "a"));
        for older in [version(6, "z"), version(7, "b")] {
            for _ in 0..5 {
                assert!(!doubts.supersedes(&older, &shown, &page), "all at once: {older:?}");
            }
            tokio::time::advance(BELIEVED_AFTER).await;
            assert!(doubts.supersedes(&older, &shown, &page), "{older:?}");
            assert_eq!([doubts.is_restored(&page), doubts.is_restored(&page)], [true, false]);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_that_is_written_to_meanwhile_is_believed_too() {
        let (doubts, page, shown) = (Doubts::default(), id("page"), version(7, "a"));
        for (found, is_believed) in
            [(version(4, "x"), false), (version(5, "y"), false), (version(6, "z"), true)]
        {
            assert_eq!(doubts.supersedes(&found, &shown, &page), is_believed, "{found:?}");
            tokio::time::advance(Duration::from_secs(1)).await;
        }
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

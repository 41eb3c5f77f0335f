//! A start without the database.

use std::fmt;

use super::{LastGood, Refresher};
use crate::wire::kept::{self, Kept, Unusable};

/// From where the first light came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    Database,
    Redis,
    Sibling,
    /// The file that the last run left.
    LastRun,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Database => "database",
            Self::Redis => "redis",
            Self::Sibling => "sibling",
            Self::LastRun => "last_run",
        })
    }
}

impl Refresher {
    /// Shows what is still held elsewhere, if anything is: of each page what is held nearest, and nothing
    /// in the place of a page that is known and held nowhere.
    pub async fn light_without_database(&self) -> Option<Source> {
        let left = self.left();
        let shared = self.sharing.pages().await;
        let named = left.iter().map(|kept| &kept.state.page.id);
        self.site.know(shared.iter().chain(named).cloned());
        let mut source = self.show_kept(self.sharing.states(&shared).await).await.then_some(Source::Redis);
        if !self.site.is_whole()
            && let Some(siblings) = &self.parts.siblings
        {
            let theirs = siblings.ask().await;
            self.site.know(
                self.site.known().into_iter().chain(theirs.iter().map(|one| one.state.page.id.clone())),
            );
            source = source.or(self.show_kept(theirs).await.then_some(Source::Sibling));
        }
        if !self.site.is_whole() {
            source = source.or(self.show_kept(left).await.then_some(Source::LastRun));
        }
        source
    }

    /// What the last run left.
    fn left(&self) -> Vec<Kept> {
        let left = self.parts.last_good.as_ref().map(LastGood::read).transpose();
        left.map(Option::unwrap_or_default).unwrap_or_else(|error| {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "what the last run left is of no use");
            vec![]
        })
    }

    /// This run ends: what is shown is left for the next.
    pub fn leave(&self) {
        if let Some(last_good) = &self.parts.last_good {
            last_good.write(&self.site, |page| self.confirmed_at(page), self.parts.store.now());
        }
    }

    /// Has what is shown kept for the next run.
    pub(super) fn keep(&self) {
        if let Some(last_good) = &self.parts.last_good {
            last_good.note(&self.site, |page| self.confirmed_at(page), self.parts.store.now());
        }
    }

    /// All that is shown, for a sibling.
    pub fn pack(&self) -> Result<Vec<u8>, Unusable> {
        let snapshots: Vec<_> = self.site.ids().iter().filter_map(|id| self.site.get(id)).collect();
        kept::pack(snapshots.iter().map(|snapshot| {
            let confirmed_at = self.confirmed_at(&snapshot.state.page.id);
            (&snapshot.state, confirmed_at.unwrap_or(snapshot.as_of))
        }))
    }

    /// Whether it lights a page.
    async fn show_kept(&self, kept: Vec<Kept>) -> bool {
        for Kept { state, confirmed_at } in kept {
            let page = state.page.id.clone();
            if self.shows(&page, state.version.revision) {
                continue;
            }
            if let Err(error) = self.show_unconfirmed(state, confirmed_at).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, page.id = %page, "a state could not be shown");
            }
        }
        self.site.is_lit()
    }
}

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
    /// Shows what is still held elsewhere, if anything is.
    pub async fn light_without_database(&self) -> Option<Source> {
        if self.show_kept(self.sharing.all().await).await {
            return Some(Source::Redis);
        }
        if let Some(siblings) = &self.parts.siblings
            && self.show_kept(siblings.ask().await).await
        {
            return Some(Source::Sibling);
        }
        let left = self.parts.last_good.as_ref().map(LastGood::read)?;
        match left {
            Ok(kept) => self.show_kept(kept).await.then_some(Source::LastRun),
            Err(error) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "what the last run left is of no use"
                );
                None
            }
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
            if let Err(error) = self.show_unconfirmed(state, confirmed_at).await {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, page.id = %page, "a state could not be shown");
            }
        }
        self.site.is_lit()
    }
}

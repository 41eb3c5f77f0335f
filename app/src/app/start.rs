//! The first light: from the database, and in an outage from whatever still holds a state.

use crate::{app::App, store::Result};

impl App {
    /// Shows what the database says. One page that can't be read does not keep the others dark.
    pub async fn light(&self) -> Result<()> {
        match self.refresher.poll().await {
            Err(error) if self.site.is_lit() => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page could not be read");
                Ok(())
            }
            polled => polled,
        }
    }

    /// Shows what Redis holds, what a sibling shows, or what the last run left, in this order. Says
    /// whether any of them lights a page; if not, it is dark until one of them or the database does.
    pub async fn light_without_database(&self) -> bool {
        let source = self.refresher.light_without_database().await;
        if let Some(source) = source {
            tracing::warn!(%source, "the page is shown as it was last known");
        }
        source.is_some()
    }
}

//! The first light: from the database, and in an outage from whatever still holds a state.

use crate::{app::App, live::Source, store::StoreError};

impl App {
    /// Shows what the database says; where it does not answer, what Redis holds, what a sibling
    /// shows, or what the last run left, in this order. Says which it was; none leaves the page dark
    /// until one of them answers.
    pub async fn light(&self) -> Result<Source, StoreError> {
        match self.refresher.poll().await {
            // One page that can't be read does not keep the others dark.
            Err(error) if self.site.is_lit() => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page could not be read");
                Ok(Source::Database)
            }
            Err(error) => match self.refresher.light_without_database().await {
                Some(source) => {
                    tracing::warn!(%source, "the page is shown as it was last known");
                    Ok(source)
                }
                None => Err(error),
            },
            Ok(()) => Ok(Source::Database),
        }
    }
}

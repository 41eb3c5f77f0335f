//! A database that holds another past than was shown: it was restored, or a standby took over.

use std::sync::PoisonError;

use super::{
    Refresher,
    refresh::{PATIENCE, in_time},
};
use crate::{
    domain::{Id, state::LiveState},
    wire::kept::Kept,
};

impl Refresher {
    /// The database holds another past than was shown: what was found of it is forgotten, and what was to be
    /// told may have been told.
    pub(super) async fn went_back(&self, page: &Id) {
        self.parts.health.went_back();
        self.site.archive().forget();
        self.to_hold.lock().unwrap_or_else(PoisonError::into_inner).insert(page.clone());
        self.hold().await;
    }

    /// Holds what was to be told before a database went back. What fails is tried again at the next poll.
    pub(super) async fn hold(&self) {
        let pages: Vec<Id> =
            self.to_hold.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        for page in pages {
            match in_time(PATIENCE, self.parts.store.record().hold_notifications(&page)).await {
                Ok(_) => {
                    self.to_hold.lock().unwrap_or_else(PoisonError::into_inner).remove(&page);
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, page.id = %page, "what was to be told before is not held yet");
                }
            }
        }
    }

    /// Compares what the database says with what the last run left, once: it may have been restored while
    /// nobody looked.
    pub(super) async fn look_back(&self) {
        let Some(last_good) = self.parts.last_good.clone().filter(|last_good| !last_good.has_begun()) else {
            return;
        };
        let file = last_good.clone();
        let left = tokio::task::spawn_blocking(move || file.read()).await;
        // Asked for after that: the file may be one that others write to.
        let Ok(versions) = in_time(PATIENCE, self.parts.store.versions()).await else { return };
        // What is of no use says nothing.
        for Kept { state: LiveState { page, version, .. }, .. } in
            left.ok().and_then(Result::ok).unwrap_or_default()
        {
            let held = versions.iter().find(|(id, _)| *id == page.id).map(|(_, held)| held);
            if held.is_some_and(|held| *held != version && held.revision <= version.revision) {
                tracing::warn!(page.id = %page.id, last.revision = version.revision,
                    "the database went back to an older state since the last run");
                self.went_back(&page.id).await;
            }
        }
        last_good.begin();
    }
}

//! A database that holds another past than was shown: it was restored, or a standby took over.

use super::Refresher;
use crate::{
    domain::{Id, state::LiveState},
    store::Result,
    wire::kept::Kept,
};

impl Refresher {
    /// The database holds another past than was shown: what was found of it is forgotten, and what was to be
    /// told may have been told.
    pub(super) async fn went_back(&self, page: &Id) -> Result<()> {
        self.parts.health.went_back();
        self.site.archive().forget();
        self.parts.store.record().hold_notifications(page).await.map(drop)
    }

    /// Compares what the database says at the start of this run with what the last one left: it may have been
    /// restored while nobody looked.
    pub(super) async fn look_back(&self) {
        let Some(last_good) = self.parts.last_good.clone() else { return };
        let turn = self.busy.lock().await;
        let left = {
            let last_good = last_good.clone();
            tokio::task::spawn_blocking(move || last_good.read()).await
        };
        // What is of no use says nothing.
        for Kept { state: LiveState { page, version, .. }, .. } in
            left.ok().and_then(std::result::Result::ok).unwrap_or_default()
        {
            let shown = self.site.get(&page.id).map(|shown| shown.state.version.clone());
            let is_other = shown.is_some_and(|shown| shown != version && shown.revision <= version.revision);
            if is_other && self.parts.store.is_up() {
                tracing::warn!(page.id = %page.id, last.revision = version.revision,
                    "the database went back to an older state since the last run");
                if let Err(error) = self.went_back(&page.id).await {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, "what was to be told before could not be held");
                }
            }
        }
        last_good.begin();
        drop(turn);
    }
}

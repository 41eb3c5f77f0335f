//! The application: built once, shared by the server, the command line and the tests.

mod alerts;

use std::sync::Arc;

use crate::{
    clock::Clock,
    domain::Id,
    live::{Archive, Refresher, Site},
    store::{Actor, Committed, Result, Store},
    telemetry::Metrics,
};

/// Everything that runs.
#[derive(Clone, Debug)]
pub struct App {
    pub store: Store,
    pub site: Arc<Site>,
    pub refresher: Arc<Refresher>,
    pub metrics: Metrics,
    pub clock: Clock,
    /// The address of a page that has none of its own, without a slash at its end.
    pub own_url: String,
}

impl App {
    /// Builds it over a store whose schema is in order. `own_url` is the address of a page that
    /// has none of its own.
    pub fn new(store: Store, clock: Clock, own_url: &str, metrics: Metrics) -> Self {
        let site = Arc::new(Site::new(Archive::new(store.clone(), clock.clone()), own_url));
        let refresher = Arc::new(Refresher::new(store.clone(), site.clone(), clock.clone(), own_url));
        let own_url = own_url.trim_end_matches('/').to_owned();
        Self { store, site, refresher, metrics, clock, own_url }
    }

    /// Moves the maintenances that the clock moves now, each in a change of its own, and says how
    /// many. One that fails does not hold up the others.
    pub async fn move_maintenances(&self) -> Result<usize> {
        let (mut moved, mut failure) = (0, None);
        for (page, incident) in self.store.due_maintenances().await? {
            match self.move_maintenance(&page, &incident).await {
                Ok(was) => moved += usize::from(was),
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(moved), Err)
    }

    async fn move_maintenance(&self, page: &Id, incident: &Id) -> Result<bool> {
        let mut change = self.store.change(page, Actor::System).await?;
        if !change.transition(incident).await? {
            return Ok(false);
        }
        let committed = change.commit().await?;
        self.announce(&committed).await?;
        Ok(true)
    }

    /// Shows what was committed: who writes reads its own write.
    pub async fn announce(&self, committed: &Committed) -> Result<()> {
        self.refresher.refresh(&committed.page_id).await
    }
}

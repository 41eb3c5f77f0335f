//! The application: built once, shared by the server, the command line and the tests.

use std::sync::Arc;

use crate::{
    clock::Clock,
    live::{Archive, Refresher, Site},
    store::{Committed, Result, Store},
    telemetry::Metrics,
};

/// Everything that runs.
#[derive(Clone, Debug)]
pub struct App {
    pub store: Store,
    pub site: Arc<Site>,
    pub refresher: Arc<Refresher>,
    pub metrics: Metrics,
}

impl App {
    /// Builds it over a store whose schema is in order. `own_url` is the address of a page that
    /// has none of its own.
    pub fn new(store: Store, clock: Clock, own_url: &str, metrics: Metrics) -> Self {
        let site = Arc::new(Site::new(Archive::new(store.clone(), clock.clone()), own_url));
        let refresher = Arc::new(Refresher::new(store.clone(), site.clone(), clock, own_url));
        Self { store, site, refresher, metrics }
    }

    /// Shows what was committed: who writes reads its own write.
    pub async fn announce(&self, committed: &Committed) -> Result<()> {
        self.refresher.refresh(&committed.page_id).await
    }
}

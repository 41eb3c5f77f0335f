//! Keeping snapshots up to date: after a change at once, and by asking for versions now and then.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use super::{Site, Snapshot};
use crate::{
    clock::Clock,
    domain::{
        Id,
        state::{LiveState, Version},
    },
    store::{Result, Store, StoreError},
};

/// How often the versions are asked for. Another process may have written, and the clock goes on.
const POLL: Duration = Duration::from_secs(1);
/// After this many polls that say the same, an older version is believed: the database was
/// restored.
const BELIEVED: u32 = 3;

/// Reads states from the store and puts snapshots into the site.
#[derive(Debug)]
pub struct Refresher {
    store: Store,
    site: Arc<Site>,
    clock: Clock,
    /// The address of a page that has none of its own.
    own_url: String,
    /// Versions older than what is shown, and how often in a row they were seen.
    doubted: Mutex<HashMap<Id, (Version, u32)>>,
    /// One refresh at a time, so that a slow one never overtakes a later one.
    busy: tokio::sync::Mutex<()>,
}

impl Refresher {
    pub fn new(store: Store, site: Arc<Site>, clock: Clock, own_url: &str) -> Self {
        let own_url = own_url.trim_end_matches('/').to_owned();
        Self { store, site, clock, own_url, doubted: Mutex::default(), busy: tokio::sync::Mutex::new(()) }
    }

    /// Reads a page and shows it, unless what is shown is as new.
    pub async fn refresh(&self, page_id: &Id) -> Result<()> {
        let _turn = self.busy.lock().await;
        let state = self.store.load(page_id, &self.own_url).await?;
        let shown = self.site.get(page_id);
        if shown.is_some_and(|shown| !self.supersedes(&state.version, &shown.state.version, page_id)) {
            return Ok(());
        }
        self.show(state).await;
        Ok(())
    }

    /// Asks for all versions and refreshes what is out of date; moves on with the clock what is not.
    pub async fn poll(&self) -> Result<()> {
        let versions: HashMap<Id, Version> = self.store.versions().await?.into_iter().collect();
        for gone in self.site.ids().iter().filter(|id| !versions.contains_key(*id)) {
            self.site.remove(gone);
        }
        for (page_id, version) in &versions {
            match self.site.get(page_id) {
                Some(shown) if shown.state.version == *version => self.move_on(&shown).await,
                _ => self.refresh_if_there(page_id).await?,
            }
        }
        Ok(())
    }

    /// Polls until it is dropped. A database that does not answer is said once, not each second.
    pub async fn run(&self) {
        let mut away = false;
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match self.poll().await {
                Ok(()) if away => tracing::info!("the database answers again"),
                Err(error) if !away => {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the page stays as it was last known"
                    );
                    away = true;
                    continue;
                }
                Err(_) => continue,
                Ok(()) => {}
            }
            away = false;
        }
    }

    async fn refresh_if_there(&self, page_id: &Id) -> Result<()> {
        match self.refresh(page_id).await {
            Err(StoreError::NotFound(_)) => Ok(()),
            outcome => outcome,
        }
    }

    /// A higher revision is newer. A lower one, or the same with another commit, is believed when
    /// it was seen several times in a row.
    fn supersedes(&self, found: &Version, shown: &Version, page_id: &Id) -> bool {
        let mut doubted = self.doubted.lock().unwrap_or_else(PoisonError::into_inner);
        if found.revision > shown.revision || found == shown {
            doubted.remove(page_id);
            return found != shown;
        }
        let seen = doubted.entry(page_id.clone()).or_insert_with(|| (found.clone(), 0));
        *seen = if seen.0 == *found { (found.clone(), seen.1 + 1) } else { (found.clone(), 1) };
        let believed = seen.1 >= BELIEVED;
        if believed {
            tracing::warn!(page.id = %page_id, page.revision = found.revision, shown.revision = shown.revision,
                "the database went back to an older state, and the page goes with it");
            doubted.remove(page_id);
        }
        believed
    }

    /// Renders anew what the clock has changed.
    async fn move_on(&self, shown: &Arc<Snapshot>) {
        if shown.state.moment(self.clock.now()) <= shown.as_of {
            return;
        }
        let _turn = self.busy.lock().await;
        // Somebody may have shown a newer state while this waited for its turn.
        let current = self.site.get(&shown.state.page.id);
        if current.is_some_and(|current| Arc::ptr_eq(&current, shown)) {
            self.show(shown.state.clone()).await;
        }
    }

    async fn show(&self, state: LiveState) {
        let as_of = state.moment(self.clock.now());
        match tokio::task::spawn_blocking(move || Snapshot::new(state, as_of)).await {
            Ok(snapshot) => self.site.put(Arc::new(snapshot)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page could not be rendered")
            }
        }
    }
}

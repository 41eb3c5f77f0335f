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
/// How long the store may take for one answer.
const PATIENCE: Duration = Duration::from_secs(10);
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
        let fresh = self.newer(page_id).await?;
        self.site.swap(fresh.into_iter().collect(), &[]);
        Ok(())
    }

    /// Asks for all versions, reads what is out of date and renders anew what the clock has changed.
    /// What can be shown is shown, all at once; the first failure is told.
    pub async fn poll(&self) -> Result<()> {
        let _turn = self.busy.lock().await;
        let versions = match in_time(self.store.versions()).await {
            Ok(versions) => versions.into_iter().collect::<HashMap<Id, Version>>(),
            Err(error) => {
                self.move_all_on().await;
                return Err(error);
            }
        };
        let (mut fresh, mut failure) = (vec![], None);
        for (page_id, version) in &versions {
            let found = match self.site.get(page_id) {
                Some(shown) if shown.state.version == *version => {
                    self.believe(page_id);
                    Ok(self.moved_on(&shown).await)
                }
                _ => self.newer(page_id).await,
            };
            match found {
                Ok(snapshot) => fresh.extend(snapshot),
                // It went between the two questions.
                Err(StoreError::NotFound(_)) => {}
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        let gone: Vec<Id> = self.site.ids().into_iter().filter(|id| !versions.contains_key(id)).collect();
        if versions.is_empty() && !gone.is_empty() {
            // A database that is being restored is empty for a while: what is lit stays lit.
            self.move_all_on().await;
            return Err(StoreError::NotFound("any page in the database".into()));
        }
        self.site.swap(fresh, &gone);
        failure.map_or(Ok(()), Err)
    }

    /// The clock goes on also while the store is away.
    async fn move_all_on(&self) {
        let mut fresh = vec![];
        for shown in self.site.ids().iter().filter_map(|id| self.site.get(id)) {
            fresh.extend(self.moved_on(&shown).await);
        }
        self.site.swap(fresh, &[]);
    }

    /// What is shown is what the database holds: there is nothing to doubt.
    fn believe(&self, page_id: &Id) {
        self.doubted.lock().unwrap_or_else(PoisonError::into_inner).remove(page_id);
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
            self.site.archive().forget();
        }
        believed
    }

    /// A snapshot of a page, if it is newer than what is shown.
    async fn newer(&self, page_id: &Id) -> Result<Option<Arc<Snapshot>>> {
        let state = in_time(self.store.load(page_id, &self.own_url)).await?;
        let shown = self.site.get(page_id);
        let is_newer =
            shown.is_none_or(|shown| self.supersedes(&state.version, &shown.state.version, page_id));
        Ok(if is_newer { self.render(state).await } else { None })
    }

    /// The same state at a later moment, if the clock has changed what it says.
    async fn moved_on(&self, shown: &Snapshot) -> Option<Arc<Snapshot>> {
        if shown.state.moment(self.clock.now()) > shown.as_of {
            return self.render(shown.state.clone()).await;
        }
        None
    }

    async fn render(&self, state: LiveState) -> Option<Arc<Snapshot>> {
        let as_of = state.moment(self.clock.now());
        match tokio::task::spawn_blocking(move || Snapshot::new(state, as_of)).await {
            Ok(snapshot) => Some(Arc::new(snapshot)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page could not be rendered");
                None
            }
        }
    }
}

async fn in_time<T>(question: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(PATIENCE, question).await.unwrap_or(Err(StoreError::TimedOut))
}

//! Keeping snapshots up to date: after a change at once, when another replica announces one, and by
//! asking the database for versions each second.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{runtime::Handle, sync::MutexGuard};
use tracing::Instrument;

use super::{LastGood, Siblings, Site, Snapshot, doubt::Doubts, share::Sharing};
use crate::{
    cache::Cache,
    clock::Clock,
    domain::{
        Id,
        certainty::Certainty,
        state::{LiveState, Version},
    },
    store::{Committed, Result, Store, StoreError},
    telemetry::{Health, traces},
};

/// How often the versions are asked for. Another process may have written, and the clock goes on.
const POLL: Duration = Duration::from_secs(1);
/// How long the database may take to tell the versions, and to tell a whole page.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);
const LONG_PATIENCE: Duration = Duration::from_secs(10);
/// How often the database's clock is compared with this machine's, in polls.
const CLOCK_EVERY: u32 = 60;
/// How long who writes waits for its own write to be shown.
const OWN_PATIENCE: Duration = Duration::from_secs(1);

/// What a refresher is made of.
#[derive(Debug)]
pub struct Parts {
    pub store: Store,
    pub cache: Option<Cache>,
    pub clock: Clock,
    /// The address of a page that has none of its own.
    pub own_url: String,
    /// How old a state may be and still be told as the state of things.
    pub stale_after: TimeDelta,
    /// Where the last good state is kept.
    pub last_good: Option<LastGood>,
    pub health: Health,
    /// The other replicas.
    pub siblings: Option<Siblings>,
}

/// Reads states and puts snapshots into the site. One of the replicas reads a state from the
/// database, the others what it shares.
#[derive(Debug)]
pub struct Refresher {
    pub(super) parts: Parts,
    pub(super) site: Arc<Site>,
    pub(super) sharing: Sharing,
    doubts: Doubts,
    /// When the database was last heard to hold what is shown.
    confirmed: Mutex<HashMap<Id, DateTime<Utc>>>,
    /// The pages whose notifications of before are still to be held, since the database went back.
    pub(super) to_hold: Mutex<HashSet<Id>>,
    /// One refresh at a time, so that a slow one never overtakes a later one.
    busy: tokio::sync::Mutex<()>,
    /// Where the connections to the database live.
    runtime: Handle,
}

impl Refresher {
    /// To be called within the runtime that the store was connected in.
    pub fn new(parts: Parts, site: Arc<Site>) -> Self {
        Self {
            sharing: Sharing::new(parts.cache.clone(), parts.health.clone()),
            parts,
            site,
            doubts: Doubts::default(),
            confirmed: Mutex::default(),
            to_hold: Mutex::default(),
            busy: tokio::sync::Mutex::new(()),
            runtime: Handle::current(),
        }
    }

    /// Shows what was just committed here, and shares it with the other replicas. Who commits waits
    /// for it, but not long: it is written, and shown in any case.
    pub async fn show(self: &Arc<Self>, committed: &Committed) -> Result<()> {
        let (refresher, page, version) = (self.clone(), committed.page_id.clone(), committed.version.clone());
        let work = async move { refresher.show_own(&page, &version).await };
        let shown = self.runtime.spawn(work.in_current_span());
        match tokio::time::timeout(OWN_PATIENCE, shown).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) | Err(_) => Err(StoreError::TimedOut),
        }
    }

    async fn show_own(&self, page: &Id, version: &Version) -> Result<()> {
        let turn = self.busy.lock().await;
        if self.shows(page, version.revision) {
            // Who came after has read this one's change along with its own, and announced that; who polls
            // or hears of it by the database announces nothing.
            if self.site.get(page).is_some_and(|shown| shown.state.version == *version) {
                self.sharing.announce(page.clone(), version.clone()).await;
            }
            return Ok(());
        }
        let state = self.load(page).await?;
        let found = state.version.clone();
        let shared = self.sharing.share(self.sharing.pack(&state, self.parts.store.now()), true);
        // The others may read on while it is rendered here.
        let (outcome, ()) = tokio::join!(self.take(&turn, state, None), shared);
        self.keep();
        tracing::debug!(page.id = %page, page.revision = found.revision, "a change is shown");
        outcome.map(drop)
    }

    /// Another replica, or another process, says that a page is at a version: shows it, unless what
    /// is shown is as new.
    /// `trace` is the one that the change belongs to.
    pub async fn hear(&self, page: &Id, version: &Version, trace: Option<&str>) -> Result<()> {
        let turn = self.busy.lock().await;
        if self.shows(page, version.revision) {
            return Ok(());
        }
        let span = tracing::info_span!(
            "refresh",
            otel.kind = "consumer",
            page.id = %page,
            page.revision = version.revision
        );
        traces::go_on(&span, trace);
        let brought = async {
            self.bring(&turn, page, version).await?;
            self.keep();
            tracing::debug!(page.id = %page, page.revision = version.revision, "news is shown");
            Ok(())
        };
        brought.instrument(span).await
    }

    /// Asks for all versions, reads what is out of date and renders anew what the clock has changed.
    /// What can be shown is shown; the first failure is told.
    pub async fn poll(&self) -> Result<()> {
        let turn = self.busy.lock().await;
        let versions = in_time(PATIENCE, self.parts.store.versions()).await;
        self.parts.store.watched(&versions);
        let versions: HashMap<Id, Version> = match versions {
            Ok(versions) => versions.into_iter().collect(),
            Err(error) => {
                self.do_without(&turn).await;
                return Err(error);
            }
        };
        let gone: Vec<Id> = self.site.ids().into_iter().filter(|id| !versions.contains_key(id)).collect();
        if versions.is_empty() && !gone.is_empty() {
            // A database that is being restored is empty for a while: what is lit stays lit.
            self.move_on(&turn).await;
            return Err(StoreError::NotFound("any page in the database".into()));
        }
        let (mut fresh, mut failure, mut lacks) = (vec![], None, false);
        for (page, version) in &versions {
            match self.confirm(&turn, page, version).await {
                Ok(snapshot) => fresh.extend(snapshot),
                // It went between the two questions.
                Err(StoreError::NotFound(_)) => {}
                Err(error) => {
                    lacks |= self.site.get(page).is_none();
                    failure = failure.or(Some(error));
                }
            }
        }
        if lacks && !gone.is_empty() {
            // What takes the place of a page can't be shown yet, so that one stays.
            self.site.swap(fresh, &[]);
            return failure.map_or(Ok(()), Err);
        }
        // At one stroke: a page that gives way to another leaves no moment without one.
        self.swap(fresh, &gone);
        if !versions.is_empty() {
            // Not before: a page that is new is not missing yet.
            self.site.know(versions.keys().cloned());
        }
        self.sharing.forget(&gone).await;
        self.hold().await;
        self.keep();
        failure.map_or(Ok(()), Err)
    }

    /// Polls until it is dropped.
    pub async fn run(&self) {
        let mut ticks = tokio::time::interval(POLL);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for turn in (0..CLOCK_EVERY).cycle() {
            ticks.tick().await;
            self.look_back().await;
            let polled = self.poll().await;
            self.tell_health(turn == 0).await;
            if polled.is_err() && !self.site.is_lit() {
                // Nobody knew of any page when it started; somebody may by now.
                self.light_without_database().await;
            }
            match polled {
                Err(StoreError::TimedOut) => self.parts.store.shake_out().await,
                Err(error) => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "a poll failed");
                }
                Ok(()) => {}
            }
        }
    }

    /// A page that the database says is at a version: a newer snapshot, if there is one to show.
    async fn confirm(&self, turn: &Turn<'_>, page: &Id, version: &Version) -> Result<Option<Arc<Snapshot>>> {
        let now = self.parts.store.now();
        match self.site.get(page) {
            Some(shown) if shown.state.version == *version => {
                self.doubts.believe(page);
                self.note_confirmed(page, now);
                if self.sharing.confirm(&shown.state, now).await {
                    tracing::warn!(page.id = %page, page.revision = version.revision,
                        "Redis held a past that the database does not know, and was overruled");
                    self.went_back(page).await;
                }
                Ok(self.moved_on(&shown, now).await)
            }
            // What is shared is newer than what is shown, but may be of another history.
            Some(shown) if shown.state.version.revision >= version.revision => {
                let state = self.load(page).await?;
                self.newer(turn, state, None).await
            }
            _ => {
                let state = match self.sharing.read(page, version, now).await {
                    Some(kept) => kept.state,
                    None => {
                        let state = self.load(page).await?;
                        self.sharing.share(self.sharing.pack(&state, now), false).await;
                        state
                    }
                };
                self.newer(turn, state, None).await
            }
        }
    }

    /// Brings what was announced: from where it is shared, else from the database.
    async fn bring(&self, turn: &Turn<'_>, page: &Id, version: &Version) -> Result<()> {
        if let Some(kept) = self.sharing.read(page, version, self.parts.store.now()).await {
            return self.take(turn, kept.state, Some(kept.confirmed_at)).await.map(drop);
        }
        let state = self.load(page).await?;
        let shared = self.sharing.share(self.sharing.pack(&state, self.parts.store.now()), false);
        let (outcome, ()) = tokio::join!(self.take(turn, state, None), shared);
        outcome.map(drop)
    }

    /// The database is away: another replica may still reach it; and the clock goes on.
    async fn do_without(&self, turn: &Turn<'_>) {
        for kept in self.sharing.states(&self.sharing.pages().await).await {
            let page = kept.state.page.id.clone();
            let shown = self.site.get(&page);
            if self.confirmed_at(&page).is_some_and(|at| at < kept.confirmed_at) {
                self.note_confirmed(&page, kept.confirmed_at);
            }
            if shown.is_none_or(|shown| shown.state.version.revision < kept.state.version.revision) {
                // Whatever becomes of it, what is shown stays.
                let _ = self.take(turn, kept.state, Some(kept.confirmed_at)).await;
            }
        }
        self.move_on(turn).await;
    }

    /// The clock goes on, and certainty goes.
    async fn move_on(&self, _turn: &Turn<'_>) {
        let (now, mut fresh) = (self.parts.store.now(), vec![]);
        for shown in self.site.ids().iter().filter_map(|id| self.site.get(id)) {
            fresh.extend(self.moved_on(&shown, now).await);
        }
        self.site.swap(fresh, &[]);
    }

    /// Shows what somebody else kept, as it was when it was last confirmed.
    pub(super) async fn show_unconfirmed(
        &self,
        state: LiveState,
        confirmed_at: DateTime<Utc>,
    ) -> Result<bool> {
        let turn = self.busy.lock().await;
        self.take(&turn, state, Some(confirmed_at)).await
    }

    /// Whether a page is shown at a revision or a later one.
    pub(super) fn shows(&self, page: &Id, revision: i64) -> bool {
        self.site.get(page).is_some_and(|shown| shown.state.version.revision >= revision)
    }

    async fn load(&self, page: &Id) -> Result<LiveState> {
        self.parts.health.state_read();
        let span = traces::part_of(|| tracing::info_span!("read_state", page.id = %page));
        in_time(LONG_PATIENCE, self.parts.store.load(page, &self.parts.own_url)).instrument(span).await
    }

    /// Shows a state, if it is newer than what is shown.
    async fn take(
        &self,
        turn: &Turn<'_>,
        state: LiveState,
        confirmed_at: Option<DateTime<Utc>>,
    ) -> Result<bool> {
        let fresh = self.newer(turn, state, confirmed_at).await?;
        let is_news = fresh.is_some();
        self.swap(fresh.into_iter().collect(), &[]);
        Ok(is_news)
    }

    /// Shows what is fresh, and notes how long ago it was written, where it follows what was shown.
    fn swap(&self, fresh: Vec<Arc<Snapshot>>, gone: &[Id]) {
        let now = self.parts.store.now();
        for LiveState { page, version, committed_at, .. } in fresh.iter().map(|snapshot| &snapshot.state) {
            if self.site.get(&page.id).is_some_and(|shown| shown.state.version != *version) {
                self.parts.health.shown_after(now - *committed_at);
            }
        }
        self.site.swap(fresh, gone);
    }

    /// A snapshot of a state, if it is newer than what is shown. Without `confirmed_at` it comes
    /// from the database just now.
    async fn newer(
        &self,
        _turn: &Turn<'_>,
        state: LiveState,
        confirmed_at: Option<DateTime<Utc>>,
    ) -> Result<Option<Arc<Snapshot>>> {
        let page = &state.page.id;
        let shown = self.site.get(page);
        if let Some(shown) = shown
            && !self.doubts.supersedes(&state.version, &shown.state.version, page)
        {
            return Ok(None);
        }
        if self.doubts.is_restored(page) {
            self.sharing.overrule(&state, self.parts.store.now()).await;
            self.went_back(page).await;
        }
        let now = self.parts.store.now();
        self.note_confirmed(page, confirmed_at.unwrap_or(now));
        Ok(self.render(state, now).await)
    }

    /// The same state at a later moment, if the clock has changed what it says or how sure it is.
    async fn moved_on(&self, shown: &Snapshot, now: DateTime<Utc>) -> Option<Arc<Snapshot>> {
        let certainty = self.certainty(&shown.state.page.id, now);
        if certainty != shown.state.certainty || shown.state.moment(now) > shown.as_of {
            return self.render(shown.state.clone(), now).await;
        }
        None
    }

    async fn render(&self, mut state: LiveState, now: DateTime<Utc>) -> Option<Arc<Snapshot>> {
        state.certainty = self.certainty(&state.page.id, now);
        let as_of = state.moment(now);
        let span = traces::part_of(|| tracing::info_span!("render", page.id = %state.page.id));
        match tokio::task::spawn_blocking(move || span.in_scope(|| Snapshot::new(state, as_of))).await {
            Ok(snapshot) => Some(Arc::new(snapshot)),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a page could not be rendered");
                None
            }
        }
    }

    fn certainty(&self, page: &Id, now: DateTime<Utc>) -> Certainty {
        match self.confirmed_at(page) {
            Some(at) => Certainty::at(at, now, self.parts.stale_after),
            None => Certainty::Confirmed,
        }
    }

    /// When the database was last heard to hold what is shown of a page.
    pub fn confirmed_at(&self, page: &Id) -> Option<DateTime<Utc>> {
        self.confirmed.lock().unwrap_or_else(PoisonError::into_inner).get(page).copied()
    }

    fn note_confirmed(&self, page: &Id, at: DateTime<Utc>) {
        self.confirmed.lock().unwrap_or_else(PoisonError::into_inner).insert(page.clone(), at);
    }
}

/// The right to change what is shown.
type Turn<'r> = MutexGuard<'r, ()>;

pub(super) async fn in_time<T>(patience: Duration, question: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(patience, question).await.unwrap_or(Err(StoreError::TimedOut))
}

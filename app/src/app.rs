//! The application: built once, shared by the server, the command line and the tests.

mod alerts;
mod listen;
mod mails;
mod presence;
mod start;

pub use mails::{MAILS, Mailing};

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{
    cache::{Cache, News},
    clock::Clock,
    domain::Id,
    keys::Keys,
    live::{Archive, LastGood, Parts, Refresher, Siblings, Site, Snapshot},
    mail::Mailer,
    store::{Actor, Change, Committed, Result, Store},
    telemetry::Metrics,
};

/// How old a state may be and still be told as the state of things, if nothing else is said.
pub const STALE_AFTER: TimeDelta = TimeDelta::minutes(10);

/// What it is made of besides the store.
#[derive(Debug)]
pub struct Options {
    /// What links are signed with, and secrets in the database encrypted.
    pub keys: Keys,
    /// The address of a page that has none of its own.
    pub own_url: String,
    /// What replicas share their states by; one process alone needs none.
    pub cache: Option<Cache>,
    /// Where the last good state is kept for the next run.
    pub last_good: Option<LastGood>,
    /// Where the other replicas are: `HOST:PORT` of their metrics, a name for all its addresses.
    pub siblings: Vec<String>,
    pub stale_after: TimeDelta,
    /// How the people who run the pages are written to.
    pub mailing: Mailing,
}

impl Options {
    /// One process alone that keeps nothing; what it signs is worth nothing to others.
    pub fn alone(own_url: &str) -> Self {
        let keys = Keys::random();
        Self {
            keys,
            own_url: own_url.to_owned(),
            cache: None,
            last_good: None,
            siblings: vec![],
            stale_after: STALE_AFTER,
            mailing: Mailing {
                mailer: Mailer::Log { has_links: true },
                console: own_url.trim_end_matches('/').to_owned(),
                has_passwords: true,
                bound_by: None,
            },
        }
    }
}

/// Everything that runs.
#[derive(Clone, Debug)]
pub struct App {
    pub store: Store,
    pub cache: Option<Cache>,
    pub keys: Keys,
    pub site: Arc<Site>,
    pub refresher: Arc<Refresher>,
    pub metrics: Metrics,
    pub clock: Clock,
    /// The address of a page that has none of its own, without a slash at its end.
    pub own_url: String,
    pub mailing: Mailing,
    /// What this process is called among all that work on one database.
    pub replica: Id,
    started_at: DateTime<Utc>,
    /// Raised whenever a token was, or may have been, revoked or changed, here or elsewhere.
    tokens: Arc<AtomicU64>,
    /// Raised whenever it is known that one was.
    changed_tokens: Arc<AtomicU64>,
}

impl App {
    /// Builds it over a store whose schema is in order.
    pub fn new(store: Store, clock: Clock, metrics: Metrics, options: Options) -> Self {
        let Options { keys, own_url, cache, last_good, siblings, stale_after, mailing } = options;
        let started_at = clock.now();
        let own_url = own_url.trim_end_matches('/').to_owned();
        let archive = Archive::new(store.clone(), cache.clone(), clock.clone(), metrics.health.clone());
        let site = Arc::new(Site::new(archive, &own_url));
        let parts = Parts {
            store: store.clone(),
            cache: cache.clone(),
            clock: clock.clone(),
            own_url: own_url.clone(),
            stale_after,
            last_good,
            health: metrics.health.clone(),
            siblings: (!siblings.is_empty()).then(|| Siblings::new(siblings, keys.clone(), clock.clone())),
        };
        let refresher = Arc::new(Refresher::new(parts, site.clone()));
        Self {
            store,
            cache,
            keys,
            site,
            refresher,
            metrics,
            clock,
            own_url,
            mailing,
            replica: Id::random(),
            started_at,
            tokens: Arc::default(),
            changed_tokens: Arc::default(),
        }
    }

    /// The same application showing one page as this snapshot has it, counted apart.
    pub fn showing(&self, snapshot: Arc<Snapshot>, metrics: Metrics) -> Self {
        Self { site: Arc::new(self.site.of_one(snapshot)), metrics, ..self.clone() }
    }

    /// Moves the maintenances that the clock moves now, each in a change of its own, and says how
    /// many. One that fails does not hold up the others.
    pub async fn move_maintenances(&self) -> Result<usize> {
        let due = self.store.due_maintenances().await?;
        self.each(due, async |change, incident| change.transition(incident).await).await
    }

    /// Shows the drafts whose time has come, likewise.
    pub async fn publish_drafts(&self) -> Result<usize> {
        let due = self.store.due_drafts().await?;
        self.each(due, async |change, incident| change.publish_due(incident).await).await
    }

    async fn each(
        &self,
        due: Vec<(Id, Id)>,
        work: impl AsyncFn(&mut Change, &Id) -> Result<bool>,
    ) -> Result<usize> {
        let (mut done, mut failure) = (0, None);
        for (page, incident) in due {
            match self.by_the_clock(&page, &incident, &work).await {
                Ok(was) => done += usize::from(was),
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(done), Err)
    }

    /// Plans what is near of each series of maintenances, and says how many were planned. One that fails
    /// does not hold up the others.
    pub async fn plan_series(&self) -> Result<usize> {
        let (mut planned, mut failure) = (0, None);
        for (page, id) in self.store.due_recurrences().await? {
            match self.plan_ahead(&page, &id).await {
                Ok(some) => planned += some,
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(planned), Err)
    }

    async fn plan_ahead(&self, page: &Id, id: &Id) -> Result<usize> {
        let mut change = self.store.change(page, Actor::System).await?;
        let planned = change.plan_ahead(id).await?;
        if planned == 0 {
            change.commit_unseen().await?;
        } else {
            let committed = change.commit().await?;
            self.announce(&committed).await?;
        }
        Ok(planned)
    }

    /// Shows the points of metrics that came too soon after others to be shown at once, and says of how
    /// many pages. One that fails does not hold up the others.
    pub async fn show_points(&self) -> Result<usize> {
        let (mut shown, mut failure) = (0, None);
        for page in self.store.pages_with_points().await? {
            match self.show_points_of(&page).await {
                Ok(was) => shown += usize::from(was),
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(shown), Err)
    }

    async fn show_points_of(&self, page: &Id) -> Result<bool> {
        let Some(committed) = self.store.record().show_points(page).await? else { return Ok(false) };
        self.announce(&committed).await?;
        Ok(true)
    }

    /// News may have been missed.
    fn forget_tokens(&self) {
        self.tokens.fetch_add(1, Ordering::Relaxed);
    }

    fn tokens_changed(&self) {
        self.changed_tokens.fetch_add(1, Ordering::Relaxed);
        self.forget_tokens();
    }

    #[tracing::instrument(skip_all)]
    async fn by_the_clock(
        &self,
        page: &Id,
        incident: &Id,
        work: &impl AsyncFn(&mut Change, &Id) -> Result<bool>,
    ) -> Result<bool> {
        let mut change = self.store.change(page, Actor::System).await?;
        if !work(&mut change, incident).await? {
            return Ok(false);
        }
        let committed = change.commit().await?;
        self.announce(&committed).await?;
        Ok(true)
    }

    /// Shows what was committed, here and on every replica: who writes reads its own write.
    pub async fn announce(&self, committed: &Committed) -> Result<()> {
        self.refresher.show(committed).await
    }

    /// A number that is another one after each news of tokens.
    pub fn token_news(&self) -> u64 {
        self.tokens.load(Ordering::Relaxed)
    }

    /// A number that is another one after each token that was revoked or changed.
    pub fn token_changes(&self) -> u64 {
        self.changed_tokens.load(Ordering::Relaxed)
    }

    /// Tells all replicas that a token was revoked or changed. Where that fails, the others believe
    /// it for a few seconds more.
    pub async fn announce_tokens(&self) {
        self.tokens_changed();
        if let Some(cache) = &self.cache {
            let _ = cache.announce(&News::Tokens).await;
        }
    }
}

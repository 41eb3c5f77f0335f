//! What other replicas and processes announce.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Notify;

use super::App;
use crate::{
    cache::{Cache, News},
    domain::{Id, id::part_of, state::Version},
    store::Told,
};

/// Within this time who writes has shared what it wrote.
const SHARED_BY: Duration = Duration::from_millis(60);
/// The pause before commits are listened for again, a random part of it more.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
/// How often the outbox is looked at, and how long that may take.
const LOOK_AGAIN: Duration = Duration::from_secs(15);
const PATIENCE: Duration = Duration::from_secs(5);

/// The last that was told of each page, as long as nobody has looked: whoever hears is not held up by a page
/// that takes its time.
#[derive(Debug, Default)]
struct Latest {
    told: Mutex<HashMap<Id, Told>>,
    is_news: Notify,
}

impl Latest {
    fn put(&self, told: Told) {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).insert(told.page.clone(), told);
        self.is_news.notify_one();
    }

    fn take(&self) -> Vec<Told> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner).drain().map(|(_, told)| told).collect()
    }
}

impl App {
    /// Keeps what is shown up to date, until it is dropped: asks the database each second, and hears
    /// what other replicas and processes announce.
    pub async fn keep_up(&self) {
        let (announced, committed) = (Latest::default(), Latest::default());
        tokio::join!(
            self.refresher.run(),
            self.listen_to_redis(&announced),
            self.follow(&announced, async || {}),
            self.listen_to_postgres(&committed),
            self.follow(&committed, async || self.until_shared().await),
            self.watch_outbox(),
            self.say_so()
        );
    }

    /// Looks after how much is to be told, so that whoever asks for metrics never asks the database.
    async fn watch_outbox(&self) {
        let mut ticks = tokio::time::interval(LOOK_AGAIN);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            match tokio::time::timeout(PATIENCE, self.store.outbox()).await {
                Ok(Ok(outbox)) => self.metrics.health.outbox(outbox.waiting, outbox.oldest, outbox.held),
                // The refresher says that the database is away; what was last known stays.
                Ok(Err(_)) => {}
                Err(_) => tracing::debug!("the outbox could not be looked at in time"),
            }
        }
    }

    async fn listen_to_redis(&self, latest: &Latest) {
        let Some(cache) = &self.cache else { return };
        let heard = async |news| match news {
            News::Page { page, version, trace } => latest.put(Told { page, version, trace }),
            News::Tokens => self.tokens_changed(),
        };
        let begun = async || {
            self.forget_tokens();
            self.look().await;
        };
        cache.listen(begun, heard).await;
    }

    /// The second channel: it also carries what is written by the command line, and stays when Redis
    /// is away. What it tells is taken at once, or the database would have to keep it.
    async fn listen_to_postgres(&self, latest: &Latest) {
        loop {
            let heard = async |told| latest.put(told);
            match self.store.hear_commits(async || self.look().await, heard).await {
                // Nothing is told by it.
                Ok(()) => return,
                Err(error) => {
                    tracing::debug!(error = &error as &dyn std::error::Error, "commits are not heard");
                }
            }
            tokio::time::sleep(LISTEN_AGAIN + part_of(LISTEN_AGAIN)).await;
        }
    }

    /// Shows what was told of: of many changes the last.
    async fn follow(&self, latest: &Latest, wait: impl AsyncFn()) {
        loop {
            latest.is_news.notified().await;
            wait().await;
            for told in latest.take() {
                self.hear_page(&told.page, &told.version, told.trace.as_deref()).await;
            }
        }
    }

    /// Whoever wrote what the database tells of is about to share it.
    async fn until_shared(&self) {
        if self.cache.as_ref().is_some_and(Cache::is_up) {
            tokio::time::sleep(SHARED_BY).await;
        }
    }

    async fn hear_page(&self, page: &Id, version: &Version, trace: Option<&str>) {
        if let Err(error) = self.refresher.hear(page, version, trace).await {
            // Who polls finds it.
            tracing::debug!(error = &error as &dyn std::error::Error, "a change is shown later");
        }
    }

    /// Something may have been missed.
    async fn look(&self) {
        if let Err(error) = self.refresher.poll().await {
            tracing::debug!(error = &error as &dyn std::error::Error, "a poll failed");
        }
    }
}

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

/// The last commit of each page that the database told of, as long as nobody has looked.
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
        let latest = Latest::default();
        tokio::join!(
            self.refresher.run(),
            self.listen_to_redis(),
            self.listen_to_postgres(&latest),
            self.follow(&latest),
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

    async fn listen_to_redis(&self) {
        let Some(cache) = &self.cache else { return };
        let heard = async |news| match news {
            News::Page { page, version, trace } => self.hear_page(&page, &version, trace.as_deref()).await,
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

    /// Shows what the database told of: of many commits the last.
    async fn follow(&self, latest: &Latest) {
        loop {
            latest.is_news.notified().await;
            if self.cache.as_ref().is_some_and(Cache::is_up) {
                // Whoever wrote it is about to share it.
                tokio::time::sleep(SHARED_BY).await;
            }
            for told in latest.take() {
                self.hear_page(&told.page, &told.version, told.trace.as_deref()).await;
            }
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

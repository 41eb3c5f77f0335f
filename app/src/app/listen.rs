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
};

/// Within this time who writes has shared what it wrote.
const SHARED_BY: Duration = Duration::from_millis(60);
/// The pause before commits are listened for again, a random part of it more.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);

/// The last commit of each page that the database told of, as long as nobody has looked.
#[derive(Debug, Default)]
struct Told {
    last: Mutex<HashMap<Id, Version>>,
    is_news: Notify,
}

impl Told {
    fn put(&self, page: Id, version: Version) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).insert(page, version);
        self.is_news.notify_one();
    }

    fn take(&self) -> HashMap<Id, Version> {
        std::mem::take(&mut *self.last.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl App {
    /// Keeps what is shown up to date, until it is dropped: asks the database each second, and hears
    /// what other replicas and processes announce.
    pub async fn keep_up(&self) {
        let told = Told::default();
        tokio::join!(
            self.refresher.run(),
            self.listen_to_redis(),
            self.listen_to_postgres(&told),
            self.follow(&told)
        );
    }

    async fn listen_to_redis(&self) {
        let Some(cache) = &self.cache else { return };
        let heard = async |news| match news {
            News::Page { page, version } => self.hear_page(&page, &version).await,
            News::Tokens => self.forget_tokens(),
        };
        let begun = async || {
            self.forget_tokens();
            self.look().await;
        };
        cache.listen(begun, heard).await;
    }

    /// The second channel: it also carries what is written by the command line, and stays when Redis
    /// is away. What it tells is taken at once, or the database would have to keep it.
    async fn listen_to_postgres(&self, told: &Told) {
        loop {
            let heard = async |page, version| told.put(page, version);
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
    async fn follow(&self, told: &Told) {
        loop {
            told.is_news.notified().await;
            if self.cache.as_ref().is_some_and(Cache::is_up) {
                // Whoever wrote it is about to share it.
                tokio::time::sleep(SHARED_BY).await;
            }
            for (page, version) in told.take() {
                self.hear_page(&page, &version).await;
            }
        }
    }

    async fn hear_page(&self, page: &Id, version: &Version) {
        if let Err(error) = self.refresher.hear(page, version).await {
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

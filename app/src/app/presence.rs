//! What this process says of itself to the others, by way of the database.

use super::App;
use crate::{
    cache::Cache,
    domain::replica::{Replica, SAYS_SO_EVERY, Told},
};

/// How long it may take.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

impl App {
    /// Says again and again that it is there, where there may be others.
    pub(super) async fn say_so(&self) {
        if !self.store.is_shared() {
            return;
        }
        let mut ticks = tokio::time::interval(SAYS_SO_EVERY.to_std().unwrap_or(PATIENCE));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let said = async { self.store.record().present(&self.replica, &self.told()).await };
            if !matches!(tokio::time::timeout(PATIENCE, said).await, Ok(Ok(()))) {
                // The refresher says that the database is away.
                tracing::debug!("the others are not told that this one is there");
            }
        }
    }

    /// It ends, and is not missed.
    pub async fn say_goodbye(&self) {
        if self.store.is_shared()
            && let Err(error) = self.store.record().absent(&self.replica).await
        {
            tracing::debug!(error = &error as &dyn std::error::Error, "the others find out by its silence");
        }
    }

    /// This process, as it is now.
    pub fn myself(&self) -> Replica {
        Replica { id: self.replica.clone(), seen_at: self.store.now(), told: self.told() }
    }

    fn told(&self) -> Told {
        Told {
            host: std::env::var("HOSTNAME").ok().filter(|name| !name.is_empty()),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started_at: Some(self.started_at),
            revisions: self.site.versions().into_iter().collect(),
            lag_milliseconds: self.metrics.health.mean_lag().map(|lag| lag * 1_000.0),
            redis: self.cache.as_ref().map(Cache::is_up),
            jobs: self.metrics.health.last_runs(),
        }
    }
}

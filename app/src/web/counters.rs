//! How often somebody did something lately, in windows of time. Replicas count together in Redis;
//! where that is away, each for itself.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use moka::sync::Cache;

use crate::{cache::Cache as SharedCache, clock::Clock};

/// The most that are counted at once.
const MOST_COUNTED: u64 = 50_000;

/// Counts of the running window.
#[derive(Clone, Debug)]
pub struct Counters {
    /// In seconds; windows are aligned to 1970.
    window: i64,
    clock: Clock,
    shared: Option<SharedCache>,
    /// By window and who is counted.
    counted: Cache<(i64, String), Arc<AtomicU32>>,
}

impl Counters {
    pub fn new(window: i64, clock: Clock, shared: Option<SharedCache>) -> Self {
        let kept = Duration::from_secs(2 * window.unsigned_abs());
        let counted = Cache::builder().max_capacity(MOST_COUNTED).time_to_live(kept).build();
        Self { window, clock, shared, counted }
    }

    /// Counts once more. Gives how often that was in this window, and how long it lasts yet.
    pub async fn count(&self, key: String) -> (u32, Duration) {
        let second = self.clock.now().timestamp();
        self.count_at(key, second).await
    }

    /// The same in the window of a second that is no more than a window ago.
    pub async fn count_at(&self, key: String, second: i64) -> (u32, Duration) {
        let window = second.div_euclid(self.window);
        let together = match &self.shared {
            Some(shared) => shared.count(&format!("{key} {window}"), 2 * self.window).await.ok(),
            None => None,
        };
        let counter = self.counted.get_with((window, key), Arc::default);
        let alone = counter.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let reset = Duration::from_secs((self.window - second.rem_euclid(self.window)).unsigned_abs());
        (together.unwrap_or(alone), reset)
    }

    /// How often this process alone counted in the running window, without counting.
    pub fn so_far(&self, key: String) -> u32 {
        let window = self.clock.now().timestamp().div_euclid(self.window);
        self.counted.get(&(window, key)).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    /// Counts once less in the running window.
    pub async fn discount(&self, key: String) {
        let window = self.clock.now().timestamp().div_euclid(self.window);
        if let Some(shared) = &self.shared
            && let Err(away) = shared.discount(&format!("{key} {window}"), 2 * self.window).await
        {
            tracing::debug!(%away, "what was counted stays");
        }
        if let Some(counter) = self.counted.get(&(window, key)) {
            let _ = counter.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |count| count.checked_sub(1));
        }
    }

    /// Begins to count anew for the running window.
    pub async fn forget(&self, key: String) {
        let window = self.clock.now().timestamp().div_euclid(self.window);
        if let Some(shared) = &self.shared
            && let Err(away) = shared.uncount(&format!("{key} {window}")).await
        {
            tracing::debug!(%away, "what was counted stays");
        }
        self.counted.invalidate(&(window, key));
    }
}

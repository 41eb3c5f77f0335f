//! What a replica tells of itself in metrics.

use super::{
    Refresher,
    refresh::{PATIENCE, in_time},
};
use crate::cache::Cache;

impl Refresher {
    /// Tells of what is depended on, of how current everything is, and now and then of the clocks.
    pub(super) async fn tell_health(&self, of_clocks: bool) {
        let (health, now) = (&self.parts.health, self.parts.store.now());
        let breakers = self.parts.cache.iter().flat_map(Cache::breakers);
        for breaker in breakers.chain([self.parts.store.breaker()]) {
            health.dependency(breaker.name(), breaker.is_up(), breaker.failures());
        }
        health.connections(self.parts.store.breaker().name(), self.parts.store.connections());
        if let Some(cache) = &self.parts.cache {
            health.connections("redis", cache.connections());
        }
        let pages = self.site.ids().into_iter();
        let ages = pages.filter_map(|page| self.confirmed_at(&page).map(|at| (page, now - at)));
        health.ages(&ages.collect::<Vec<_>>());
        if of_clocks && let Ok(offset) = in_time(PATIENCE, self.parts.store.clock_offset()).await {
            health.clock_offset(offset);
        }
    }
}

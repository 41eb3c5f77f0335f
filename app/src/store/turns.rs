//! Who changes a page waits here, and not with a connection in hand: a page that somebody holds up takes no
//! more connections than these, and the others go on.

use std::{
    array,
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    sync::Arc,
    time::Duration,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{Result, StoreError};
use crate::domain::Id;

/// How many change one page at once: one does, and the next waits for its row.
const AT_ONCE: usize = 2;
/// Pages share so many places, so that ids that nobody knows take no memory.
const PLACES: usize = 64;
/// How long one waits for its turn.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub struct Turns(Arc<[Arc<Semaphore>; PLACES]>);

impl Default for Turns {
    fn default() -> Self {
        Self(Arc::new(array::from_fn(|_| Arc::new(Semaphore::new(AT_ONCE)))))
    }
}

impl Turns {
    /// A turn to change a page, which ends with what is given back here.
    pub async fn take(&self, page: &Id) -> Result<OwnedSemaphorePermit> {
        let hash = BuildHasherDefault::<DefaultHasher>::default().hash_one(page.as_str());
        let place = usize::try_from(hash % PLACES as u64).unwrap_or_default();
        let turns = self.0.get(place).cloned().ok_or(StoreError::TimedOut)?;
        let turn = tokio::time::timeout(PATIENCE, turns.acquire_owned()).await;
        turn.ok().and_then(std::result::Result::ok).ok_or(StoreError::TimedOut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture::id;

    #[tokio::test(start_paused = true)]
    async fn a_page_that_is_held_up_holds_up_no_other() {
        let turns = Turns::default();
        let (one, other) = (turns.take(&id("one")).await.unwrap(), turns.take(&id("one")).await.unwrap());
        assert!(matches!(turns.take(&id("one")).await, Err(StoreError::TimedOut)));
        let apart = turns.take(&id("two")).await.unwrap();
        drop(one);
        let next = turns.take(&id("one")).await.unwrap();
        drop((other, apart, next));
    }
}

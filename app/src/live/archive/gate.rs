//! How many may ask the store at once, and how many may wait for it.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ArchiveError;

/// A door with a queue in front of it, both of a fixed size.
#[derive(Debug)]
pub struct Gate {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// The right to ask, until it is dropped.
#[derive(Debug)]
pub struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: OwnedSemaphorePermit,
}

impl Gate {
    /// A gate for some at once and some more in the queue.
    pub fn new((at_once, waiting): (usize, usize)) -> Self {
        Self { places: Arc::new(Semaphore::new(at_once + waiting)), turns: Arc::new(Semaphore::new(at_once)) }
    }

    /// Waits for a turn; whoever finds the queue full is sent away at once.
    pub async fn enter(&self) -> Result<Turn, ArchiveError> {
        let place = self.places.clone().try_acquire_owned().map_err(|_| ArchiveError::Busy)?;
        let turn = self.turns.clone().acquire_owned().await.map_err(|_| ArchiveError::Busy)?;
        Ok(Turn { _place: place, _turn: turn })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn never_more_at_once_and_never_a_longer_queue() {
        let gate = Arc::new(Gate::new((2, 1)));
        let first = gate.enter().await.unwrap();
        let second = gate.enter().await.unwrap();
        let third = tokio::spawn({
            let gate = gate.clone();
            async move { gate.enter().await.map(drop) }
        });
        while gate.places.available_permits() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(gate.enter().await.unwrap_err(), ArchiveError::Busy, "the queue is full");
        assert!(!third.is_finished());
        drop(first);
        third.await.unwrap().unwrap();
        drop(second);
        assert_eq!((gate.turns.available_permits(), gate.places.available_permits()), (2, 3));
    }
}

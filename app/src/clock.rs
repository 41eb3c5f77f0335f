//! The one place where the time is read. Times are UTC, cut to microseconds, which is what both
//! databases keep.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use tokio::time::Instant;

/// A clock: the system's, or one that a test sets.
#[derive(Clone, Debug, Default)]
pub struct Clock(Option<Arc<Mutex<DateTime<Utc>>>>);

impl Clock {
    pub fn system() -> Self {
        Self(None)
    }

    /// A clock that stands still until it is moved.
    pub fn standing(at: DateTime<Utc>) -> Self {
        Self(Some(Arc::new(Mutex::new(cut(at)))))
    }

    pub fn now(&self) -> DateTime<Utc> {
        match &self.0 {
            Some(standing) => *standing.lock().unwrap_or_else(PoisonError::into_inner),
            None => system_now(),
        }
    }

    /// Whether this is the system's clock, so that a database may be asked for its own instead.
    pub fn is_system(&self) -> bool {
        self.0.is_none()
    }

    /// Moves a standing clock on; the system's moves by itself.
    pub fn advance(&self, by: Duration) {
        if let (Some(standing), Ok(by)) = (&self.0, TimeDelta::from_std(by)) {
            *standing.lock().unwrap_or_else(PoisonError::into_inner) += by;
        }
    }
}

/// An instant by which pauses are measured. It stands still where a test has stopped tokio's time.
#[expect(clippy::disallowed_methods, reason = "this is where time is read")]
pub fn instant() -> Instant {
    Instant::now()
}

/// A time cut to whole microseconds.
pub fn cut(at: DateTime<Utc>) -> DateTime<Utc> {
    at.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(at)
}

#[expect(clippy::disallowed_methods, reason = "this is where the wall clock is read")]
fn system_now() -> DateTime<Utc> {
    cut(Utc::now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_standing_clock_moves_only_when_told() {
        let clock = Clock::standing(DateTime::from_timestamp_nanos(1_234_567_891));
        assert_eq!(clock.now().timestamp_subsec_nanos(), 234_567_000, "microseconds");
        let before = clock.now();
        clock.clone().advance(Duration::from_secs(60));
        assert_eq!(clock.now() - before, TimeDelta::seconds(60));
    }
}

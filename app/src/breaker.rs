//! Whether what is depended on answers. While it doesn't, it is asked now and then by one caller, and
//! everybody else goes on without it at once, so that nothing queues up. A change is logged once.

use std::{
    error::Error,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::{clock, domain::id::part_of};

/// How long nobody asks after the first failure, and at most after many.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Something that is depended on: a database, a cache. A clone is the same one.
#[derive(Clone, Debug)]
pub struct Breaker(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    name: &'static str,
    /// What goes on without it, for the log.
    without: &'static str,
    up: AtomicBool,
    failures: AtomicU64,
    pause: Mutex<Pause>,
}

/// When it may be asked again, how long the pause was, and when it failed last.
#[derive(Debug, Default)]
struct Pause {
    until: Option<Instant>,
    length: Duration,
    failed_at: Option<Instant>,
}

impl Breaker {
    /// `name` is a word for metrics; `without` says in a log line what happens while it is away.
    pub fn new(name: &'static str, without: &'static str) -> Self {
        let (up, failures) = (AtomicBool::new(true), AtomicU64::new(0));
        Self(Arc::new(Inner { name, without, up, failures, pause: Mutex::default() }))
    }

    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// Whether it answered when it was last asked.
    pub fn is_up(&self) -> bool {
        self.0.up.load(Ordering::Relaxed)
    }

    /// How often it did not answer, all in all.
    pub fn failures(&self) -> u64 {
        self.0.failures.load(Ordering::Relaxed)
    }

    /// Whether it may be asked now: always while it answers; else one caller may try after each
    /// pause.
    pub fn admits(&self) -> bool {
        if self.is_up() {
            return true;
        }
        let mut pause = self.0.pause.lock().unwrap_or_else(PoisonError::into_inner);
        let now = clock::instant();
        if pause.until.is_some_and(|until| now < until) {
            return false;
        }
        pause.until = Some(now + pause.length);
        true
    }

    /// It answered.
    pub fn answered(&self) {
        if !self.0.up.swap(true, Ordering::Relaxed) {
            *self.0.pause.lock().unwrap_or_else(PoisonError::into_inner) = Pause::default();
            tracing::info!(dependency = self.0.name, "{} answers again", self.0.name);
        }
    }

    /// It answered, where it answers some and not others: it counts as up again once it has not
    /// failed for so long.
    pub fn answered_some(&self, quiet: Duration) {
        let failed_at = self.0.pause.lock().unwrap_or_else(PoisonError::into_inner).failed_at;
        if failed_at.is_none_or(|at| clock::instant().duration_since(at) >= quiet) {
            self.answered();
        }
    }

    /// It did not answer, or not in time.
    pub fn failed(&self, error: &(dyn Error + 'static)) {
        self.0.failures.fetch_add(1, Ordering::Relaxed);
        {
            let mut pause = self.0.pause.lock().unwrap_or_else(PoisonError::into_inner);
            let now = clock::instant();
            pause.length = (pause.length * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
            pause.until = Some(now + pause.length / 2 + part_of(pause.length / 2));
            pause.failed_at = Some(now);
        }
        if self.0.up.swap(false, Ordering::Relaxed) {
            let Inner { name, without, .. } = &*self.0;
            tracing::error!(dependency = name, error, "{name} does not answer; {without}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken() -> std::io::Error {
        std::io::Error::other("it is gone")
    }

    #[tokio::test(start_paused = true)]
    async fn while_it_is_away_one_asks_and_the_others_go_on() {
        let breaker = Breaker::new("redis", "the page is not the worse for it");
        assert!(breaker.admits() && breaker.admits(), "as many as want to");
        breaker.failed(&broken());
        assert!(!breaker.is_up() && !breaker.admits());
        tokio::time::advance(FIRST_PAUSE).await;
        assert_eq!([breaker.admits(), breaker.admits()], [true, false], "one after the pause");
        breaker.answered();
        assert!(breaker.is_up() && breaker.admits() && breaker.admits());
    }

    #[tokio::test(start_paused = true)]
    async fn what_answers_some_is_up_when_it_has_been_quiet() {
        let breaker = Breaker::new("redis", "the page is not the worse for it");
        breaker.answered_some(LONGEST_PAUSE);
        breaker.failed(&broken());
        tokio::time::advance(LONGEST_PAUSE / 2).await;
        breaker.answered_some(LONGEST_PAUSE);
        breaker.failed(&broken());
        tokio::time::advance(LONGEST_PAUSE / 2).await;
        breaker.answered_some(LONGEST_PAUSE);
        assert!(!breaker.is_up(), "it failed a while ago");
        tokio::time::advance(LONGEST_PAUSE / 2).await;
        breaker.answered_some(LONGEST_PAUSE);
        assert!(breaker.is_up());
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_up_to_a_bound() {
        let breaker = Breaker::new("redis", "the page is not the worse for it");
        for _ in 0..20 {
            breaker.failed(&broken());
        }
        assert_eq!(breaker.failures(), 20);
        tokio::time::advance(FIRST_PAUSE).await;
        assert!(!breaker.admits());
        tokio::time::advance(LONGEST_PAUSE).await;
        assert!(breaker.admits());
    }
}

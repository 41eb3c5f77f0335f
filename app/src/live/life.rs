//! Where in its life a server is: what those who start, watch and replace it ask.

use std::sync::atomic::{AtomicBool, Ordering};

/// A server has started when it first had a page to show, and is draining when it is about to stop.
#[derive(Debug, Default)]
pub struct Life {
    has_started: AtomicBool,
    is_draining: AtomicBool,
}

impl Life {
    /// Whether there was a page to show at any time; what is away since then does not matter.
    pub fn has_started(&self) -> bool {
        self.has_started.load(Ordering::Relaxed)
    }

    /// Whether it is about to stop: it answers, and wants no more to do.
    pub fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// It is about to stop.
    pub fn drain(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn was_lit(&self, lit: bool) {
        self.has_started.fetch_or(lit, Ordering::Relaxed);
    }
}

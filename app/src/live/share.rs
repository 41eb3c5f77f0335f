//! What replicas share of their states by way of Redis. Where Redis is away, each asks the database.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tracing::Instrument;

use crate::{
    cache::{Away, Cache, News},
    domain::{
        Id,
        id::part_of,
        state::{LiveState, Version},
    },
    telemetry::{Health, traces},
    wire::kept::{self, Kept},
};

/// How often it is asked whether who reads has shared already, and the pause before each time.
const TRIES: u32 = 20;
const PAUSE: Duration = Duration::from_millis(10);
/// How often a replica tells that the database still holds what is shared, in polls.
const CONFIRM_EVERY: u32 = 5;
/// After this many times that something newer was found there, which the database does not hold, it is
/// overruled.
const OVERRULED: u32 = 3;
/// What is newer than what was announced is taken from there only if a replica has heard the database to hold
/// it this short a while ago: what nobody confirms may be of a past that is gone.
const LATELY: TimeDelta = TimeDelta::seconds(10);

/// A state on its way to the other replicas.
#[derive(Debug)]
pub struct Packed {
    page: Id,
    version: Version,
    confirmed_at: DateTime<Utc>,
    body: Vec<u8>,
}

#[derive(Debug)]
pub struct Sharing {
    cache: Option<Cache>,
    health: Health,
    /// By page: how many polls since it was confirmed, and how often something newer was found.
    confirming: Mutex<HashMap<Id, (u32, u32)>>,
}

impl Sharing {
    pub fn new(cache: Option<Cache>, health: Health) -> Self {
        Self { cache, health, confirming: Mutex::default() }
    }

    /// A state that was just read from the database, ready to be shared; nothing where there is nobody
    /// to share it with.
    pub fn pack(&self, state: &LiveState, now: DateTime<Utc>) -> Option<Packed> {
        self.cache.as_ref()?;
        match kept::pack([(state, now)]) {
            Ok(body) => Some(Packed {
                page: state.page.id.clone(),
                version: state.version.clone(),
                confirmed_at: now,
                body,
            }),
            Err(error) => {
                // Each replica reads it from the database then.
                tracing::error!(error = &error as &dyn std::error::Error, "a state can't be packed");
                None
            }
        }
    }

    /// Shares a state; with `announce` the other replicas are told.
    pub async fn share(&self, packed: Option<Packed>, announce: bool) {
        let (Some(cache), Some(packed)) = (&self.cache, packed) else { return };
        // What could not be shared is read from the database by each.
        let _ = put(cache, &packed, false).await;
        if announce {
            self.announce(packed.page, packed.version).await;
        }
    }

    /// Tells the other replicas what a page is at.
    pub async fn announce(&self, page: Id, version: Version) {
        if let Some(cache) = &self.cache {
            let span =
                traces::part_of(|| tracing::info_span!("announce", otel.kind = "producer", page.id = %page));
            let told = async {
                let news = News::Page { page, version, trace: traces::carried() };
                // Whoever hears nothing asks the database within a second.
                let _ = cache.announce(&news).await;
            };
            told.instrument(span).await;
        }
    }

    /// The database went back to this state, whatever is shared.
    pub async fn overrule(&self, state: &LiveState, now: DateTime<Utc>) {
        if let (Some(cache), Some(packed)) = (&self.cache, self.pack(state, now))
            && put(cache, &packed, true).await.is_err()
        {
            self.suspect(&state.page.id);
        }
    }

    /// Tells now and then that the database still holds what is shared; what was lost there is
    /// shared anew, from memory. Says whether it was of another past, and was overruled.
    pub async fn confirm(&self, state: &LiveState, now: DateTime<Utc>) -> bool {
        let Some(cache) = &self.cache else { return false };
        let page = &state.page.id;
        if !self.is_due(page) {
            return false;
        }
        let Ok(held) = cache.confirm(page, &state.version, now).await else { return false };
        let is_ahead = held
            .as_ref()
            .is_some_and(|held| *held != state.version && held.revision >= state.version.revision);
        let force = self.note_ahead(page, is_ahead) >= OVERRULED;
        if held.as_ref() == Some(&state.version) || (is_ahead && !force) {
            return false;
        }
        let Some(packed) = self.pack(state, now) else { return false };
        if put(cache, &packed, force).await.is_err() {
            return false;
        }
        self.note_ahead(page, false);
        let reason = match held {
            None => "lost",
            Some(_) if is_ahead => "other_past",
            Some(_) => "older",
        };
        self.health.shared_anew(reason);
        is_ahead
    }

    /// What is shared of a page at a version or a later one. If nothing is yet, and another replica is
    /// reading, this waits a moment for it; nothing then means that it is this one's turn to read.
    pub async fn read(&self, page: &Id, version: &Version, now: DateTime<Utc>) -> Option<Kept> {
        let cache = self.cache.as_ref()?;
        let fits = |kept: &Kept| {
            let is_later = kept.state.version.revision > version.revision && now - kept.confirmed_at < LATELY;
            let fits = is_later || kept.state.version == *version;
            if !fits {
                self.suspect(page);
            }
            fits
        };
        if let Some(kept) = cache.state(page, version.revision).await.ok()? {
            return Some(kept).filter(fits);
        }
        if cache.take_turn(page, version.revision).await.ok()? {
            return None;
        }
        for _ in 0..TRIES {
            tokio::time::sleep(PAUSE + part_of(PAUSE)).await;
            if let Some(kept) = cache.state(page, version.revision).await.ok()? {
                return Some(kept).filter(fits);
            }
        }
        None
    }

    /// The pages that there are, as those know them that share.
    pub async fn pages(&self) -> Vec<Id> {
        let Some(cache) = &self.cache else { return vec![] };
        cache.pages().await.unwrap_or_default()
    }

    /// What is shared of these pages.
    pub async fn states(&self, pages: &[Id]) -> Vec<Kept> {
        let Some(cache) = &self.cache else { return vec![] };
        let mut states = vec![];
        for page in pages {
            let kept = cache.state(page, 0).await;
            states.extend(kept.ok().flatten());
        }
        states
    }

    /// Forgets pages that are gone.
    pub async fn forget(&self, gone: &[Id]) {
        let Some(cache) = &self.cache else { return };
        for page in gone {
            // Where that fails, it goes when its life ends.
            let _ = cache.forget_page(page).await;
        }
    }

    fn is_due(&self, page: &Id) -> bool {
        let mut confirming = self.confirming.lock().unwrap_or_else(PoisonError::into_inner);
        let (polls, _) = confirming.entry(page.clone()).or_insert((CONFIRM_EVERY - 1, 0));
        *polls = (*polls + 1) % CONFIRM_EVERY;
        *polls == 0
    }

    /// What is shared is of another past: the next poll looks, and overrules it.
    fn suspect(&self, page: &Id) {
        let mut confirming = self.confirming.lock().unwrap_or_else(PoisonError::into_inner);
        confirming.insert(page.clone(), (CONFIRM_EVERY - 1, OVERRULED));
    }

    /// How often in a row something newer was found there.
    fn note_ahead(&self, page: &Id, is_ahead: bool) -> u32 {
        let mut confirming = self.confirming.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, times) = confirming.entry(page.clone()).or_default();
        *times = if is_ahead { *times + 1 } else { 0 };
        *times
    }
}

async fn put(cache: &Cache, packed: &Packed, force: bool) -> Result<bool, Away> {
    let Packed { page, version, confirmed_at, body } = packed;
    cache.put_state(page, version, *confirmed_at, body, force).await
}

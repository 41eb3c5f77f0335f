//! What is past. The current quarter is told by the snapshot as far as it holds it whole; what is too
//! old for the snapshot is read through from the store, once for each state of the past,
//! and kept in memory by bytes. Two things are kept: what was found, and the answers made of it.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use moka::future::Cache;
use tokio::runtime::Handle;

use super::{Artefact, Snapshot};
use crate::{
    cache::Cache as SharedCache, clock::Clock, domain::Id, store::Store, telemetry::Health, wire::kept,
};

mod answers;
mod gate;
mod held;
mod question;

use gate::Gate;
pub use question::{Form, Question};
use question::{Found, Known, Mark};

/// The memory that what was found may take, and the answers made of it in all codings.
const FOUND_BYTES: u64 = 16 * 1024 * 1024;
const MADE_BYTES: u64 = 32 * 1024 * 1024;
/// How many questions the store is asked at once, and how many more wait for their turn: those
/// whose answers are kept, and searches, whose answers are not.
const READERS: (usize, usize) = (4, 60);
const SEARCHERS: (usize, usize) = (2, 14);
/// How long a visitor waits for a turn and the answer together.
const PATIENCE: Duration = Duration::from_secs(2);

/// Why a question about the past has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    #[error("there is no such thing")]
    NotFound,
    #[error("the archive does not answer")]
    Away,
    #[error("too many ask at once")]
    Busy,
}

/// An answer about the past.
#[derive(Clone, Debug)]
pub struct Answer {
    pub artefact: Arc<Artefact>,
    /// How old the knowledge is that it was made of, where the store was asked for newer and did not
    /// answer.
    pub stale: Option<TimeDelta>,
}

/// What a question was about: its page, itself, and what it depends on.
type FoundKey = (Id, Question, Mark);
/// The same in a form, and what else shows in it: the page's history and the time.
type MadeKey = (FoundKey, Form, i64, DateTime<Utc>);

/// What was found, when, and what it depends on.
#[derive(Clone, Debug)]
struct Kept {
    found: Arc<Found>,
    mark: Mark,
    read_at: DateTime<Utc>,
}

/// A read-through cache of questions about the past; each is read once, however many ask.
#[derive(Debug)]
pub struct Archive {
    /// The store, and the runtime that its connections belong to.
    store: Option<(Store, Handle)>,
    /// What replicas share what they found by.
    cache: Option<SharedCache>,
    clock: Clock,
    health: Option<Health>,
    found: Cache<FoundKey, Kept>,
    /// The last that was found, whatever it depends on.
    last: Cache<(Id, Question), Kept>,
    made: Cache<MadeKey, Arc<Artefact>>,
    reading: Gate,
    searching: Gate,
}

impl Archive {
    /// To be called within the runtime that the store was connected in.
    pub fn new(store: Store, cache: Option<SharedCache>, clock: Clock, health: Health) -> Self {
        let store = Some((store, Handle::current()));
        Self { store, cache, clock, health: Some(health), ..Self::closed() }
    }

    /// An archive without a store, which answers that it is away.
    pub fn closed() -> Self {
        let weigh = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        let found = move |_: &FoundKey, kept: &Kept| weigh(kept.found.size());
        let last = move |_: &(Id, Question), kept: &Kept| weigh(kept.found.size());
        let made = move |_: &MadeKey, made: &Arc<Artefact>| weigh(made.size());
        Self {
            store: None,
            cache: None,
            health: None,
            clock: Clock::system(),
            found: Cache::builder().max_capacity(FOUND_BYTES).weigher(found).build(),
            last: Cache::builder().max_capacity(FOUND_BYTES).weigher(last).build(),
            made: Cache::builder().max_capacity(MADE_BYTES).weigher(made).build(),
            reading: Gate::new(READERS),
            searching: Gate::new(SEARCHERS),
        }
    }

    /// Answers a question about the past in a form. What the snapshot knows to be nowhere is
    /// [`ArchiveError::NotFound`] without asking the store; so is a form that a question does not
    /// have. If the store is away or busy, what was last found is answered and marked.
    ///
    /// A further form is a variant of [`Form`] and an arm of `answers::text`.
    pub async fn answer(
        &self,
        snapshot: &Arc<Snapshot>,
        question: Question,
        form: Form,
    ) -> Result<Answer, ArchiveError> {
        let known = question.known(snapshot);
        if known == Known::Nowhere {
            return Err(ArchiveError::NotFound);
        }
        if let Question::Search { .. } = question {
            let found = Arc::new(self.read(snapshot, &question, &self.searching).await?);
            let artefact = self.make(snapshot, &question, form, found).await?;
            return Ok(Answer { artefact, stale: None });
        }
        let key = |mark| made_key(snapshot, &question, form, mark);
        if let Some(artefact) = self.made.get(&key(question.mark(snapshot))).await {
            self.count("memory");
            return Ok(Answer { artefact, stale: None });
        }
        let (kept, stale) = match known {
            Known::Empty => (Kept::of(Found::Incidents(vec![]), snapshot, &question), None),
            _ => match held::found(snapshot, &question) {
                Some(found) => (Kept::of(found, snapshot, &question), None),
                None => self.find(snapshot, &question).await?,
            },
        };
        let made = self.make(snapshot, &question, form, kept.found);
        let artefact = self.made.try_get_with(key(kept.mark), made).await.map_err(|error| *error)?;
        Ok(Answer { artefact, stale })
    }

    /// What its clock says.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Forgets everything: the database went back to another past.
    pub fn forget(&self) {
        self.found.invalidate_all();
        self.last.invalidate_all();
        self.made.invalidate_all();
    }

    /// What the store says, or what it said last and how long ago.
    async fn find(
        &self,
        snapshot: &Snapshot,
        question: &Question,
    ) -> Result<(Kept, Option<TimeDelta>), ArchiveError> {
        let page = snapshot.state.page.id.clone();
        let mark = question.mark(snapshot);
        let read = async {
            let found = Arc::new(self.read_through(snapshot, question, mark).await?);
            let kept = Kept { found, mark, read_at: self.clock.now() };
            self.last.insert((page.clone(), question.clone()), kept.clone()).await;
            Ok(kept)
        };
        match self.found.try_get_with((page.clone(), question.clone(), mark), read).await {
            Ok(kept) => Ok((kept, None)),
            Err(error) if *error == ArchiveError::NotFound => Err(*error),
            Err(error) => {
                let kept = self.last.get(&(page, question.clone())).await.ok_or(*error)?;
                let age = self.clock.now() - kept.read_at;
                Ok((kept, Some(age)))
            }
        }
    }

    /// What another replica has found, else what the store says.
    async fn read_through(
        &self,
        snapshot: &Snapshot,
        question: &Question,
        mark: Mark,
    ) -> Result<Found, ArchiveError> {
        let Some(cache) = &self.cache else { return self.read(snapshot, question, &self.reading).await };
        let key = question.key(&snapshot.state.page.id, mark);
        // Without an answer, or with one of another release, the store is asked.
        if let Ok(Some(bytes)) = cache.found(&key).await
            && let Ok(found) = kept::unpack_any(&bytes)
        {
            self.count("redis");
            return Ok(found);
        }
        let found = self.read(snapshot, question, &self.reading).await?;
        if let Ok(bytes) = kept::pack_any(&found) {
            // Where it can't be kept, the next replica asks the store too.
            let _ = cache.keep_found(&key, &bytes).await;
        }
        Ok(found)
    }

    /// Asks the store, when it is this question's turn.
    async fn read(
        &self,
        snapshot: &Snapshot,
        question: &Question,
        gate: &Gate,
    ) -> Result<Found, ArchiveError> {
        let (store, runtime) = self.store.clone().ok_or(ArchiveError::Away)?;
        self.count("store");
        let asked = question.clone().within(snapshot);
        let read = async {
            let turn = gate.enter().await?;
            let read = runtime.spawn(async move {
                // The turn is over with the question, whether or not somebody still waits for it.
                let _turn = turn;
                tokio::time::timeout(PATIENCE, asked.read(&store)).await
            });
            let told = read.await.map_err(|_| ArchiveError::Away)?.map_err(|_| ArchiveError::Away)?;
            told.map_err(|error| {
                tracing::warn!(error = &error as &dyn std::error::Error, "the past could not be read");
                ArchiveError::Away
            })
        };
        let found = tokio::time::timeout(PATIENCE, read).await.map_err(|_| ArchiveError::Busy)??;
        found.ok_or(ArchiveError::NotFound)
    }

    fn count(&self, from: &'static str) {
        if let Some(health) = &self.health {
            health.archive_answer(from);
        }
    }

    /// Renders and compresses, which the server's own threads do not wait for.
    async fn make(
        &self,
        snapshot: &Arc<Snapshot>,
        question: &Question,
        form: Form,
        found: Arc<Found>,
    ) -> Result<Arc<Artefact>, ArchiveError> {
        let (snapshot, question) = (snapshot.clone(), question.clone());
        let made = move || answers::artefact(&snapshot, &question, form, &found).map(Arc::new);
        let made = match &self.store {
            Some((_, runtime)) => runtime.spawn_blocking(made).await.map_err(|_| ArchiveError::Away)?,
            None => made(),
        };
        made.ok_or(ArchiveError::NotFound)
    }
}

impl Kept {
    /// What needed no asking.
    fn of(found: Found, snapshot: &Snapshot, question: &Question) -> Self {
        Self { found: Arc::new(found), mark: question.mark(snapshot), read_at: snapshot.as_of }
    }
}

fn made_key(snapshot: &Snapshot, question: &Question, form: Form, mark: Mark) -> MadeKey {
    let state = &snapshot.state;
    let found = (state.page.id.clone(), question.clone(), mark);
    (found, form, state.history_revision, question.moment(snapshot))
}

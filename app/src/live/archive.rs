//! What is too old for the snapshot: read through from the store, kept in memory by bytes.

use std::{sync::Arc, time::Duration};

use moka::future::Cache;
use tokio::{runtime::Handle, sync::Semaphore, time::timeout};

use super::{Artefact, MediaType, Snapshot};
use crate::{domain::Id, locale::Texts, render::page, store::Store};

/// The memory that old incidents' pages may take, all codings together.
const CAPACITY_BYTES: u64 = 32 * 1024 * 1024;
/// How many readers may ask the store at once, and how long one waits for its turn and its answer.
const READERS: usize = 4;
const PATIENCE: Duration = Duration::from_secs(2);

/// Why an old incident can't be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveError {
    #[error("no such incident")]
    NotFound,
    #[error("the archive does not answer")]
    Away,
}

/// An incident of a page, as it was at a revision of the page's history, in a language.
type Key = (Id, Id, i64, &'static str);

/// A read-through cache of old incidents; each is read once, however many ask.
#[derive(Debug)]
pub struct Archive {
    /// The store, and the runtime that its connections belong to.
    store: Option<(Store, Handle)>,
    kept: Cache<Key, Arc<Artefact>>,
    readers: Semaphore,
}

impl Archive {
    /// To be called within the runtime that the store was connected in.
    pub fn new(store: Store) -> Self {
        Self { store: Some((store, Handle::current())), ..Self::closed() }
    }

    /// An archive without a store, which answers that it is away.
    pub fn closed() -> Self {
        let weigh = |_: &Key, artefact: &Arc<Artefact>| u32::try_from(artefact.size()).unwrap_or(u32::MAX);
        let kept = Cache::builder().max_capacity(CAPACITY_BYTES).weigher(weigh).build();
        Self { store: None, kept, readers: Semaphore::new(READERS) }
    }

    /// The page of an incident that the snapshot knows of but does not hold.
    pub async fn incident(
        &self,
        snapshot: &Snapshot,
        id: &Id,
        texts: &'static Texts,
    ) -> Result<Arc<Artefact>, ArchiveError> {
        let state = &snapshot.state;
        let key = (state.page.id.clone(), id.clone(), state.history_revision, texts.tag());
        let made = self.kept.try_get_with(key, self.read(snapshot, id, texts)).await;
        made.map_err(|error| *error)
    }

    async fn read(&self, snapshot: &Snapshot, id: &Id, texts: &Texts) -> Result<Arc<Artefact>, ArchiveError> {
        let (store, runtime) = self.store.clone().ok_or(ArchiveError::Away)?;
        let (page_id, wanted) = (snapshot.state.page.id.clone(), id.clone());
        let read = async {
            let _turn = self.readers.acquire().await.map_err(|_| ArchiveError::Away)?;
            let read = runtime.spawn(async move { store.incident(&page_id, wanted.as_str()).await });
            read.await.map_err(|_| ArchiveError::Away)?.map_err(|error| {
                tracing::warn!(error = &error as &dyn std::error::Error, "an old incident could not be read");
                ArchiveError::Away
            })
        };
        let found = timeout(PATIENCE, read).await.map_err(|_| ArchiveError::Away)??;
        let incident = found.ok_or(ArchiveError::NotFound)?;
        let html = page::incident(&snapshot.state, &incident, texts);
        Ok(Arc::new(Artefact::new(MediaType::Html, html, snapshot.state.committed_at)))
    }
}

//! A page as it is now, with everything that is answered from it.

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock},
};

use chrono::{DateTime, Utc};

use super::{Artefact, MediaType};
use crate::{
    domain::{Id, state::LiveState},
    locale::{self, Texts},
    render::{
        page::{self, ErrorPage},
        statuspage::{self, Endpoint},
    },
};

/// An immutable state and its artefacts. The front page in the default language and the documents
/// of API v2 are made with it, the other pages when they are first asked for; neither needs I/O.
#[derive(Debug)]
pub struct Snapshot {
    pub state: LiveState,
    /// The instant that it speaks of.
    pub as_of: DateTime<Utc>,
    texts: &'static Texts,
    /// The front page in the page's own language, and in the others.
    front: OnceLock<Artefact>,
    translations: HashMap<&'static str, OnceLock<Artefact>>,
    /// By place in the list of endpoints.
    documents: Vec<Artefact>,
    incidents: HashMap<Id, OnceLock<Artefact>>,
    components: HashMap<Id, OnceLock<Artefact>>,
    errors: HashMap<ErrorPage, OnceLock<Artefact>>,
}

impl Snapshot {
    /// Renders what `state` says at `as_of`.
    pub fn new(state: LiveState, as_of: DateTime<Utc>) -> Self {
        let documents = Endpoint::ALL.into_iter().map(|endpoint| {
            // Nothing in them moves with the clock, so neither does their date.
            let text = statuspage::document(&state, endpoint);
            Artefact::new(MediaType::Json, text, state.committed_at)
        });
        let held = state.incidents.iter().chain(&state.maintenances);
        let texts = locale::texts(&state.page.language).unwrap_or_else(locale::fallback);
        let others = locale::languages().iter().filter(|tag| **tag != texts.tag());
        let snapshot = Self {
            documents: documents.collect(),
            texts,
            front: OnceLock::new(),
            translations: others.map(|tag| (*tag, OnceLock::new())).collect(),
            incidents: held.map(|incident| (incident.id.clone(), OnceLock::new())).collect(),
            components: state.components.iter().map(|c| (c.id.clone(), OnceLock::new())).collect(),
            errors: ErrorPage::ALL.into_iter().map(|error| (error, OnceLock::new())).collect(),
            state,
            as_of,
        };
        snapshot.front();
        snapshot
    }

    /// The texts of the page's own language, or of the first there is.
    pub fn texts(&self) -> &'static Texts {
        self.texts
    }

    /// The front page in the page's own language.
    pub fn front(&self) -> &Artefact {
        self.front.get_or_init(|| self.html(page::front(&self.state, self.as_of, self.texts)))
    }

    /// The front page in a language.
    pub fn front_in(&self, language: &str) -> Option<&Artefact> {
        if language == self.texts.tag() {
            return Some(self.front());
        }
        let texts = locale::texts(language)?;
        let cell = self.translations.get(language)?;
        Some(cell.get_or_init(|| self.html(page::front(&self.state, self.as_of, texts))))
    }

    pub fn document(&self, endpoint: Endpoint) -> &Artefact {
        &self.documents[endpoint.place()]
    }

    /// An incident's page, if the snapshot holds the incident.
    pub fn incident(&self, id: &str) -> Option<&Artefact> {
        let cell = self.incidents.get(id)?;
        let incident = self.state.incident(id)?;
        Some(cell.get_or_init(|| self.html(page::incident(&self.state, incident, self.texts()))))
    }

    /// A component's page.
    pub fn component(&self, id: &str) -> Option<&Artefact> {
        let (id, cell) = self.components.get_key_value(id)?;
        let component = self.state.component(id)?;
        let html = || page::component(&self.state, component, self.as_of, self.texts());
        Some(cell.get_or_init(|| self.html(html())))
    }

    /// A page that says what went wrong, in this page's dress.
    pub fn error(&self, error: ErrorPage) -> Option<&Artefact> {
        let cell = self.errors.get(&error)?;
        Some(cell.get_or_init(|| self.html(page::error(Some(&self.state), error, self.texts()))))
    }

    fn html(&self, text: String) -> Artefact {
        Artefact::new(MediaType::Html, text, self.as_of)
    }
}

/// A page that says what went wrong where there is no page to be dressed as.
pub fn undressed(error: ErrorPage) -> &'static Artefact {
    static PAGES: LazyLock<HashMap<ErrorPage, Artefact>> = LazyLock::new(|| {
        let html = |error| page::error(None, error, locale::fallback());
        let page = |error| (error, Artefact::new(MediaType::Html, html(error), DateTime::UNIX_EPOCH));
        ErrorPage::ALL.into_iter().map(page).collect()
    });
    &PAGES[&error]
}

//! A page as it is now, with everything that is answered from it.

use std::{
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, LazyLock},
};

use chrono::{DateTime, Utc};
use moka::sync::Cache;

use super::{Artefact, MediaType, Screen, Surface};
use crate::{
    domain::{Id, state::LiveState},
    locale::{self, Texts},
    render::{
        appointment,
        feeds::{self, Scope},
        groups, metrics_display,
        page::{self, ErrorPage},
        statuspage::{self, Endpoint},
    },
};

/// The memory that what is made on request may take, all codings together; what is pushed out is
/// made anew.
const CAPACITY_BYTES: u64 = 32 * 1024 * 1024;

/// An immutable state and its artefacts. The front page in the default language and the documents
/// of API v2 are made with it, everything else when it is first asked for; neither needs I/O.
#[derive(Debug)]
pub struct Snapshot {
    pub state: LiveState,
    /// The instant that it speaks of.
    pub as_of: DateTime<Utc>,
    /// What stands for the components that visitors may see, and for all that is past, in the keys
    /// of what is found. Another release may reckon otherwise; then neither finds what the other kept.
    pub(super) shape: u64,
    pub(super) past: u64,
    texts: &'static Texts,
    /// The front page in the page's own language.
    front: Arc<Artefact>,
    /// By place in the list of endpoints.
    documents: Vec<Artefact>,
    made: Cache<Surface, Arc<Artefact>>,
}

impl Snapshot {
    /// Renders what `state` says at `as_of`.
    pub fn new(state: LiveState, as_of: DateTime<Utc>) -> Self {
        let documents = Endpoint::ALL.into_iter().map(|endpoint| {
            // Nothing in them moves with the clock, so neither does their date.
            let text = statuspage::document(&state, endpoint);
            Artefact::new(MediaType::Json, text, state.committed_at)
        });
        let texts = locale::own(&state.page.language);
        let weigh =
            |_: &Surface, artefact: &Arc<Artefact>| u32::try_from(artefact.size()).unwrap_or(u32::MAX);
        Self {
            documents: documents.collect(),
            front: Arc::new(Artefact::screen(page::front(&state, as_of, texts), &state, as_of)),
            made: Cache::builder().max_capacity(CAPACITY_BYTES).weigher(weigh).build(),
            shape: digest(state.components.iter().map(|component| &component.id).collect::<Vec<_>>()),
            past: digest((state.history_revision, &state.incident_ids, &state.past.stamps)),
            texts,
            state,
            as_of,
        }
    }

    /// The texts of the page's own language, or of the first there is.
    pub fn texts(&self) -> &'static Texts {
        self.texts
    }

    /// The component whose uptime is shown where none is named.
    pub fn first_with_uptime(&self) -> Option<Id> {
        page::first_with_uptime(&self.state)
    }

    /// Whether there is a component or a group with this id.
    pub fn knows_component(&self, id: &Id) -> bool {
        self.state.component(id).is_some() || groups::find(&self.state, id).is_some()
    }

    /// The texts of a language that this page is shown in.
    pub fn texts_in(&self, tag: &str) -> Option<&'static Texts> {
        if tag == self.texts.tag() { Some(self.texts) } else { locale::offered(tag) }
    }

    /// The front page in the page's own language.
    pub fn front(&self) -> &Artefact {
        &self.front
    }

    pub fn document(&self, endpoint: Endpoint) -> &Artefact {
        &self.documents[endpoint.place()]
    }

    /// The answer to what is asked; none if this page has no such thing, or the snapshot does not
    /// hold it.
    pub fn artefact(&self, surface: &Surface) -> Option<Arc<Artefact>> {
        if let Surface::Screen(Screen::Front, tag) = surface
            && *tag == self.texts.tag()
        {
            return Some(self.front.clone());
        }
        self.made.optionally_get_with_by_ref(surface, || self.make(surface).map(Arc::new))
    }

    fn make(&self, surface: &Surface) -> Option<Artefact> {
        match surface {
            Surface::Screen(screen, tag) => {
                let html = self.screen(screen, self.texts_in(tag)?)?;
                Some(Artefact::screen(html, &self.state, self.as_of))
            }
            Surface::Logo(name) => {
                let mut logos = self.state.page.branding.logos();
                let logo = logos.find(|logo| logo.file_name() == *name)?;
                let kind = MediaType::of_logo(logo.media_type());
                // Its name changes with its content, so no date could say more.
                Some(Artefact::new(kind, logo.bytes().to_vec(), DateTime::UNIX_EPOCH))
            }
            Surface::IncidentJson(id) => {
                let json = statuspage::incident(&self.state, self.state.incident(id.as_str())?);
                Some(Artefact::new(MediaType::Json, json, self.state.committed_at))
            }
            Surface::MetricsDisplay(id, period) => {
                let text = metrics_display::document(self.state.metric(id)?, *period, self.as_of);
                Some(Artefact::new(MediaType::Json, text, self.as_of))
            }
            Surface::Aside(aside) => aside.make(self),
            Surface::Feed(feed, scope) => {
                // Nothing in it moves with the clock, so neither does its date.
                let text = match scope {
                    Scope::Incident(id) => {
                        appointment::feed(&self.state, self.state.incident(id.as_str())?, *feed)?
                    }
                    Scope::Component(id) if self.state.component(id).is_none() => {
                        groups::feed(&self.state, groups::find(&self.state, id)?, *feed)?
                    }
                    Scope::Page | Scope::Component(_) => feeds::feed(&self.state, *feed, scope)?,
                };
                Some(Artefact::new(MediaType::of_feed(*feed), text, self.state.committed_at))
            }
        }
    }

    fn screen(&self, screen: &Screen, texts: &Texts) -> Option<String> {
        let state = &self.state;
        Some(match screen {
            Screen::Front => page::front(state, self.as_of, texts),
            Screen::Incident(id) => page::incident(state, state.incident(id.as_str())?, self.as_of, texts),
            Screen::Component(id) => match state.component(id) {
                Some(component) => page::component(state, component, self.as_of, texts),
                None => page::group(state, groups::find(state, id)?, self.as_of, texts),
            },
            Screen::Metric(id) => page::metric(state, state.metric(id)?, self.as_of, texts),
            Screen::NoSearch(reason) => page::hint(state, *reason, texts),
            Screen::Error(error) => page::error(Some(state), *error, texts),
        })
    }
}

fn digest(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
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

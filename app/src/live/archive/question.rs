//! What can be asked about the past, how it is asked of the store, and what the store says.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    domain::{
        Id, calendar,
        past::{Quarter, Words},
        state::{Incident, IncidentSpan},
        uptime::StatusPeriod,
    },
    live::{Feed, Frame, Snapshot},
    store::{Result, Span, Store},
};

/// A question about the past, in the one form that it is kept by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Question {
    /// One incident or maintenance with all its updates.
    Incident(Id),
    /// What ended in a quarter, or is not over in the current one.
    History { quarter: Quarter, component: Option<Id> },
    /// What has these words in its name or in an update; never kept.
    Search { words: Words, component: Option<Id> },
    /// What a component's status was in a quarter.
    Uptime { component: Id, quarter: Quarter },
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// A page in the language of this tag.
    Html(&'static str),
    Json,
    Feed(Feed),
    /// The card for other sites, in the language of this tag.
    Card(&'static str),
    /// How other sites are told of that card.
    OEmbed(Frame, &'static str),
}

/// What the snapshot alone knows of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// There is no such thing.
    Nowhere,
    /// There is nothing in it.
    Empty,
    /// The store has to be asked.
    Somewhere,
}

/// What an answer depends on, as a key: it is another one when the answer may be another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mark(i64, u64);

/// What the store said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Found {
    Incident(Box<Incident>),
    /// Newest first.
    Incidents(Vec<Incident>),
    Uptime {
        periods: Vec<StatusPeriod>,
        spans: Vec<IncidentSpan>,
    },
}

impl Question {
    /// What can be said of it without asking.
    pub fn known(&self, snapshot: &Snapshot) -> Known {
        let (state, as_of) = (&snapshot.state, snapshot.as_of);
        let now = Quarter::at(as_of, state.page.time_zone);
        let shows =
            |component: &Option<Id>| component.as_ref().is_none_or(|id| state.component(id).is_some());
        match self {
            Self::Incident(id) if state.knows_incident(id.as_str()) => Known::Somewhere,
            Self::History { quarter, component } if *quarter <= now && shows(component) => {
                if *quarter < state.first_quarter(as_of) { Known::Empty } else { Known::Somewhere }
            }
            Self::Search { component, .. } if shows(component) => Known::Somewhere,
            Self::Uptime { component, quarter } if *quarter <= now => match state.component(component) {
                Some(shown) if shown.showcase && *quarter >= state.known_since(shown, as_of) => {
                    Known::Somewhere
                }
                _ => Known::Nowhere,
            },
            _ => Known::Nowhere,
        }
    }

    /// What its answer depends on, besides the question: an incident's own version and which
    /// components may be seen; the whole state for the uptime of the current quarter, which changes
    /// with every status; the page's past for everything else.
    pub fn mark(&self, snapshot: &Snapshot) -> Mark {
        let state = &snapshot.state;
        match self {
            Self::Incident(id) => Mark(state.stamp(id).map_or(-1, i64::from), snapshot.shape),
            _ if self.is_running(snapshot) => Mark(state.version.revision, snapshot.past),
            _ => Mark(state.history_revision, snapshot.past),
        }
    }

    /// The key of what was found, for all replicas.
    pub fn key(&self, page: &Id, mark: Mark) -> String {
        let question = match self {
            Self::Incident(id) => format!("incident:{id}"),
            Self::History { quarter, component } => {
                format!("history:{quarter:?}:{}", component.as_ref().map_or("", Id::as_str))
            }
            Self::Uptime { component, quarter } => format!("uptime:{quarter:?}:{component}"),
            Self::Search { .. } => "search".to_owned(),
        };
        format!("{page}:{question}:{:x}:{:x}", mark.0, mark.1)
    }

    /// The instant that an answer speaks of: the uptime of the current quarter changes with each
    /// moment of the page, everything else with the day.
    pub fn moment(&self, snapshot: &Snapshot) -> DateTime<Utc> {
        let zone = snapshot.state.page.time_zone;
        let day = || calendar::start_of(calendar::day_of(snapshot.as_of, zone), zone);
        if self.is_running(snapshot) { snapshot.as_of } else { day() }
    }

    fn is_running(&self, snapshot: &Snapshot) -> bool {
        let now = Quarter::at(snapshot.as_of, snapshot.state.page.time_zone);
        matches!(self, Self::Uptime { quarter, .. } if *quarter == now)
    }

    /// The question with all that the store needs to know.
    pub fn within(self, snapshot: &Snapshot) -> Asked {
        let zone = snapshot.state.page.time_zone;
        let (span, current) = match &self {
            Self::History { quarter, .. } | Self::Uptime { quarter, .. } => {
                (quarter.bounds(zone), *quarter == Quarter::at(snapshot.as_of, zone))
            }
            _ => (None, false),
        };
        Asked { question: self, page: snapshot.state.page.id.clone(), span, current }
    }
}

/// A question about a page, on its way to the store.
#[derive(Debug)]
pub struct Asked {
    question: Question,
    page: Id,
    span: Option<Span>,
    /// Whether it is about the current quarter.
    current: bool,
}

impl Asked {
    /// None if there is no such thing.
    pub async fn read(self, store: &Store) -> Result<Option<Found>> {
        let page = &self.page;
        Ok(match (&self.question, self.span) {
            (Question::Incident(id), _) => {
                store.incident(page, id).await?.map(|incident| Found::Incident(Box::new(incident)))
            }
            (Question::Search { words, component }, _) => {
                Some(Found::Incidents(store.search(page, words, component.as_ref()).await?))
            }
            (Question::History { component, .. }, Some(span)) => {
                Some(Found::Incidents(store.ended(page, span, self.current, component.as_ref()).await?))
            }
            (Question::Uptime { component, .. }, Some(span)) => {
                let (periods, spans) = store.uptime(page, component, span).await?;
                Some(Found::Uptime { periods, spans })
            }
            // A quarter that no calendar has.
            (_, None) => None,
        })
    }
}

impl Found {
    /// How many bytes it takes, roughly.
    pub fn size(&self) -> usize {
        match self {
            Self::Incident(incident) => size_of_incident(incident),
            Self::Incidents(incidents) => 64 + incidents.iter().map(size_of_incident).sum::<usize>(),
            Self::Uptime { periods, spans } => {
                let spans = spans.iter().map(|span| size_of::<IncidentSpan>() + span.name.len() + 128);
                64 + size_of_val(periods.as_slice()) + spans.sum::<usize>()
            }
        }
    }
}

fn size_of_incident(incident: &Incident) -> usize {
    let affected = 160;
    let updates = incident.updates.iter().map(|update| {
        size_of_val(update) + update.body.len() + 64 + affected * update.affected_components.len()
    });
    let postmortem = incident.postmortem.as_ref().map_or(0, |postmortem| postmortem.body.len());
    size_of::<Incident>() + incident.name.len() + 128 + postmortem + updates.sum::<usize>()
}

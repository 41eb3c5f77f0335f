//! What feed readers and calendars read: Atom (RFC 4287), RSS 2.0, iCalendar (RFC 5545) and JSON
//! Feed 1.1. One scheme names them all: `/history.atom`, `/history.rss`, `/history.ics` and
//! `/feed.json` of the page, and the same below the address of a component or of an incident. Atom
//! and RSS are as Statuspage writes them, in English whatever the page's language.

mod atom;
mod calendar;
mod channel;
mod entry;
mod json;
mod rss;

use crate::domain::{
    Id,
    incident::Kind,
    state::{Incident, LiveState},
};
use channel::Channel;

/// The most entries of a feed, and the most events of a calendar.
const MOST_ENTRIES: usize = 25;
const MOST_EVENTS: usize = 100;

/// What a feed is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Feed {
    Atom,
    Rss,
    Calendar,
    Json,
}

impl Feed {
    pub const ALL: [Self; 4] = [Self::Atom, Self::Rss, Self::Calendar, Self::Json];

    /// Its path below what it is of.
    pub fn file(self) -> &'static str {
        match self {
            Self::Atom => "/history.atom",
            Self::Rss => "/history.rss",
            Self::Calendar => "/history.ics",
            Self::Json => "/feed.json",
        }
    }

    /// Its media type, without parameters.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml",
            Self::Rss => "application/rss+xml",
            Self::Calendar => "text/calendar",
            Self::Json => "application/feed+json",
        }
    }
}

/// What a feed tells of.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Every incident and maintenance; an entry each.
    Page,
    /// Those that are attached to a component; an entry each.
    Component(Id),
    /// One incident or maintenance; an entry for each update.
    Incident(Id),
}

/// A feed of what the state holds; none where it holds no such component or incident, or the
/// incident is none that a calendar could hold.
pub fn feed(state: &LiveState, feed: Feed, scope: &Scope) -> Option<String> {
    let all = || state.incidents.iter().chain(&state.maintenances);
    match scope {
        Scope::Page => Some(listed(state, feed, Channel::of_page(state), all().collect())),
        Scope::Component(id) => {
            let component = state.component(id)?;
            let attached = all().filter(|incident| incident.component_ids.contains(id));
            Some(listed(state, feed, Channel::of_component(state, component), attached.collect()))
        }
        Scope::Incident(id) => incident(state, state.incident(id.as_str())?, feed),
    }
}

/// The feed of one incident, also of one that the state is too young to hold. Only maintenances
/// are appointments, so that an incident has no calendar.
pub fn incident(state: &LiveState, incident: &Incident, feed: Feed) -> Option<String> {
    let channel = Channel::of_incident(state, incident);
    let entries = || entry::of_updates(state, incident, MOST_ENTRIES);
    match feed {
        Feed::Atom => Some(atom::write(&channel, entries())),
        Feed::Rss => Some(rss::write(&channel, entries())),
        Feed::Json => Some(json::write(&channel, entries())),
        Feed::Calendar => {
            (incident.kind == Kind::Maintenance).then(|| calendar::write(state, &channel, &[incident]))
        }
    }
}

fn listed(state: &LiveState, feed: Feed, channel: Channel, incidents: Vec<&Incident>) -> String {
    match feed {
        Feed::Atom => atom::write(&channel, entry::of_incidents(state, &incidents, MOST_ENTRIES)),
        Feed::Rss => rss::write(&channel, entry::of_incidents(state, &incidents, MOST_ENTRIES)),
        Feed::Json => json::write(&channel, entry::of_incidents(state, &incidents, MOST_ENTRIES)),
        Feed::Calendar => {
            let mut planned = incidents;
            planned.retain(|incident| incident.kind == Kind::Maintenance);
            planned.sort_by_key(|incident| std::cmp::Reverse((incident.scheduled_for, incident.number)));
            planned.truncate(MOST_EVENTS);
            calendar::write(state, &channel, &planned)
        }
    }
}

#[cfg(test)]
mod tests;

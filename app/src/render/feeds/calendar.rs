//! iCalendar (RFC 5545; RFC 7986 for the name and the refresh): maintenances as events. They block
//! nobody's time. Incidents are no appointments and are not in it.

use chrono::{DateTime, TimeDelta, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Parameter, Property};

use super::channel::{Channel, clean, host};
use crate::{
    domain::state::{Incident, LiveState},
    markup,
};

/// How often calendars are to ask again.
const REFRESH: TimeDelta = TimeDelta::hours(1);
/// The characters of a description.
const DESCRIBED: usize = 2_000;

pub fn write(state: &LiveState, channel: &Channel, maintenances: &[&Incident]) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//Pharos//Status page//EN"));
    calendar.append_property(("CALSCALE", "GREGORIAN"));
    // As a text of that type it is escaped, which RFC 5545 asks of names beginning with X- too.
    let title = channel.title.replace("Incident History", "Scheduled Maintenance");
    for name in ["NAME", "X-WR-CALNAME"] {
        let mut property = Property::new(name, one_line(&title));
        calendar.append_property(property.append_parameter(Parameter::new("VALUE", "TEXT")).done());
    }
    calendar.ttl(&REFRESH);
    calendar.extend(maintenances.iter().filter_map(|maintenance| event(state, maintenance)));
    calendar.to_string()
}

/// A maintenance without a beginning is in no calendar.
fn event(state: &LiveState, maintenance: &Incident) -> Option<Event> {
    let from = maintenance.scheduled_for?;
    let page = &state.page;
    let mut event = Event::new();
    event
        .uid(&format!("{}@{}", maintenance.id, host(&page.url)))
        .sequence(sequence(maintenance))
        .timestamp(maintenance.updated_at)
        .created(maintenance.created_at)
        .last_modified(maintenance.updated_at)
        .starts(from)
        .summary(&one_line(&format!("{} - {}", page.name, maintenance.name)))
        .description(&description(state, maintenance))
        .url(&format!("{}/incidents/{}", page.url, maintenance.id))
        .status(status(maintenance, from))
        .append_property(("TRANSP", "TRANSPARENT"));
    if let Some(until) = maintenance.scheduled_until.filter(|until| *until > from) {
        event.ends(until);
    }
    Some(event.done())
}

/// Rises with each update and with each change that comes without one, such as another time (RFC
/// 5545, section 3.8.7.4): a change moves the instant of the last one.
fn sequence(maintenance: &Incident) -> u32 {
    let updates = i64::try_from(maintenance.updates.len().saturating_sub(1)).unwrap_or(i64::MAX);
    let since = (maintenance.updated_at - maintenance.created_at).num_seconds().max(0);
    // Some calendars read a number of 32 bits with a sign.
    let most = i64::from(i32::MAX);
    u32::try_from(updates.saturating_add(since).min(most)).unwrap_or_default()
}

/// What was over before it could begin was called off. Whoever announces one means it, so that none
/// is tentative.
fn status(maintenance: &Incident, from: DateTime<Utc>) -> EventStatus {
    let ended = maintenance.resolved_at.filter(|_| maintenance.status.is_over());
    if ended.is_some_and(|ended| ended < from) { EventStatus::Cancelled } else { EventStatus::Confirmed }
}

/// The newest words, and what is affected.
fn description(state: &LiveState, maintenance: &Incident) -> String {
    let newest = maintenance.updates.first().map(|update| markup::to_text(&update.body));
    let affected = maintenance.component_ids.iter().filter_map(|id| state.component(id));
    let affected: Vec<&str> = affected.map(|component| component.name.as_str()).collect();
    let mut text = clean(&newest.unwrap_or_default());
    if let Some((end, _)) = text.char_indices().nth(DESCRIBED) {
        text.truncate(end);
        text.push('…');
    }
    if !affected.is_empty() {
        let names: String = affected.join(", ").chars().take(DESCRIBED).collect();
        text += &format!("\n\nAffects: {}", one_line(&names));
    }
    text
}

fn one_line(text: &str) -> String {
    clean(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

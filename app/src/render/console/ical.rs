//! Maintenances for the calendars of operators (RFC 5545): drafts too, which are tentative.

use chrono::TimeDelta;
use icalendar::{Calendar, Component, Event, EventLike, EventStatus};

use crate::domain::{record::IncidentRecord, state::Page};

/// How often calendars are to ask again.
const REFRESH: TimeDelta = TimeDelta::minutes(15);

pub fn calendar(page: &Page, records: &[IncidentRecord], console_url: &str) -> String {
    let mut calendar = Calendar::empty();
    calendar.append_property(("VERSION", "2.0"));
    calendar.append_property(("PRODID", "-//Pharos//Console//EN"));
    calendar.name(&format!("{}: maintenances", page.name));
    calendar.ttl(&REFRESH);
    calendar.extend(records.iter().filter_map(|record| event(page, record, console_url)));
    calendar.to_string()
}

fn event(page: &Page, record: &IncidentRecord, console_url: &str) -> Option<Event> {
    let incident = &record.incident;
    let (from, until) = incident.scheduled_for.zip(incident.scheduled_until)?;
    let called_off = incident.status.is_over() && incident.resolved_at.is_some_and(|at| at < from);
    let status = match record.draft {
        true => EventStatus::Tentative,
        false if called_off => EventStatus::Cancelled,
        false => EventStatus::Confirmed,
    };
    let names: Vec<&str> = record.components.iter().map(|one| one.component.name.as_str()).collect();
    let title = if record.draft { format!("{} (draft)", incident.name) } else { incident.name.clone() };
    let mut event = Event::new();
    event
        .uid(&format!("{}@pharos", incident.id))
        .sequence(u32::try_from(record.version).unwrap_or_default())
        .timestamp(incident.updated_at)
        .last_modified(incident.updated_at)
        .starts(from)
        .ends(until)
        .summary(&format!("{}: {title}", page.name))
        .description(&names.join(", "))
        .url(&format!("{console_url}/admin/pages/{}/maintenances/{}", page.id, incident.id))
        .status(status);
    Some(event.done())
}

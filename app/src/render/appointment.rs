//! An incident as a calendar holds it, for whoever asks for that of one incident alone. The calendars
//! of pages and components hold maintenances only, for an outage is nothing that was agreed upon.

use super::feeds::{self, Feed};
use crate::domain::{
    incident::Kind,
    state::{Incident, LiveState},
};

/// A feed of one incident or maintenance. In a calendar an incident is an event from when it began
/// until it was over; while it goes on nobody knows the end, and it has none (RFC 5545, 3.6.1).
pub fn feed(state: &LiveState, incident: &Incident, feed: Feed) -> Option<String> {
    if feed != Feed::Calendar || incident.kind == Kind::Maintenance {
        return feeds::incident(state, incident, feed);
    }
    let event = Incident {
        kind: Kind::Maintenance,
        scheduled_for: Some(incident.began_at()),
        scheduled_until: incident.ended_at(),
        ..incident.clone()
    };
    feeds::incident(state, &event, feed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{fixture, incident::IncidentStatus};

    #[test]
    fn an_incident_is_an_event_that_ends_when_it_is_over() {
        let state = fixture::state();
        let mut incident = fixture::incident("outage", Kind::Incident, IncidentStatus::Investigating);
        incident.started_at = fixture::noon();
        let open = feed(&state, &incident, Feed::Calendar).unwrap();
        assert!(open.contains("DTSTART:20261122T120000Z") && !open.contains("DTEND"), "{open}");
        incident.status = IncidentStatus::Resolved;
        incident.resolved_at = Some(fixture::noon() + chrono::TimeDelta::minutes(90));
        let over = feed(&state, &incident, Feed::Calendar).unwrap();
        assert!(over.contains("DTEND:20261122T133000Z") && over.contains("STATUS:CONFIRMED"), "{over}");
        assert!(over.contains("UID:outage@") && over.matches("BEGIN:VEVENT").count() == 1, "{over}");
        assert_eq!(feed(&state, &incident, Feed::Atom), feeds::incident(&state, &incident, Feed::Atom));
    }
}

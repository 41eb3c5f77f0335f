//! What search engines read of one incident: linked data in the words of schema.org.

use serde_json::{Value, json};

use super::view::{View, machine};
use crate::{
    domain::{
        incident::Kind,
        state::{Incident, IncidentUpdate},
    },
    markup,
};

/// A maintenance with its window is an event, anything else an announcement with its newest words.
pub fn incident(view: View<'_>, incident: &Incident) -> Value {
    let page = &view.state.page;
    let url = format!("{}{}", page.url, view.incident_href(&incident.id));
    // JSON would carry controls as escapes, which nothing takes out of the document.
    let name = markup::visible(&incident.name);
    let said = |update: &IncidentUpdate| markup::to_text(&update.body);
    let text = incident.updates.first().map(said).filter(|text| !text.is_empty());
    let text = text.unwrap_or_else(|| name.to_string());
    let by = json!({"@type": "Organization", "name": markup::visible(&page.name), "url": page.url});
    match (incident.kind, incident.scheduled_for) {
        (Kind::Maintenance, Some(from)) => json!({
            "@context": "https://schema.org",
            "@type": "Event",
            "name": name,
            "description": text,
            "url": url,
            "startDate": machine(from),
            "endDate": incident.scheduled_until.map(machine),
            "eventStatus": "https://schema.org/EventScheduled",
            "eventAttendanceMode": "https://schema.org/OnlineEventAttendanceMode",
            "location": {"@type": "VirtualLocation", "url": page.url},
            "organizer": by,
        }),
        _ => json!({
            "@context": "https://schema.org",
            "@type": "SpecialAnnouncement",
            "name": name,
            "text": text,
            "url": url,
            "datePosted": machine(incident.created_at),
            "expires": incident.resolved_at.map(machine),
            "publisher": by,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{fixture, incident::IncidentStatus},
        locale,
        render::page::raw,
    };

    #[test]
    fn a_maintenance_is_an_event_and_text_stays_text() {
        let state = fixture::state();
        let view = View::new(&state, locale::texts("en").unwrap());
        let mut planned = fixture::incident("planned", Kind::Maintenance, IncidentStatus::Scheduled);
        planned.name = "</script><script>alert(1)</script>".into();
        assert_eq!(incident(view, &planned)["@type"], "SpecialAnnouncement", "nobody knows when");
        planned.scheduled_for = Some(fixture::noon());
        let told = incident(view, &planned);
        assert_eq!(told["@type"], "Event");
        assert_eq!(told["startDate"], "2026-11-22T12:00:00Z");
        assert_eq!(told["url"], "https://status.example.com/incidents/planned");
        let html = raw::data(&told).into_string();
        assert_eq!(html.matches('<').count(), 2, "{html}");
        let json =
            html.trim_start_matches("<script type=\"application/ld+json\">").trim_end_matches("</script>");
        assert_eq!(serde_json::from_str::<Value>(json).unwrap(), told);
    }
}

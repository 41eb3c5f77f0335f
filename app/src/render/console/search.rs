//! What was found of what was looked for, of all kinds.

use chrono_tz::Tz;
use maud::{Markup, html};

use super::{layout::Frame, parts};
use crate::domain::{
    Id,
    incident::Kind,
    record::{ComponentRecord, IncidentRecord, Template, User},
};

#[derive(Debug)]
pub struct Found<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    pub sought: &'a str,
    pub incidents: &'a [IncidentRecord],
    pub components: &'a [ComponentRecord],
    pub templates: &'a [Template],
    /// Nobody, for who may not see them.
    pub people: &'a [User],
}

pub fn found(frame: &Frame, found: &Found<'_>) -> String {
    let base = format!("/admin/pages/{}", found.page);
    let nothing = found.incidents.is_empty()
        && found.components.is_empty()
        && found.templates.is_empty()
        && found.people.is_empty();
    frame.document(html! {
        h1 { "Search" }
        @if found.sought.is_empty() { p.q { "Say what you look for: the slash key leads to the field." } }
        @else if nothing { p { "Nothing was found of “" (found.sought) "”." } }
        @else { p.q { "What was found of “" (found.sought) "”." } }
        (part("Incidents and maintenances", found.incidents.iter().map(|one| incident(&base, found.zone, one)).collect()))
        (part("Components", found.components.iter().map(|one| html! {
            a.name href={ (base) "/components/" (one.component.id) } { (one.component.name) }
            p { (parts::status(one.component.status)) }
        }).collect()))
        (part("Templates", found.templates.iter().map(|one| html! {
            a.name href={ (base) "/incidents/new?template=" (one.id) } { (one.name) }
            p.q { "Begins an incident" }
        }).collect()))
        (part("People", found.people.iter().map(|one| html! {
            a.name href="/admin/people" { @if one.name.is_empty() { (one.email) } @else { (one.name) } }
            p.q { (one.email) " · " (one.role.as_str()) }
        }).collect()))
    })
}

fn part(title: &str, rows: Vec<Markup>) -> Markup {
    html! {
        @if !rows.is_empty() {
            section { h2 { (title) } ul.rows { @for row in &rows { li { div { (row) } } } } }
        }
    }
}

fn incident(base: &str, zone: Tz, record: &IncidentRecord) -> Markup {
    let incident = &record.incident;
    let place = if incident.kind == Kind::Maintenance { "maintenances" } else { "incidents" };
    html! {
        a.name href={ (base) "/" (place) "/" (incident.id) } { (incident.name) }
        p.q {
            (parts::stage_name(incident.status)) " · " (parts::time(incident.began_at(), zone))
            @if record.draft { " · draft" }
        }
    }
}

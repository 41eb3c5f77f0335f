//! The list of incidents: what is open first.

use chrono_tz::Tz;
use maud::{Markup, html};

use super::{layout::Frame, parts};
use crate::domain::{Id, incident::Kind, record::IncidentRecord};

#[derive(Debug)]
pub struct Lists<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    pub may_post: bool,
    pub open: &'a [IncidentRecord],
    pub planned: &'a [IncidentRecord],
    pub drafts: &'a [IncidentRecord],
    pub past: &'a [IncidentRecord],
    /// Which part of the past is shown, from 1.
    pub number: u64,
    pub more: bool,
    /// What was searched for.
    pub sought: &'a str,
}

pub fn incidents(frame: &Frame, lists: &Lists<'_>) -> String {
    let base = format!("/admin/pages/{}/incidents", lists.page);
    frame.document(html! {
        div.head {
            h1 { "Incidents" }
            @if lists.may_post { a.button.main href={ (base) "/new" } { "New incident" } }
        }
        @if lists.number == 1 && lists.sought.is_empty() {
            section {
                h2 { "Open" }
                @if lists.open.is_empty() { p.q { "Nothing is open." } }
                (rows(lists, lists.open))
            }
            @if !lists.drafts.is_empty() { section { h2 { "Drafts" } (rows(lists, lists.drafts)) } }
            @if !lists.planned.is_empty() { section { h2 { "Scheduled maintenances" } (rows(lists, lists.planned)) } }
        }
        section {
            div.head {
                h2 { @if lists.sought.is_empty() { "Past" } @else { "Found" } }
                form.search role="search" action=(base) {
                    label.hidden for="q" { "Search incidents" }
                    input id="q" name="q" type="search" value=(lists.sought) placeholder="Search" maxlength="200";
                    button.small type="submit" { "Search" }
                }
            }
            @if lists.past.is_empty() { p.q { @if lists.sought.is_empty() { "No incident is past yet." } @else { "Nothing was found." } } }
            (rows(lists, lists.past))
            (parts::pager(&sought(&base, lists.sought), lists.number, lists.more))
        }
    })
}

fn sought(base: &str, words: &str) -> String {
    if words.is_empty() {
        return base.to_owned();
    }
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish();
    format!("{base}?{query}")
}

fn rows(lists: &Lists<'_>, records: &[IncidentRecord]) -> Markup {
    html! { ul.rows { @for record in records { (row(lists, record)) } } }
}

fn row(lists: &Lists<'_>, record: &IncidentRecord) -> Markup {
    let incident = &record.incident;
    let part = if incident.kind == Kind::Maintenance { "maintenances" } else { "incidents" };
    let at = match incident.kind {
        Kind::Maintenance => incident.scheduled_for.unwrap_or(incident.started_at),
        Kind::Incident => incident.updates.first().map_or(incident.started_at, |update| update.display_at),
    };
    html! {
        li {
            div {
                a.name href={ "/admin/pages/" (lists.page) "/" (part) "/" (incident.id) } { (incident.name) }
                p.q {
                    (parts::stage_name(incident.status)) " · " (parts::impact(incident.impact)) " · "
                    (parts::time(at, lists.zone))
                    @if let Some(at) = record.publish_at { " · posted by the clock " (parts::time(at, lists.zone)) }
                    @if let Some(due) = incident.next_update_at { " · next update by " (parts::time(due, lists.zone)) }
                }
            }
        }
    }
}

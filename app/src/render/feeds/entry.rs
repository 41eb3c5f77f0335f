//! The entries of a feed, whatever it is written in.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::channel::{clean, clean_html, host, second};
use crate::{
    domain::{
        incident::{IncidentStatus, labels},
        state::{Incident, IncidentUpdate, LiveState},
    },
    markup,
};

/// One entry.
#[derive(Debug)]
pub struct Entry {
    /// Its name for ever (RFC 4151).
    pub id: String,
    pub title: String,
    /// Where it can be read.
    pub link: String,
    /// May lie in the future: a planned maintenance stands where it begins.
    pub published: DateTime<Tz>,
    /// When it could first be read, for formats that have no entries of the future.
    pub announced: DateTime<Tz>,
    pub updated: DateTime<Tz>,
    /// HTML.
    pub content: String,
    /// The body of the newest update, as it was typed.
    pub newest: String,
}

/// The newest of these incidents and maintenances, an entry each.
pub fn of_incidents(state: &LiveState, incidents: &[&Incident], most: usize) -> Vec<Entry> {
    let mut newest: Vec<(DateTime<Utc>, &Incident)> =
        incidents.iter().map(|incident| (published(incident), *incident)).collect();
    newest.sort_by_key(|(at, incident)| std::cmp::Reverse((*at, incident.created_at, incident.number)));
    newest.truncate(most);
    newest.into_iter().map(|(at, incident)| of_incident(state, incident, at)).collect()
}

/// When the newest update was made that is no postmortem; for what is still planned, when it begins.
fn published(incident: &Incident) -> DateTime<Utc> {
    let planned = incident.scheduled_for.filter(|_| incident.status == IncidentStatus::Scheduled);
    let story = incident.updates.iter().find(|update| update.status != IncidentStatus::Postmortem);
    let newest = || story.map_or(incident.created_at, |update| update.display_at);
    planned.unwrap_or_else(newest)
}

/// What is still planned was announced with its first words.
fn announced(incident: &Incident, published: DateTime<Utc>) -> DateTime<Utc> {
    if incident.status != IncidentStatus::Scheduled {
        return published;
    }
    incident.updates.last().map_or(incident.created_at, |update| update.display_at)
}

fn of_incident(state: &LiveState, incident: &Incident, published: DateTime<Utc>) -> Entry {
    let page = &state.page;
    Entry {
        id: format!("tag:{},2005:Incident/{}", host(&page.url), incident.number),
        title: clean(&incident.name),
        link: format!("{}/incidents/{}", page.url, incident.id),
        published: second(published, page.time_zone),
        announced: second(announced(incident, published), page.time_zone),
        updated: second(incident.updated_at, page.time_zone),
        content: content(incident, page.time_zone),
        newest: incident.updates.first().map(|update| update.body.clone()).unwrap_or_default(),
    }
}

/// The newest updates of an incident, an entry each.
pub fn of_updates(state: &LiveState, incident: &Incident, most: usize) -> Vec<Entry> {
    let page = &state.page;
    let entry = |(update, label): (&IncidentUpdate, Option<IncidentStatus>)| Entry {
        id: format!("tag:{},2005:IncidentUpdate/{}", host(&page.url), update.id),
        title: clean(&format!("{} - {}", word(label), incident.name)),
        link: format!("{}/incidents/{}#{}", page.url, incident.id, update.id),
        published: second(update.display_at, page.time_zone),
        announced: second(update.display_at, page.time_zone),
        updated: second(update.updated_at, page.time_zone),
        content: clean_html(&paragraph(update, label, page.time_zone)).into_owned(),
        newest: update.body.clone(),
    };
    labelled(incident).take(most).map(entry).collect()
}

fn labelled(incident: &Incident) -> impl Iterator<Item = (&IncidentUpdate, Option<IncidentStatus>)> {
    let statuses: Vec<IncidentStatus> = incident.updates.iter().map(|update| update.status).collect();
    incident.updates.iter().zip(labels(&statuses))
}

/// All updates, newest first, as Statuspage writes them. What is still planned begins with when.
fn content(incident: &Incident, zone: Tz) -> String {
    let mut html = String::new();
    if incident.status == IncidentStatus::Scheduled
        && let Some(from) = incident.scheduled_for
    {
        let until = incident.scheduled_until.map(|until| format!(" &nbsp;-&nbsp; {}", moment(until, zone)));
        let until = until.unwrap_or_default();
        html += &format!("<p><strong>THIS IS A SCHEDULED EVENT {}{until}</strong></p>", moment(from, zone));
    }
    html.extend(labelled(incident).map(|(update, label)| paragraph(update, label, zone)));
    clean_html(&html).into_owned()
}

fn paragraph(update: &IncidentUpdate, label: Option<IncidentStatus>, zone: Tz) -> String {
    let (at, label) = (moment(update.display_at, zone), word(label));
    format!(
        "<p><small>{at}</small><br><strong>{label}</strong> - {}",
        flowing(&markup::to_html(&update.body))
    )
}

/// `Nov 14, 14:07 PST`, its parts marked for those who look for them; the day takes two places.
fn moment(at: DateTime<Utc>, zone: Tz) -> String {
    let form = "%b <var data-var='date'>%e</var>, <var data-var='time'>%H:%M</var> %Z";
    at.with_timezone(&zone).format(form).to_string()
}

/// Sanitised HTML as it goes on in a paragraph that has begun: paragraphs become lines of that one,
/// and it ends where something begins that no paragraph may hold.
fn flowing(html: &str) -> String {
    let lines =
        html.replace("<br>\n", "<br />").replace("<br>", "<br />").replace("</p>\n<p>", "<br /><br />");
    match lines.strip_prefix("<p>") {
        Some(rest) => rest.to_owned(),
        None => format!("</p>{lines}"),
    }
}

/// The word for a status in feeds, which speak English; none is an update without a new status.
fn word(status: Option<IncidentStatus>) -> &'static str {
    match status {
        None => "Update",
        Some(IncidentStatus::Investigating) => "Investigating",
        Some(IncidentStatus::Identified) => "Identified",
        Some(IncidentStatus::Monitoring) => "Monitoring",
        Some(IncidentStatus::Resolved) => "Resolved",
        Some(IncidentStatus::Postmortem) => "Postmortem",
        Some(IncidentStatus::Scheduled) => "Scheduled",
        Some(IncidentStatus::InProgress) => "In progress",
        Some(IncidentStatus::Verifying) => "Verifying",
        Some(IncidentStatus::Completed) => "Completed",
    }
}

//! Incidents of which only the words are known, from feeds and history pages: no ids of updates, no
//! components, times to the minute. What a document of API v2 says goes before what a feed says,
//! and that before a row of the history.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Timelike, Utc};

use super::rename::fresh;
use crate::domain::{
    Id,
    incident::{Impact, IncidentStatus, Kind, Progress},
    state::{Incident, IncidentUpdate},
};

/// Statuspage's own limit, in characters.
const LONGEST_BODY: usize = 25_000;

/// What is told of one incident.
#[derive(Debug)]
pub struct Told {
    /// The number that feeds name it by; none is 0.
    pub number: i64,
    pub name: String,
    /// Newest first.
    pub updates: Vec<Update>,
    pub planned: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub updated_at: Option<DateTime<Utc>>,
    pub impact: Option<Impact>,
}

/// One update that is told.
#[derive(Debug)]
pub struct Update {
    pub at: DateTime<Utc>,
    /// The word for its status, or `Update`.
    pub label: String,
    pub body: String,
}

/// The incident that is told of; none without an update.
pub fn incident(id: &Id, told: Told) -> Option<Incident> {
    let statuses = statuses(&told.updates)?;
    let (status, oldest) = (*statuses.first()?, told.updates.last()?.at);
    let updates = updates(id, &told.updates, &statuses);
    let kind = status.kind();
    let impact = told.impact.filter(|_| kind == Kind::Incident);
    let impact = impact.unwrap_or(if kind == Kind::Maintenance { Impact::Maintenance } else { Impact::None });
    let mut progress = Progress::begin(status, Some(impact));
    for update in updates.iter().rev() {
        progress = progress.update(update.status, update.display_at, []).ok()?;
    }
    let (from, until) = planned(kind, &told, &updates);
    let newest = updates.iter().map(|update| update.display_at).max()?;
    Some(Incident {
        id: id.clone(),
        number: told.number,
        kind,
        name: told.name,
        status,
        impact,
        shortlink: None,
        started_at: oldest,
        created_at: oldest,
        updated_at: told.updated_at.unwrap_or(newest),
        monitoring_at: progress.monitoring_at,
        resolved_at: progress.resolved_at,
        next_update_at: None,
        scheduled_for: from,
        scheduled_until: until,
        reminder_intervals: None,
        component_ids: vec![],
        updates,
        postmortem: None,
    })
}

/// The statuses that the labels stand for: `Update` repeats the one before it. All are of one life,
/// that of the newest.
fn statuses(newest_first: &[Update]) -> Option<Vec<IncidentStatus>> {
    let mut read: Vec<Option<IncidentStatus>> =
        newest_first.iter().map(|update| IncidentStatus::parse(&word(&update.label))).collect();
    let kind = read.iter().flatten().next().map_or(Kind::Incident, |status| status.kind());
    let first = match kind {
        Kind::Incident => IncidentStatus::Investigating,
        Kind::Maintenance => IncidentStatus::Scheduled,
    };
    let mut before = first;
    for status in read.iter_mut().rev() {
        before = status.filter(|status| status.kind() == kind).unwrap_or(before);
        *status = Some(before);
    }
    read.into_iter().collect()
}

fn word(label: &str) -> String {
    label.trim().to_ascii_lowercase().replace(' ', "_")
}

fn updates(id: &Id, told: &[Update], statuses: &[IncidentStatus]) -> Vec<IncidentUpdate> {
    let mut seen: HashMap<i64, usize> = HashMap::new();
    let (mut updates, mut latest) = (vec![], DateTime::<Utc>::MIN_UTC);
    // From the oldest on, so that what is told later changes no id.
    for (update, status) in told.iter().zip(statuses).rev() {
        let nth = seen.entry(minute(update.at)).or_default();
        // They stand in the order in which they were said, whatever their times are shown to be.
        latest = latest.max(update.at);
        updates.push(IncidentUpdate {
            id: derived(id, update.at, *nth),
            status: *status,
            body: body(update, *status),
            created_at: latest,
            updated_at: latest,
            display_at: update.at,
            affected_components: vec![],
            deliver_notifications: false,
            custom_tweet: None,
            tweet_id: None,
        });
        *nth += 1;
    }
    updates.reverse();
    updates
}

/// A postmortem is markdown; a feed has turned the ends of its lines into tags.
fn body(update: &Update, status: IncidentStatus) -> String {
    let is_postmortem = status == IncidentStatus::Postmortem;
    let body = if is_postmortem { update.body.replace("<br />", "\n") } else { update.body.clone() };
    body.chars().take(LONGEST_BODY).collect()
}

fn minute(at: DateTime<Utc>) -> i64 {
    at.timestamp().div_euclid(60)
}

/// The id of the `nth` update of a minute, the same whenever it is told.
fn derived(incident: &Id, at: DateTime<Utc>, nth: usize) -> Id {
    fresh(incident, &format!("told/{}/{nth}", minute(at)))
}

/// Statuspage says when only of what is still planned; what began and ended by the clock did so as
/// planned.
fn planned(
    kind: Kind,
    told: &Told,
    updates: &[IncidentUpdate],
) -> (Option<DateTime<Utc>>, Option<DateTime<Utc>>) {
    if kind == Kind::Incident {
        return (None, None);
    }
    if let Some((from, until)) = told.planned {
        return (Some(from), Some(until));
    }
    let at = |status| updates.iter().find(|update| update.status == status).map(|update| update.display_at);
    let whole_minute = |at: DateTime<Utc>| at.with_second(0).unwrap_or(at);
    let begun = at(IncidentStatus::InProgress).or_else(|| updates.last().map(|update| update.display_at));
    let ended = at(IncidentStatus::Completed).or(begun);
    (begun.map(whole_minute), ended.map(whole_minute))
}

/// Whether only words are known of an incident.
pub fn is_told(incident: &Incident) -> bool {
    let mut seen: HashMap<i64, usize> = HashMap::new();
    let mut oldest_first = incident.updates.iter().rev();
    !incident.updates.is_empty()
        && oldest_first.all(|update| {
            let nth = seen.entry(minute(update.display_at)).or_default();
            *nth += 1;
            update.id == derived(&incident.id, update.display_at, *nth - 1)
        })
}

/// Of two accounts of one incident, what is known from both.
pub fn joined(known: &Incident, other: &Incident) -> Incident {
    let mut joined = match (is_told(known), is_told(other)) {
        (false, true) => completed(known, other),
        (true, false) => completed(other, known),
        // The longer story is the newer one; a row of the history is the shortest.
        (true, true) => {
            let longer = (other.updates.len(), other.updated_at) > (known.updates.len(), known.updated_at);
            let (more, less) = if longer { (other, known) } else { (known, other) };
            let impact = if more.impact == Impact::None { less.impact } else { more.impact };
            Incident { impact, ..more.clone() }
        }
        (false, false) if known.updated_at >= other.updated_at => known.clone(),
        (false, false) => other.clone(),
    };
    // What only this installation says is not taken back by those who don't know of it.
    joined.postmortem = joined.postmortem.or_else(|| known.postmortem.clone());
    joined.next_update_at =
        joined.next_update_at.or(known.next_update_at.filter(|_| !joined.status.is_over()));
    joined.number = [known.number, other.number].into_iter().find(|number| *number > 0).unwrap_or(0);
    joined
}

/// What a document says of an incident goes before what is told of it, which would otherwise say
/// again what it says: times that were told to the minute or moved, words that became HTML. Only of
/// one without any word is something told.
fn completed(known: &Incident, told: &Incident) -> Incident {
    if !known.updates.is_empty() || told.kind != known.kind {
        return known.clone();
    }
    Incident { updates: told.updates.clone(), ..known.clone() }
}

/// Adds incidents to those that are there; says which are over as it is told, and open in documents.
/// Of those that are `endless`, it is not told that they are over.
pub fn add(
    incidents: &mut Vec<Incident>,
    told: impl IntoIterator<Item = Incident>,
    endless: &HashSet<Id>,
) -> Vec<String> {
    let mut places: HashMap<Id, usize> =
        incidents.iter().enumerate().map(|(place, incident)| (incident.id.clone(), place)).collect();
    let mut notes = vec![];
    for incident in told {
        if let Some(place) = places.get(&incident.id) {
            let joined = joined(&incidents[*place], &incident);
            let ends = incident.status.is_over() && !endless.contains(&incident.id);
            if ends && !joined.status.is_over() && is_told(&incident) {
                notes.push(format!(
                    "{} ({}) is over in a feed and open in its document: read the page itself, or a newer document",
                    incident.id, incident.name
                ));
            }
            incidents[*place] = joined;
        } else {
            places.insert(incident.id.clone(), incidents.len());
            incidents.push(incident);
        }
    }
    notes
}

//! What the snapshot says of the current quarter, so that a process that never reached the store tells
//! of it too. It speaks only where it holds all that the store would find.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Question, question::Found};
use crate::{
    domain::{
        Id,
        incident::IncidentStatus,
        past::Quarter,
        state::{Incident, IncidentSpan, LiveState},
        uptime::SHOWN_DAYS,
    },
    live::Snapshot,
    store::MOST_SPANS,
};

/// The answer to a question about the current quarter; none to any other, and where the snapshot may
/// not hold all of it.
pub fn found(snapshot: &Snapshot, question: &Question) -> Option<Found> {
    let state = &snapshot.state;
    let now = Quarter::at(snapshot.as_of, state.page.time_zone);
    let (Question::History { quarter, .. } | Question::Uptime { quarter, .. }) = question else {
        return None;
    };
    let (from, until) = quarter.bounds(state.page.time_zone)?;
    // With fewer names than it may hold, a state has all of the days that are shown. It holds what ended in one day more than is shown before it was read, and speaks of an
    // instant of that day or a later one.
    let shown = snapshot.as_of - TimeDelta::days(i64::try_from(SHOWN_DAYS).ok()? - 1);
    if *quarter != now || from < shown || state.spans.len() as u64 >= MOST_SPANS {
        return None;
    }
    match question {
        Question::History { component, .. } => incidents(state, (from, until), component.as_ref()),
        Question::Uptime { component, .. } => uptime(state, from, component),
        _ => None,
    }
}

/// What ended in a quarter, and what has begun and is not over.
fn incidents(
    state: &LiveState,
    (from, until): (DateTime<Utc>, DateTime<Utc>),
    component: Option<&Id>,
) -> Option<Found> {
    let is_about = |ids: &[Id]| component.is_none_or(|id| ids.contains(id));
    let mut named = state.spans.iter().filter(|span| is_about(&span.component_ids));
    if !named.all(|span| state.incident(span.id.as_str()).is_some()) {
        return None;
    }
    let told = |incident: &&Incident| {
        // An end that was never written down is taken to be the last change.
        let end = incident.resolved_at.unwrap_or(incident.updated_at);
        let ended = incident.status.is_over() && from <= end && end < until;
        let open = !incident.status.is_over() && incident.status != IncidentStatus::Scheduled;
        (ended || open) && is_about(&incident.component_ids)
    };
    let found = state.incidents.iter().chain(&state.maintenances).filter(told);
    Some(Found::Incidents(found.cloned().collect()))
}

fn uptime(state: &LiveState, from: DateTime<Utc>, component: &Id) -> Option<Found> {
    let lasts = |until: Option<DateTime<Utc>>| until.is_none_or(|until| until >= from);
    let periods = &state.component(component)?.periods;
    let periods = periods.iter().filter(|period| lasts(period.until)).cloned().collect();
    let touches = |span: &&IncidentSpan| lasts(span.until) && span.component_ids.contains(component);
    let spans = state.spans.iter().filter(touches).cloned().collect();
    Some(Found::Uptime { periods, spans })
}

//! Incidents and maintenances with their updates.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{
    headline::called,
    raw,
    tone::Tone,
    view::{Form, View, filled},
};
use crate::domain::{
    calendar,
    incident::{AffectedComponent, IncidentStatus, Kind, labels},
    state::{Incident, IncidentUpdate},
};

/// The incidents that are going on, with the newest news first.
pub fn open(view: View<'_>, as_of: DateTime<Utc>) -> Markup {
    let incidents: Vec<&Incident> = view.state.open_incidents().collect();
    html! {
        @if !incidents.is_empty() {
            section aria-labelledby="now" {
                h2 #now { (view.texts.text("happening-now")) }
                @for incident in incidents { (card(view, incident, as_of)) }
            }
        }
    }
}

/// Maintenances that are being done.
pub fn running(view: View<'_>, as_of: DateTime<Utc>) -> Markup {
    let running = view.state.maintenances_in(&[IncidentStatus::InProgress, IncidentStatus::Verifying]);
    html! {
        @if !running.is_empty() {
            section aria-labelledby="running" {
                h2 #running { (view.texts.text("maintenance-now")) }
                @for maintenance in running { (card(view, maintenance, as_of)) }
            }
        }
    }
}

/// Maintenances to come, the next one first.
pub fn planned(view: View<'_>, as_of: DateTime<Utc>) -> Markup {
    let planned = view.state.maintenances_in(&[IncidentStatus::Scheduled]);
    html! {
        @if !planned.is_empty() {
            section aria-labelledby="planned" {
                h2 #planned { (view.texts.text("maintenance-next")) }
                @for maintenance in planned { (card(view, maintenance, as_of)) }
            }
        }
    }
}

fn card(view: View<'_>, incident: &Incident, as_of: DateTime<Utc>) -> Markup {
    let tone = Tone::of_incident(incident);
    html! {
        article class={ "card " (tone.class()) } {
            h3 { (tone.icon()) (view.incident_link(incident)) }
            @if let Some(window) = window(view, incident) {
                p.when {
                    @if has_passed(incident, as_of) { (passed(view, &window)) } @else { (window) }
                }
            }
            @if let Some(affects) = affects(view, incident) { p.q { (affects) } }
            (timeline(view, incident))
            (next_update(view, incident, as_of))
        }
    }
}

/// Whether the time that a maintenance was planned for is over, and nobody said that it began.
pub fn has_passed(incident: &Incident, as_of: DateTime<Utc>) -> bool {
    let until = incident.scheduled_until;
    incident.status == IncidentStatus::Scheduled && until.is_some_and(|until| until <= as_of)
}

/// What there is to say of such a maintenance.
pub fn passed(view: View<'_>, window: &Markup) -> Markup {
    filled(view, "planned-passed", "window", window)
}

/// When a maintenance is planned for.
pub fn window(view: View<'_>, incident: &Incident) -> Option<Markup> {
    match (incident.kind, incident.scheduled_for, incident.scheduled_until) {
        (Kind::Maintenance, Some(from), Some(until)) => Some(view.window(from, until)),
        (Kind::Maintenance, Some(from), None) => Some(view.time(from, Form::Moment)),
        _ => None,
    }
}

/// The components attached to it, if there are any.
pub fn affects(view: View<'_>, incident: &Incident) -> Option<String> {
    let components = incident.component_ids.iter().filter_map(|id| view.state.component(id));
    let names: Vec<&str> = components.map(|component| component.name.as_str()).collect();
    (!names.is_empty()).then(|| view.texts.with("affects", [("names", view.texts.list(&names).into())]))
}

/// The promise of more news, while there is more to come; once its time has passed, that it was not
/// kept.
pub fn next_update(view: View<'_>, incident: &Incident, as_of: DateTime<Utc>) -> Markup {
    html! {
        @if let Some(at) = incident.next_update_at.filter(|_| !incident.status.is_over()) {
            @let same_day = calendar::day_of(at, view.zone) == calendar::day_of(as_of, view.zone);
            @let time = view.time(at, if same_day { Form::Near } else { Form::Moment });
            p.q {
                @if at <= as_of { (filled(view, "next-update-passed", "time", &time)) }
                @else { (filled(view, "next-update", "time", &time)) }
            }
        }
    }
}

/// The updates, newest first. Of three and more, all but the newest wait in a fold.
pub fn timeline(view: View<'_>, incident: &Incident) -> Markup {
    let updates: Vec<Markup> = labelled(incident).map(|(label, update)| brief(view, label, update)).collect();
    let shown = if updates.len() > 2 { 1 } else { updates.len() };
    let (newest, earlier) = updates.split_at(shown);
    html! {
        @if !newest.is_empty() { ol.u { @for update in newest { (update) } } }
        @if !earlier.is_empty() {
            details.more {
                summary { (view.texts.with("earlier-updates", [("count", earlier.len().into())])) }
                ol.u { @for update in earlier { (update) } }
            }
        }
    }
}

/// Each update with its label.
pub fn labelled(incident: &Incident) -> impl Iterator<Item = (Option<IncidentStatus>, &IncidentUpdate)> {
    let statuses: Vec<IncidentStatus> = incident.updates.iter().map(|update| update.status).collect();
    labels(&statuses).into_iter().zip(&incident.updates)
}

fn brief(view: View<'_>, label: Option<IncidentStatus>, update: &IncidentUpdate) -> Markup {
    html! {
        li {
            p.k { strong { (view.incident_text(label)) } (view.time(update.display_at, Form::Moment)) }
            div.m dir="auto" { (raw::markdown(&update.body)) }
        }
    }
}

/// An update on the incident's own page: with an address of its own, and what it changed. One that
/// says what the published postmortem says leads there.
pub fn full(
    view: View<'_>,
    incident: &Incident,
    label: Option<IncidentStatus>,
    update: &IncidentUpdate,
) -> Markup {
    let published = incident.postmortem.as_ref().is_some_and(|postmortem| postmortem.body == update.body);
    html! {
        li id=(update.id) {
            p.k {
                strong { (view.incident_text(label)) }
                a href={ "#" (update.id) } { (view.time(update.display_at, Form::Moment)) }
            }
            @if published {
                p { a href="#postmortem" { (view.texts.text("postmortem-above")) } }
            } @else {
                div.m dir="auto" { (raw::markdown(&update.body)) }
            }
            @if !update.affected_components.is_empty() {
                ul.a { @for affected in &update.affected_components { (changed(view, affected)) } }
            }
        }
    }
}

/// What an update did to a component: the old status and the new one, or that it stayed.
fn changed(view: View<'_>, affected: &AffectedComponent) -> Markup {
    let arrow = if view.texts.direction() == "rtl" { " ← " } else { " → " };
    html! {
        li {
            span.n { (called(view, affected)) }
            @if affected.old_status != affected.new_status {
                span.q { (view.status_text(affected.old_status)) (arrow) }
            }
            (view.status(affected.new_status))
        }
    }
}

/// How long an incident lasted, once it is over.
pub fn lasted(view: View<'_>, incident: &Incident) -> Option<String> {
    let begin = incident.began_at();
    ended(incident).filter(|end| *end >= begin).map(|end| view.texts.duration(end - begin))
}

/// When an incident was over: if nobody wrote that down, when an update first said so.
pub fn ended(incident: &Incident) -> Option<DateTime<Utc>> {
    incident.ended_at()
}

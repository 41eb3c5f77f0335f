//! The page of one incident or maintenance.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{
    front::titled,
    incidents::{ended, full, has_passed, labelled, lasted, next_update, passed, window},
    layout::{Document, document},
    linked, raw,
    tone::Tone,
    view::{Form, View, filled},
};
use crate::{
    domain::{
        Id,
        incident::Kind,
        state::{Component, Incident, LiveState},
    },
    locale::{Texts, undirected},
    markup,
};

/// The words that a description holds at most.
const PREVIEW: usize = 200;

pub fn incident(state: &LiveState, incident: &Incident, as_of: DateTime<Utc>, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let page = Document {
        title: titled(view, &incident.name),
        description: description(view, incident),
        path: Some(format!("/incidents/{}", incident.id)),
        kind: incident.kind.as_str(),
        // What is told of the past is told by its own version.
        live: state.incident(incident.id.as_str()).is_some(),
        tone: Tone::of_incident(incident),
        top: top(view, incident),
        main: html! {
            (facts(view, incident, as_of))
            (postmortem(view, incident))
            section aria-labelledby="updates" {
                h2 #updates { (texts.text("updates")) }
                @if incident.updates.is_empty() { p { (texts.text("no-updates")) } }
                ol.u.full { @for (label, update) in labelled(incident) { (full(view, incident, label, update)) } }
                (next_update(view, incident, as_of))
            }
            (neighbours(view, incident))
            (back(Some(view), texts))
            (raw::data(&linked::incident(view, incident)))
        },
    };
    document(Some(state), texts, &page)
}

/// The way to the front page.
pub fn back(view: Option<View<'_>>, texts: &Texts) -> Markup {
    let front = view.map_or_else(|| "/".to_owned(), |view| view.href("/"));
    html! { p.back { a href=(front) { (texts.text("back")) } } }
}

fn top(view: View<'_>, incident: &Incident) -> Markup {
    html! {
        h1 { bdi { (incident.name) } }
        p { (Tone::of_incident(incident).icon()) (view.incident_text(Some(incident.status))) }
    }
}

fn facts(view: View<'_>, incident: &Incident, as_of: DateTime<Utc>) -> Markup {
    let texts = view.texts;
    let planned = window(view, incident);
    let overdue = planned.as_ref().filter(|_| has_passed(incident, as_of));
    html! {
        @if let Some(window) = overdue { p.late { (passed(view, window)) } }
        dl.facts {
            @if incident.kind == Kind::Incident {
                (fact(&texts.text("impact"), &html! { (view.impact_text(incident.impact)) }))
                (fact(&texts.text("began"), &view.time(incident.started_at, Form::Moment)))
            }
            @if let Some(window) = planned.as_ref().filter(|_| overdue.is_none()) { (fact(&texts.text("planned-window"), window)) }
            @if let Some(at) = ended(incident) { (fact(&texts.text("ended"), &view.time(at, Form::Moment))) }
            @if let Some(duration) = lasted(view, incident) {
                (fact(&texts.text("lasted"), &html! { (duration) }))
            }
            (affected(view, incident))
        }
    }
}

fn fact(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

/// What was learned from it, once that is published.
fn postmortem(view: View<'_>, incident: &Incident) -> Markup {
    html! {
        @if let Some(postmortem) = &incident.postmortem {
            section aria-labelledby="postmortem" {
                h2 #postmortem { (view.texts.text("postmortem")) }
                p.q {
                    (filled(view, "postmortem-published", "time", &view.time(postmortem.published_at, Form::Moment)))
                }
                div.m dir="auto" { (raw::markdown(&postmortem.body)) }
            }
        }
    }
}

/// The ways to what began before and after it.
fn neighbours(view: View<'_>, incident: &Incident) -> Markup {
    let (earlier, later) = view.state.neighbours(incident.id.as_str());
    let link = |id: &Id, rel: &str, label: String| {
        let name = view.state.incident(id.as_str()).map(|incident| incident.name.as_str());
        html! {
            a rel=(rel) href=(view.incident_href(id)) {
                span.q { (label) }
                @if let Some(name) = name { " " span { (name) } }
            }
        }
    };
    html! {
        @if earlier.or(later).is_some() {
            nav.turn aria-label=(view.texts.text("incident-neighbours")) {
                @if let Some(id) = earlier { (link(id, "prev", view.texts.text("incident-before"))) }
                @if let Some(id) = later { (link(id, "next", view.texts.text("incident-after"))) }
            }
        }
    }
}

/// The components that it is about, each leading to its days.
fn affected(view: View<'_>, incident: &Incident) -> Markup {
    let components: Vec<&Component> =
        incident.component_ids.iter().filter_map(|id| view.state.component(id)).collect();
    html! {
        @if !components.is_empty() {
            div.long {
                dt { (view.texts.text("affected")) }
                @for component in components {
                    dd { a href=(view.component_href(&component.id)) { (component.name) } (view.status(component.status)) }
                }
            }
        }
    }
}

/// Where it stands and the newest words, in one line.
fn description(view: View<'_>, incident: &Incident) -> String {
    let status = view.incident_text(Some(incident.status));
    let newest = incident.updates.first().map(|update| markup::to_text(&update.body)).unwrap_or_default();
    let line = if newest.is_empty() { status } else { format!("{status}: {newest}") };
    let line = undirected(&line);
    match line.char_indices().nth(PREVIEW) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.into_owned(),
    }
}

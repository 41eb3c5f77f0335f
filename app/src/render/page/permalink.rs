//! The page of one incident or maintenance.

use maud::{Markup, html};

use super::{
    front::titled,
    incidents::{ended, full, labelled, lasted, next_update, window},
    layout::{Document, document},
    tone::Tone,
    view::{Form, View},
};
use crate::{
    domain::{
        incident::Kind,
        state::{Component, Incident, LiveState},
    },
    locale::{Texts, undirected},
    markup,
};

/// The words that a description holds at most.
const PREVIEW: usize = 200;

pub fn incident(state: &LiveState, incident: &Incident, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let page = Document {
        title: titled(view, &incident.name),
        description: description(view, incident),
        path: Some(format!("/incidents/{}", incident.id)),
        kind: incident.kind.as_str(),
        tone: Tone::of_incident(incident),
        top: top(view, incident),
        main: html! {
            (facts(view, incident))
            section aria-labelledby="updates" {
                h2 #updates { (texts.text("updates")) }
                @if incident.updates.is_empty() { p { (texts.text("no-updates")) } }
                ol.u.full { @for (label, update) in labelled(incident) { (full(view, label, update)) } }
                (next_update(view, incident))
            }
            (back(Some(view), texts))
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
        h1 { (incident.name) }
        p { (Tone::of_incident(incident).icon()) " " (view.incident_text(Some(incident.status))) }
    }
}

fn facts(view: View<'_>, incident: &Incident) -> Markup {
    let texts = view.texts;
    let planned = window(view, incident);
    html! {
        dl.facts {
            @if incident.kind == Kind::Incident {
                (fact(&texts.text("impact"), &html! { (view.impact_text(incident.impact)) }))
                (fact(&texts.text("began"), &view.time(incident.started_at, Form::Moment)))
            }
            @if let Some(window) = planned { (fact(&texts.text("planned-window"), &window)) }
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

//! The page of a group: what stands in it with its days, and what affected any of it.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{
    components,
    days::Named,
    front::titled,
    layout::{Document, document},
    permalink::back,
    tone::Tone,
    tree,
    view::{Form, View},
};
use crate::{
    domain::{
        state::{Component, Group, IncidentSpan, LiveState},
        uptime::SHOWN_DAYS,
    },
    locale::{Texts, undirected},
    render::groups,
};

pub fn group(state: &LiveState, group: &Group, as_of: DateTime<Utc>, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let status = groups::status(state, group);
    let said = view.status_text(status);
    let members = groups::members(state, group);
    let members: Vec<&Component> = state.components.iter().filter(|c| members.contains(&c.id)).collect();
    let named = Named::of(view, &members, as_of);
    let items = tree::tree(state);
    let page = Document {
        title: titled(view, &format!("{}: {said}", group.name)),
        description: match &group.description {
            Some(description) => undirected(description).into_owned(),
            None => said,
        },
        path: Some(format!("/components/{}", group.id)),
        kind: "component",
        live: true,
        tone: Tone::of_component(status),
        top: html! {
            h1 { bdi { (group.name) } }
            p { (view.status(status)) }
            @if let Some(description) = &group.description { p dir="auto" { (description) } }
        },
        main: html! {
            (components::within(view, tree::find(&items, &group.id), as_of))
            section aria-labelledby="touched" {
                h2 #touched { (texts.text("column-incidents")) }
                p.d { (texts.with("past-days", [("count", SHOWN_DAYS.into())])) }
                @if named.spans.is_empty() { p { (texts.text("component-calm")) } }
                @for span in &named.spans { (touched(view, span)) }
            }
            (back(Some(view), texts))
        },
    };
    document(Some(state), texts, &page)
}

fn touched(view: View<'_>, span: &IncidentSpan) -> Markup {
    html! {
        article.past {
            h3 { a href=(view.incident_href(&span.id)) dir="auto" { (span.name) } }
            p.q {
                @match span.until.filter(|until| *until >= span.from) {
                    Some(until) => (view.window(span.from, until)),
                    None => (view.time(span.from, Form::Moment)),
                }
            }
        }
    }
}

/// The way from a component to the group that it stands in.
pub fn above(view: View<'_>, component: &Component) -> Markup {
    let group = component.group_id.as_ref().and_then(|id| groups::find(view.state, id));
    html! {
        @if let Some(group) = group { p.q { a href=(view.component_href(&group.id)) dir="auto" { (group.name) } } }
    }
}

//! The front page.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{
    components, dress,
    headline::{Headline, headline},
    incidents,
    layout::{Document, FRONT, document},
    metrics, past,
    tone::Tone,
    view::{Form, View, filled},
};
use crate::{
    domain::state::LiveState,
    locale::{Texts, undirected},
    markup,
};

pub fn front(state: &LiveState, as_of: DateTime<Utc>, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let headline = headline(view);
    let empty = state.components.is_empty();
    let page = Document {
        title: titled(view, &headline.title),
        description: description(view, &headline),
        path: Some("/".to_owned()),
        kind: if empty { "index empty" } else { FRONT },
        live: true,
        tone: Tone::of_page(state),
        top: top(view, &headline, as_of),
        main: html! {
            (dress::announcement(view, as_of))
            (incidents::open(view, as_of))
            (incidents::running(view, as_of))
            (about(view))
            (components::section(view, as_of))
            (metrics::section(view, as_of))
            (incidents::planned(view, as_of))
            @if !empty || !state.incidents.is_empty() { (past::section(view, as_of)) }
        },
    };
    document(Some(state), texts, &page)
}

/// A title for the tab: what there is to say, and on whose page.
pub fn titled(view: View<'_>, text: &str) -> String {
    view.texts.with("page-title", [("text", text.into()), ("page", view.state.page.name.as_str().into())])
}

fn top(view: View<'_>, headline: &Headline, as_of: DateTime<Utc>) -> Markup {
    let empty = view.state.components.is_empty() && view.state.open_incidents().next().is_none();
    let tone = if empty { Tone::Quiet } else { Tone::of_page(view.state) };
    html! {
        h1 { (tone.icon()) (headline.title) }
        @for sentence in &headline.more { p { (sentence) } }
        p.q { (filled(view, "as-of", "time", &view.time(as_of, Form::Clock))) ", " (view.time(as_of, Form::Date)) }
    }
}

/// What the page is about, in its operators' words.
fn about(view: View<'_>) -> Markup {
    html! {
        @if let Some(description) = &view.state.page.description {
            p.about dir="auto" { (markup::to_text(description)) }
        }
    }
}

/// What previews and search engines show: the state, then what is open.
fn description(view: View<'_>, headline: &Headline) -> String {
    let ended = |sentence: &str| sentence.trim_end_matches('.').to_owned() + ".";
    let open = view.state.open_incidents().map(|incident| ended(&undirected(&incident.name)));
    let sentences = std::iter::once(ended(&headline.title)).chain(headline.more.iter().cloned()).chain(open);
    sentences.take(5).collect::<Vec<_>>().join(" ")
}

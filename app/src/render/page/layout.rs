//! The document around each page: head, header, the band at the top, footer.

use maud::{DOCTYPE, Markup, html};

use super::{
    assets::{self, Script},
    bar, dress, languages,
    previews::previews,
    raw, subscribe,
    tone::{self, Tone},
    view::{Form, View, filled, href, safe_address},
};
use crate::{
    domain::state::LiveState,
    locale::Texts,
    render::{feeds::Feed, plain::finished},
};

/// The kind of the front page.
pub const FRONT: &str = "index";

/// The kind of the pages of the past.
pub const HISTORY: &str = "history";

/// The kind of a page whose matter is charts.
pub const CHARTS: &str = "metric";

/// One page of the site.
pub struct Document<'a> {
    /// For the tab, search engines and previews.
    pub title: String,
    pub description: String,
    /// The page's own path, without a language; pages that are no place of their own, such as errors, have none.
    pub path: Option<String>,
    /// The word for its kind in the body's class.
    pub kind: &'a str,
    /// Whether it shows what changes while somebody looks at it: it is made of nothing but the state.
    pub live: bool,
    pub tone: Tone,
    /// What stands in the band at the top, the h1 first.
    pub top: Markup,
    pub main: Markup,
}

impl Document<'_> {
    /// The path of what has feeds of its own.
    fn of_one(&self) -> Option<&str> {
        let path = self.path.as_deref()?;
        ["/incidents/", "/components/"].iter().any(|kind| path.starts_with(kind)).then_some(path)
    }

    /// The tone of the frame: what is not confirmed has no colour.
    fn frame_tone(&self, state: Option<&LiveState>) -> Tone {
        match state {
            Some(state) if state.certainty.is_last_known() => Tone::Quiet,
            _ => self.tone,
        }
    }
}

/// A word on what nobody could confirm for a while.
fn doubt(state: &LiveState, texts: &Texts) -> Markup {
    let view = View::new(state, texts);
    html! {
        @if let Some(since) = state.certainty.since() {
            p.q { (filled(view, "unconfirmed", "time", &view.time(since, Form::Clock))) }
        }
    }
}

/// A whole document. Without a state, when a server has none yet, it names no page.
pub fn document(state: Option<&LiveState>, texts: &Texts, document: &Document<'_>) -> String {
    let zone = state.map(|state| state.page.time_zone.name());
    let top = html! {
        div.top { div.in { (lighthouse()) (document.top) @if let Some(state) = state { (doubt(state, texts)) } } }
    };
    let main = html! { div.in { (document.main) } };
    // Only the icons that are shown are drawn.
    let shown = |tone: &Tone| [&top, &main].iter().any(|part| part.0.contains(&tone.reference()));
    let rtl = Some(texts.direction()).filter(|direction| *direction != "ltr");
    finished(html! {
        (DOCTYPE)
        html lang=(texts.tag()) dir=[rtl] data-zone=[zone] {
            (head(state, texts, document))
            body class={ "status " (document.kind) " status-" (document.frame_tone(state).word()) } {
                a.skip href="#main" { (texts.text("skip")) }
                svg.defs aria-hidden="true" { defs { (tone::icons(shown)) (bar::patterns()) } }
                (header(state, texts, document))
                main #main { (top) (main) }
                @if let Some(state) = state { (subscribe::dialog(state, texts, document.of_one())) }
                (footer(state, texts, document.path.as_deref()))
            }
        }
    })
}

fn head(state: Option<&LiveState>, texts: &Texts, document: &Document<'_>) -> Markup {
    let tone = document.frame_tone(state);
    let (light, dark) = tone.frame();
    let hidden = state.is_some_and(|state| state.page.branding.hidden_from_search);
    let alternates = state.zip(document.path.as_deref());
    let place = |state| document.path.as_ref().map(|path| href(state, texts, path));
    let address = state.and_then(|state| Some(format!("{}{}", state.page.url, place(state)?)));
    html! {
        head {
            meta charset="utf-8";
            meta name="viewport" content="width=device-width, initial-scale=1";
            title { (document.title) }
            meta name="description" content=(document.description);
            @if let Some(address) = &address {
                link rel="canonical" href=(address);
                meta property="og:url" content=(address);
                @if let Some((state, path)) = alternates { (languages::alternates(state, path)) }
            }
            @if hidden || address.is_none() { meta name="robots" content="noindex"; }
            meta property="og:title" content=(document.title);
            meta property="og:description" content=(document.description);
            meta name="theme-color" media="(prefers-color-scheme: light)" content=(light);
            meta name="theme-color" media="(prefers-color-scheme: dark)" content=(dark);
            link rel="icon" href=(state.and_then(dress::icon).unwrap_or_else(|| tone.favicon()));
            @if let Some(state) = state { (previews(state, texts, address.as_deref())) }
            @if state.is_some() { (feeds(document)) }
            (raw::style(assets::style()))
            @if !document.kind.starts_with(FRONT) { (raw::style(assets::detail_style())) }
            @if has_charts(state, document) { (raw::style(assets::charts_style())) }
            @if let Some(own) = state.and_then(|state| dress::style(&state.page.branding)) { (raw::style(&own)) }
            script src=(Script::Page.path()) defer {}
            @if let Some(state) = state.filter(|_| document.live) {
                script src=(Script::Live.path()) defer data-v=(state.version) {}
            }
        }
    }
}

fn has_charts(state: Option<&LiveState>, document: &Document<'_>) -> bool {
    let is_front = document.kind.starts_with(FRONT);
    document.kind == CHARTS || is_front && state.is_some_and(|state| !state.metrics.is_empty())
}

/// What feed readers look for. Names and addresses are those that Statuspage's pages have.
fn feeds(document: &Document<'_>) -> Markup {
    let below = document.of_one();
    html! {
        @if document.path.is_some() {
            (alternate("ATOM", Feed::Atom, below))
            (alternate("RSS", Feed::Rss, below))
            @if below.is_some() { (alternate("JSON", Feed::Json, below)) }
        }
    }
}

fn alternate(title: &str, feed: Feed, below: Option<&str>) -> Markup {
    let address = format!("{}{}", below.unwrap_or_default(), feed.file());
    html! { link rel="alternate" type=(feed.media_type()) title=(title) href=(address); }
}

fn header(state: Option<&LiveState>, texts: &Texts, document: &Document<'_>) -> Markup {
    let path = document.path.as_deref().and_then(|path| path.split('?').next());
    // What a search found is no place of its own, and stands within the history.
    let (here, mark) = match path {
        Some(path) => (Some(path), "page"),
        None => (Some("/history").filter(|_| document.kind == HISTORY), "true"),
    };
    html! {
        @if let Some(state) = state {
            @let place = |path: &str, name: String| {
                let current = (here == Some(path)).then_some(mark);
                html! { a href=(href(state, texts, path)) aria-current=[current] { (name) } }
            };
            header {
                div.in {
                    a.home href=(href(state, texts, "/")) { (dress::name(state)) }
                    nav aria-label=(texts.text("nav")) {
                        (place("/", texts.text("nav-status")))
                        (place("/history", texts.text("nav-history")))
                        @if state.components.iter().any(|component| component.showcase) {
                            (place("/uptime", texts.text("nav-uptime")))
                        }
                    }
                    (subscribe::button(texts))
                    (dress::header(state))
                }
            }
        }
    }
}

fn footer(state: Option<&LiveState>, texts: &Texts, path: Option<&str>) -> Markup {
    let support = state.and_then(|state| safe_address(state.page.support_url.as_deref()?));
    // On paper nobody can see where it is from.
    let place = state.zip(path).map(|(state, path)| href(state, texts, path)).unwrap_or_default();
    let signed = state.is_none_or(|state| state.page.branding.powered_by);
    html! {
        footer {
            div.in {
                @if let Some(state) = state { (dress::footer(state)) span.url { (state.page.url) (place) } }
                @if let Some(address) = support { a href=(address) { (texts.text("support")) } }
                @if let Some(state) = state {
                    (languages::switch(state, texts, path.unwrap_or("/")))
                    a href="/api/v2/summary.json" { (texts.text("footer-json")) }
                }
                @if signed { span.made { (texts.text("footer-made")) } }
            }
        }
    }
}

/// The drawing in the band: a lighthouse on the horizon, whose lamp has the colour of the state.
pub fn lighthouse() -> Markup {
    html! {
        svg.sea viewBox="0 0 720 150" aria-hidden="true" {
            linearGradient id="beam" x1="1" x2="0" { stop.near {} stop offset="1" {} }
            path.beam d="M684 40-60-70v190z" {}
            path.rock d="M628 150c10-9 20-14 34-15 12-6 32-6 42 0 12 1 20 7 28 15z" {}
            path.tower d="M676 58h16l5 79h-26z" {}
            path.rock d="M675 75h18l1 19h-20zM673 113h22l1 18h-25zM671 54h26v4h-26zM675 33h18l-9-10zM683 17h2v8h-2z" {}
            path.lamp d="M677 34h14v19h-14z" {}
        }
    }
}

//! The document around each page: head, header, the band at the top, footer.

use maud::{DOCTYPE, Markup, html};

use super::{
    assets, bar, raw,
    tone::{self, Tone},
    view::{href, safe_address},
};
use crate::{domain::state::LiveState, locale::Texts};

/// The kind of the front page.
pub const FRONT: &str = "index";

/// One page of the site.
pub struct Document<'a> {
    /// For the tab, search engines and previews.
    pub title: String,
    pub description: String,
    /// The page's own path, without a language; pages that are no place of their own, such as errors, have none.
    pub path: Option<String>,
    /// The word for its kind in the body's class.
    pub kind: &'a str,
    pub tone: Tone,
    /// What stands in the band at the top, the h1 first.
    pub top: Markup,
    pub main: Markup,
}

/// A whole document. Without a state, when a server has none yet, it names no page.
pub fn document(state: Option<&LiveState>, texts: &Texts, document: &Document<'_>) -> String {
    let zone = state.map(|state| state.page.time_zone.name());
    html! {
        (DOCTYPE)
        html lang=(texts.tag()) data-zone=[zone] {
            (head(state, texts, document))
            body class={ "status " (document.kind) " status-" (document.tone.word()) } {
                a.skip href="#main" { (texts.text("skip")) }
                svg.defs aria-hidden="true" { defs { (tone::icons()) (bar::patterns()) } }
                (header(state, texts))
                main #main {
                    div.top { div.in { (lighthouse()) (document.top) } }
                    div.in { (document.main) }
                }
                (footer(state, texts))
            }
        }
    }
    .into_string()
}

fn head(state: Option<&LiveState>, texts: &Texts, document: &Document<'_>) -> Markup {
    let (light, dark) = document.tone.frame();
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
            } @else {
                meta name="robots" content="noindex";
            }
            meta property="og:type" content="website";
            meta property="og:title" content=(document.title);
            meta property="og:description" content=(document.description);
            meta name="color-scheme" content="light dark";
            meta name="theme-color" media="(prefers-color-scheme: light)" content=(light);
            meta name="theme-color" media="(prefers-color-scheme: dark)" content=(dark);
            link rel="icon" href=(document.tone.favicon());
            (raw::style(assets::style()))
            @if !document.kind.starts_with(FRONT) { (raw::style(assets::detail_style())) }
            script src=(assets::script_path()) defer {}
        }
    }
}

fn header(state: Option<&LiveState>, texts: &Texts) -> Markup {
    let support = state.and_then(|state| safe_address(state.page.support_url.as_deref()?));
    html! {
        @if let Some(state) = state {
            header {
                div.in {
                    a.home href=(href(state, texts, "/")) { (state.page.name) }
                    @if let Some(address) = support { a.help href=(address) { (texts.text("support")) } }
                }
            }
        }
    }
}

fn footer(state: Option<&LiveState>, texts: &Texts) -> Markup {
    html! {
        footer {
            div.in {
                @if state.is_some() { a href="/api/v2/summary.json" { (texts.text("footer-json")) } }
                span.made { (mark()) (texts.text("footer-made")) }
            }
        }
    }
}

/// Our own mark: a lighthouse, small.
fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 16 16" aria-hidden="true" {
            path d="M8 0 4.8 3.2V4h6.4v-.8zM5 7h6v1.2H5zM6 9h4l1 7H5z" {}
            path.lamp d="M5.8 4.6h4.4v1.8H5.8z" {}
        }
    }
}

/// The drawing in the band: a lighthouse on the horizon, whose lamp has the colour of the state.
fn lighthouse() -> Markup {
    html! {
        svg.sea viewBox="0 0 720 150" aria-hidden="true" {
            linearGradient id="beam" x1="1" x2="0" { stop.near {} stop offset="1" {} }
            path.beam d="M684 40-60-70v190z" {}
            path.rock d="M628 150c10-9 20-14 34-15 12-6 32-6 42 0 12 1 20 7 28 15z" {}
            path.tower d="M676.5 58h15l5.5 79h-26z" {}
            path.rock d="M675.3 75h17.4l1.3 19h-20zM672.7 113h22.6l1.2 18h-25zM671 54h26v4.5h-26zM675 33.5h18L684 23zM683.2 17h1.6v8h-1.6z" {}
            path.lamp d="M677.5 34.5h13V53h-13z" {}
        }
    }
}

//! The ways to be told, in a popover of the browser's own: it opens without a script.

use maud::{Markup, html};

use crate::{domain::state::LiveState, locale::Texts};

/// What opens it.
pub fn button(texts: &Texts) -> Markup {
    html! { button.sub popovertarget="ways" { (texts.text("subscribe")) } }
}

/// The popover; on a page of one incident or component its own feeds come first. A browser that knows no popover
/// shows it where it stands, above the footer.
pub fn dialog(state: &LiveState, texts: &Texts, of_one: Option<&str>) -> Markup {
    html! {
        section.in.card #ways popover aria-label=(texts.text("subscribe")) {
            @if let Some(path) = of_one {
                h2 { (texts.text("subscribe-one")) }
                (ways(&format!("{}{path}", state.page.url), texts))
                h2 { (texts.text("subscribe-whole")) }
            }
            (ways(&state.page.url, texts))
        }
    }
}

fn ways(base: &str, texts: &Texts) -> Markup {
    let way = |path: &str, name: String, purpose: String| {
        html! { li { a href={ (base) (path) } { (name) } p.q { (purpose) } } }
    };
    html! {
        ul {
            (way("/history.atom", texts.text("subscribe-atom"), texts.text("subscribe-atom-for")))
            (way("/history.rss", texts.text("subscribe-rss"), texts.text("subscribe-rss-for")))
            (way("/feed.json", texts.text("subscribe-json"), texts.text("subscribe-json-for")))
            @if let Some(calendar) = webcal(base) {
                li { a href=(calendar) { (texts.text("subscribe-webcal")) } p.q { (texts.text("subscribe-webcal-for")) } }
            }
            (way("/history.ics", texts.text("subscribe-calendar"), texts.text("subscribe-calendar-for")))
        }
    }
}

/// The calendar's address as calendars take it over.
fn webcal(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    Some(format!("webcal://{rest}/history.ics"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::fixture, locale};

    #[test]
    fn every_way_is_named_by_its_whole_address() {
        let html =
            dialog(&fixture::state(), locale::texts("en").unwrap(), Some("/incidents/inc1")).into_string();
        for address in [
            "https://status.example.com/history.atom",
            "https://status.example.com/history.rss",
            "https://status.example.com/feed.json",
            "https://status.example.com/history.ics",
            "webcal://status.example.com/history.ics",
            "https://status.example.com/incidents/inc1/history.atom",
            "https://status.example.com/incidents/inc1/feed.json",
            "webcal://status.example.com/incidents/inc1/history.ics",
        ] {
            assert!(html.contains(&format!("href=\"{address}\"")), "{address} in {html}");
        }
    }
}

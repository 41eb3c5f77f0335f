//! What other sites show of the page: a script that brings a frame into view while something is
//! wrong, the frame, and a card that always says how things are.

use std::sync::LazyLock;

use maud::{DOCTYPE, html};
use serde_json::json;

use super::{
    badges::page_tone,
    page::{
        assets::{hash, squeezed_script, squeezed_style},
        front::titled,
        headline::headline,
        raw,
        tone::Tone,
        view::View,
    },
    plain::plain,
};
use crate::{
    domain::{
        branding::Corner,
        incident::IncidentStatus,
        state::{Incident, LiveState},
    },
    locale::Texts,
    wire::Stamp,
};

static SCRIPT: LazyLock<String> =
    LazyLock::new(|| squeezed_script(include_str!("../../assets/embed/script.js")));
static FRAME_SCRIPT: LazyLock<String> =
    LazyLock::new(|| squeezed_script(include_str!("../../assets/embed/frame.js")));
static STYLE: LazyLock<String> =
    LazyLock::new(|| squeezed_style(include_str!("../../assets/embed/frame.css")));

/// The Content-Security-Policy of the frame and the card: their own style and script, news from the
/// page, and any site around them.
pub static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; connect-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors *",
        hash(&STYLE),
        hash(&FRAME_SCRIPT)
    )
});

/// Where chat windows seldom are.
const CORNER: Corner = Corner::BottomLeft;
/// The characters of a name that a frame has room for.
const MOST: usize = 120;

/// The script for other sites. All that depends on the page is one object of texts.
pub fn script(state: &LiveState, texts: &Texts) -> String {
    let about = json!({
        "origin": state.page.url,
        "position": state.page.branding.embed.position.unwrap_or(CORNER).as_str(),
        "title": texts.text("embed-title"),
    });
    // As in HTML, `<` could end a script that is written into a page.
    let about = about.to_string().replace('<', "\\u003c");
    format!("({})({about});\n", SCRIPT.trim_end())
}

/// Something that the frame comes into view for.
struct Trouble<'a> {
    incident: Option<&'a Incident>,
    tone: Tone,
}

/// What is wrong, the worst first: an open incident, a component that is not well, a maintenance
/// that runs.
fn trouble(state: &LiveState) -> Option<Trouble<'_>> {
    let tone = page_tone(state);
    if let Some(open) = state.open_incidents().next() {
        return Some(Trouble {
            incident: Some(open),
            tone: if tone == Tone::Good { Tone::Quiet } else { tone },
        });
    }
    let running = state.maintenances_in(&[IncidentStatus::InProgress, IncidentStatus::Verifying]);
    let running = running.first().copied();
    match tone {
        Tone::Good | Tone::Quiet | Tone::Maintenance if running.is_some() => {
            Some(Trouble { incident: running, tone: Tone::Maintenance })
        }
        Tone::Good | Tone::Quiet => None,
        tone => Some(Trouble { incident: None, tone }),
    }
}

/// The frame. It says what is wrong, or that all is well; then nobody sees it.
pub fn frame(state: &LiveState, texts: &Texts) -> String {
    small(state, texts, true)
}

/// The card for previews: the same without a button to close it.
pub fn card(state: &LiveState, texts: &Texts) -> String {
    small(state, texts, false)
}

fn small(state: &LiveState, texts: &Texts, closable: bool) -> String {
    let view = View::new(state, texts);
    let trouble = trouble(state);
    let said = headline(view).title;
    let incident = trouble.as_ref().and_then(|trouble| trouble.incident);
    let title = incident.map_or_else(|| said.clone(), |incident| plain(&incident.name, MOST));
    let tone = trouble.as_ref().map_or_else(|| page_tone(state), |trouble| trouble.tone);
    let (ground, ink) = colours(state, tone);
    let about =
        trouble.map(|_| incident.map_or_else(|| tone.word().to_owned(), |incident| incident.id.to_string()));
    let address = incident.map_or_else(|| view.href("/"), |incident| view.incident_href(&incident.id));
    let updated_at = Stamp::new(state.page.updated_at, state.page.time_zone);
    html! {
        (DOCTYPE)
        html lang=(texts.tag()) dir=(texts.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (titled(view, &title)) }
                (raw::style(&STYLE))
            }
            body class=(tone.class()) data-about=[about] data-ground=[ground] data-ink=[ink]
                data-version={ (state.rollup().indicator.as_str()) (updated_at) } {
                main {
                    h1 { (title) }
                    p {
                        @if let Some(incident) = incident { (view.incident_text(Some(incident.status))) " · " }
                        a href={ (state.page.url) (address) } target="_blank" rel="noopener" {
                            (texts.with("embed-link", [("page", plain(&state.page.name, MOST).into())]))
                        }
                    }
                }
                @if closable { button type="button" aria-label=(texts.text("embed-close")) { "×" } }
                (raw::script(&FRAME_SCRIPT))
            }
        }
    }
    .into_string()
}

/// The colours that the page's operators chose for what is wrong: of the ground and of the words.
fn colours(state: &LiveState, tone: Tone) -> (Option<String>, Option<String>) {
    let embed = &state.page.branding.embed;
    let (ground, ink) = match tone {
        Tone::Good => (None, None),
        Tone::Maintenance => (embed.maintenance_background_color, embed.maintenance_text_color),
        _ => (embed.incident_background_color, embed.incident_text_color),
    };
    (ground.map(|colour| colour.to_string()), ink.map(|colour| colour.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::fixture, locale, render::page::sample};

    fn en() -> &'static Texts {
        locale::fallback()
    }

    #[test]
    fn the_frame_speaks_up_only_while_something_is_wrong() {
        let mut state = sample::troubled();
        let html = frame(&state, en());
        assert!(
            html.contains("data-about=\"openincident\"") && html.contains("<h1>Some queries time out</h1>")
        );
        assert!(html.contains("href=\"https://status.example.com/incidents/openincident\""));
        state.incidents.clear();
        assert!(frame(&state, en()).contains("data-about=\"minor\""), "components say so alone");
        let mut state = sample::well(1);
        assert!(!frame(&state, en()).contains("data-about"));
        state.maintenances = sample::troubled().maintenances;
        let html = frame(&state, en());
        assert!(html.contains("data-about=\"running\"") && html.contains("class=\"t1\""), "{html}");
        assert!(html.contains("<button") && !card(&state, en()).contains("<button"));
    }

    #[test]
    fn the_colours_are_the_page_s_own() {
        let mut state = sample::troubled();
        state.page.branding.embed.incident_background_color = Some("#102030".parse().unwrap());
        state.page.branding.embed.position = Some(Corner::TopRight);
        assert!(frame(&state, en()).contains("data-ground=\"#102030\""));
        assert!(script(&state, en()).contains("\"position\":\"top-right\""));
        assert!(script(&fixture::state(), en()).contains("\"position\":\"bottom-left\""));
    }

    #[test]
    fn nothing_that_is_typed_becomes_script() {
        let mut state = sample::troubled();
        state.page.name = "</script><script>alert(1)</script>\u{2028}\"'".into();
        state.incidents[0].name = state.page.name.clone();
        let written = script(&state, en());
        assert!(!written.contains("alert") && !written.contains("</"), "{written}");
        assert_eq!(frame(&state, en()).matches("<script").count(), 1);
        assert!(POLICY.contains("frame-ancestors *") && !POLICY.contains("unsafe"));
    }
}

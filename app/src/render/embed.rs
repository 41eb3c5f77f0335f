//! What other sites show of the page: a script that brings a frame into view while something is
//! wrong, the frame, and a card that always says how things are.

use std::sync::LazyLock;

use maud::{DOCTYPE, html};
use serde_json::json;

use super::{
    badges::page_tone,
    groups,
    oembed::Shown,
    page::{
        assets::{hash, squeezed_script, squeezed_style},
        front::titled,
        headline::{self, headline},
        raw,
        tone::Tone,
        view::View,
    },
    plain::{finished, plain},
};
use crate::{
    domain::{
        Id,
        branding::Corner,
        incident::IncidentStatus,
        state::{Incident, LiveState},
        status::ComponentStatus,
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

/// What a frame or a card says.
struct Said<'a> {
    title: String,
    /// The state of the one thing that it is about.
    status: Option<String>,
    tone: Tone,
    /// What it is about, for the script around it; none if nothing is wrong.
    about: Option<String>,
    address: String,
    /// Whether it says something else when the page does.
    lives: bool,
    view: View<'a>,
}

/// The frame. It says what is wrong, or that all is well; then nobody sees it.
pub fn frame(state: &LiveState, texts: &Texts) -> String {
    small(&of_page(View::new(state, texts)), true)
}

/// The card for previews, which has no button to close it: of the page it says what the frame says,
/// of anything else what it is called and how it is.
pub fn card(state: &LiveState, target: Shown<'_>, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let said = match target {
        Shown::Page => of_page(view),
        Shown::Incident(incident) => Said {
            // What only the archive holds is over.
            lives: state.incident(incident.id.as_str()).is_some(),
            ..of_incident(view, incident, Tone::of_incident(incident))
        },
        Shown::Component(component) => {
            of_component(view, &headline::name(view, component), component.status, &component.id)
        }
        Shown::Group(group) => of_component(view, &group.name, groups::status(state, group), &group.id),
    };
    small(&said, false)
}

fn of_component<'a>(view: View<'a>, name: &str, status: ComponentStatus, id: &Id) -> Said<'a> {
    Said {
        title: plain(name, MOST),
        status: Some(view.status_text(status)),
        tone: Tone::of_component(status),
        about: None,
        address: view.component_href(id),
        lives: true,
        view,
    }
}

fn of_incident<'a>(view: View<'a>, incident: &Incident, tone: Tone) -> Said<'a> {
    Said {
        title: plain(&incident.name, MOST),
        status: Some(view.incident_text(Some(incident.status))),
        tone,
        about: Some(incident.id.to_string()),
        address: view.incident_href(&incident.id),
        lives: true,
        view,
    }
}

fn of_page(view: View<'_>) -> Said<'_> {
    let trouble = trouble(view.state);
    let tone = trouble.as_ref().map_or_else(|| page_tone(view.state), |trouble| trouble.tone);
    match trouble.as_ref().and_then(|trouble| trouble.incident) {
        Some(incident) => of_incident(view, incident, tone),
        None => Said {
            title: headline(view).title,
            status: None,
            tone,
            about: trouble.map(|_| tone.word().to_owned()),
            address: view.href("/"),
            lives: true,
            view,
        },
    }
}

fn small(said: &Said<'_>, closable: bool) -> String {
    let (state, texts) = (said.view.state, said.view.texts);
    let (ground, ink) = colours(state, said.tone);
    let updated_at = Stamp::new(state.page.updated_at, state.page.time_zone);
    finished(html! {
        (DOCTYPE)
        html lang=(texts.tag()) dir=(texts.direction()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (titled(said.view, &said.title)) }
                (raw::style(&STYLE))
            }
            body class=(said.tone.class()) data-about=[&said.about] data-ground=[ground] data-ink=[ink]
                data-version={ (state.rollup().indicator.as_str()) (updated_at) } {
                main {
                    h1 dir="auto" { (said.title) }
                    p {
                        @if let Some(status) = &said.status { (status) " · " }
                        a href={ (state.page.url) (said.address) } target="_blank" rel="noopener" {
                            (texts.with("embed-link", [("page", plain(&state.page.name, MOST).into())]))
                        }
                    }
                }
                @if closable { button type="button" aria-label=(texts.text("embed-close")) { "×" } }
                @if said.lives { (raw::script(&FRAME_SCRIPT)) }
            }
        }
    })
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
    use crate::{
        domain::{fixture, incident::Kind},
        locale,
        render::page::sample,
    };

    fn en() -> &'static Texts {
        locale::fallback()
    }

    #[test]
    fn the_frame_speaks_up_only_while_something_is_wrong() {
        let mut state = sample::troubled();
        let html = frame(&state, en());
        assert!(
            html.contains("data-about=\"openincident\"")
                && html.contains("<h1 dir=\"auto\">Some queries time out</h1>")
        );
        assert!(html.contains("href=\"https://status.example.com/incidents/openincident\""));
        state.incidents.clear();
        assert!(frame(&state, en()).contains("data-about=\"minor\""), "components say so alone");
        let mut state = sample::well(1);
        assert!(!frame(&state, en()).contains("data-about"));
        state.maintenances = sample::troubled().maintenances;
        let html = frame(&state, en());
        assert!(html.contains("data-about=\"running\"") && html.contains("class=\"t1\""), "{html}");
        assert!(html.contains("<button") && !card(&state, Shown::Page, en()).contains("<button"));
    }

    #[test]
    fn a_card_is_about_one_thing() {
        let state = sample::troubled();
        let old = fixture::incident("old", Kind::Incident, IncidentStatus::Resolved);
        let html = card(&state, Shown::Incident(&old), en());
        assert!(html.contains(&old.name) && html.contains("Resolved · "), "{html}");
        assert!(html.contains("/incidents/old\"") && !html.contains("<script"), "nothing about it changes");
        let component = &state.components[0];
        let html = card(&state, Shown::Component(component), en());
        assert!(html.contains(&format!("{}</h1>", component.name)), "{html}");
        assert!(html.contains(&format!("/components/{}\"", component.id)) && html.contains("<script"));
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

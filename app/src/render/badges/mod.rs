//! Badges: a label and a message side by side, as SVG in the flat style of shields.io, and as the
//! JSON that shields.io draws its own from (shields.io/badges/endpoint-badge).

use chrono::{DateTime, Utc};
use maud::html;
use serde_json::json;

pub mod widths;

use super::{
    groups,
    page::{headline, tone::Tone, view::View},
    plain::plain,
};
use crate::{
    domain::{
        state::{Component, Group, LiveState},
        uptime::{Percentage, SHOWN_DAYS, Window, percentage},
    },
    locale::Texts,
};

/// The characters that a label or a message holds at most.
const MOST: usize = 50;
const HEIGHT: u32 = 20;
const FONT_SIZE: f32 = 11.0;
/// Left and right of a text, in pixels.
const PADDING: f32 = 6.0;
/// The ground of the label: white on it has a contrast of 8 to 1.
const LABEL_GROUND: &str = "#43505c";

/// What a badge says, and in which tone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Badge {
    label: String,
    message: String,
    tone: Tone,
}

impl Badge {
    fn new(label: &str, message: &str, tone: Tone) -> Self {
        Self { label: plain(label, MOST), message: plain(message, MOST), tone }
    }

    /// How everything is together.
    pub fn of_page(state: &LiveState, texts: &Texts) -> Self {
        let tone = page_tone(state);
        Self::new(&state.page.name, &page_status(tone, texts), tone)
    }

    /// How one component is.
    pub fn of_component(state: &LiveState, component: &Component, texts: &Texts) -> Self {
        let view = View::new(state, texts);
        let tone = Tone::of_component(component.status);
        Self::new(&headline::name(view, component), &view.status_text(component.status), tone)
    }

    /// How a group is: as the worst in it.
    pub fn of_group(state: &LiveState, group: &Group, texts: &Texts) -> Self {
        let status = groups::status(state, group);
        let said = View::new(state, texts).status_text(status);
        Self::new(&group.name, &said, Tone::of_component(status))
    }

    /// A component's uptime over the days that the page shows, cut and not rounded; none for a
    /// component whose uptime is not shown.
    pub fn of_uptime(
        state: &LiveState,
        component: &Component,
        as_of: DateTime<Utc>,
        texts: &Texts,
    ) -> Option<Self> {
        if !component.showcase {
            return None;
        }
        let window = Window::new(state.page.time_zone, as_of, SHOWN_DAYS);
        let share = percentage(&window.days(&component.periods, component.start_date));
        let message =
            share.map_or_else(|| texts.text("day-unknown"), |percentage| texts.percentage(percentage));
        let name = headline::name(View::new(state, texts), component);
        let label = texts.with("badge-uptime", [("name", plain(&name, MOST - 20).into())]);
        Some(Self::new(&label, &message, share.map_or(Tone::Quiet, tone_of_uptime)))
    }

    /// The badge as a drawing of 20 pixels' height, whose words are read out by its title.
    pub fn svg(&self) -> String {
        let [label, message] = [&self.label, &self.message].map(|text| widths::width(text, FONT_SIZE).ceil());
        let (left, right) = (label + 2.0 * PADDING, message + 2.0 * PADDING);
        let said = format!("{}: {}", self.label, self.message);
        html! {
            svg xmlns="http://www.w3.org/2000/svg" width=(left + right) height=(HEIGHT) role="img" aria-label=(said) {
                title { (said) }
                path fill=(LABEL_GROUND) d={ "M3 0h" (left - 3.0) "v20H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" } {}
                path fill=(self.tone.ink()) d={
                    "M" (left) " 0h" (right - 3.0) "a3 3 0 0 1 3 3v14a3 3 0 0 1-3 3h-" (right - 3.0) "z"
                } {}
                g fill="#fff" text-anchor="middle" font-family="Verdana,Geneva,DejaVu Sans,sans-serif" font-size=(FONT_SIZE) {
                    text x=(left / 2.0) y="14" textLength=(label) { (self.label) }
                    text x=(left + right / 2.0) y="14" textLength=(message) { (self.message) }
                }
            }
        }
        .into_string()
    }

    /// The badge for shields.io's endpoint. An error is what may not be shown in another colour.
    pub fn json(&self) -> String {
        json!({
            "schemaVersion": 1,
            "label": self.label,
            "message": self.message,
            "color": self.tone.ink(),
            "labelColor": LABEL_GROUND,
            "isError": matches!(self.tone, Tone::Major | Tone::Critical),
        })
        .to_string()
    }
}

/// The tone of a page as a whole; a page that says nothing yet is not well.
pub fn page_tone(state: &LiveState) -> Tone {
    let empty = state.components.is_empty() && state.open_incidents().next().is_none();
    if empty { Tone::Quiet } else { Tone::of_page(state) }
}

/// The page's status in two or three words.
pub fn page_status(tone: Tone, texts: &Texts) -> String {
    texts.with("badge-status", [("status", tone.word().into())])
}

/// From 99.9 % on all is well, from 99 % nearly, from 95 % not quite.
fn tone_of_uptime(Percentage(hundredths): Percentage) -> Tone {
    match hundredths {
        9_990.. => Tone::Good,
        9_900.. => Tone::Minor,
        9_500.. => Tone::Major,
        _ => Tone::Critical,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{fixture, status::ComponentStatus},
        locale,
        render::page::sample,
    };

    const HOSTILE: &str = "</svg><script>alert(\"1\")</script>\u{202e}'&\u{0}\u{7}\n x";

    fn en() -> &'static Texts {
        locale::texts("en").unwrap()
    }

    /// The texts of all elements of a document that must be well-formed XML.
    fn texts_of(svg: &str) -> Vec<String> {
        let tree = resvg::usvg::roxmltree::Document::parse(svg).unwrap();
        let texts = tree.descendants().filter(|node| node.is_text());
        texts.filter_map(|node| node.text().map(str::to_owned)).collect()
    }

    #[test]
    fn a_badge_says_what_the_page_says() {
        let mut state = sample::troubled();
        let badge = Badge::of_page(&state, en());
        assert_eq!(badge, Badge::new("Example", "Minor problems", Tone::Minor));
        assert_eq!(texts_of(&badge.svg()), ["Example: Minor problems", "Example", "Minor problems"]);
        state.components.clear();
        state.incidents.clear();
        assert_eq!(Badge::of_page(&state, en()).message, "No data", "nothing is no good news");
        let api = fixture::component("API", None, ComponentStatus::MajorOutage);
        let badge = Badge::of_component(&state, &api, en());
        let json: serde_json::Value = serde_json::from_str(&badge.json()).unwrap();
        assert_eq!(json["schemaVersion"], 1);
        assert_eq!(json["message"], "Major outage");
        assert_eq!(json["isError"], true);
    }

    #[test]
    fn uptime_is_cut_and_not_shown_where_the_page_hides_it() {
        let state = sample::troubled();
        let badge = Badge::of_uptime(&state, &state.components[7], sample::as_of(), en()).unwrap();
        assert!(badge.label.ends_with(" uptime"), "{}", badge.label);
        assert_ne!(badge.message, "100.00 %", "half an hour of a partial outage is not rounded away");
        assert!(Badge::of_uptime(&state, &state.components[29], sample::as_of(), en()).is_none());
        assert_eq!(tone_of_uptime(Percentage(9_989)), Tone::Minor);
    }

    #[test]
    fn names_stay_text() {
        let mut state = sample::troubled();
        state.page.name = HOSTILE.into();
        let svg = Badge::of_page(&state, en()).svg();
        assert!(!svg.contains("<script"), "{svg}");
        assert_eq!(texts_of(&svg)[1], "</svg><script>alert(\"1\")</script>'& x");
        state.page.name = "long ".repeat(500);
        let svg = Badge::of_page(&state, en()).svg();
        assert!(svg.len() < 2_000, "{}", svg.len());
        assert!(texts_of(&svg)[1].ends_with('…'));
    }

    /// The contrast of white on a colour (WCAG 2.2, relative luminance).
    fn contrast_with_white(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        1.05 / (0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5) + 0.05)
    }

    #[test]
    fn white_can_be_read_on_every_ground() {
        let grounds = Tone::ALL.map(Tone::ink).into_iter().chain([LABEL_GROUND]);
        for ground in grounds {
            assert!(contrast_with_white(ground) >= 4.5, "{ground}: {}", contrast_with_white(ground));
        }
    }
}

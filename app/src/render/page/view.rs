//! What every part of a page is given, and the small parts that all of them use.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use fluent_bundle::FluentValue;
use maud::{Markup, html};

use super::tone::Tone;
use crate::{
    domain::{
        Id,
        incident::{Impact, IncidentStatus},
        state::{Incident, LiveState},
        status::ComponentStatus,
    },
    locale::{self, Texts},
};

#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    pub state: &'a LiveState,
    pub texts: &'a Texts,
    pub zone: Tz,
}

/// How much of a time is shown. The script shows the same much of it in the visitor's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `22 Nov 2026, 14:32 UTC`
    Moment,
    /// The same in a table, where its distance is not told.
    Row,
    /// `14:32 UTC`
    Clock,
    /// The same of an instant that is awaited: the script tells how far it is as well.
    Near,
    /// `22 November 2026`
    Date,
}

impl<'a> View<'a> {
    pub fn new(state: &'a LiveState, texts: &'a Texts) -> Self {
        Self { state, texts, zone: state.page.time_zone }
    }

    /// The path of one of the page's places in the language that is spoken here.
    pub fn href(&self, path: &str) -> String {
        href(self.state, self.texts, path)
    }

    pub fn incident_href(&self, id: &Id) -> String {
        self.href(&format!("/incidents/{id}"))
    }

    /// The way to an incident, by its name; on paper the address stands behind it.
    pub fn incident_link(&self, incident: &Incident) -> Markup {
        let place = self.incident_href(&incident.id);
        html! {
            a href=(place) { (incident.name) }
            span.url { " (" (self.state.page.url) (place) ")" }
        }
    }

    pub fn component_href(&self, id: &Id) -> String {
        self.href(&format!("/components/{id}"))
    }

    pub fn time(&self, at: DateTime<Utc>, form: Form) -> Markup {
        let (mark, shown) = match form {
            Form::Moment => (None, self.texts.moment(at, self.zone)),
            Form::Row => (Some("m"), self.texts.moment(at, self.zone)),
            Form::Clock => (Some("c"), self.texts.clock(at, self.zone)),
            Form::Near => (Some("n"), self.texts.clock(at, self.zone)),
            Form::Date => (Some("d"), self.texts.date(at.with_timezone(&self.zone).date_naive())),
        };
        html! { time datetime=(machine(at)) data-t=[mark] { (shown) } }
    }

    /// A time with both ends, whose zone is told once.
    pub fn window(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Markup {
        let (begin, end) = self.texts.window(from, until, self.zone);
        html! {
            time datetime=(machine(from)) data-t="b" { (begin) } " – " time datetime=(machine(until)) data-t="w" { (end) }
        }
    }

    pub fn status_text(&self, status: ComponentStatus) -> String {
        self.texts.with("component-status", [("status", status.as_str().into())])
    }

    /// The label of an update or incident; none is an update that repeats the status before it.
    pub fn incident_text(&self, status: Option<IncidentStatus>) -> String {
        match status {
            Some(status) => self.texts.with("incident-status", [("status", status.as_str().into())]),
            None => self.texts.text("incident-update"),
        }
    }

    pub fn impact_text(&self, impact: Impact) -> String {
        self.texts.with("incident-impact", [("impact", impact.as_str().into())])
    }

    /// A component's or group's status: icon and words.
    pub fn status(&self, status: ComponentStatus) -> Markup {
        let tone = Tone::of_component(status);
        html! { span class={ "s " (tone.class()) } { (tone.icon()) (self.status_text(status)) } }
    }
}

/// The path of a page's place in a language: the page's own language stands at the root, the others
/// below their tag.
pub fn href(state: &LiveState, texts: &Texts, path: &str) -> String {
    if texts.tag() == locale::own(&state.page.language).tag() {
        path.to_owned()
    } else {
        format!("/{}{path}", texts.tag())
    }
}

/// A sentence with markup in the place of one of its arguments.
pub fn filled(view: View<'_>, key: &str, name: &str, slot: &Markup) -> Markup {
    // A character that no text holds stands for the slot while the sentence is made.
    const SLOT: &str = "\u{1}";
    let sentence = view.texts.with(key, [(name, FluentValue::from(SLOT))]);
    let (before, after) = sentence.split_once(SLOT).unwrap_or((&sentence, ""));
    html! { (before) (slot) (after) }
}

/// A time for machines (RFC 3339, UTC, seconds).
pub fn machine(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An address that an operator gave, if it leads to a page, a mail or a telephone; `javascript:`
/// and the like lead nowhere.
pub fn safe_address(address: &str) -> Option<&str> {
    let scheme = address.split_once(':')?.0;
    ["http", "https", "mailto", "tel"].iter().any(|safe| scheme.eq_ignore_ascii_case(safe)).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn only_addresses_that_do_no_harm() {
        assert!(safe_address("https://example.com").is_some());
        assert!(safe_address("mailto:help@example.com").is_some());
        for bad in ["javascript:alert(1)", "data:text/html,x", "/relative", "", " javascript:x"] {
            assert!(safe_address(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn times_are_for_people_and_for_machines() {
        let state = fixture::state();
        let view = View::new(&state, locale::texts("en").unwrap());
        let shown = view.time(fixture::noon(), Form::Clock).into_string();
        assert_eq!(shown, "<time datetime=\"2026-11-22T12:00:00Z\" data-t=\"c\">12:00 UTC</time>");
        let window = view.window(fixture::noon(), fixture::noon()).into_string();
        assert!(window.contains("Z\" data-t=\"b\">") && window.contains("Z\" data-t=\"w\">"), "{window}");
        assert_eq!(window.matches("UTC").count(), 1, "{window}");
        let sentence = filled(view, "as-of", "time", &html! { b { "now" } }).into_string();
        assert_eq!(sentence, "As of <b>now</b>");
    }
}

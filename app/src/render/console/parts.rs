//! What the screens are made of: fields, buttons, statuses, times.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use crate::{
    domain::{
        incident::{Impact, IncidentStatus},
        status::ComponentStatus,
    },
    locale,
    render::page::tone::{self, Tone},
};

/// The icons of all tones, drawn once.
pub fn icons() -> Markup {
    html! { svg.defs aria-hidden="true" { defs { (tone::icons(|_| true)) } } }
}

/// One line to be typed. `wrong` is what is the matter with what was typed.
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    pub kind: &'a str,
    pub value: &'a str,
    pub hint: Option<&'a str>,
    pub wrong: Option<&'a str>,
    pub autocomplete: &'a str,
    pub required: bool,
}

impl<'a> Field<'a> {
    pub fn text(name: &'a str, label: &'a str, value: &'a str) -> Self {
        Self {
            name,
            label,
            kind: "text",
            value,
            hint: None,
            wrong: None,
            autocomplete: "off",
            required: true,
        }
    }

    pub fn kind(self, kind: &'a str, autocomplete: &'a str) -> Self {
        Self { kind, autocomplete, ..self }
    }

    pub fn hint(self, hint: &'a str) -> Self {
        Self { hint: Some(hint), ..self }
    }

    pub fn wrong(self, wrong: Option<&'a str>) -> Self {
        Self { wrong, ..self }
    }

    pub fn optional(self) -> Self {
        Self { required: false, ..self }
    }

    pub fn shown(&self) -> Markup {
        let described = self.described();
        html! {
            div.f {
                label for=(self.name) { (self.label) }
                input id=(self.name) name=(self.name) type=(self.kind) value=(self.value)
                    autocomplete=(self.autocomplete) required[self.required]
                    aria-describedby=[described] aria-invalid=[self.wrong.map(|_| "true")];
                (self.words())
            }
        }
    }

    pub fn area(&self, rows: u8) -> Markup {
        let described = self.described();
        html! {
            div.f {
                label for=(self.name) { (self.label) }
                textarea id=(self.name) name=(self.name) rows=(rows) required[self.required]
                    aria-describedby=[described] aria-invalid=[self.wrong.map(|_| "true")] { "\n" (self.value) }
                (self.words())
            }
        }
    }

    fn described(&self) -> Option<String> {
        let ids = [self.wrong.map(|_| "wrong"), self.hint.map(|_| "hint")];
        let ids: Vec<String> =
            ids.into_iter().flatten().map(|kind| format!("{}-{kind}", self.name)).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    fn words(&self) -> Markup {
        html! {
            @if let Some(wrong) = self.wrong { p.wrong id={ (self.name) "-wrong" } { (wrong) } }
            @if let Some(hint) = self.hint { p.q id={ (self.name) "-hint" } { (hint) } }
        }
    }
}

/// A choice of one among several, by value and label.
pub fn select(name: &str, label: &str, chosen: &str, options: &[(&str, &str)]) -> Markup {
    html! {
        div.f {
            label for=(name) { (label) }
            select id=(name) name=(name) {
                @for (value, label) in options { option value=(value) selected[*value == chosen] { (label) } }
            }
        }
    }
}

/// A box to be ticked.
pub fn tick(name: &str, label: &str, ticked: bool) -> Markup {
    html! { label.tick { input type="checkbox" name=(name) value="true" checked[ticked]; " " (label) } }
}

/// What can't be shown in one list is on further pages.
pub fn pager(path: &str, number: u64, more: bool) -> Markup {
    let to = |number: u64| {
        let and = if path.contains('?') { '&' } else { '?' };
        format!("{path}{and}number={number}")
    };
    html! {
        @if number > 1 || more {
            nav.pager aria-label="Pages of this list" {
                @if number > 1 { a href=(to(number - 1)) rel="prev" { "Newer" } }
                @if more { a href=(to(number + 1)) rel="next" { "Older" } }
            }
        }
    }
}

pub fn status_name(status: ComponentStatus) -> String {
    locale::fallback().with("component-status", [("status", status.as_str().into())])
}

/// A component's status, with its icon.
pub fn status(status: ComponentStatus) -> Markup {
    let tone = Tone::of_component(status);
    html! { span class={ "s " (tone.class()) } { (tone.icon()) (status_name(status)) } }
}

/// What a component moves from, and to; of what stays as it is that alone.
pub fn moved(name: &str, before: ComponentStatus, after: ComponentStatus) -> Markup {
    html! { li { (name) ": " @if before != after { (status(before)) " → " } (status(after)) } }
}

pub fn stage_name(status: IncidentStatus) -> String {
    locale::fallback().with("incident-status", [("status", status.as_str().into())])
}

pub fn impact_name(impact: Impact) -> String {
    locale::fallback().with("incident-impact", [("impact", impact.as_str().into())])
}

/// An impact, with its icon.
pub fn impact(impact: Impact) -> Markup {
    let tone = Tone::of_impact(impact);
    html! { span class={ "s " (tone.class()) } { (tone.icon()) (impact_name(impact)) } }
}

/// An instant in the page's zone.
pub fn time(at: DateTime<Utc>, zone: Tz) -> Markup {
    html! {
        time datetime=(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)) {
            (locale::fallback().moment(at, zone))
        }
    }
}

/// The same in UTC too, and by script where the reader is, as far as those differ.
pub fn times(at: DateTime<Utc>, zone: Tz) -> Markup {
    let own = locale::fallback().moment(at, zone);
    let everywhere = locale::fallback().moment(at, Tz::UTC);
    html! {
        span.times {
            (time(at, zone))
            @if own != everywhere { " " span.q { (everywhere) } }
            " " span.q data-own=(at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)) data-zone=(zone.name()) {}
        }
    }
}

/// The sum of a list, in words.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    }
}

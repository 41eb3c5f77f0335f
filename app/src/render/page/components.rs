//! The components in their groups, with their days.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{
    bar,
    days::{History, Named},
    tree::{self, Item},
    view::{View, safe_address},
};
use crate::domain::{
    Id, calendar,
    state::{Component, Group},
    status::ComponentStatus,
    uptime::{SHOWN_DAYS, Shade},
};

/// The days that phones show, where 90 would be too thin to touch.
const PHONE_DAYS: u64 = 30;

/// What all rows share.
struct List<'a> {
    view: View<'a>,
    named: Named<'a>,
    statuses: HashMap<&'a Id, ComponentStatus>,
}

/// The section of all; empty when there is nothing to list.
pub fn section(view: View<'_>, as_of: DateTime<Utc>) -> Markup {
    within(view, &tree::tree(view.state), as_of)
}

/// The same of some.
pub fn within(view: View<'_>, items: &[Item<'_>], as_of: DateTime<Utc>) -> Markup {
    let mut with_days = tree::components(items);
    with_days.retain(|component| component.showcase);
    let list =
        List { view, named: Named::of(view, &with_days, as_of), statuses: view.state.group_statuses() };
    html! {
        @if !items.is_empty() {
            section aria-labelledby="components" {
                h2 #components { (view.texts.text("components")) }
                @for run in items.chunk_by(|one, next| is_component(one) && is_component(next)) {
                    @match &run[0] {
                        Item::Group(group, within) => div.card { (list.group(group, within, true)) },
                        Item::Component(_) => div.card { (list.rows(run)) },
                    }
                }
                @if !with_days.is_empty() {
                    (legend(view))
                    (names(view, &list.named, as_of))
                }
            }
        }
    }
}

fn is_component(item: &Item<'_>) -> bool {
    matches!(item, Item::Component(_))
}

impl List<'_> {
    /// A group, open while something in it is not well. The script remembers what a visitor opens
    /// or closes, until the group's status changes.
    fn group(&self, group: &Group, within: &[Item<'_>], top: bool) -> Markup {
        let status = self.statuses.get(&group.id).copied().unwrap_or_default();
        html! {
            details data-group=(group.id) data-status=(status.as_str()) open[status != ComponentStatus::Operational] {
                summary {
                    @if top { h3 { (group.name) } } @else { b { (group.name) } }
                    span.q { (self.count(within)) }
                    (self.view.status(status))
                }
                @if let Some(description) = &group.description { p.d dir="auto" { (description) } }
                (self.rows(within))
            }
        }
    }

    fn count(&self, within: &[Item<'_>]) -> String {
        let (count, affected) = tree::count(within);
        let count = ("count", count.into());
        if affected == 0 {
            self.view.texts.with("group-count", [count])
        } else {
            self.view.texts.with("group-affected", [count, ("affected", affected.into())])
        }
    }

    fn rows(&self, items: &[Item<'_>]) -> Markup {
        let barred = |item: &Item<'_>| matches!(item, Item::Component(component) if component.showcase);
        let last = items.iter().rposition(barred);
        html! {
            ul.l {
                @for (place, item) in items.iter().enumerate() {
                    @match item {
                        Item::Component(component) => (self.row(component, Some(place) == last)),
                        Item::Group(group, within) => li.g { (self.group(group, within, false)) },
                    }
                }
            }
        }
    }

    /// A component; under the last bar of a list stands what its ends mean.
    fn row(&self, component: &Component, scaled: bool) -> Markup {
        let view = self.view;
        let history = component.showcase.then(|| History::of(component, &self.named));
        html! {
            li.c data-component-id=(component.id) data-component-status=(component.status.as_str()) {
                div.h {
                    (name(view, component))
                    @if let Some(history) = &history { (percentage(view, component, history)) }
                    (view.status(component.status))
                }
                @if let Some(description) = &component.description { p.d dir="auto" { (description) } }
                @if let Some(history) = &history { (focusable_bar(view, component, history)) }
                @if scaled { (scale(view)) }
            }
        }
    }
}

/// What the operator gave as its place, else its own page: a table says there what the tooltips say.
fn name(view: View<'_>, component: &Component) -> Markup {
    html! {
        @match elsewhere(component) {
            Some(address) => a.n href=(address) rel="noopener" { (component.name) },
            None => a.n href=(view.component_href(&component.id)) { (component.name) },
        }
    }
}

fn elsewhere(component: &Component) -> Option<&str> {
    component.link.as_deref().and_then(safe_address)
}

/// The uptime in a number, which leads to the component's own page where its name leads elsewhere.
fn percentage(view: View<'_>, component: &Component, history: &History) -> Markup {
    let percentage = history.percentage().map(|percentage| view.texts.percentage(percentage));
    let percentage = percentage.unwrap_or_else(|| view.texts.text("day-unknown"));
    html! {
        @if elsewhere(component).is_some() { a.q href=(view.component_href(&component.id)) { (percentage) } }
        @else { span.q { (percentage) } }
    }
}

/// The bar as one stop of the Tab key, within which the script moves from day to day.
fn focusable_bar(view: View<'_>, component: &Component, history: &History) -> Markup {
    let label = view
        .texts
        .with("bar-label", [("name", component.name.as_str().into()), ("count", SHOWN_DAYS.into())]);
    html! {
        div.b role="group" tabindex="0" data-days=(history.attribute()) aria-label=(label) { (bar::bar(history)) }
    }
}

/// What the ends of the bars above stand for.
pub fn scale(view: View<'_>) -> Markup {
    let ago = |days: u64| view.texts.with("days-ago", [("count", days.into())]);
    html! {
        p.x { span.wide { (ago(SHOWN_DAYS)) } span.narrow { (ago(PHONE_DAYS)) } span { (view.texts.text("today")) } }
    }
}

/// How the bars are read and the percentages counted.
pub fn legend(view: View<'_>) -> Markup {
    let texts = view.texts;
    html! {
        details.how {
            summary { (texts.text("legend")) }
            ul { (keys(view)) }
            p { (texts.with("legend-note", [("zone", view.zone.name().into())])) }
            p { (texts.text("legend-counted")) }
        }
    }
}

/// What the shades of days stand for.
pub fn keys(view: View<'_>) -> Markup {
    let texts = view.texts;
    let keys = [
        (Shade::Green, texts.text("legend-none")),
        (Shade::Yellow, texts.text("legend-short")),
        (Shade::Orange, texts.text("legend-long")),
        (Shade::Red, texts.text("legend-worst")),
        (Shade::NoData, texts.text("day-unknown")),
    ];
    html! { @for (shade, text) in keys { li { (bar::key(shade)) (text) } } }
}

/// What the tooltips need besides each bar's own days: the day that is today, the words, and the
/// incidents by number, each named once however many bars it touched.
fn names(view: View<'_>, named: &Named<'_>, as_of: DateTime<Utc>) -> Markup {
    let texts = view.texts;
    let word = |status| view.status_text(status);
    let words = [
        word(ComponentStatus::MajorOutage),
        word(ComponentStatus::PartialOutage),
        word(ComponentStatus::DegradedPerformance),
        word(ComponentStatus::UnderMaintenance),
        texts.text("day-unknown"),
        texts.text("day-well"),
        texts.with("duration-hours", [("count", "#".into())]),
        texts.with("duration-minutes", [("count", "#".into())]),
    ];
    let today = calendar::day_of(as_of, view.zone).to_string();
    html! {
        ul #named hidden data-today=(today) data-words=(words.join("|")) {
            @for span in &named.spans { li { a href=(view.incident_href(&span.id)) { (span.name) } } }
        }
    }
}

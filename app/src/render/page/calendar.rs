//! The calendar of one component's uptime, three months at a time.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use maud::{Markup, html};

use super::{
    bar, components,
    days::{History, Named, Told},
    detail,
    front::titled,
    headline,
    history::{address, pager, picker, span},
    layout::{Document, document},
    permalink::back,
    tone::Tone,
    tree::{self, Item},
    view::View,
};
use crate::{
    domain::{
        Id, calendar,
        past::{Quarter, days_in_month},
        state::{Component, IncidentSpan, LiveState},
        uptime::{self, Day, Shade, StatusPeriod, Window},
    },
    locale::Texts,
};

/// What is known of a component in a quarter.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    pub quarter: Quarter,
    pub periods: &'a [StatusPeriod],
    pub spans: &'a [IncidentSpan],
}

/// The first component of the page, in its order, whose uptime is shown.
pub fn first_with_uptime(state: &LiveState) -> Option<Id> {
    fn first(items: &[Item<'_>]) -> Option<Id> {
        items.iter().find_map(|item| match item {
            Item::Component(component) => component.showcase.then(|| component.id.clone()),
            Item::Group(_, within) => first(within),
        })
    }
    first(&tree::tree(state))
}

/// The months of a quarter, the newest first, and beneath them in words what happened.
pub fn calendar(
    state: &LiveState,
    component: &Component,
    known: Known<'_>,
    as_of: DateTime<Utc>,
    texts: &Texts,
) -> String {
    let view = View::new(state, texts);
    let months = known.quarter.months_until(as_of, view.zone);
    let window = window(view, known.quarter, as_of);
    let named = Named::over(view, &[component], known.spans, window, as_of);
    let history = History::over(component, known.periods, &named);
    let span = span(view, known.quarter, as_of);
    let name = headline::name(view, component);
    let title = texts.with("calendar-of", [("name", name.as_str().into()), ("span", span.as_str().into())]);
    let now = Quarter::at(as_of, view.zone);
    let page = Document {
        title: titled(view, &title),
        description: title,
        path: Some(address("/uptime", Some(component), now.since(known.quarter).unwrap_or(0))),
        kind: "uptime",
        live: false,
        tone: Tone::Quiet,
        top: html! { h1 { (texts.text("calendar")) } p { (name) ", " (span) } },
        main: html! {
            form.filter action=(view.href("/uptime")) {
                (picker(view, Some(component), false, |component| component.showcase))
                button { (texts.text("filter-show")) }
            }
            div.months { @for first in months.iter().rev() { (month(view, *first, &history)) } }
            ul.keys { (components::keys(view)) }
            section aria-labelledby="days" {
                h2 #days { (texts.text("column-state")) }
                (detail::table(view, &history, &named, &texts.text("calendar-calm")))
            }
            p.q { (texts.text("calendar-counted")) }
            (pager(view, "/uptime", known.quarter, state.known_since(component, as_of), Some(component), as_of))
            (back(Some(view), texts))
        },
    };
    document(Some(state), texts, &page)
}

/// The days of a quarter as far as they have begun.
fn window(view: View<'_>, quarter: Quarter, as_of: DateTime<Utc>) -> Window {
    let today = calendar::day_of(as_of, view.zone);
    let first = quarter.months().map_or(today, |[first, ..]| first);
    let next = quarter.next().months().and_then(|[next, ..]| next.pred_opt());
    let last = next.map_or(today, |last| last.min(today));
    let end = quarter.bounds(view.zone).map_or(as_of, |(_, end)| end.min(as_of));
    Window::between(first, last, end, view.zone)
}

/// A month as a table of weeks, with its own percentage.
fn month(view: View<'_>, first: NaiveDate, history: &History) -> Markup {
    let id = first.format("m%Y-%m").to_string();
    let days: Vec<Day> = history.days.iter().filter(|day| same_month(day.date, first)).copied().collect();
    let percentage = uptime::percentage(&days).map(|percentage| view.texts.percentage(percentage));
    let blank = first.weekday().num_days_from_monday();
    let cells: Vec<Option<u32>> =
        (0..blank).map(|_| None).chain((1..=days_in_month(first)).map(Some)).collect();
    html! {
        section.cal aria-labelledby=(id) {
            div.h {
                h2 id=(id) { (view.texts.month(first)) }
                p.q { (percentage.unwrap_or_else(|| view.texts.text("day-unknown"))) }
            }
            table aria-labelledby=(id) {
                thead { tr { @for day in WEEK { th scope="col" { (weekday(view, day)) } } } }
                tbody {
                    @for week in cells.chunks(7) {
                        tr {
                            @for place in 0..7 {
                                td {
                                    @if let Some(number) = week.get(place).copied().flatten() {
                                        (cell(view, first.with_day(number), number, history))
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn weekday(view: View<'_>, day: &str) -> String {
    view.texts.with("weekday-short", [("day", day.to_owned().into())])
}

fn same_month(day: NaiveDate, first: NaiveDate) -> bool {
    (day.year(), day.month()) == (first.year(), first.month())
}

/// A day: its number, its mark, and in words what the mark says. Where there is more to tell, it
/// leads there.
fn cell(view: View<'_>, date: Option<NaiveDate>, number: u32, history: &History) -> Markup {
    let place = history.days.iter().position(|day| Some(day.date) == date);
    let Some(place) = place else { return html! { span.later { (number) } } };
    let day = history.days[place];
    let told = history.told.iter().find(|told| told.place == place);
    let words = words(view, day, told);
    html! {
        @if told.is_some() {
            a href={ "#d" (day.date) } title=(words) { (number) (bar::mark(day, told)) span.hid { (words) } }
        } @else {
            span title=(words) { (number) (bar::mark(day, told)) span.hid { (words) } }
        }
    }
}

/// What a day's mark says.
fn words(view: View<'_>, day: Day, told: Option<&Told>) -> String {
    let texts = view.texts;
    let worst = told.and_then(|told| told.spent().next());
    match (day.shade(), worst) {
        (Shade::NoData, _) => texts.text("day-unknown"),
        (_, Some((status, _, seconds))) => {
            let duration = texts.duration(chrono::TimeDelta::seconds(seconds.into()));
            format!("{}, {duration}", view.status_text(status))
        }
        (Shade::Green, None) if told.is_some() => texts.text("column-incidents"),
        (_, None) => texts.text("legend-none"),
    }
}

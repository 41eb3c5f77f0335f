//! The page of one component: its days, and in a table what the tooltips of its bar say.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use maud::{Markup, html};

use super::{
    bar, components,
    days::{History, Named, Told},
    front::titled,
    group::above,
    headline,
    history::address,
    layout::{Document, document},
    permalink::back,
    tone::Tone,
    view::{View, safe_address},
};
use crate::{
    domain::{
        state::{Component, LiveState},
        uptime::SHOWN_DAYS,
    },
    locale::{Texts, undirected},
};

pub fn component(state: &LiveState, component: &Component, as_of: DateTime<Utc>, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let named = Named::of(view, &[component], as_of);
    let history = History::of(component, &named);
    let name = headline::name(view, component);
    let status = view.status_text(component.status);
    let page = Document {
        title: titled(view, &format!("{name}: {status}")),
        description: match &component.description {
            Some(description) => undirected(description).into_owned(),
            None => uptime(view, &history),
        },
        path: Some(format!("/components/{}", component.id)),
        kind: "component",
        live: true,
        tone: Tone::of_component(component.status),
        top: top(view, component, &name),
        main: html! {
            section aria-labelledby="days" {
                h2 #days { (texts.text("component-days")) }
                @if component.showcase {
                    p { (uptime(view, &history)) }
                    div.b { (bar::bar(&history)) }
                    (components::scale(view))
                }
                (table(view, &history, &named, &texts.text("component-calm")))
                @if component.showcase {
                    (components::legend(view))
                    p { a href=(view.href(&address("/uptime", Some(component), 0))) { (texts.text("calendar-link")) } }
                }
            }
            (back(Some(view), texts))
        },
    };
    document(Some(state), texts, &page)
}

fn top(view: View<'_>, component: &Component, name: &str) -> Markup {
    html! {
        (above(view, component))
        h1 { bdi { (name) } }
        p { (view.status(component.status)) }
        @if let Some(description) = &component.description { p dir="auto" { (description) } }
        @if let Some(address) = component.link.as_deref().and_then(safe_address) {
            p { a href=(address) rel="noopener" { (view.texts.with("component-link", [("name", name.into())])) } }
        }
    }
}

fn uptime(view: View<'_>, history: &History) -> String {
    let percentage = history.percentage().map(|percentage| view.texts.percentage(percentage));
    percentage.map_or_else(
        || view.texts.text("day-unknown"),
        |percentage| {
            let arguments = [("percentage", percentage.into()), ("count", SHOWN_DAYS.into())];
            view.texts.with("uptime", arguments)
        },
    )
}

/// A row of the table: the place of its first day, to sort by, and what stands in it.
type Row = (usize, Markup);

/// One row per day with something to tell and one per run of days without data, newest first.
pub fn table(view: View<'_>, history: &History, named: &Named<'_>, calm: &str) -> Markup {
    let texts = view.texts;
    let unknown = history.runs().filter(|(_, known)| !known);
    let mut rows: Vec<Row> = unknown
        .map(|(run, _)| {
            let (first, last) = (history.days[run.start].date, history.days[run.end - 1].date);
            (run.start, unknown_row(view, first, last))
        })
        .collect();
    rows.extend(history.told.iter().map(|told| (told.place, told_row(view, told, named))));
    rows.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    html! {
        @if rows.is_empty() { p { (calm) } }
        @else {
            table.told {
                thead {
                    tr {
                        th scope="col" { (texts.text("column-day")) }
                        th scope="col" { (texts.text("column-state")) }
                        th scope="col" { (texts.text("column-incidents")) }
                    }
                }
                tbody { @for (_, row) in &rows { (row) } }
            }
        }
    }
}

fn told_row(view: View<'_>, told: &Told, named: &Named<'_>) -> Markup {
    let spans = told.incidents.iter().filter_map(|number| named.spans.get(*number));
    html! {
        tr id={ "d" (told.day.date) } {
            th scope="row" { time datetime=(told.day.date) { (view.texts.short_date(told.day.date)) } }
            td {
                @for (status, _, seconds) in told.spent() {
                    p { (view.status(status)) " " (view.texts.duration(TimeDelta::seconds(seconds.into()))) }
                }
                @if told.spent().next().is_none() { p.q { (calm(view, told)) } }
            }
            td { @for span in spans { p { a href=(view.incident_href(&span.id)) { (span.name) } } } }
        }
    }
}

/// What is said of a day whose incidents did not move the component's status.
fn calm(view: View<'_>, told: &Told) -> String {
    view.texts.text(if told.day.known { "day-well" } else { "day-unknown" })
}

fn unknown_row(view: View<'_>, first: NaiveDate, last: NaiveDate) -> Markup {
    let (from, to) = (view.texts.short_date(first), view.texts.short_date(last));
    let days = if first == last {
        from
    } else {
        view.texts.with("dates-range", [("from", from.into()), ("to", to.into())])
    };
    html! { tr { th scope="row" { (days) } td { p.q { (view.texts.text("day-unknown")) } } td {} } }
}

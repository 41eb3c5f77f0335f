//! The past by quarters and months, and what a search finds in it.

use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};

use super::{
    front::titled,
    incidents::{affects, lasted, window},
    layout::{Document, HISTORY, document},
    permalink::back,
    tone::Tone,
    tree::{self, Item},
    view::{Form, View},
};
use crate::{
    domain::{
        Id,
        incident::IncidentStatus,
        past::{NoWords, Quarter, Words, by_month},
        state::{Component, Incident, LiveState},
    },
    locale::{Texts, undirected},
    markup,
};

/// How many characters of the last message are shown; the rest is one click away.
const PREVIEW: usize = 280;

/// A quarter of a page's past, or of one component's.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a> {
    pub quarter: Quarter,
    pub component: Option<&'a Id>,
    pub incidents: &'a [Incident],
    /// How many are listed at most.
    pub most: usize,
}

/// The months of a quarter, the newest first.
pub fn history(state: &LiveState, listed: Listed<'_>, as_of: DateTime<Utc>, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let component = listed.component.and_then(|id| state.component(id));
    let months = by_month(listed.incidents, listed.quarter, as_of, view.zone);
    let span = span(view, listed.quarter, as_of);
    let title = match component {
        Some(component) => texts.with(
            "history-of-component",
            [("span", span.as_str().into()), ("name", component.name.as_str().into())],
        ),
        None => texts.with("history-of", [("span", span.as_str().into())]),
    };
    let now = Quarter::at(as_of, view.zone);
    let page = Document {
        title: titled(view, &title),
        description: texts.with("history-description", [("span", span.as_str().into())]),
        path: Some(address("/history", component, now.since(listed.quarter).unwrap_or(0))),
        kind: HISTORY,
        live: false,
        tone: Tone::Quiet,
        top: html! { h1 { (texts.text("history")) } p { (span) } },
        main: html! {
            (form(view, component, ""))
            @for (month, incidents) in &months { (section(view, *month, incidents)) }
            @if listed.incidents.len() >= listed.most {
                p.q { (texts.with("history-cut", [("count", listed.most.into())])) }
            }
            (pager(view, "/history", listed.quarter, state.first_quarter(as_of), component, as_of))
            (back(Some(view), texts))
        },
    };
    document(Some(state), texts, &page)
}

/// What a search found, the newest first.
pub fn found(
    state: &LiveState,
    words: &Words,
    component: Option<&Id>,
    incidents: &[Incident],
    most: usize,
    texts: &Texts,
) -> String {
    let view = View::new(state, texts);
    let component = component.and_then(|id| state.component(id));
    let count = texts.with(
        "search-found",
        [("count", incidents.len().into()), ("words", words.as_str().to_owned().into())],
    );
    let main = html! {
        (form(view, component, words.as_str()))
        section aria-labelledby="found" {
            h2 #found { (count) }
            @for incident in incidents { (entry(view, incident)) }
            @if incidents.len() >= most { p.q { (texts.with("search-cut", [("count", most.into())])) } }
        }
    };
    searched(view, main)
}

/// What to do instead of a search that can't be made.
pub fn hint(state: &LiveState, reason: NoWords, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let text = match reason {
        NoWords::TooShort => texts.with("search-too-short", [("count", Words::SHORTEST.into())]),
        NoWords::TooLong => texts.with("search-too-long", [("count", Words::LONGEST.into())]),
    };
    searched(view, html! { (form(view, None, "")) p.hint { (text) } })
}

/// The page around the results of a search, which is no place of its own.
fn searched(view: View<'_>, main: Markup) -> String {
    let texts = view.texts;
    let page = Document {
        title: titled(view, &texts.text("search-title")),
        description: texts.text("search-title"),
        path: None,
        kind: HISTORY,
        live: false,
        tone: Tone::Quiet,
        top: html! { h1 { (texts.text("search-title")) } },
        main: html! {
            (main)
            p { a href=(view.href("/history")) { (texts.text("history-all")) } }
            (back(Some(view), texts))
        },
    };
    document(Some(view.state), texts, &page)
}

/// The choice of a component and of words, which works as any form does.
fn form(view: View<'_>, component: Option<&Component>, words: &str) -> Markup {
    let texts = view.texts;
    html! {
        form.filter action=(view.href("/history")) {
            (picker(view, component, true, |_| true))
            div {
                label for="q" { (texts.text("search-words")) }
                input #q type="search" name="q" value=(words) maxlength=(Words::LONGEST) autocomplete="off";
            }
            button { (texts.text("filter-show")) }
        }
    }
}

/// The components in their groups, to choose one from.
pub fn picker(
    view: View<'_>,
    chosen: Option<&Component>,
    or_all: bool,
    fits: impl Fn(&Component) -> bool + Copy,
) -> Markup {
    html! {
        div {
            label for="component" { (view.texts.text("filter-component")) }
            select #component name="component" {
                @if or_all { option value="" { (view.texts.text("filter-all")) } }
                (options(&tree::tree(view.state), chosen, "", fits))
            }
        }
    }
}

fn options(
    items: &[Item<'_>],
    chosen: Option<&Component>,
    before: &str,
    fits: impl Fn(&Component) -> bool + Copy,
) -> Markup {
    html! {
        @for item in items {
            @match item {
                Item::Component(component) => {
                    @if fits(component) {
                        option value=(component.id) selected[chosen.is_some_and(|chosen| chosen.id == component.id)] {
                            (before) (component.name)
                        }
                    }
                },
                Item::Group(group, within) => {
                    (options(within, chosen, &format!("{before}{} – ", group.name), fits))
                },
            }
        }
    }
}

fn section(view: View<'_>, month: NaiveDate, incidents: &[&Incident]) -> Markup {
    let id = month.format("m%Y-%m").to_string();
    html! {
        section.month aria-labelledby=(id) {
            h2 id=(id) { (view.texts.month(month)) }
            @if incidents.is_empty() { p.q { (view.texts.text("no-incidents")) } }
            @for incident in incidents { (entry(view, incident)) }
        }
    }
}

/// An incident in a few lines, which lead to all that there is to say.
fn entry(view: View<'_>, incident: &Incident) -> Markup {
    let tone = Tone::of_impact(incident.impact);
    let impact = view.impact_text(incident.impact);
    let impact = match lasted(view, incident) {
        Some(duration) => {
            view.texts.with("impact-lasted", [("impact", impact.into()), ("duration", duration.into())])
        }
        None => impact,
    };
    let facts = [Some(impact), affects(view, incident)].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    html! {
        article.past {
            h3 { (view.incident_link(incident)) }
            p.q { span class=(tone.class()) { (tone.icon()) } (facts) }
            @if let Some(message) = message(incident) { p dir="auto" { (message) } }
            p.q { (dates(view, incident)) }
        }
    }
}

/// When it began and ended, or that it has not ended.
fn dates(view: View<'_>, incident: &Incident) -> Markup {
    let began = incident.began_at();
    match incident.ended_at() {
        Some(ended) if ended >= began => view.window(began, ended),
        Some(ended) => view.time(ended, Form::Moment),
        None if incident.status.is_over() => view.time(began, Form::Moment),
        None if incident.status == IncidentStatus::Scheduled => {
            window(view, incident).unwrap_or_else(|| view.time(began, Form::Moment))
        }
        None => html! { (view.time(began, Form::Moment)) " · " (view.texts.text("history-open")) },
    }
}

/// The beginning of the last message.
fn message(incident: &Incident) -> Option<String> {
    let text = markup::to_text(&incident.updates.first()?.body);
    let text = undirected(&text);
    let shown = match text.char_indices().nth(PREVIEW) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text.into_owned(),
    };
    (!shown.is_empty()).then_some(shown)
}

/// `July 2026 to September 2026`; the current quarter ends with its current month.
pub fn span(view: View<'_>, quarter: Quarter, as_of: DateTime<Utc>) -> String {
    let months = quarter.months_until(as_of, view.zone);
    match (months.first(), months.last()) {
        (Some(first), Some(last)) if first != last => view.texts.with(
            "dates-range",
            [("from", view.texts.month(*first).into()), ("to", view.texts.month(*last).into())],
        ),
        (Some(only), _) => view.texts.month(*only),
        _ => String::new(),
    }
}

/// The address of a quarter, so many quarters back; the current one has no number.
pub fn address(path: &str, component: Option<&Component>, back: u32) -> String {
    let component = component.map(|component| format!("component={}", component.id));
    let page = (back > 0).then(|| format!("page={}", u64::from(back) + 1));
    let query: Vec<String> = component.into_iter().chain(page).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// The ways to the quarters before and after, as far as there are any.
pub fn pager(
    view: View<'_>,
    path: &str,
    quarter: Quarter,
    first: Quarter,
    component: Option<&Component>,
    as_of: DateTime<Utc>,
) -> Markup {
    let back = Quarter::at(as_of, view.zone).since(quarter).unwrap_or(0);
    let link = |place: &str, label: String, back: u32, to: Quarter| {
        // HTML has words for a step, and none for the ends.
        let rel = Some(place).filter(|place| ["prev", "next"].contains(place));
        html! {
            a rel=[rel] class=(place) href=(view.href(&address(path, component, back))) {
                span.q { (label) } " " span { (span(view, to, as_of)) }
            }
        }
    };
    let older = (quarter > first).then(|| quarter.back(1));
    let newer = (back > 0).then(|| quarter.next());
    // One step leads there already, or there is nothing further.
    let furthest = quarter.since(first).filter(|steps| *steps > 1);
    let all = back + furthest.unwrap_or(0);
    html! {
        @if older.is_some() || newer.is_some() {
            nav.turn aria-label=(view.texts.text("pager")) {
                @if let Some(to) = older { (link("prev", view.texts.text("pager-older"), back + 1, to)) }
                @if let Some(to) = newer { (link("next", view.texts.text("pager-newer"), back - 1, to)) }
                @if furthest.is_some() { (link("first", view.texts.text("pager-first"), all, first)) }
                @if back > 1 { (link("last", view.texts.text("pager-now"), 0, Quarter::at(as_of, view.zone))) }
            }
        }
    }
}

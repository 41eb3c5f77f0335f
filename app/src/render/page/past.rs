//! The last days and what happened on them, newest first.

use chrono::{DateTime, NaiveDate, Utc};
use maud::{Markup, html};

use super::{
    days::{is_open, last_instant},
    incidents::{affects, ended, lasted, timeline},
    tone::Tone,
    view::View,
};
use crate::domain::{
    calendar,
    state::{Incident, IncidentSpan},
};

/// The days that the front page lists, today among them.
const LISTED_DAYS: u64 = 15;

/// A day, what ended on it, and what else touched it.
struct PastDay<'a> {
    date: NaiveDate,
    ended: Vec<&'a Incident>,
    touched: Vec<&'a IncidentSpan>,
}

pub fn section(view: View<'_>, as_of: DateTime<Utc>) -> Markup {
    let today = calendar::day_of(as_of, view.zone);
    let mut dates: Vec<NaiveDate> = calendar::days_until(today, LISTED_DAYS).collect();
    dates.reverse();
    let days = dates.into_iter().map(|date| past_day(view, date, as_of));
    let days: Vec<PastDay<'_>> =
        days.filter(|day| !view.state.page.hide_empty_days || !day.is_empty()).collect();
    html! {
        section aria-labelledby="past" {
            h2 #past { (view.texts.text("past")) }
            p.d { (view.texts.with("past-days", [("count", LISTED_DAYS.into())])) }
            @for day in &days { (shown(view, day)) }
            @if days.is_empty() { p { (view.texts.text("no-incidents")) } }
            p.back { a href=(view.href("/history")) { (view.texts.text("history-link")) } }
        }
    }
}

impl PastDay<'_> {
    fn is_empty(&self) -> bool {
        self.ended.is_empty() && self.touched.is_empty()
    }
}

/// An incident stands whole on the day that it ended. On the other days that it touched a line
/// leads to it, so that no day claims a calm that there was not.
fn past_day<'a>(view: View<'a>, date: NaiveDate, as_of: DateTime<Utc>) -> PastDay<'a> {
    let state = view.state;
    let on = |at: DateTime<Utc>| calendar::day_of(at, view.zone);
    let all = state.incidents.iter().chain(&state.maintenances);
    let mut ended: Vec<&Incident> =
        all.filter(|incident| ended(incident).is_some_and(|at| on(at) == date)).collect();
    ended.sort_by_key(|incident| std::cmp::Reverse(super::incidents::ended(incident)));
    let touches = |span: &&IncidentSpan| {
        let last = last_instant(view, span, as_of);
        on(span.from) <= date && date <= on(last) && !ended.iter().any(|incident| incident.id == span.id)
    };
    let touched = state.spans.iter().filter(touches).collect();
    PastDay { date, ended, touched }
}

fn shown(view: View<'_>, day: &PastDay<'_>) -> Markup {
    html! {
        div.day {
            h3 { time datetime=(day.date) { (view.texts.weekday(day.date)) } }
            div {
                @if day.is_empty() { p.q { (view.texts.text("no-incidents")) } }
                @for span in &day.touched { p { (touching(view, span)) } }
                @for incident in &day.ended { (over(view, incident)) }
            }
        }
    }
}

fn touching(view: View<'_>, span: &IncidentSpan) -> Markup {
    let name = [("name", span.name.as_str().into())];
    let has_end = span.until.is_some() || view.state.incident(span.id.as_str()).and_then(ended).is_some();
    let text = if is_open(view, span) {
        view.texts.with("still-open", name)
    } else if has_end {
        view.texts.with("was-open", name)
    } else {
        span.name.clone()
    };
    html! { a href=(view.incident_href(&span.id)) { (text) } }
}

fn over(view: View<'_>, incident: &Incident) -> Markup {
    let tone = Tone::of_impact(incident.impact);
    html! {
        article {
            h4 { (view.incident_link(incident)) }
            p.q { span class=(tone.class()) { (tone.icon()) } (brief(view, incident)) }
            (timeline(view, incident))
        }
    }
}

/// How bad, how long and for whom.
fn brief(view: View<'_>, incident: &Incident) -> String {
    let impact = view.impact_text(incident.impact);
    let lasted = match lasted(view, incident) {
        Some(duration) => {
            view.texts.with("impact-lasted", [("impact", impact.into()), ("duration", duration.into())])
        }
        None => impact,
    };
    [Some(lasted), affects(view, incident)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

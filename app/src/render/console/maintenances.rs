//! Maintenances: what goes on and what comes, as a list and by month.

use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use maud::{Markup, html};

use super::{layout::Frame, parts};
use crate::{
    domain::{Id, calendar, record::IncidentRecord, recurrence::Recurrence},
    locale,
    render::page::tone::Tone,
};

/// The most that a day names; the rest is counted.
const MOST_A_DAY: usize = 4;

#[derive(Debug)]
pub struct Planning<'a> {
    pub page: &'a Id,
    pub zone: Tz,
    pub may_plan: bool,
    pub shown: Calendar<'a>,
    /// An address for a calendar that was just made.
    pub feed: Option<&'a str>,
    /// Whether there is one for whoever looks.
    pub has_feed: bool,
}

/// What is shown of them.
#[derive(Debug)]
pub enum Calendar<'a> {
    List {
        running: &'a [IncidentRecord],
        planned: &'a [IncidentRecord],
        drafts: &'a [IncidentRecord],
        series: &'a [Recurrence],
        past: &'a [IncidentRecord],
        number: u64,
        more: bool,
    },
    Month {
        first: NaiveDate,
        today: NaiveDate,
        /// All that touch one of its weeks, the first at the front.
        held: &'a [IncidentRecord],
        /// Whether there are more than are shown.
        more: bool,
    },
}

impl Planning<'_> {
    fn base(&self) -> String {
        format!("/admin/pages/{}/maintenances", self.page)
    }
}

pub fn maintenances(frame: &Frame, shown: &Planning<'_>) -> String {
    let base = shown.base();
    let month = matches!(shown.shown, Calendar::Month { .. });
    let current = |yes: bool| yes.then_some("page");
    frame.document(html! {
        div.head {
            h1 { "Maintenances" }
            @if shown.may_plan { a.button.main href={ (base) "/new" } { "Plan a maintenance" } }
        }
        nav.tabs aria-label="How they are shown" {
            a href=(base) aria-current=[current(!month)] { "List" }
            a href={ (base) "?month=now" } aria-current=[current(month)] { "Month" }
        }
        @match &shown.shown {
            Calendar::List { running, planned, drafts, series, past, number, more } => {
                @if *number == 1 {
                    (part(shown, "Under way", running, "Nothing is under way."))
                    (part(shown, "Planned", planned, "Nothing is planned."))
                    @if !drafts.is_empty() { (part(shown, "Drafts", drafts, "")) }
                    @if !series.is_empty() { (again(shown, series)) }
                }
                (part(shown, "Past", past, "No maintenance is past yet."))
                (parts::pager(&base, *number, *more))
                (feed(frame, shown))
            }
            Calendar::Month { first, today, held, more } => {
                (steps(&base, *first))
                (table(shown, *first, *today, held))
                @if held.is_empty() { p.q { "Nothing is planned in these weeks." } }
                @if *more { p.q { "There are more than are shown here; the list has them all." } }
            }
        }
    })
}

fn part(shown: &Planning<'_>, title: &str, records: &[IncidentRecord], none: &str) -> Markup {
    html! {
        section {
            h2 { (title) }
            @if records.is_empty() { p.q { (none) } }
            ul.rows { @for record in records { (row(shown, record)) } }
        }
    }
}

fn again(shown: &Planning<'_>, series: &[Recurrence]) -> Markup {
    html! {
        section {
            h2 { "Series" }
            ul.rows {
                @for one in series {
                    li {
                        div {
                            a.name href={ (shown.base()) "/series/" (one.id) } { (one.series.name) }
                            p.q { code { (one.series.rule) } " · first " (parts::time(one.series.first_at, shown.zone)) }
                        }
                    }
                }
            }
        }
    }
}

/// The way to have them in a calendar.
fn feed(frame: &Frame, shown: &Planning<'_>) -> Markup {
    html! {
        section #feed {
            h2 { "In your calendar" }
            @if let Some(address) = shown.feed {
                p { "Have your calendar subscribe to this address. It is shown this once, and whoever has it sees what you may see of maintenances here." }
                code.link { (address) }
            }
            form method="post" action={ (shown.base()) "/feed" } {
                (frame.token())
                p.q { @if shown.has_feed { "There is an address for you; a new one takes its place." } @else { "An address of your own, drafts included." } }
                div.acts {
                    button.small name="do" value="make" type="submit" { @if shown.has_feed { "Make a new address" } @else { "Make an address" } }
                    @if shown.has_feed { button.small.danger name="do" value="revoke" type="submit" { "Revoke it" } }
                }
            }
        }
    }
}

fn row(shown: &Planning<'_>, record: &IncidentRecord) -> Markup {
    let incident = &record.incident;
    let names: Vec<&str> = record.components.iter().map(|one| one.component.name.as_str()).collect();
    html! {
        li {
            div {
                a.name href={ (shown.base()) "/" (incident.id) } { (incident.name) }
                p.q {
                    (parts::stage_name(incident.status))
                    @if let Some((from, until)) = incident.scheduled_for.zip(incident.scheduled_until) {
                        @let (begin, end) = locale::fallback().window(from, until, shown.zone);
                        " · " time datetime=(from.to_rfc3339()) { (begin) } " – " time datetime=(until.to_rfc3339()) { (end) }
                    }
                    @if !names.is_empty() { " · " (locale::fallback().list(&names)) }
                }
            }
        }
    }
}

fn steps(base: &str, first: NaiveDate) -> Markup {
    let named = |month: NaiveDate| locale::fallback().month(month);
    let beside = [(first - Months::new(1), "prev"), (first + Months::new(1), "next")];
    html! {
        div.head {
            h2 { (named(first)) }
            nav.pager aria-label="Months" {
                @for (month, rel) in beside {
                    a href={ (base) "?month=" (month.format("%Y-%m")) } rel=(rel) { (named(month)) }
                }
            }
        }
    }
}

fn table(shown: &Planning<'_>, first: NaiveDate, today: NaiveDate, held: &[IncidentRecord]) -> Markup {
    let weeks = calendar::weeks(first);
    html! {
        table.month {
            caption.hidden { "Maintenances in " (locale::fallback().month(first)) ", in " (shown.zone.name()) }
            thead {
                tr {
                    @for day in weeks.first().into_iter().flatten() { th scope="col" { (locale::fallback().day_name(*day)) } }
                }
            }
            tbody {
                @for week in &weeks {
                    tr { @for day in week { (cell(shown, *day, first, today, held)) } }
                }
            }
        }
        p.q { "Days are those of " (shown.zone.name()) "." }
    }
}

fn cell(
    shown: &Planning<'_>,
    day: NaiveDate,
    first: NaiveDate,
    today: NaiveDate,
    held: &[IncidentRecord],
) -> Markup {
    let (from, until) =
        (calendar::start_of(day, shown.zone), calendar::start_of(day + Days::new(1), shown.zone));
    let on: Vec<&IncidentRecord> = held.iter().filter(|record| touches(record, from, until)).collect();
    let outside = day.format("%Y-%m").to_string() != first.format("%Y-%m").to_string();
    let name = locale::fallback().weekday(day);
    let classes = [("beside", outside), ("none", on.is_empty()), ("today", day == today)];
    let classes: Vec<&str> = classes.into_iter().filter(|(_, yes)| *yes).map(|(name, _)| name).collect();
    html! {
        td class=[(!classes.is_empty()).then(|| classes.join(" "))] {
            p.day {
                time datetime=(day.to_string()) aria-current=[(day == today).then_some("date")] {
                    span.hidden { (name) }
                    span aria-hidden="true" { span.wide { (day.format("%-d")) } span.long { (name) } }
                }
                @if shown.may_plan && day >= today {
                    a.plan href={ (shown.base()) "/new?day=" (day) } aria-label={ "Plan a maintenance on " (name) } { "+" }
                }
            }
            @if !on.is_empty() {
                ul {
                    @for record in on.iter().take(MOST_A_DAY) { (entry(shown, record, from)) }
                    @if on.len() > MOST_A_DAY { li.q { "and " (on.len() - MOST_A_DAY) " more" } }
                }
            }
        }
    }
}

fn touches(record: &IncidentRecord, from: DateTime<Utc>, until: DateTime<Utc>) -> bool {
    let window = record.incident.scheduled_for.zip(record.incident.scheduled_until);
    window.is_some_and(|(begins, ends)| begins < until && ends > from)
}

fn entry(shown: &Planning<'_>, record: &IncidentRecord, day: DateTime<Utc>) -> Markup {
    let incident = &record.incident;
    let begins = incident.scheduled_for.filter(|begins| *begins >= day);
    let tone = Tone::of_incident(incident);
    html! {
        li {
            a class={ "entry " (tone.class()) } href={ (shown.base()) "/" (incident.id) } {
                span.q { (begins.map_or_else(|| "goes on".to_owned(), |begins| locale::fallback().hour(begins, shown.zone))) " " }
                (incident.name)
                @if record.draft { span.q { " (draft)" } }
                @if incident.status.is_over() { span.q { " (over)" } }
            }
        }
    }
}

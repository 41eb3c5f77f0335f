//! The bar of a component's 90 days. A day is one unit wide. Days without an outage are drawn once
//! for the whole page, by a pattern; only the others are in each bar. An outage stands taller than
//! the calm days, so that the bar can be read without colours; what does not count as an outage is
//! a dot above its day; days without data are flat.

use std::fmt::Write;

use maud::{Markup, html};

use super::days::{History, Told};
use crate::domain::{
    status::ComponentStatus,
    uptime::{Day, Shade},
};

/// What is drawn over the pattern: a class that gives the colour, and a path.
type Stroke = (&'static str, String);

/// The patterns that the bars refer to by name.
pub fn patterns() -> Markup {
    html! {
        pattern id="u" width="1" height="32" patternUnits="userSpaceOnUse" {
            rect.k x=".125" y="10" width=".75" height="22" {}
        }
        pattern id="n" width="1" height="32" patternUnits="userSpaceOnUse" {
            rect.k x=".125" y="29" width=".75" height="3" {}
        }
    }
}

/// A bar, for eyes only: what it says is said in words beside it.
pub fn bar(history: &History) -> Markup {
    html! {
        svg viewBox="0 0 90 32" preserveAspectRatio="none" aria-hidden="true" {
            @for (run, known) in history.runs() {
                path class=(if known { "u" } else { "n" }) d=(format!("M{} 0h{}v32h-{1}z", run.start, run.len())) {}
            }
            @for (class, path) in strokes(history).iter().filter(|(_, path)| !path.is_empty()) {
                path class=(class) d=(path) {}
            }
        }
    }
}

/// One day of a shade, for the legend.
pub fn key(shade: Shade) -> Markup {
    html! {
        svg.b viewBox="0 0 1 32" preserveAspectRatio="none" aria-hidden="true" {
            (drawn(shade))
        }
    }
}

/// One day by itself.
pub fn mark(day: Day, told: Option<&Told>) -> Markup {
    let dot = told.filter(|_| outage(day.shade()).is_none()).map(|told| CLASSES[dot(told)]);
    html! {
        svg.b viewBox="0 0 1 32" preserveAspectRatio="none" aria-hidden="true" {
            (drawn(day.shade()))
            @if let Some(class) = dot { path class=(class) d="M.5 3V7" {} }
        }
    }
}

fn drawn(shade: Shade) -> Markup {
    html! {
        @match outage(shade) {
            Some((class, top)) => path class=(CLASSES[class]) d=(format!("M.5 {top}V32")) {},
            None => path class=(if shade == Shade::Green { "u" } else { "n" }) d="M0 0h1v32H0z" {},
        }
    }
}

/// The strokes' classes: an outage by its shade, then the dots: degraded performance, maintenance,
/// and incidents that moved no status.
const CLASSES: [&str; 6] = ["y", "o", "r", "d", "w", "e"];

/// An outage's class and where it ends at the top.
fn outage(shade: Shade) -> Option<(usize, u8)> {
    match shade {
        Shade::Yellow => Some((0, 7)),
        Shade::Orange => Some((1, 4)),
        Shade::Red => Some((2, 0)),
        Shade::Green | Shade::NoData => None,
    }
}

/// The class of a day's dot.
fn dot(told: &Told) -> usize {
    match told.spent().next() {
        Some((ComponentStatus::DegradedPerformance, ..)) => 3,
        Some((ComponentStatus::UnderMaintenance, ..)) => 4,
        _ => 5,
    }
}

fn strokes(history: &History) -> [Stroke; 6] {
    let mut strokes = CLASSES.map(|class| (class, String::new()));
    for told in &history.told {
        let (stroke, top, end) =
            outage(told.day.shade()).map_or_else(|| (dot(told), 3, 7), |(class, top)| (class, top, 32));
        // Writing to a string does not fail.
        let _ = write!(strokes[stroke].1, "M{}.5 {top}V{end}", told.place);
    }
    strokes
}

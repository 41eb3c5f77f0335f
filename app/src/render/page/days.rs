//! What there is to tell about a component's days: the bar, its tooltips and the table on the
//! component's own page all say what stands here, so that they say the same.

use std::{collections::HashMap, fmt::Write, ops::Range};

use chrono::{DateTime, TimeDelta, Utc};

use super::{incidents::ended, view::View};
use crate::{
    domain::{
        Id, calendar,
        state::{Component, IncidentSpan},
        status::ComponentStatus,
        uptime::{self, Day, Percentage, SHOWN_DAYS, StatusPeriod, Window},
    },
    locale::whole_minutes,
};

/// The incidents that touched the shown days, each of which a page names once.
#[derive(Debug)]
pub struct Named<'a> {
    window: Window,
    pub spans: Vec<&'a IncidentSpan>,
    touches: HashMap<&'a Id, Vec<(usize, Range<usize>)>>,
}

impl<'a> Named<'a> {
    /// Those that touched one of `components`.
    pub fn of(view: View<'a>, components: &[&'a Component], as_of: DateTime<Utc>) -> Self {
        let window = Window::new(view.zone, as_of, SHOWN_DAYS);
        Self::over(view, components, &view.state.spans, window, as_of)
    }

    /// The same for other days, of which these incidents are known.
    pub fn over(
        view: View<'_>,
        components: &[&'a Component],
        spans: &'a [IncidentSpan],
        window: Window,
        as_of: DateTime<Utc>,
    ) -> Self {
        let mut named = Self { window, spans: vec![], touches: HashMap::new() };
        for component in components {
            named.touches.insert(&component.id, vec![]);
        }
        for span in spans {
            let Some(days) = touched(view, span, &named.window, as_of) else { continue };
            let number = named.spans.len();
            let mut used = false;
            for id in &span.component_ids {
                if let Some(touches) = named.touches.get_mut(id) {
                    touches.push((number, days.clone()));
                    used = true;
                }
            }
            named.spans.extend(used.then_some(span));
        }
        named
    }

    /// The incidents that touched a component, by number, each with the days that it lasted over.
    fn touching(&self, component: &Id) -> &[(usize, Range<usize>)] {
        self.touches.get(component).map_or(&[], Vec::as_slice)
    }
}

/// Whether an incident is not over: its status says so, since an end may never have been written down.
pub fn is_open(view: View<'_>, span: &IncidentSpan) -> bool {
    let held = || view.state.incident(span.id.as_str());
    span.until.is_none() && held().is_some_and(|incident| !incident.status.is_over())
}

/// The last instant that an incident touched. One that ends at midnight has not touched the day
/// that begins then.
pub fn last_instant(view: View<'_>, span: &IncidentSpan, as_of: DateTime<Utc>) -> DateTime<Utc> {
    if is_open(view, span) {
        return as_of;
    }
    let until = span.until.or_else(|| ended(view.state.incident(span.id.as_str())?));
    until.map_or(span.from, |until| (until - TimeDelta::seconds(1)).max(span.from))
}

/// The shown days that an incident lasted over, as places in the bar.
fn touched(
    view: View<'_>,
    span: &IncidentSpan,
    window: &Window,
    as_of: DateTime<Utc>,
) -> Option<Range<usize>> {
    let place = |at| window.place(calendar::day_of(at, view.zone));
    let (last, days) = place(last_instant(view, span, as_of));
    let last = usize::try_from(last.min(days - 1)).ok()?;
    let first = usize::try_from(place(span.from).0.max(0)).ok()?;
    Some(first..last + 1)
}

/// A day that has something to tell.
#[derive(Debug)]
pub struct Told {
    /// Its place in the bar; today is the last.
    pub place: usize,
    pub day: Day,
    /// Numbers in `Named::spans`.
    pub incidents: Vec<usize>,
}

impl Told {
    /// How long in which state, worst first. Operational time is not told.
    pub fn spent(&self) -> impl Iterator<Item = (ComponentStatus, char, u32)> {
        let day = self.day;
        [
            (ComponentStatus::MajorOutage, 'm', day.major),
            (ComponentStatus::PartialOutage, 'p', day.partial),
            (ComponentStatus::DegradedPerformance, 'd', day.degraded),
            (ComponentStatus::UnderMaintenance, 'w', day.maintenance),
        ]
        .into_iter()
        .filter(|(_, _, seconds)| *seconds > 0)
    }
}

/// A component's shown days.
#[derive(Debug)]
pub struct History {
    pub days: Vec<Day>,
    pub told: Vec<Told>,
}

impl History {
    pub fn of(component: &Component, named: &Named<'_>) -> Self {
        Self::over(component, &component.periods, named)
    }

    /// The same where its past is not the one that it holds itself.
    pub fn over(component: &Component, periods: &[StatusPeriod], named: &Named<'_>) -> Self {
        let days = named.window.days(periods, component.start_date);
        let touches = named.touching(&component.id);
        let told = days.iter().enumerate().filter_map(|(place, day)| {
            let incidents =
                touches.iter().filter(|(_, days)| days.contains(&place)).map(|(number, _)| *number);
            let told = Told { place, day: *day, incidents: incidents.collect() };
            let worth_telling = told.spent().next().is_some() || !told.incidents.is_empty();
            worth_telling.then_some(told)
        });
        let told = told.collect();
        Self { days, told }
    }

    pub fn percentage(&self) -> Option<Percentage> {
        uptime::percentage(&self.days)
    }

    /// Runs of days of which something is known, or nothing.
    pub fn runs(&self) -> impl Iterator<Item = (Range<usize>, bool)> {
        let mut at = 0;
        self.days.chunk_by(|one, next| one.known == next.known).map(move |run| {
            at += run.len();
            (at - run.len()..at, run[0].known)
        })
    }

    /// What the script shows in tooltips: one word per day with something to tell. `84p252i0` is
    /// day 84 with 252 minutes of partial outage and incident 0; `0n12` twelve days without data
    /// from day 0 on.
    pub fn attribute(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        for (run, _) in self.runs().filter(|(_, known)| !known) {
            let _ = write!(text, "{}n{} ", run.start, run.len());
        }
        for told in &self.told {
            let _ = write!(text, "{}", told.place);
            for (_, letter, seconds) in told.spent() {
                let _ = write!(text, "{letter}{}", whole_minutes(seconds.into()));
            }
            for number in &told.incidents {
                let _ = write!(text, "i{number}");
            }
            text.push(' ');
        }
        text.truncate(text.trim_end().len());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::fixture, locale};

    #[test]
    fn a_bar_tells_only_what_there_is_to_tell() {
        let mut state = fixture::state();
        let noon = fixture::noon();
        let mut component = fixture::component("api", None, ComponentStatus::Operational);
        let period = |status, from: i64, until: Option<i64>| {
            let at = |minutes| noon - TimeDelta::minutes(minutes);
            StatusPeriod { status, from: at(from), until: until.map(at) }
        };
        let day = 1_440;
        component.periods = vec![
            period(ComponentStatus::Operational, 30 * day, Some(5 * day)),
            period(ComponentStatus::PartialOutage, 5 * day, Some(5 * day - 90)),
            period(ComponentStatus::Operational, 5 * day - 90, None),
        ];
        state.spans = vec![IncidentSpan {
            id: fixture::id("i1"),
            name: "Slow".into(),
            from: noon - TimeDelta::days(5),
            until: Some(noon - TimeDelta::hours(108)),
            component_ids: vec![component.id.clone()],
        }];
        let view = View::new(&state, locale::texts("en").unwrap());
        let named = Named::of(view, &[&component], noon);
        let history = History::of(&component, &named);
        assert_eq!(history.attribute(), "0n59 84p90i0", "the incident ended at midnight");
    }
}

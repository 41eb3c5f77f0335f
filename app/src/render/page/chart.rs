//! A metric's chart: a line through the means of its buckets within a band from the lowest to the
//! highest value. The drawing stretches to any width while its words keep their size. Where nothing
//! was measured nothing is drawn. Time runs from left to right in every language.

use std::{fmt::Write, ops::Range};

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc, Weekday};
use maud::{Markup, html};

use super::{scale::Scale, view::View};
use crate::domain::{
    calendar,
    metric::{Bucket, Metric, Period, floor, merged},
};

/// What is drawn of a metric.
#[derive(Debug)]
pub struct Chart {
    period: Period,
    /// From when until when, in seconds since 1970.
    window: Range<i64>,
    /// How wide a step is, in seconds.
    step: i64,
    /// How many units it is high.
    height: u16,
    buckets: Vec<Bucket>,
    scale: Scale,
}

impl Chart {
    /// `least` is how wide a step is at least, in seconds. It is wider where points came more rarely
    /// than buckets: what is measured every five minutes is no row of gaps.
    pub fn of(
        metric: &Metric,
        period: Period,
        as_of: DateTime<Utc>,
        least: i64,
        height: u16,
    ) -> Option<Self> {
        let within = metric.within(period, as_of);
        let step = usual_step(within, period)?.max(least);
        let buckets = merged(within, step);
        let window = period.window(as_of);
        Some(Self {
            period,
            window: floor(window.start, step)..floor(window.end - 1, step) + step,
            step,
            height,
            scale: Scale::of(&buckets, metric.y_axis_min, metric.y_axis_max),
            buckets,
        })
    }

    /// The drawing, called `label` for those who can't see it.
    pub fn draw(&self, view: View<'_>, metric: &Metric, label: &str) -> Markup {
        let ticks: &[f64] = if metric.y_axis_hidden { &[] } else { &self.scale.ticks };
        let top = ticks.last().copied();
        html! {
            svg.chart role="img" aria-label=(label) {
                svg viewBox={ "0 0 " (self.width()) " " (self.height) } preserveAspectRatio="none" {
                    path d=(self.grid(ticks)) {}
                    path.band d=(self.band()) {}
                    path.line d=(self.line()) {}
                }
                @for tick in ticks {
                    text y={ ((self.scale.depth(*tick) * 1_000.0).round() / 10.0) "%" } {
                        @if top == Some(*tick) { (value(view, metric, *tick, self.scale.decimals)) }
                        @else { (view.texts.number(*tick, self.scale.decimals)) }
                    }
                }
                @for (place, text) in self.times(view) {
                    text.x x={ (place) "%" } y="100%" { (text) }
                }
            }
        }
    }

    fn width(&self) -> i64 {
        (self.window.end - self.window.start) / self.step
    }

    /// Buckets that follow each other without a gap.
    fn runs(&self) -> impl Iterator<Item = &[Bucket]> {
        self.buckets.chunk_by(|one, next| next.at - one.at == self.step)
    }

    fn x(&self, bucket: &Bucket) -> i64 {
        (bucket.at - self.window.start) / self.step
    }

    /// Units below the top.
    #[expect(clippy::cast_possible_truncation, reason = "a depth is at most 1")]
    fn y(&self, value: f64) -> i32 {
        (self.scale.depth(value) * f64::from(self.height)).round() as i32
    }

    /// A line at each value that is named.
    fn grid(&self, ticks: &[f64]) -> String {
        let width = self.width();
        ticks.iter().map(|tick| format!("M0 {}h{width}", self.y(*tick))).collect()
    }

    /// Through the middle of each bucket; one that stands alone is as wide as its time.
    fn line(&self) -> String {
        let mut path = String::new();
        for run in self.runs() {
            let ys: Vec<i32> = run.iter().map(|bucket| self.y(bucket.mean())).collect();
            // Writing to a string does not fail.
            let _ = match &ys[..] {
                [alone] => write!(path, "M{} {alone}h1", self.x(&run[0])),
                _ => write!(path, "M{}.5 {}{}", self.x(&run[0]), ys[0], steps(&ys, 1)),
            };
        }
        path
    }

    /// There along the highest values and back along the lowest.
    fn band(&self) -> String {
        let mut path = String::new();
        for run in self.runs() {
            let tops: Vec<i32> = run.iter().map(|bucket| self.y(bucket.max)).collect();
            let mut bottoms: Vec<i32> = run.iter().map(|bucket| self.y(bucket.min)).collect();
            if tops == bottoms {
                continue;
            }
            bottoms.reverse();
            let (x, top, bottom) = (self.x(&run[0]), tops[0], bottoms[0]);
            let _ = match run {
                [_] => write!(path, "M{x} {top}h1V{bottom}h-1z"),
                _ => write!(path, "M{x}.5 {top}{}V{bottom}{}z", steps(&tops, 1), steps(&bottoms, -1)),
            };
        }
        path
    }

    /// The times that are named below, with their places in per cent of the width.
    fn times(&self, view: View<'_>) -> Vec<(i64, String)> {
        let length = self.window.end - self.window.start;
        let place = |at: DateTime<Utc>| ((at.timestamp() - self.window.start) * 100 + length / 2) / length;
        let named = self.instants(view).into_iter().map(|at| (place(at), self.time(view, at)));
        // One at the very edge would hang over it.
        named.filter(|(place, _)| (4..=96).contains(place)).collect()
    }

    /// Each quarter of an hour, each quarter of a day, each day, each Monday.
    fn instants(&self, view: View<'_>) -> Vec<DateTime<Utc>> {
        let quarters = (floor(self.window.start, 900)..self.window.end).step_by(900);
        let quarters = quarters.filter_map(|second| DateTime::from_timestamp(second, 0));
        let local = |at: &DateTime<Utc>| at.with_timezone(&view.zone);
        match self.period {
            Period::Hour => quarters.collect(),
            Period::Day => {
                quarters.filter(|at| local(at).minute() == 0 && local(at).hour() % 6 == 0).collect()
            }
            Period::Week | Period::Month => {
                let last = DateTime::from_timestamp(self.window.end, 0).unwrap_or_default();
                let days = u64::try_from((self.window.end - self.window.start) / 86_400 + 1).unwrap_or(0);
                let days = calendar::days_until(calendar::day_of(last, view.zone), days);
                days.filter(|day| self.period == Period::Week || day.weekday() == Weekday::Mon)
                    .map(|day| calendar::start_of(day, view.zone))
                    .collect()
            }
        }
    }

    fn time(&self, view: View<'_>, at: DateTime<Utc>) -> String {
        match self.period {
            Period::Hour | Period::Day => view.texts.hour(at, view.zone),
            Period::Week => view.texts.day_name(calendar::day_of(at, view.zone)),
            Period::Month => view.texts.day_of_month(calendar::day_of(at, view.zone)),
        }
    }
}

/// A value with its unit.
pub fn value(view: View<'_>, metric: &Metric, value: f64, decimals: u8) -> String {
    let number = view.texts.number(value, decimals);
    match metric.suffix.as_deref().filter(|suffix| !suffix.is_empty()) {
        Some(unit) => view.texts.with("metric-value", [("number", number.into()), ("unit", unit.into())]),
        None => number,
    }
}

/// The usual time from one bucket with points to the next, as the next larger width that the period
/// can be divided by.
fn usual_step(buckets: &[Bucket], period: Period) -> Option<i64> {
    let mut steps: Vec<i64> = buckets.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    steps.sort_unstable();
    let usual = steps.get(steps.len() / 2).copied().unwrap_or(period.interval());
    let widths = (1..=period.count() / 4).filter(|width| period.count() % width == 0);
    let mut wide = widths.map(|width| width * period.interval());
    let step = wide.clone().find(|step| *step >= usual).or(wide.next_back());
    step.filter(|_| !buckets.is_empty())
}

/// A relative path: one unit to the side for each value, and up or down to it.
fn steps(ys: &[i32], side: i32) -> String {
    let mut path = String::from("l");
    for pair in ys.windows(2) {
        let down = pair[1] - pair[0];
        let separator = if path.len() == 1 || side < 0 { "" } else { " " };
        let space = if down < 0 { "" } else { " " };
        let _ = write!(path, "{separator}{side}{space}{down}");
    }
    path
}

/// The wide buckets of the table beside a chart.
pub fn rows(metric: &Metric, period: Period, as_of: DateTime<Utc>) -> Vec<Bucket> {
    let width = match period {
        Period::Hour => TimeDelta::minutes(5),
        Period::Day => TimeDelta::hours(1),
        Period::Week => TimeDelta::hours(6),
        Period::Month => TimeDelta::days(1),
    };
    merged(metric.within(period, as_of), width.num_seconds())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::fixture;

    fn bucket(at: i64, low: f64, mean: f64, high: f64) -> Bucket {
        Bucket { at, count: 1, sum: mean, min: low, max: high }
    }

    fn chart(period: Period, slots: &[(i64, f64)]) -> Chart {
        let begin = period.window(fixture::noon()).start;
        let mut metric = fixture::metric("m");
        let at = |slot| begin + slot * period.interval();
        metric.buckets[period as usize] =
            slots.iter().map(|(slot, value)| bucket(at(slot), value - 1.0, *value, value + 1.0)).collect();
        Chart::of(&metric, period, fixture::noon(), 0, 100).unwrap()
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let made = chart(Period::Hour, &[(0, 9.0), (1, 9.0), (2, 4.0), (10, 9.0), (30, 4.0), (31, 9.0)]);
        assert_eq!(made.scale.ticks, [0.0, 5.0, 10.0]);
        assert_eq!(made.line(), "M0.5 10l1 0 1 50M10 10h1M30.5 60l1-50");
        assert_eq!(made.band(), "M0.5 0l1 0 1 50V70l-1-50-1 0zM10 0h1V20h-1zM30.5 50l1-50V20l-1 50z");
    }

    #[test]
    fn what_is_measured_rarely_is_no_row_of_gaps() {
        let points: Vec<_> = (0..12).map(|n| (n * 5 + 1, 4.0)).collect();
        let made = chart(Period::Hour, &points);
        assert_eq!((made.step, made.runs().count()), (300, 1));
        assert!(chart(Period::Day, &[(3, 1.0)]).line().ends_with("h1"));
        assert_eq!(usual_step(&[], Period::Day), None);
    }

    #[test]
    fn times_are_round_in_the_page_s_zone() {
        let mut state = fixture::state();
        state.page.time_zone = chrono_tz::Asia::Kolkata;
        let view = View::new(&state, crate::locale::texts("en").unwrap());
        let told = |period| {
            let times = chart(period, &[(1, 1.0)]).times(view);
            times.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(told(Period::Hour), "16:45 17:00 17:15");
        assert_eq!(told(Period::Day), "00:00 06:00 12:00");
        assert_eq!(told(Period::Week), "Mon Tue Wed Thu Fri Sat Sun");
        assert_eq!(told(Period::Month), "2 Nov 9 Nov 16 Nov", "the one at the edge is left out");
    }

    /// The points that a path passes through.
    fn walked(path: &str) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = vec![];
        let spaced = path.replace('-', " -");
        let (mut command, mut numbers, mut at) = ('M', vec![], (0.0, 0.0));
        let mut word = String::new();
        let mut step = |command: char, numbers: &mut Vec<f64>| {
            match command {
                'M' => at = (numbers[0], numbers[1]),
                'h' => at.0 += numbers[0],
                'V' => at.1 = numbers[0],
                _ => {
                    for pair in numbers.chunks(2) {
                        at = (at.0 + pair[0], at.1 + pair[1]);
                        points.push(at);
                    }
                }
            }
            points.push(at);
            numbers.clear();
        };
        for c in spaced.chars().chain(['z']) {
            if c.is_ascii_digit() || c == '.' || c == '-' {
                word.push(c);
                continue;
            }
            if !word.is_empty() {
                numbers.push(word.parse().unwrap());
                word.clear();
            }
            if c.is_alphabetic() {
                if !numbers.is_empty() {
                    step(command, &mut numbers);
                }
                command = c;
            }
        }
        points
    }

    proptest! {
        #[test]
        fn every_point_lies_within_the_box(
            slots in proptest::collection::btree_map(0..288i64, -1e18..1e18_f64, 0..80),
            shrink in 0..30,
            constant in any::<bool>(),
            least in prop_oneof![Just(0i64), Just(900)],
            most in prop_oneof![Just(None), Just(Some(3.0))],
        ) {
            let mut metric = fixture::metric("m");
            metric.y_axis_max = most;
            let begin = Period::Day.window(fixture::noon()).start;
            metric.buckets[Period::Day as usize] = slots
                .iter()
                .map(|(slot, value)| {
                    let value: f64 = if constant { -7.5 } else { value / 10_f64.powi(shrink) };
                    bucket(begin + slot * 300, value - value.abs(), value, value + 0.5)
                })
                .collect();
            let made = Chart::of(&metric, Period::Day, fixture::noon(), least, 48);
            prop_assert_eq!(made.is_some(), !slots.is_empty());
            if let Some(made) = made {
                let width = made.width() as f64;
                for path in [made.line(), made.band(), made.grid(&made.scale.ticks)] {
                    for (x, y) in walked(&path) {
                        prop_assert!((0.0..=width).contains(&x) && (0.0..=48.0).contains(&y), "{} {}: {}", x, y, path);
                    }
                }
                prop_assert_eq!(made.line().matches('M').count(), made.runs().count());
            }
        }
    }
}

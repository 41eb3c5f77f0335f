//! Uptime as Statuspage shows it: a day's outages, its colour, the percentage.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{calendar, status::ComponentStatus};

/// The seconds that a day counts as, whatever the clocks do.
const DAY_SECONDS: u64 = 86_400;

/// The days that the front page shows.
pub const SHOWN_DAYS: u64 = 90;

/// A time that a component spent in one status; `until` is none while it lasts. What no period
/// covers is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusPeriod {
    pub status: ComponentStatus,
    pub from: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
}

/// What happened to a component on a day of the page's zone, in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    pub date: NaiveDate,
    /// Whether anything is known of this day. What is not known is never shown as good.
    pub known: bool,
    pub maintenance: u32,
    pub degraded: u32,
    pub partial: u32,
    pub major: u32,
}

impl Day {
    fn unknown(date: NaiveDate) -> Self {
        Self { date, known: false, maintenance: 0, degraded: 0, partial: 0, major: 0 }
    }

    /// Ten times the outage in seconds, so that three tenths stay whole: a partial outage counts
    /// 30 %, a major one 100 % of its time; maintenance and degraded performance count nothing.
    fn tenths(self) -> u64 {
        10 * u64::from(self.major) + 3 * u64::from(self.partial)
    }

    /// The day's colour.
    pub fn shade(self) -> Shade {
        if self.known { Shade::of(self.tenths()) } else { Shade::NoData }
    }

    fn add(&mut self, status: ComponentStatus, seconds: u32) {
        self.known = true;
        match status {
            ComponentStatus::Operational => {}
            ComponentStatus::UnderMaintenance => self.maintenance += seconds,
            ComponentStatus::DegradedPerformance => self.degraded += seconds,
            ComponentStatus::PartialOutage => self.partial += seconds,
            ComponentStatus::MajorOutage => self.major += seconds,
        }
    }
}

/// A day's colour on the way from green over yellow and orange to red, in the steps that the page
/// draws. Statuspage blends along the same way: half way to yellow as soon as there was any
/// outage, yellow at 1,200 weighted seconds, orange at 2,000, red from 3,600 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shade {
    NoData,
    Green,
    Yellow,
    Orange,
    Red,
}

impl Shade {
    /// The colour nearest to where Statuspage's blend stands: `tenths` is ten times the weighted
    /// outage in seconds.
    fn of(tenths: u64) -> Self {
        match tenths {
            0 => Self::Green,
            1..16_000 => Self::Yellow,
            16_000..28_000 => Self::Orange,
            _ => Self::Red,
        }
    }
}

/// A percentage in hundredths, cut and not rounded: 9,998 is 99.98 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percentage(pub u16);

impl Percentage {
    /// The mean of some, cut like each of them; none of none.
    pub fn mean(some: &[Self]) -> Option<Self> {
        let sum: u64 = some.iter().map(|Self(hundredths)| u64::from(*hundredths)).sum();
        let mean = sum.checked_div(some.len() as u64)?;
        u16::try_from(mean).ok().map(Self)
    }
}

/// The last days of a zone as they are known at an instant, oldest first: the same for all
/// components of a page, and worked out once for them.
#[derive(Clone, Debug)]
pub struct Window {
    days: Vec<(NaiveDate, DateTime<Utc>)>,
    as_of: DateTime<Utc>,
}

impl Window {
    /// The `count` days that end with that of `as_of`.
    pub fn new(zone: Tz, as_of: DateTime<Utc>, count: u64) -> Self {
        let days = calendar::days_until(calendar::day_of(as_of, zone), count);
        Self { days: days.map(|day| (day, calendar::start_of(day, zone))).collect(), as_of }
    }

    /// The days from `first` to `last`, as they are known at `as_of`, which is not after the last.
    pub fn between(first: NaiveDate, last: NaiveDate, as_of: DateTime<Utc>, zone: Tz) -> Self {
        let days = first.iter_days().take_while(|day| *day <= last);
        Self { days: days.map(|day| (day, calendar::start_of(day, zone))).collect(), as_of }
    }

    /// Where a day stands in it, and how many days there are; before the first it is negative.
    pub fn place(&self, day: NaiveDate) -> (i64, i64) {
        let first = self.days.first().map_or(day, |(first, _)| *first);
        ((day - first).num_days(), i64::try_from(self.days.len()).unwrap_or(i64::MAX))
    }

    /// What happened to a component on each day.
    pub fn days(&self, periods: &[StatusPeriod], start_date: Option<NaiveDate>) -> Vec<Day> {
        let mut days: Vec<Day> = self.days.iter().map(|(date, _)| Day::unknown(*date)).collect();
        for period in periods {
            let until = period.until.unwrap_or(self.as_of).min(self.as_of);
            let first = self.days.partition_point(|(_, start)| *start <= period.from).saturating_sub(1);
            let reaches = |start: DateTime<Utc>| start < until || (start == until && period.until.is_none());
            for (index, (_, start)) in self.days.iter().enumerate().skip(first) {
                if !reaches(*start) {
                    break;
                }
                let end = self.days.get(index + 1).map_or(self.as_of, |(_, start)| *start);
                let spent = until.min(end) - period.from.max(*start);
                if let Ok(seconds) = u32::try_from(spent.num_seconds()) {
                    days[index].add(period.status, seconds);
                }
            }
        }
        let started = |day: &Day| start_date.is_none_or(|start| day.date >= start);
        days.iter().map(|day| if started(day) { *day } else { Day::unknown(day.date) }).collect()
    }
}

/// A past in which a component had another status between two instants; `until` is not after now. What
/// follows on the same status is one period.
pub fn corrected(
    periods: &[StatusPeriod],
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    status: ComponentStatus,
) -> Vec<StatusPeriod> {
    let before = periods.iter().filter(|period| period.from < from).map(|period| {
        let end = period.until.map_or(from, |end| end.min(from));
        StatusPeriod { until: Some(end), ..*period }
    });
    let after = periods
        .iter()
        .filter(|period| period.until.is_none_or(|end| end > until))
        .map(|period| StatusPeriod { from: period.from.max(until), ..*period });
    let said = StatusPeriod { status, from, until: Some(until) };
    let mut whole: Vec<StatusPeriod> = vec![];
    for period in before.chain([said]).chain(after) {
        match whole.last_mut() {
            Some(last) if last.status == period.status && last.until == Some(period.from) => {
                last.until = period.until;
            }
            _ => whole.push(period),
        }
    }
    whole
}

/// The share of the known days that was no outage; none if nothing is known.
pub fn percentage(days: &[Day]) -> Option<Percentage> {
    let known = days.iter().skip_while(|day| !day.known).count() as u64;
    let whole = known * DAY_SECONDS * 10;
    let outage: u64 = days.iter().map(|day| day.tenths()).sum();
    let hundredths = (whole > 0).then(|| 10_000 * whole.saturating_sub(outage) / whole)?;
    u16::try_from(hundredths).ok().map(Percentage)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use ComponentStatus::{DegradedPerformance, MajorOutage, Operational, PartialOutage, UnderMaintenance};

    const NOON: i64 = 20_000 * 86_400 + 43_200;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn period(status: ComponentStatus, from: i64, until: Option<i64>) -> StatusPeriod {
        StatusPeriod { status, from: at(from), until: until.map(at) }
    }

    fn utc_days(periods: &[StatusPeriod], count: u64) -> Vec<Day> {
        Window::new(Tz::UTC, at(NOON), count).days(periods, None)
    }

    #[test]
    fn a_mean_is_cut() {
        assert_eq!(Percentage::mean(&[Percentage(10_000), Percentage(9_999)]), Some(Percentage(9_999)));
        assert_eq!(Percentage::mean(&[]), None);
    }

    #[test]
    fn a_period_is_cut_at_midnight() {
        let midnight = NOON - 43_200;
        let periods = [
            period(Operational, midnight - 10 * 86_400, Some(midnight - 600)),
            period(MajorOutage, midnight - 600, Some(midnight + 300)),
            period(PartialOutage, midnight + 300, None),
        ];
        let days = utc_days(&periods, 2);
        assert_eq!((days[0].major, days[0].partial), (600, 0));
        assert_eq!((days[1].major, days[1].partial), (300, 42_900));
    }

    #[test]
    fn a_corrected_past_has_no_gap_and_no_overlap() {
        let past = [
            period(Operational, 0, Some(100)),
            period(MajorOutage, 100, Some(200)),
            period(Operational, 200, None),
        ];
        let change = |from, until, status| corrected(&past, at(from), at(until), status);
        assert_eq!(change(100, 200, Operational), [period(Operational, 0, None)], "it never was");
        assert_eq!(
            change(150, 250, PartialOutage),
            [
                period(Operational, 0, Some(100)),
                period(MajorOutage, 100, Some(150)),
                period(PartialOutage, 150, Some(250)),
                period(Operational, 250, None),
            ]
        );
        assert_eq!(change(300, 400, DegradedPerformance).len(), 5, "within the open one");
        assert_eq!(
            change(-50, 20, MajorOutage)[0],
            period(MajorOutage, -50, Some(20)),
            "before anything was known"
        );
        for (one, next) in
            change(50, 320, UnderMaintenance).iter().zip(&change(50, 320, UnderMaintenance)[1..])
        {
            assert_eq!(one.until, Some(next.from));
        }
    }

    #[test]
    fn what_no_period_covers_is_not_known() {
        let days = utc_days(&[period(Operational, NOON - 86_400, None)], 4);
        let known: Vec<bool> = days.iter().map(|day| day.known).collect();
        assert_eq!(known, [false, false, true, true]);
        assert_eq!(percentage(&days), Some(Percentage(10_000)));
        assert_eq!(percentage(&utc_days(&[], 4)), None);
        assert_eq!(utc_days(&[], 1)[0].shade(), Shade::NoData);
    }

    #[test]
    fn a_component_that_begins_this_instant_is_known_today() {
        let days = utc_days(&[period(Operational, NOON, None)], 2);
        assert_eq!((days[0].known, days[1].known), (false, true));
    }

    #[test]
    fn days_before_the_start_date_are_no_data() {
        let start = calendar::day_of(at(NOON), Tz::UTC).pred_opt();
        let days =
            Window::new(Tz::UTC, at(NOON), 90).days(&[period(MajorOutage, NOON - 90 * 86_400, None)], start);
        assert_eq!(days.iter().filter(|day| day.known).count(), 2);
        assert_eq!(days[0].major, 0);
    }

    #[test]
    fn the_percentage_is_weighted_and_cut() {
        let down = |status, seconds| {
            let begin = NOON - 60 * 86_400;
            let periods = [
                period(Operational, begin - 60 * 86_400, Some(begin)),
                period(status, begin, Some(begin + seconds)),
                period(Operational, begin + seconds, None),
            ];
            percentage(&utc_days(&periods, 90)).unwrap().0
        };
        assert_eq!(down(MajorOutage, 1), 9_999, "99.99998 % is not 100 %");
        assert_eq!(down(MajorOutage, 7_776), 9_990, "0.1 % of 90 days");
        assert_eq!(down(PartialOutage, 7_776), 9_997);
        assert_eq!(down(DegradedPerformance, 40_000), 10_000);
        assert_eq!(down(UnderMaintenance, 40_000), 10_000);
    }

    #[test]
    fn colours_by_weighted_seconds() {
        let shade =
            |major, partial| Day { known: true, major, partial, ..Day::unknown(NaiveDate::MIN) }.shade();
        assert_eq!(shade(0, 0), Shade::Green);
        assert_eq!(shade(1, 0), Shade::Yellow, "half way to yellow at once");
        assert_eq!(shade(1_200, 0), Shade::Yellow);
        assert_eq!(shade(2_000, 0), Shade::Orange);
        assert_eq!(shade(0, 6_667), Shade::Orange);
        assert_eq!(shade(3_600, 0), Shade::Red);
    }

    proptest! {
        #[test]
        fn no_time_is_lost_or_counted_twice(
            cuts in proptest::collection::btree_set(1i64..30 * 86_400, 1..12),
            statuses in proptest::collection::vec(0usize..5, 13),
            zone in proptest::sample::select(vec![Tz::UTC, Tz::America__Santiago, Tz::Australia__Lord_Howe]),
        ) {
            let begin = NOON - 30 * 86_400;
            let edges: Vec<i64> = std::iter::once(0).chain(cuts).collect();
            let periods: Vec<StatusPeriod> = edges.iter().enumerate().map(|(n, from)| {
                period(ComponentStatus::ALL[statuses[n]], begin + from, edges.get(n + 1).map(|next| begin + next))
            }).collect();
            let days = Window::new(zone, at(NOON), 90).days(&periods, None);
            let counted: u64 = days.iter().map(|day| u64::from(day.major) + u64::from(day.partial)).sum();
            let spent: i64 = periods.iter().filter(|p| p.status.is_outage())
                .map(|p| (p.until.unwrap_or(at(NOON)) - p.from).num_seconds()).sum();
            prop_assert_eq!(counted, spent as u64);
            prop_assert!(percentage(&days).unwrap() <= Percentage(10_000));
        }

        #[test]
        fn a_longer_outage_is_never_a_better_colour(less in 0u64..900_000, more in 0u64..900_000) {
            prop_assert!(less > more || Shade::of(less) <= Shade::of(more));
        }
    }
}

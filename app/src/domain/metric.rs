//! What a metric measured, summed up in buckets of time: a minute wide for the last hour, wider the
//! further back a period reaches.

use std::ops::Range;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Id;

/// How far from zero a value may be: sums of such stay numbers in every database.
pub const LARGEST_VALUE: f64 = 1e18;
/// How far ahead of the clock a point may have been measured.
pub const AHEAD: TimeDelta = TimeDelta::days(1);

/// No value is shown with more decimals.
pub const MOST_DECIMALS: u8 = 9;

/// How far back a chart reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    Hour,
    Day,
    Week,
    Month,
}

impl Period {
    /// Shortest first.
    pub const ALL: [Self; 4] = [Self::Hour, Self::Day, Self::Week, Self::Month];

    /// The word in addresses and documents.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == word)
    }

    /// How wide its buckets are, in seconds.
    pub fn interval(self) -> i64 {
        match self {
            Self::Hour => 60,
            Self::Day => 300,
            Self::Week => 1_800,
            Self::Month => 7_200,
        }
    }

    /// How many buckets it has. A month has 28 days.
    pub fn count(self) -> i64 {
        match self {
            Self::Hour => 60,
            Self::Day => 288,
            Self::Week | Self::Month => 336,
        }
    }

    /// From the beginning of its first bucket to the end of its last, in seconds since 1970. The
    /// last bucket is the one that `as_of` falls into, whether or not something was measured in it:
    /// replicas that agree on the instant agree on the window, and a measurement that has stopped
    /// moves away from the end instead of standing there as if it were new.
    pub fn window(self, as_of: DateTime<Utc>) -> Range<i64> {
        let end = floor(as_of.timestamp(), self.interval()) + self.interval();
        end - self.count() * self.interval()..end
    }
}

/// The beginning of the bucket that a second falls into; buckets are aligned to 1970.
pub fn floor(second: i64, interval: i64) -> i64 {
    second - second.rem_euclid(interval)
}

/// What was measured within a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Row", into = "Row")]
pub struct Bucket {
    /// Its beginning, in seconds since 1970.
    pub at: i64,
    /// How many points; never 0, since a bucket without one is not there.
    pub count: i64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
}

/// A bucket as it is kept outside: a thousand a metric would repeat the names of their fields.
type Row = (i64, i64, f64, f64, f64);

impl From<Row> for Bucket {
    fn from((at, count, sum, min, max): Row) -> Self {
        Self { at, count, sum, min, max }
    }
}

impl From<Bucket> for Row {
    fn from(Bucket { at, count, sum, min, max }: Bucket) -> Self {
        (at, count, sum, min, max)
    }
}

impl Bucket {
    /// The mean of its points, never outside of what was measured.
    #[expect(clippy::cast_precision_loss, reason = "nobody measures 2^53 points within two hours")]
    pub fn mean(&self) -> f64 {
        (self.sum / self.count.max(1) as f64).max(self.min).min(self.max)
    }

    fn and(self, other: &Self) -> Self {
        Self {
            at: self.at,
            count: self.count + other.count,
            sum: self.sum + other.sum,
            min: self.min.min(other.min),
            max: self.max.max(other.max),
        }
    }
}

/// Buckets put together into wider ones.
pub fn merged(buckets: &[Bucket], interval: i64) -> Vec<Bucket> {
    let wide = |bucket: &Bucket| floor(bucket.at, interval);
    let runs = buckets.chunk_by(|one, next| wide(one) == wide(next));
    runs.filter_map(|run| {
        let (first, rest) = run.split_first()?;
        Some(rest.iter().fold(Bucket { at: wide(first), ..*first }, Bucket::and))
    })
    .collect()
}

/// All buckets as one: the lowest, the highest and the mean of every point.
pub fn total(buckets: &[Bucket]) -> Option<Bucket> {
    let (first, rest) = buckets.split_first()?;
    Some(rest.iter().fold(*first, Bucket::and))
}

/// A measurement that visitors see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    pub id: Id,
    pub name: String,
    /// What it is called where it is measured.
    pub metric_identifier: Option<String>,
    /// The unit of its values.
    pub suffix: Option<String>,
    pub tooltip_description: Option<String>,
    /// How many decimals of its values are shown.
    pub decimal_places: u8,
    /// Where its axis begins and ends; from its values, if not set.
    pub y_axis_min: Option<f64>,
    pub y_axis_max: Option<f64>,
    pub y_axis_hidden: bool,
    pub position: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub most_recent_data_at: Option<DateTime<Utc>>,
    /// By period, oldest first; from the beginning of the window at the commit on.
    pub buckets: [Vec<Bucket>; 4],
}

impl Metric {
    /// What a period shows at `as_of`.
    pub fn within(&self, period: Period, as_of: DateTime<Utc>) -> &[Bucket] {
        let buckets = &self.buckets[period as usize];
        let window = period.window(as_of);
        let place = |second| buckets.partition_point(|bucket| bucket.at < second);
        &buckets[place(window.start)..place(window.end)]
    }

    /// The newest bucket, of the shortest period that has one.
    pub fn last(&self, as_of: DateTime<Utc>) -> Option<&Bucket> {
        Period::ALL.into_iter().find_map(|period| self.within(period, as_of).last())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    fn bucket(at: i64, values: &[f64]) -> Bucket {
        let fold = |pick: fn(f64, f64) -> f64| values.iter().copied().reduce(pick).unwrap();
        let count = i64::try_from(values.len()).unwrap();
        Bucket { at, count, sum: values.iter().sum(), min: fold(f64::min), max: fold(f64::max) }
    }

    #[test]
    fn windows_are_as_recorded() {
        // Recorded at 19:07:49 on 19 February 2022; the lists of day and month begin here.
        let as_of = "2022-02-19T19:07:49.162Z".parse().unwrap();
        assert_eq!(Period::Day.window(as_of).start, 1_645_211_400);
        assert_eq!(Period::Month.window(as_of).start, 1_642_881_600);
        for period in Period::ALL {
            let window = period.window(as_of);
            assert_eq!(window.end - window.start, period.count() * period.interval());
            assert!(window.contains(&as_of.timestamp()));
            assert_eq!(Period::parse(period.as_str()), Some(period));
        }
        assert_eq!(Period::parse("year"), None);
    }

    #[test]
    fn a_bucket_ends_where_the_next_begins() {
        let border = fixture::noon();
        let before = border - TimeDelta::microseconds(1);
        assert_eq!(Period::Hour.window(border).end - Period::Hour.window(before).end, 60);
    }

    #[test]
    fn wider_buckets_hold_the_same_points() {
        let narrow = [bucket(300, &[1.0, 3.0]), bucket(600, &[8.0]), bucket(900, &[-2.0])];
        let wide = merged(&narrow, 900);
        assert_eq!(wide, [bucket(0, &[1.0, 3.0, 8.0]), bucket(900, &[-2.0])]);
        assert_eq!(wide[0].mean(), 4.0);
        assert_eq!(total(&narrow), Some(bucket(300, &[1.0, 3.0, 8.0, -2.0])));
        assert_eq!(total(&[]), None);
    }

    #[test]
    fn a_mean_is_never_outside_of_what_was_measured() {
        let tenth = bucket(0, &[0.1; 3]);
        assert!(tenth.sum / 3.0 > 0.1, "the sum is a little too large");
        assert_eq!(tenth.mean(), 0.1);
    }

    #[test]
    fn a_period_shows_its_window_and_nothing_else() {
        let as_of = fixture::noon();
        let window = Period::Day.window(as_of);
        let mut metric = fixture::metric("m");
        let ats = [window.start - 300, window.start, window.end - 300, window.end];
        metric.buckets[Period::Day as usize] = ats.map(|at| bucket(at, &[1.0])).into();
        let shown: Vec<i64> = metric.within(Period::Day, as_of).iter().map(|bucket| bucket.at).collect();
        assert_eq!(shown, [window.start, window.end - 300]);
        assert_eq!(metric.last(as_of).unwrap().at, window.end - 300);
        assert_eq!(fixture::metric("m").last(as_of), None);
    }
}

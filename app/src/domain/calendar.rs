//! Days in a page's time zone.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;

/// The day that `at` falls on in `zone`.
pub fn day_of(at: DateTime<Utc>, zone: Tz) -> NaiveDate {
    at.with_timezone(&zone).date_naive()
}

/// The instant at which `day` begins in `zone`: midnight, the earlier of two where clocks go back
/// over it, and the first instant after the gap where clocks jump over it.
pub fn start_of(day: NaiveDate, zone: Tz) -> DateTime<Utc> {
    let midnight = day.and_time(NaiveTime::MIN);
    let quarters = (0..=8).map(|n| midnight + TimeDelta::minutes(15 * n));
    quarters
        .filter_map(|local| zone.from_local_datetime(&local).earliest())
        .next()
        .map_or_else(|| midnight.and_utc(), |local| local.with_timezone(&Utc))
}

/// The `count` days that end with `last`, oldest first.
pub fn days_until(last: NaiveDate, count: u64) -> impl Iterator<Item = NaiveDate> {
    (0..count).rev().filter_map(move |back| last.checked_sub_days(Days::new(back)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_day_begins_where_the_zone_says() {
        let starts = |d, zone: Tz| start_of(day(d), zone).to_rfc3339();
        assert_eq!(starts("2026-03-29", chrono_tz::Europe::Berlin), "2026-03-28T23:00:00+00:00");
        assert_eq!(starts("2026-03-30", chrono_tz::Europe::Berlin), "2026-03-29T22:00:00+00:00");
        // Chile's clocks jump from 00:00 to 01:00.
        assert_eq!(starts("2026-09-06", chrono_tz::America::Santiago), "2026-09-06T04:00:00+00:00");
        // Cuba's go back from 01:00 to 00:00, so midnight comes twice.
        assert_eq!(starts("2026-11-01", chrono_tz::America::Havana), "2026-11-01T04:00:00+00:00");
    }

    #[test]
    fn the_last_days_end_today() {
        let days: Vec<_> = days_until(day("2026-03-01"), 3).collect();
        assert_eq!(days, [day("2026-02-27"), day("2026-02-28"), day("2026-03-01")]);
    }
}

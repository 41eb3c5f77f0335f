//! Days in a page's time zone.

use chrono::{
    DateTime, Datelike, Days, LocalResult, Months, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Utc,
};
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

/// The first and the last day of what a text names: `2026`, `2026-07` or `2026-07-30`, from 1970 to 2200.
pub fn first_and_last(text: &str) -> Option<(NaiveDate, NaiveDate)> {
    let digits = |from: usize, until: usize| -> Option<u32> {
        let part = text.get(from..until)?;
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten()
    };
    let dashes = [4, 7].iter().all(|at| text.as_bytes().get(*at).is_none_or(|b| *b == b'-'));
    let year = i32::try_from(digits(0, 4)?).ok().filter(|year| dashes && (1970..=2200).contains(year))?;
    let first_of = |month: u32| NaiveDate::from_ymd_opt(year, month, 1);
    match text.len() {
        4 => Some((first_of(1)?, NaiveDate::from_ymd_opt(year, 12, 31)?)),
        7 => {
            let first = first_of(digits(5, 7)?)?;
            Some((first, first.checked_add_months(Months::new(1))?.pred_opt()?))
        }
        10 => NaiveDate::from_ymd_opt(year, digits(5, 7)?, digits(8, 10)?).map(|day| (day, day)),
        _ => None,
    }
}

/// An instant as a field for a date and a time holds it, in a zone: `2026-07-30T14:05`.
pub fn local_text(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%dT%H:%M").to_string()
}

/// The instant that such a field names: the first of two where clocks go back. Where they jump over it
/// there is none, and the error says what is allowed.
pub fn instant(text: &str, zone: Tz) -> Result<DateTime<Utc>, String> {
    let local = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"];
    let local = local.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
    let local = local.filter(|local| (1970..=2200).contains(&local.year()));
    let local = local.ok_or("allowed is a date and a time such as 2026-07-30 14:05")?;
    match zone.from_local_datetime(&local) {
        LocalResult::Single(at) | LocalResult::Ambiguous(at, _) => Ok(at.to_utc()),
        LocalResult::None => {
            Err(format!("clocks in {zone} jump over this time; allowed is one that there is on that day"))
        }
    }
}

/// Whether the time that an instant has in a zone comes twice on that day.
pub fn comes_twice(at: DateTime<Utc>, zone: Tz) -> bool {
    let local = at.with_timezone(&zone).naive_local();
    matches!(zone.from_local_datetime(&local), LocalResult::Ambiguous(..))
}

/// The weeks of a month, from Monday to Sunday, with the days beside it that fill them.
pub fn weeks(first_of_month: NaiveDate) -> Vec<[NaiveDate; 7]> {
    let monday = first_of_month - Days::new(u64::from(first_of_month.weekday().num_days_from_monday()));
    let next = first_of_month + Months::new(1);
    let mondays = (0..6).map(|week| monday + Days::new(7 * week)).take_while(|day| *day < next);
    mondays.map(|monday| std::array::from_fn(|day| monday + Days::new(day as u64))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_typed_time_is_an_instant_of_its_zone() {
        let berlin = chrono_tz::Europe::Berlin;
        let at = instant("2026-07-30T14:05", berlin).unwrap();
        assert_eq!(at.to_rfc3339(), "2026-07-30T12:05:00+00:00");
        assert_eq!((local_text(at, berlin).as_str(), comes_twice(at, berlin)), ("2026-07-30T14:05", false));
        // Clocks jump from two to three, and go back from three to two.
        assert!(instant("2026-03-29T02:30", berlin).unwrap_err().contains("jump over"));
        let first = instant("2026-10-25T02:30", berlin).unwrap();
        assert_eq!(
            (first.to_rfc3339().as_str(), comes_twice(first, berlin)),
            ("2026-10-25T00:30:00+00:00", true)
        );
        for bad in ["", "tomorrow", "2026-13-01T00:00", "+262142-01-01T00:00", "1066-10-14T09:00"] {
            assert!(instant(bad, berlin).unwrap_err().contains("such as"), "{bad}");
        }
    }

    #[test]
    fn a_month_is_whole_weeks() {
        let weeks = weeks(day("2026-11-01"));
        assert_eq!((weeks.len(), weeks[0][0], weeks[5][6]), (6, day("2026-10-26"), day("2026-12-06")));
        let short = super::weeks(day("2027-02-01"));
        assert_eq!((short.len(), short[0][0], short[3][6]), (4, day("2027-02-01"), day("2027-02-28")));
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

    #[test]
    fn a_part_of_a_date_is_all_of_its_days() {
        let both = |text| first_and_last(text).map(|(first, last)| (first.to_string(), last.to_string()));
        let days = |first: &str, last: &str| Some((first.to_owned(), last.to_owned()));
        assert_eq!(both("2026"), days("2026-01-01", "2026-12-31"));
        assert_eq!(both("2024-02"), days("2024-02-01", "2024-02-29"));
        assert_eq!(both("2026-07-30"), days("2026-07-30", "2026-07-30"));
        for bad in [
            "",
            "26",
            "2026-",
            "2026-13",
            "2026-7",
            "2026-02-30",
            "1969",
            "2026/07",
            "2026-07-30T",
            "+026",
            "２０２６",
        ] {
            assert_eq!(both(bad), None, "{bad}");
        }
    }
}

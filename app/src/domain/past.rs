//! How far back a page reaches, and the quarters that its past is told in.

use std::{
    cmp::Reverse,
    collections::HashMap,
    hash::{DefaultHasher, Hash, Hasher},
    sync::Arc,
};

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{Id, calendar, state::Incident};

/// Where a page's past begins and in which order it happened: enough to know, without asking
/// anyone, what there is to ask for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    /// The first instant that an incident or a maintenance speaks of.
    pub first_incident_at: Option<DateTime<Utc>>,
    /// The order in which incidents and maintenances began, as places in `LiveState::incident_ids`.
    pub order: Arc<[u32]>,
    /// Since when each component's status is known.
    pub known_since: HashMap<Id, DateTime<Utc>>,
    /// By place in `LiveState::incident_ids`, a number that is another one after each change of it,
    /// also when a database was restored and it was changed otherwise.
    #[serde(default)]
    pub stamps: Arc<[u32]>,
}

/// The stamp of an incident.
pub fn stamp(version: i64, updated_at: DateTime<Utc>) -> u32 {
    let mut hasher = DefaultHasher::new();
    (version, updated_at.timestamp_micros()).hash(&mut hasher);
    // Half of it tells versions of one incident apart.
    (hasher.finish() >> 32) as u32
}

/// A quarter of a calendar year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Quarter(i32);

impl Quarter {
    /// The quarter that a day is in.
    pub fn of(day: NaiveDate) -> Self {
        // A year has four quarters, and a month's number from 0 is below 12.
        Self(day.year() * 4 + (day.month0() / 3).cast_signed())
    }

    /// The quarter that an instant falls in, in a page's zone.
    pub fn at(at: DateTime<Utc>, zone: Tz) -> Self {
        Self::of(calendar::day_of(at, zone))
    }

    /// The one that many quarters earlier.
    pub fn back(self, count: u32) -> Self {
        Self(self.0.saturating_sub_unsigned(count))
    }

    /// The one after it.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// How many quarters after `earlier` this is; none if it is before it.
    pub fn since(self, earlier: Self) -> Option<u32> {
        self.0.checked_sub(earlier.0).and_then(|count| u32::try_from(count).ok())
    }

    /// The first days of its three months, oldest first; none beyond what a calendar can say.
    pub fn months(self) -> Option<[NaiveDate; 3]> {
        let first =
            NaiveDate::from_ymd_opt(self.0.div_euclid(4), self.0.rem_euclid(4).unsigned_abs() * 3 + 1, 1)?;
        Some([first, first.checked_add_months(Months::new(1))?, first.checked_add_months(Months::new(2))?])
    }

    /// Its months as far as they have begun, oldest first.
    pub fn months_until(self, as_of: DateTime<Utc>, zone: Tz) -> Vec<NaiveDate> {
        let today = calendar::day_of(as_of, zone);
        self.months().into_iter().flatten().filter(|first| *first <= today).collect()
    }

    /// The instants at which it begins, and at which the next one begins.
    pub fn bounds(self, zone: Tz) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        let first = self.months()?[0];
        let next = first.checked_add_months(Months::new(3))?;
        Some((calendar::start_of(first, zone), calendar::start_of(next, zone)))
    }
}

/// The months of a quarter as far as they have begun, newest first, each with what ended in it; what
/// is not over stands where it would end now. Within a month the last to end comes first.
pub fn by_month(
    incidents: &[Incident],
    quarter: Quarter,
    as_of: DateTime<Utc>,
    zone: Tz,
) -> Vec<(NaiveDate, Vec<&Incident>)> {
    let end = |incident: &Incident| {
        let over = incident.status.is_over();
        let end = incident.ended_at().or(over.then_some(incident.updated_at));
        end.unwrap_or(DateTime::<Utc>::MAX_UTC)
    };
    let mut sorted: Vec<&Incident> = incidents.iter().collect();
    sorted.sort_by_key(|incident| Reverse((end(incident), incident.began_at(), incident.number)));
    let mut months: Vec<(NaiveDate, Vec<&Incident>)> =
        quarter.months_until(as_of, zone).into_iter().rev().map(|month| (month, vec![])).collect();
    let Some(oldest) = months.len().checked_sub(1) else { return months };
    for incident in sorted {
        let day = calendar::day_of(end(incident).min(as_of), zone);
        let place = months.iter().position(|(month, _)| *month <= day).unwrap_or(oldest);
        months[place].1.push(incident);
    }
    months
}

/// How many days the month has that begins with `first`.
pub fn days_in_month(first: NaiveDate) -> u32 {
    let next = first.checked_add_months(Months::new(1)).unwrap_or(first);
    u32::try_from((next - first).num_days()).unwrap_or(0)
}

/// Words to be searched for: 2 to 100 characters, white space joined.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Words(Box<str>);

/// Why a text can't be searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoWords {
    TooShort,
    TooLong,
}

impl Words {
    pub const SHORTEST: usize = 2;
    pub const LONGEST: usize = 100;

    pub fn parse(text: &str) -> Result<Self, NoWords> {
        let visible = |c: char| if c.is_control() { ' ' } else { c };
        let text: String = text.chars().map(visible).collect();
        let joined = text.split_whitespace().collect::<Vec<_>>().join(" ");
        match joined.chars().count() {
            ..Self::SHORTEST => Err(NoWords::TooShort),
            Self::SHORTEST..=Self::LONGEST => Ok(Self(joined.into())),
            _ => Err(NoWords::TooLong),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn quarters_are_counted_back_over_the_turn_of_the_year() {
        let now = Quarter::of(day("2026-02-28"));
        assert_eq!(now.months().unwrap(), ["2026-01-01", "2026-02-01", "2026-03-01"].map(day));
        assert_eq!(now.back(1).months().unwrap()[0], day("2025-10-01"));
        assert_eq!(now.back(8).months().unwrap()[0], day("2024-01-01"));
        assert_eq!(now.since(now.back(8)), Some(8));
        assert_eq!(now.back(1).since(now), None);
        assert_eq!(now.back(u32::MAX).months(), None, "no calendar goes back that far");
    }

    #[test]
    fn a_quarter_begins_at_midnight_where_the_page_is() {
        let (from, until) = Quarter::of(day("2026-05-05")).bounds(chrono_tz::Europe::Berlin).unwrap();
        assert_eq!(from.to_rfc3339(), "2026-03-31T22:00:00+00:00");
        assert_eq!(until.to_rfc3339(), "2026-06-30T22:00:00+00:00");
        assert_eq!(Quarter::at(from, chrono_tz::Europe::Berlin).months().unwrap()[0], day("2026-04-01"));
        assert_eq!(Quarter::at(from, Tz::UTC).months().unwrap()[0], day("2026-01-01"));
    }

    #[test]
    fn months_have_their_days() {
        let days = |text| days_in_month(day(text));
        assert_eq!((days("2024-02-01"), days("2026-02-01"), days("2026-12-01")), (29, 28, 31));
    }

    #[test]
    fn words_have_one_form() {
        assert_eq!(Words::parse("  slow \t\n queries\0 ").unwrap().as_str(), "slow queries");
        assert_eq!(Words::parse(" a "), Err(NoWords::TooShort));
        assert_eq!(Words::parse(""), Err(NoWords::TooShort));
        assert!(Words::parse(&"ä".repeat(100)).is_ok(), "characters, not bytes");
        assert_eq!(Words::parse(&"a".repeat(101)), Err(NoWords::TooLong));
    }
}

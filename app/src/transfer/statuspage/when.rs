//! Times as Statuspage's pages and feeds tell them: to the minute, without a year, with a zone's
//! short name.

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;

/// How much later than the word after it a word may be shown to have been said.
const SLACK: Days = Days::new(7);

/// Zones by the short names of their times.
const SHORT: &[(&str, Tz)] = &[
    ("UTC", Tz::Etc__UTC),
    ("PST", Tz::America__Los_Angeles),
    ("PDT", Tz::America__Los_Angeles),
    ("MST", Tz::America__Denver),
    ("MDT", Tz::America__Denver),
    ("CST", Tz::America__Chicago),
    ("CDT", Tz::America__Chicago),
    ("EST", Tz::America__New_York),
    ("EDT", Tz::America__New_York),
    ("GMT", Tz::Europe__London),
    ("BST", Tz::Europe__London),
    ("WET", Tz::Europe__Lisbon),
    ("WEST", Tz::Europe__Lisbon),
    ("CET", Tz::Europe__Berlin),
    ("CEST", Tz::Europe__Berlin),
    ("EET", Tz::Europe__Helsinki),
    ("EEST", Tz::Europe__Helsinki),
    ("MSK", Tz::Europe__Moscow),
    ("SAST", Tz::Africa__Johannesburg),
    ("IST", Tz::Asia__Kolkata),
    ("JST", Tz::Asia__Tokyo),
    ("KST", Tz::Asia__Seoul),
    ("HKT", Tz::Asia__Hong_Kong),
    ("AWST", Tz::Australia__Perth),
    ("AEST", Tz::Australia__Sydney),
    ("AEDT", Tz::Australia__Sydney),
    ("NZST", Tz::Pacific__Auckland),
    ("NZDT", Tz::Pacific__Auckland),
];

/// Zones by the names that history pages use, where the name of a city in them is not enough.
const LONG: &[(&str, Tz)] = &[
    ("UTC", Tz::Etc__UTC),
    ("Pacific Time (US & Canada)", Tz::America__Los_Angeles),
    ("Mountain Time (US & Canada)", Tz::America__Denver),
    ("Central Time (US & Canada)", Tz::America__Chicago),
    ("Eastern Time (US & Canada)", Tz::America__New_York),
    ("Atlantic Time (Canada)", Tz::America__Halifax),
    ("Arizona", Tz::America__Phoenix),
    ("Alaska", Tz::America__Juneau),
    ("Hawaii", Tz::Pacific__Honolulu),
    ("Abu Dhabi", Tz::Asia__Muscat),
    ("Brasilia", Tz::America__Sao_Paulo),
    ("Buenos Aires", Tz::America__Argentina__Buenos_Aires),
    ("Edinburgh", Tz::Europe__London),
    ("Bern", Tz::Europe__Zurich),
    ("Pretoria", Tz::Africa__Johannesburg),
    ("Chennai", Tz::Asia__Kolkata),
    ("Mumbai", Tz::Asia__Kolkata),
    ("New Delhi", Tz::Asia__Kolkata),
    ("Beijing", Tz::Asia__Shanghai),
    ("Osaka", Tz::Asia__Tokyo),
    ("Canberra", Tz::Australia__Sydney),
    ("Wellington", Tz::Pacific__Auckland),
];

/// A zone as history pages name it: an IANA name, or one of Ruby on Rails, which is often a city.
pub fn zone_named(name: &str) -> Option<Tz> {
    let known = LONG.iter().find(|(long, _)| *long == name).map(|(_, zone)| *zone);
    let city = || {
        let ending = format!("/{}", name.replace(' ', "_"));
        chrono_tz::TZ_VARIANTS.into_iter().find(|zone| zone.name().ends_with(&ending))
    };
    known.or_else(|| name.parse().ok()).or_else(city)
}

/// The zone that a short name and the offset of a time speak for.
pub fn zone_of(short: Option<&str>, offset_seconds: i32) -> Tz {
    let fitting = |(name, zone): &&(&str, Tz)| Some(*name) == short && zone.name() != "Etc/UTC";
    if offset_seconds == 0 && short.is_none_or(|short| short == "UTC") {
        return Tz::Etc__UTC;
    }
    let hours = -offset_seconds / 3600;
    let by_offset = || format!("Etc/GMT{hours:+}").parse().unwrap_or(Tz::Etc__UTC);
    SHORT.iter().find(fitting).map_or_else(by_offset, |(_, zone)| *zone)
}

/// `Nov 14, 14:07 PST`, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    month: u32,
    day: u32,
    time: NaiveTime,
    pub zone: Option<String>,
}

impl Told {
    /// Reads words as they stand in a text; what follows the zone is not looked at.
    pub fn read(text: &str) -> Option<Self> {
        let mut words = text.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty());
        let month = month_named(words.next()?)?;
        let day = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
        let time = NaiveTime::parse_from_str(words.next()?, "%H:%M").ok()?;
        Some(Self { month, day, time, zone: words.next().map(str::to_owned) })
    }

    /// A later time of the same day, as in `- 20:41 UTC`.
    pub fn later(&self, text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let time = NaiveTime::parse_from_str(words.next()?, "%H:%M").ok()?;
        Some(Self {
            time,
            zone: words.next().map(str::to_owned).or_else(|| self.zone.clone()),
            ..self.clone()
        })
    }

    /// The instant: in the latest year that does not put it after `anchor`, but for a few days,
    /// since words are not always shown in the order in which they were said.
    pub fn before(&self, anchor: DateTime<Utc>, zone: Tz) -> Option<DateTime<Utc>> {
        self.before_within(anchor, DateTime::<Utc>::MAX_UTC, zone)
    }

    /// The same, never after `bound`.
    pub fn before_within(
        &self,
        anchor: DateTime<Utc>,
        bound: DateTime<Utc>,
        zone: Tz,
    ) -> Option<DateTime<Utc>> {
        let year = anchor.year();
        let latest = anchor.checked_add_days(SLACK)?.min(bound);
        // A leap day may lie eight years back.
        let candidates = (0..=9).filter_map(|back| self.instant(year + 1 - back, zone));
        candidates.into_iter().find(|at| *at <= latest)
    }

    fn instant(&self, year: i32, zone: Tz) -> Option<DateTime<Utc>> {
        let local = NaiveDate::from_ymd_opt(year, self.month, self.day)?.and_time(self.time);
        let short = self.zone.as_deref();
        in_zone(local, zone, short)
            .or_else(|| {
                let own = SHORT.iter().find(|(name, _)| Some(*name) == short)?.1;
                in_zone(local, own, short)
            })
            .or_else(|| Some(zone.from_local_datetime(&local).earliest()?.with_timezone(&Utc)))
    }
}

/// The instant of a local time whose short name is known: of two, the one that is called so.
fn in_zone(local: NaiveDateTime, zone: Tz, short: Option<&str>) -> Option<DateTime<Utc>> {
    let found = zone.from_local_datetime(&local);
    let called = |at: &DateTime<Tz>| short.is_none_or(|short| at.format("%Z").to_string() == short);
    [found.earliest(), found.latest()].into_iter().flatten().find(called).map(|at| at.with_timezone(&Utc))
}

fn month_named(word: &str) -> Option<u32> {
    const MONTHS: [&str; 12] =
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let short = word.get(..3)?.to_ascii_lowercase();
    MONTHS.iter().position(|month| *month == short).and_then(|place| u32::try_from(place + 1).ok())
}

/// The seconds that a time is ahead of UTC.
pub fn offset_of<Z: TimeZone>(at: &DateTime<Z>) -> i32 {
    at.offset().fix().local_minus_utc()
}

/// Whether two instants are of one minute.
pub fn same_minute(a: DateTime<Utc>, b: DateTime<Utc>) -> bool {
    a.timestamp().div_euclid(60) == b.timestamp().div_euclid(60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn told(text: &str, anchor: &str, zone: Tz) -> DateTime<Utc> {
        Told::read(text).unwrap().before(at(anchor), zone).unwrap()
    }

    #[test]
    fn a_year_is_found_going_back() {
        let zone = Tz::Etc__UTC;
        assert_eq!(told("Dec 31, 23:59 UTC", "2026-01-01T00:10:00Z", zone), at("2025-12-31T23:59:00Z"));
        assert_eq!(told("Jan  1, 00:10 UTC", "2026-01-01T00:10:00Z", zone), at("2026-01-01T00:10:00Z"));
        assert_eq!(told("Jan  1, 00:20 UTC", "2025-12-31T23:59:00Z", zone), at("2026-01-01T00:20:00Z"));
        assert_eq!(told("Jul 12, 20:42 UTC", "2024-02-08T00:00:00Z", zone), at("2023-07-12T20:42:00Z"));
        assert_eq!(told("Feb 29, 20:42 UTC", "2027-02-08T00:00:00Z", zone), at("2024-02-29T20:42:00Z"));
    }

    #[test]
    fn a_short_name_tells_two_times_apart() {
        let zone = Tz::America__Los_Angeles;
        assert_eq!(told("Nov 3, 01:30 PDT", "2024-11-03T12:00:00Z", zone), at("2024-11-03T08:30:00Z"));
        assert_eq!(told("Nov 3, 01:30 PST", "2024-11-03T12:00:00Z", zone), at("2024-11-03T09:30:00Z"));
        let moved = Tz::Europe__Berlin;
        assert_eq!(told("Jan 1, 09:09 PST", "2014-01-02T00:00:00Z", moved), at("2014-01-01T17:09:00Z"));
    }

    #[test]
    fn zones_have_several_names() {
        assert_eq!(zone_named("Pacific Time (US & Canada)"), Some(Tz::America__Los_Angeles));
        assert_eq!(zone_named("Berlin"), Some(Tz::Europe__Berlin));
        assert_eq!(zone_named("Europe/Paris"), Some(Tz::Europe__Paris));
        assert_eq!(zone_named("nowhere"), None);
        assert_eq!(zone_of(Some("PST"), -8 * 3600), Tz::America__Los_Angeles);
        assert_eq!(zone_of(Some("UTC"), 0), Tz::Etc__UTC);
        assert_eq!(zone_of(Some("+08"), 8 * 3600), Tz::Etc__GMTMinus8);
    }

    #[test]
    fn what_is_no_time_is_none() {
        for bad in ["", "Nov", "Nov 14", "Nov 32, 10:00", "Foo 1, 10:00 UTC", "Nov 1, 25:00", "é 1, 10:00"] {
            assert_eq!(Told::read(bad), None, "{bad}");
        }
    }
}

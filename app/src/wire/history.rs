//! Statuspage's `/history.json`: a quarter of a page's past. Undocumented, and used all the same.

use chrono::{DateTime, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::Serialize;

use super::Stamp;
use crate::domain::{Id, incident::Impact, status::ComponentStatus};

/// A quarter, newest month first.
#[derive(Clone, Debug, Serialize)]
pub struct History {
    pub page_status: PageStatus,
    pub components: Vec<Component>,
    pub months: Vec<Month>,
    pub show_component_filter: bool,
    pub show_uptime_calendar: bool,
    pub component_filter: Option<Id>,
    /// ISO 8601 to the second, with the offset of the page's zone.
    pub start_time: String,
    pub end_time: String,
}

#[derive(Clone, Debug, Serialize)]
pub struct PageStatus {
    pub page: Page,
}

/// What of Statuspage's own settings there is to say here.
#[derive(Clone, Debug, Serialize)]
pub struct Page {
    pub name: String,
    pub domain: Option<String>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub url: String,
    pub support_url: Option<String>,
    pub page_description: Option<String>,
    /// As Ruby on Rails names it; the IANA name where Rails has none.
    pub time_zone: &'static str,
    pub allow_rss_atom_feeds: bool,
    pub id: Id,
}

/// A component as this document writes it, with a time for its first day.
#[derive(Clone, Debug, Serialize)]
pub struct Component {
    pub status: ComponentStatus,
    pub name: String,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub position: i32,
    pub description: Option<String>,
    pub showcase: bool,
    pub start_date: Option<String>,
    pub id: Id,
    pub group_id: Option<Id>,
    pub page_id: Id,
    pub group: bool,
    pub only_show_if_degraded: bool,
}

#[derive(Clone, Debug, Serialize)]
pub struct Month {
    /// In English.
    pub name: String,
    pub year: i32,
    /// The weekday of its first day; Sunday is 0.
    pub starts_on: u32,
    pub days: u32,
    pub incidents: Vec<Incident>,
}

#[derive(Clone, Debug, Serialize)]
pub struct Incident {
    pub code: Id,
    pub name: String,
    /// The last update's.
    pub message: String,
    pub impact: Impact,
    pub timestamp: String,
}

/// The first day of a component as this document writes it.
pub fn start_date(day: NaiveDate) -> String {
    format!("{day}T00:00:00.000Z")
}

/// From when until when: `Sep <var data-var='date'>24</var>, <var data-var='time'>16:51</var> - …`,
/// with a second date if it is another. The day takes two places, as in the feeds.
pub fn timestamp(from: DateTime<Utc>, until: Option<DateTime<Utc>>, zone: Tz) -> String {
    const DATE: &str = "%b <var data-var='date'>%e</var>, ";
    const TIME: &str = "<var data-var='time'>%H:%M</var>";
    let begin = from.with_timezone(&zone);
    let first = begin.format(&format!("{DATE}{TIME}")).to_string();
    let Some(end) = until.map(|until| until.with_timezone(&zone)) else {
        return format!("{first} {}", begin.format("%Z"));
    };
    let same = begin.date_naive() == end.date_naive();
    let last = end.format(&format!("{}{TIME} %Z", if same { "" } else { DATE })).to_string();
    format!("{first} - {last}")
}

/// The zones that Ruby on Rails has a name of its own for, by their IANA names.
const RAILS: &[(Tz, &str)] = &[
    (Tz::UTC, "UTC"),
    (Tz::Etc__UTC, "UTC"),
    (Tz::Pacific__Honolulu, "Hawaii"),
    (Tz::America__Juneau, "Alaska"),
    (Tz::America__Los_Angeles, "Pacific Time (US & Canada)"),
    (Tz::America__Tijuana, "Tijuana"),
    (Tz::America__Denver, "Mountain Time (US & Canada)"),
    (Tz::America__Phoenix, "Arizona"),
    (Tz::America__Chicago, "Central Time (US & Canada)"),
    (Tz::America__Mexico_City, "Mexico City"),
    (Tz::America__New_York, "Eastern Time (US & Canada)"),
    (Tz::America__Bogota, "Bogota"),
    (Tz::America__Halifax, "Atlantic Time (Canada)"),
    (Tz::America__Santiago, "Santiago"),
    (Tz::America__Sao_Paulo, "Brasilia"),
    (Tz::America__Argentina__Buenos_Aires, "Buenos Aires"),
    (Tz::Europe__London, "London"),
    (Tz::Europe__Dublin, "Dublin"),
    (Tz::Europe__Lisbon, "Lisbon"),
    (Tz::Europe__Berlin, "Berlin"),
    (Tz::Europe__Paris, "Paris"),
    (Tz::Europe__Madrid, "Madrid"),
    (Tz::Europe__Rome, "Rome"),
    (Tz::Europe__Amsterdam, "Amsterdam"),
    (Tz::Europe__Brussels, "Brussels"),
    (Tz::Europe__Vienna, "Vienna"),
    (Tz::Europe__Zurich, "Zurich"),
    (Tz::Europe__Stockholm, "Stockholm"),
    (Tz::Europe__Copenhagen, "Copenhagen"),
    (Tz::Europe__Prague, "Prague"),
    (Tz::Europe__Warsaw, "Warsaw"),
    (Tz::Europe__Athens, "Athens"),
    (Tz::Europe__Helsinki, "Helsinki"),
    (Tz::Europe__Istanbul, "Istanbul"),
    (Tz::Asia__Jerusalem, "Jerusalem"),
    (Tz::Africa__Cairo, "Cairo"),
    (Tz::Africa__Johannesburg, "Pretoria"),
    (Tz::Asia__Muscat, "Abu Dhabi"),
    (Tz::Asia__Kolkata, "New Delhi"),
    (Tz::Asia__Bangkok, "Bangkok"),
    (Tz::Asia__Shanghai, "Beijing"),
    (Tz::Asia__Hong_Kong, "Hong Kong"),
    (Tz::Asia__Singapore, "Singapore"),
    (Tz::Asia__Taipei, "Taipei"),
    (Tz::Asia__Tokyo, "Tokyo"),
    (Tz::Asia__Seoul, "Seoul"),
    (Tz::Australia__Perth, "Perth"),
    (Tz::Australia__Brisbane, "Brisbane"),
    (Tz::Australia__Sydney, "Sydney"),
    (Tz::Australia__Melbourne, "Melbourne"),
    (Tz::Pacific__Auckland, "Auckland"),
];

/// A zone's name in Ruby on Rails; its IANA name where Rails has none that is known here.
pub fn rails_name(zone: Tz) -> &'static str {
    RAILS.iter().find(|(known, _)| *known == zone).map_or(zone.name(), |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_recorded() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (from, until) = (at("2024-09-24T16:51:00Z"), at("2024-09-24T20:41:00Z"));
        assert_eq!(
            timestamp(from, Some(until), Tz::UTC),
            "Sep <var data-var='date'>24</var>, <var data-var='time'>16:51</var> - <var data-var='time'>20:41</var> UTC"
        );
        let later = timestamp(from, Some(at("2024-10-04T09:00:00Z")), Tz::UTC);
        assert!(
            later.ends_with(" - Oct <var data-var='date'> 4</var>, <var data-var='time'>09:00</var> UTC")
        );
        assert!(timestamp(from, None, chrono_tz::Europe::Berlin).ends_with("18:51</var> CEST"));
    }

    #[test]
    fn zones_have_the_names_of_rails_where_there_are_any() {
        assert_eq!(rails_name(Tz::Etc__UTC), "UTC");
        assert_eq!(rails_name(Tz::America__Los_Angeles), "Pacific Time (US & Canada)");
        assert_eq!(rails_name(Tz::Antarctica__Troll), "Antarctica/Troll");
    }
}

//! Times as Statuspage writes them: `2026-07-30T10:12:15.506Z`, or with an offset in the page's
//! zone, always with three decimals.

use std::fmt;

use chrono::{DateTime, Datelike, FixedOffset, SecondsFormat, TimeZone, Utc};
use chrono_tz::{OffsetName, Tz};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};
use utoipa::openapi::{
    RefOr,
    schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type},
};

/// The years that a status page speaks of; others break what reads them.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2200;

/// A time in a page's zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    at: DateTime<FixedOffset>,
    /// Whether the zone is UTC itself, written `Z`, and not another without an offset just now.
    utc: bool,
}

impl Stamp {
    pub fn new(at: DateTime<Utc>, zone: Tz) -> Self {
        let offset = zone.offset_from_utc_datetime(&at.naive_utc());
        let utc = matches!(offset.abbreviation(), Some("UTC" | "UCT"));
        Self { at: at.with_timezone(&zone).fixed_offset(), utc }
    }

    /// The instant, cut to the microseconds that databases keep.
    pub fn instant(self) -> DateTime<Utc> {
        let at = self.at.to_utc();
        DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.at.to_rfc3339_opts(SecondsFormat::Millis, self.utc))
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let at = DateTime::parse_from_rfc3339(&text)
            .map_err(|_| D::Error::custom(format!("{text:?} is no time such as 2026-07-30T10:12:15.506Z")))?;
        if !YEARS.contains(&at.year()) || !YEARS.contains(&at.to_utc().year()) {
            return Err(D::Error::custom(format!("{text:?} is not between the years 1970 and 2200")));
        }
        Ok(Self { at, utc: text.ends_with('Z') })
    }
}

impl utoipa::PartialSchema for Stamp {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
    }
}

impl utoipa::ToSchema for Stamp {}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, zone: Tz) -> String {
        Stamp::new(text.parse().unwrap(), zone).to_string()
    }

    #[test]
    fn as_recorded() {
        let at = "2022-02-15T21:37:37.407Z";
        assert_eq!(shown(at, Tz::Etc__UTC), at);
        assert_eq!(shown(at, Tz::America__Tijuana), "2022-02-15T13:37:37.407-08:00");
        assert_eq!(shown("2015-07-31T01:55:43.7Z", Tz::America__Tijuana), "2015-07-30T18:55:43.700-07:00");
        assert_eq!(shown(at, Tz::Europe__London), "2022-02-15T21:37:37.407+00:00");
    }

    #[test]
    fn read_back_whatever_the_offset() {
        let stamp: Stamp = serde_json::from_str("\"2022-02-15T13:37:37-08:00\"").unwrap();
        assert_eq!(stamp.instant().to_rfc3339(), "2022-02-15T21:37:37+00:00");
        let wrong = serde_json::from_str::<Stamp>("\"yesterday\"").unwrap_err().to_string();
        assert!(wrong.contains("yesterday"), "{wrong}");
        assert!(serde_json::from_str::<Stamp>("\"9999-12-31T23:59:59-12:00\"").is_err());
    }
}

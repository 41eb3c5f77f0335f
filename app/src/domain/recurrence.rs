//! Maintenances that come again and again (RFC 5545, section 3.3.10), by the clock of the page's zone.

use std::{fmt, str::FromStr};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use rrule::{Frequency, RRule, RRuleSet, Unvalidated};
use serde::{Deserialize, Serialize};

use super::{Id, record::Automation};

/// The most times that are reckoned at once.
pub const MOST: u16 = 400;
/// More than any rule that somebody means.
const LONGEST_RULE: usize = 200;
const ALLOWED: &str = "allowed is a rule such as FREQ=WEEKLY;BYDAY=SU, with a frequency of DAILY, WEEKLY, MONTHLY or \
                       YEARLY and without a time of the day";

/// When something comes again: the value of an RRULE, without times of the day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rule(String);

/// A series of maintenances, as it is planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Series {
    pub name: String,
    pub body: String,
    pub rule: Rule,
    /// When the first one begins; all others begin at that time of the day, in the page's zone.
    pub first_at: DateTime<Utc>,
    pub lasts_seconds: i64,
    pub component_ids: Vec<Id>,
    pub automation: Automation,
    /// Whether subscribers are told of what is planned.
    pub notify: bool,
}

/// A series as it is kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recurrence {
    pub id: Id,
    #[serde(flatten)]
    pub series: Series,
    /// Until when its maintenances are planned.
    pub made_until: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// When it was ended.
    pub deleted_at: Option<DateTime<Utc>>,
}

impl Series {
    pub fn lasts(&self) -> TimeDelta {
        TimeDelta::seconds(self.lasts_seconds)
    }

    /// When those begin that begin from an instant on and before another one, at most so many.
    pub fn begin(
        &self,
        zone: Tz,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
        most: u16,
    ) -> Vec<DateTime<Utc>> {
        let Ok(all) = self.rule.set(self.first_at, zone) else { return vec![] };
        let at = |at: DateTime<Utc>| at.with_timezone(&rrule::Tz::from(zone));
        // Both ends are included there.
        let before = until - TimeDelta::seconds(1);
        let found = all.after(at(from)).before(at(before)).all(most.min(MOST));
        found.dates.into_iter().map(|at| at.to_utc()).collect()
    }

    /// How far ahead its maintenances are planned.
    pub fn ahead(&self) -> TimeDelta {
        if self.rule.parsed().is_ok_and(|rule| rule.get_freq() == Frequency::Daily) {
            TimeDelta::days(7)
        } else {
            TimeDelta::days(35)
        }
    }

    /// Refuses what would begin again before it is over, and what never begins.
    pub fn check(&self, zone: Tz) -> Result<(), String> {
        let far = self.first_at + TimeDelta::days(366 * 5);
        let some = self.begin(zone, self.first_at, far, 60);
        if some.is_empty() {
            return Err("it never comes with this rule".into());
        }
        let overlaps = some.windows(2).any(|two| two[1] - two[0] < self.lasts());
        if overlaps { Err("it begins again before it is over".into()) } else { Ok(()) }
    }
}

impl Rule {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn parsed(&self) -> Result<RRule<Unvalidated>, String> {
        self.0.parse().map_err(|_| ALLOWED.to_owned())
    }

    fn set(&self, first: DateTime<Utc>, zone: Tz) -> Result<RRuleSet, String> {
        let first = first.with_timezone(&rrule::Tz::from(zone));
        self.parsed()?.build(first).map_err(|_| ALLOWED.to_owned())
    }
}

impl FromStr for Rule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().trim_start_matches("RRULE:").to_ascii_uppercase();
        let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b";=,-+".contains(&b));
        if !plain || text.len() > LONGEST_RULE {
            return Err(ALLOWED.into());
        }
        let rule = Self(text);
        let parsed = rule.parsed()?;
        let often =
            matches!(parsed.get_freq(), Frequency::Hourly | Frequency::Minutely | Frequency::Secondly);
        let timed = ["BYHOUR", "BYMINUTE", "BYSECOND"].iter().any(|part| rule.0.contains(part));
        if often || timed || parsed.get_interval() == 0 {
            return Err(ALLOWED.into());
        }
        // Whether it holds together does not depend on when it begins.
        rule.set(DateTime::UNIX_EPOCH, Tz::UTC)?;
        Ok(rule)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Rule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.0
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Berlin;

    use super::*;
    use crate::domain::calendar;

    fn series(rule: &str, first: &str) -> Series {
        Series {
            name: "Upgrade".into(),
            body: String::new(),
            rule: rule.parse().unwrap(),
            first_at: calendar::instant(first, Berlin).unwrap(),
            lasts_seconds: 3_600,
            component_ids: vec![],
            automation: Automation::default(),
            notify: false,
        }
    }

    fn texts(series: &Series, days: i64) -> Vec<String> {
        let until = series.first_at + TimeDelta::days(days);
        series.begin(Berlin, series.first_at, until, MOST).iter().map(|at| at.to_rfc3339()).collect()
    }

    #[test]
    fn the_time_of_the_day_stays_when_clocks_change() {
        let sundays = series("FREQ=WEEKLY;BYDAY=SU", "2027-03-21T04:00");
        assert_eq!(
            texts(&sundays, 15),
            ["2027-03-21T03:00:00+00:00", "2027-03-28T02:00:00+00:00", "2027-04-04T02:00:00+00:00"]
        );
        let back = series("RRULE:freq=weekly", "2027-10-24T04:00");
        assert_eq!(texts(&back, 8), ["2027-10-24T02:00:00+00:00", "2027-10-31T03:00:00+00:00"]);
    }

    #[test]
    fn a_time_that_clocks_jump_over_loses_no_day() {
        // On 28 March there is no half past two: it begins with the offset from before the gap (RFC 5545).
        let sundays = series("FREQ=WEEKLY", "2027-03-21T02:30");
        let begin = texts(&sundays, 15);
        assert_eq!(begin.len(), 3, "{begin:?}");
        assert_eq!(begin[1], "2027-03-28T01:30:00+00:00");
        // On 31 October it is half past two twice: the first is meant.
        let sundays = series("FREQ=WEEKLY", "2027-10-24T02:30");
        assert_eq!(texts(&sundays, 8)[1], "2027-10-31T00:30:00+00:00");
    }

    #[test]
    fn rules_are_bounded() {
        for good in [
            "FREQ=DAILY",
            "FREQ=MONTHLY;BYDAY=2SU",
            "FREQ=YEARLY;COUNT=3",
            "FREQ=WEEKLY;UNTIL=20280101T000000Z",
        ] {
            assert_eq!(good.parse::<Rule>().unwrap().as_str(), good);
        }
        for bad in [
            "",
            "weekly",
            "FREQ=HOURLY",
            "FREQ=SECONDLY",
            "FREQ=DAILY;BYHOUR=1,2",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=DAILY\nRDATE:20270101",
            "FREQ=DAILY;INTERVAL=0",
            &"FREQ=DAILY;".repeat(50),
        ] {
            assert!(bad.parse::<Rule>().unwrap_err().contains("FREQ=WEEKLY"), "{bad:?}");
        }
        let daily = series("FREQ=DAILY", "2027-01-01T01:00");
        assert_eq!(texts(&daily, 5_000).len(), usize::from(MOST));
        assert!(series("FREQ=DAILY", "2027-01-01T01:00").check(Berlin).is_ok());
        let long = Series { lasts_seconds: 25 * 3_600, ..daily };
        assert!(long.check(Berlin).unwrap_err().contains("before it is over"));
        assert!(series("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2027-01-01T01:00").check(Berlin).is_err());
    }
}

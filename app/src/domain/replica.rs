//! What a process of the installation says of itself.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Id;

/// How often each says that it is there.
pub const SAYS_SO_EVERY: TimeDelta = TimeDelta::seconds(15);
/// Who was silent for longer is gone, or does not reach the database.
pub const SILENT_AFTER: TimeDelta = TimeDelta::seconds(60);

/// What one says of itself. A later release may say more.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Told {
    /// The name of its machine, where it has one.
    pub host: Option<String>,
    pub version: String,
    pub started_at: Option<DateTime<Utc>>,
    /// The revision at which it shows each page.
    pub revisions: BTreeMap<Id, i64>,
    /// Milliseconds from a change to its being shown there, on average since it started.
    pub lag_milliseconds: Option<f64>,
    /// Whether Redis answers it; nothing, where it has none.
    pub redis: Option<bool>,
    /// The jobs that it did, by name.
    pub jobs: BTreeMap<String, Run>,
}

/// The last time that a job was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    pub at: DateTime<Utc>,
    pub is_done: bool,
}

/// One process.
#[derive(Clone, Debug, PartialEq)]
pub struct Replica {
    pub id: Id,
    pub seen_at: DateTime<Utc>,
    pub told: Told,
}

impl Replica {
    pub fn is_silent(&self, now: DateTime<Utc>) -> bool {
        now - self.seen_at > SILENT_AFTER
    }

    /// What it is called: by its machine, else by its id.
    pub fn name(&self) -> &str {
        self.told.host.as_deref().unwrap_or(self.id.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::domain::fixture;

    #[test]
    fn releases_read_each_other() {
        let earlier: Told = serde_json::from_value(json!({"version": "0.1.0", "of_the_future": 1})).unwrap();
        assert_eq!((earlier.version.as_str(), earlier.redis), ("0.1.0", None));
        let run = Run { at: fixture::noon(), is_done: true };
        let told = Told { jobs: BTreeMap::from([("alerts".into(), run)]), ..earlier };
        assert_eq!(serde_json::from_value::<Told>(serde_json::to_value(&told).unwrap()).unwrap(), told);
    }

    #[test]
    fn who_says_nothing_for_a_minute_is_silent() {
        let replica = Replica { id: fixture::id("a"), seen_at: fixture::noon(), told: Told::default() };
        assert!(!replica.is_silent(fixture::noon() + SILENT_AFTER));
        assert!(replica.is_silent(fixture::noon() + SILENT_AFTER + TimeDelta::seconds(1)));
    }
}

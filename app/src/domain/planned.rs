//! What a draft keeps until it is posted, beside its words: nothing of it is so yet.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Id, status::ComponentStatus};

/// The name under which an incident's metadata keep it.
const KEPT: &str = "console_draft";
/// The longest that an update may be promised ahead, in minutes.
const LONGEST: i64 = 24 * 60;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Planned {
    /// The statuses that its components are to have.
    pub statuses: BTreeMap<Id, ComponentStatus>,
    /// Whether subscribers are to be told.
    pub notify: bool,
    /// In how many minutes the next update is promised.
    pub promise: Option<i64>,
}

impl Default for Planned {
    fn default() -> Self {
        Self { statuses: BTreeMap::new(), notify: true, promise: None }
    }
}

impl Planned {
    /// What an incident's metadata hold of it; else nothing is planned.
    pub fn of(metadata: Option<&Value>) -> Self {
        metadata
            .and_then(|metadata| serde_json::from_value(metadata.get(KEPT)?.clone()).ok())
            .unwrap_or_default()
    }

    /// The metadata that hold it.
    pub fn metadata(&self) -> Value {
        json!({ KEPT: self })
    }

    /// When the next update is promised, from now on.
    pub fn promised(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let minutes = self.promise.filter(|minutes| (1..=LONGEST).contains(minutes))?;
        Some(now + TimeDelta::minutes(minutes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_was_kept_and_older_ones_too() {
        let id: Id = "k1n2m3b4v5c6".parse().unwrap();
        let statuses = BTreeMap::from([(id, ComponentStatus::MajorOutage)]);
        let planned = Planned { statuses: statuses.clone(), notify: false, promise: Some(30) };
        assert_eq!(Planned::of(Some(&planned.metadata())), planned);
        let older = json!({ KEPT: { "statuses": statuses } });
        assert_eq!(Planned::of(Some(&older)), Planned { statuses, ..Planned::default() });
        assert_eq!(Planned::of(Some(&json!({ KEPT: { "statuses": 7 } }))), Planned::default());
        assert_eq!(Planned::of(None), Planned::default());
    }

    #[test]
    fn a_promise_is_for_a_day_at_most() {
        let now = DateTime::UNIX_EPOCH;
        let of = |promise| Planned { promise, ..Planned::default() }.promised(now);
        assert_eq!(of(Some(30)), Some(now + TimeDelta::minutes(30)));
        for none in [None, Some(0), Some(-1), Some(LONGEST + 1)] {
            assert_eq!(of(none), None, "{none:?}");
        }
    }
}

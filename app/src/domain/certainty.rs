//! How sure a page may be of what it says.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

/// For how long a state is believed after the database was last heard to hold it.
const BELIEVED: TimeDelta = TimeDelta::minutes(1);

/// Whether what a page says was confirmed lately. The instants are cut to minutes, so that replicas
/// that lost the database together say the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certainty {
    /// The database said so within the last minute.
    #[default]
    Confirmed,
    /// It was so at this instant, and most likely still is.
    AsOf(DateTime<Utc>),
    /// It was so at this instant, which is too long ago to be called the state of things.
    LastKnown(DateTime<Utc>),
}

impl Certainty {
    /// Of what was last confirmed then; `stale_after` is how old it may be and still be told as true.
    pub fn at(confirmed_at: DateTime<Utc>, now: DateTime<Utc>, stale_after: TimeDelta) -> Self {
        let minute = confirmed_at.duration_trunc(TimeDelta::minutes(1)).unwrap_or(confirmed_at);
        match now - confirmed_at {
            age if age >= stale_after.max(BELIEVED) => Self::LastKnown(minute),
            age if age >= BELIEVED => Self::AsOf(minute),
            _ => Self::Confirmed,
        }
    }

    /// When it was last confirmed, if that is worth a word.
    pub fn since(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Confirmed => None,
            Self::AsOf(at) | Self::LastKnown(at) => Some(at),
        }
    }

    /// Whether it may no longer be told as the state of things.
    pub fn is_last_known(self) -> bool {
        matches!(self, Self::LastKnown(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn doubt_grows_with_time() {
        let confirmed_at = fixture::noon() + TimeDelta::seconds(42);
        let at = |seconds| {
            Certainty::at(confirmed_at, confirmed_at + TimeDelta::seconds(seconds), TimeDelta::minutes(10))
        };
        assert_eq!(at(59), Certainty::Confirmed);
        assert_eq!(at(60), Certainty::AsOf(fixture::noon()), "to the minute");
        assert_eq!(at(599), Certainty::AsOf(fixture::noon()));
        assert_eq!(at(600), Certainty::LastKnown(fixture::noon()));
        assert_eq!(at(-5), Certainty::Confirmed, "a clock that was set back");
        let never = Certainty::at(confirmed_at, confirmed_at + TimeDelta::seconds(30), TimeDelta::zero());
        assert_eq!(never, Certainty::Confirmed, "a minute is always believed");
    }
}

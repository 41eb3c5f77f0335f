//! When an alert begins to count and when it is over.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Changes of the last hour count.
const WINDOW: TimeDelta = TimeDelta::hours(1);
/// The most changes that are remembered; a flap limit is lower.
const MOST_CHANGES: usize = 128;
/// What waits for something without a date is looked at again after that long.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(60);

/// Where an alert stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It fires, but not for long enough.
    Pending,
    Firing,
    /// It fires no more, but not for long enough.
    Recovering,
    Resolved,
}

impl State {
    pub const ALL: [Self; 4] = [Self::Pending, Self::Firing, Self::Recovering, Self::Resolved];

    /// Those in which a rule has something open.
    pub const LASTING: [Self; 2] = [Self::Firing, Self::Recovering];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Recovering => "recovering",
            Self::Resolved => "resolved",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// What a rule says of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// It fires only after that long.
    pub wait: TimeDelta,
    /// It is over only after that long.
    pub hold: TimeDelta,
    /// Changes an hour; 0 for any number.
    pub flap_limit: usize,
}

/// What is to be done about the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Nothing,
    Open,
    Close,
}

/// An alert between two things that happen to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    pub state: State,
    pub since: DateTime<Utc>,
    /// When it fired and when it recovered within the last hour.
    pub changes: Vec<DateTime<Utc>>,
    pub flapping: bool,
    /// When it is to be looked at again without being told of.
    pub due_at: Option<DateTime<Utc>>,
}

impl Step {
    /// Of an alert that was never heard of.
    pub fn new(now: DateTime<Utc>) -> Self {
        Self { state: State::Resolved, since: now, changes: vec![], flapping: false, due_at: None }
    }

    /// After something was said of it.
    pub fn heard(&mut self, firing: bool, timing: Timing, blocked: bool, now: DateTime<Utc>) -> Effect {
        let fired = matches!(self.state, State::Pending | State::Firing);
        if fired != firing {
            self.changes.retain(|at| *at > now - WINDOW);
            self.changes.push(now);
            let too_many = self.changes.len().saturating_sub(MOST_CHANGES);
            self.changes.drain(..too_many);
            let next = match (self.state, firing) {
                (State::Recovering, true) => State::Firing,
                (_, true) => State::Pending,
                (State::Firing, false) => State::Recovering,
                (_, false) => State::Resolved,
            };
            self.enter(next, now);
        }
        self.passed(timing, blocked, now)
    }

    /// After time has passed. What is `blocked` does not begin to fire.
    pub fn passed(&mut self, timing: Timing, blocked: bool, now: DateTime<Utc>) -> Effect {
        self.changes.retain(|at| *at > now - WINDOW);
        self.flapping = timing.flap_limit > 0 && self.changes.len() > timing.flap_limit;
        let waited = now - self.since;
        let effect = match self.state {
            State::Pending if waited >= timing.wait && !blocked => {
                self.enter(State::Firing, now);
                Effect::Open
            }
            State::Recovering if waited >= timing.hold && !self.flapping => {
                self.enter(State::Resolved, now);
                Effect::Close
            }
            _ => Effect::Nothing,
        };
        self.due_at = match self.state {
            State::Pending if waited >= timing.wait => Some(now + LOOK_AGAIN),
            State::Pending => Some(self.since + timing.wait),
            State::Recovering if self.flapping => self.changes.first().map(|at| *at + WINDOW),
            State::Recovering => Some(self.since + timing.hold),
            State::Firing | State::Resolved => None,
        };
        effect
    }

    fn enter(&mut self, state: State, now: DateTime<Utc>) {
        (self.state, self.since) = (state, now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_000_000 + second, 0).unwrap()
    }

    fn timing(wait: i64, hold: i64, flap_limit: usize) -> Timing {
        Timing { wait: TimeDelta::seconds(wait), hold: TimeDelta::seconds(hold), flap_limit }
    }

    #[test]
    fn without_waits_it_acts_at_once_and_once() {
        let (mut step, timing) = (Step::new(at(0)), timing(0, 0, 0));
        assert_eq!(step.heard(true, timing, false, at(0)), Effect::Open);
        assert_eq!(step.heard(true, timing, false, at(5)), Effect::Nothing);
        assert_eq!((step.since, step.due_at), (at(0), None));
        assert_eq!(step.heard(false, timing, false, at(9)), Effect::Close);
        assert_eq!(step.heard(false, timing, false, at(9)), Effect::Nothing);
        assert_eq!(step.state, State::Resolved);
    }

    #[test]
    fn it_waits_before_it_fires_and_before_it_is_over() {
        let (mut step, timing) = (Step::new(at(0)), timing(60, 120, 0));
        assert_eq!(step.heard(true, timing, false, at(0)), Effect::Nothing);
        assert_eq!((step.state, step.due_at), (State::Pending, Some(at(60))));
        assert_eq!(step.passed(timing, false, at(59)), Effect::Nothing);
        assert_eq!(step.passed(timing, false, at(60)), Effect::Open);
        assert_eq!(step.heard(false, timing, false, at(100)), Effect::Nothing);
        assert_eq!((step.state, step.due_at), (State::Recovering, Some(at(220))));
        assert_eq!(step.heard(true, timing, false, at(150)), Effect::Nothing, "it never was over");
        assert_eq!(step.state, State::Firing);
        assert_eq!(step.heard(false, timing, false, at(200)), Effect::Nothing);
        assert_eq!(step.passed(timing, false, at(319)), Effect::Nothing);
        assert_eq!(step.passed(timing, false, at(320)), Effect::Close);
    }

    #[test]
    fn what_recovers_while_it_waits_was_nothing() {
        let (mut step, timing) = (Step::new(at(0)), timing(60, 120, 0));
        step.heard(true, timing, false, at(0));
        assert_eq!(step.heard(false, timing, false, at(10)), Effect::Nothing);
        assert_eq!((step.state, step.due_at), (State::Resolved, None));
    }

    #[test]
    fn what_changes_too_often_stays_bad() {
        let (mut step, timing) = (Step::new(at(0)), timing(0, 0, 3));
        assert_eq!(step.heard(true, timing, false, at(0)), Effect::Open);
        assert_eq!(step.heard(false, timing, false, at(10)), Effect::Close);
        assert_eq!(step.heard(true, timing, false, at(20)), Effect::Open);
        assert_eq!(step.heard(false, timing, false, at(30)), Effect::Nothing, "the fourth change");
        assert_eq!((step.state, step.flapping), (State::Recovering, true));
        assert_eq!(step.due_at, Some(at(3_600)), "when the first change is an hour old");
        assert_eq!(step.passed(timing, false, at(3_600)), Effect::Close);
        assert!(!step.flapping);
    }

    #[test]
    fn what_is_blocked_fires_later() {
        let (mut step, timing) = (Step::new(at(0)), timing(0, 0, 0));
        assert_eq!(step.heard(true, timing, true, at(0)), Effect::Nothing);
        assert_eq!((step.state, step.due_at), (State::Pending, Some(at(60))));
        assert_eq!(step.passed(timing, false, at(60)), Effect::Open);
    }
}

//! What the people who run the pages are told by mail.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::Id;

/// What a mail is about. Whom it reaches, its words and the link in it are made when it is sent, so that
/// nothing that opens a door waits in the database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Letter {
    /// Choose a first password.
    Invitation { user: Id },
    /// Choose another password: asked for with an address, whether anybody has it or not.
    Reset { email: String },
    /// What was promised to visitors for this instant was not said yet.
    Reminder { page: Id, incident: Id, promised: DateTime<Utc>, user: Id },
    /// Something was changed of how somebody signs in.
    Notice { user: Id, what: Notice },
}

/// What was changed of how somebody signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Notice {
    Password,
    SecondStepOn,
    SecondStepOff,
    PasskeyAdded,
    PasskeyRemoved,
}

impl Letter {
    /// For how long it is worth being sent.
    pub fn life(&self) -> TimeDelta {
        match self {
            Self::Reset { .. } | Self::Reminder { .. } => TimeDelta::hours(1),
            Self::Invitation { .. } | Self::Notice { .. } => TimeDelta::days(1),
        }
    }

    /// The incident that it is about.
    pub fn incident(&self) -> Option<&Id> {
        match self {
            Self::Reminder { incident, .. } => Some(incident),
            _ => None,
        }
    }

    /// A word for logs.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Invitation { .. } => "invitation",
            Self::Reset { .. } => "reset",
            Self::Reminder { .. } => "reminder",
            Self::Notice { .. } => "notice",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn what_is_kept_is_read_back() {
        let user = fixture::id("u");
        let reminder = Letter::Reminder {
            page: fixture::id("p"),
            incident: fixture::id("i"),
            promised: fixture::noon(),
            user: user.clone(),
        };
        assert_eq!(reminder.incident(), Some(&fixture::id("i")));
        let notice = Letter::Notice { user: user.clone(), what: Notice::SecondStepOff };
        let reset = Letter::Reset { email: "ada@example.com".into() };
        for letter in [Letter::Invitation { user }, reset, reminder, notice] {
            let kept = serde_json::to_string(&letter).unwrap();
            assert!(kept.starts_with(&format!("{{\"kind\":\"{}\"", letter.name())), "{kept}");
            assert_eq!(serde_json::from_str::<Letter>(&kept).unwrap(), letter);
            assert!(letter.life() >= TimeDelta::hours(1));
        }
    }
}

//! How people get into the console, and how long they stay.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Id, record::User};

/// After so long without a request somebody is signed out.
pub const IDLE: TimeDelta = TimeDelta::hours(8);
/// After so long they are signed out in any case.
pub const LONGEST: TimeDelta = TimeDelta::days(7);
/// For so long after a password was given nobody asks for it again before something dangerous.
pub const CONFIRMED: TimeDelta = TimeDelta::minutes(15);

/// What a link lets somebody do, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Become the first owner.
    SetUp,
    /// Choose a first password.
    Invitation,
    /// Choose another password.
    Reset,
    /// Sign in.
    SignIn,
}

impl Purpose {
    pub const ALL: [Self; 4] = [Self::SetUp, Self::Invitation, Self::Reset, Self::SignIn];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Invitation => "invitation",
            Self::Reset => "reset",
            Self::SignIn => "sign_in",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.as_str() == word)
    }

    /// How long such a link can be used.
    pub fn life(self) -> TimeDelta {
        match self {
            Self::SetUp | Self::Reset => TimeDelta::minutes(60),
            Self::Invitation => TimeDelta::days(7),
            Self::SignIn => TimeDelta::minutes(15),
        }
    }
}

/// A link that can be used still.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub purpose: Purpose,
    /// Whom it is for; nobody that is there yet, where the installation is to be set up.
    pub user: Option<User>,
    pub expires_at: DateTime<Utc>,
}

/// Somebody's being signed in on one device.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: Id,
    pub address: Option<String>,
    /// What the browser called itself.
    pub user_agent: Option<String>,
    /// Whether it was begun by what stands for both steps: a passkey, or the organization's provider.
    pub is_strong: bool,
    /// Whether it was begun by the organization's provider, or by the link that stands for it when it is down.
    pub is_by_provider: bool,
    /// When who is signed in last showed that it is still them.
    pub confirmed_at: Option<DateTime<Utc>>,
    pub last_used_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Session {
    pub fn is_alive(&self, now: DateTime<Utc>) -> bool {
        now < self.expires_at && now - self.last_used_at < IDLE
    }

    pub fn is_confirmed(&self, now: DateTime<Utc>) -> bool {
        self.confirmed_at.is_some_and(|at| now - at < CONFIRMED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn words_are_read_back() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::parse(purpose.as_str()), Some(purpose));
            assert!(purpose.life() > TimeDelta::zero());
        }
    }

    #[test]
    fn a_session_ends_when_it_is_not_used_and_in_any_case() {
        let begun = fixture::noon();
        let session = Session {
            id: fixture::id("s"),
            address: None,
            user_agent: None,
            is_strong: false,
            is_by_provider: false,
            confirmed_at: Some(begun),
            last_used_at: begun,
            created_at: begun,
            expires_at: begun + LONGEST,
        };
        let second = TimeDelta::seconds(1);
        assert!(session.is_alive(begun + IDLE - second) && !session.is_alive(begun + IDLE));
        let used = Session { last_used_at: begun + LONGEST - second, ..session.clone() };
        assert!(used.is_alive(begun + LONGEST - second) && !used.is_alive(begun + LONGEST));
        assert!(session.is_confirmed(begun + CONFIRMED - second) && !session.is_confirmed(begun + CONFIRMED));
    }
}

//! What an API token opens: its scopes, its page, and from where it may be used.

use std::{fmt, str::FromStr};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::Id;

/// One thing that a token allows.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema,
)]
pub enum Scope {
    #[serde(rename = "read")]
    Read,
    #[serde(rename = "components:write")]
    ComponentsWrite,
    #[serde(rename = "incidents:write")]
    IncidentsWrite,
    #[serde(rename = "maintenances:write")]
    MaintenancesWrite,
    #[serde(rename = "subscribers:read")]
    SubscribersRead,
    #[serde(rename = "subscribers:write")]
    SubscribersWrite,
    #[serde(rename = "metrics:write")]
    MetricsWrite,
    #[serde(rename = "alerts:write")]
    AlertsWrite,
    #[serde(rename = "page:write")]
    PageWrite,
    #[serde(rename = "users:write")]
    UsersWrite,
    #[serde(rename = "tokens:write")]
    TokensWrite,
}

impl Scope {
    pub const ALL: [Self; 11] = [
        Self::Read,
        Self::ComponentsWrite,
        Self::IncidentsWrite,
        Self::MaintenancesWrite,
        Self::SubscribersRead,
        Self::SubscribersWrite,
        Self::MetricsWrite,
        Self::AlertsWrite,
        Self::PageWrite,
        Self::UsersWrite,
        Self::TokensWrite,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ComponentsWrite => "components:write",
            Self::IncidentsWrite => "incidents:write",
            Self::MaintenancesWrite => "maintenances:write",
            Self::SubscribersRead => "subscribers:read",
            Self::SubscribersWrite => "subscribers:write",
            Self::MetricsWrite => "metrics:write",
            Self::AlertsWrite => "alerts:write",
            Self::PageWrite => "page:write",
            Self::UsersWrite => "users:write",
            Self::TokensWrite => "tokens:write",
        }
    }

    fn bit(self) -> u16 {
        1 << self as u16
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a text is no list of scopes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("scopes: {0:?} is no scope; allowed are all, {list}", list = Scope::ALL.map(Scope::as_str).join(", "))]
pub struct NoScope(String);

/// Some of all scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u16);

impl Scopes {
    pub fn all() -> Self {
        Scope::ALL.into_iter().collect()
    }

    pub fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Whether nothing is in `other` that is not here.
    pub fn holds(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// What is in both.
    pub fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// What is in either.
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

/// Words between commas or blanks; `all` is every scope there is.
impl FromStr for Scopes {
    type Err = NoScope;

    fn from_str(text: &str) -> Result<Self, NoScope> {
        let words = text.split([',', ' ']).filter(|word| !word.is_empty());
        words.into_iter().try_fold(Self::default(), |held, word| {
            if word == "all" {
                return Ok(Self::all());
            }
            let scope = Scope::ALL.into_iter().find(|scope| scope.as_str() == word);
            let scope = scope.ok_or_else(|| NoScope(word.chars().take(40).collect()))?;
            Ok(Self(held.0 | scope.bit()))
        })
    }
}

/// As it is kept.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().map(Scope::as_str).collect::<Vec<_>>().join(" "))
    }
}

/// A token as everybody but its holder knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub id: Id,
    pub name: String,
    /// How it begins, so that it is recognised.
    pub prefix: String,
    pub scopes: Scopes,
    /// The one page that it opens; all of them, if none is named.
    pub page_id: Option<Id>,
    /// Whose it is; it is dead while they are disabled.
    pub user_id: Option<Id>,
    /// Networks in CIDR notation that it may be used from; any, if none is named.
    pub allowed_addresses: Vec<String>,
    pub created_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
    pub last_used_at: Option<DateTime<Utc>>,
    pub revoked_at: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse::<Scopes>().unwrap(), Scopes::from_iter([scope]));
            assert_eq!(serde_json::to_value(scope).unwrap(), scope.as_str());
        }
        let all: Scopes = "all".parse().unwrap();
        assert_eq!(all, Scopes::all());
        assert_eq!(all.to_string().parse::<Scopes>().unwrap(), all);
        let wrong = "read,shout".parse::<Scopes>().unwrap_err().to_string();
        assert!(wrong.contains("\"shout\"") && wrong.contains("incidents:write"), "{wrong}");
    }

    #[test]
    fn nobody_grants_what_they_do_not_hold() {
        let some: Scopes = "read, incidents:write".parse().unwrap();
        assert!(Scopes::all().holds(some) && some.holds(some) && some.holds(Scopes::default()));
        assert!(!some.holds("read,page:write".parse().unwrap()));
        assert_eq!(some.iter().collect::<Vec<_>>(), [Scope::Read, Scope::IncidentsWrite]);
    }
}

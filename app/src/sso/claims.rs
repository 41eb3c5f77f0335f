//! What the provider says of somebody, and what they may do for it.

use chrono::{DateTime, Utc};
use openidconnect::{
    AdditionalClaims, EndUserEmail, EndUserName, IdTokenClaims, LocalizedClaim, UserInfoClaims,
    core::CoreGenderClaim,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::listed;
use crate::domain::address;

/// The most groups that are looked at, and the longest name.
const MOST_GROUPS: usize = 1_000;
const LONGEST_NAME: usize = 100;

/// All claims that the standard does not name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extra(Map<String, Value>);

impl AdditionalClaims for Extra {}

/// Somebody, as the provider knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    pub issuer: String,
    /// What they are called there, for ever.
    pub subject: String,
    /// An address that mail can be sent to.
    pub email: Option<String>,
    /// Whether the provider says that the address is theirs; it need not say.
    pub is_verified: Option<bool>,
    pub name: String,
    pub groups: Vec<String>,
    /// When they last showed the provider who they are; it need not say.
    pub authenticated_at: Option<DateTime<Utc>>,
}

/// What one document says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    email: Option<String>,
    is_verified: Option<bool>,
    name: Option<String>,
    groups: Vec<String>,
}

impl Told {
    pub fn of_token(claims: &IdTokenClaims<Extra, CoreGenderClaim>, groups: &str) -> Self {
        Self::of(claims.email(), claims.email_verified(), claims.name(), claims.additional_claims(), groups)
    }

    pub fn of_user_info(claims: &UserInfoClaims<Extra, CoreGenderClaim>, groups: &str) -> Self {
        Self::of(claims.email(), claims.email_verified(), claims.name(), claims.additional_claims(), groups)
    }

    fn of(
        email: Option<&EndUserEmail>,
        is_verified: Option<bool>,
        name: Option<&LocalizedClaim<EndUserName>>,
        extra: &Extra,
        groups: &str,
    ) -> Self {
        Self {
            email: email.and_then(|email| address::email(email).ok()),
            is_verified,
            name: name.and_then(|name| name.get(None)).map(|name| name.to_string()),
            groups: listed(extra.0.get(groups)).into_iter().take(MOST_GROUPS).collect(),
        }
    }

    /// Whether something is missing that another document may say.
    pub fn lacks(&self, groups: bool) -> bool {
        self.email.is_none() || (groups && self.groups.is_empty())
    }

    pub fn add(&mut self, other: Self) {
        if self.email.is_none() {
            (self.email, self.is_verified) = (other.email, other.is_verified);
        }
        self.name = self.name.take().or(other.name);
        if self.groups.is_empty() {
            self.groups = other.groups;
        }
    }

    pub fn identity(self, issuer: &str, subject: &str) -> Identity {
        let name = self.name.unwrap_or_default();
        Identity {
            issuer: issuer.to_owned(),
            subject: subject.to_owned(),
            email: self.email,
            is_verified: self.is_verified,
            name: name.chars().filter(|c| !c.is_control()).take(LONGEST_NAME).collect(),
            groups: self.groups,
            authenticated_at: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_document_lacks_another_says() {
        let mut told = Told { name: Some("Ada".into()), ..Told::default() };
        assert!(told.lacks(false));
        told.add(Told {
            email: Some("ada@example.com".into()),
            is_verified: Some(true),
            name: Some("Eve".into()),
            groups: vec!["all".into()],
        });
        assert!(!told.lacks(true));
        let identity = told.identity("https://id.test", "s1");
        assert_eq!((identity.name.as_str(), identity.is_verified), ("Ada", Some(true)));
        assert_eq!(identity.groups, ["all"]);
        assert_eq!(listed(Some(&serde_json::json!("one"))), ["one"]);
    }
}

//! Who is told of news.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{Id, address};

/// How somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Channel {
    Email,
    Webhook,
}

impl Channel {
    pub const ALL: [Self; 2] = [Self::Email, Self::Webhook];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == word)
    }
}

/// Whether somebody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SubscriberState {
    Active,
    /// Has not said yet that they want it.
    Unconfirmed,
    /// Could not be reached.
    Quarantined,
}

impl SubscriberState {
    pub const ALL: [Self; 3] = [Self::Active, Self::Unconfirmed, Self::Quarantined];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Unconfirmed => "unconfirmed",
            Self::Quarantined => "quarantined",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// Somebody who is told of news.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscriber {
    pub id: Id,
    pub channel: Channel,
    /// Where they are reached.
    pub address: String,
    /// Whom to ask about a webhook.
    pub contact: Option<String>,
    /// Whether they hear nothing of changes to their subscription.
    pub silent: bool,
    /// Whether they are told of the page, and not of single incidents only.
    pub whole_page: bool,
    /// What they chose; of all components, if nothing.
    pub component_ids: Vec<Id>,
    pub confirmed_at: Option<DateTime<Utc>>,
    pub quarantined_at: Option<DateTime<Utc>>,
    pub unsubscribed_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
}

impl Subscriber {
    pub fn state(&self) -> SubscriberState {
        match (self.quarantined_at, self.confirmed_at) {
            (Some(_), _) => SubscriberState::Quarantined,
            (None, None) => SubscriberState::Unconfirmed,
            (None, Some(_)) => SubscriberState::Active,
        }
    }

    /// What the audit says of them: not how they are reached.
    pub fn audited(&self) -> Value {
        json!({
            "channel": self.channel.as_str(),
            "address": address::obfuscated(&self.address),
            "state": self.state().as_str(),
            "whole_page": self.whole_page,
            "component_ids": self.component_ids,
            "unsubscribed_at": self.unsubscribed_at,
        })
    }
}

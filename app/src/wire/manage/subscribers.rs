//! Who is told of news.

use serde::{Deserialize, Serialize};

use super::Place;
use crate::{
    domain::{
        Id, subscriber,
        subscriber::{Channel, SubscriberState},
    },
    wire::Stamp,
};

/// Somebody who is told of news. What belongs to channels that are not offered here is null.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Subscriber {
    pub id: Id,
    pub skip_confirmation_notification: bool,
    /// `email` or `webhook`.
    pub mode: String,
    pub email: Option<String>,
    pub endpoint: Option<String>,
    pub phone_number: Option<String>,
    pub phone_country: Option<String>,
    pub display_phone_number: Option<String>,
    pub obfuscated_channel_name: Option<String>,
    pub workspace_name: Option<String>,
    pub quarantined_at: Option<Stamp>,
    pub purge_at: Option<Stamp>,
    /// What they chose; all components, if it is empty.
    pub components: Vec<Id>,
    pub page_access_user_id: Option<Id>,
    pub created_at: Stamp,
    /// `active`, `unconfirmed` or `quarantined`.
    pub state: String,
    pub confirmed_at: Option<Stamp>,
    pub unsubscribed_at: Option<Stamp>,
}

impl Subscriber {
    pub fn of(subscriber: &subscriber::Subscriber, place: &Place) -> Self {
        let (email, endpoint) = match subscriber.channel {
            Channel::Email => (Some(subscriber.address.clone()), None),
            Channel::Webhook => (subscriber.contact.clone(), Some(subscriber.address.clone())),
        };
        Self {
            id: subscriber.id.clone(),
            skip_confirmation_notification: subscriber.silent,
            mode: subscriber.channel.as_str().to_owned(),
            email,
            endpoint,
            phone_number: None,
            phone_country: None,
            display_phone_number: None,
            obfuscated_channel_name: None,
            workspace_name: None,
            quarantined_at: place.maybe(subscriber.quarantined_at),
            purge_at: None,
            components: subscriber.component_ids.clone(),
            page_access_user_id: None,
            created_at: place.stamp(subscriber.created_at),
            state: subscriber.state().as_str().to_owned(),
            confirmed_at: place.maybe(subscriber.confirmed_at),
            unsubscribed_at: place.maybe(subscriber.unsubscribed_at),
        }
    }
}

/// How many subscribers there are, by how they are told.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct SubscriberCountByType {
    #[schema(minimum = 0)]
    pub email: u64,
    #[schema(minimum = 0)]
    pub sms: u64,
    #[schema(minimum = 0)]
    pub webhook: u64,
    #[schema(minimum = 0)]
    pub integration_partner: u64,
    #[schema(minimum = 0)]
    pub slack: u64,
    #[schema(minimum = 0)]
    pub teams: u64,
}

impl SubscriberCountByType {
    pub fn set(&mut self, channel: Channel, count: u64) {
        match channel {
            Channel::Email => self.email = count,
            Channel::Webhook => self.webhook = count,
        }
    }
}

/// How many subscribers there are in each state.
#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct SubscriberCountByState {
    #[schema(minimum = 0)]
    pub active: u64,
    #[schema(minimum = 0)]
    pub unconfirmed: u64,
    #[schema(minimum = 0)]
    pub quarantined: u64,
    #[schema(minimum = 0)]
    pub total: u64,
}

#[derive(Clone, Copy, Debug, Default, Serialize, utoipa::ToSchema)]
pub struct SubscriberCountByTypeAndState {
    pub email: SubscriberCountByState,
    pub sms: SubscriberCountByState,
    pub webhook: SubscriberCountByState,
    pub integration_partner: SubscriberCountByState,
    pub slack: SubscriberCountByState,
    pub teams: SubscriberCountByState,
}

impl SubscriberCountByTypeAndState {
    pub fn add(&mut self, channel: Channel, state: SubscriberState, count: u64) {
        let of_channel = match channel {
            Channel::Email => &mut self.email,
            Channel::Webhook => &mut self.webhook,
        };
        match state {
            SubscriberState::Active => of_channel.active += count,
            SubscriberState::Unconfirmed => of_channel.unconfirmed += count,
            SubscriberState::Quarantined => of_channel.quarantined += count,
        }
        of_channel.total += count;
    }
}

/// To how many subscribers it was done.
#[derive(Clone, Copy, Debug, Serialize, utoipa::ToSchema)]
pub struct SubscribersDone {
    #[schema(minimum = 0)]
    pub subscribers: usize,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct SubscriberBody {
    pub subscriber: SubscriberAsk,
}

/// Somebody to be told: by e-mail, or by a webhook if `endpoint` is there. Who is told by e-mail is
/// asked first, by a mail that the delivery of notifications sends.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct SubscriberAsk {
    /// An address of mail; of a webhook, whom to ask about it.
    #[schema(max_length = 320)]
    pub email: Option<String>,
    /// Where news are posted to: http or https.
    #[schema(max_length = 2000)]
    pub endpoint: Option<String>,
    /// Refused: text messages are not offered.
    pub phone_country: Option<String>,
    /// Refused: text messages are not offered.
    pub phone_number: Option<String>,
    /// Subscribes them at once, without asking them.
    pub skip_confirmation_notification: Option<bool>,
    /// Refused: there are no page access users.
    pub page_access_user: Option<String>,
    /// The components that they are told of; all of them, if it is left out.
    #[schema(value_type = Option<Vec<Id>>, min_items = 1, max_items = 5000)]
    pub component_ids: Option<Vec<String>>,
}

/// What a subscriber is told of.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct ChoiceBody {
    /// The components that they are told of; all of them, if it is left out.
    #[schema(value_type = Option<Vec<Id>>, min_items = 1, max_items = 5000)]
    pub component_ids: Option<Vec<String>>,
}

/// Subscribers by their ids, or `all`.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct SubscribersBody {
    /// At most 100 ids; or `all`.
    #[schema(value_type = Vec<Id>, min_items = 1, max_items = 100)]
    pub subscribers: Vec<String>,
    /// Only those who are told in this way: `email`, `sms`, `webhook`, `slack`, `teams` or
    /// `integration_partner`.
    #[serde(rename = "type")]
    #[schema(max_length = 32)]
    pub kind: Option<String>,
    /// Only those in this state: `active` if nothing is said, `unconfirmed`, `quarantined` or `all`.
    #[schema(max_length = 32)]
    pub state: Option<String>,
    /// Nobody is told that they were unsubscribed, whatever is said here.
    pub skip_unsubscription_notification: Option<bool>,
}

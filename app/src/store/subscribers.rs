//! Subscribing and unsubscribing, by operators. None of it is seen by visitors, so it makes no
//! revision: see [`Change::keep`].

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, prelude::Json,
};
use serde_json::json;

use super::{
    Change, Result, StoreError,
    component_changes::expect,
    entity::{incident_subscribers, subscriber_components, subscribers},
    view::{Include, Slice, SubscriberFilter},
};
use crate::domain::{
    Id,
    subscriber::{Channel, Subscriber, SubscriberState},
};

/// Somebody who is to be told.
#[derive(Clone, Debug)]
pub struct NewSubscriber {
    pub channel: Channel,
    pub address: String,
    /// Whom to ask about a webhook.
    pub contact: Option<String>,
    /// Whether they are subscribed without being asked, and hear nothing of it.
    pub silent: bool,
    /// What they chose; of all components, if nothing.
    pub component_ids: Vec<Id>,
}

impl Change {
    /// Subscribes somebody to the page. Who has subscribed to an incident before, or was
    /// unsubscribed, keeps their id.
    pub async fn subscribe(&mut self, new: &NewSubscriber) -> Result<Id> {
        let held = self.subscriber_at(new.channel, &new.address).await?;
        if held.as_ref().is_some_and(|held| held.unsubscribed_at.is_none() && held.whole_page) {
            return Err(taken(new.channel, "is subscribed already"));
        }
        let id = self.admit(held, new, true).await?;
        self.choose(&id, &new.component_ids).await?;
        self.record_subscriber("subscriber.create", &id, None).await?;
        Ok(id)
    }

    /// Subscribes somebody to one incident.
    pub async fn follow(&mut self, incident: &Id, new: &NewSubscriber) -> Result<Id> {
        self.view().incident(incident, Include::default()).await?;
        let held = self.subscriber_at(new.channel, &new.address).await?;
        if let Some(held) = held.as_ref().filter(|held| held.unsubscribed_at.is_none())
            && self.follows(incident, &held.id).await?
        {
            return Err(taken(new.channel, "is subscribed to this incident already"));
        }
        let whole_page = held.as_ref().is_some_and(|held| held.unsubscribed_at.is_none() && held.whole_page);
        let id = self.admit(held, new, whole_page).await?;
        if !whole_page {
            // What somebody chose of the page is not what they want now.
            self.choose(&id, &[]).await?;
        }
        let follower = incident_subscribers::ActiveModel {
            incident_id: Set(incident.to_string()),
            subscriber_id: Set(id.to_string()),
            page_id: Set(self.page_id.to_string()),
            created_at: Set(self.at),
        };
        follower.insert(self.transaction()).await?;
        self.record_subscriber("subscriber.follow", &id, Some(json!({ "incident_id": incident }))).await?;
        Ok(id)
    }

    async fn follows(&self, incident: &Id, subscriber: &str) -> Result<bool> {
        let key = (incident.to_string(), subscriber.to_owned());
        let found = incident_subscribers::Entity::find_by_id(key).one(self.transaction()).await?;
        Ok(found.is_some())
    }

    async fn subscriber_at(&self, channel: Channel, address: &str) -> Result<Option<subscribers::Model>> {
        let found = subscribers::Entity::find()
            .filter(subscribers::Column::PageId.eq(self.page_id.as_str()))
            .filter(subscribers::Column::Channel.eq(channel.as_str()))
            .filter(subscribers::Column::Address.eq(address));
        Ok(found.one(self.transaction()).await?)
    }

    /// Makes a subscriber, or takes in again one that was there. Who is not confirmed is asked.
    async fn admit(
        &mut self,
        held: Option<subscribers::Model>,
        new: &NewSubscriber,
        whole_page: bool,
    ) -> Result<Id> {
        // A webhook has nobody who could be asked.
        let at_once = new.silent || new.channel == Channel::Webhook;
        let stays = held.as_ref().filter(|held| held.unsubscribed_at.is_none());
        let confirmed_at = stays.and_then(|held| held.confirmed_at).or(at_once.then_some(self.at));
        let created_at = stays.map_or(self.at, |held| held.created_at);
        let id = match &held {
            Some(held) => super::convert::id("subscribers", &held.id)?,
            None => Id::random(),
        };
        let row = subscribers::ActiveModel {
            id: Set(id.to_string()),
            page_id: Set(self.page_id.to_string()),
            channel: Set(new.channel.as_str().to_owned()),
            address: Set(new.address.clone()),
            settings: Set(settings(new).or_else(|| stays.and_then(|held| held.settings.clone()))),
            confirmed_at: Set(confirmed_at),
            quarantined_at: Set(None),
            unsubscribed_at: Set(None),
            version: Set(held.as_ref().map_or(1, |held| held.version + 1)),
            created_at: Set(created_at),
            updated_at: Set(self.at),
            whole_page: Set(whole_page),
        };
        match held {
            Some(_) => row.update(self.transaction()).await?,
            None => row.insert(self.transaction()).await?,
        };
        if confirmed_at.is_none() {
            self.confirmations.push(id.clone());
        }
        Ok(id)
    }

    /// Sets which components somebody is told of; all, if none is named.
    pub async fn set_choices(&mut self, id: &Id, expected: Option<i64>, component_ids: &[Id]) -> Result<()> {
        let before = self.view().subscriber(id, None).await?;
        expect(before.version, expected, || format!("subscriber {id}"))?;
        self.choose(id, component_ids).await?;
        self.touch(id, before.version, |_| ()).await?;
        self.note("subscriber.update", &before).await
    }

    async fn choose(&mut self, id: &Id, component_ids: &[Id]) -> Result<()> {
        self.components_of_page(component_ids).await?;
        subscriber_components::Entity::delete_many()
            .filter(subscriber_components::Column::SubscriberId.eq(id.as_str()))
            .exec(self.transaction())
            .await?;
        let rows = component_ids.iter().map(|component| subscriber_components::ActiveModel {
            subscriber_id: Set(id.to_string()),
            component_id: Set(component.to_string()),
            page_id: Set(self.page_id.to_string()),
        });
        let rows: Vec<_> = rows.collect();
        for some in rows.chunks(1_000) {
            let insert = subscriber_components::Entity::insert_many(some.iter().cloned());
            insert.exec_without_returning(self.transaction()).await?;
        }
        Ok(())
    }

    /// Tells somebody nothing any more, of the page and of its incidents.
    pub async fn unsubscribe(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let before = self.view().subscriber(id, None).await?;
        expect(before.version, expected, || format!("subscriber {id}"))?;
        incident_subscribers::Entity::delete_many()
            .filter(incident_subscribers::Column::SubscriberId.eq(id.as_str()))
            .exec(self.transaction())
            .await?;
        let at = self.at;
        self.touch(id, before.version, |row| row.unsubscribed_at = Set(Some(at))).await?;
        self.note("subscriber.delete", &before).await
    }

    /// Tells somebody nothing of an incident any more; nothing at all, if that was all they wanted.
    pub async fn unfollow(&mut self, incident: &Id, id: &Id, expected: Option<i64>) -> Result<()> {
        let before = self.view().subscriber(id, Some(incident)).await?;
        expect(before.version, expected, || format!("subscriber {id}"))?;
        let key = (incident.to_string(), id.to_string());
        incident_subscribers::Entity::delete_by_id(key).exec(self.transaction()).await?;
        let others = incident_subscribers::Entity::find()
            .filter(incident_subscribers::Column::SubscriberId.eq(id.as_str()))
            .count(self.transaction())
            .await?;
        let gone = (others == 0 && !before.whole_page).then_some(self.at);
        self.touch(id, before.version, |row| row.unsubscribed_at = Set(gone)).await?;
        self.record_subscriber("subscriber.unfollow", id, Some(json!({ "incident_id": incident }))).await
    }

    /// Tries again to reach somebody who could not be reached.
    pub async fn reactivate(&mut self, id: &Id) -> Result<()> {
        let before = self.view().subscriber(id, None).await?;
        self.touch(id, before.version, |row| row.quarantined_at = Set(None)).await?;
        self.note("subscriber.reactivate", &before).await
    }

    /// Asks somebody again whether they want to be told.
    pub async fn ask_again(&mut self, subscriber: &Subscriber) -> Result<()> {
        if subscriber.channel != Channel::Email || subscriber.state() != SubscriberState::Unconfirmed {
            let text = "subscriber: only who is told by e-mail and is unconfirmed can be asked again";
            return Err(StoreError::Refused(text.into()));
        }
        self.confirmations.push(subscriber.id.clone());
        self.record_subscriber("subscriber.resend_confirmation", &subscriber.id, None).await
    }

    /// Those that a filter finds, unless they are more than `most`.
    pub async fn subscribers_up_to(&self, filter: &SubscriberFilter, most: u64) -> Result<Vec<Subscriber>> {
        let found = self.view().subscribers(filter, Slice { offset: 0, limit: most + 1 }).await?;
        if found.len() as u64 > most {
            let text = format!("subscribers: allowed are at most {most} at once; name some of them");
            return Err(StoreError::Refused(text));
        }
        Ok(found)
    }

    async fn touch(
        &mut self,
        id: &Id,
        version: i64,
        apply: impl FnOnce(&mut subscribers::ActiveModel),
    ) -> Result<()> {
        let mut row = subscribers::ActiveModel {
            id: Set(id.to_string()),
            version: Set(version + 1),
            updated_at: Set(self.at),
            ..Default::default()
        };
        apply(&mut row);
        row.update(self.transaction()).await?;
        Ok(())
    }

    async fn note(&mut self, action: &str, before: &Subscriber) -> Result<()> {
        let after = self.view().any_subscriber(before.id.as_str()).await?;
        self.audit(action, "subscriber", &before.id, Some(before.audited()), Some(after.audited()));
        Ok(())
    }

    async fn record_subscriber(&mut self, action: &str, id: &Id, more: Option<Json>) -> Result<()> {
        let mut after = self.view().any_subscriber(id.as_str()).await?.audited();
        if let (Some(Json::Object(more)), Some(fields)) = (more, after.as_object_mut()) {
            fields.extend(more);
        }
        self.audit(action, "subscriber", id, None, Some(after));
        Ok(())
    }
}

fn taken(channel: Channel, text: &str) -> StoreError {
    let field = match channel {
        Channel::Email => "subscriber.email",
        Channel::Webhook => "subscriber.endpoint",
    };
    StoreError::Refused(format!("{field}: {text}"))
}

fn settings(new: &NewSubscriber) -> Option<Json> {
    let mut settings = serde_json::Map::new();
    if let Some(contact) = &new.contact {
        settings.insert("email".into(), json!(contact));
    }
    if new.silent {
        settings.insert("skip_confirmation_notification".into(), json!(true));
    }
    (!settings.is_empty()).then_some(Json::Object(settings))
}

//! How many subscribers a change would tell.

use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};

use super::{
    Change, Result, View,
    entity::{
        incident_components, incident_subscribers, incident_updates, subscriber_components, subscribers,
    },
};
use crate::domain::Id;

impl Change {
    /// How many subscribers this change would tell if it were committed, and whom it would ask.
    pub async fn audience(&self) -> Result<u64> {
        let asked = self.confirmations.len() as u64;
        let Some(notice) = self.notice.as_ref().filter(|notice| notice.deliver) else { return Ok(asked) };
        let component = notice.payload.as_ref().and_then(|payload| payload["component_id"].as_str());
        let update = notice.incident_update_id.as_ref();
        Ok(asked + self.view().audience(update, component).await?)
    }
}

impl View<'_> {
    /// How many are told of a message of an incident, or of a component: who is confirmed, not
    /// quarantined, still subscribed, and chose what is affected.
    pub async fn audience(&self, update: Option<&Id>, component: Option<&str>) -> Result<u64> {
        let incident: Option<String> = match update {
            None => None,
            Some(id) => {
                incident_updates::Entity::find()
                    .filter(incident_updates::Column::Id.eq(id.as_str()))
                    .select_only()
                    .column(incident_updates::Column::IncidentId)
                    .into_tuple()
                    .one(self.on)
                    .await?
            }
        };
        let chose = subscriber_components::Entity::find()
            .select_only()
            .column(subscriber_components::Column::SubscriberId)
            .filter(subscriber_components::Column::PageId.eq(self.page.as_str()));
        let affected = match (&incident, component) {
            (Some(incident), _) => chose.clone().filter(
                subscriber_components::Column::ComponentId.in_subquery(
                    incident_components::Entity::find()
                        .select_only()
                        .column(incident_components::Column::ComponentId)
                        .filter(incident_components::Column::IncidentId.eq(incident.as_str()))
                        .into_query(),
                ),
            ),
            (None, Some(id)) => chose.clone().filter(subscriber_components::Column::ComponentId.eq(id)),
            (None, None) => chose.clone(),
        };
        let all_of_it = Condition::all()
            .add(subscribers::Column::WholePage.eq(true))
            .add(subscribers::Column::Id.not_in_subquery(chose.into_query()));
        let mut wanted =
            Condition::any().add(all_of_it).add(subscribers::Column::Id.in_subquery(affected.into_query()));
        if let Some(incident) = incident {
            let followers = incident_subscribers::Entity::find()
                .select_only()
                .column(incident_subscribers::Column::SubscriberId)
                .filter(incident_subscribers::Column::IncidentId.eq(incident));
            wanted = wanted.add(subscribers::Column::Id.in_subquery(followers.into_query()));
        }
        let told = subscribers::Entity::find()
            .filter(subscribers::Column::PageId.eq(self.page.as_str()))
            .filter(subscribers::Column::ConfirmedAt.is_not_null())
            .filter(subscribers::Column::QuarantinedAt.is_null())
            .filter(subscribers::Column::UnsubscribedAt.is_null())
            .filter(wanted);
        Ok(told.count(self.on).await?)
    }
}

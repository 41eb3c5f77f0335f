//! How many subscribers a change would tell.

use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect, QueryTrait};

use super::{
    Change, Result,
    entity::{
        incident_components, incident_subscribers, incident_updates, subscriber_components, subscribers,
    },
};

impl Change {
    /// How many subscribers this change would tell if it were committed: who is confirmed, not
    /// quarantined, still subscribed, and chose what is affected; and whom it would ask.
    pub async fn audience(&self) -> Result<u64> {
        let asked = self.confirmations.len() as u64;
        let Some(notice) = self.notice.as_ref().filter(|notice| notice.deliver) else { return Ok(asked) };
        let component = notice.payload.as_ref().and_then(|payload| payload["component_id"].as_str());
        let incident: Option<String> = match &notice.incident_update_id {
            None => None,
            Some(id) => {
                incident_updates::Entity::find()
                    .filter(incident_updates::Column::Id.eq(id.as_str()))
                    .select_only()
                    .column(incident_updates::Column::IncidentId)
                    .into_tuple()
                    .one(self.transaction())
                    .await?
            }
        };
        let chose = subscriber_components::Entity::find()
            .select_only()
            .column(subscriber_components::Column::SubscriberId)
            .filter(subscriber_components::Column::PageId.eq(self.page_id.as_str()));
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
            .filter(subscribers::Column::PageId.eq(self.page_id.as_str()))
            .filter(subscribers::Column::ConfirmedAt.is_not_null())
            .filter(subscribers::Column::QuarantinedAt.is_null())
            .filter(subscribers::Column::UnsubscribedAt.is_null())
            .filter(wanted);
        Ok(asked + told.count(self.transaction()).await?)
    }
}

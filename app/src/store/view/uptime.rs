//! What uptime is worked out from: statuses over time, and what touched components.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use super::View;
use crate::{
    domain::{Id, incident::Kind, uptime::StatusPeriod},
    store::{
        Result, Span, StoreError, convert,
        entity::{incident_components, incidents, periods},
        state::visible,
    },
};

/// The most changes of statuses that one question is answered from.
const MOST_PERIODS: u64 = 100_000;
/// The most incidents that are named; the newest are.
const MOST_RELATED: u64 = 1_000;

impl View<'_> {
    /// Since when something is known of components.
    pub async fn known_since(&self, components: &[Id]) -> Result<HashMap<Id, DateTime<Utc>>> {
        let rows: Vec<(String, DateTime<Utc>)> = periods::Entity::find()
            .select_only()
            .column(periods::Column::ComponentId)
            .column_as(periods::Column::FromAt.min(), "since")
            .filter(periods::Column::PageId.eq(self.page.as_str()))
            .filter(periods::Column::ComponentId.is_in(components.iter().map(Id::as_str)))
            .group_by(periods::Column::ComponentId)
            .into_tuple()
            .all(self.on)
            .await?;
        Ok(rows.into_iter().filter_map(|(id, since)| Some((id.parse().ok()?, since))).collect())
    }

    /// The statuses of components within a time, oldest first.
    pub async fn periods(
        &self,
        components: &[Id],
        (from, until): Span,
    ) -> Result<HashMap<Id, Vec<StatusPeriod>>> {
        let lasting =
            Condition::any().add(periods::Column::UntilAt.is_null()).add(periods::Column::UntilAt.gte(from));
        let rows = periods::Entity::find()
            .filter(periods::Column::PageId.eq(self.page.as_str()))
            .filter(periods::Column::ComponentId.is_in(components.iter().map(Id::as_str)))
            .filter(periods::Column::FromAt.lt(until))
            .filter(lasting)
            .order_by_asc(periods::Column::FromAt)
            .order_by_asc(periods::Column::Id)
            .limit(MOST_PERIODS + 1)
            .all(self.on)
            .await?;
        if rows.len() as u64 > MOST_PERIODS {
            let text = format!("start: more than {MOST_PERIODS} statuses lie in this range; ask for less");
            return Err(StoreError::Refused(text));
        }
        let mut found: HashMap<Id, Vec<StatusPeriod>> = HashMap::new();
        for row in rows {
            let component = convert::id("components", &row.component_id)?;
            found.entry(component).or_default().push(convert::period(&row)?);
        }
        Ok(found)
    }

    /// The incidents that touched components within a time, by component and newest first.
    pub async fn related(&self, components: &[Id], (from, until): Span) -> Result<HashMap<Id, Vec<Id>>> {
        let named = || incident_components::Column::ComponentId.is_in(components.iter().map(Id::as_str));
        let attached = incident_components::Entity::find()
            .select_only()
            .column(incident_components::Column::IncidentId)
            .filter(named());
        let lasting = Condition::any()
            .add(incidents::Column::ResolvedAt.is_null())
            .add(incidents::Column::ResolvedAt.gte(from));
        let newest: Vec<String> = visible(self.page)
            .select_only()
            .column(incidents::Column::Id)
            .filter(incidents::Column::Kind.eq(Kind::Incident.as_str()))
            .filter(incidents::Column::StartedAt.lt(until))
            .filter(lasting)
            .filter(incidents::Column::Id.in_subquery(attached.into_query()))
            .order_by_desc(incidents::Column::StartedAt)
            .order_by_desc(incidents::Column::Number)
            .limit(MOST_RELATED)
            .into_tuple()
            .all(self.on)
            .await?;
        let pairs: Vec<(String, String)> = incident_components::Entity::find()
            .select_only()
            .columns([incident_components::Column::IncidentId, incident_components::Column::ComponentId])
            .filter(incident_components::Column::IncidentId.is_in(newest.iter().map(String::as_str)))
            .filter(named())
            .into_tuple()
            .all(self.on)
            .await?;
        let place: HashMap<&str, usize> = newest.iter().map(String::as_str).zip(0..).collect();
        let mut pairs: Vec<(usize, Id, Id)> = pairs
            .iter()
            .filter_map(|(incident, component)| {
                Some((*place.get(incident.as_str())?, component.parse().ok()?, incident.parse().ok()?))
            })
            .collect();
        pairs.sort();
        let mut found: HashMap<Id, Vec<Id>> = HashMap::new();
        for (_, component, incident) in pairs {
            found.entry(component).or_default().push(incident);
        }
        Ok(found)
    }
}

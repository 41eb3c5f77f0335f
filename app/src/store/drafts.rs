//! Drafts of incidents: written on, posted, or shown by the clock.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{Set, Unchanged},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::json;

use super::{
    Change, Include, NewIncident, NewUpdate, Options, Result, Store, StoreError,
    component_changes::expect,
    entity::{incident_components, incident_updates, incidents},
};
use crate::domain::{
    Id,
    incident::{Kind, Progress},
    planned::Planned,
};

impl Store {
    /// The drafts of incidents that the clock shows now, with their pages.
    pub async fn due_drafts(&self) -> Result<Vec<(Id, Id)>> {
        let due = incidents::Entity::find()
            .filter(incidents::Column::PublishAt.lte(self.now()))
            .filter(incidents::Column::Draft.eq(true))
            .filter(incidents::Column::DeletedAt.is_null())
            .filter(incidents::Column::Kind.eq(Kind::Incident.as_str()))
            .order_by_asc(incidents::Column::PublishAt);
        self.due(due).await
    }
}

impl Change {
    /// Puts what is said now in the place of a draft, which keeps its id: as a draft again, or for all
    /// to see.
    pub async fn rewrite_draft(
        &mut self,
        id: &Id,
        expected: Option<i64>,
        mut new: NewIncident,
        options: Options,
    ) -> Result<()> {
        let row = self.incident_of_page(id).await?;
        expect(row.version, expected, || format!("incident {id}"))?;
        if !row.draft {
            // Somebody else posted it, or the clock did.
            return Err(StoreError::Stale { what: format!("incident {id}"), version: row.version });
        }
        self.check_new(&mut new, &options)?;
        self.check_publication(options.publish_at)?;
        let action = if options.draft { "incident.update" } else { "incident.publish" };
        let before = json!({ "name": row.name, "draft": true, "publish_at": row.publish_at });
        let after = json!({ "name": new.name, "draft": options.draft, "publish_at": options.publish_at });
        self.audit(action, "incident", id, Some(before), Some(after));
        // Nobody but operators has seen what it said.
        let updates = incident_updates::Entity::delete_many()
            .filter(incident_updates::Column::IncidentId.eq(id.as_str()));
        updates.exec(self.transaction()).await?;
        let attached = incident_components::Entity::delete_many()
            .filter(incident_components::Column::IncidentId.eq(id.as_str()));
        attached.exec(self.transaction()).await?;
        let begun = Progress::begin(new.first.status, new.impact_override);
        let mut fresh = self.new_incident_row(id, &new, begun);
        options.apply(&mut fresh);
        fresh.number = Unchanged(row.number);
        fresh.version = Set(row.version + 1);
        let row = fresh.update(self.transaction()).await?;
        self.remind(id, row.next_update_at).await?;
        self.tell(row, begun, new.first).await?;
        Ok(())
    }

    /// Refuses to show something at an instant that is past.
    pub(super) fn check_publication(&self, at: Option<DateTime<Utc>>) -> Result<()> {
        if at.is_none_or(|at| at > self.at) {
            return Ok(());
        }
        Err(StoreError::Refused("publish_at: allowed is an instant to come".into()))
    }

    /// Shows a draft as it was planned, if its time has come; one that somebody posted, put off or
    /// deleted meanwhile stays as it is.
    pub async fn publish_due(&mut self, id: &Id) -> Result<bool> {
        let record = match self.view().incident(id, Include::default()).await {
            Err(StoreError::NotFound(_)) => return Ok(false),
            record => record?,
        };
        let due = record.publish_at.is_some_and(|at| at <= self.at);
        let Some(told) = record.incident.updates.first().filter(|_| record.draft && due) else {
            return Ok(false);
        };
        let planned = Planned::of(record.metadata.as_ref());
        let ids: Vec<Id> = planned.statuses.keys().cloned().collect();
        // What was deleted meanwhile is left out.
        let there: Vec<String> = self.components_among(&ids).await?.into_iter().map(|row| row.id).collect();
        let statuses =
            planned.statuses.iter().filter(|(id, _)| there.iter().any(|there| there == id.as_str()));
        let first = NewUpdate {
            components: statuses.map(|(id, status)| (id.clone(), Some(*status))).collect(),
            deliver_notifications: planned.notify,
            ..NewUpdate::new(told.status, &told.body)
        };
        let new = NewIncident {
            name: record.incident.name.clone(),
            impact_override: record.impact_override,
            schedule: None,
            first,
        };
        let options = Options { next_update_at: planned.promised(self.at), ..Options::default() };
        self.rewrite_draft(id, Some(record.version), new, options).await?;
        Ok(true)
    }
}

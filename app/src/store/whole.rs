//! A page with all its past: read whole and written piece by piece, for what comes from elsewhere.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};

use super::{
    Change, Result, convert, dialect,
    entity::{components, groups, incident_components, incident_updates, incidents},
    state::{Shown, complete, load_components, load_groups},
};
use crate::domain::{
    Id,
    incident::Kind,
    state::{Component, Group, Incident, Page},
};

/// A page and everything on it that visitors see, as far back as it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    pub page: Page,
    pub groups: Vec<Group>,
    pub components: Vec<Component>,
    /// Incidents and maintenances, oldest first.
    pub incidents: Vec<Incident>,
}

impl Change {
    /// The page as it is before this change.
    pub async fn whole(&self) -> Result<Whole> {
        let components = load_components(self.transaction(), &self.page_id, DateTime::UNIX_EPOCH).await?;
        let rows = incidents::Entity::find()
            .filter(incidents::Column::PageId.eq(self.page_id.as_str()))
            .order_by_asc(incidents::Column::CreatedAt)
            .order_by_asc(incidents::Column::Number)
            .all(self.transaction())
            .await?;
        Ok(Whole {
            page: convert::page(self.page.clone(), "")?,
            groups: load_groups(self.transaction(), &self.page_id).await?,
            incidents: complete(self.transaction(), rows, &Shown::all(&components)).await?,
            components,
        })
    }

    /// Writes a group as it is given, over the one with the same id.
    pub async fn put_group(&mut self, group: &Group) -> Result<()> {
        use groups::Column::{DeletedAt, Description, Name, ParentId, Position, UpdatedAt};
        let mut same = OnConflict::column(groups::Column::Id);
        same.update_columns([ParentId, Name, Description, Position, UpdatedAt, DeletedAt]);
        let row = self.group_row(group);
        groups::Entity::insert(row).on_conflict(same).exec_without_returning(self.transaction()).await?;
        self.history = true;
        self.audit("component_group.import", "component_group", &group.id, None, None);
        Ok(())
    }

    /// Writes a component and its past as they are given, over the one with the same id.
    pub async fn put_component(&mut self, component: &Component) -> Result<()> {
        use components::Column::{
            Description, GroupId, Link, Name, OnlyShowIfDegraded, Position, Showcase, StartDate, Status,
            UpdatedAt,
        };
        let mut same = OnConflict::column(components::Column::Id);
        same.update_columns([
            GroupId,
            Name,
            Description,
            Link,
            Status,
            Position,
            Showcase,
            OnlyShowIfDegraded,
        ]);
        same.update_columns([StartDate, UpdatedAt]);
        if let Some(group) = &component.group_id {
            self.stand_in_for_group(group, component).await?;
        }
        let row = self.component_row(component);
        components::Entity::insert(row).on_conflict(same).exec_without_returning(self.transaction()).await?;
        self.put_periods(&component.id, &component.periods).await?;
        self.history = true;
        self.audit("component.import", "component", &component.id, None, None);
        Ok(())
    }

    /// A group that a component names and nobody told of is there to be named and is not shown,
    /// until somebody tells of it.
    async fn stand_in_for_group(&self, id: &Id, component: &Component) -> Result<()> {
        let mut row = self.group_row(&Group {
            id: id.clone(),
            parent_id: None,
            name: id.to_string(),
            description: None,
            position: component.position,
            created_at: component.created_at,
            updated_at: component.created_at,
        });
        row.deleted_at = Set(Some(self.at));
        let kept = OnConflict::column(groups::Column::Id).do_nothing().to_owned();
        groups::Entity::insert(row).on_conflict(kept).exec_without_returning(self.transaction()).await?;
        Ok(())
    }

    /// Writes an incident with all its updates as they are given, over the one with the same id.
    /// Nobody is told, and the clock will not move it. What that one says beyond an incident stays:
    /// a postmortem that is not published yet, and what others noted in it.
    pub async fn put_incident(&mut self, incident: &Incident) -> Result<()> {
        let before = incidents::Entity::find()
            .filter(incidents::Column::Id.eq(incident.id.as_str()))
            .filter(incidents::Column::PageId.eq(self.page_id.as_str()))
            .one(self.transaction())
            .await?;
        self.remove_incident(&incident.id).await?;
        let mut row = self.incident_row(incident);
        if let Some(before) = before {
            row.metadata = Set(before.metadata);
            row.version = Set(before.version + 1);
            if incident.postmortem.is_none() {
                row.postmortem_body = Set(before.postmortem_body);
                row.postmortem_published_at = Set(before.postmortem_published_at);
            }
        }
        row.insert(self.transaction()).await?;
        for component in &incident.component_ids {
            self.attachment_row(incident.id.as_str(), component).insert(self.transaction()).await?;
        }
        let rows: Vec<_> = incident
            .updates
            .iter()
            .rev()
            .map(|update| self.update_row(incident.id.as_str(), update))
            .collect();
        for some in rows.chunks(500) {
            incident_updates::Entity::insert_many(some.iter().cloned()).exec(self.transaction()).await?;
        }
        self.history = true;
        self.audit("incident.import", "incident", &incident.id, None, None);
        Ok(())
    }

    /// Updates and attachments go with it.
    async fn remove_incident(&self, id: &Id) -> Result<()> {
        incident_updates::Entity::delete_many()
            .filter(incident_updates::Column::IncidentId.eq(id.as_str()))
            .exec(self.transaction())
            .await?;
        incident_components::Entity::delete_many()
            .filter(incident_components::Column::IncidentId.eq(id.as_str()))
            .exec(self.transaction())
            .await?;
        incidents::Entity::delete_many()
            .filter(incidents::Column::Id.eq(id.as_str()))
            .filter(incidents::Column::PageId.eq(self.page_id.as_str()))
            .exec(self.transaction())
            .await?;
        Ok(())
    }

    fn incident_row(&self, incident: &Incident) -> incidents::ActiveModel {
        incidents::ActiveModel {
            // A number that it had stays its own, so that feeds name it as before.
            number: if incident.number > 0 { Set(incident.number) } else { NotSet },
            id: Set(incident.id.to_string()),
            page_id: Set(self.page_id.to_string()),
            kind: Set(incident.kind.as_str().to_owned()),
            name: Set(incident.name.clone()),
            status: Set(incident.status.as_str().to_owned()),
            impact: Set(incident.impact.as_str().to_owned()),
            // What was recorded stands, whatever the components say later.
            impact_override: Set(
                (incident.kind == Kind::Incident).then(|| incident.impact.as_str().to_owned())
            ),
            shortlink: Set(incident.shortlink.clone()),
            backfilled: Set(false),
            visibility: Set("public".to_owned()),
            draft: Set(false),
            reminder_intervals: Set(incident.reminder_intervals.clone()),
            started_at: Set(incident.started_at),
            monitoring_at: Set(incident.monitoring_at),
            resolved_at: Set(incident.resolved_at),
            next_update_at: Set(incident.next_update_at),
            scheduled_for: Set(incident.scheduled_for),
            scheduled_until: Set(incident.scheduled_until),
            scheduled_auto_in_progress: Set(false),
            scheduled_auto_completed: Set(false),
            auto_transition_to_maintenance_state: Set(false),
            auto_transition_to_operational_state: Set(false),
            postmortem_body: Set(incident.postmortem.as_ref().map(|postmortem| postmortem.body.clone())),
            postmortem_published_at: Set(incident
                .postmortem
                .as_ref()
                .map(|postmortem| postmortem.published_at)),
            version: Set(1),
            created_at: Set(incident.created_at),
            updated_at: Set(incident.updated_at),
            ..Default::default()
        }
    }
}

impl Change {
    /// What the page says of its last change, where that is known from elsewhere.
    pub fn keep_updated_at(&mut self, at: DateTime<Utc>) {
        self.updated_at = Some(at);
    }

    /// Those of the incidents' numbers that another incident of the installation has.
    pub async fn numbers_taken(&self, incidents: &[Incident]) -> Result<HashSet<i64>> {
        let owners: HashMap<i64, &str> = incidents.iter().map(|i| (i.number, i.id.as_str())).collect();
        let numbers: Vec<i64> = owners.keys().copied().filter(|number| *number > 0).collect();
        let mut taken = HashSet::new();
        for some in numbers.chunks(1_000) {
            let query =
                incidents::Entity::find().filter(incidents::Column::Number.is_in(some.iter().copied()));
            let rows = query.all(self.transaction()).await?;
            let others = rows.iter().filter(|row| owners.get(&row.number) != Some(&row.id.as_str()));
            taken.extend(others.map(|row| row.number));
        }
        Ok(taken)
    }

    /// Numbers that are given from now on come after those that were brought along.
    pub async fn number_on_from_here(&self) -> Result<()> {
        Ok(dialect::number_on(self.transaction()).await?)
    }

    /// Names the first of these objects whose id another page has.
    pub async fn held_elsewhere(&self, whole: &Whole) -> Result<Option<String>> {
        use {components::Column as C, groups::Column as G, incidents::Column as I};
        let named = whole.components.iter().filter_map(|component| component.group_id.as_ref());
        let groups: Vec<&Id> = whole.groups.iter().map(|group| &group.id).chain(named).collect();
        if let Some(id) = self.held::<groups::Entity>(G::Id, G::PageId, groups).await? {
            return Ok(Some(format!("component group {id}")));
        }
        let components = whole.components.iter().map(|component| &component.id).collect();
        if let Some(id) = self.held::<components::Entity>(C::Id, C::PageId, components).await? {
            return Ok(Some(format!("component {id}")));
        }
        let incidents = whole.incidents.iter().map(|incident| &incident.id).collect();
        let held = self.held::<incidents::Entity>(I::Id, I::PageId, incidents).await?;
        Ok(held.map(|id| format!("incident {id}")))
    }

    /// The first of these ids that stands on another page.
    async fn held<E: EntityTrait>(
        &self,
        id: E::Column,
        page_id: E::Column,
        ids: Vec<&Id>,
    ) -> Result<Option<String>> {
        for some in ids.chunks(1_000) {
            let elsewhere = E::find().select_only().column(id).filter(page_id.ne(self.page_id.as_str()));
            let among = elsewhere.filter(id.is_in(some.iter().map(|id| id.as_str())));
            if let Some(held) = among.into_tuple().one(self.transaction()).await? {
                return Ok(Some(held));
            }
        }
        Ok(None)
    }
}

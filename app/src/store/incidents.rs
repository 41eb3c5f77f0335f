//! Incidents and maintenances: opening them, and telling of them.

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    prelude::Json,
};
use serde_json::json;

use super::{
    Change, Result, StoreError,
    change::Notice,
    convert,
    entity::{components, incident_components, incident_updates, incidents},
    incident_changes::check_override,
};
use crate::domain::{
    Id,
    incident::{AffectedComponent, Impact, IncidentStatus, Kind, Progress, affected_name},
    record::Automation,
    state::{Incident, IncidentUpdate},
    status::ComponentStatus,
};

/// When a maintenance is planned, and what the clock does about it.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub begins: DateTime<Utc>,
    pub ends: DateTime<Utc>,
    /// Begins and ends by the clock.
    pub automatic: bool,
}

/// An incident or a maintenance to be opened.
#[derive(Clone, Debug)]
pub struct NewIncident {
    pub name: String,
    pub impact_override: Option<Impact>,
    pub schedule: Option<Schedule>,
    pub first: NewUpdate,
}

/// A message to be posted.
#[derive(Clone, Debug)]
pub struct NewUpdate {
    pub status: IncidentStatus,
    pub body: String,
    /// The components it attaches, with the status that they are moved to, if any.
    pub components: Vec<(Id, Option<ComponentStatus>)>,
    /// When it is shown to have been said; now, if nothing else is.
    pub display_at: Option<DateTime<Utc>>,
    pub deliver_notifications: bool,
}

/// What else may be said of an incident that is opened.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// It is told of afterwards: it was over then, nobody is notified and no status moves.
    pub backfilled_at: Option<DateTime<Utc>>,
    /// Nobody but operators sees it yet; nobody is notified and no status moves.
    pub draft: bool,
    /// When the clock shows a draft.
    pub publish_at: Option<DateTime<Utc>>,
    /// What the clock does; else what the schedule says.
    pub automation: Option<Automation>,
    pub metadata: Option<Json>,
    pub reminder_intervals: Option<String>,
    pub next_update_at: Option<DateTime<Utc>>,
}

impl NewUpdate {
    /// A message that everybody is told of.
    pub fn new(status: IncidentStatus, body: &str) -> Self {
        Self {
            status,
            body: body.to_owned(),
            components: vec![],
            display_at: None,
            deliver_notifications: true,
        }
    }

    pub fn with(mut self, component: &Id, status: ComponentStatus) -> Self {
        self.components.push((component.clone(), Some(status)));
        self
    }
}

impl Change {
    /// Opens an incident with its first update.
    pub async fn open_incident(&mut self, new: NewIncident) -> Result<Id> {
        self.open_incident_with(new, Options::default()).await
    }

    /// Opens an incident of which more is said.
    pub async fn open_incident_with(&mut self, mut new: NewIncident, options: Options) -> Result<Id> {
        self.check_new(&mut new, &options)?;
        let begun = Progress::begin(new.first.status, new.impact_override);
        let id = Id::random();
        let mut row = self.new_incident_row(&id, &new, begun);
        options.apply(&mut row);
        let row = row.insert(self.transaction()).await?;
        self.audit("incident.create", "incident", &id, None, Some(json!({ "name": new.name })));
        self.remind(&id, row.next_update_at).await?;
        self.tell(row, begun, new.first).await?;
        Ok(id)
    }

    /// Refuses what no incident may begin with.
    pub(super) fn check_new(&self, new: &mut NewIncident, options: &Options) -> Result<()> {
        if let Some(at) = options.backfilled_at {
            self.check_told("incident.backfill_date", at)?;
            new.first.display_at = Some(at);
        }
        if let Some(at) = options.next_update_at {
            self.check_promise(at)?;
        }
        let kind = new.first.status.kind();
        if (kind == Kind::Maintenance) != new.schedule.is_some() {
            let text = "scheduled_for, scheduled_until: a maintenance has both, an incident neither";
            return Err(StoreError::Refused(text.into()));
        }
        check_override(kind, new.impact_override)
    }

    /// Posts an update of an incident.
    pub async fn post_update(&mut self, incident: &Id, update: NewUpdate) -> Result<Id> {
        let row = self.incident_of_page(incident).await?;
        let progress = progress_of(&row)?;
        self.tell(row, progress, update).await
    }

    /// An incident of this page that was not deleted.
    pub(super) async fn incident_of_page(&self, id: &Id) -> Result<incidents::Model> {
        let found = incidents::Entity::find()
            .filter(incidents::Column::Id.eq(id.as_str()))
            .filter(incidents::Column::PageId.eq(self.page_id.as_str()))
            .filter(incidents::Column::DeletedAt.is_null())
            .one(self.transaction())
            .await?;
        found.ok_or_else(|| StoreError::NotFound(format!("incident {id}")))
    }

    /// What opening and updating share: statuses move, the incident moves on, the message is kept
    /// and subscribers are to be told.
    pub(super) async fn tell(
        &mut self,
        row: incidents::Model,
        progress: Progress,
        update: NewUpdate,
    ) -> Result<Id> {
        let display_at = update.display_at.unwrap_or(self.at);
        // What happened long ago, and what nobody sees yet, moves nothing and tells nobody.
        let silent = row.backfilled || row.draft;
        if silent && update.components.iter().any(|(_, status)| status.is_some()) {
            let text = "components: a backfilled incident and a draft take no component status; name them in component_ids";
            return Err(StoreError::Refused(text.into()));
        }
        let deliver = update.deliver_notifications && !silent;
        self.attach(&row.id, &update.components).await?;
        let moved = if silent { vec![] } else { self.moved(&row, &update).await? };
        let affected = self.affect(&row.id, &moved).await?;
        let after = progress
            .update(update.status, display_at, affected.iter().map(|component| component.new_status))
            .map_err(|wrong| StoreError::Refused(wrong.to_string()))?;
        let message = IncidentUpdate {
            id: Id::random(),
            status: update.status,
            body: update.body,
            created_at: self.at,
            updated_at: self.at,
            display_at,
            affected_components: affected,
            deliver_notifications: deliver,
            custom_tweet: None,
            tweet_id: None,
        };
        self.update_row(&row.id, &message).insert(self.transaction()).await?;
        self.advance(row, after).await?;
        self.history = true;
        self.audit("incident.update", "incident_update", &message.id, None, Some(json!(message)));
        self.notify(Notice {
            event: "incident_update",
            incident_update_id: Some(message.id.clone()),
            payload: None,
            deliver,
        });
        Ok(message.id)
    }

    /// Which components an update moves: those that it says, and those of a maintenance that is to
    /// move them when it begins and when it ends. What is worse than maintenance then stays so.
    async fn moved(
        &self,
        row: &incidents::Model,
        update: &NewUpdate,
    ) -> Result<Vec<(Id, Option<ComponentStatus>)>> {
        let begins = row.auto_transition_to_maintenance_state && update.status == IncidentStatus::InProgress;
        let ends = row.auto_transition_to_operational_state && update.status == IncidentStatus::Completed;
        let (from, to) = match (begins, ends) {
            (true, _) => (ComponentStatus::Operational, ComponentStatus::UnderMaintenance),
            (_, true) => (ComponentStatus::UnderMaintenance, ComponentStatus::Operational),
            _ => return Ok(update.components.clone()),
        };
        let mut moved: Vec<_> =
            update.components.iter().filter(|(_, status)| status.is_some()).cloned().collect();
        for component in self.view().components_among(&self.attached(&row.id).await?).await? {
            let component = component.component;
            if component.status == from && !moved.iter().any(|(id, _)| *id == component.id) {
                moved.push((component.id, Some(to)));
            }
        }
        Ok(moved)
    }

    /// Attaches components that were not attached yet; they must be there.
    pub(super) async fn attach(
        &self,
        incident: &str,
        components: &[(Id, Option<ComponentStatus>)],
    ) -> Result<()> {
        let attached = self.attached(incident).await?;
        let new = components.iter().filter(|(id, _)| !attached.contains(id)).map(|(id, _)| id.clone());
        let new: Vec<Id> = new.collect();
        self.components_of_page(&new).await?;
        let rows: Vec<_> = new.iter().map(|id| self.attachment_row(incident, id)).collect();
        if !rows.is_empty() {
            incident_components::Entity::insert_many(rows).exec(self.transaction()).await?;
        }
        Ok(())
    }

    pub(super) async fn attached(&self, incident: &str) -> Result<Vec<Id>> {
        let ids: Vec<String> = incident_components::Entity::find()
            .select_only()
            .column(incident_components::Column::ComponentId)
            .filter(incident_components::Column::IncidentId.eq(incident))
            .into_tuple()
            .all(self.transaction())
            .await?;
        Ok(ids.into_iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// Moves the named components and lists all that are attached, moved or not.
    pub(super) async fn affect(
        &self,
        incident: &str,
        moved: &[(Id, Option<ComponentStatus>)],
    ) -> Result<Vec<AffectedComponent>> {
        let named: Vec<Id> = moved.iter().map(|(id, _)| id.clone()).collect();
        self.components_of_page(&named).await?;
        let mut affected = vec![];
        // What was deleted meanwhile is not affected any more.
        for row in self.components_among(&self.attached(incident).await?).await? {
            let target = moved.iter().find(|(id, _)| id.as_str() == row.id).and_then(|(_, status)| *status);
            let name = affected_name(self.group_name(&row).await?.as_deref(), &row.name);
            affected.push(self.affect_one(row, target, name).await?);
        }
        Ok(affected)
    }

    async fn affect_one(
        &self,
        row: components::Model,
        target: Option<ComponentStatus>,
        name: String,
    ) -> Result<AffectedComponent> {
        let code = row.id.parse().map_err(|_| StoreError::NotFound(format!("component {}", row.id)))?;
        let old_status = convert::status(&row)?;
        let new_status = target.unwrap_or(old_status);
        self.move_to(row, new_status).await?;
        Ok(AffectedComponent { code, name, old_status, new_status })
    }

    pub(super) async fn advance(&self, row: incidents::Model, progress: Progress) -> Result<()> {
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.status = Set(progress.status.as_str().to_owned());
        row.impact = Set(progress.impact.as_str().to_owned());
        row.monitoring_at = Set(progress.monitoring_at);
        row.resolved_at = Set(progress.resolved_at);
        row.updated_at = Set(self.at);
        row.version = Set(version);
        row.update(self.transaction()).await?;
        Ok(())
    }

    pub(super) fn new_incident_row(
        &self,
        id: &Id,
        new: &NewIncident,
        begun: Progress,
    ) -> incidents::ActiveModel {
        let automatic = new.schedule.as_ref().is_some_and(|schedule| schedule.automatic);
        incidents::ActiveModel {
            number: NotSet,
            id: Set(id.to_string()),
            page_id: Set(self.page_id.to_string()),
            kind: Set(begun.kind.as_str().to_owned()),
            name: Set(new.name.clone()),
            status: Set(begun.status.as_str().to_owned()),
            impact: Set(begun.impact.as_str().to_owned()),
            impact_override: Set(begun.impact_override.map(|impact| impact.as_str().to_owned())),
            backfilled: Set(false),
            visibility: Set("public".to_owned()),
            draft: Set(false),
            started_at: Set(new.first.display_at.unwrap_or(self.at)),
            scheduled_for: Set(new.schedule.as_ref().map(|schedule| schedule.begins)),
            scheduled_until: Set(new.schedule.as_ref().map(|schedule| schedule.ends)),
            scheduled_auto_in_progress: Set(automatic),
            scheduled_auto_completed: Set(automatic),
            auto_transition_to_maintenance_state: Set(automatic),
            auto_transition_to_operational_state: Set(automatic),
            version: Set(1),
            created_at: Set(self.at),
            updated_at: Set(self.at),
            ..Default::default()
        }
    }

    pub(super) fn attachment_row(&self, incident: &str, component: &Id) -> incident_components::ActiveModel {
        incident_components::ActiveModel {
            incident_id: Set(incident.to_owned()),
            component_id: Set(component.to_string()),
            page_id: Set(self.page_id.to_string()),
        }
    }

    pub(super) fn update_row(
        &self,
        incident: &str,
        update: &IncidentUpdate,
    ) -> incident_updates::ActiveModel {
        let affected = &update.affected_components;
        incident_updates::ActiveModel {
            number: NotSet,
            id: Set(update.id.to_string()),
            page_id: Set(self.page_id.to_string()),
            incident_id: Set(incident.to_owned()),
            status: Set(update.status.as_str().to_owned()),
            body: Set(update.body.clone()),
            affected_components: Set((!affected.is_empty()).then(|| json!(affected))),
            deliver_notifications: Set(update.deliver_notifications),
            custom_tweet: Set(update.custom_tweet.clone()),
            tweet_id: Set(update.tweet_id.clone()),
            display_at: Set(update.display_at),
            version: Set(1),
            created_at: Set(update.created_at),
            updated_at: Set(update.updated_at),
        }
    }
}

impl Options {
    pub(super) fn apply(self, row: &mut incidents::ActiveModel) {
        row.backfilled = Set(self.backfilled_at.is_some());
        row.draft = Set(self.draft);
        row.publish_at = Set(self.publish_at.filter(|_| self.draft));
        row.metadata = Set(self.metadata);
        row.reminder_intervals = Set(self.reminder_intervals);
        row.next_update_at = Set(self.next_update_at);
        if let Some(at) = self.backfilled_at {
            row.created_at = Set(at);
        }
        if let Some(automation) = self.automation {
            automate(row, automation);
        }
    }
}

/// Sets what the clock does about a maintenance.
pub(super) fn automate(row: &mut incidents::ActiveModel, automation: Automation) {
    row.scheduled_auto_in_progress = Set(automation.scheduled_auto_in_progress);
    row.scheduled_auto_completed = Set(automation.scheduled_auto_completed);
    row.auto_transition_to_maintenance_state = Set(automation.auto_transition_to_maintenance_state);
    row.auto_transition_to_operational_state = Set(automation.auto_transition_to_operational_state);
    row.auto_transition_deliver_notifications_at_start =
        Set(automation.auto_transition_deliver_notifications_at_start);
    row.auto_transition_deliver_notifications_at_end =
        Set(automation.auto_transition_deliver_notifications_at_end);
    row.scheduled_remind_prior = Set(automation.scheduled_remind_prior);
}

pub(super) fn progress_of(row: &incidents::Model) -> Result<Progress> {
    let incident = convert::incident(row.clone(), vec![], vec![])?;
    Ok(Progress { impact_override: convert::impact_override(row)?, ..progress(&incident) })
}

fn progress(incident: &Incident) -> Progress {
    Progress {
        kind: incident.kind,
        status: incident.status,
        impact: incident.impact,
        impact_override: None,
        monitoring_at: incident.monitoring_at,
        resolved_at: incident.resolved_at,
    }
}

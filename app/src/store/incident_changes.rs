//! Changing and deleting incidents, and correcting what was said of them.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Select, prelude::Json,
};
use serde_json::json;

use super::{
    Change, Result, Store, StoreError,
    change::Notice,
    component_changes::expect,
    entity::{incident_components, incident_updates, incidents},
    incidents::{NewUpdate, automate, progress_of},
    view::Include,
};
use crate::domain::{
    Id,
    incident::{Impact, IncidentStatus, Kind},
    record::{Automation, IncidentRecord},
    status::ComponentStatus,
};

/// The most incidents and maintenances that the clock moves in one go.
const MOST_DUE: u64 = 100;
/// How far the clock of whoever tells of something may be ahead.
const SKEW: TimeDelta = TimeDelta::minutes(5);

/// What is to be changed of an incident; nothing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct IncidentChanges {
    pub name: Option<String>,
    pub impact_override: Option<Option<Impact>>,
    pub metadata: Option<Option<Json>>,
    pub reminder_intervals: Option<Option<String>>,
    pub next_update_at: Option<Option<DateTime<Utc>>>,
    pub scheduled_for: Option<DateTime<Utc>>,
    pub scheduled_until: Option<DateTime<Utc>>,
    /// All that the clock does from now on.
    pub automation: Option<Automation>,
    /// False shows a draft to visitors.
    pub draft: Option<bool>,
    /// The components that are attached and moved, without an update.
    pub components: Vec<(Id, Option<ComponentStatus>)>,
    /// The components that it is not about any more; they keep their status.
    pub detached: Vec<Id>,
    /// A message to be posted.
    pub update: Option<NewUpdate>,
}

/// What is to be corrected in a message; nothing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct UpdateChanges {
    pub body: Option<String>,
    pub display_at: Option<DateTime<Utc>>,
}

impl Store {
    /// The maintenances that the clock moves now, with their pages.
    pub async fn due_maintenances(&self) -> Result<Vec<(Id, Id)>> {
        let now = self.now();
        let begins = Condition::all()
            .add(incidents::Column::Status.eq("scheduled"))
            .add(incidents::Column::ScheduledAutoInProgress.eq(true))
            .add(incidents::Column::ScheduledFor.lte(now));
        let ends = Condition::all()
            .add(incidents::Column::Status.is_in(["in_progress", "verifying"]))
            .add(incidents::Column::ScheduledAutoCompleted.eq(true))
            .add(incidents::Column::ScheduledUntil.lte(now));
        let due = incidents::Entity::find()
            .filter(incidents::Column::DeletedAt.is_null())
            .filter(incidents::Column::Draft.eq(false))
            .filter(Condition::any().add(begins).add(ends))
            .order_by_asc(incidents::Column::ScheduledFor);
        self.due(due).await
    }

    /// The first of some incidents, with their pages.
    pub(super) async fn due(&self, incidents: Select<incidents::Entity>) -> Result<Vec<(Id, Id)>> {
        let due: Vec<(String, String)> = incidents
            .limit(MOST_DUE)
            .select_only()
            .columns([incidents::Column::PageId, incidents::Column::Id])
            .into_tuple()
            .all(&self.reader)
            .await?;
        Ok(due.into_iter().filter_map(|(page, id)| page.parse().ok().zip(id.parse().ok())).collect())
    }
}

impl Change {
    /// Changes an incident, and posts an update where there is one.
    pub async fn update_incident(
        &mut self,
        id: &Id,
        expected: Option<i64>,
        mut changes: IncidentChanges,
    ) -> Result<()> {
        let row = self.incident_of_page(id).await?;
        expect(row.version, expected, || format!("incident {id}"))?;
        let before = self.view().incident(id, Include::default()).await?;
        check_schedule(&before, &changes)?;
        check_override(before.incident.kind, changes.impact_override.flatten())?;
        // Who sends back what they read promises nothing new.
        if let Some(Some(at)) = changes.next_update_at.filter(|at| *at != before.incident.next_update_at) {
            self.check_promise(at)?;
        }
        let update = changes.update.take();
        let published = before.draft && changes.draft == Some(false);
        let version = row.version + 1;
        let mut row = row.into_active_model();
        let touched = changes.apply(&mut row, &before);
        if touched {
            row.version = Set(version);
            row.updated_at = Set(self.at);
            row.update(self.transaction()).await?;
            self.history = true;
        }
        if let Some(at) = changes.next_update_at.filter(|at| *at != before.incident.next_update_at) {
            self.remind(id, at).await?;
        }
        if !changes.components.is_empty() {
            self.affect_without_update(id, &changes.components).await?;
        }
        if !changes.detached.is_empty() {
            self.detach(id, &changes.detached).await?;
        }
        if touched || !changes.components.is_empty() || !changes.detached.is_empty() {
            let after = self.view().incident(id, Include::default()).await?;
            self.audit("incident.update", "incident", id, Some(told(&before)), Some(told(&after)));
        }
        if let Some(update) = update {
            self.post_update(id, update).await?;
        } else if published && let Some(newest) = before.incident.updates.first() {
            self.notify(Notice {
                event: "incident_update",
                incident_update_id: Some(newest.id.clone()),
                payload: None,
                deliver: !before.backfilled,
            });
        }
        Ok(())
    }

    async fn detach(&mut self, id: &Id, components: &[Id]) -> Result<()> {
        let ours = incident_components::Entity::delete_many()
            .filter(incident_components::Column::IncidentId.eq(id.as_str()))
            .filter(incident_components::Column::ComponentId.is_in(components.iter().map(Id::as_str)));
        ours.exec(self.transaction()).await?;
        // Whoever looked before sees that it is another one now.
        let row = self.incident_of_page(id).await?;
        let progress = progress_of(&row)?;
        self.advance(row, progress).await?;
        self.history = true;
        Ok(())
    }

    /// Attaches and moves components of an incident of which nothing new is said.
    async fn affect_without_update(
        &mut self,
        id: &Id,
        components: &[(Id, Option<ComponentStatus>)],
    ) -> Result<()> {
        let row = self.incident_of_page(id).await?;
        if (row.draft || row.backfilled) && components.iter().any(|(_, status)| status.is_some()) {
            let text = "components: a backfilled incident and a draft take no component status; name them in component_ids";
            return Err(StoreError::Refused(text.into()));
        }
        self.attach(&row.id, components).await?;
        let affected = self.affect(&row.id, components).await?;
        let progress = progress_of(&row)?;
        let at = row.resolved_at.unwrap_or(self.at);
        let after = progress
            .update(progress.status, at, affected.iter().map(|component| component.new_status))
            .map_err(|wrong| StoreError::Refused(wrong.to_string()))?;
        self.advance(row, after).await?;
        self.history = true;
        Ok(())
    }

    /// Deletes an incident. Components keep the status that it gave them.
    pub async fn delete_incident(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let row = self.incident_of_page(id).await?;
        expect(row.version, expected, || format!("incident {id}"))?;
        let before = self.view().incident(id, Include::default()).await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.deleted_at = Set(Some(self.at));
        row.updated_at = Set(self.at);
        row.version = Set(version);
        row.update(self.transaction()).await?;
        self.history = true;
        self.audit("incident.delete", "incident", id, Some(told(&before)), None);
        Ok(())
    }

    /// Refuses an instant at which nothing can have been said: one to come, or before 1970.
    pub(super) fn check_told(&self, field: &str, at: DateTime<Utc>) -> Result<()> {
        if (DateTime::UNIX_EPOCH..=self.at + SKEW).contains(&at) {
            return Ok(());
        }
        Err(StoreError::Refused(format!("{field}: allowed is an instant from 1970 until now")))
    }

    /// Refuses a promise for an instant that is past.
    pub(super) fn check_promise(&self, at: DateTime<Utc>) -> Result<()> {
        if at > self.at {
            return Ok(());
        }
        Err(StoreError::Refused("incident.next_update_at: allowed is an instant to come, or null".into()))
    }

    /// Corrects a message of an incident.
    pub async fn correct_update(
        &mut self,
        incident: &Id,
        id: &Id,
        expected: Option<i64>,
        changes: UpdateChanges,
    ) -> Result<()> {
        let owner = self.incident_of_page(incident).await?;
        let row = incident_updates::Entity::find()
            .filter(incident_updates::Column::Id.eq(id.as_str()))
            .filter(incident_updates::Column::IncidentId.eq(incident.as_str()))
            .one(self.transaction())
            .await?;
        let row = row.ok_or_else(|| StoreError::NotFound(format!("incident update {id}")))?;
        expect(row.version, expected, || format!("incident update {id}"))?;
        let before = json!({ "body": row.body, "display_at": row.display_at });
        let version = row.version + 1;
        let mut row = row.into_active_model();
        if let Some(body) = changes.body {
            row.body = Set(body);
        }
        if let Some(at) = changes.display_at {
            self.check_told("incident_update.display_at", at)?;
            row.display_at = Set(at);
        }
        row.version = Set(version);
        row.updated_at = Set(self.at);
        let row = row.update(self.transaction()).await?;
        let version = owner.version + 1;
        let mut owner: incidents::ActiveModel = owner.into_active_model();
        owner.version = Set(version);
        owner.updated_at = Set(self.at);
        owner.update(self.transaction()).await?;
        self.history = true;
        let after = json!({ "body": row.body, "display_at": row.display_at });
        self.audit("incident_update.correct", "incident_update", id, Some(before), Some(after));
        Ok(())
    }

    /// Moves a maintenance as its schedule says; one that somebody moved meanwhile stays as it is.
    pub async fn transition(&mut self, id: &Id) -> Result<bool> {
        let now = self.at;
        let record = self.view().incident(id, Include::default()).await?;
        let (incident, automation) = (&record.incident, record.automation);
        let (status, body, deliver) = match incident.status {
            IncidentStatus::Scheduled
                if automation.scheduled_auto_in_progress
                    && incident.scheduled_for.is_some_and(|at| at <= now) =>
            {
                (
                    IncidentStatus::InProgress,
                    automatic_body(IncidentStatus::InProgress),
                    automation.auto_transition_deliver_notifications_at_start,
                )
            }
            IncidentStatus::InProgress | IncidentStatus::Verifying
                if automation.scheduled_auto_completed
                    && incident.scheduled_until.is_some_and(|at| at <= now) =>
            {
                (
                    IncidentStatus::Completed,
                    automatic_body(IncidentStatus::Completed),
                    automation.auto_transition_deliver_notifications_at_end,
                )
            }
            _ => return Ok(false),
        };
        let update = NewUpdate { deliver_notifications: deliver, ..NewUpdate::new(status, body) };
        self.post_update(id, update).await?;
        Ok(true)
    }
}

/// What an update says of itself when nobody wrote anything.
pub fn automatic_body(status: IncidentStatus) -> &'static str {
    match status {
        IncidentStatus::Investigating => "We are currently investigating this issue.",
        IncidentStatus::Identified => "The issue has been identified and a fix is being implemented.",
        IncidentStatus::Monitoring => "A fix has been implemented and we are monitoring the results.",
        IncidentStatus::Resolved | IncidentStatus::Postmortem => "This incident has been resolved.",
        IncidentStatus::Scheduled => "We will be undergoing scheduled maintenance during this time.",
        IncidentStatus::InProgress => {
            "Scheduled maintenance is currently in progress. We will provide updates as necessary."
        }
        IncidentStatus::Verifying => "Verification is currently underway for the maintenance items.",
        IncidentStatus::Completed => "The scheduled maintenance has been completed.",
    }
}

/// Maintenance is an impact of what is planned.
pub(super) fn check_override(kind: Kind, fixed: Option<Impact>) -> Result<()> {
    if kind == Kind::Incident && fixed == Some(Impact::Maintenance) {
        let text = "incident.impact_override: allowed are none, minor, major, critical; maintenance is for what is scheduled";
        return Err(StoreError::Refused(text.into()));
    }
    Ok(())
}

fn check_schedule(before: &IncidentRecord, changes: &IncidentChanges) -> Result<()> {
    let incident = &before.incident;
    if changes.scheduled_for.is_none() && changes.scheduled_until.is_none() {
        return Ok(());
    }
    if incident.kind == Kind::Incident {
        let text = "scheduled_for, scheduled_until: an incident has neither; open a maintenance instead";
        return Err(StoreError::Refused(text.into()));
    }
    let begins = changes.scheduled_for.or(incident.scheduled_for);
    let ends = changes.scheduled_until.or(incident.scheduled_until);
    if begins.zip(ends).is_some_and(|(begins, ends)| begins >= ends) {
        return Err(StoreError::Refused("scheduled_until: allowed is an instant after scheduled_for".into()));
    }
    Ok(())
}

/// An incident for the audit: its updates have events of their own.
fn told(record: &IncidentRecord) -> Json {
    let mut told = json!(record);
    if let Some(fields) = told.as_object_mut() {
        fields.remove("updates");
        fields.remove("components");
    }
    told
}

impl IncidentChanges {
    /// Whether anything of the row itself is changed.
    fn apply(&self, row: &mut incidents::ActiveModel, before: &IncidentRecord) -> bool {
        let mut touched = false;
        let mut set = |said: bool| touched |= said;
        if let Some(name) = &self.name {
            row.name = Set(name.clone());
            set(*name != before.incident.name);
        }
        if let Some(fixed) = self.impact_override {
            row.impact_override = Set(fixed.map(|impact| impact.as_str().to_owned()));
            row.impact = Set(fixed.unwrap_or_else(|| computed_impact(before)).as_str().to_owned());
            set(fixed != before.impact_override);
        }
        if let Some(metadata) = &self.metadata {
            row.metadata = Set(metadata.clone());
            set(*metadata != before.metadata);
        }
        if let Some(intervals) = &self.reminder_intervals {
            row.reminder_intervals = Set(intervals.clone());
            set(*intervals != before.incident.reminder_intervals);
        }
        if let Some(at) = self.next_update_at {
            row.next_update_at = Set(at);
            set(at != before.incident.next_update_at);
        }
        if let Some(at) = self.scheduled_for {
            row.scheduled_for = Set(Some(at));
            set(Some(at) != before.incident.scheduled_for);
        }
        if let Some(at) = self.scheduled_until {
            row.scheduled_until = Set(Some(at));
            set(Some(at) != before.incident.scheduled_until);
        }
        if let Some(automation) = self.automation {
            automate(row, automation);
            set(automation != before.automation);
        }
        if let Some(draft) = self.draft {
            row.draft = Set(draft);
            set(draft != before.draft);
        }
        touched
    }
}

/// What an incident's impact is when nobody fixes it: the worst that its updates said.
fn computed_impact(record: &IncidentRecord) -> Impact {
    if record.incident.kind == Kind::Maintenance {
        return Impact::Maintenance;
    }
    let affected = record.incident.updates.iter().flat_map(|update| &update.affected_components);
    affected.map(|component| Impact::of(component.new_status)).max().unwrap_or(Impact::None)
}

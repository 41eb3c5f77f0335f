//! Series of maintenances: each is planned some weeks ahead, one maintenance after the other.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, prelude::Json,
};
use serde_json::json;

use super::{
    Change, NewIncident, NewUpdate, Options, Result, Schedule, Store, StoreError, automatic_body,
    component_changes::expect,
    entity::{incidents, recurrence_occurrences, recurrences},
    view::View,
};
use crate::domain::{
    Id,
    incident::IncidentStatus,
    recurrence::{Recurrence, Series},
};

/// The most series of a page.
const MOST: u64 = 200;
/// The most series that are looked after in one go.
const MOST_DUE: u64 = 50;
/// Planned anew once so much of the time ahead has passed.
const AGAIN_AFTER: TimeDelta = TimeDelta::hours(12);
/// The most that are planned in one change.
const MOST_MADE: u16 = 60;

impl Store {
    /// The series of which something is to be planned, with their pages.
    pub async fn due_recurrences(&self) -> Result<Vec<(Id, Id)>> {
        // The shortest time ahead decides; who plans further ahead is asked in vain, and cheaply.
        let soon = self.now() + TimeDelta::days(35) - AGAIN_AFTER;
        let rows: Vec<recurrences::Model> = recurrences::Entity::find()
            .filter(recurrences::Column::DeletedAt.is_null())
            .filter(
                Condition::any()
                    .add(recurrences::Column::MadeUntil.is_null())
                    .add(recurrences::Column::MadeUntil.lt(soon)),
            )
            .order_by_asc(recurrences::Column::MadeUntil)
            .order_by_asc(recurrences::Column::Id)
            .limit(MOST_DUE)
            .all(&self.reader)
            .await?;
        let now = self.now();
        let due = rows.into_iter().filter_map(|row| {
            let page = row.page_id.parse().ok()?;
            let recurrence = recurrence(row).ok()?;
            let late = recurrence
                .made_until
                .is_none_or(|until| until < now + recurrence.series.ahead() - AGAIN_AFTER);
            late.then_some((page, recurrence.id))
        });
        Ok(due.collect())
    }
}

impl View<'_> {
    /// The series of the page that go on, the oldest first, at most 200.
    pub async fn recurrences(&self) -> Result<Vec<Recurrence>> {
        let rows = recurrences::Entity::find()
            .filter(recurrences::Column::PageId.eq(self.page.as_str()))
            .filter(recurrences::Column::DeletedAt.is_null())
            .order_by_asc(recurrences::Column::CreatedAt)
            .order_by_asc(recurrences::Column::Id)
            .limit(MOST)
            .all(self.on)
            .await?;
        rows.into_iter().map(recurrence).collect()
    }

    /// One series; ended ones too.
    pub async fn recurrence(&self, id: &Id) -> Result<Recurrence> {
        let row = recurrences::Entity::find_by_id(id.as_str())
            .filter(recurrences::Column::PageId.eq(self.page.as_str()))
            .one(self.on)
            .await?;
        recurrence(row.ok_or_else(|| StoreError::NotFound(format!("recurrence {id}")))?)
    }

    /// The series that a maintenance was planned by, unless it has ended.
    pub async fn recurrence_of(&self, incident: &Id) -> Result<Option<Id>> {
        let found = recurrence_occurrences::Entity::find()
            .filter(recurrence_occurrences::Column::PageId.eq(self.page.as_str()))
            .filter(recurrence_occurrences::Column::IncidentId.eq(incident.as_str()))
            .one(self.on)
            .await?;
        let Some(id) = found.and_then(|row| row.recurrence_id.parse::<Id>().ok()) else { return Ok(None) };
        let goes_on = self.recurrence(&id).await?.deleted_at.is_none();
        Ok(goes_on.then_some(id))
    }
}

impl Change {
    /// Begins a series, and plans what is near of it.
    pub async fn begin_series(&mut self, series: Series) -> Result<Id> {
        self.check_series(&series).await?;
        let id = Id::random();
        let row = recurrences::ActiveModel {
            id: Set(id.to_string()),
            page_id: Set(self.page_id.to_string()),
            series: Set(Some(json!(series))),
            made_until: Set(None),
            version: Set(1),
            created_at: Set(self.at),
            updated_at: Set(self.at),
            deleted_at: Set(None),
        };
        row.insert(self.transaction()).await?;
        self.audit("recurrence.create", "recurrence", &id, None, Some(json!(series)));
        self.plan_ahead(&id).await?;
        Ok(id)
    }

    /// Changes a series: what was planned of it, is to come and was not touched is planned anew.
    pub async fn change_series(&mut self, id: &Id, expected: Option<i64>, series: Series) -> Result<()> {
        self.check_series(&series).await?;
        let row = self.recurrence_of_page(id, expected).await?;
        let before = row.series.clone();
        self.unplan(id).await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.series = Set(Some(json!(series)));
        row.made_until = Set(None);
        row.version = Set(version);
        row.updated_at = Set(self.at);
        row.update(self.transaction()).await?;
        self.audit("recurrence.update", "recurrence", id, before, Some(json!(series)));
        self.plan_ahead(id).await?;
        Ok(())
    }

    /// Ends a series. What was planned of it and is to come goes too, where that is wanted and nobody
    /// touched it.
    pub async fn end_series(&mut self, id: &Id, expected: Option<i64>, planned_too: bool) -> Result<()> {
        let row = self.recurrence_of_page(id, expected).await?;
        let before: Option<Json> = row.series.clone();
        if planned_too {
            self.unplan(id).await?;
        }
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.version = Set(version);
        row.deleted_at = Set(Some(self.at));
        row.updated_at = Set(self.at);
        row.update(self.transaction()).await?;
        self.audit("recurrence.delete", "recurrence", id, before, None);
        Ok(())
    }

    /// Plans what is near of a series and not planned yet, and says how many.
    pub async fn plan_ahead(&mut self, id: &Id) -> Result<usize> {
        let row = self.recurrence_of_page(id, None).await?;
        let kept = recurrence(row.clone())?;
        let zone = super::convert::page(self.page.clone(), "")?.time_zone;
        let until = self.at + kept.series.ahead();
        let from = kept.made_until.unwrap_or(kept.series.first_at).max(self.at - kept.series.lasts());
        let held = self.planned(id).await?;
        let mut begin = kept.series.begin(zone, from, until, MOST_MADE);
        begin
            .retain(|at| !held.iter().any(|row| row.begins_at == *at) && *at + kept.series.lasts() > self.at);
        // One change tells of one: of the next to come, which is therefore planned last.
        for (at, begins) in begin.iter().enumerate().rev() {
            self.plan_one(id, &kept.series, *begins, at == 0).await?;
        }
        let mut row = row.into_active_model();
        row.made_until = Set(Some(until));
        row.update(self.transaction()).await?;
        Ok(begin.len())
    }

    async fn plan_one(&mut self, id: &Id, series: &Series, begins: DateTime<Utc>, first: bool) -> Result<()> {
        let status = IncidentStatus::Scheduled;
        // A component that is gone is not what the others wait for.
        let there = self.view().components_among(&series.component_ids).await?;
        let there = there.iter().filter(|one| one.deleted_at.is_none());
        let body = if series.body.is_empty() { automatic_body(status) } else { &series.body };
        let update = NewUpdate {
            components: there.map(|one| (one.component.id.clone(), None)).collect(),
            deliver_notifications: series.notify && first,
            ..NewUpdate::new(status, body)
        };
        let schedule = Schedule { begins, ends: begins + series.lasts(), automatic: false };
        let new = NewIncident {
            name: series.name.clone(),
            impact_override: None,
            schedule: Some(schedule),
            first: update,
        };
        let options = Options { automation: Some(series.automation), ..Options::default() };
        let incident = self.open_incident_with(new, options).await?;
        let version = self.incident_of_page(&incident).await?.version;
        let row = recurrence_occurrences::ActiveModel {
            recurrence_id: Set(id.to_string()),
            begins_at: Set(begins),
            page_id: Set(self.page_id.to_string()),
            incident_id: Set(incident.to_string()),
            incident_version: Set(version),
        };
        row.insert(self.transaction()).await?;
        Ok(())
    }

    /// Deletes what was planned, is to come and is as it was planned.
    async fn unplan(&mut self, id: &Id) -> Result<()> {
        for row in self.planned(id).await? {
            let incident = incidents::Entity::find()
                .filter(incidents::Column::Id.eq(row.incident_id.as_str()))
                .filter(incidents::Column::DeletedAt.is_null())
                .filter(incidents::Column::Status.eq("scheduled"))
                .filter(incidents::Column::Version.eq(row.incident_version))
                .one(self.transaction())
                .await?;
            let Some(incident) = incident.filter(|one| one.scheduled_for.is_some_and(|at| at > self.at))
            else {
                continue;
            };
            let incident: Id = incident.id.parse().map_err(|_| StoreError::NotFound("incident".into()))?;
            self.delete_incident(&incident, None).await?;
            let key = (row.recurrence_id.clone(), row.begins_at);
            recurrence_occurrences::Entity::delete_by_id(key).exec(self.transaction()).await?;
        }
        Ok(())
    }

    /// What was planned of a series and is not long past.
    async fn planned(&self, id: &Id) -> Result<Vec<recurrence_occurrences::Model>> {
        let lately = self.at - TimeDelta::days(100);
        Ok(recurrence_occurrences::Entity::find()
            .filter(recurrence_occurrences::Column::RecurrenceId.eq(id.as_str()))
            .filter(recurrence_occurrences::Column::BeginsAt.gt(lately))
            .order_by_asc(recurrence_occurrences::Column::BeginsAt)
            .all(self.transaction())
            .await?)
    }

    async fn check_series(&self, series: &Series) -> Result<()> {
        let zone = super::convert::page(self.page.clone(), "")?.time_zone;
        series.check(zone).map_err(|why| StoreError::Refused(format!("rule: {why}")))?;
        self.components_of_page(&series.component_ids).await?;
        Ok(())
    }

    async fn recurrence_of_page(&self, id: &Id, expected: Option<i64>) -> Result<recurrences::Model> {
        let found = recurrences::Entity::find_by_id(id.as_str())
            .filter(recurrences::Column::PageId.eq(self.page_id.as_str()))
            .filter(recurrences::Column::DeletedAt.is_null())
            .one(self.transaction())
            .await?;
        let row = found.ok_or_else(|| StoreError::NotFound(format!("recurrence {id}")))?;
        expect(row.version, expected, || format!("recurrence {id}"))?;
        Ok(row)
    }
}

fn recurrence(row: recurrences::Model) -> Result<Recurrence> {
    let unreadable = |column| StoreError::Unreadable {
        table: "recurrences",
        id: row.id.clone(),
        column,
        value: "something".to_owned(),
    };
    Ok(Recurrence {
        id: row.id.parse().map_err(|_| unreadable("id"))?,
        series: row
            .series
            .clone()
            .and_then(|series| serde_json::from_value(series).ok())
            .ok_or_else(|| unreadable("series"))?,
        made_until: row.made_until,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        deleted_at: row.deleted_at,
    })
}

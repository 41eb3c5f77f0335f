//! What was posted a moment ago and can still be taken back: who is told of it is not told yet.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait, Select,
    sea_query::Expr,
};
use serde_json::json;

use super::{
    Change, Include, Result, StoreError, View,
    entity::{incident_updates, notifications},
};
use crate::domain::Id;

/// How long subscribers are not told of what an operator posted.
pub const HOLD_BACK: TimeDelta = TimeDelta::seconds(20);

/// A message that subscribers are told of soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Untold {
    pub at: DateTime<Utc>,
    /// How many are to be told.
    pub subscribers: u64,
}

/// What there is to be told of an incident.
fn of_incident(page: &Id, incident: &Id) -> Condition {
    let updates = incident_updates::Entity::find()
        .select_only()
        .column(incident_updates::Column::Id)
        .filter(incident_updates::Column::IncidentId.eq(incident.as_str()));
    Condition::all()
        .add(notifications::Column::PageId.eq(page.as_str()))
        .add(notifications::Column::IncidentUpdateId.in_subquery(updates.into_query()))
}

/// What waits to be told of an incident after `now`.
fn waiting(page: &Id, incident: &Id, now: DateTime<Utc>) -> Condition {
    of_incident(page, incident)
        .add(notifications::Column::State.eq("pending"))
        .add(notifications::Column::NotBefore.gt(now))
}

/// What is told of an incident, or may be at this moment.
fn told(page: &Id, incident: &Id, now: DateTime<Utc>) -> Condition {
    let is_due = Condition::all()
        .add(notifications::Column::State.eq("pending"))
        .add(notifications::Column::NotBefore.lte(now));
    let was_due = notifications::Column::State.is_not_in(["pending", "suppressed"]);
    of_incident(page, incident).add(Condition::any().add(is_due).add(was_due))
}

impl View<'_> {
    /// Whether subscribers are told of an incident by now: what monitoring, a program or the clock posts
    /// waits for nobody.
    pub async fn is_told(&self, incident: &Id, now: DateTime<Utc>) -> Result<bool> {
        let found = notifications::Entity::find().filter(told(self.page, incident, now));
        Ok(found.one(self.on).await?.is_some())
    }

    /// When subscribers are told of the newest message of an incident, as long as it can be taken back.
    pub async fn untold(&self, incident: &Id, now: DateTime<Utc>) -> Result<Option<Untold>> {
        let found: Select<notifications::Entity> =
            notifications::Entity::find().filter(waiting(self.page, incident, now));
        let found = found.order_by_desc(notifications::Column::NotBefore).one(self.on).await?;
        let Some(row) = found else { return Ok(None) };
        let update: Option<Id> = row.incident_update_id.as_deref().and_then(|id| id.parse().ok());
        Ok(Some(Untold { at: row.not_before, subscribers: self.audience(update.as_ref(), None).await? }))
    }
}

impl Change {
    /// Tells nobody of what was posted of an incident and is not told yet. Says whether there was any.
    pub async fn tell_nobody(&mut self, incident: &Id) -> Result<bool> {
        let held = notifications::Entity::update_many()
            .col_expr(notifications::Column::State, Expr::value("suppressed"))
            .filter(waiting(&self.page_id, incident, self.at))
            .exec(self.transaction())
            .await?;
        if held.rows_affected == 0 {
            return Ok(false);
        }
        let after = json!({ "notifications": held.rows_affected });
        self.audit("notification.suppress", "incident", incident, None, Some(after));
        Ok(true)
    }

    /// Takes an incident back that was posted a moment ago: nobody is told, it is nowhere any more, and
    /// the components that it moved are as they were, unless somebody moved them since.
    pub async fn take_back(&mut self, incident: &Id, expected: Option<i64>) -> Result<()> {
        let record = self.view().incident(incident, Include::default()).await?;
        let [first] = &*record.incident.updates else {
            return Err(StoreError::Conflict("More was said of it since; delete it instead.".into()));
        };
        let is_old = first.created_at + HOLD_BACK <= self.at;
        if record.draft || is_old || self.view().is_told(incident, self.at).await? {
            return Err(StoreError::Conflict(
                "Subscribers are told of it by now; post an update instead.".into(),
            ));
        }
        self.tell_nobody(incident).await?;
        for one in first.affected_components.iter().filter(|one| one.old_status != one.new_status) {
            let rows = self.components_among(std::slice::from_ref(&one.code)).await?;
            for row in rows.into_iter().filter(|row| row.status == one.new_status.as_str()) {
                self.move_to(row, one.old_status).await?;
            }
        }
        self.delete_incident(incident, expected).await
    }
}

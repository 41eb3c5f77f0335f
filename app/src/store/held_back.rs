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

/// What waits to be told of an incident after `now`.
fn waiting(page: &Id, incident: &Id, now: DateTime<Utc>) -> Condition {
    let updates = incident_updates::Entity::find()
        .select_only()
        .column(incident_updates::Column::Id)
        .filter(incident_updates::Column::IncidentId.eq(incident.as_str()));
    Condition::all()
        .add(notifications::Column::PageId.eq(page.as_str()))
        .add(notifications::Column::State.eq("pending"))
        .add(notifications::Column::NotBefore.gt(now))
        .add(notifications::Column::IncidentUpdateId.in_subquery(updates.into_query()))
}

impl View<'_> {
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
        if record.draft || first.created_at + HOLD_BACK <= self.at {
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

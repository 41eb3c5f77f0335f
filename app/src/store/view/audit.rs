//! What was done, by whom.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::{Slice, View};
use crate::{
    domain::{Id, record::AuditEvent},
    store::{Result, entity::audit_events},
};

/// Which events are wanted; all, if nothing is said.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// One of these, if any is named.
    pub actions: Vec<String>,
    pub target_kind: Option<String>,
    pub target_id: Option<Id>,
    pub actor_id: Option<Id>,
    pub since: Option<DateTime<Utc>>,
    pub until: Option<DateTime<Utc>>,
}

impl View<'_> {
    /// What was done to the page and to what is on it, newest first.
    pub async fn audit_events(&self, filter: &AuditFilter, slice: Slice) -> Result<Vec<AuditEvent>> {
        let mut query =
            audit_events::Entity::find().filter(audit_events::Column::PageId.eq(self.page.as_str()));
        let texts = [
            (audit_events::Column::TargetKind, filter.target_kind.as_deref()),
            (audit_events::Column::TargetId, filter.target_id.as_ref().map(Id::as_str)),
            (audit_events::Column::ActorId, filter.actor_id.as_ref().map(Id::as_str)),
        ];
        for (column, wanted) in texts {
            if let Some(wanted) = wanted {
                query = query.filter(column.eq(wanted));
            }
        }
        if !filter.actions.is_empty() {
            query =
                query.filter(audit_events::Column::Action.is_in(filter.actions.iter().map(String::as_str)));
        }
        if let Some(since) = filter.since {
            query = query.filter(audit_events::Column::At.gte(since));
        }
        if let Some(until) = filter.until {
            query = query.filter(audit_events::Column::At.lt(until));
        }
        let query = query.order_by_desc(audit_events::Column::At).order_by_desc(audit_events::Column::Id);
        let rows = query.offset(slice.offset).limit(slice.limit).all(self.on).await?;
        Ok(rows.into_iter().map(event).collect())
    }
}

fn event(row: audit_events::Model) -> AuditEvent {
    let id = |text: Option<String>| text.and_then(|text| text.parse().ok());
    AuditEvent {
        number: row.id,
        page_id: id(row.page_id),
        at: row.at,
        actor_kind: row.actor_kind,
        actor_id: id(row.actor_id),
        address: row.address,
        request_id: row.request_id,
        action: row.action,
        target_kind: row.target_kind,
        target_id: id(row.target_id),
        before: row.before,
        after: row.after,
    }
}

//! Incidents and maintenances.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    prelude::Expr,
    sea_query::{Func, LikeExpr},
};

use super::{Include, Slice, View};
use crate::{
    domain::{
        Id,
        incident::Kind,
        record::{Automation, ComponentRecord, IncidentRecord, PostmortemRecord},
        state::IncidentUpdate,
    },
    store::{
        Result, StoreError, convert,
        entity::{incident_components, incident_updates, incidents},
    },
};

/// Where an incident or a maintenance stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// An incident that is not over.
    Unresolved,
    /// Any maintenance that is not over.
    Scheduled,
    /// A maintenance that has not begun.
    Upcoming,
    /// A maintenance that is under way.
    ActiveMaintenance,
    /// A maintenance that is over.
    Completed,
}

/// Which incidents are wanted; all, if nothing is said.
#[derive(Clone, Debug, Default)]
pub struct IncidentFilter {
    pub stage: Option<Stage>,
    pub kind: Option<Kind>,
    /// What the name or an update holds, in whatever case.
    pub text: Option<String>,
    /// Maintenances that are planned for some of the time between these two instants.
    pub during: Option<(DateTime<Utc>, DateTime<Utc>)>,
    pub include: Include,
}

impl View<'_> {
    /// Incidents and maintenances, newest first; those to come by when they begin.
    pub async fn incidents(&self, filter: &IncidentFilter, slice: Slice) -> Result<Vec<IncidentRecord>> {
        let mut query = self.all_incidents(filter.include);
        if let Some(stage) = filter.stage {
            query = query.filter(incidents::Column::Status.is_in(statuses(stage).iter().copied()));
        }
        if let Some(kind) = filter.kind {
            query = query.filter(incidents::Column::Kind.eq(kind.as_str()));
        }
        if let Some(text) = &filter.text {
            query = query.filter(holds(text));
        }
        if let Some((from, until)) = filter.during {
            query = query.filter(incidents::Column::ScheduledFor.lt(until));
            query = query.filter(incidents::Column::ScheduledUntil.gt(from));
        }
        if filter.during.is_some() || matches!(filter.stage, Some(Stage::Scheduled | Stage::Upcoming)) {
            query = query.order_by_asc(incidents::Column::ScheduledFor);
        }
        let query =
            query.order_by_desc(incidents::Column::CreatedAt).order_by_desc(incidents::Column::Number);
        self.whole(query.offset(slice.offset).limit(slice.limit).all(self.on).await?).await
    }

    /// One incident or maintenance; drafts too.
    pub async fn incident(&self, id: &Id, include: Include) -> Result<IncidentRecord> {
        let found = self.all_incidents(Include { drafts: true, ..include });
        let found = found.filter(incidents::Column::Id.eq(id.as_str())).one(self.on).await?;
        let row = found.ok_or_else(|| StoreError::NotFound(format!("incident {id}")))?;
        let mut whole = self.whole(vec![row]).await?;
        whole.pop().ok_or_else(|| StoreError::NotFound(format!("incident {id}")))
    }

    fn all_incidents(&self, include: Include) -> Select<incidents::Entity> {
        let mut query = incidents::Entity::find().filter(incidents::Column::PageId.eq(self.page.as_str()));
        if !include.deleted {
            query = query.filter(incidents::Column::DeletedAt.is_null());
        }
        if !include.drafts {
            query = query.filter(incidents::Column::Draft.eq(false));
        }
        query
    }

    async fn whole(&self, rows: Vec<incidents::Model>) -> Result<Vec<IncidentRecord>> {
        let ids: Vec<&str> = rows.iter().map(|row| row.id.as_str()).collect();
        let mut updates = self.updates(&ids).await?;
        let mut attached = self.attached(&ids).await?;
        rows.into_iter()
            .map(|row| {
                let updates = updates.remove(&row.id).unwrap_or_default();
                let components = attached.remove(&row.id).unwrap_or_default();
                record(row, components, updates)
            })
            .collect()
    }

    /// Updates by incident, newest first.
    async fn updates(&self, ids: &[&str]) -> Result<HashMap<String, Vec<IncidentUpdate>>> {
        let rows = incident_updates::Entity::find()
            .filter(incident_updates::Column::IncidentId.is_in(ids.iter().copied()))
            .order_by_desc(incident_updates::Column::CreatedAt)
            .order_by_desc(incident_updates::Column::Number)
            .all(self.on)
            .await?;
        let mut found: HashMap<String, Vec<IncidentUpdate>> = HashMap::new();
        for row in rows {
            found.entry(row.incident_id.clone()).or_default().push(convert::update(row)?);
        }
        Ok(found)
    }

    async fn attached(&self, ids: &[&str]) -> Result<HashMap<String, Vec<ComponentRecord>>> {
        let pairs: Vec<(String, String)> = incident_components::Entity::find()
            .select_only()
            .columns([incident_components::Column::IncidentId, incident_components::Column::ComponentId])
            .filter(incident_components::Column::IncidentId.is_in(ids.iter().copied()))
            .into_tuple()
            .all(self.on)
            .await?;
        let mut named: Vec<Id> = pairs.iter().filter_map(|(_, id)| id.parse().ok()).collect();
        named.sort();
        named.dedup();
        let mut found: HashMap<String, Vec<ComponentRecord>> = HashMap::new();
        for component in self.components_among(&named).await? {
            let id = component.component.id.as_str();
            for (incident, _) in pairs.iter().filter(|(_, attached)| attached == id) {
                found.entry(incident.clone()).or_default().push(component.clone());
            }
        }
        Ok(found)
    }
}

fn statuses(stage: Stage) -> &'static [&'static str] {
    match stage {
        Stage::Unresolved => &["investigating", "identified", "monitoring"],
        Stage::Scheduled => &["scheduled", "in_progress", "verifying"],
        Stage::Upcoming => &["scheduled"],
        Stage::ActiveMaintenance => &["in_progress", "verifying"],
        Stage::Completed => &["completed"],
    }
}

/// A text in small letters, in which nothing is a pattern.
pub(super) fn literal(text: &str) -> String {
    text.to_lowercase()
        .chars()
        .flat_map(|c| ['%', '_', '\\'].contains(&c).then_some('\\').into_iter().chain([c]))
        .collect()
}

/// What a name or an update holds, in whatever case; nothing in `text` is a pattern.
fn holds(text: &str) -> Condition {
    let literal = literal(text);
    let pattern = || LikeExpr::new(format!("%{literal}%")).escape('\\');
    let name = Expr::expr(Func::lower(Expr::col((incidents::Entity, incidents::Column::Name))));
    let body = Expr::expr(Func::lower(Expr::col((incident_updates::Entity, incident_updates::Column::Body))));
    let told = incident_updates::Entity::find()
        .select_only()
        .column(incident_updates::Column::IncidentId)
        .filter(body.like(pattern()));
    let told = incidents::Column::Id.in_subquery(sea_orm::QueryTrait::into_query(told));
    Condition::any().add(name.like(pattern())).add(told)
}

fn record(
    row: incidents::Model,
    components: Vec<ComponentRecord>,
    updates: Vec<IncidentUpdate>,
) -> Result<IncidentRecord> {
    let automation = Automation {
        scheduled_auto_in_progress: row.scheduled_auto_in_progress,
        scheduled_auto_completed: row.scheduled_auto_completed,
        auto_transition_to_maintenance_state: row.auto_transition_to_maintenance_state,
        auto_transition_to_operational_state: row.auto_transition_to_operational_state,
        auto_transition_deliver_notifications_at_start: row.auto_transition_deliver_notifications_at_start,
        auto_transition_deliver_notifications_at_end: row.auto_transition_deliver_notifications_at_end,
        scheduled_remind_prior: row.scheduled_remind_prior,
    };
    let written = PostmortemRecord {
        body: row.postmortem_body.clone(),
        body_updated_at: row.postmortem_body_updated_at,
        body_draft: row.postmortem_body_draft.clone(),
        body_draft_updated_at: row.postmortem_body_draft_updated_at,
        published_at: row.postmortem_published_at,
        notified_subscribers: row.postmortem_notified_subscribers,
        ignored: row.postmortem_ignored,
    };
    let ids = components.iter().map(|component| component.component.id.clone()).collect();
    Ok(IncidentRecord {
        impact_override: convert::impact_override(&row)?,
        backfilled: row.backfilled,
        draft: row.draft,
        publish_at: row.publish_at,
        metadata: row.metadata.clone(),
        scheduled_reminded_at: row.scheduled_reminded_at,
        version: row.version,
        deleted_at: row.deleted_at,
        incident: convert::incident(row, ids, updates)?,
        components,
        automation,
        written,
    })
}

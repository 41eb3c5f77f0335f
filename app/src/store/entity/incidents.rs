//! Incidents and maintenances.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "incidents")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub number: i64,
    pub id: String,
    pub page_id: String,
    pub parent_id: Option<String>,
    pub kind: String,
    pub name: String,
    pub status: String,
    pub impact: String,
    pub impact_override: Option<String>,
    pub shortlink: Option<String>,
    pub backfilled: bool,
    pub visibility: String,
    pub draft: bool,
    pub metadata: Option<Json>,
    pub reminder_intervals: Option<String>,
    pub started_at: DateTimeUtc,
    pub monitoring_at: Option<DateTimeUtc>,
    pub resolved_at: Option<DateTimeUtc>,
    pub next_update_at: Option<DateTimeUtc>,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub scheduled_for: Option<DateTimeUtc>,
    pub scheduled_until: Option<DateTimeUtc>,
    pub scheduled_remind_prior: bool,
    pub scheduled_reminded_at: Option<DateTimeUtc>,
    pub scheduled_auto_in_progress: bool,
    pub scheduled_auto_completed: bool,
    pub auto_transition_to_maintenance_state: bool,
    pub auto_transition_to_operational_state: bool,
    pub auto_transition_deliver_notifications_at_start: bool,
    pub auto_transition_deliver_notifications_at_end: bool,
    pub postmortem_body: Option<String>,
    pub postmortem_body_updated_at: Option<DateTimeUtc>,
    pub postmortem_body_draft: Option<String>,
    pub postmortem_body_draft_updated_at: Option<DateTimeUtc>,
    pub postmortem_published_at: Option<DateTimeUtc>,
    pub postmortem_ignored: bool,
    pub postmortem_notified_subscribers: bool,
    pub publish_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

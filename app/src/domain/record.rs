//! What operators see of things: with what visitors don't, and with what was deleted.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Id,
    incident::{Impact, IncidentStatus},
    role::Role,
    state::{Component, Group, Incident},
};

/// A component; its periods are not read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ComponentRecord {
    #[serde(flatten)]
    pub component: Component,
    pub hidden: bool,
    /// How often it was changed, from 1.
    pub version: i64,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A group and what is in it, by position.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GroupRecord {
    #[serde(flatten)]
    pub group: Group,
    pub component_ids: Vec<Id>,
    pub version: i64,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// What the clock does about a maintenance, and whom it tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Automation {
    /// Begins by the clock.
    pub scheduled_auto_in_progress: bool,
    /// Ends by the clock.
    pub scheduled_auto_completed: bool,
    /// Its components are under maintenance from its beginning.
    pub auto_transition_to_maintenance_state: bool,
    /// Its components are operational from its end.
    pub auto_transition_to_operational_state: bool,
    pub auto_transition_deliver_notifications_at_start: bool,
    pub auto_transition_deliver_notifications_at_end: bool,
    /// Subscribers are reminded before it begins.
    pub scheduled_remind_prior: bool,
}

/// What was written of an incident afterwards, published or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PostmortemRecord {
    pub body: Option<String>,
    pub body_updated_at: Option<DateTime<Utc>>,
    pub body_draft: Option<String>,
    pub body_draft_updated_at: Option<DateTime<Utc>>,
    pub published_at: Option<DateTime<Utc>>,
    pub notified_subscribers: bool,
    pub ignored: bool,
}

/// An incident or a maintenance with its updates.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct IncidentRecord {
    #[serde(flatten)]
    pub incident: Incident,
    /// The components attached to it, as they are now.
    pub components: Vec<ComponentRecord>,
    pub impact_override: Option<Impact>,
    pub backfilled: bool,
    /// Seen by operators alone.
    pub draft: bool,
    /// When the clock shows the draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish_at: Option<DateTime<Utc>>,
    pub metadata: Option<Value>,
    #[serde(flatten)]
    pub automation: Automation,
    pub scheduled_reminded_at: Option<DateTime<Utc>>,
    pub written: PostmortemRecord,
    pub version: i64,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// What an incident is begun from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Template {
    pub id: Id,
    pub group_id: Option<Id>,
    /// What operators know it by.
    pub name: String,
    /// The name of the incident.
    pub title: Option<String>,
    pub body: String,
    pub update_status: Option<IncidentStatus>,
    pub component_ids: Vec<Id>,
    pub should_tweet: bool,
    pub should_send_notifications: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// A metric, whether it is shown or not; what it measured is not read.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricRecord {
    pub id: Id,
    pub metrics_provider_id: Option<Id>,
    pub name: String,
    pub metric_identifier: Option<String>,
    pub suffix: Option<String>,
    pub tooltip_description: Option<String>,
    pub display: bool,
    pub position: i32,
    pub decimal_places: i32,
    pub y_axis_min: Option<f64>,
    pub y_axis_max: Option<f64>,
    pub y_axis_hidden: bool,
    pub most_recent_data_at: Option<DateTime<Utc>>,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Where metrics come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderRecord {
    pub id: Id,
    #[serde(rename = "type")]
    pub kind: String,
    pub metric_base_uri: Option<String>,
    pub disabled: bool,
    pub version: i64,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub deleted_at: Option<DateTime<Utc>>,
}

/// Somebody who runs pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: Id,
    pub email: String,
    pub name: String,
    /// What they may do on every page.
    pub role: Role,
    pub disabled_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// What was done, by whom.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AuditEvent {
    pub number: i64,
    pub page_id: Option<Id>,
    pub at: DateTime<Utc>,
    pub actor_kind: String,
    pub actor_id: Option<Id>,
    pub address: Option<String>,
    pub request_id: Option<String>,
    pub action: String,
    pub target_kind: Option<String>,
    pub target_id: Option<Id>,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

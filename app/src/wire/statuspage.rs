//! Statuspage's public API v2, as it is written and as recorded documents of any year hold it: the
//! fields stand in wire order, and what a document may lack has a default.

use chrono::NaiveDate;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use super::Stamp;
use crate::domain::{
    Id,
    incident::{Impact, IncidentStatus},
    rollup::Indicator,
    status::ComponentStatus,
};

/// Which page a document is of; every document begins with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page {
    pub id: Id,
    pub name: String,
    pub url: String,
    /// An IANA name. Look-alikes of Statuspage leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub time_zone: Option<chrono_tz::Tz>,
    pub updated_at: Stamp,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Status {
    pub indicator: Indicator,
    pub description: String,
}

/// A component, or a group of components.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Component {
    pub id: Id,
    pub name: String,
    pub status: ComponentStatus,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    #[serde(default)]
    pub position: i32,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default = "yes")]
    pub showcase: bool,
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub start_date: Option<NaiveDate>,
    #[serde(default)]
    pub group_id: Option<Id>,
    pub page_id: Id,
    #[serde(default)]
    pub group: bool,
    #[serde(default)]
    pub only_show_if_degraded: bool,
    /// The children of a group; nothing else has this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<Id>>,
}

fn yes() -> bool {
    true
}

/// An incident, or a maintenance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Incident {
    pub id: Id,
    pub name: String,
    pub status: IncidentStatus,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub monitoring_at: Option<Stamp>,
    pub resolved_at: Option<Stamp>,
    pub impact: Impact,
    pub shortlink: Option<String>,
    /// Documents before 2020 lack it.
    #[serde(default)]
    pub started_at: Option<Stamp>,
    pub page_id: Id,
    pub incident_updates: Vec<IncidentUpdate>,
    /// The components as they are now. Documents before 2020 lack them.
    #[serde(default)]
    pub components: Vec<Component>,
    /// Only on incidents, where it may be null.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub reminder_intervals: Option<Option<String>>,
    /// Only on maintenances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_for: Option<Stamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_until: Option<Stamp>,
}

/// Tells a field that is null from one that is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct IncidentUpdate {
    pub id: Id,
    pub status: IncidentStatus,
    pub body: String,
    pub incident_id: Id,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub display_at: Stamp,
    /// Null when the incident has no component.
    pub affected_components: Option<Vec<AffectedComponent>>,
    #[serde(default)]
    pub deliver_notifications: bool,
    #[serde(default)]
    pub custom_tweet: Option<String>,
    /// A number or a text.
    #[serde(default)]
    pub tweet_id: Option<Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AffectedComponent {
    /// In documents of 2016 a lone entry without a code says that no component was affected.
    #[serde(default)]
    pub code: Option<Id>,
    pub name: String,
    #[serde(default)]
    pub old_status: Option<ComponentStatus>,
    #[serde(default)]
    pub new_status: Option<ComponentStatus>,
}

/// Any document of the API: which one it is shows in its keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    pub page: Page,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub components: Option<Vec<Component>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incidents: Option<Vec<Incident>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled_maintenances: Option<Vec<Incident>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
}

/// One incident or maintenance at its own address.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OneIncident {
    pub page: Page,
    pub incident: Incident,
}

impl Document {
    /// A document with nothing but its page.
    pub fn of(page: Page) -> Self {
        Self { page, components: None, incidents: None, scheduled_maintenances: None, status: None }
    }

    /// Incidents and maintenances, whichever it has.
    pub fn incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.iter().chain(&self.scheduled_maintenances).flatten()
    }

    /// Whether it lists everything that is open: only a summary has both lists.
    pub fn is_summary(&self) -> bool {
        self.incidents.is_some() && self.scheduled_maintenances.is_some()
    }
}

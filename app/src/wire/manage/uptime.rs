//! How long something was up.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::Place;
use crate::{
    domain::{Id, uptime::Percentage},
    wire::Stamp,
};

/// What was found of a range, before it is said of whom.
#[derive(Clone, Debug)]
pub struct Measured {
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub percentage: Option<Percentage>,
    /// In seconds.
    pub major: u64,
    pub partial: u64,
    pub warnings: Vec<String>,
}

impl Measured {
    fn percent(&self) -> Option<f64> {
        self.percentage.map(|Percentage(hundredths)| f64::from(hundredths) / 100.0)
    }
}

/// An incident that touched it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RelatedEvent {
    pub id: Id,
}

/// The uptime of a component: a partial outage counts 30 %, a major one 100 % of its time.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ComponentUptime {
    pub range_start: Stamp,
    /// The last instant of the range.
    pub range_end: Stamp,
    /// Cut after two decimals; null if nothing is known of the range.
    pub uptime_percentage: Option<f64>,
    /// In seconds.
    #[schema(minimum = 0)]
    pub major_outage: u64,
    #[schema(minimum = 0)]
    pub partial_outage: u64,
    /// Where the range is not the one that was asked for.
    pub warnings: Vec<String>,
    pub id: Id,
    pub name: String,
    /// The incidents, newest first and at most 1,000; left out with `skip_related_events`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_events: Option<Vec<RelatedEvent>>,
}

impl ComponentUptime {
    pub fn of(measured: Measured, id: Id, name: String, related: Option<Vec<Id>>, place: &Place) -> Self {
        Self {
            range_start: place.stamp(measured.from),
            range_end: place.stamp(measured.until),
            uptime_percentage: measured.percent(),
            major_outage: measured.major,
            partial_outage: measured.partial,
            warnings: measured.warnings,
            id,
            name,
            related_events: related.map(events),
        }
    }
}

/// The incidents that touched one component of a group.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct RelatedEvents {
    pub component_id: Id,
    pub incidents: Vec<RelatedEvent>,
}

/// The uptime of a group: the mean of its components', and the sums of their outages.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct ComponentGroupUptime {
    pub range_start: Stamp,
    /// The last instant of the range.
    pub range_end: Stamp,
    /// Cut after two decimals; null if nothing is known of the range.
    pub uptime_percentage: Option<f64>,
    /// In seconds.
    #[schema(minimum = 0)]
    pub major_outage: u64,
    #[schema(minimum = 0)]
    pub partial_outage: u64,
    /// Where the range is not the one that was asked for.
    pub warnings: Vec<String>,
    pub id: Id,
    pub name: String,
    /// By component, newest incidents first; left out with `skip_related_events`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related_events: Option<Vec<RelatedEvents>>,
}

impl ComponentGroupUptime {
    pub fn of(
        measured: Measured,
        id: Id,
        name: String,
        related: Option<Vec<(Id, Vec<Id>)>>,
        place: &Place,
    ) -> Self {
        let of_one = |(component_id, ids)| RelatedEvents { component_id, incidents: events(ids) };
        Self {
            range_start: place.stamp(measured.from),
            range_end: place.stamp(measured.until),
            uptime_percentage: measured.percent(),
            major_outage: measured.major,
            partial_outage: measured.partial,
            warnings: measured.warnings,
            id,
            name,
            related_events: related.map(|some| some.into_iter().map(of_one).collect()),
        }
    }
}

fn events(ids: Vec<Id>) -> Vec<RelatedEvent> {
    ids.into_iter().map(|id| RelatedEvent { id }).collect()
}

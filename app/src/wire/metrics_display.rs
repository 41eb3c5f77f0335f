//! What Statuspage's charts are drawn from, as recorded: `/metrics-display/{id}/day.json`. The
//! fields stand in wire order.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use super::Stamp;
use crate::domain::{Id, metric::Period};

/// A metric's means over a period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MetricsDisplay {
    pub period: Span,
    pub metrics: Vec<Measured>,
    pub summary: WholeSummary,
}

/// How many buckets there can be, and how wide they are in seconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Span {
    pub count: i64,
    pub interval: i64,
    pub identifier: Period,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    pub metric: Metric,
    pub summary: Summary,
    /// Oldest first. A bucket in which nothing was measured is left out.
    pub data: Vec<Point>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Metric {
    pub name: String,
    pub metric_identifier: Option<String>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub id: Id,
    pub metrics_provider_id: Option<Id>,
    pub metrics_display_id: Id,
    pub most_recent_data_at: Option<Stamp>,
    pub backfilled: bool,
    pub last_fetched_at: Option<Stamp>,
    pub backfill_percentage: f64,
}

/// The sum of the means of all buckets that are there, and their mean; none where nothing was
/// measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    pub sum: f64,
    pub mean: Option<f64>,
}

/// The same with the newest value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WholeSummary {
    pub sum: f64,
    pub mean: Option<f64>,
    pub last: Option<Number>,
}

/// A bucket's mean, rounded to the metric's decimals, and its beginning in seconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub timestamp: i64,
    pub value: Number,
}

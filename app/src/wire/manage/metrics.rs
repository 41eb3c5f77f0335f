//! Metrics, their points, and where they come from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Place, given::said};
use crate::{
    domain::{
        Id,
        record::{MetricRecord, ProviderRecord},
    },
    wire::Stamp,
};

/// A metric. What belongs to providers that are asked for their values is null or false: here
/// values are sent.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Metric {
    pub id: Id,
    pub metrics_provider_id: Option<Id>,
    pub metric_identifier: Option<String>,
    pub name: String,
    pub display: bool,
    pub tooltip_description: Option<String>,
    pub backfilled: bool,
    pub y_axis_min: Option<f64>,
    pub y_axis_max: Option<f64>,
    pub y_axis_hidden: bool,
    pub suffix: Option<String>,
    pub decimal_places: i32,
    pub most_recent_data_at: Option<Stamp>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub last_fetched_at: Option<Stamp>,
    pub backfill_percentage: Option<i32>,
    pub reference_name: Option<String>,
    /// Its place among the page's charts, from 1.
    pub position: i32,
    pub deleted_at: Option<Stamp>,
}

impl Metric {
    pub fn of(metric: &MetricRecord, place: &Place) -> Self {
        Self {
            id: metric.id.clone(),
            metrics_provider_id: metric.metrics_provider_id.clone(),
            metric_identifier: metric.metric_identifier.clone(),
            name: metric.name.clone(),
            display: metric.display,
            tooltip_description: metric.tooltip_description.clone(),
            backfilled: false,
            y_axis_min: metric.y_axis_min,
            y_axis_max: metric.y_axis_max,
            y_axis_hidden: metric.y_axis_hidden,
            suffix: metric.suffix.clone(),
            decimal_places: metric.decimal_places,
            most_recent_data_at: place.maybe(metric.most_recent_data_at),
            created_at: place.stamp(metric.created_at),
            updated_at: place.stamp(metric.updated_at),
            last_fetched_at: None,
            backfill_percentage: None,
            reference_name: None,
            position: metric.position,
            deleted_at: place.maybe(metric.deleted_at),
        }
    }
}

/// Where metrics come from.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct MetricsProvider {
    pub id: Id,
    /// Always `Self`: values are sent.
    #[serde(rename = "type")]
    pub kind: String,
    pub disabled: bool,
    pub metric_base_uri: Option<String>,
    pub last_revalidated_at: Option<Stamp>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub page_id: Id,
    pub deleted_at: Option<Stamp>,
}

impl MetricsProvider {
    pub fn of(provider: &ProviderRecord, place: &Place) -> Self {
        Self {
            id: provider.id.clone(),
            kind: provider.kind.clone(),
            disabled: provider.disabled,
            metric_base_uri: provider.metric_base_uri.clone(),
            last_revalidated_at: None,
            created_at: place.stamp(provider.created_at),
            updated_at: place.stamp(provider.updated_at),
            page_id: place.page_id.clone(),
            deleted_at: place.maybe(provider.deleted_at),
        }
    }
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct MetricBody {
    pub metric: MetricAsk,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct MetricAsk {
    /// Needed for a new metric.
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// What it is called where it is measured.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub metric_identifier: Option<Option<String>>,
    /// The unit of its values.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 32)]
    pub suffix: Option<Option<String>>,
    /// Where its axis begins; from its values, if null.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<f64>, minimum = -1e18, maximum = 1e18)]
    pub y_axis_min: Option<Option<f64>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<f64>, minimum = -1e18, maximum = 1e18)]
    pub y_axis_max: Option<Option<f64>>,
    pub y_axis_hidden: Option<bool>,
    /// Whether visitors see it.
    pub display: Option<bool>,
    #[schema(minimum = 0, maximum = 9)]
    pub decimal_places: Option<i32>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub tooltip_description: Option<Option<String>>,
    /// Its place among the page's charts, from 1.
    #[schema(minimum = 1, maximum = 1000000)]
    pub position: Option<i32>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct ProviderBody {
    pub metrics_provider: ProviderAsk,
}

/// What Pharos can be told of a provider. It asks none for its values, so it takes no keys of one.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct ProviderAsk {
    /// `Self`: values are sent to the data routes. Needed for a new provider.
    #[serde(rename = "type")]
    #[schema(max_length = 64)]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub metric_base_uri: Option<Option<String>>,
}

/// A value and the second, counted from 1970, at which it was measured. A second value for the same
/// second takes the first one's place.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MetricPoint {
    #[schema(minimum = 0, maximum = 7258118400_i64)]
    pub timestamp: i64,
    #[schema(minimum = -1e18, maximum = 1e18)]
    pub value: f64,
}

/// One point of a metric.
#[derive(Clone, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MetricData {
    pub data: MetricPoint,
}

/// Points by the metrics' ids, at most 3,000 in all.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct MetricsData {
    #[schema(value_type = std::collections::HashMap<Id, Vec<MetricPoint>>)]
    pub data: BTreeMap<String, Vec<MetricPoint>>,
}

/// Points by the metrics' ids, as they were kept.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(value_type = std::collections::HashMap<String, Vec<MetricPoint>>)]
pub struct MetricsKept(pub BTreeMap<String, Vec<MetricPoint>>);

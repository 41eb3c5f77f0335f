//! Making, changing and deleting metrics, and where they come from.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    prelude::Expr,
};
use serde_json::json;

use super::{
    Change, Result, StoreError,
    component_changes::{expect, set},
    components::refuse_taken,
    entity::{metric_points, metric_rollups, metrics, metrics_providers},
    view::Include,
};
use crate::domain::Id;

/// The most metrics and providers of a page.
const MOST_METRICS: u64 = 1_000;
const MOST_PROVIDERS: u64 = 100;

/// What is to be changed of a metric; nothing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct MetricChanges {
    pub name: Option<String>,
    pub metric_identifier: Option<Option<String>>,
    pub suffix: Option<Option<String>>,
    pub tooltip_description: Option<Option<String>>,
    pub display: Option<bool>,
    pub position: Option<i32>,
    pub decimal_places: Option<i32>,
    pub y_axis_min: Option<Option<f64>>,
    pub y_axis_max: Option<Option<f64>>,
    pub y_axis_hidden: Option<bool>,
}

/// What is to be changed of a provider; nothing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct ProviderChanges {
    pub kind: Option<String>,
    pub metric_base_uri: Option<Option<String>>,
}

impl Change {
    /// Makes a metric of a provider, behind the last one if no position is said.
    pub async fn add_metric(&mut self, provider: &Id, changes: MetricChanges) -> Result<Id> {
        self.provider_of_page(provider, None).await?;
        self.make_metric(Id::random(), Some(provider), changes).await
    }

    /// Makes a metric of no provider, with this id.
    pub async fn create_metric_as(&mut self, id: Id, changes: MetricChanges) -> Result<Id> {
        refuse_taken(metrics::Entity::find_by_id(id.as_str()), self.transaction()).await?;
        self.make_metric(id, None, changes).await
    }

    async fn make_metric(&mut self, id: Id, provider: Option<&Id>, changes: MetricChanges) -> Result<Id> {
        if self.view().count_metrics().await? >= MOST_METRICS {
            let text = format!("metric: a page has at most {MOST_METRICS}; delete some first");
            return Err(StoreError::Refused(text));
        }
        let mut row = metrics::Model {
            id: id.to_string(),
            page_id: self.page_id.to_string(),
            name: String::new(),
            metric_identifier: None,
            suffix: None,
            tooltip_description: None,
            display: true,
            position: self.next_metric_position().await?,
            decimal_places: 0,
            y_axis_min: None,
            y_axis_max: None,
            y_axis_hidden: false,
            most_recent_data_at: None,
            version: 1,
            created_at: self.at,
            updated_at: self.at,
            deleted_at: None,
            metrics_provider_id: provider.map(ToString::to_string),
        };
        changes.apply(&mut row)?;
        row.into_active_model().reset_all().insert(self.transaction()).await?;
        let after = self.view().metric(&id, Include::default()).await?;
        self.audit("metric.create", "metric", &id, None, Some(json!(after)));
        Ok(id)
    }

    async fn next_metric_position(&self) -> Result<i32> {
        let last: Option<Option<i32>> = metrics::Entity::find()
            .select_only()
            .column_as(metrics::Column::Position.max(), "last")
            .filter(metrics::Column::PageId.eq(self.page_id.as_str()))
            .filter(metrics::Column::DeletedAt.is_null())
            .into_tuple()
            .one(self.transaction())
            .await?;
        Ok(last.flatten().unwrap_or(0).saturating_add(1))
    }

    /// Changes a metric.
    pub async fn update_metric(
        &mut self,
        id: &Id,
        expected: Option<i64>,
        changes: MetricChanges,
    ) -> Result<()> {
        let mut row = self.metric_of_page(id, expected).await?;
        let before = self.view().metric(id, Include::default()).await?;
        changes.apply(&mut row)?;
        row.version += 1;
        row.updated_at = self.at;
        row.into_active_model().reset_all().update(self.transaction()).await?;
        let after = self.view().metric(id, Include::default()).await?;
        self.audit("metric.update", "metric", id, Some(json!(before)), Some(json!(after)));
        Ok(())
    }

    /// Deletes a metric. What it measured is shown nowhere any more.
    pub async fn delete_metric(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let row = self.metric_of_page(id, expected).await?;
        let before = self.view().metric(id, Include::default()).await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.deleted_at = Set(Some(self.at));
        row.updated_at = Set(self.at);
        row.version = Set(version);
        row.update(self.transaction()).await?;
        self.audit("metric.delete", "metric", id, Some(json!(before)), None);
        Ok(())
    }

    /// Forgets all that a metric measured.
    pub async fn reset_metric(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let row = self.metric_of_page(id, expected).await?;
        let before = self.view().metric(id, Include::default()).await?;
        metric_rollups::Entity::delete_many()
            .filter(metric_rollups::Column::MetricId.eq(id.as_str()))
            .exec(self.transaction())
            .await?;
        let points = metric_points::Entity::delete_many()
            .filter(metric_points::Column::MetricId.eq(id.as_str()))
            .exec(self.transaction())
            .await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.most_recent_data_at = Set(None);
        row.updated_at = Set(self.at);
        row.version = Set(version);
        row.update(self.transaction()).await?;
        let gone = json!({ "points": points.rows_affected });
        self.audit("metric.reset", "metric", id, Some(json!(before)), Some(gone));
        Ok(())
    }

    async fn metric_of_page(&self, id: &Id, expected: Option<i64>) -> Result<metrics::Model> {
        let found = metrics::Entity::find_by_id(id.as_str())
            .filter(metrics::Column::PageId.eq(self.page_id.as_str()))
            .filter(metrics::Column::DeletedAt.is_null())
            .one(self.transaction())
            .await?;
        let row = found.ok_or_else(|| StoreError::NotFound(format!("metric {id}")))?;
        expect(row.version, expected, || format!("metric {id}"))?;
        Ok(row)
    }

    /// Makes a provider.
    pub async fn create_provider(&mut self, kind: String, new: ProviderChanges) -> Result<Id> {
        if self.view().count_providers().await? >= MOST_PROVIDERS {
            let text = format!("metrics_provider: a page has at most {MOST_PROVIDERS}; delete some first");
            return Err(StoreError::Refused(text));
        }
        let id = Id::random();
        let row = metrics_providers::ActiveModel {
            id: Set(id.to_string()),
            page_id: Set(self.page_id.to_string()),
            kind: Set(kind),
            metric_base_uri: Set(new.metric_base_uri.flatten()),
            disabled: Set(false),
            version: Set(1),
            created_at: Set(self.at),
            updated_at: Set(self.at),
            deleted_at: Set(None),
        };
        row.insert(self.transaction()).await?;
        let after = self.view().provider(&id, Include::default()).await?;
        self.audit("metrics_provider.create", "metrics_provider", &id, None, Some(json!(after)));
        Ok(id)
    }

    /// Changes a provider.
    pub async fn update_provider(
        &mut self,
        id: &Id,
        expected: Option<i64>,
        changes: ProviderChanges,
    ) -> Result<()> {
        let mut row = self.provider_of_page(id, expected).await?;
        let before = self.view().provider(id, Include::default()).await?;
        set(&mut row.kind, changes.kind);
        set(&mut row.metric_base_uri, changes.metric_base_uri);
        row.version += 1;
        row.updated_at = self.at;
        row.into_active_model().reset_all().update(self.transaction()).await?;
        let after = self.view().provider(id, Include::default()).await?;
        let kind = "metrics_provider";
        self.audit("metrics_provider.update", kind, id, Some(json!(before)), Some(json!(after)));
        Ok(())
    }

    /// Deletes a provider and its metrics.
    pub async fn delete_provider(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let row = self.provider_of_page(id, expected).await?;
        let before = self.view().provider(id, Include::default()).await?;
        metrics::Entity::update_many()
            .col_expr(metrics::Column::DeletedAt, Expr::value(self.at))
            .col_expr(metrics::Column::UpdatedAt, Expr::value(self.at))
            .filter(metrics::Column::MetricsProviderId.eq(id.as_str()))
            .filter(metrics::Column::DeletedAt.is_null())
            .exec(self.transaction())
            .await?;
        let version = row.version + 1;
        let mut row = row.into_active_model();
        row.deleted_at = Set(Some(self.at));
        row.updated_at = Set(self.at);
        row.version = Set(version);
        row.update(self.transaction()).await?;
        self.audit("metrics_provider.delete", "metrics_provider", id, Some(json!(before)), None);
        Ok(())
    }

    async fn provider_of_page(&self, id: &Id, expected: Option<i64>) -> Result<metrics_providers::Model> {
        let found = metrics_providers::Entity::find_by_id(id.as_str())
            .filter(metrics_providers::Column::PageId.eq(self.page_id.as_str()))
            .filter(metrics_providers::Column::DeletedAt.is_null())
            .one(self.transaction())
            .await?;
        let row = found.ok_or_else(|| StoreError::NotFound(format!("metrics provider {id}")))?;
        expect(row.version, expected, || format!("metrics provider {id}"))?;
        Ok(row)
    }
}

impl MetricChanges {
    fn apply(self, row: &mut metrics::Model) -> Result<()> {
        set(&mut row.name, self.name);
        set(&mut row.metric_identifier, self.metric_identifier);
        set(&mut row.suffix, self.suffix);
        set(&mut row.tooltip_description, self.tooltip_description);
        set(&mut row.display, self.display);
        set(&mut row.position, self.position);
        set(&mut row.decimal_places, self.decimal_places);
        set(&mut row.y_axis_min, self.y_axis_min);
        set(&mut row.y_axis_max, self.y_axis_max);
        set(&mut row.y_axis_hidden, self.y_axis_hidden);
        match (row.y_axis_min, row.y_axis_max) {
            (Some(min), Some(max)) if min >= max => {
                Err(StoreError::Refused(format!("metric.y_axis_max: allowed is more than {min}")))
            }
            _ => Ok(()),
        }
    }
}

//! Metrics and where they come from.

use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use super::{Include, Slice, View};
use crate::{
    domain::{
        Id,
        record::{MetricRecord, ProviderRecord},
    },
    store::{
        Result, StoreError, convert,
        entity::{metrics, metrics_providers},
    },
};

impl View<'_> {
    /// The metrics by position, of one provider or of all.
    pub async fn metrics(
        &self,
        provider: Option<&Id>,
        slice: Slice,
        include: Include,
    ) -> Result<Vec<MetricRecord>> {
        let mut query = self.all_metrics(include);
        if let Some(provider) = provider {
            query = query.filter(metrics::Column::MetricsProviderId.eq(provider.as_str()));
        }
        let query = query.order_by_asc(metrics::Column::Position);
        let query = query.order_by_asc(metrics::Column::CreatedAt).order_by_asc(metrics::Column::Id);
        let rows = query.offset(slice.offset).limit(slice.limit).all(self.on).await?;
        rows.into_iter().map(metric).collect()
    }

    /// How many metrics there are that were not deleted.
    pub async fn count_metrics(&self) -> Result<u64> {
        Ok(self.all_metrics(Include::default()).count(self.on).await?)
    }

    /// One metric.
    pub async fn metric(&self, id: &Id, include: Include) -> Result<MetricRecord> {
        let found = self.all_metrics(include).filter(metrics::Column::Id.eq(id.as_str()));
        metric(found.one(self.on).await?.ok_or_else(|| StoreError::NotFound(format!("metric {id}")))?)
    }

    /// The providers, oldest first.
    pub async fn providers(&self, slice: Slice, include: Include) -> Result<Vec<ProviderRecord>> {
        let query = self.all_providers(include).order_by_asc(metrics_providers::Column::CreatedAt);
        let query = query.order_by_asc(metrics_providers::Column::Id);
        let rows = query.offset(slice.offset).limit(slice.limit).all(self.on).await?;
        rows.into_iter().map(provider).collect()
    }

    /// How many providers there are that were not deleted.
    pub async fn count_providers(&self) -> Result<u64> {
        Ok(self.all_providers(Include::default()).count(self.on).await?)
    }

    /// One provider.
    pub async fn provider(&self, id: &Id, include: Include) -> Result<ProviderRecord> {
        let found = self.all_providers(include).filter(metrics_providers::Column::Id.eq(id.as_str()));
        let missing = || StoreError::NotFound(format!("metrics provider {id}"));
        provider(found.one(self.on).await?.ok_or_else(missing)?)
    }

    fn all_metrics(&self, include: Include) -> Select<metrics::Entity> {
        let query = metrics::Entity::find().filter(metrics::Column::PageId.eq(self.page.as_str()));
        if include.deleted { query } else { query.filter(metrics::Column::DeletedAt.is_null()) }
    }

    fn all_providers(&self, include: Include) -> Select<metrics_providers::Entity> {
        let of_page = metrics_providers::Column::PageId.eq(self.page.as_str());
        let query = metrics_providers::Entity::find().filter(of_page);
        if include.deleted { query } else { query.filter(metrics_providers::Column::DeletedAt.is_null()) }
    }
}

fn metric(row: metrics::Model) -> Result<MetricRecord> {
    Ok(MetricRecord {
        id: convert::id("metrics", &row.id)?,
        metrics_provider_id: row.metrics_provider_id.as_deref().and_then(|id| id.parse().ok()),
        name: row.name,
        metric_identifier: row.metric_identifier,
        suffix: row.suffix,
        tooltip_description: row.tooltip_description,
        display: row.display,
        position: row.position,
        decimal_places: row.decimal_places,
        y_axis_min: row.y_axis_min,
        y_axis_max: row.y_axis_max,
        y_axis_hidden: row.y_axis_hidden,
        most_recent_data_at: row.most_recent_data_at,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        deleted_at: row.deleted_at,
    })
}

fn provider(row: metrics_providers::Model) -> Result<ProviderRecord> {
    Ok(ProviderRecord {
        id: convert::id("metrics_providers", &row.id)?,
        kind: row.kind,
        metric_base_uri: row.metric_base_uri,
        disabled: row.disabled,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        deleted_at: row.deleted_at,
    })
}

//! Metrics and their points.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{DbErr, Index, SchemaManager, Table},
    schema::{
        double, double_null, integer, text, text_null, timestamp_with_time_zone,
        timestamp_with_time_zone_null,
    },
};

use super::parts::{create, created_at, flag, id, index, owned_by, primary_id, updated_at, version};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0005_metrics"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        metrics(manager).await?;
        points(manager).await
    }
}

async fn metrics(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "metrics";
    let metrics = Table::create()
        .table(table)
        .col(primary_id())
        .col(id("page_id"))
        .col(text("name"))
        .col(text_null("metric_identifier"))
        .col(text_null("suffix"))
        .col(text_null("tooltip_description"))
        .col(flag("display", true))
        .col(integer("position").default(1))
        .col(integer("decimal_places").default(0))
        .col(double_null("y_axis_min"))
        .col(double_null("y_axis_max"))
        .col(flag("y_axis_hidden", false))
        .col(timestamp_with_time_zone_null("most_recent_data_at"))
        .col(version())
        .col(created_at())
        .col(updated_at())
        .col(timestamp_with_time_zone_null("deleted_at"))
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .take();
    create(manager, metrics, [index(table, ["page_id", "position"])]).await
}

async fn points(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "metric_points";
    let points = Table::create()
        .table(table)
        .col(id("metric_id"))
        .col(timestamp_with_time_zone("measured_at"))
        .col(id("page_id"))
        .col(double("value"))
        .primary_key(&mut Index::create().col("metric_id").col("measured_at").take())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "metric_id", "metrics", "id"))
        .take();
    create(manager, points, []).await
}

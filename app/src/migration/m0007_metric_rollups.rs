//! What metrics measured, summed up in buckets of the widths that charts show.

use sea_orm_migration::{
    MigrationName, MigrationTrait,
    async_trait::async_trait,
    prelude::{ConnectionTrait, DbErr, Index, SchemaManager, Table},
    schema::{big_integer, double, integer},
    sea_orm::DbBackend,
};

use super::parts::{create, id, index, owned_by};

pub struct Step;

impl MigrationName for Step {
    fn name(&self) -> &str {
        "m0007_metric_rollups"
    }
}

#[async_trait]
impl MigrationTrait for Step {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        rollups(manager).await?;
        for interval in [60, 300, 1_800, 7_200] {
            backfill(manager, interval).await?;
        }
        let newest = "UPDATE metrics SET most_recent_data_at = \
             (SELECT max(measured_at) FROM metric_points WHERE metric_points.metric_id = metrics.id) \
             WHERE most_recent_data_at IS NULL";
        manager.get_connection().execute_unprepared(newest).await?;
        Ok(())
    }
}

async fn rollups(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = "metric_rollups";
    let key = Index::create().col("metric_id").col("interval_seconds").col("bucket_at").take();
    let rollups = Table::create()
        .table(table)
        .col(id("metric_id"))
        .col(integer("interval_seconds"))
        // Seconds since 1970, since that is what buckets are aligned to.
        .col(big_integer("bucket_at"))
        .col(id("page_id"))
        .col(big_integer("count"))
        .col(double("sum"))
        .col(double("min"))
        .col(double("max"))
        .primary_key(&mut key.clone())
        .foreign_key(&mut owned_by(table, "page_id", "pages", "id"))
        .foreign_key(&mut owned_by(table, "metric_id", "metrics", "id"))
        .take();
    create(manager, rollups, [index(table, ["page_id"])]).await
}

/// Sums up the points that are there already.
async fn backfill(manager: &SchemaManager<'_>, interval: i64) -> Result<(), DbErr> {
    let connection = manager.get_connection();
    // SQLite rounds to milliseconds, which may lift a point into the next second: the fraction is
    // cut off before.
    let second = match connection.get_database_backend() {
        DbBackend::Postgres => "CAST(floor(extract(epoch FROM measured_at)) AS BIGINT)",
        _ => "CAST(strftime('%s', substr(measured_at, 1, 19)) AS INTEGER)",
    };
    let sql = format!(
        "INSERT INTO metric_rollups (metric_id, interval_seconds, bucket_at, page_id, count, sum, min, max) \
         SELECT metric_id, {interval}, at, page_id, count(*), sum(value), min(value), max(value) FROM \
         (SELECT metric_id, page_id, value, {second} / {interval} * {interval} AS at FROM metric_points \
         WHERE value BETWEEN -1e18 AND 1e18) AS points GROUP BY metric_id, page_id, at"
    );
    connection.execute_unprepared(&sql).await?;
    Ok(())
}

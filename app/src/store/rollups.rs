//! Metric points summed up in buckets, kept right with the points and read with a page.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

use super::{
    Result, convert, dialect,
    entity::{metric_rollups, metrics},
};
use crate::domain::{
    Id,
    metric::{self, AHEAD, Bucket, Metric, Period},
};

/// The most metrics that a page shows.
const MOST_METRICS: u64 = 100;
/// How many buckets one statement sums up.
const AT_ONCE: usize = 1_000;

/// Sums up anew every bucket that one of `instants` falls into. The metric's row is locked, so that
/// no other points of it come in between.
pub(super) async fn sum_up(
    transaction: &DatabaseTransaction,
    metric: &metrics::Model,
    instants: impl Iterator<Item = DateTime<Utc>> + Clone,
) -> Result<()> {
    let backend = transaction.get_database_backend();
    for period in Period::ALL {
        let interval = period.interval();
        let touched: BTreeSet<i64> =
            instants.clone().map(|at| metric::floor(at.timestamp(), interval)).collect();
        let touched: Vec<i64> = touched.into_iter().collect();
        let sql = dialect::sum_up(backend, interval);
        for some in touched.chunks(AT_ONCE) {
            let buckets = serde_json::Value::from(some).to_string();
            let values = [metric.id.as_str().into(), metric.page_id.as_str().into(), buckets.into()];
            transaction.execute_raw(Statement::from_sql_and_values(backend, &sql, values)).await?;
        }
    }
    Ok(())
}

/// The metrics that visitors see, with what every period that ends at or after `committed_at` shows.
pub(super) async fn load_metrics(
    transaction: &DatabaseTransaction,
    page_id: &Id,
    committed_at: DateTime<Utc>,
) -> Result<Vec<Metric>> {
    let rows = metrics::Entity::find()
        .filter(metrics::Column::PageId.eq(page_id.as_str()))
        .filter(metrics::Column::DeletedAt.is_null())
        .filter(metrics::Column::Display.eq(true))
        .order_by_asc(metrics::Column::Position)
        .order_by_asc(metrics::Column::CreatedAt)
        .order_by_asc(metrics::Column::Id)
        .limit(MOST_METRICS)
        .all(transaction)
        .await?;
    let mut found = rows.into_iter().map(convert::metric).collect::<Result<Vec<Metric>>>()?;
    if found.is_empty() {
        return Ok(found);
    }
    for period in Period::ALL {
        let mut buckets = load_buckets(transaction, &found, period, committed_at).await?;
        for metric in &mut found {
            metric.buckets[period as usize] = buckets.remove(metric.id.as_str()).unwrap_or_default();
        }
    }
    Ok(found)
}

async fn load_buckets(
    transaction: &DatabaseTransaction,
    metrics: &[Metric],
    period: Period,
    committed_at: DateTime<Utc>,
) -> Result<HashMap<String, Vec<Bucket>>> {
    use metric_rollups::Column::{BucketAt, IntervalSeconds, MetricId};
    let window = period.window(committed_at);
    // No point lies further ahead, so this bounds what is read.
    let until = window.end + AHEAD.num_seconds();
    let rows = metric_rollups::Entity::find()
        .filter(MetricId.is_in(metrics.iter().map(|metric| metric.id.as_str())))
        .filter(IntervalSeconds.eq(period.interval()))
        .filter(BucketAt.between(window.start, until))
        .order_by_asc(MetricId)
        .order_by_asc(BucketAt)
        .all(transaction)
        .await?;
    let mut found: HashMap<String, Vec<Bucket>> = HashMap::new();
    for row in rows {
        let bucket = Bucket { at: row.bucket_at, count: row.count, sum: row.sum, min: row.min, max: row.max };
        found.entry(row.metric_id).or_default().push(bucket);
    }
    Ok(found)
}

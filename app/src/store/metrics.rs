//! The door for what is not news: here metric points, which move a page at most once a minute.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction,
    EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect, prelude::Expr, sea_query::OnConflict,
};
use serde_json::json;

use super::{
    Change, Committed, Result, Store, StoreError, convert, dialect,
    entity::{metric_points, metrics, pages},
    rollups::sum_up,
};
use crate::{
    clock,
    domain::{
        Id,
        metric::{AHEAD, LARGEST_VALUE},
        state::Version,
    },
};

/// Points make at most one revision in this time.
const BUMP_INTERVAL: TimeDelta = TimeDelta::minutes(1);
/// The most pages whose points are shown in one go.
const MOST_SHOWN: u64 = 100;

/// When something was measured, and what.
pub type Point = (DateTime<Utc>, f64);

/// A metric to be made.
#[derive(Clone, Debug)]
pub struct NewMetric {
    pub name: String,
    pub suffix: Option<String>,
    pub description: Option<String>,
    pub decimal_places: i32,
    pub position: i32,
}

impl Change {
    /// Makes a metric.
    pub async fn create_metric(&mut self, new: NewMetric) -> Result<Id> {
        let id = Id::random();
        let row = metrics::ActiveModel {
            id: Set(id.to_string()),
            page_id: Set(self.page_id.to_string()),
            name: Set(new.name.clone()),
            suffix: Set(new.suffix),
            tooltip_description: Set(new.description),
            display: Set(true),
            position: Set(new.position),
            decimal_places: Set(new.decimal_places),
            y_axis_hidden: Set(false),
            version: Set(1),
            created_at: Set(self.at),
            updated_at: Set(self.at),
            ..Default::default()
        };
        row.insert(self.transaction()).await?;
        self.audit("metric.create", "metric", &id, None, Some(json!({ "name": new.name })));
        Ok(id)
    }
}

/// Records what no visitor waits for: no audit, no notification.
#[derive(Debug)]
pub struct Record<'a>(pub(super) &'a Store);

impl Store {
    pub fn record(&self) -> Record<'_> {
        Record(self)
    }
}

impl Store {
    /// The pages with points that may be shown now and are not.
    pub async fn pages_with_points(&self) -> Result<Vec<Id>> {
        let pages: Vec<String> = pages::Entity::find()
            .filter(pages::Column::MetricsPending.eq(true))
            .filter(due(self.now()))
            .order_by_asc(pages::Column::MetricsBumpedAt)
            .limit(MOST_SHOWN)
            .select_only()
            .column(pages::Column::Id)
            .into_tuple()
            .all(&self.reader)
            .await?;
        Ok(pages.into_iter().filter_map(|page| page.parse().ok()).collect())
    }
}

impl Record<'_> {
    /// Keeps points of a metric. A second point at the same instant takes the first one's place.
    /// Says what was committed if it made a revision, which it does at most once a minute a page; what
    /// comes within that minute is shown when it is over ([`Self::show_points`]).
    /// Refuses values that are no numbers or too large to be summed up, and instants before 1970 or
    /// more than a day ahead.
    pub async fn metric_points(&self, metric: &Id, points: &[Point]) -> Result<Option<Committed>> {
        let found = metrics::Entity::find_by_id(metric.as_str()).one(&self.0.reader).await?;
        let found = found.ok_or_else(|| StoreError::NotFound(format!("metric {metric}")))?;
        let page = convert::id("pages", &found.page_id)?;
        self.points(&page, &BTreeMap::from([(metric.clone(), points.to_vec())])).await
    }

    /// Keeps points of several metrics of a page, or nothing at all if one of them is not of it.
    pub async fn points(&self, page: &Id, given: &BTreeMap<Id, Vec<Point>>) -> Result<Option<Committed>> {
        let _turn = self.0.turns.take(page).await?;
        let transaction = self.0.write().await?;
        let backend = transaction.get_database_backend();
        let now = dialect::now(&transaction, &self.0.clock).await?;
        // The page before its metrics, and these by id, as whoever else locks both does it.
        let shared = dialect::shared(pages::Entity::find_by_id(page.as_str()), backend);
        let there = shared.one(&transaction).await?;
        there.ok_or_else(|| StoreError::NotFound(format!("page {page}")))?;
        for (metric, points) in given {
            check(points, now)?;
            let found = metrics::Entity::find_by_id(metric.as_str())
                .filter(metrics::Column::PageId.eq(page.as_str()))
                .filter(metrics::Column::DeletedAt.is_null());
            let found = dialect::locked(found, backend).one(&transaction).await?;
            let found = found.ok_or_else(|| StoreError::NotFound(format!("metric {metric}")))?;
            // One instant may stand only once in a statement.
            let latest: BTreeMap<DateTime<Utc>, f64> =
                points.iter().map(|(at, value)| (clock::cut(*at), *value)).collect();
            put_points(&transaction, &found, &latest).await?;
            sum_up(&transaction, &found, latest.keys().copied()).await?;
            touch(&transaction, &found, latest.keys().last()).await?;
        }
        let bumped = match given.values().all(Vec::is_empty) {
            true => None,
            false => {
                let bumped = bump(&transaction, page.as_str(), now).await?;
                if bumped.is_none() {
                    set_pending(&transaction, page.as_str(), true).await?;
                }
                bumped
            }
        };
        transaction.commit().await?;
        Ok(bumped)
    }

    /// Makes a revision of the points that came within a minute of the last one for points, once that
    /// minute is over.
    pub async fn show_points(&self, page: &Id) -> Result<Option<Committed>> {
        let _turn = self.0.turns.take(page).await?;
        let transaction = self.0.write().await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        // Waits for points that are just being kept, and whose writers have seen that others wait.
        let found = pages::Entity::find_by_id(page.as_str()).filter(pages::Column::MetricsPending.eq(true));
        let found = dialect::locked(found, transaction.get_database_backend()).one(&transaction).await?;
        if found.is_none() {
            return Ok(None);
        }
        let bumped = bump(&transaction, page.as_str(), now).await?;
        if bumped.is_some() {
            set_pending(&transaction, page.as_str(), false).await?;
        }
        transaction.commit().await?;
        Ok(bumped)
    }
}

fn check(points: &[Point], now: DateTime<Utc>) -> Result<()> {
    for (at, value) in points {
        if !value.is_finite() || value.abs() > LARGEST_VALUE {
            return Err(StoreError::Refused(format!(
                "value: {value} is not a number from -{LARGEST_VALUE:e} to {LARGEST_VALUE:e}"
            )));
        }
        if *at < DateTime::UNIX_EPOCH || *at > now + AHEAD {
            return Err(StoreError::Refused(format!(
                "timestamp: {at} is not between 1970 and a day after now"
            )));
        }
    }
    Ok(())
}

/// Remembers when the newest point was measured.
async fn touch(
    transaction: &DatabaseTransaction,
    metric: &metrics::Model,
    newest: Option<&DateTime<Utc>>,
) -> Result<()> {
    let Some(newest) = newest.filter(|newest| metric.most_recent_data_at.is_none_or(|at| at < **newest))
    else {
        return Ok(());
    };
    metrics::Entity::update_many()
        .col_expr(metrics::Column::MostRecentDataAt, Expr::value(*newest))
        .filter(metrics::Column::Id.eq(metric.id.as_str()))
        .exec(transaction)
        .await?;
    Ok(())
}

async fn put_points(
    transaction: &DatabaseTransaction,
    metric: &metrics::Model,
    points: &BTreeMap<DateTime<Utc>, f64>,
) -> Result<()> {
    let rows: Vec<_> = points
        .iter()
        .map(|(measured_at, value)| metric_points::ActiveModel {
            metric_id: Set(metric.id.clone()),
            measured_at: Set(*measured_at),
            page_id: Set(metric.page_id.clone()),
            value: Set(*value),
        })
        .collect();
    for some in rows.chunks(1_000) {
        let mut same =
            OnConflict::columns([metric_points::Column::MetricId, metric_points::Column::MeasuredAt]);
        same.update_column(metric_points::Column::Value);
        metric_points::Entity::insert_many(some.iter().cloned())
            .on_conflict(same)
            .exec_without_returning(transaction)
            .await?;
    }
    Ok(())
}

/// Makes the page's next revision, if the last one for points is long enough ago.
async fn bump(
    transaction: &DatabaseTransaction,
    page: &str,
    now: DateTime<Utc>,
) -> Result<Option<Committed>> {
    let commit = Id::random();
    let bumped = pages::Entity::update_many()
        .col_expr(pages::Column::Revision, Expr::col(pages::Column::Revision).add(1))
        .col_expr(pages::Column::Commit, Expr::value(commit.as_str()))
        .col_expr(pages::Column::CommittedAt, Expr::value(now))
        .col_expr(pages::Column::MetricsBumpedAt, Expr::value(now))
        .filter(pages::Column::Id.eq(page))
        .filter(due(now))
        .exec(transaction)
        .await?;
    if bumped.rows_affected == 0 {
        return Ok(None);
    }
    let row = pages::Entity::find_by_id(page).one(transaction).await?;
    let row = row.ok_or_else(|| StoreError::NotFound(format!("page {page}")))?;
    let page_id = page.parse().map_err(|_| StoreError::NotFound(format!("page {page}")))?;
    Ok(Some(Committed { page_id, version: Version { revision: row.revision, commit } }))
}

fn due(now: DateTime<Utc>) -> Condition {
    Condition::any()
        .add(pages::Column::MetricsBumpedAt.is_null())
        .add(pages::Column::MetricsBumpedAt.lte(now - BUMP_INTERVAL))
}

/// Remembers whether points wait to be shown.
async fn set_pending(transaction: &DatabaseTransaction, page: &str, pending: bool) -> Result<()> {
    pages::Entity::update_many()
        .col_expr(pages::Column::MetricsPending, Expr::value(pending))
        .filter(pages::Column::Id.eq(page))
        .filter(pages::Column::MetricsPending.ne(pending))
        .exec(transaction)
        .await?;
    Ok(())
}

//! The outbox, as far as operators look after it.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};

use super::{
    Record, Result, Store,
    change::NOTIFICATION_LIFE,
    dialect,
    entity::{notifications, subscribers},
};
use crate::domain::Id;

/// What was to be told longer ago than this when a database was restored may have been told already.
const FRESH: TimeDelta = TimeDelta::minutes(15);
/// The most that are listed.
const MOST: u64 = 1_000;
/// The most waiting notifications that are counted: an outbox that is fuller than that is as bad.
const COUNTED: u64 = 10_000;
/// What was due longer ago is too late, unless an operator released it after that.
const RECENT: TimeDelta = TimeDelta::days(2);

/// A notification that waits for an operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub id: Id,
    pub page_id: Id,
    pub event: String,
    pub created_at: DateTime<Utc>,
}

/// How much is to be told, and how late it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outbox {
    /// How many notifications are due, at most 10,000.
    pub waiting: u64,
    /// How long the first of them has been due; nothing if none is.
    pub oldest: TimeDelta,
    /// How many wait for an operator, at most 10,000.
    pub held: u64,
}

impl Store {
    /// What is due in the outbox and not too late yet, of pages with anybody to tell: what has no
    /// reader keeps nobody waiting. Reads along one index, and no further than its bounds.
    pub async fn outbox(&self) -> Result<Outbox> {
        let transaction = self.read().await?;
        let now = dialect::now(&transaction, &self.clock).await?;
        let page = (notifications::Entity, notifications::Column::PageId);
        let readers = subscribers::Entity::find()
            .select_only()
            .column(subscribers::Column::Id)
            .filter(Expr::col((subscribers::Entity, subscribers::Column::PageId)).equals(page))
            .filter(subscribers::Column::UnsubscribedAt.is_null());
        let due: Vec<DateTime<Utc>> = notifications::Entity::find()
            .select_only()
            .column(notifications::Column::NotBefore)
            .filter(notifications::Column::State.eq("pending"))
            .filter(notifications::Column::NotBefore.between(now - RECENT, now))
            .filter(notifications::Column::ExpiresAt.gt(now))
            .filter(Expr::exists(readers.into_query()))
            .order_by_asc(notifications::Column::NotBefore)
            .limit(COUNTED)
            .into_tuple()
            .all(&transaction)
            .await?;
        let held: Vec<String> = notifications::Entity::find()
            .select_only()
            .column(notifications::Column::Id)
            .filter(notifications::Column::State.eq("held"))
            .limit(COUNTED)
            .into_tuple()
            .all(&transaction)
            .await?;
        transaction.commit().await?;
        let oldest = due.first().map_or(TimeDelta::zero(), |first| now - *first);
        let count = |rows: usize| u64::try_from(rows).unwrap_or(COUNTED);
        Ok(Outbox { waiting: count(due.len()), oldest, held: count(held.len()) })
    }

    /// The notifications that wait for an operator, oldest first, at most 1,000.
    pub async fn held_notifications(&self) -> Result<Vec<Held>> {
        let rows = notifications::Entity::find()
            .filter(notifications::Column::State.eq("held"))
            .order_by_asc(notifications::Column::CreatedAt)
            .limit(MOST)
            .all(&self.reader)
            .await?;
        let held = rows.into_iter().filter_map(|row| {
            let (id, page_id) = (row.id.parse().ok()?, row.page_id.parse().ok()?);
            Some(Held { id, page_id, event: row.event, created_at: row.created_at })
        });
        Ok(held.collect())
    }
}

impl Record<'_> {
    /// The database went back to an older state: what was to be told more than a quarter of an hour
    /// before may have been told already, so it waits for an operator. Says how many there are.
    pub async fn hold_notifications(&self, page: &Id) -> Result<u64> {
        let transaction = self.0.write().await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        let held = notifications::Entity::update_many()
            .col_expr(notifications::Column::State, Expr::value("held"))
            .filter(notifications::Column::PageId.eq(page.as_str()))
            .filter(notifications::Column::State.eq("pending"))
            .filter(notifications::Column::CreatedAt.lt(now - FRESH))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        if held.rows_affected > 0 {
            tracing::warn!(
                page.id = %page,
                notifications = held.rows_affected,
                "notifications wait for an operator: `pharos notification list`, then `release`"
            );
        }
        Ok(held.rows_affected)
    }

    /// Has held notifications told after all, one or all, and says how many.
    pub async fn release_notifications(&self, only: Option<&Id>) -> Result<u64> {
        let transaction = self.0.write().await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        let mut release = notifications::Entity::update_many()
            .col_expr(notifications::Column::State, Expr::value("pending"))
            .col_expr(notifications::Column::ExpiresAt, Expr::value(now + NOTIFICATION_LIFE))
            .filter(notifications::Column::State.eq("held"));
        if let Some(id) = only {
            release = release.filter(notifications::Column::Id.eq(id.as_str()));
        }
        let released = release.exec(&transaction).await?;
        transaction.commit().await?;
        Ok(released.rows_affected)
    }

    /// Drops held notifications, one or all, and says how many.
    pub async fn drop_held_notifications(&self, only: Option<&Id>) -> Result<u64> {
        let transaction = self.0.write().await?;
        let mut drop = notifications::Entity::delete_many().filter(notifications::Column::State.eq("held"));
        if let Some(id) = only {
            drop = drop.filter(notifications::Column::Id.eq(id.as_str()));
        }
        let dropped = drop.exec(&transaction).await?;
        transaction.commit().await?;
        Ok(dropped.rows_affected)
    }
}

//! Keys of addresses: made, changed, deleted, looked up; and heartbeats, which must not be silent.

use chrono::TimeDelta;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, prelude::Expr,
};
use serde_json::json;

use super::key;
use crate::{
    domain::{
        Id,
        alert::{AlertKey, KeyKind},
    },
    store::{Change, Record, Result, Store, StoreError, component_changes::expect, entity::alert_keys},
};

/// The most keys of a page.
const MOST_KEYS: u64 = 500;
/// The shortest and the longest period of a heartbeat, in seconds.
const PERIODS: std::ops::RangeInclusive<i32> = 30..=31 * 24 * 3600;

/// A key to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub kind: KeyKind,
    pub name: String,
    pub prefix: String,
    /// SHA-256 of the whole key, in hexadecimal digits.
    pub hash: String,
    pub period_seconds: Option<i32>,
    pub topic_arn: Option<String>,
}

/// What is to be changed of a key; nothing stays as it is.
#[derive(Clone, Debug, Default)]
pub struct KeyChanges {
    pub name: Option<String>,
    pub period_seconds: Option<i32>,
    pub topic_arn: Option<Option<String>>,
}

impl Store {
    /// The keys that begin so, with their hashes.
    pub async fn alert_keys_beginning(&self, prefix: &str) -> Result<Vec<(AlertKey, String)>> {
        let rows = alert_keys::Entity::find()
            .filter(alert_keys::Column::Prefix.eq(prefix))
            .filter(alert_keys::Column::DeletedAt.is_null())
            .limit(16)
            .all(&self.reader)
            .await?;
        rows.into_iter()
            .map(|row| {
                let hash = row.key_hash.clone();
                Ok((key(row)?, hash))
            })
            .collect()
    }

    /// The heartbeats that are silent for too long and that nobody noticed yet. One that was never
    /// heard is still being set up.
    pub async fn silent_heartbeats(&self) -> Result<Vec<AlertKey>> {
        let now = self.now();
        let rows = alert_keys::Entity::find()
            .filter(alert_keys::Column::Kind.eq(KeyKind::Heartbeat.as_str()))
            .filter(alert_keys::Column::DeletedAt.is_null())
            .filter(alert_keys::Column::Missing.eq(false))
            .filter(alert_keys::Column::LastSeenAt.is_not_null())
            .filter(alert_keys::Column::LastSeenAt.lt(now - TimeDelta::seconds(i64::from(*PERIODS.start()))))
            .order_by_asc(alert_keys::Column::LastSeenAt)
            .all(&self.reader)
            .await?;
        let keys = rows.into_iter().map(key).collect::<Result<Vec<_>>>()?;
        let silent = |key: &AlertKey| {
            let period = TimeDelta::seconds(i64::from(key.period_seconds.unwrap_or(*PERIODS.end())));
            key.last_seen_at.is_some_and(|at| now - at > period)
        };
        Ok(keys.into_iter().filter(silent).collect())
    }
}

impl Record<'_> {
    /// Notes that a heartbeat was heard, and says whether it was missing. From then on nobody notes
    /// that it is.
    pub async fn heartbeat(&self, id: &Id) -> Result<bool> {
        alert_keys::Entity::update_many()
            .col_expr(alert_keys::Column::LastSeenAt, Expr::value(self.0.now()))
            .filter(alert_keys::Column::Id.eq(id.as_str()))
            .exec(&self.0.writer)
            .await?;
        let row = alert_keys::Entity::find_by_id(id.as_str()).one(&self.0.writer).await?;
        Ok(row.is_some_and(|row| row.missing))
    }

    /// Notes that a heartbeat is missing, unless it was heard since `key` was read.
    pub async fn heartbeat_missing(&self, key: &AlertKey) -> Result<bool> {
        let noted = alert_keys::Entity::update_many()
            .col_expr(alert_keys::Column::Missing, Expr::value(true))
            .filter(alert_keys::Column::Id.eq(key.id.as_str()))
            .filter(alert_keys::Column::LastSeenAt.eq(key.last_seen_at))
            .exec(&self.0.writer)
            .await?;
        Ok(noted.rows_affected > 0)
    }

    /// Notes that a heartbeat is back.
    pub async fn heartbeat_back(&self, id: &Id) -> Result<()> {
        alert_keys::Entity::update_many()
            .col_expr(alert_keys::Column::Missing, Expr::value(false))
            .filter(alert_keys::Column::Id.eq(id.as_str()))
            .exec(&self.0.writer)
            .await?;
        Ok(())
    }

    /// Ties a key to the first topic that subscribes; false, if it is tied to another.
    pub async fn tie_to_topic(&self, id: &Id, topic: &str) -> Result<bool> {
        let free = alert_keys::Column::TopicArn.is_null().or(alert_keys::Column::TopicArn.eq(topic));
        let tied = alert_keys::Entity::update_many()
            .col_expr(alert_keys::Column::TopicArn, Expr::value(topic))
            .col_expr(alert_keys::Column::LastSeenAt, Expr::value(self.0.now()))
            .filter(alert_keys::Column::Id.eq(id.as_str()))
            .filter(free)
            .exec(&self.0.writer)
            .await?;
        Ok(tied.rows_affected > 0)
    }
}

impl Change {
    /// Makes a key.
    pub async fn create_alert_key(&mut self, new: NewKey) -> Result<Id> {
        let count = alert_keys::Entity::find()
            .filter(alert_keys::Column::PageId.eq(self.page_id.as_str()))
            .filter(alert_keys::Column::DeletedAt.is_null())
            .count(self.transaction())
            .await?;
        if count >= MOST_KEYS {
            let text = format!("alert_keys: a page has at most {MOST_KEYS}; delete some first");
            return Err(StoreError::Refused(text));
        }
        check(new.kind, new.period_seconds, new.topic_arn.as_deref())?;
        let id = Id::random();
        let row = alert_keys::ActiveModel {
            id: Set(id.to_string()),
            page_id: Set(self.page_id.to_string()),
            kind: Set(new.kind.as_str().to_owned()),
            name: Set(new.name),
            prefix: Set(new.prefix),
            key_hash: Set(new.hash),
            period_seconds: Set(new.period_seconds),
            last_seen_at: Set(None),
            missing: Set(false),
            topic_arn: Set(new.topic_arn),
            version: Set(1),
            created_at: Set(self.at),
            updated_at: Set(self.at),
            deleted_at: Set(None),
        };
        let made = key(row.insert(self.transaction()).await?)?;
        self.audit("alert_key.create", "alert_key", &id, None, Some(json!(made)));
        Ok(id)
    }

    /// Changes a key.
    pub async fn update_alert_key(
        &mut self,
        id: &Id,
        expected: Option<i64>,
        changes: KeyChanges,
    ) -> Result<()> {
        let row = self.key_of_page(id).await?;
        expect(row.version, expected, || format!("alert key {id}"))?;
        let (before, version) = (key(row.clone())?, row.version + 1);
        let period = changes.period_seconds.or(row.period_seconds);
        let topic = changes.topic_arn.unwrap_or(row.topic_arn.clone());
        check(before.kind, period, topic.as_deref())?;
        let mut row = row.into_active_model();
        if let Some(name) = changes.name {
            row.name = Set(name);
        }
        row.period_seconds = Set(period);
        row.topic_arn = Set(topic);
        row.version = Set(version);
        row.updated_at = Set(self.at);
        let after = key(row.update(self.transaction()).await?)?;
        self.audit("alert_key.update", "alert_key", id, Some(json!(before)), Some(json!(after)));
        Ok(())
    }

    /// Deletes a key: its address opens nothing any more.
    pub async fn delete_alert_key(&mut self, id: &Id, expected: Option<i64>) -> Result<()> {
        let row = self.key_of_page(id).await?;
        expect(row.version, expected, || format!("alert key {id}"))?;
        let (before, version) = (key(row.clone())?, row.version + 1);
        let mut row = row.into_active_model();
        row.deleted_at = Set(Some(self.at));
        row.version = Set(version);
        row.update(self.transaction()).await?;
        self.audit("alert_key.delete", "alert_key", id, Some(json!(before)), None);
        Ok(())
    }

    async fn key_of_page(&self, id: &Id) -> Result<alert_keys::Model> {
        let found = alert_keys::Entity::find_by_id(id.as_str())
            .filter(alert_keys::Column::PageId.eq(self.page_id.as_str()))
            .filter(alert_keys::Column::DeletedAt.is_null())
            .one(self.transaction())
            .await?;
        found.ok_or_else(|| StoreError::NotFound(format!("alert key {id}")))
    }
}

fn check(kind: KeyKind, period: Option<i32>, topic: Option<&str>) -> Result<()> {
    let refused = match (kind, period, topic) {
        (KeyKind::Heartbeat, None, _) => "period_seconds: is needed for a heartbeat".to_owned(),
        (KeyKind::Heartbeat, Some(period), _) if !PERIODS.contains(&period) => {
            format!("period_seconds: allowed are {} to {}", PERIODS.start(), PERIODS.end())
        }
        (KeyKind::Heartbeat, _, Some(_)) => "topic_arn: a heartbeat has none".to_owned(),
        (KeyKind::Sns, Some(_), _) => "period_seconds: a topic of SNS has none".to_owned(),
        _ => return Ok(()),
    };
    Err(StoreError::Refused(refused))
}

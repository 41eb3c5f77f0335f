//! The processes that work on the database: what each says of itself, and who holds a lease.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement, sea_query::OnConflict,
};
use serde_json::json;

use super::{
    Record, Result, Store, dialect,
    entity::{leases, replicas},
};
use crate::domain::{
    Id,
    replica::{Replica, Told},
};

/// Who was silent for so long is forgotten.
const FORGOTTEN_AFTER: TimeDelta = TimeDelta::days(1);
/// The most that are told of.
const MOST: u64 = 100;

impl Store {
    /// Whether other processes can work on this database too, on other machines.
    pub fn is_shared(&self) -> bool {
        self.reader.get_database_backend() == DbBackend::Postgres
    }

    /// All that were there within a day, the last seen first.
    pub async fn replicas(&self) -> Result<Vec<Replica>> {
        self.check_up()?;
        let rows = replicas::Entity::find()
            .filter(replicas::Column::SeenAt.gt(self.now() - FORGOTTEN_AFTER))
            .order_by_desc(replicas::Column::SeenAt)
            .order_by_asc(replicas::Column::Id)
            .limit(MOST)
            .all(&self.reader)
            .await?;
        let read = rows.into_iter().filter_map(|row| {
            let told: Told = serde_json::from_value(row.told).ok()?;
            Some(Replica { id: row.id.parse().ok()?, seen_at: row.seen_at, told })
        });
        Ok(read.collect())
    }

    /// Who holds a lease, and until when.
    pub async fn lease(&self, name: &str) -> Result<Option<(Id, DateTime<Utc>)>> {
        let held = leases::Entity::find_by_id(name).one(&self.reader).await?;
        let now = self.now();
        let held = held.filter(|lease| lease.until_at > now);
        Ok(held.and_then(|lease| Some((lease.holder.parse().ok()?, lease.until_at))))
    }

    /// What the database calls its own release.
    pub async fn database_version(&self) -> Result<String> {
        let backend = self.reader.get_database_backend();
        let sql = match backend {
            DbBackend::Postgres => "SELECT current_setting('server_version') AS version",
            _ => "SELECT sqlite_version() AS version",
        };
        let transaction = self.read().await?;
        let row = transaction.query_one_raw(Statement::from_string(backend, sql)).await?;
        transaction.commit().await?;
        row.map_or_else(|| Ok(String::new()), |row| Ok(row.try_get("", "version")?))
    }
}

impl Record<'_> {
    /// Says that a process is there, by the database's clock, and forgets those that are long gone.
    pub async fn present(&self, id: &Id, told: &Told) -> Result<()> {
        let transaction = self.0.write().await?;
        let now = dialect::now(&transaction, &self.0.clock).await?;
        let row =
            replicas::ActiveModel { id: Set(id.to_string()), seen_at: Set(now), told: Set(json!(told)) };
        let or_again = OnConflict::column(replicas::Column::Id)
            .update_columns([replicas::Column::SeenAt, replicas::Column::Told])
            .to_owned();
        replicas::Entity::insert(row).on_conflict(or_again).exec_without_returning(&transaction).await?;
        replicas::Entity::delete_many()
            .filter(replicas::Column::SeenAt.lte(now - FORGOTTEN_AFTER))
            .exec(&transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    /// A process ends, and is not missed.
    pub async fn absent(&self, id: &Id) -> Result<()> {
        let transaction = self.0.write().await?;
        replicas::Entity::delete_by_id(id.as_str()).exec(&transaction).await?;
        Ok(transaction.commit().await?)
    }
}

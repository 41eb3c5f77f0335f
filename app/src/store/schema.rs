//! Bringing the schema up to date, one process at a time.

use std::{collections::HashSet, time::Duration};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement, TransactionOptions};
use sea_orm_migration::MigratorTrait;

use super::{Result, Store, StoreError, dialect, roles};
use crate::{
    clock,
    migration::{Migrator, SCHEMA_TABLE},
};

/// How long to wait for the lock, or for a table that a running query holds, before the next try.
const LOCK_TIMEOUT: &str = "4s";
const TRIES: u32 = 15;
const LONGEST_WAIT: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_secs(1);

impl Store {
    /// Applies the steps that are missing and says how many. On a schema that is newer than this
    /// release nothing is done, if the schema says that this release may use it.
    pub async fn migrate(&self) -> Result<usize> {
        self.migrate_by(None).await
    }

    /// The same as another role of Postgres, which this one is a member of.
    pub(super) async fn migrate_as(&self, role: &str) -> Result<usize> {
        self.migrate_by(Some(role)).await
    }

    async fn migrate_by(&self, role: Option<&str>) -> Result<usize> {
        if self.accepts_newer_schema().await? {
            return Ok(0);
        }
        if self.writer.get_database_backend() != DbBackend::Postgres {
            return self.apply().await;
        }
        let mut tries = 1;
        loop {
            let began = clock::instant();
            match self.apply_under_lock(role).await {
                // A step that took too long itself would do so again.
                Err(StoreError::TimedOut) if tries < TRIES && began.elapsed() < LONGEST_WAIT => {
                    tracing::info!(try = tries, "another process holds a lock on the schema, waiting");
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// Refuses a schema that lacks steps of this release, or is newer than it may use.
    pub async fn check_schema(&self) -> Result<()> {
        if self.accepts_newer_schema().await? {
            return Ok(());
        }
        let missing = missing_steps(&self.writer).await?;
        if missing == 0 {
            return Ok(());
        }
        Err(StoreError::SchemaBehind(format!(
            "the database lacks {missing} schema steps of this release: run `pharos migrate`, or start with PHAROS_MIGRATE=1"
        )))
    }

    async fn apply(&self) -> Result<usize> {
        let missing = missing_steps(&self.writer).await?;
        Migrator::up(self.writer.connection(), None).await?;
        Ok(missing)
    }

    /// The lock belongs to the transaction that all steps run in, so that it goes when the
    /// process dies, and works behind a pooler.
    async fn apply_under_lock(&self, role: Option<&str>) -> Result<usize> {
        let transaction = self.writer.begin(TransactionOptions::default()).await?;
        transaction.execute_unprepared(&patience()).await?;
        if let Some(role) = role {
            transaction.execute_unprepared(&format!("SET LOCAL ROLE {}", roles::quoted(role))).await?;
        }
        dialect::alone(&transaction).await?;
        let missing = missing_steps(&transaction).await?;
        Migrator::up(&transaction, None).await?;
        roles::grant(&transaction).await?;
        transaction.commit().await?;
        Ok(missing)
    }

    /// Whether the schema has steps that this release does not know, and allows it nonetheless.
    async fn accepts_newer_schema(&self) -> Result<bool> {
        let applied = applied_steps(&self.writer).await?;
        let known: HashSet<String> =
            Migrator::migrations().iter().map(|step| step.name().to_owned()).collect();
        if applied.is_subset(&known) {
            return Ok(false);
        }
        let ours = env!("CARGO_PKG_VERSION");
        let oldest = min_app_version(&self.writer).await?;
        if numbers(ours) >= numbers(&oldest) {
            tracing::info!(
                schema.min_app_version = oldest,
                "the schema is newer than this release and allows it"
            );
            return Ok(true);
        }
        Err(StoreError::Schema(format!(
            "the database's schema is for Pharos {oldest} and later, this is {ours}: run a newer release"
        )))
    }
}

/// How long the statements of a transaction that changes the schema wait.
pub(super) fn patience() -> String {
    format!("SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'; SET LOCAL statement_timeout = '10min'")
}

async fn missing_steps(connection: &impl ConnectionTrait) -> Result<usize> {
    let applied = applied_steps(connection).await?;
    Ok(Migrator::migrations().iter().filter(|step| !applied.contains(step.name())).count())
}

/// The steps that this database has had; none when it is empty.
async fn applied_steps(connection: &impl ConnectionTrait) -> Result<HashSet<String>> {
    let backend = connection.get_database_backend();
    let exists = match backend {
        DbBackend::Postgres => "SELECT 1 AS one WHERE to_regclass('seaql_migrations') IS NOT NULL",
        _ => "SELECT 1 AS one FROM sqlite_master WHERE name = 'seaql_migrations'",
    };
    if connection.query_one_raw(Statement::from_string(backend, exists)).await?.is_none() {
        return Ok(HashSet::new());
    }
    let rows = Statement::from_string(backend, "SELECT version FROM seaql_migrations");
    let rows = connection.query_all_raw(rows).await?;
    Ok(rows.iter().map(|row| row.try_get("", "version")).collect::<std::result::Result<_, DbErr>>()?)
}

async fn min_app_version(connection: &impl ConnectionTrait) -> Result<String> {
    let backend = connection.get_database_backend();
    let sql = format!("SELECT value FROM {SCHEMA_TABLE} WHERE key = 'min_app_version'");
    let row = connection.query_one_raw(Statement::from_string(backend, sql)).await?;
    let row = row.ok_or_else(|| StoreError::Schema("schema_info has no min_app_version".into()))?;
    Ok(row.try_get("", "value")?)
}

/// A version as numbers that compare: 0.10.0 is later than 0.9.1.
fn numbers(version: &str) -> Vec<u64> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert!(numbers("0.10.0") > numbers("0.9.1"));
        assert!(numbers("1.0.0") >= numbers("1.0.0"));
    }
}

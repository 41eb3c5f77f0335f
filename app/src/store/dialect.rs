//! What differs between SQLite and Postgres.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{
    AccessMode, ConnectOptions, ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, IsolationLevel, QuerySelect, Select, Statement, TransactionOptions,
    sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous},
};

use crate::clock::{self, Clock};

/// How long a write waits for another process's on the same file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

pub fn is_sqlite(url: &str) -> bool {
    url.starts_with("sqlite:")
}

/// A file in write-ahead mode: readers never wait for the writer.
pub fn sqlite(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).min_connections(1).sqlx_logging(false);
    options.map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(BUSY_TIMEOUT)
            .foreign_keys(true)
    });
    options
}

/// SQLite's snapshot is what Postgres calls repeatable read.
pub fn reading(connection: &DatabaseConnection) -> TransactionOptions {
    match connection.get_database_backend() {
        DbBackend::Postgres => TransactionOptions {
            isolation_level: Some(IsolationLevel::RepeatableRead),
            access_mode: Some(AccessMode::ReadOnly),
            ..TransactionOptions::default()
        },
        _ => TransactionOptions::default(),
    }
}

/// Locks the rows that a query finds until the transaction ends. On SQLite the transaction holds
/// the whole file already.
pub fn locked<E: EntityTrait>(query: Select<E>, backend: DbBackend) -> Select<E> {
    if backend == DbBackend::Postgres { query.lock_exclusive() } else { query }
}

/// The key of Postgres' advisory lock: "pharos" as a number.
pub const LOCK: i64 = 0x7068_6172_6f73;

/// Waits until no other transaction does what only one may do at a time. A writing transaction on
/// SQLite is alone from its beginning.
pub async fn alone(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    Ok(())
}

/// The time by the database's clock, which all replicas share; a test's clock stands for it.
pub async fn now(transaction: &DatabaseTransaction, clock: &Clock) -> Result<DateTime<Utc>, DbErr> {
    if transaction.get_database_backend() != DbBackend::Postgres || !clock.is_system() {
        return Ok(clock.now());
    }
    let statement = Statement::from_string(DbBackend::Postgres, "SELECT clock_timestamp() AS now");
    let row = transaction.query_one_raw(statement).await?;
    row.map_or_else(|| Ok(clock.now()), |row| row.try_get("", "now").map(clock::cut))
}

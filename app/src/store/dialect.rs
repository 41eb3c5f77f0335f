//! What differs between SQLite and Postgres.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{
    AccessMode, ConnAcquireErr, ConnectOptions, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr,
    EntityTrait, IsolationLevel, QuerySelect, RuntimeErr, Select, Statement, TransactionOptions,
    sea_query::LockType,
    sqlx::{
        self, AssertSqlSafe, Executor,
        sqlite::{SqliteJournalMode, SqliteSynchronous},
    },
};

use super::{ACQUIRE_TIMEOUT, APPLICATION};
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

/// How long a statement waits for what others have locked, how long it may take, and how long a transaction
/// may do nothing, where the operator has set nothing. Whoever is waited for no longer does not go on.
const LIMITS: [(&str, &str); 3] =
    [("lock_timeout", "3s"), ("statement_timeout", "20s"), ("idle_in_transaction_session_timeout", "30s")];

/// A pool that connects when it is first asked.
pub fn postgres(url: &str, connections: u32) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options.max_connections(connections).acquire_timeout(ACQUIRE_TIMEOUT).connect_lazy(true);
    options.connect_timeout(ACQUIRE_TIMEOUT).sqlx_logging(false).set_application_name(APPLICATION);
    options.map_sqlx_postgres_pool_opts(|pool| {
        pool.after_connect(|connection, _| {
            Box::pin(async move { connection.execute(AssertSqlSafe(limits())).await.map(drop) })
        })
    });
    options
}

fn limits() -> String {
    let limit = |(name, value): (&str, &str)| {
        format!("SELECT set_config('{name}', '{value}', false) WHERE current_setting('{name}') = '0'")
    };
    LIMITS.map(limit).join("; ")
}

/// Lets a transaction take as long as it takes: an archive goes by the pace of whoever reads or writes it.
pub async fn unhurried(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let sql = "SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0";
        transaction.execute_unprepared(sql).await?;
    }
    Ok(())
}

/// Whether no connection was free in time, or a statement was given up since others held a lock for too long, or
/// since it took too long itself:
/// 55P03 is lock_not_available, 57014 query_canceled (PostgreSQL, appendix A).
pub fn waited_too_long(error: &DbErr) -> bool {
    if let DbErr::ConnectionAcquire(ConnAcquireErr::Timeout) = error {
        return true;
    }
    let (DbErr::Exec(RuntimeErr::SqlxError(error))
    | DbErr::Query(RuntimeErr::SqlxError(error))
    | DbErr::Conn(RuntimeErr::SqlxError(error))) = error
    else {
        return false;
    };
    let sqlx::Error::Database(error) = &**error else { return false };
    matches!(error.code().as_deref(), Some("55P03" | "57014"))
}

/// SQLite's snapshot is what Postgres calls repeatable read.
pub fn reading(connection: &impl ConnectionTrait) -> TransactionOptions {
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

/// The channel on which Postgres tells of commits.
pub const CHANNEL: &str = "pharos";

/// Has Postgres tell all who listen, if the transaction commits.
pub async fn notify(transaction: &DatabaseTransaction, text: &str) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let values = [CHANNEL.into(), text.into()];
        let sql = Statement::from_sql_and_values(DbBackend::Postgres, "SELECT pg_notify($1, $2)", values);
        transaction.execute_raw(sql).await?;
    }
    Ok(())
}

/// Keeps the rows that a query finds from being locked by others until the transaction ends, which
/// may do the same and still write what is no key.
pub fn shared<E: EntityTrait>(query: Select<E>, backend: DbBackend) -> Select<E> {
    if backend == DbBackend::Postgres { query.lock(LockType::KeyShare) } else { query }
}

/// Has Postgres number incidents after the highest number there is; SQLite does by itself.
pub async fn number_on(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DbBackend::Postgres {
        let sequence = "pg_get_serial_sequence('incidents', 'number')";
        let highest = "SELECT max(number) AS number FROM incidents";
        let next = format!("SELECT setval({sequence}, number) FROM ({highest}) AS highest WHERE number > 0");
        transaction.execute_unprepared(&next).await?;
    }
    Ok(())
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

/// Sums up one metric's points in some of its buckets of `interval` seconds and keeps the sums. Its
/// values are the metric's id, the page's, and the buckets' beginnings: a JSON list of seconds since
/// 1970. Each bucket is looked up by itself; left to choose, a planner may go through all points for
/// each of them.
pub fn sum_up(backend: DbBackend, interval: i64) -> String {
    let sums = "count(*) AS count, sum(p.value) AS sum, min(p.value) AS min, max(p.value) AS max";
    let summed = "p.value BETWEEN -1e18 AND 1e18";
    let select = match backend {
        DbBackend::Postgres => format!(
            "SELECT CAST($1 AS TEXT), {interval}, b.at, CAST($2 AS TEXT), s.count, s.sum, s.min, s.max \
             FROM (SELECT CAST(value AS BIGINT) AS at FROM json_array_elements_text(CAST($3 AS JSON))) AS b \
             CROSS JOIN LATERAL (SELECT {sums} FROM metric_points AS p WHERE p.metric_id = $1 AND {summed} \
             AND p.measured_at >= to_timestamp(b.at) AND p.measured_at < to_timestamp(b.at + {interval})) AS s \
             WHERE s.count > 0"
        ),
        // A stored time begins with what stands here and goes on with a fraction or a zone, so that
        // it sorts behind; the fraction itself is never read, since SQLite rounds to milliseconds.
        _ => format!(
            "SELECT ?1, {interval}, b.value, ?2, {sums} FROM json_each(?3) AS b CROSS JOIN metric_points AS p \
             WHERE p.metric_id = ?1 AND {summed} \
             AND p.measured_at >= strftime('%Y-%m-%dT%H:%M:%S', b.value, 'unixepoch') \
             AND p.measured_at < strftime('%Y-%m-%dT%H:%M:%S', b.value + {interval}, 'unixepoch') \
             GROUP BY b.value"
        ),
    };
    format!(
        "INSERT INTO metric_rollups (metric_id, interval_seconds, bucket_at, page_id, count, sum, min, max) \
         {select} ON CONFLICT (metric_id, interval_seconds, bucket_at) DO UPDATE SET \
         count = excluded.count, sum = excluded.sum, min = excluded.min, max = excluded.max"
    )
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

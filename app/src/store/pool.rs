//! Connections to the database, whose password may change while they are in use: those that are
//! open live on, new ones use what holds now, and who is refused tries once more with it.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    RuntimeErr, Statement, TransactionOptions, TransactionTrait,
    sqlx::{self, ConnectOptions as _, postgres::PgConnectOptions},
};

use sea_orm_migration::async_trait::async_trait;

use super::APPLICATION;
use crate::secrets::Resolved;

/// How long a statement waits for a new password after the old one was refused.
const PATIENCE: Duration = Duration::from_secs(8);

/// A pool of connections. A clone is the same one.
#[derive(Clone, Debug)]
pub struct Pool {
    connection: DatabaseConnection,
    /// Where it leads to, where that may change.
    address: Option<Arc<Address>>,
}

#[derive(Debug)]
struct Address {
    resolved: Resolved,
    /// The address that new connections use.
    used: Mutex<Arc<str>>,
}

impl Pool {
    /// To an address that never changes.
    pub fn fixed(connection: DatabaseConnection) -> Self {
        Self { connection, address: None }
    }

    /// To Postgres, at `used`, which is what the address stood for when the pool was made.
    pub fn postgres(connection: DatabaseConnection, resolved: Resolved, used: Arc<str>) -> Self {
        let address = Address { resolved, used: Mutex::new(used) };
        let may_change = address.resolved.rotates() || address.resolved.is_unread();
        Self { connection, address: may_change.then(|| Arc::new(address)) }
    }

    /// The connections as they are, for what asks for no other.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    pub async fn begin(&self, options: TransactionOptions) -> Result<DatabaseTransaction, DbErr> {
        self.with_password(|| self.connection.begin_with_options(options)).await
    }

    pub async fn close(self) -> Result<(), DbErr> {
        self.connection.close().await
    }

    /// Does what needs a connection, with a password that holds. Who is refused one has sent no
    /// statement yet, so that it may be done again.
    async fn with_password<T, F>(&self, work: impl Fn() -> F) -> Result<T, DbErr>
    where
        F: Future<Output = Result<T, DbErr>>,
    {
        let Some(address) = &self.address else { return work().await };
        self.check()?;
        let used = self.follow(address);
        match work().await {
            Err(error) if is_refusal(&error) && renewed(&address.resolved, &used).await => {
                self.follow(address);
                work().await
            }
            done => done,
        }
    }

    /// Refuses what would lead nowhere, since its address was never read.
    pub fn check(&self) -> Result<(), DbErr> {
        match &self.address {
            Some(address) if address.resolved.is_unread() => Err(DbErr::Conn(RuntimeErr::Internal(
                "secrets that the settings refer to could not be read yet".to_owned(),
            ))),
            _ => Ok(()),
        }
    }

    /// Has new connections use what the address stands for now, and says what that is.
    fn follow(&self, address: &Address) -> Arc<str> {
        let current = address.resolved.current();
        let mut used = address.used.lock().unwrap_or_else(PoisonError::into_inner);
        if !Arc::ptr_eq(&used, &current) && *used != current {
            match current.parse::<PgConnectOptions>() {
                Ok(options) => {
                    let options = options.disable_statement_logging().application_name(APPLICATION);
                    self.connection.get_postgres_connection_pool().set_connect_options(options);
                }
                // The error could repeat a part of the address.
                Err(_) => tracing::error!("database_url: with the rotated secret it is no address any more"),
            }
            *used = current.clone();
        }
        current
    }
}

/// Whether there is another password to try after one was refused.
async fn renewed(resolved: &Resolved, refused: &str) -> bool {
    tokio::time::timeout(PATIENCE, resolved.refresh_after_failure(refused)).await.unwrap_or(false)
}

/// Whether Postgres knows the user or the password no more: 28P01 is invalid_password, 28000
/// invalid_authorization_specification (PostgreSQL, appendix A).
fn is_refusal(error: &DbErr) -> bool {
    let DbErr::Conn(RuntimeErr::SqlxError(error)) = error else { return false };
    let sqlx::Error::Database(error) = &**error else { return false };
    matches!(error.code().as_deref(), Some("28P01" | "28000"))
}

#[async_trait]
impl ConnectionTrait for Pool {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.with_password(|| self.connection.execute_raw(statement.clone())).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.with_password(|| self.connection.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.with_password(|| self.connection.query_one_raw(statement.clone())).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.with_password(|| self.connection.query_all_raw(statement.clone())).await
    }
}

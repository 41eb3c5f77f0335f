//! All SQL. Two doors lead in: [`Store::change`] for whatever a visitor can see, and
//! [`Store::record`] for everything else. Entities never leave; what comes out is of the domain.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{Database, DatabaseTransaction, DbErr, TransactionOptions};

use crate::{breaker::Breaker, clock::Clock, secrets::Resolved};

mod accounts;
mod alerts;
mod archive;
mod audience;
mod availability;
mod calendar_feeds;
mod change;
mod component_changes;
mod components;
mod convert;
mod dialect;
mod drafts;
mod entity;
mod file;
mod held_back;
mod idempotency;
mod identities;
mod incident_changes;
mod incidents;
mod leases;
mod links;
mod mails;
mod metric_changes;
mod metrics;
mod notifications;
mod organization;
mod page_settings;
mod pages;
mod passkeys;
mod past;
mod periods;
mod pool;
mod postmortems;
mod recurrences;
mod replicas;
mod roles;
mod rollups;
mod schema;
mod second_factor;
mod sessions;
mod state;
mod subscribers;
mod templates;
mod tokens;
mod turns;
mod users;
mod view;
mod whole;

pub use accounts::Credentials;
pub use alerts::{KeyChanges, NewKey, RuleChanges};
pub use archive::{
    Cell, Class, Column, Content, Kind, NEVER, Need, Reading, Restoring, Row, TABLES, Table, table,
};
pub use availability::Told;
pub use change::{Actor, Change, Committed};
pub use component_changes::{ComponentChanges, GroupChanges};
pub use components::{NewComponent, NewGroup};
pub use held_back::{HOLD_BACK, Untold};
pub use idempotency::{Attempt, Kept, Taken};
pub use identities::Vouched;
pub use incident_changes::{IncidentChanges, UpdateChanges, automatic_body};
pub use incidents::{NewIncident, NewUpdate, Options, Schedule};
pub use leases::JOBS;
pub use mails::{DueMail, LatePromise};
pub use metric_changes::{MetricChanges, ProviderChanges};
pub use metrics::{NewMetric, Point, Record};
pub use notifications::{Held, Outbox};
pub use page_settings::{BrandingSettings, Clearable, PageSettings};
pub use pages::NewPage;
pub use passkeys::{NewPasskey, Passkey};
pub use past::{MOST_FOUND, MOST_PAST, Span};
pub use roles::Roles;
pub use sessions::NewSession;
pub use state::MOST_SPANS;
pub use subscribers::NewSubscriber;
pub use templates::TemplateChanges;
pub use tokens::{NewToken, Secret};
pub use users::{NewUser, PageRoles};
pub use view::{
    ActorName, AlertFilter, AuditFilter, IncidentFilter, Include, Moment, Slice, Stage, SubscriberFilter,
    SubscriberOrder, View,
};
pub use whole::Whole;

use pool::Pool;
use turns::Turns;

/// The most connections that one process opens to Postgres: for what is asked and changed, and for what
/// keeps the pages up to date, which waits for nobody's lock.
const POOL_SIZE: u32 = 7;
const WATCHERS: u32 = 3;
/// The connections that read a SQLite file, besides the one that writes.
const READERS: u32 = 4;
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// Our name in Postgres' list of who is connected.
const APPLICATION: &str = "pharos";

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the database did not answer as it should")]
    Database(#[source] DbErr),
    #[error("the database did not answer in time")]
    TimedOut,
    /// It did not answer lately, so nobody waits for it now.
    #[error("the database does not answer")]
    Away,
    #[error("{0} does not exist")]
    NotFound(String),
    /// The database's file is not the one that was opened.
    #[error("{0}")]
    Lost(String),
    /// What was asked for breaks a rule; the text names the field and what is allowed.
    #[error("{0}")]
    Refused(String),
    /// It can't be done as things stand.
    #[error("{0}")]
    Conflict(String),
    /// Somebody else changed it since it was read.
    #[error("{what} is at version {version} now")]
    Stale { what: String, version: i64 },
    /// A row holds something that this release does not understand.
    #[error("{table} {id}: {column} holds {value:?}, which this release does not understand")]
    Unreadable { table: &'static str, id: String, column: &'static str, value: String },
    /// The schema lacks steps of this release, or is not there yet.
    #[error("{0}")]
    SchemaBehind(String),
    /// The schema is newer than this release may use.
    #[error("{0}")]
    Schema(String),
}

pub type Result<T> = std::result::Result<T, StoreError>;

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if dialect::waited_too_long(&error) { Self::TimedOut } else { Self::Database(error) }
    }
}

/// The database: SQLite with one writer and a pool of readers, or a pool of Postgres.
#[derive(Clone, Debug)]
pub struct Store {
    writer: Pool,
    reader: Pool,
    /// For what keeps the pages up to date: with SQLite the reader.
    watcher: Pool,
    turns: Turns,
    /// The file that both are connected to, where it is one.
    file: Option<file::Opened>,
    clock: Clock,
    /// Whether it answers. Whoever watches it says so; until then it is taken to.
    breaker: Breaker,
    /// By how many microseconds the database's clock is ahead of this machine's.
    offset: Arc<AtomicI64>,
}

impl Store {
    /// Connects to `sqlite://…` or `postgres://…`. Nothing is sent to Postgres yet: it may be away.
    pub async fn connect(url: &str, clock: Clock) -> Result<Self> {
        Self::open(Resolved::plain(url), clock).await
    }

    /// Connects to a database whose address may change: its new connections use what holds then.
    pub async fn open(address: Resolved, clock: Clock) -> Result<Self> {
        let url = address.current();
        let breaker = availability::breaker(&url);
        if dialect::is_sqlite(&url) {
            let writer = Pool::fixed(Database::connect(dialect::sqlite(&url, 1)).await?);
            let reader = Pool::fixed(Database::connect(dialect::sqlite(&url, READERS)).await?);
            let (watcher, file) = (reader.clone(), file::Opened::of(&url));
            return Ok(Self::of(writer, reader, watcher, file, clock, breaker));
        }
        let open = async |size| {
            let options = dialect::postgres(&url, size);
            Ok::<_, DbErr>(Pool::postgres(Database::connect(options).await?, address.clone(), url.clone()))
        };
        let (pool, watcher) = (open(POOL_SIZE).await?, open(WATCHERS).await?);
        Ok(Self::of(pool.clone(), pool, watcher, None, clock, breaker))
    }

    fn of(
        writer: Pool,
        reader: Pool,
        watcher: Pool,
        file: Option<file::Opened>,
        clock: Clock,
        breaker: Breaker,
    ) -> Self {
        let (offset, turns) = (Arc::default(), Turns::default());
        Self { writer, reader, watcher, turns, file, clock, breaker, offset }
    }

    /// Closes all connections once they are given back.
    pub async fn close(self) -> Result<()> {
        self.watcher.close().await?;
        self.reader.close().await?;
        Ok(self.writer.close().await?)
    }

    /// The file that it is in, where it is one.
    pub fn path(&self) -> Option<&Path> {
        self.file.as_ref().map(file::Opened::path)
    }

    /// The time by the database's clock, as far as it was compared with this machine's.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now() + TimeDelta::microseconds(self.offset.load(Ordering::Relaxed))
    }

    /// A transaction that sees one moment of the database and changes nothing.
    async fn read(&self) -> Result<DatabaseTransaction> {
        self.check_up()?;
        Ok(self.reader.begin(dialect::reading(&self.reader)).await?)
    }

    /// The same for what keeps the pages up to date, and finds out whether it answers.
    async fn begin_watching(&self) -> Result<DatabaseTransaction> {
        Ok(self.watcher.begin(dialect::reading(&self.watcher)).await?)
    }

    /// Refuses what is done with a file that no path leads to any more.
    fn check_file(&self) -> Result<()> {
        self.file.as_ref().map_or(Ok(()), file::Opened::check)
    }

    /// A transaction that writes.
    async fn write(&self) -> Result<DatabaseTransaction> {
        self.check_file()?;
        self.check_up()?;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(sea_orm::SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin(options).await?)
    }
}

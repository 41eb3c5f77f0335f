//! Whether the database answers, and what it tells of commits by itself.

use std::{sync::atomic::Ordering, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, DbBackend, sqlx::postgres::PgListener};

use super::{ACQUIRE_TIMEOUT, POOL_SIZE, READERS, Result, Store, StoreError, WATCHERS, dialect, pool::Pool};
use crate::{
    breaker::Breaker,
    domain::{Id, state::Version},
    telemetry::Connections,
};

/// How long a connection that may be dead is tried.
const TRIAL: Duration = Duration::from_secs(2);

pub(super) fn breaker(url: &str) -> Breaker {
    let name = if dialect::is_sqlite(url) { "sqlite" } else { "postgres" };
    Breaker::new(name, "the page stays as it was last known, and nothing can be changed")
}

impl Store {
    /// Whether it answered when it was last watched.
    pub fn is_up(&self) -> bool {
        self.breaker.is_up()
    }

    /// What tells of its outages.
    pub fn breaker(&self) -> &Breaker {
        &self.breaker
    }

    /// Refuses at once what would only wait.
    pub(super) fn check_up(&self) -> Result<()> {
        if self.breaker.is_up() { Ok(()) } else { Err(StoreError::Away) }
    }

    /// Notes what became of a question that was asked to find out.
    pub fn watched<T>(&self, answer: &Result<T>) {
        match answer {
            Err(
                error @ (StoreError::Database(_)
                | StoreError::TimedOut
                | StoreError::Away
                | StoreError::Lost(_)),
            ) => {
                self.breaker.failed(error);
            }
            _ => self.breaker.answered(),
        }
    }

    /// Tries all connections at once and drops those that carry nothing any more: behind a server
    /// that is gone, each would be waited for in turn.
    pub async fn shake_out(&self) {
        if self.reader.get_database_backend() == DbBackend::Postgres && self.reader.check().is_ok() {
            let try_one = |pool: &'_ Pool| {
                let connection = pool.connection().clone();
                async move { tokio::time::timeout(TRIAL, connection.ping()).await }
            };
            let all = (0..POOL_SIZE).map(|_| &self.reader).chain((0..WATCHERS).map(|_| &self.watcher));
            join_all(all.map(try_one)).await;
        }
    }

    /// How the connections are used that reading goes by; with Postgres writing does so too.
    pub fn connections(&self) -> Connections {
        let count = |size: u32| usize::try_from(size).unwrap_or(usize::MAX);
        if self.reader.get_database_backend() == DbBackend::Postgres {
            let pools =
                [&self.reader, &self.watcher].map(|pool| pool.connection().get_postgres_connection_pool());
            return Connections {
                open: pools.iter().map(|pool| count(pool.size())).sum(),
                idle: pools.iter().map(|pool| pool.num_idle()).sum(),
                most: count(POOL_SIZE + WATCHERS),
            };
        }
        let pool = self.reader.connection().get_sqlite_connection_pool();
        Connections { open: count(pool.size()), idle: pool.num_idle(), most: count(READERS) }
    }

    /// By how much the database's clock is ahead of this machine's, which [`Store::now`] goes by from
    /// then on; nothing where they are one.
    pub async fn clock_offset(&self) -> Result<TimeDelta> {
        let before = self.clock.now();
        let transaction = self.begin_watching().await?;
        let theirs = dialect::now(&transaction, &self.clock).await?;
        transaction.commit().await?;
        let offset = theirs - middle(before, self.clock.now());
        self.offset.store(offset.num_microseconds().unwrap_or_default(), Ordering::Relaxed);
        Ok(offset)
    }

    /// What Postgres tells of a commit of any process, one after the other, until it can't be heard; at
    /// once with SQLite, which tells nothing.
    pub async fn hear_commits(&self, begun: impl AsyncFn(), heard: impl AsyncFn(Told)) -> Result<()> {
        if self.reader.get_database_backend() != DbBackend::Postgres {
            return Ok(());
        }
        self.watcher.check()?;
        let pool = self.watcher.connection().get_postgres_connection_pool();
        let lost = |error| StoreError::Database(sea_orm::DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error)));
        let listening = async {
            let mut listener = PgListener::connect_with(pool).await?;
            listener.listen(dialect::CHANNEL).await?;
            Ok(listener)
        };
        let listening = tokio::time::timeout(ACQUIRE_TIMEOUT, listening);
        let mut listener = listening
            .await
            .map_err(|_| StoreError::TimedOut)?
            .map_err(|e: sea_orm::sqlx::Error| lost(std::sync::Arc::new(e)))?;
        begun().await;
        loop {
            let told = listener.recv().await.map_err(|error| lost(std::sync::Arc::new(error)))?;
            if let Some(told) = parse(told.payload()) {
                heard(told).await;
            }
        }
    }
}

fn middle(before: DateTime<Utc>, after: DateTime<Utc>) -> DateTime<Utc> {
    before + (after - before) / 2
}

/// A commit, as Postgres tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub page: Id,
    pub version: Version,
    /// The trace that it belongs to, as a `traceparent`.
    pub trace: Option<String>,
}

/// `PAGE REVISION COMMIT`, and the trace where there is one. An earlier release reads three words.
fn parse(text: &str) -> Option<Told> {
    let mut words = text.split(' ');
    let page = words.next()?.parse().ok()?;
    let revision = words.next()?.parse().ok()?;
    let commit = words.next()?.parse().ok()?;
    Some(Told { page, version: Version { revision, commit }, trace: words.next().map(str::to_owned) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn what_postgres_tells() {
        let version = Version { revision: 7, commit: fixture::id("c0ffee") };
        let told = Told { page: fixture::id("page"), version, trace: None };
        assert_eq!(parse("page 7 c0ffee"), Some(told.clone()));
        assert_eq!(parse("page 7 c0ffee 00-1-2-01"), Some(Told { trace: Some("00-1-2-01".into()), ..told }));
        for wrong in ["", "page", "page seven c0ffee", "page 7", "päge 7 c0ffee"] {
            assert_eq!(parse(wrong), None, "{wrong:?}");
        }
    }
}

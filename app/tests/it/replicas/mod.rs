//! Several replicas on one Postgres and one Redis, each a process of its own, and what becomes of them
//! when something that they depend on is cut, slow, silent, full, flushed or older than before. Each
//! test has a database of its own, and so a part of Redis of its own.

mod full;
mod locked;
mod outages;
mod queries;
mod releases;
mod restored;
mod spread;
mod starts;
mod together;
mod traced;

use std::time::Duration;

use pharos::{
    clock::Clock,
    domain::Id,
    store::{Actor, NewComponent, NewPage},
};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Database, Fault, PATIENCE, Proxy, Replica, Visitors, redis, token};

/// A page on Postgres, and the ways to Postgres and Redis.
pub struct House {
    pub database: Database,
    pub page: Id,
    pub component: Id,
    pub token: String,
    pub postgres: Proxy,
    pub redis: Proxy,
    postgres_url: String,
    redis_url: String,
    pub folder: TempDir,
}

impl House {
    pub async fn new() -> Self {
        Self::with_redis(&redis()).await
    }

    /// The same with another Redis.
    pub async fn with_redis(redis: &str) -> Self {
        let database = Database::postgres().await;
        let store = database.store(&Clock::system()).await;
        let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
        let component = change.create_component(NewComponent::named("API")).await.unwrap();
        let page = change.commit().await.unwrap().page_id;
        let token = token(&store, "all", None).await;
        store.close().await.unwrap();
        let (postgres, postgres_url) = Proxy::before(&database.url).await;
        let (redis, redis_url) = Proxy::before(redis).await;
        let folder = tempfile::tempdir().unwrap();
        Self { database, page, component, token, postgres, redis, postgres_url, redis_url, folder }
    }

    /// Settings by which a replica reaches both by their ways.
    pub fn settings<'s>(&'s self, more: &[(&'s str, &'s str)]) -> Vec<(&'s str, &'s str)> {
        let ours = [
            ("PHAROS_DATABASE_URL", self.postgres_url.as_str()),
            ("PHAROS_REDIS_URL", self.redis_url.as_str()),
            ("PHAROS_API_CALLS_PER_MINUTE", "0"),
        ];
        ours.into_iter().chain(more.iter().copied()).collect()
    }

    /// A lit replica; each keeps its last good state in the same folder.
    pub async fn replica(&self) -> Replica {
        Replica::lit(self.folder.path(), &self.settings(&[])).await
    }

    /// Sets the component's status by a replica, and says which answer there was.
    pub async fn set_status(&self, replica: &Replica, status: &str) -> u16 {
        let path = format!("/v1/pages/{}/components/{}", self.page, self.component);
        let body = json!({ "component": { "status": status } });
        replica.write(&self.token, "PATCH", &path, &body).await
    }

    /// The same, which must be done, in a while at the latest.
    pub async fn must_set(&self, replica: &Replica, status: &str) {
        replica.until("a write is taken", async || self.set_status(replica, status).await == 200).await;
    }

    /// A second page, under a host of its own, with one component.
    pub async fn second_page(&self, host: &str) -> (Id, Id) {
        let store = self.database.store(&Clock::system()).await;
        let new = NewPage { host: Some(host.to_owned()), ..NewPage::named("Second") };
        let mut change = store.change_new_page(new, Actor::System).await.unwrap();
        let component = change.create_component(NewComponent::named("Shop")).await.unwrap();
        let page = change.commit().await.unwrap().page_id;
        store.close().await.unwrap();
        (page, component)
    }

    /// Does something in the database behind everybody's back.
    pub async fn sql(&self, text: &str) {
        self.database.raw().await.execute_unprepared(text).await.unwrap();
    }

    /// What a replica's document says of the component.
    pub async fn shown(&self, replica: &Replica) -> String {
        let document: Value = replica.json("/api/v2/components.json").await;
        document["components"][0]["status"].as_str().unwrap().to_owned()
    }

    /// The same under a host.
    pub async fn shown_to(&self, replica: &Replica, host: &str) -> String {
        let document = replica.under(host, "/api/v2/components.json").await.1;
        document["components"][0]["status"].as_str().unwrap_or("nothing").to_owned()
    }

    /// Waits until a replica shows a status.
    pub async fn sees(&self, replica: &Replica, status: &str) {
        let what = format!("it shows {status}");
        replica.until(&what, async || self.shown(replica).await == status).await;
    }
}

/// Waits for a condition.
pub async fn until(what: &str, condition: impl AsyncFn() -> bool) {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("{what}: not within {PATIENCE:?}"));
}

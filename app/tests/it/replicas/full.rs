//! A Redis with no room left: it evicts what was kept, or refuses to keep more.

use chrono::{TimeDelta, Utc};
use pharos::{
    domain::incident::IncidentStatus,
    store::{NewIncident, NewUpdate, Options},
};

use super::*;
use crate::support::RedisServer;

const COMPONENTS: usize = 1_000;
/// More than the snapshot holds; the oldest are read from the archive.
const INCIDENTS: i64 = 420;
/// How many of those are asked for.
const READ: usize = 200;

/// A page that takes a good part of two megabytes, and the ids of its oldest incidents.
async fn large(house: &House) -> Vec<Id> {
    let store = house.database.store(&Clock::system()).await;
    let mut change = store.change(&house.page, Actor::System).await.unwrap();
    for number in 1..COMPONENTS {
        change.create_component(NewComponent::named(&format!("Component {number}"))).await.unwrap();
    }
    let mut ids = vec![];
    for number in 0..INCIDENTS {
        // What is random can't be packed.
        let body: Vec<String> = (0..170).map(|_| Id::random().to_string()).collect();
        let at = Utc::now() - TimeDelta::days(2_000 - number);
        let first = NewUpdate::new(IncidentStatus::Resolved, &body.join(" "));
        let name = format!("Incident {number}");
        let new = NewIncident { name, impact_override: None, schedule: None, first };
        let options = Options { backfilled_at: Some(at), ..Options::default() };
        ids.push(change.open_incident_with(new, options).await.unwrap());
    }
    change.commit().await.unwrap();
    store.close().await.unwrap();
    ids.truncate(READ);
    ids
}

/// Two replicas share a Redis of 2 MB while visitors ask for the page and for all that is past. Returns what
/// was said in the log of the first.
async fn in_two_megabytes(redis: &RedisServer) -> (House, [Replica; 2]) {
    let house = House::with_redis(&redis.url()).await;
    let old = large(&house).await;
    let replicas = [house.replica().await, house.replica().await];
    let visitors = Visitors::at(&[&replicas[0].base, &replicas[1].base]);
    let statuses = ["degraded_performance", "partial_outage", "major_outage", "operational"];
    for (turn, some) in old.chunks(READ / statuses.len()).enumerate() {
        let (writer, other) = (&replicas[turn % 2], &replicas[(turn + 1) % 2]);
        house.must_set(writer, statuses[turn]).await;
        for (id, replica) in some.iter().flat_map(|id| replicas.iter().map(move |replica| (id, replica))) {
            assert_eq!(replica.status(&format!("/incidents/{id}")).await, Some(200), "{}", replica.log());
        }
        house.sees(other, statuses[turn]).await;
    }
    visitors.see(20).await;
    visitors.leave().await;
    for replica in &replicas {
        assert!(!replica.log().contains("redis does not answer"), "it is there: {}", replica.log());
    }
    (house, replicas)
}

/// What is evicted is read from the database again, and nobody is told that anything is wrong.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_redis_that_evicts_is_as_good() {
    let redis = RedisServer::start(&["--maxmemory", "2mb", "--maxmemory-policy", "allkeys-lru"]).await;
    let (house, replicas) = in_two_megabytes(&redis).await;
    let evicted: u64 = redis.info("stats", "evicted_keys").await.unwrap().parse().unwrap();
    assert!(evicted > 50, "it had no room for all: {evicted} evicted");
    for replica in &replicas {
        assert_told_by_turns(&replica.log());
    }
    // The state itself is kept anew when it is gone.
    redis.run(&["FLUSHALL"]).await;
    let state = format!("pharos:*:state:{}", house.page);
    until("it is shared anew", async || {
        redis.run(&["KEYS", &state]).await != deadpool_redis::redis::Value::Array(vec![])
    })
    .await;
}

/// What it refuses to keep is read from the database by each; that is said once, and once when it is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_redis_that_keeps_no_more_is_done_without() {
    let redis = RedisServer::start(&["--maxmemory", "2mb", "--maxmemory-policy", "noeviction"]).await;
    let (house, replicas) = in_two_megabytes(&redis).await;
    let refused = redis.info("errorstats", "errorstat_OOM").await;
    assert!(refused.is_some(), "it refused nothing");
    for replica in &replicas {
        replica
            .until("that it is full is told", async || {
                replica.metric("pharos_dependency_up{dependency=\"redis_memory\"}").await == Some(0.0)
            })
            .await;
    }
    redis.run(&["CONFIG", "SET", "maxmemory", "0"]).await;
    for (replica, status) in replicas.iter().zip(["degraded_performance", "operational"]) {
        let has_room = async || {
            // It is noticed when something is kept.
            house.must_set(replica, status).await;
            replica.metric("pharos_dependency_up{dependency=\"redis_memory\"}").await == Some(1.0)
        };
        replica.until("that there is room again is told", has_room).await;
        assert!(assert_told_by_turns(&replica.log()) >= 2, "both are told\n{}", replica.log());
    }
}

/// A change is told once: that it is full, then that there is room, and so on. How often that is.
fn assert_told_by_turns(log: &str) -> usize {
    let told: Vec<bool> = log
        .lines()
        .filter_map(|line| {
            let is_full = line.contains("Redis is full");
            (is_full || line.contains("redis_memory answers again")).then_some(is_full)
        })
        .collect();
    assert!(told.iter().enumerate().all(|(n, is_full)| *is_full == n.is_multiple_of(2)), "{told:?}\n{log}");
    told.len()
}

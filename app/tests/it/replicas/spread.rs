//! One write, everywhere, at once.

use std::{
    sync::Arc,
    sync::atomic::{AtomicBool, AtomicI64, Ordering},
    time::Instant,
};

use deadpool_redis::redis as client;

use super::*;
use crate::support::number;

/// Writes by each replica in turn are shown by all, soon, and no replica ever goes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_writes_of_all_replicas_are_shown_by_all() {
    let house = House::new().await;
    let replicas = [house.replica().await, house.replica().await, house.replica().await];
    let stop = Arc::new(AtomicBool::new(false));
    let watchers = replicas.iter().map(|replica| {
        let (base, stop) = (replica.base.clone(), stop.clone());
        tokio::spawn(async move { watch(&base, &stop).await })
    });
    let watchers: Vec<_> = watchers.collect();
    let began = replicas[0].revision(&house.page).await;
    let mut spreads = vec![];
    for turn in 0..60 {
        let writer = &replicas[turn % 2];
        let status = ["degraded_performance", "operational"][turn % 2];
        let asked = Instant::now();
        assert_eq!(house.set_status(writer, status).await, 200, "{}", writer.log());
        let written = Instant::now();
        let revision = began + 1 + turn as i64;
        // It waits a second for that, and no longer.
        let is_shown = writer.revision(&house.page).await >= revision;
        assert!(is_shown || asked.elapsed() >= Duration::from_secs(1), "who writes reads its own write");
        for replica in &replicas {
            replica
                .until("it has the revision", async || replica.revision(&house.page).await >= revision)
                .await;
        }
        spreads.push(written.elapsed());
    }
    stop.store(true, Ordering::Relaxed);
    for watcher in watchers {
        watcher.await.unwrap();
    }
    spreads.sort_unstable();
    println!("acknowledged and shown by three: p50 {:?}, most {:?}", spreads[30], spreads[59]);
    let revision = number(&house.database, "SELECT revision FROM pages").await;
    assert_eq!(revision, began + 60, "no revision is left out");
}

/// Asks for the page's version all the time; it never goes back.
async fn watch(base: &str, stop: &AtomicBool) {
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    let newest = AtomicI64::new(i64::MIN);
    while !stop.load(Ordering::Relaxed) {
        let answer = client.get(format!("{base}/api/v2/status.json")).send().await.unwrap();
        let modified = answer.headers()["last-modified"].to_str().unwrap().to_owned();
        let at = chrono::DateTime::parse_from_rfc2822(&modified).unwrap().timestamp();
        assert!(newest.fetch_max(at, Ordering::Relaxed) <= at, "it went back");
    }
}

/// A replica that is killed in the middle of writes loses none that was acknowledged, and leaves no
/// half of one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_killed_replica_leaves_whole_writes() {
    let house = House::new().await;
    let (mut writer, other) = (house.replica().await, house.replica().await);
    let path = format!("/v1/pages/{}/incidents", house.page);
    let acknowledged = Arc::new(std::sync::Mutex::new(vec![]));
    let writers = (0..4).map(|hand| {
        let (base, token, path, done) =
            (writer.base.clone(), house.token.clone(), path.clone(), acknowledged.clone());
        let component = house.component.clone();
        tokio::spawn(async move {
            let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
            for turn in 0.. {
                let body = json!({ "incident": {
                    "name": format!("{hand}-{turn}"), "body": "We are looking.",
                    "components": { component.as_str(): "degraded_performance" },
                } });
                let request = client.post(format!("{base}{path}")).body(body.to_string());
                let request = request.header("content-type", "application/json");
                let answer = request.header("authorization", format!("OAuth {token}")).send().await;
                let Ok(answer) = answer else { return };
                if answer.status() == 201 {
                    done.lock().unwrap().push(format!("{hand}-{turn}"));
                }
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    until("some are written", async || acknowledged.lock().unwrap().len() >= 12).await;
    writer.kill();
    for writer in writers {
        writer.await.unwrap();
    }
    let acknowledged = acknowledged.lock().unwrap().clone();
    let list = format!("{path}?limit=100");
    let (_, text) = other.try_write(&house.token, "GET", &list, &Value::Null).await.unwrap();
    let kept: Vec<Value> = serde_json::from_str(&text).unwrap();
    for name in &acknowledged {
        assert!(kept.iter().any(|incident| incident["name"] == **name), "{name} is lost");
    }
    let halves = "SELECT count(*) FROM incidents i WHERE NOT EXISTS \
        (SELECT 1 FROM incident_updates u WHERE u.incident_id = i.id) OR NOT EXISTS \
        (SELECT 1 FROM incident_components c WHERE c.incident_id = i.id)";
    assert_eq!(number(&house.database, halves).await, 0);
    let events =
        number(&house.database, "SELECT count(*) FROM audit_events WHERE action = 'incident.create'").await;
    assert_eq!(events, number(&house.database, "SELECT count(*) FROM incidents").await, "each is audited");
    let revision = number(&house.database, "SELECT revision FROM pages").await;
    other.until("the survivor shows the last", async || other.revision(&house.page).await == revision).await;
}

/// A replica that is killed keeps no key and no half of what came with one: sent again, each call is done once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_killed_replica_does_no_call_twice() {
    let house = House::new().await;
    let (mut writer, other) = (house.replica().await, house.replica().await);
    let path = format!("/v1/pages/{}/components", house.page);
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    let post = |base: &str, key: &str| {
        let request = client.post(format!("{base}{path}")).header("idempotency-key", key);
        let request = request.header("authorization", format!("OAuth {}", house.token));
        let body = json!({ "component": { "name": key } });
        request.header("content-type", "application/json").body(body.to_string()).send()
    };
    let (base, sent) = (writer.base.clone(), AtomicI64::new(0));
    let hands = (0..4).map(|_| async {
        loop {
            let key = format!("call {}", sent.fetch_add(1, Ordering::Relaxed));
            if post(&base, &key).await.is_err() {
                return;
            }
        }
    });
    let hands: Vec<_> = hands.collect();
    let killed = async {
        until("some are written", async || sent.load(Ordering::Relaxed) >= 24).await;
        writer.kill();
    };
    tokio::join!(futures_util::future::join_all(hands), killed);
    // As if the minute were over for which a call has its key.
    house.sql("UPDATE idempotency_keys SET leased_until = now() WHERE leased_until IS NOT NULL").await;
    let sent = sent.into_inner();
    for number in 0..sent {
        let status = post(&other.base, &format!("call {number}")).await.unwrap().status().as_u16();
        assert_eq!(status, 201, "call {number}");
    }
    let made = number(&house.database, "SELECT count(*) FROM components WHERE name LIKE 'call %'").await;
    assert_eq!(made, sent, "each once");
}

/// A page is read from Postgres once, whoever shows it: the other replicas take what was shared.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_flushed_redis_costs_no_reads() {
    let house = House::new().await;
    let replicas = [house.replica().await, house.replica().await];
    let visitors = Visitors::at(&[&replicas[0].base, &replicas[1].base]);
    let reads = async || {
        let both = [&replicas[0], &replicas[1]].map(|replica| replica.metric("pharos_state_reads_total"));
        let [one, other] = both;
        one.await.unwrap() + other.await.unwrap()
    };
    let before = reads().await;
    for status in ["degraded_performance", "operational", "partial_outage"] {
        forget(&house).await;
        house.must_set(&replicas[0], status).await;
        house.sees(&replicas[1], status).await;
    }
    forget(&house).await;
    let held = async || keys(&house).await.iter().any(|key| key.contains(":state:"));
    until("it is shared anew, from memory", held).await;
    visitors.see(200).await;
    let spent = reads().await - before;
    assert!(spent <= 6.0, "{spent} reads for 3 revisions on 2 replicas");
    visitors.leave().await;
}

/// Every key of this test's in Redis.
pub async fn keys(house: &House) -> Vec<String> {
    let mut connection = connection().await;
    let pattern = format!("pharos:*{}*", house.page);
    client::cmd("KEYS").arg(pattern).query_async(&mut connection).await.unwrap()
}

/// Forgets all that Redis holds of this test's page, as a flush would.
async fn forget(house: &House) {
    let mut connection = connection().await;
    for key in keys(house).await {
        let _: () = client::cmd("DEL").arg(key).query_async(&mut connection).await.unwrap();
    }
}

/// Every key has a time to live.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_nothing_stays_in_redis_for_ever() {
    let house = House::new().await;
    let limited = house.settings(&[("PHAROS_API_CALLS_PER_MINUTE", "1000")]);
    let replica = Replica::lit(house.folder.path(), &limited).await;
    house.must_set(&replica, "degraded_performance").await;
    let state = keys(&house).await.into_iter().find(|key| key.contains(":state:")).unwrap();
    let installation = state.split_once(":state:").unwrap().0;
    let mut connection = connection().await;
    let all = client::cmd("KEYS").arg(format!("{installation}:*")).take();
    let found: Vec<String> = all.query_async(&mut connection).await.unwrap();
    for kind in ["state", "pages", "count"] {
        assert!(found.iter().any(|key| key.starts_with(&format!("{installation}:{kind}:"))), "{found:?}");
    }
    for key in found {
        let life: i64 = client::cmd("PTTL").arg(&key).query_async(&mut connection).await.unwrap();
        // One that has just ended is -2.
        assert_ne!(life, -1, "{key} lives for ever");
    }
}

pub async fn connection() -> client::aio::MultiplexedConnection {
    client::Client::open(crate::support::redis()).unwrap().get_multiplexed_async_connection().await.unwrap()
}

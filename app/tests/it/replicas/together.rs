//! What replicas do for each other, and what only one of them does at a time.

use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{TimeDelta, Utc};
use futures_util::future::join_all;
use pharos::{
    app::{self, App},
    cache::{Cache, News},
    domain::incident::IncidentStatus,
    secrets::Resolved,
    store::{NewIncident, NewUpdate, Options},
    telemetry::Metrics,
    web,
};

use super::*;
use crate::support::number;

/// How often a replica has looked whether a maintenance begins or ends.
async fn jobs_done(replica: &Replica) -> f64 {
    let name = "pharos_job_runs_total{outcome=\"done\",task=\"maintenances\"}";
    replica.metric(name).await.unwrap_or_default()
}

/// Jobs are done by who holds the lease, by the database's clock; when it ends, by another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_jobs_are_done_by_one_replica_at_a_time() {
    let house = House::new().await;
    let mut replicas = vec![house.replica().await, house.replica().await];
    let lease = "SELECT count(*) FROM leases WHERE name = 'jobs' AND until_at > now()";
    until("one of them has the jobs", async || number(&house.database, lease).await == 1).await;
    until("it does them", async || jobs_done(&replicas[0]).await + jobs_done(&replicas[1]).await >= 2.0)
        .await;
    let holder = usize::from(jobs_done(&replicas[1]).await > 0.0);
    assert_eq!(jobs_done(&replicas[1 - holder]).await, 0.0, "the other leaves them to it");
    // Both measure how far the database's clock is from theirs, which is the same machine's.
    for replica in &replicas {
        assert!(replica.metric("pharos_clock_offset_seconds").await.unwrap().abs() < 0.5);
    }
    let mut gone = replicas.remove(holder);
    gone.kill();
    house.sql("UPDATE leases SET until_at = now() WHERE name = 'jobs'").await;
    until("the other has taken them over", async || jobs_done(&replicas[0]).await > 0.0).await;
    // One that ends in order leaves them at once.
    let last = replicas.remove(0);
    last.stop().await;
    assert_eq!(number(&house.database, lease).await, 0);
}

/// Calls are counted by all replicas together.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_limits_hold_for_all_replicas_together() {
    let house = House::new().await;
    let settings = house.settings(&[("PHAROS_API_CALLS_PER_MINUTE", "100000")]);
    let start = async || Replica::lit(house.folder.path(), &settings).await;
    let replicas = [start().await, start().await];
    let left = async |replica: &Replica| {
        let answer = replica.ask(&house.token, &format!("/v1/pages/{}", house.page)).await;
        answer.headers()["ratelimit-remaining"].to_str().unwrap().parse::<i64>().unwrap()
    };
    // A minute may end between two calls.
    until("each counts what the other has answered", async || {
        let counts = [left(&replicas[0]).await, left(&replicas[1]).await, left(&replicas[0]).await];
        counts[0] - counts[1] == 1 && counts[1] - counts[2] == 1
    })
    .await;
}

/// A token that was revoked at one replica opens nothing at the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_revoked_token_is_refused_everywhere() {
    let house = House::new().await;
    let replicas = [house.replica().await, house.replica().await];
    let made = json!({ "token": { "name": "short-lived", "scopes": ["read"] } });
    let (status, made) = replicas[0].try_write(&house.token, "POST", "/v1/tokens", &made).await.unwrap();
    assert_eq!(status, 201, "{made}");
    let made: Value = serde_json::from_str(&made).unwrap();
    let (id, text) = (made["id"].as_str().unwrap(), made["token"].as_str().unwrap());
    let page = format!("/v1/pages/{}", house.page);
    for replica in &replicas {
        assert_eq!(replica.ask(text, &page).await.status(), 200);
    }
    let revoked = replicas[0].write(&house.token, "DELETE", &format!("/v1/tokens/{id}"), &Value::Null).await;
    assert!((200..300).contains(&revoked), "{revoked}");
    for replica in &replicas {
        replica.until("it is refused", async || replica.ask(text, &page).await.status() == 401).await;
    }
}

/// What is past is read from the database once, however many ask; what one replica has read, the others
/// find in Redis.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_the_past_is_read_once() {
    let house = House::new().await;
    let store = house.database.store(&Clock::system()).await;
    let mut change = store.change(&house.page, Actor::System).await.unwrap();
    let first = NewUpdate::new(IncidentStatus::Resolved, "It is over.");
    let new = NewIncident { name: "Long ago".into(), impact_override: None, schedule: None, first };
    let options = Options { backfilled_at: Some(Utc::now() - TimeDelta::days(400)), ..Options::default() };
    change.open_incident_with(new, options).await.unwrap();
    change.commit().await.unwrap();
    store.close().await.unwrap();
    let replicas = [house.replica().await, house.replica().await];
    let answers = async |replica: &Replica, from: &str| {
        replica.metric(&format!("pharos_archive_answers_total{{from=\"{from}\"}}")).await.unwrap_or_default()
    };
    let past = "/history?page=3";
    let asked = join_all((0..40).map(|_| replicas[0].status(past))).await;
    assert!(asked.iter().all(|status| *status == Some(200)), "{asked:?}");
    assert_eq!(answers(&replicas[0], "store").await, 1.0, "40 asked, one read");
    assert_eq!(replicas[1].status(past).await, Some(200));
    assert_eq!([answers(&replicas[1], "redis").await, answers(&replicas[1], "store").await], [1.0, 0.0]);
    assert_eq!(replicas[1].status(past).await, Some(200));
    assert_eq!([answers(&replicas[1], "memory").await, answers(&replicas[1], "redis").await], [1.0, 1.0]);
}

/// The second channel: Postgres tells of each commit, and of nothing that was not committed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_tells_of_each_commit_by_itself() {
    let house = House::new().await;
    let (store, other) =
        (house.database.store(&Clock::system()).await, house.database.store(&Clock::system()).await);
    let listens = AtomicBool::new(false);
    let heard = std::sync::Mutex::new(vec![]);
    let hearing = store.hear_commits(
        async || listens.store(true, Ordering::SeqCst),
        async |told| heard.lock().unwrap().push((told.page, told.version)),
    );
    let told = async {
        until("it listens", async || listens.load(Ordering::SeqCst)).await;
        let mut dropped = other.change(&house.page, Actor::System).await.unwrap();
        dropped.create_component(NewComponent::named("Never")).await.unwrap();
        drop(dropped);
        let mut change = other.change(&house.page, Actor::System).await.unwrap();
        change.create_component(NewComponent::named("Mail")).await.unwrap();
        let committed = change.commit().await.unwrap();
        until("it is told", async || !heard.lock().unwrap().is_empty()).await;
        assert_eq!(*heard.lock().unwrap(), [(house.page.clone(), committed.version)]);
    };
    tokio::select! {
        ended = hearing => panic!("it hears no more: {ended:?}"),
        () = told => {}
    }
}

/// Who has written announces it, also where its own poll was quicker to show it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_what_was_polled_first_is_announced_all_the_same() {
    let house = House::new().await;
    let store = house.database.store(&Clock::system()).await;
    let cache = Cache::new(Resolved::plain(&redis()), None, house.page.as_str()).unwrap();
    let options = app::Options { cache: Some(cache.clone()), ..app::Options::alone("http://status.test") };
    let app = App::new(store, Clock::system(), Metrics::new(web::named_routes()).unwrap(), options);
    app.refresher.poll().await.unwrap();
    let listens = AtomicBool::new(false);
    let heard = std::sync::Mutex::new(vec![]);
    let hearing = cache.listen(
        async || listens.store(true, Ordering::SeqCst),
        async |news| heard.lock().unwrap().push(news),
    );
    let told = async {
        until("it listens", async || listens.load(Ordering::SeqCst)).await;
        let mut change = app.store.change(&house.page, Actor::System).await.unwrap();
        change.create_component(NewComponent::named("Mail")).await.unwrap();
        let committed = change.commit().await.unwrap();
        app.refresher.poll().await.unwrap();
        app.announce(&committed).await.unwrap();
        until("it is told", async || !heard.lock().unwrap().is_empty()).await;
        let news = News::Page { page: house.page.clone(), version: committed.version, trace: None };
        assert_eq!(*heard.lock().unwrap(), [news]);
    };
    tokio::select! {
        () = hearing => panic!("it hears no more"),
        () = told => {}
    }
}

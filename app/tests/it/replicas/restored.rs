//! A database, or a Redis, that is older than what was shown.

use deadpool_redis::redis as client;

use super::*;
use crate::support::number;

/// The database was restored to an older state: it wins everywhere, and what was to be told before
/// waits for an operator.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_restored_database_wins() {
    let house = House::new().await;
    let replicas = [house.replica().await, house.replica().await];
    for status in ["degraded_performance", "partial_outage", "major_outage"] {
        house.must_set(&replicas[0], status).await;
    }
    house.sees(&replicas[1], "major_outage").await;
    let visitors = Visitors::at(&[&replicas[0].base, &replicas[1].base]);
    let page = &house.page;
    house.sql(&format!("INSERT INTO notifications (id, page_id, event, state, not_before, expires_at, created_at) \
        VALUES ('old', '{page}', 'x', 'pending', now(), now() + interval '6 hours', now() - interval '1 hour'), \
        ('new', '{page}', 'x', 'pending', now(), now() + interval '6 hours', now())")).await;
    // What a failover to a standby that lacked the last changes looks like.
    house
        .sql(
            "UPDATE pages SET revision = revision - 2, commit = 'anotherpast0'; \
        UPDATE components SET status = 'degraded_performance'",
        )
        .await;
    for replica in &replicas {
        house.sees(replica, "degraded_performance").await;
        replica.until("it says so", async || replica.log().contains("went back to an older state")).await;
    }
    let revision = number(&house.database, "SELECT revision FROM pages").await;
    assert_eq!(replicas[1].revision(page).await, revision);
    let held = "SELECT count(*) FROM notifications WHERE state = 'held' AND id = 'old'";
    until("what is old waits for an operator", async || number(&house.database, held).await == 1).await;
    assert_eq!(
        number(&house.database, "SELECT count(*) FROM notifications WHERE state = 'pending' AND id = 'new'")
            .await,
        1
    );
    house.must_set(&replicas[0], "operational").await;
    house.sees(&replicas[1], "operational").await;
    // One that is born now takes what is true from Redis too.
    house.postgres.set(Fault::Cut);
    let elsewhere = tempfile::tempdir().unwrap();
    let born = Replica::lit(elsewhere.path(), &house.settings(&[])).await;
    assert_eq!(house.shown(&born).await, "operational");
    visitors.leave().await;
}

/// One revision was lost in a failover, and the same number given to another change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_the_same_revision_of_another_history_wins_too() {
    let house = House::new().await;
    let replica = house.replica().await;
    house.must_set(&replica, "major_outage").await;
    house.sql("UPDATE pages SET commit = 'anotherpast1'; UPDATE components SET status = 'operational'").await;
    house.sees(&replica, "operational").await;
}

/// A Redis that holds an older state, or one of another format, takes nobody back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_an_older_redis_takes_nobody_back() {
    let house = House::new().await;
    let replicas = [house.replica().await, house.replica().await];
    house.must_set(&replicas[0], "degraded_performance").await;
    let mut connection = super::spread::connection().await;
    let keys: Vec<String> = client::cmd("KEYS")
        .arg(format!("pharos:*state:{}", house.page))
        .query_async(&mut connection)
        .await
        .unwrap();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    let older: Vec<u8> = client::cmd("DUMP").arg(key).query_async(&mut connection).await.unwrap();
    house.must_set(&replicas[0], "major_outage").await;
    house.sees(&replicas[1], "major_outage").await;
    let restore = client::cmd("RESTORE").arg(key).arg(0).arg(&older).arg("REPLACE").take();
    let _: () = restore.query_async(&mut connection).await.unwrap();
    let newest = number(&house.database, "SELECT revision FROM pages").await;
    until("it is put right", async || {
        let mut connection = super::spread::connection().await;
        let held: Option<i64> =
            client::cmd("HGET").arg(key).arg("revision").query_async(&mut connection).await.unwrap();
        held == Some(newest)
    })
    .await;
    for replica in &replicas {
        assert_eq!(house.shown(replica).await, "major_outage");
    }
}

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

/// What would be told again of an hour ago, and what the database looks like after a failover to a standby that
/// lacked the last change.
async fn go_back(house: &House) {
    let page = &house.page;
    house
        .sql(&format!(
            "INSERT INTO notifications (id, page_id, event, state, not_before, expires_at, created_at) VALUES \
            ('old', '{page}', 'x', 'pending', now(), now() + interval '6 hours', now() - interval '1 hour'); \
            UPDATE pages SET revision = revision - 1, commit = 'anotherpast0'; \
            UPDATE components SET status = 'degraded_performance'"
        ))
        .await;
}

async fn is_held(house: &House) {
    let held = "SELECT count(*) FROM notifications WHERE state = 'held' AND id = 'old'";
    until("what is old waits for an operator", async || number(&house.database, held).await == 1).await;
}

/// It was restored while nothing ran and nothing else remembers: what the last run left does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_restore_while_nobody_looked_is_noticed() {
    let house = House::new().await;
    let settings = |house: &House| house.settings(&[])[0].1.to_owned();
    let url = settings(&house);
    let without_redis = [("PHAROS_DATABASE_URL", url.as_str()), ("PHAROS_API_CALLS_PER_MINUTE", "0")];
    let last = Replica::lit(house.folder.path(), &without_redis).await;
    for status in ["degraded_performance", "major_outage"] {
        house.must_set(&last, status).await;
    }
    last.stop().await;
    go_back(&house).await;
    let born = Replica::lit(house.folder.path(), &without_redis).await;
    house.sees(&born, "degraded_performance").await;
    is_held(&house).await;
    assert!(born.log().contains("went back to an older state since the last run"), "{}", born.log());
    born.until("it is counted", async || born.metric("pharos_database_went_back_total").await == Some(1.0))
        .await;
    born.until("what waits is counted", async || born.metric("pharos_notifications_held").await == Some(1.0))
        .await;
    // The next run finds nothing amiss.
    house.must_set(&born, "operational").await;
    born.stop().await;
    let next = Replica::lit(house.folder.path(), &without_redis).await;
    house.must_set(&next, "major_outage").await;
    assert!(!next.log().contains("went back"), "{}", next.log());
}

/// Redis was away while the database was restored, and comes back with the past that is gone: it takes nobody
/// there, and loses it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_redis_with_a_past_that_is_gone_takes_nobody_there() {
    let house = House::new().await;
    let last = house.replica().await;
    for status in ["degraded_performance", "major_outage"] {
        house.must_set(&last, status).await;
    }
    last.stop().await;
    let mut connection = super::spread::connection().await;
    let is_state = |key: &String| key.contains(":state:");
    let key = super::spread::keys(&house).await.into_iter().find(is_state).unwrap();
    // Nobody has confirmed it for a while.
    let _: () = client::cmd("HINCRBY")
        .arg(&key)
        .arg("confirmed_at")
        .arg(-60_000_000)
        .query_async(&mut connection)
        .await
        .unwrap();
    go_back(&house).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let born = Replica::lit(elsewhere.path(), &house.settings(&[])).await;
    assert_eq!(house.shown(&born).await, "degraded_performance", "never what is gone");
    is_held(&house).await;
    let mut connection = super::spread::connection().await;
    let commit: String =
        client::cmd("HGET").arg(&key).arg("commit").query_async(&mut connection).await.unwrap();
    assert_eq!(commit, "anotherpast0", "{}", born.log());
    let replaced = "pharos_shared_states_replaced_total{found=\"other_past\"}";
    assert_eq!(born.metric(replaced).await, Some(1.0));
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

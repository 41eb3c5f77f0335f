//! A page that somebody holds up.

use futures_util::future::join_all;
use pharos::store::NewMetric;
use sea_orm::{ConnectionTrait, TransactionTrait};

use super::*;

/// Somebody locks a page's row and goes for lunch: who writes to it is told to come again, and nobody else
/// notices: not who writes to another page, not who reads, not the page itself.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_page_that_is_held_up_holds_up_no_other() {
    let house = House::new().await;
    let (second, shop) = house.second_page("second.test").await;
    let replica = house.replica().await;
    house.must_set(&replica, "degraded_performance").await;
    let latency =
        NewMetric { name: "Latency".into(), suffix: None, description: None, decimal_places: 0, position: 1 };
    let store = house.database.store(&Clock::system()).await;
    let mut change = store.change(&house.page, Actor::System).await.unwrap();
    let metric = change.create_metric(latency).await.unwrap();
    change.commit().await.unwrap();
    store.close().await.unwrap();
    let raw = house.database.raw().await;
    let lunch = raw.begin().await.unwrap();
    lunch
        .execute_unprepared(&format!("SELECT id FROM pages WHERE id = '{}' FOR UPDATE", house.page))
        .await
        .unwrap();
    let held_up = join_all((0..14).map(|_| house.set_status(&replica, "major_outage")));
    let points = format!("/v1/pages/{}/metrics/{metric}/data", house.page);
    let point = json!({ "data": { "timestamp": chrono::Utc::now().timestamp(), "value": 1 } });
    let unkept = join_all((0..14).map(|_| replica.write(&house.token, "POST", &points, &point)));
    let others = async {
        let path = format!("/v1/pages/{second}/components/{shop}");
        for turn in 0..20 {
            let status = ["partial_outage", "operational"][turn % 2];
            let body = json!({ "component": { "status": status } });
            let began = std::time::Instant::now();
            assert_eq!(replica.write(&house.token, "PATCH", &path, &body).await, 200, "{}", replica.log());
            assert!(began.elapsed() < Duration::from_secs(5), "nobody waits in its line");
            assert_eq!(replica.ask(&house.token, &path).await.status(), 200);
            let up = replica.metric("pharos_dependency_up{dependency=\"postgres\"}").await;
            assert_eq!(up, Some(1.0), "{}", replica.log());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let (statuses, unkept, ()) = tokio::join!(held_up, unkept, others);
    assert!(statuses.iter().chain(&unkept).all(|status| *status == 503), "{statuses:?} {unkept:?}");
    let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' \
        AND datname = current_database()";
    until("nobody goes on waiting in the database", async || {
        crate::support::number(&house.database, waiting).await == 0
    })
    .await;
    lunch.rollback().await.unwrap();
    house.must_set(&replica, "operational").await;
    assert!(!replica.log().contains("postgres does not answer"), "{}", replica.log());
}

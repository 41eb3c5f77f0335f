//! Starts in an outage.

use deadpool_redis::redis as client;

use super::*;
use crate::support::Vault;

/// With both stores cut, new replicas are lit from what another one shows, or what the last run left.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_from_two_to_four_replicas_with_both_stores_cut() {
    let house = House::new().await;
    let first = house.replica().await;
    house.must_set(&first, "partial_outage").await;
    let second = house.replica().await;
    house.postgres.set(Fault::Cut);
    house.redis.set(Fault::Cut);
    let visitors = Visitors::at(&[&first.base, &second.base]);
    let sibling = first.metrics.strip_prefix("http://").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let settings = house.settings(&[("PHAROS_SIBLINGS", sibling)]);
    let third = Replica::lit(elsewhere.path(), &settings).await;
    let fourth = house.replica().await;
    for born in [&third, &fourth] {
        assert_eq!(house.shown(born).await, "partial_outage");
    }
    let born = Visitors::at(&[&third.base, &fourth.base]);
    born.see(100).await;
    born.leave().await;
    visitors.leave().await;
    house.postgres.set(Fault::None);
    house.must_set(&fourth, "operational").await;
    house.sees(&third, "operational").await;
}

/// Of two pages Redis has lost one: it comes from a sibling or from what the last run left, and no page ever
/// answers in the place of another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_no_page_stands_in_for_another_that_is_lost() {
    let house = House::new().await;
    let (second, _) = house.second_page("second.test").await;
    let first = house.replica().await;
    first.until("both are shown", async || first.revision(&second).await >= 0).await;
    house.must_set(&first, "partial_outage").await;
    let title = async |replica: &Replica, host: &str| {
        let (status, document) = replica.under(host, "/api/v2/status.json").await;
        (status, document["page"]["name"].as_str().unwrap_or_default().to_owned())
    };
    let second_is = (200, "Second".to_owned());
    assert_eq!(title(&first, "second.test").await, second_is);
    house.postgres.set(Fault::BlackHole);
    first
        .until("it is noticed", async || {
            first.metric("pharos_dependency_up{dependency=\"postgres\"}").await == Some(0.0)
        })
        .await;
    let key = |key: &String| key.contains(":state:") && key.ends_with(house.page.as_str());
    let lost = super::spread::keys(&house).await.into_iter().find(key).expect("the first page is shared");
    let mut connection = super::spread::connection().await;
    let _: () = client::cmd("DEL").arg(lost).query_async(&mut connection).await.unwrap();
    // With nobody to ask, the second page is shown alone, and under its own host alone.
    let nowhere = tempfile::tempdir().unwrap();
    let alone = Replica::lit(nowhere.path(), &house.settings(&[])).await;
    assert_eq!(title(&alone, "second.test").await, second_is);
    assert_eq!(title(&alone, "127.0.0.1").await.0, 503, "what can't be shown is not replaced by another");
    // A sibling has both.
    let sibling = first.metrics.strip_prefix("http://").unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let born = Replica::lit(elsewhere.path(), &house.settings(&[("PHAROS_SIBLINGS", sibling)])).await;
    assert_eq!(title(&born, "second.test").await, second_is);
    assert_eq!(house.shown_to(&born, "127.0.0.1").await, "partial_outage");
    // So has what the last run left.
    first.stop().await;
    let again = house.replica().await;
    assert_eq!(title(&again, "second.test").await, second_is);
    assert_eq!(house.shown_to(&again, "127.0.0.1").await, "partial_outage");
}

/// Postgres alone is cut: Redis tells what was shown last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_start_without_the_database_asks_redis() {
    let house = House::new().await;
    let first = house.replica().await;
    house.must_set(&first, "major_outage").await;
    first.stop().await;
    house.postgres.set(Fault::BlackHole);
    let elsewhere = tempfile::tempdir().unwrap();
    let born = Replica::lit(elsewhere.path(), &house.settings(&[])).await;
    assert_eq!(house.shown(&born).await, "major_outage");
    assert!(born.log().contains("redis"), "{}", born.log());
}

/// Nothing is known anywhere: it waits, unlit, and is lit as soon as the database answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_start_with_nothing_known_waits_for_the_database() {
    let house = House::new().await;
    house.postgres.set(Fault::Cut);
    house.redis.set(Fault::Cut);
    let born = Replica::start(house.folder.path(), &house.settings(&[]));
    born.until("it listens", async || born.status("/healthz").await == Some(503)).await;
    assert_eq!(born.status("/").await, Some(503));
    house.postgres.set(Fault::None);
    born.until("it is lit", async || born.status("/").await == Some(200)).await;
}

/// The same until another replica knows of the page.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_dark_replica_goes_on_asking_the_others() {
    let house = House::new().await;
    let first = house.replica().await;
    house.must_set(&first, "partial_outage").await;
    let (sibling, address) = Proxy::before(&first.metrics).await;
    let address = address.trim_start_matches("http://").trim_end_matches('/').to_owned();
    for way in [&sibling, &house.postgres, &house.redis] {
        way.set(Fault::Cut);
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let born = Replica::start(elsewhere.path(), &house.settings(&[("PHAROS_SIBLINGS", &address)]));
    born.until("it listens", async || born.status("/healthz").await == Some(503)).await;
    assert_eq!(born.status("/").await, Some(503));
    sibling.set(Fault::None);
    born.until("it is lit", async || born.status("/").await == Some(200)).await;
    assert_eq!(house.shown(&born).await, "partial_outage");
}

/// A schema that is not there yet is waited for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_pods_wait_for_the_schema() {
    let database = Database::postgres().await;
    let folder = tempfile::tempdir().unwrap();
    let settings = [("PHAROS_DATABASE_URL", database.url.as_str())];
    let born = Replica::start(folder.path(), &settings);
    born.until("it says what it waits for", async || born.log().contains("pharos migrate")).await;
    assert_eq!(born.status("/healthz").await, Some(503));
    database.store(&Clock::system()).await.close().await.unwrap();
    born.until("it is lit", async || born.status("/").await == Some(200)).await;
}

/// Secrets Manager does not answer a start, or refuses connections: the last run's state is shown, and all
/// that needs a secret waits until it answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_start_without_secrets_manager_is_lit_by_the_last_run() {
    let house = House::new().await;
    let at = url::Url::parse(&house.database.url).unwrap();
    let vault = Vault::holding(
        &json!({
            "username": at.username(), "password": "#?%@:/", "host": at.host_str(), "port": at.port(),
            "dbname": at.path().trim_start_matches('/'), "keys": pharos::keys::random(),
        })
        .to_string(),
    )
    .await;
    let of = |key: &str| format!("{{aws:{}#{key}}}", vault.name);
    let [user, password, host, port, name] = ["username", "password", "host", "port", "dbname"].map(of);
    let url = format!("postgres://{user}:{password}@{host}:{port}/{name}?sslmode=disable");
    let (manager, endpoint) = Proxy::before(&vault.environment()[0].1).await;
    let keys = of("keys");
    let mut settings = vec![("PHAROS_DATABASE_URL", url.as_str()), ("PHAROS_KEYS", &keys)];
    let credentials = vault.environment();
    settings.extend(credentials.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    settings.push(("AWS_ENDPOINT_URL", &endpoint));
    let first = Replica::lit(house.folder.path(), &settings).await;
    house.must_set(&first, "partial_outage").await;
    first.stop().await;
    for fault in [Fault::Cut, Fault::BlackHole] {
        manager.set(fault);
        let born = Replica::lit(house.folder.path(), &settings).await;
        assert_eq!(house.shown(&born).await, "partial_outage");
        assert!(born.log().contains("source=last_run"), "{}", born.log());
        let visitors = Visitors::at(&[&born.base]);
        visitors.see(20).await;
        assert_eq!(house.set_status(&born, "partial_outage").await, 503);
        manager.set(Fault::None);
        house.must_set(&born, "partial_outage").await;
        visitors.leave().await;
        assert_eq!(born.log().matches("Secrets Manager does not answer").count(), 1, "{}", born.log());
        born.stop().await;
    }
}

//! What is away while visitors go on asking.

use super::*;

/// Two replicas, and visitors at both.
async fn visited(house: &House) -> (Replica, Replica, Visitors) {
    let (one, other) = (house.replica().await, house.replica().await);
    let visitors = Visitors::at(&[&one.base, &other.base]);
    visitors.see(50).await;
    (one, other, visitors)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_without_redis_the_page_spreads_by_the_database() {
    let house = House::new().await;
    let (one, other, visitors) = visited(&house).await;
    for (fault, status) in [
        (Fault::Cut, "degraded_performance"),
        (Fault::None, "operational"),
        (Fault::BlackHole, "partial_outage"),
        (Fault::Slow(Duration::from_secs(3)), "major_outage"),
        (Fault::None, "operational"),
    ] {
        house.redis.set(fault);
        house.must_set(&one, status).await;
        house.sees(&other, status).await;
    }
    house.redis.set(Fault::None);
    one.until("it is noticed", async || {
        one.metric("pharos_dependency_up{dependency=\"redis\"}").await == Some(1.0)
    })
    .await;
    visitors.leave().await;
    let told = one.log().matches("redis does not answer").count();
    assert!((1..=6).contains(&told), "said once per change, not per request: {told}\n{}", one.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_while_the_database_is_away_the_page_is_lit_and_writes_are_told_to_wait() {
    let house = House::new().await;
    let (one, other, visitors) = visited(&house).await;
    house.must_set(&one, "degraded_performance").await;
    house.sees(&other, "degraded_performance").await;
    for fault in [Fault::Cut, Fault::BlackHole, Fault::Slow(Duration::from_secs(4))] {
        house.postgres.set(fault);
        one.until("it is noticed", async || {
            one.metric("pharos_dependency_up{dependency=\"postgres\"}").await == Some(0.0)
        })
        .await;
        let began = std::time::Instant::now();
        let path = format!("/v1/pages/{}/components/{}", house.page, house.component);
        let body = json!({ "component": { "status": "operational" } });
        let (status, text) = one.try_write(&house.token, "PATCH", &path, &body).await.unwrap();
        assert_eq!(status, 503, "{text}");
        assert!(began.elapsed() < Duration::from_secs(2), "nobody waits for what is known to be away");
        assert_eq!(house.shown(&one).await, "degraded_performance");
        is_answered_from_the_snapshot(&house, &one).await;
        house.postgres.set(Fault::None);
        house.must_set(&one, "degraded_performance").await;
        one.until("that it is back is told", async || {
            one.metric("pharos_dependency_up{dependency=\"postgres\"}").await == Some(1.0)
        })
        .await;
    }
    house.must_set(&one, "operational").await;
    house.sees(&other, "operational").await;
    visitors.leave().await;
    let told = one.log().matches("postgres does not answer").count();
    assert!((1..=6).contains(&told), "said once per change: {told}\n{}", one.log());
}

/// While the database is away, whoever was let in lately reads what the snapshot holds; all else is for later.
async fn is_answered_from_the_snapshot(house: &House, replica: &Replica) {
    let page = format!("/v1/pages/{}", house.page);
    let told = replica.ask(&house.token, &format!("{page}/components")).await;
    assert_eq!(told.status(), 200);
    assert!(told.headers().contains_key("x-pharos-stale"), "{:?}", told.headers());
    assert!(told.text().await.unwrap().contains("degraded_performance"));
    let pages = replica.ask(&house.token, "/v1/pages").await;
    assert_eq!(pages.status(), 200);
    assert!(pages.text().await.unwrap().contains(house.page.as_str()));
    let unknown = house.token.chars().rev().collect::<String>();
    for (token, path) in
        [(&house.token, "/incidents"), (&house.token, "/subscribers"), (&unknown, "/components")]
    {
        let answer = replica.ask(token, &format!("{page}{path}")).await;
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let refused = status == 503 && headers.contains_key("retry-after");
        assert!(refused || (status == 401 && token == &unknown), "{path}: {status} {headers:?}");
    }
}

/// What nobody can confirm is marked, for people by a rendering of its own, for machines by a header.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_what_is_not_confirmed_is_marked() {
    let house = House::new().await;
    let settings = house.settings(&[("PHAROS_STALE_AFTER", "1")]);
    let replica = Replica::lit(house.folder.path(), &settings).await;
    let tag = replica.header("/api/v2/summary.json", "etag").await;
    let page = replica.header("/", "etag").await;
    let before = replica.text("/").await;
    assert_eq!(replica.header("/api/v2/summary.json", "x-pharos-stale").await, None);
    house.postgres.set(Fault::Cut);
    house.redis.set(Fault::Cut);
    let patience = Duration::from_secs(90);
    let marked = tokio::time::timeout(patience, async {
        while replica.header("/", "x-pharos-stale").await.is_none() {
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
    });
    marked.await.expect("what is not confirmed for a minute is marked");
    let front = replica.text("/").await;
    assert!(front.contains("<title>Last known at") && front.contains("status-quiet"), "{front}");
    assert_ne!(icon(&front), icon(&before), "its icon tells nothing any more");
    assert_ne!(replica.header("/", "etag").await, page, "it is another page");
    assert_eq!(replica.header("/api/v2/summary.json", "etag").await, tag, "and the same document");
    let age = replica.header("/api/v2/summary.json", "x-pharos-stale").await.unwrap();
    assert!((60..180).contains(&age.parse::<i64>().unwrap()), "{age}");
    house.postgres.set(Fault::None);
    replica
        .until("it is confirmed again", async || replica.header("/", "x-pharos-stale").await.is_none())
        .await;
    assert!(replica.text("/").await.contains("status-none"));
}

/// Where the icon is that a page names.
fn icon(html: &str) -> &str {
    html.split_once("rel=\"icon\" href=\"").unwrap().1.split_once('"').unwrap().0
}

/// A replica that alone has lost the database hears from the others, by Redis.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_replica_that_is_cut_off_alone_follows_the_others() {
    let house = House::new().await;
    let role = format!("alone_{}", Id::random());
    house.sql(&format!("CREATE ROLE {role} SUPERUSER LOGIN PASSWORD 'x'")).await;
    let url = house.settings(&[])[0].1.replace("postgres@", &format!("{role}:x@"));
    let settings = house.settings(&[("PHAROS_DATABASE_URL", &url)]);
    let alone = Replica::lit(house.folder.path(), &settings).await;
    let other = house.replica().await;
    house.sql(&format!(
        "ALTER ROLE {role} NOLOGIN; SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'"
    ))
    .await;
    alone
        .until("it is cut off", async || {
            alone.metric("pharos_dependency_up{dependency=\"postgres\"}").await == Some(0.0)
        })
        .await;
    house.must_set(&other, "degraded_performance").await;
    house.sees(&alone, "degraded_performance").await;
    drop(alone);
    house.sql(&format!("DROP ROLE {role}")).await;
}

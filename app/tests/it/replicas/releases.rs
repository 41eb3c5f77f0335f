//! An old and a new release side by side on one database and one Redis: neither misreads the other, and
//! one takes the other's place without a request that fails.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use deadpool_redis::redis as client;
use pharos::wire::kept::FORMAT;

use super::*;
use crate::support::{Balancer, number};

type Connection = client::aio::MultiplexedConnection;

/// The one key under which the page's state is shared.
async fn state_key(house: &House, redis: &mut Connection) -> String {
    let pattern = format!("pharos:{FORMAT}:*:state:{}", house.page);
    let keys: Vec<String> = client::cmd("KEYS").arg(pattern).query_async(redis).await.unwrap();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    key.clone()
}

/// The same key, or channel, of a release that keeps another format.
fn of_format(format: u32, key: &str) -> String {
    key.replacen(&format!("pharos:{FORMAT}:"), &format!("pharos:{format}:"), 1)
}

async fn hash(redis: &mut Connection, key: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    client::cmd("HGETALL").arg(key).query_async(redis).await.unwrap()
}

async fn obey(redis: &mut Connection, words: &[&str]) {
    let _: client::Value = client::cmd(words[0]).arg(&words[1..]).query_async(redis).await.unwrap();
}

/// Says something on a channel, and makes sure that somebody, or nobody, heard it.
async fn say(redis: &mut Connection, channel: &str, text: &str) -> i64 {
    client::cmd("PUBLISH").arg(channel).arg(text).query_async(redis).await.unwrap()
}

/// What other formats keep and announce beside this one is no concern of it, nor the other way round.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_releases_of_other_formats_share_redis_and_meet_nowhere() {
    let house = House::new().await;
    let replicas = [house.replica().await, house.replica().await];
    house.must_set(&replicas[0], "degraded_performance").await;
    let mut redis = super::spread::connection().await;
    let key = state_key(&house, &mut redis).await;
    let channel = key.replace(&format!(":state:{}", house.page), ":news:all");
    let pages = key.replace(&format!(":state:{}", house.page), ":pages:all");
    let far = format!(
        "{{\"kind\":\"page\",\"page\":\"{}\",\"version\":{{\"revision\":1000000,\"commit\":\"another\"}}}}",
        house.page
    );
    let mut theirs = vec![];
    for format in [FORMAT - 1, FORMAT + 1] {
        let (key, pages) = (of_format(format, &key), of_format(format, &pages));
        let fields =
            ["revision", "1000000", "commit", "another", "confirmed_at", "1", "body", "of another format"];
        obey(&mut redis, &[&["HSET", &key], &fields[..]].concat()).await;
        obey(&mut redis, &["SADD", &pages, house.page.as_str(), "elsewhere"]).await;
        assert_eq!(say(&mut redis, &of_format(format, &channel), &far).await, 0, "nobody here listens there");
        theirs.push((key.clone(), hash(&mut redis, &key).await));
    }
    for (turn, status) in ["major_outage", "operational", "partial_outage"].into_iter().enumerate() {
        house.must_set(&replicas[turn % 2], status).await;
        house.sees(&replicas[(turn + 1) % 2], status).await;
    }
    let revision = number(&house.database, "SELECT revision FROM pages").await;
    for replica in &replicas {
        assert_eq!(replica.revision(&house.page).await, revision);
    }
    // One that is born now, and can ask nobody but Redis, believes its own format alone.
    house.postgres.set(Fault::Cut);
    let elsewhere = tempfile::tempdir().unwrap();
    let born = Replica::lit(elsewhere.path(), &house.settings(&[])).await;
    assert_eq!(
        (house.shown(&born).await.as_str(), born.revision(&house.page).await),
        ("partial_outage", revision)
    );
    for (key, held) in theirs {
        assert_eq!(hash(&mut redis, &key).await, held, "{key} is not touched");
        obey(&mut redis, &["DEL", &key]).await;
    }
}

/// What a newer release of the same format says more is passed over, and what it alone says is ignored.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_what_a_newer_release_says_more_is_passed_over() {
    let house = House::new().await;
    let replicas = [house.replica().await, house.replica().await];
    house.must_set(&replicas[0], "degraded_performance").await;
    house.sees(&replicas[1], "degraded_performance").await;
    let mut redis = super::spread::connection().await;
    let key = state_key(&house, &mut redis).await;
    let channel = key.replace(&format!(":state:{}", house.page), ":news:all");
    let page = &house.page;
    for text in [
        "",
        "not JSON",
        "{\"kind\":\"of_the_future\",\"page\":7}",
        "{\"kind\":\"tokens\",\"since\":\"9.0\"}",
        "{\"kind\":\"page\"}",
        &format!(
            "{{\"kind\":\"page\",\"page\":\"{page}\",\"version\":{{\"revision\":1000000,\"commit\":\"another\",\"more\":1}},\"more\":[]}}"
        ),
    ] {
        assert_eq!(say(&mut redis, &channel, text).await, 2, "both listen: {text}");
    }
    for text in
        ["", "one", &format!("{page} 1000000 another and more"), &format!("{page} many another"), "{}"]
    {
        house.sql(&format!("SELECT pg_notify('pharos', '{text}')")).await;
    }
    // Both still listen, and nobody believes what the database does not hold.
    house.must_set(&replicas[1], "major_outage").await;
    house.sees(&replicas[0], "major_outage").await;
    let revision = number(&house.database, "SELECT revision FROM pages").await;
    for replica in &replicas {
        assert_eq!(replica.revision(page).await, revision);
        assert!(!replica.log().contains("panicked"), "{}", replica.log());
    }
}

/// A state with fields that this release does not know is read without them; one that is not of its format
/// is no state, whoever put it there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_state_of_a_newer_release_is_read_as_far_as_it_is_known() {
    let house = House::new().await;
    let replica = house.replica().await;
    house.must_set(&replica, "degraded_performance").await;
    let mut redis = super::spread::connection().await;
    let key = state_key(&house, &mut redis).await;
    let body: Vec<u8> = client::cmd("HGET").arg(&key).arg("body").query_async(&mut redis).await.unwrap();
    replica.stop().await;
    house.postgres.set(Fault::Cut);
    let put = async |body: Vec<u8>| {
        let mut redis = super::spread::connection().await;
        let _: i64 =
            client::cmd("HSET").arg(&key).arg("body").arg(body).query_async(&mut redis).await.unwrap();
    };
    put(with_more(&body)).await;
    let elsewhere = tempfile::tempdir().unwrap();
    let born = Replica::lit(elsewhere.path(), &house.settings(&[])).await;
    assert_eq!(house.shown(&born).await, "degraded_performance");
    assert!(born.log().contains("source=redis"), "{}", born.log());
    drop(born);
    let other = [format!("pharos kept {}\n", FORMAT + 1).as_bytes(), b"whatever"].concat();
    put(other).await;
    let born = Replica::lit(house.folder.path(), &house.settings(&[])).await;
    assert_eq!(house.shown(&born).await, "degraded_performance");
    assert!(born.log().contains("source=last_run"), "{}", born.log());
}

/// A kept state with a field more in each of its objects.
fn with_more(body: &[u8]) -> Vec<u8> {
    let mark = format!("pharos kept {FORMAT}\n").into_bytes();
    let packed = body.strip_prefix(mark.as_slice()).unwrap();
    let mut kept: Value = serde_json::from_slice(&zstd::decode_all(packed).unwrap()).unwrap();
    add(&mut kept);
    let text = serde_json::to_vec(&kept).unwrap();
    [mark, zstd::encode_all(text.as_slice(), 1).unwrap()].concat()
}

fn add(value: &mut Value) {
    match value {
        Value::Object(object) => {
            // What is kept by id has no fields.
            object.iter_mut().filter(|(name, _)| *name != "known_since").for_each(|(_, value)| add(value));
            object.insert("of_the_future".to_owned(), json!({ "more": [1, "two", null] }));
        }
        Value::Array(list) => list.iter_mut().for_each(add),
        _ => {}
    }
}

/// Both replicas are replaced one after the other, as a deployment does it, while visitors ask and operators
/// write: nobody notices.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_both_replicas_are_replaced_and_no_request_fails() {
    let house = House::new().await;
    let settings = house.settings(&[("PHAROS_DRAIN_SECONDS", "2")]);
    let start = async || Replica::lit(house.folder.path(), &settings).await;
    let mut running = vec![start().await, start().await];
    let places: Vec<_> = running.iter().map(|one| (one.base.as_str(), one.metrics.as_str())).collect();
    let balancer = Balancer::before(&places).await;
    let visitors = Visitors::behind(&balancer, 4);
    let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let writer = tokio::spawn({
        let (balancer, stop, written) = (balancer.clone(), stop.clone(), written.clone());
        let path = format!("/v1/pages/{}/components/{}", house.page, house.component);
        let token = house.token.clone();
        async move { operate(balancer, &path, &token, &stop, &written).await }
    });
    for _ in 0..2 {
        let before = written.load(Ordering::SeqCst);
        until("operators write on", async || written.load(Ordering::SeqCst) > before + 20).await;
        let fresh = start().await;
        balancer.add(&fresh.base, &fresh.metrics).await;
        visitors.see(50).await;
        let old = running.remove(0);
        running.push(fresh);
        let base = old.base.clone();
        old.stop().await;
        assert!(!balancer.sends_to(&base));
        visitors.see(50).await;
    }
    stop.store(true, Ordering::SeqCst);
    writer.await.unwrap();
    visitors.leave().await;
    // Each write is one revision, and both of those that are left show the last.
    let revision = number(&house.database, "SELECT revision FROM pages").await;
    assert_eq!(revision, 1 + written.load(Ordering::SeqCst) as i64);
    for replica in &running {
        replica.until("it shows the last", async || replica.revision(&house.page).await == revision).await;
    }
}

/// Writes by whichever replica is ready, each of which must be done at the first try.
async fn operate(balancer: Balancer, path: &str, token: &str, stop: &AtomicBool, written: &AtomicUsize) {
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    for turn in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let status = ["degraded_performance", "operational"][turn % 2];
        let request =
            client.patch(balancer.pick(turn) + path).header("authorization", format!("OAuth {token}"));
        let request = request.header("content-type", "application/json");
        let answer =
            request.body(json!({ "component": { "status": status } }).to_string()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{}", answer.text().await.unwrap());
        written.fetch_add(1, Ordering::SeqCst);
    }
}

//! Metrics: what is kept of points, and what is told of them.

use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use pharos::{
    domain::{
        Id,
        metric::{Bucket, Period},
    },
    store::{Actor, NewMetric, NewPage, Store},
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::support::{Database, Server, clock, fixture, noon, on_both};

on_both!(
    rollups_are_what_the_points_add_up_to,
    a_bucket_begins_at_its_first_microsecond,
    points_that_were_there_before_are_summed_up_by_the_migration,
    what_is_no_measurement_is_refused,
    many_points_are_kept_in_a_moment,
    only_what_is_displayed_is_shown,
);

fn latency() -> NewMetric {
    NewMetric {
        name: "Latency".into(),
        suffix: Some("ms".into()),
        description: None,
        decimal_places: 1,
        position: 1,
    }
}

async fn page_with_metric(store: &Store) -> (Id, Id) {
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    let metric = change.create_metric(latency()).await.unwrap();
    (change.commit().await.unwrap().page_id, metric)
}

/// A number that looks like chance and is the same each time.
fn scattered(n: u64) -> u64 {
    let mixed = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11
}

fn micros(seconds: i64, micros: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap() + TimeDelta::microseconds(micros)
}

type Sums = BTreeMap<(i64, i64), (i64, f64, f64, f64)>;

/// What the rollups have to be, added up point by point.
fn added_up(points: &BTreeMap<DateTime<Utc>, f64>) -> Sums {
    let mut sums = Sums::new();
    for (at, value) in points {
        for interval in [60, 300, 1_800, 7_200] {
            let bucket = at.timestamp().div_euclid(interval) * interval;
            let sum = sums.entry((interval, bucket)).or_insert((0, 0.0, f64::INFINITY, f64::NEG_INFINITY));
            *sum = (sum.0 + 1, sum.1 + value, sum.2.min(*value), sum.3.max(*value));
        }
    }
    sums
}

async fn kept(database: &Database) -> Sums {
    let raw = database.raw().await;
    let sql = "SELECT interval_seconds, bucket_at, count, sum, min, max FROM metric_rollups";
    let rows = raw.query_all_raw(Statement::from_string(raw.get_database_backend(), sql)).await.unwrap();
    let sums = rows.iter().map(|row| {
        let number = |name| row.try_get::<f64>("", name).unwrap();
        let interval: i32 = row.try_get("", "interval_seconds").unwrap();
        let key = (i64::from(interval), row.try_get("", "bucket_at").unwrap());
        (key, (row.try_get("", "count").unwrap(), number("sum"), number("min"), number("max")))
    });
    sums.collect()
}

fn assert_same(kept: &Sums, wanted: &Sums) {
    assert_eq!(kept.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
    for (key, (count, sum, min, max)) in wanted {
        let found = kept[key];
        assert_eq!((found.0, found.2, found.3), (*count, *min, *max), "{key:?}");
        assert!((found.1 - sum).abs() <= 1e-9 * sum.abs().max(1.0), "{key:?}: {} is not {sum}", found.1);
    }
}

async fn rollups_are_what_the_points_add_up_to(database: Database) {
    let store = database.store(&clock()).await;
    let (page, metric) = page_with_metric(&store).await;
    let mut all = BTreeMap::new();
    for call in 0..12u64 {
        // Ever closer together, so that later calls replace what earlier ones wrote, and touch
        // buckets of theirs.
        let spread = (40 * 86_400) >> call;
        let points: Vec<(DateTime<Utc>, f64)> = (0..150)
            .map(|n| {
                let chance = scattered(call * 1_000 + n);
                let back = i64::try_from(chance % spread).unwrap();
                let fraction = [0, 1, 499_999, 999_999][chance as usize / 7 % 4];
                (micros(noon().timestamp() - back, fraction), (chance % 20_001) as f64 / 10.0 - 1_000.0)
            })
            .collect();
        store.record().metric_points(&metric, &points).await.unwrap();
        all.extend(points);
    }
    assert_same(&kept(&database).await, &added_up(&all));
    let state = store.load(&page, "http://x").await.unwrap();
    let shown = &state.metrics[0];
    assert_eq!(shown.most_recent_data_at, all.keys().last().copied());
    for period in Period::ALL {
        let wanted = added_up(&all).into_iter().filter(|((interval, at), _)| {
            *interval == period.interval() && period.window(noon()).contains(at)
        });
        let wanted: Vec<(i64, i64)> = wanted.map(|((_, at), (count, ..))| (at, count)).collect();
        let seen = shown.within(period, noon()).iter().map(|bucket| (bucket.at, bucket.count));
        assert_eq!(seen.collect::<Vec<_>>(), wanted);
    }
}

async fn a_bucket_begins_at_its_first_microsecond(database: Database) {
    let store = database.store(&clock()).await;
    let (page, metric) = page_with_metric(&store).await;
    let border = noon().timestamp() - 7_200;
    // Rounded to milliseconds the second would fall into the bucket of the third.
    let points = [(micros(border, -1_000_000), 1.0), (micros(border, -1), 2.0), (micros(border, 0), 4.0)];
    store.record().metric_points(&metric, &points).await.unwrap();
    assert_same(&kept(&database).await, &added_up(&points.into()));
    // The same again, all of it replaced.
    let points = points.map(|(at, value)| (at, value * 10.0));
    store.record().metric_points(&metric, &points).await.unwrap();
    assert_same(&kept(&database).await, &added_up(&points.into()));
    let state = store.load(&page, "http://x").await.unwrap();
    let seen = state.metrics[0].within(Period::Month, noon());
    let bucket = |at, count, sum, min, max| Bucket { at, count, sum, min, max };
    assert_eq!(seen, [bucket(border - 7_200, 2, 30.0, 10.0, 20.0), bucket(border, 1, 40.0, 40.0, 40.0)]);
}

async fn points_that_were_there_before_are_summed_up_by_the_migration(database: Database) {
    let store = database.store(&clock()).await;
    let (page, metric) = page_with_metric(&store).await;
    let points: BTreeMap<_, _> = (0..2_000u64)
        .map(|n| {
            let back = i64::try_from(scattered(n) % 2_000_000).unwrap();
            (micros(noon().timestamp() - back, [0, 999_999][n as usize % 2]), (n % 700) as f64)
        })
        .collect();
    let given: Vec<_> = points.clone().into_iter().collect();
    store.record().metric_points(&metric, &given).await.unwrap();
    let raw = database.raw().await;
    for sql in [
        "DROP TABLE metric_rollups",
        "UPDATE metrics SET most_recent_data_at = NULL",
        "DELETE FROM seaql_migrations WHERE version = 'm0007_metric_rollups'",
    ] {
        raw.execute_unprepared(sql).await.unwrap();
    }
    assert_eq!(store.migrate().await.unwrap(), 1);
    assert_same(&kept(&database).await, &added_up(&points));
    let state = store.load(&page, "http://x").await.unwrap();
    assert_eq!(state.metrics[0].most_recent_data_at, points.keys().last().copied());
}

async fn what_is_no_measurement_is_refused(database: Database) {
    let store = database.store(&clock()).await;
    let (_, metric) = page_with_metric(&store).await;
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1.1e18, f64::MIN] {
        let points = [(noon(), 1.0), (noon() - TimeDelta::minutes(1), value)];
        let refused = store.record().metric_points(&metric, &points).await.unwrap_err().to_string();
        assert!(refused.starts_with("value: "), "{refused}");
    }
    for at in [noon() + TimeDelta::days(2), micros(-1, 0), DateTime::<Utc>::MAX_UTC] {
        let refused = store.record().metric_points(&metric, &[(at, 1.0)]).await.unwrap_err().to_string();
        assert!(refused.starts_with("timestamp: "), "{refused}");
    }
    assert!(kept(&database).await.is_empty(), "nothing of a call that is refused is kept");
    // The largest that are let in can be summed up.
    let points: Vec<_> = (0..60).map(|n| (noon() + TimeDelta::seconds(n), 1e18)).collect();
    store.record().metric_points(&metric, &points).await.unwrap();
}

async fn many_points_are_kept_in_a_moment(database: Database) {
    let store = database.store(&clock()).await;
    let (_, metric) = page_with_metric(&store).await;
    let mut all = BTreeMap::new();
    // Each in a minute of its own, and once more with others in the same minutes.
    for offset in [0, 20] {
        let at = |n: i64| noon() - TimeDelta::minutes(n) + TimeDelta::seconds(offset);
        let points: Vec<_> = (0..3_000).map(|n| (at(n), n as f64)).collect();
        let begin = std::time::Instant::now();
        store.record().metric_points(&metric, &points).await.unwrap();
        let took = begin.elapsed();
        println!("3,000 points in {took:?}");
        assert!(took < Duration::from_secs(5), "{took:?}");
        all.extend(points);
    }
    assert_same(&kept(&database).await, &added_up(&all));
}

async fn only_what_is_displayed_is_shown(database: Database) {
    let store = database.store(&clock()).await;
    let (page, shown) = page_with_metric(&store).await;
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let first = change.create_metric(NewMetric { position: 0, ..latency() }).await.unwrap();
    let hidden = change.create_metric(latency()).await.unwrap();
    let deleted = change.create_metric(latency()).await.unwrap();
    change.commit().await.unwrap();
    let raw = database.raw().await;
    let hide = format!("UPDATE metrics SET display = false WHERE id = '{hidden}'");
    let delete = format!("UPDATE metrics SET deleted_at = created_at WHERE id = '{deleted}'");
    for sql in [hide, delete] {
        raw.execute_unprepared(&sql).await.unwrap();
    }
    let state = store.load(&page, "http://x").await.unwrap();
    assert_eq!(state.metrics.iter().map(|metric| &metric.id).collect::<Vec<_>>(), [&first, &shown]);
    let server = Server::start(store, &clock()).await;
    assert_eq!(server.get(&format!("/metrics-display/{first}/day.json")).await.status(), 200);
    for id in [hidden.as_str(), deleted.as_str(), "unknown", "%00", "a%2Fb"] {
        for path in [format!("/metrics-display/{id}/day.json")] {
            assert_eq!(server.get(&path).await.status(), 404, "{path}");
        }
    }
    server.stop().await;
}

/// The keys of a value in their order, and those within, but of lists only of the first entry.
fn keys(value: &Value) -> Vec<String> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| {
                std::iter::once(key.clone())
                    .chain(keys(value).into_iter().map(move |inner| format!("{key}.{inner}")))
            })
            .collect(),
        Value::Array(entries) => entries.first().map(keys).unwrap_or_default(),
        _ => vec![],
    }
}

/// The order of keys in a text, whichever order a parser gives them.
fn order(text: &str) -> Vec<&str> {
    let words = text.split('"').skip(1).step_by(2).collect::<Vec<_>>();
    let after = text.split('"').skip(2).step_by(2);
    let pairs = words.into_iter().zip(after);
    pairs.filter(|(_, after)| after.trim_start().starts_with(':')).map(|(word, _)| word).collect()
}

#[tokio::test]
async fn documents_are_as_recorded() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let (_, metric) = page_with_metric(&store).await;
    let points: Vec<_> =
        (0..60).map(|n| (noon() - TimeDelta::minutes(5 * n), 60.0 + (n % 7) as f64)).collect();
    store.record().metric_points(&metric, &points).await.unwrap();
    let server = Server::start(store, &clock()).await;
    for period in ["day", "week", "month", "hour"] {
        let answer = server.get(&format!("/metrics-display/{metric}/{period}.json")).await;
        assert_eq!(answer.headers()["content-type"], "application/json; charset=utf-8");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        let text = answer.text().await.unwrap();
        let json: Value = serde_json::from_str(&text).unwrap();
        // The hour is ours; it has the shape of the others.
        let like = if period == "hour" { "day" } else { period };
        let name = format!("recorded/discord.metrics-display.{like}.2022-02.json");
        let recorded = std::fs::read_to_string(fixture(&name)).unwrap();
        assert_eq!(keys(&json), keys(&serde_json::from_str(&recorded).unwrap()));
        let points = json["metrics"][0]["data"].as_array().unwrap().len();
        let one = 2;
        let (ours, theirs) = (order(&text), order(&recorded));
        let data = ours.iter().position(|key| *key == "data").unwrap() + 1;
        assert_eq!(ours[..data + one], theirs[..data + one]);
        assert_eq!(ours[data + one * points..], theirs[data + one..]);
        if period != "hour" {
            let recorded: Value = serde_json::from_str(&recorded).unwrap();
            assert_eq!(json["period"], recorded["period"]);
        }
    }
    let day = server.json(&format!("/metrics-display/{metric}/day.json")).await;
    let data = day["metrics"][0]["data"].as_array().unwrap();
    assert_eq!(data.len(), 60, "buckets without a point are left out");
    assert_eq!(data[59], serde_json::json!({ "timestamp": noon().timestamp(), "value": 60.0 }));
    assert_eq!(day["summary"]["last"], 60.0);
    assert_eq!(day["metrics"][0]["metric"]["metrics_display_id"], metric.as_str());
    assert_eq!(day["metrics"][0]["metric"]["most_recent_data_at"], "2026-11-22T12:00:00.000Z");
    for wrong in ["year.json", "day.xml", "day"] {
        assert_eq!(server.get(&format!("/metrics-display/{metric}/{wrong}")).await.status(), 404);
    }
    server.stop().await;
}

#[tokio::test]
async fn a_metric_has_a_chart_on_the_front_page_and_a_page_of_its_own() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let (_, metric) = page_with_metric(&store).await;
    let server = Server::start(store.clone(), &clock()).await;
    assert!(server.text("/").await.contains("No data"), "a metric without a point");
    assert!(!server.text(&format!("/metrics/{metric}")).await.contains("<svg class=\"chart\""));
    let points: Vec<_> = (0..60).map(|n| (noon() - TimeDelta::minutes(n), 1_200.5 + n as f64)).collect();
    store.record().metric_points(&metric, &points).await.unwrap();
    server.app.refresher.poll().await.unwrap();
    let front = server.text("/").await;
    assert_eq!(front.matches("<svg class=\"chart\" role=\"img\" aria-label=\"Latency, ").count(), 1);
    assert!(front.contains(&format!("<a href=\"/metrics/{metric}\">Latency</a>")));
    assert!(front.contains("<b>1,200.5\u{a0}ms</b>"), "the last value");
    let own = server.text(&format!("/metrics/{metric}")).await;
    assert_eq!(own.matches("<svg class=\"chart\" role=\"img\"").count(), 4);
    assert!(own.contains("1,200.5\u{a0}ms to 1,259.5\u{a0}ms, 1,230.0\u{a0}ms on average"));
    for period in ["hour", "day", "week", "month"] {
        assert!(own.contains(&format!("<h2 id=\"{period}\">")));
        assert!(own.contains(&format!("href=\"/metrics-display/{metric}/{period}.json\"")));
    }
    let german = server.text(&format!("/de/metrics/{metric}")).await;
    assert!(german.contains("1.200,5\u{a0}ms") && german.contains("Mittelwert"));
    for unknown in ["/metrics/unknown", "/de/metrics/unknown", "/metrics/%00"] {
        assert_eq!(server.get(unknown).await.status(), 404, "{unknown}");
    }
    server.stop().await;
}

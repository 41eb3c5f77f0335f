//! The management API: metrics, their points, and where they come from.

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::{
    manage::empty,
    support::{Caller, Database, Server, noon, number, on_both},
};

on_both!(
    what_comes_within_a_minute_is_shown_after_it,
    a_metric_lives_below_its_provider,
    points_are_kept_one_by_one_and_in_bulk,
    nothing_of_a_bulk_is_kept_when_a_part_is_wrong,
    many_writers_of_points_and_of_their_metric_do_not_hang,
);

/// A provider, and the place of its metrics.
async fn provider(caller: &Caller<'_>, page: &str) -> String {
    let body = json!({ "metrics_provider": { "type": "Self" } });
    let made = caller.expect(201, "POST", &format!("{page}/metrics_providers"), body).await;
    format!("{page}/metrics_providers/{}", made["id"].as_str().unwrap())
}

async fn metric(caller: &Caller<'_>, provider: &str, name: &str) -> String {
    let body = json!({ "metric": { "name": name, "suffix": "ms" } });
    let made = caller.expect(201, "POST", &format!("{provider}/metrics"), body).await;
    made["id"].as_str().unwrap().to_owned()
}

fn data(timestamp: i64, value: f64) -> Value {
    json!({ "data": { "timestamp": timestamp, "value": value } })
}

async fn values(server: &Server, metric: &str) -> Vec<f64> {
    let day = server.json(&format!("/metrics-display/{metric}/hour.json")).await;
    let data = day["metrics"][0]["data"].as_array().unwrap().clone();
    data.iter().map(|point| point["value"].as_f64().unwrap()).collect()
}

async fn a_metric_lives_below_its_provider(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let foreign = json!({ "metrics_provider": { "type": "Datadog", "api_key": "k" } });
    let refused = caller.expect(422, "POST", &format!("{page}/metrics_providers"), foreign).await;
    assert!(refused["message"].as_str().unwrap().contains("allowed is Self"), "{refused}");
    assert!(refused["message"].as_str().unwrap().contains("/metrics/data"), "{refused}");
    let own = provider(&caller, &page).await;
    let changed = json!({ "metrics_provider": { "metric_base_uri": "https://metrics.example.com" } });
    let changed = caller.expect(200, "PATCH", &own, changed).await;
    assert_eq!(
        (&changed["type"], &changed["metric_base_uri"], &changed["disabled"]),
        (&json!("Self"), &json!("https://metrics.example.com"), &json!(false))
    );
    let wrong = json!({ "metrics_provider": { "metric_base_uri": "ftp://metrics.example.com" } });
    caller.expect(422, "PUT", &own, wrong).await;
    caller.expect(422, "POST", &format!("{own}/metrics"), json!({ "metric": { "suffix": "ms" } })).await;
    let body = json!({ "metric": { "name": "Latency", "suffix": "ms", "decimal_places": 1, "y_axis_min": 0, "y_axis_max": 9.5 } });
    let made = caller.expect(201, "POST", &format!("{own}/metrics"), body).await;
    assert_eq!(
        (&made["position"], &made["display"], &made["y_axis_max"]),
        (&json!(1), &json!(true), &json!(9.5))
    );
    assert_eq!(made["metrics_provider_id"], own.rsplit('/').next().unwrap());
    assert!(server.text("/").await.contains("Latency"), "seen at once");
    let one = format!("{page}/metrics/{}", made["id"].as_str().unwrap());
    assert_eq!(caller.get(&one).await, made);
    let upside_down = json!({ "metric": { "y_axis_max": -1 } });
    let refused = caller.expect(422, "PATCH", &one, upside_down).await;
    assert_eq!(refused["errors"][0]["field"], "metric.y_axis_max", "{refused}");
    let body = json!({ "metric": { "name": "Response time", "suffix": null, "display": false, "y_axis_max": null } });
    let changed = caller.expect(200, "PUT", &one, body).await;
    assert_eq!((&changed["name"], &changed["suffix"]), (&json!("Response time"), &Value::Null));
    assert_eq!((&changed["y_axis_min"], &changed["y_axis_max"]), (&json!(0.0), &Value::Null));
    assert!(!server.text("/").await.contains("Response time"), "hidden at once");
    let second = metric(&caller, &own, "Errors").await;
    assert_eq!(caller.get(&format!("{page}/metrics")).await.as_array().unwrap().len(), 2);
    caller.expect(200, "DELETE", &one, Value::Null).await;
    caller.expect(404, "GET", &one, Value::Null).await;
    assert_eq!(caller.get(&format!("{own}/metrics")).await[0]["id"], second.as_str());
    caller.expect(200, "DELETE", &own, Value::Null).await;
    caller.expect(404, "GET", &format!("{own}/metrics"), Value::Null).await;
    assert_eq!(caller.get(&format!("{page}/metrics")).await, json!([]), "they go with it");
    server.stop().await;
}

async fn points_are_kept_one_by_one_and_in_bulk(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let own = provider(&caller, &page).await;
    let id = metric(&caller, &own, "Latency").await;
    let one = format!("{page}/metrics/{id}/data");
    let now = noon().timestamp();
    let audited = number(&database, "SELECT count(*) FROM audit_events").await;
    let revision = number(&database, "SELECT revision FROM pages").await;
    assert_eq!(caller.expect(201, "POST", &one, data(now - 60, 1.0)).await, data(now - 60, 1.0));
    assert_eq!(values(&server, &id).await, [1.0], "the first is shown at once");
    caller.expect(201, "POST", &one, data(now - 60, 3.0)).await;
    assert_eq!(
        number(&database, "SELECT count(*) FROM metric_points").await,
        1,
        "it took the first one's place"
    );
    assert_eq!(number(&database, "SELECT revision FROM pages").await, revision + 1, "one a minute");
    server.app.clock.advance(Duration::from_secs(60));
    let form = caller.request("POST", &one).header("content-type", "application/x-www-form-urlencoded");
    let form = form.body(format!("data[timestamp]={now}&data[value]=5")).send().await.unwrap();
    assert_eq!(form.status(), 201);
    assert_eq!(values(&server, &id).await, [3.0, 5.0]);
    let other = metric(&caller, &own, "Errors").await;
    let mut all = Map::new();
    all.insert(id.clone(), json!([{ "timestamp": now, "value": 6 }, { "timestamp": now - 120, "value": 2 }]));
    all.insert(other.clone(), json!([{ "timestamp": now, "value": 0.25 }]));
    let bulk = format!("{page}/metrics/data");
    let kept = caller.expect(202, "POST", &bulk, json!({ "data": all })).await;
    assert_eq!(kept[&other], json!([{ "timestamp": now, "value": 0.25 }]));
    assert_eq!(
        caller.get(&format!("{page}/metrics/{id}")).await["most_recent_data_at"],
        "2026-11-22T12:00:00.000Z"
    );
    caller.expect(200, "DELETE", &one, Value::Null).await;
    assert_eq!(caller.get(&format!("{page}/metrics/{id}")).await["most_recent_data_at"], Value::Null);
    assert!(values(&server, &id).await.is_empty(), "forgotten at once");
    assert_eq!(values(&server, &other).await.len(), 1, "and only there");
    let of_metrics = "SELECT count(*) FROM audit_events WHERE action IN ('metric.create', 'metric.reset')";
    assert_eq!(number(&database, of_metrics).await, 3);
    assert_eq!(
        number(&database, "SELECT count(*) FROM audit_events").await,
        audited + 2,
        "points are no news"
    );
    server.stop().await;
}

async fn nothing_of_a_bulk_is_kept_when_a_part_is_wrong(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let own = provider(&caller, &page).await;
    let id = metric(&caller, &own, "Latency").await;
    let now = noon().timestamp();
    let bulk = format!("{page}/metrics/data");
    let post = async |status: u16, metrics: Value| {
        caller.expect(status, "POST", &bulk, json!({ "data": metrics })).await
    };
    let point = json!({ "timestamp": now, "value": 1 });
    post(404, json!({ &id: [point], "zzzzzzzzzzzz": [point] })).await;
    post(404, json!({ &id: [point], "000000000000": [point] })).await;
    post(422, json!({ &id: [point], "a-b": [point] })).await;
    let refused = post(422, json!({ &id: [point, { "timestamp": now, "value": 1e19 }] })).await;
    assert_eq!(refused["errors"][0]["field"], format!("data.{id}.1.value"), "{refused}");
    let refused = post(422, json!({ &id: [point, { "timestamp": now + 90_000, "value": 1 }] })).await;
    assert!(refused["message"].as_str().unwrap().contains("a day after now"), "{refused}");
    post(422, json!({ &id: [point, { "value": 1 }] })).await;
    let many =
        |count: i64| (0..count).map(|n| json!({ "timestamp": now - n, "value": n })).collect::<Vec<_>>();
    let refused = post(422, json!({ &id: many(3_001) })).await;
    assert!(refused["message"].as_str().unwrap().contains("at most 3000"), "{refused}");
    let none: Map<String, Value> = (0..3_001).map(|n| (format!("none{n}"), json!([]))).collect();
    post(422, Value::Object(none)).await;
    let revision = number(&database, "SELECT revision FROM pages").await;
    post(202, json!({ &id: [] })).await;
    assert_eq!(number(&database, "SELECT revision FROM pages").await, revision, "nothing is no news");
    assert_eq!(number(&database, "SELECT count(*) FROM metric_points").await, 0);
    post(202, json!({ &id: many(3_000) })).await;
    assert_eq!(number(&database, "SELECT count(*) FROM metric_points").await, 3_000);
    caller.expect(200, "DELETE", &format!("{page}/metrics/{id}"), Value::Null).await;
    post(404, json!({ &id: [point] })).await;
    caller.expect(404, "POST", &format!("{page}/metrics/{id}/data"), data(now, 1.0)).await;
    server.stop().await;
}

async fn many_writers_of_points_and_of_their_metric_do_not_hang(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let own = provider(&caller, &page).await;
    let id = metric(&caller, &own, "Latency").await;
    let one = format!("{page}/metrics/{id}");
    let (caller, one) = (&caller, &one);
    let now = noon().timestamp();
    let calls = (0..40).map(|n| async move {
        if n % 4 == 0 {
            let body = json!({ "metric": { "name": format!("Latency {n}") } });
            caller.expect(200, "PATCH", one, body).await;
        } else {
            caller.expect(201, "POST", &format!("{one}/data"), data(now - n, 1.0)).await;
        }
    });
    futures_util::future::join_all(calls).await;
    assert_eq!(number(&database, "SELECT count(*) FROM metric_points").await, 30);
    server.stop().await;
}

#[tokio::test]
async fn metrics_of_another_page_do_not_exist() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let own = provider(&caller, &page).await;
    let id = metric(&caller, &own, "Latency").await;
    let other =
        pharos::store::NewPage { host: Some("two.test".into()), ..pharos::store::NewPage::named("Two") };
    let elsewhere = format!("/v1/pages/{}", other.id);
    let change = server.app.store.change_new_page(other, pharos::store::Actor::System).await.unwrap();
    // The provisional page gives way only to the first that is made; this one has been changed.
    change.commit().await.unwrap();
    let provider_there = own.replace(&page, &elsewhere);
    let body = json!({ "metric": { "name": "X" } });
    caller.expect(404, "GET", &format!("{elsewhere}/metrics/{id}"), Value::Null).await;
    caller.expect(404, "PATCH", &format!("{elsewhere}/metrics/{id}"), body.clone()).await;
    caller.expect(404, "DELETE", &format!("{elsewhere}/metrics/{id}"), Value::Null).await;
    caller.expect(404, "DELETE", &format!("{elsewhere}/metrics/{id}/data"), Value::Null).await;
    caller
        .expect(404, "POST", &format!("{elsewhere}/metrics/{id}/data"), data(noon().timestamp(), 1.0))
        .await;
    caller.expect(404, "GET", &provider_there, Value::Null).await;
    caller.expect(404, "GET", &format!("{provider_there}/metrics"), Value::Null).await;
    caller.expect(404, "POST", &format!("{provider_there}/metrics"), body).await;
    caller.expect(404, "DELETE", &provider_there, Value::Null).await;
    caller.get(&format!("{page}/metrics/{id}")).await;
    server.stop().await;
}

/// Points make a revision a minute at most; what came in between is shown by the jobs.
async fn what_comes_within_a_minute_is_shown_after_it(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let own = provider(&caller, &page).await;
    let (one, other) = (metric(&caller, &own, "One").await, metric(&caller, &own, "Other").await);
    let keep = async |metric: &str, at: i64, value: f64| {
        caller.expect(201, "POST", &format!("{page}/metrics/{metric}/data"), data(at, value)).await;
    };
    let later = async |seconds: u64| {
        server.app.clock.advance(Duration::from_secs(seconds));
        pharos::jobs::step(&server.app, false).await.unwrap();
    };
    let empty = server.text(&format!("/metrics-display/{other}/hour.json")).await;
    assert!(empty.contains("\"sum\":0.0") && !empty.contains("-0.0"), "{empty}");
    let now = noon().timestamp();
    keep(&one, now, 1.0).await;
    later(2).await;
    keep(&other, now, 7.0).await;
    keep(&one, now, 3.0).await;
    keep(&one, now - 1_800, 5.0).await;
    let revision = number(&database, "SELECT revision FROM pages").await;
    later(57).await;
    assert_eq!((values(&server, &one).await, values(&server, &other).await), (vec![1.0], vec![]));
    assert_eq!(number(&database, "SELECT revision FROM pages").await, revision, "one a minute");
    later(1).await;
    assert_eq!((values(&server, &one).await, values(&server, &other).await), (vec![5.0, 3.0], vec![7.0]));
    assert!(server.text("/").await.contains("Other"));
    later(600).await;
    assert_eq!(number(&database, "SELECT revision FROM pages").await, revision + 1, "and once");
    server.stop().await;
}

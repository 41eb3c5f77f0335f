//! The management API: the uptime of components and groups.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Caller, Database, on_both},
};

on_both!(outages_count_by_their_weight, a_range_is_what_is_known_of_it);

async fn made(caller: &Caller<'_>, page: &str, name: &str) -> String {
    let made = caller.expect(201, "POST", &format!("{page}/components"), component(name)).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn outages_count_by_their_weight(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let (shop, calm) = (made(&caller, &page, "Shop").await, made(&caller, &page, "Calm").await);
    let one = format!("{page}/components/{shop}");
    let incident = json!({ "incident": { "name": "Slow", "body": "We look.", "components": { &shop: "partial_outage" } } });
    let incident = caller.expect(201, "POST", &format!("{page}/incidents"), incident).await;
    for (seconds, next) in [(1_000, "major_outage"), (3_600, "degraded_performance"), (500, "operational")] {
        server.app.clock.advance(Duration::from_secs(seconds));
        caller.expect(200, "PATCH", &one, json!({ "component": { "status": next } })).await;
    }
    server.app.clock.advance(Duration::from_secs(86_400));
    let told = caller.get(&format!("{one}/uptime")).await;
    // Two days are known: 100 × (1 − (3,600 + 0.3 × 1,000) / 172,800) is 97.743.
    assert_eq!(
        (&told["uptime_percentage"], &told["major_outage"], &told["partial_outage"]),
        (&json!(97.74), &json!(3_600), &json!(1_000)),
        "{told}"
    );
    assert_eq!(
        (&told["range_start"], &told["range_end"], &told["warnings"]),
        (&json!("2026-11-22T00:00:00.000Z"), &json!("2026-11-23T13:25:00.000Z"), &json!([]))
    );
    assert_eq!(
        (&told["name"], &told["related_events"]),
        (&json!("Shop"), &json!([{ "id": incident["id"] }]))
    );
    server.app.refresher.poll().await.unwrap();
    assert!(server.text("/").await.contains("97.74"), "the page says the same");
    let first = caller.get(&format!("{one}/uptime?end=2026-11-22&skip_related_events=true")).await;
    assert_eq!(
        (&first["uptime_percentage"], &first["range_end"], first.get("related_events")),
        (&json!(95.48), &json!("2026-11-22T23:59:59.999Z"), None)
    );
    let last = caller.get(&format!("{one}/uptime?start=2026-11-23")).await;
    assert_eq!((&last["uptime_percentage"], &last["major_outage"]), (&json!(100.0), &json!(0)));
    let body = json!({ "component_group": { "name": "All", "components": [shop, calm] } });
    let group = caller.expect(201, "POST", &format!("{page}/component-groups"), body).await;
    let path = format!("{page}/component-groups/{}/uptime", group["id"].as_str().unwrap());
    let told = caller.get(&path).await;
    assert_eq!(
        (&told["uptime_percentage"], &told["major_outage"], &told["partial_outage"]),
        (&json!(98.87), &json!(3_600), &json!(1_000)),
        "the mean of both, cut: {told}"
    );
    assert_eq!(
        told["related_events"],
        json!([{ "component_id": shop, "incidents": [{ "id": incident["id"] }] }])
    );
    server.stop().await;
}

async fn a_range_is_what_is_known_of_it(database: Database) {
    let (server, page) = empty(&database).await;
    let caller = Caller::new(&server).await;
    let shop = made(&caller, &page, "Shop").await;
    let path = format!("{page}/components/{shop}/uptime");
    let told = caller.get(&format!("{path}?start=2026&end=2027-03")).await;
    assert_eq!(told["range_start"], "2026-11-22T00:00:00.000Z", "the first day that is known");
    let warnings = told["warnings"].as_array().unwrap();
    assert_eq!(warnings.len(), 2, "{told}");
    assert_eq!(
        warnings[0],
        "End date was adjusted to today. See range_end field in response for end date used."
    );
    assert!(warnings[1].as_str().unwrap().starts_with("Start date was adjusted"), "{told}");
    for (query, field) in [
        ("start=2026-11-22&end=2026-11-21", "start"),
        ("start=2026-12", "start"),
        ("start=2026-11-01&end=2026-11-21", "end"),
    ] {
        let refused = caller.expect(422, "GET", &format!("{path}?{query}"), Value::Null).await;
        assert_eq!(refused["errors"][0]["field"], field, "{query}: {refused}");
    }
    for query in ["start=yesterday", "end=2026-02-30", "start=1969"] {
        let refused = caller.expect(400, "GET", &format!("{path}?{query}"), Value::Null).await;
        assert!(refused["message"].as_str().unwrap().contains("2026-07-30"), "{query}: {refused}");
    }
    let raw = database.raw().await;
    let earlier = "UPDATE component_status_periods SET from_at = '2026-01-01T00:00:00+00:00'";
    raw.execute_unprepared(earlier).await.unwrap();
    let refused = caller.expect(422, "GET", &format!("{path}?start=2026-05-21"), Value::Null).await;
    assert!(refused["message"].as_str().unwrap().contains("six months"), "{refused}");
    let half_a_year = caller.get(&format!("{path}?start=2026-05-22")).await;
    assert_eq!((&half_a_year["uptime_percentage"], &half_a_year["warnings"]), (&json!(100.0), &json!([])));
    let usual = caller.get(&path).await;
    assert_eq!(usual["range_start"], "2026-08-25T00:00:00.000Z", "90 days with today");
    let body = json!({ "component": { "start_date": "2026-11-01" } });
    caller.expect(200, "PATCH", &format!("{page}/components/{shop}"), body).await;
    assert_eq!(caller.get(&path).await["range_start"], "2026-11-01T00:00:00.000Z");
    let group = json!({ "component_group": { "name": "Empty" } });
    let group = caller.expect(201, "POST", &format!("{page}/component-groups"), group).await;
    let empty =
        caller.get(&format!("{page}/component-groups/{}/uptime", group["id"].as_str().unwrap())).await;
    assert_eq!((&empty["uptime_percentage"], &empty["related_events"]), (&Value::Null, &json!([])));
    caller.expect(404, "GET", &format!("{page}/components/nothere00000/uptime"), Value::Null).await;
    server.stop().await;
}

//! The description of what machines read: it names every route, and what is served is as it says.

use std::collections::BTreeSet;

use pharos::web;
use serde_json::{Value, json};

use crate::support::{demo, read};

/// Routes that are for people, and what is no place of its own.
const FOR_PEOPLE: &[&str] = &[
    "none",
    "/assets/{script}",
    "/assets/{logo}",
    "/",
    "/incidents/{id}",
    "/components/{id}",
    "/history",
    "/uptime",
    "/metrics/{id}",
];

#[tokio::test]
async fn every_route_that_machines_read_is_described() {
    let (_database, server) = demo().await;
    let document = server.json("/api/v2/openapi.json").await;
    let described: BTreeSet<&str> =
        document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let routes: BTreeSet<&str> =
        web::routes().iter().copied().filter(|route| !FOR_PEOPLE.contains(route)).collect();
    let missing: Vec<_> = routes.difference(&described).collect();
    let unknown: Vec<_> = described.difference(&routes).collect();
    assert!(missing.is_empty(), "render/openapi/table.rs does not describe {missing:?}");
    assert!(unknown.is_empty(), "it describes {unknown:?}, which is not there");
    server.stop().await;
}

/// An id that may stand in a path.
fn filled(path: &str, summary: &Value, incidents: &Value) -> String {
    let of = |list: &Value, fits: &dyn Fn(&&Value) -> bool| {
        list.as_array().unwrap().iter().find(fits).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let id = if path.starts_with("/components") {
        of(&summary["components"], &|component| component["showcase"] == true && component["group"] == false)
    } else if path.ends_with(".ics") {
        // Only a maintenance has a place in calendars.
        of(&summary["scheduled_maintenances"], &|_| true)
    } else {
        of(&incidents["incidents"], &|_| true)
    };
    path.replace("{id}", &id)
}

#[tokio::test]
async fn what_is_served_is_as_described() {
    let (_database, server) = demo().await;
    let document = server.json("/api/v2/openapi.json").await;
    let (summary, incidents) =
        (server.json("/api/v2/summary.json").await, server.json("/api/v2/incidents.json").await);
    let page = server.app.site.get(&summary["page"]["id"].as_str().unwrap().parse().unwrap()).unwrap();
    let metric = page.state.metrics[0].id.clone();
    let mut checked = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let answer = &item["get"]["responses"]["200"]["content"];
        let (kind, content) = answer.as_object().unwrap().iter().next().unwrap();
        let lacks = item["get"]["responses"].get("404").is_some() && !path.contains('{');
        if lacks && path != "/oembed" {
            continue;
        }
        let path =
            &path.replace("/metrics-display/{id}/{period}", &format!("/metrics-display/{metric}/week"));
        let query = if path == "/oembed" { "?url=http%3A%2F%2Fstatus.test%2F" } else { "" };
        let place = filled(path, &summary, &incidents) + query;
        let served = server.get(&place).await;
        assert_eq!(served.status(), 200, "{place}");
        assert!(served.headers()["content-type"].to_str().unwrap().starts_with(kind.as_str()), "{place}");
        if kind.ends_with("json") {
            let schema = json!({ "$ref": content["schema"]["$ref"], "components": document["components"] });
            let validator = jsonschema::validator_for(&schema).unwrap();
            let body: Value = read(served).await;
            let wrong: Vec<String> = validator.iter_errors(&body).map(|error| error.to_string()).collect();
            assert!(wrong.is_empty(), "{place}: {wrong:#?}");
            checked += 1;
        }
    }
    assert!(checked > 10, "{checked}");
    server.stop().await;
}

#[tokio::test]
async fn the_description_is_kept_and_asked_for_anew() {
    let (_database, server) = demo().await;
    let answer = server.get("/api/v2/openapi.json").await;
    assert!(answer.headers()["cache-control"].to_str().unwrap().contains("max-age=3600"));
    assert!(answer.headers().contains_key("etag"));
    let printed = std::process::Command::new(env!("CARGO_BIN_EXE_pharos")).arg("openapi").output().unwrap();
    assert!(printed.status.success());
    let printed: Value = serde_json::from_slice(&printed.stdout).unwrap();
    assert_eq!(printed, read(answer).await);
    server.stop().await;
}

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
        web::public_routes().iter().copied().filter(|route| !FOR_PEOPLE.contains(route)).collect();
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
        // The demo names nobody whom to tell of a weakness.
        if path.ends_with("security.txt") {
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

/// Whether an answer is of the kind that a response is described with.
fn is_as_told(answer: &reqwest::Response, described: &Value, place: &str) {
    let kinds = described["content"].as_object().unwrap_or_else(|| panic!("{place}: {described}"));
    let served = answer.headers()["content-type"].to_str().unwrap();
    assert!(kinds.keys().all(|kind| served.starts_with(kind.as_str())), "{place}: {served}");
}

/// Everything is asked for that is nowhere.
#[tokio::test]
async fn what_is_refused_is_refused_as_described() {
    let (_database, server) = demo().await;
    let document = server.json("/api/v2/openapi.json").await;
    let mut refused = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let responses = &item["get"]["responses"];
        let nowhere = match path.as_str() {
            "/oembed" => "/oembed?url=http://status.test/nowhere".to_owned(),
            "/history.json" => "/history.json?component=zzzzzzzzzzzz".to_owned(),
            path => path.replace("{id}", "zzzzzzzzzzzz").replace("{period}", "week"),
        };
        let answer = server.get(&nowhere).await;
        if answer.status() == 404 {
            is_as_told(&answer, &responses["404"], &nowhere);
            refused += 1;
        } else {
            assert_eq!(answer.status(), 200, "{nowhere}");
            // It is missing where a page is hidden from search alone.
            assert!(path == "/sitemap.xml" || responses.get("404").is_none(), "{nowhere} is always there");
        }
        let waits = &responses["503"]["headers"]["Retry-After"]["schema"]["type"];
        assert_eq!(waits, "integer", "{path}");
    }
    assert!(refused >= 20, "{refused}");
    server.stop().await;
}

#[tokio::test]
async fn parameters_have_types_and_bounds() {
    let (_database, server) = demo().await;
    let document = server.json("/api/v2/openapi.json").await;
    let schema = |path: &str, name: &str| {
        let parameters = document["paths"][path]["get"]["parameters"].as_array().unwrap();
        parameters.iter().find(|parameter| parameter["name"] == name).unwrap()["schema"].clone()
    };
    let ask = async |path: String| server.get(&path).await.status().as_u16();
    let page = schema("/history.json", "page");
    assert_eq!((&page["type"], &page["minimum"]), (&json!("integer"), &json!(1)));
    let most = page["maximum"].as_i64().unwrap();
    for (number, status) in [(0, 404), (1, 200), (most, 200), (most + 1, 404)] {
        assert_eq!(ask(format!("/history.json?page={number}")).await, status, "{number}");
    }
    for name in ["maxwidth", "maxheight"] {
        let pixels = schema("/oembed", name);
        assert_eq!(pixels["type"], "integer");
        let least = pixels["minimum"].as_i64().unwrap();
        for (number, status) in [(least - 1, 400), (least, 200), (pixels["maximum"].as_i64().unwrap(), 200)] {
            let other = if name == "maxwidth" { "maxheight=4000" } else { "maxwidth=4000" };
            let asked = format!("/oembed?url=http://status.test/&{name}={number}&{other}");
            assert_eq!(ask(asked).await, status, "{name}={number}");
        }
    }
    let archived = ["/history.json", "/incidents/{id}.json", "/incidents/{id}/history.ics", "/oembed"];
    for path in archived {
        let headers = &document["paths"][path]["get"]["responses"]["200"]["headers"];
        assert_eq!(headers["X-Pharos-Stale"]["schema"]["type"], "integer", "{path}");
    }
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

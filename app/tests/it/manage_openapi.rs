//! The description of the management API holds every route, and every route asks for what it says.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    manage::empty,
    support::{Caller, Database},
};

const SCOPES: [&str; 11] = [
    "read",
    "components:write",
    "incidents:write",
    "maintenances:write",
    "subscribers:read",
    "subscribers:write",
    "metrics:write",
    "alerts:write",
    "page:write",
    "users:write",
    "tokens:write",
];

/// Every operation: method, path with ids that are not there, and the scopes of which one is needed.
fn operations(description: &Value, page: &str) -> Vec<(String, String, Vec<String>)> {
    let mut found = vec![];
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let needs = operation["description"].as_str().unwrap();
            let scopes = SCOPES.iter().filter(|scope| needs.contains(&format!("`{scope}`")));
            let mut words: Vec<String> = path.split('/').map(str::to_owned).collect();
            for word in words.iter_mut().filter(|word| word.starts_with('{')) {
                *word = if word == "{page_id}" { page.to_owned() } else { "nothere00000".to_owned() };
            }
            found.push((method.to_uppercase(), words.join("/"), scopes.map(|s| (*s).to_owned()).collect()));
        }
    }
    found
}

#[tokio::test]
async fn every_route_is_described_and_guarded() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let description = server.json("/v1/openapi.json").await;
    assert_eq!(description["openapi"], "3.1.0");
    let described: BTreeSet<&str> =
        description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let routes: BTreeSet<&str> =
        pharos::web::routes().iter().copied().filter(|route| route.starts_with("/v1/")).collect();
    assert_eq!(described, routes);
    let page = page.rsplit('/').next().unwrap();
    let mut callers = vec![];
    for scope in SCOPES {
        callers.push((scope, Caller::with(&server, scope).await));
    }
    let open = |path: &str| !path.contains("/page_access_");
    for (method, path, needed) in operations(&description, page) {
        if ["/v1/openapi.json", "/v1/docs", "/v1/page.schema.json"].contains(&path.as_str()) {
            assert_eq!(server.get(&path).await.status(), 200, "{path}");
            continue;
        }
        let anonymous = server.request(method.parse().unwrap(), &path).send().await.unwrap();
        assert_eq!(anonymous.status(), 401, "{method} {path}");
        for (scope, caller) in &callers {
            let status = caller.send(&method, &path, json!({})).await.status().as_u16();
            // Who sees a private page can't be said: there is none.
            let allowed = open(&path) && (needed.is_empty() || needed.iter().any(|one| one == scope));
            assert_eq!(status != 403, allowed, "{method} {path} with {scope}: {status}, needs {needed:?}");
        }
    }
    server.stop().await;
}

#[tokio::test]
async fn access_to_pages_is_refused_with_the_reason() {
    let database = Database::sqlite().await;
    let (server, page) = empty(&database).await;
    let description = server.json("/v1/openapi.json").await;
    let caller = Caller::new(&server).await;
    let mut refused = 0;
    for (method, path, _) in operations(&description, page.rsplit('/').next().unwrap()) {
        if !path.contains("/page_access_") {
            continue;
        }
        let answer = caller.expect(403, &method, &path, json!({})).await;
        assert!(answer["message"].as_str().unwrap().contains("every page here is public"), "{answer}");
        refused += 1;
    }
    assert_eq!(refused, 34, "as many as Statuspage has");
    caller.expect(404, "GET", "/v1/pages/nothere00000/page_access_users", Value::Null).await;
    server.stop().await;
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    let database = Database::sqlite().await;
    let (server, _) = empty(&database).await;
    let text = server.text("/v1/openapi.json").await;
    let description: Value = serde_json::from_str(&text).unwrap();
    let schemas = description["components"]["schemas"].as_object().unwrap();
    for (at, _) in text.match_indices("#/components/schemas/") {
        let name = text[at + 21..].split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
    server.stop().await;
}

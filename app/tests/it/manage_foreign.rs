//! What belongs to another page does not exist: in paths and in bodies, for every operation that the
//! description holds.

use std::collections::BTreeMap;

use pharos::store::{Actor, NewPage};
use serde_json::{Value, json};

use crate::support::{Caller, Database, Server, clock, token};

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// Ids by the names that paths have for them.
type Ids = BTreeMap<&'static str, String>;

/// A page with one thing of each kind.
async fn furnished(caller: &Caller<'_>, page: &str) -> Ids {
    let mut ids = Ids::from([("page_id", page.to_owned())]);
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    for (name, path, body) in [
        ("component_id", "components", body("NewComponentBody")),
        ("group_id", "component-groups", body("NewGroupBody")),
        ("incident_id", "incidents", body("NewIncidentBody")),
        ("template_id", "incident_templates", body("NewTemplateBody")),
        ("subscriber_id", "subscribers", body("SubscriberBody")),
        ("metrics_provider_id", "metrics_providers", body("NewProviderBody")),
        ("alert_key_id", "alert_keys", body("NewAlertKeyBody")),
    ] {
        let made = caller.expect(201, "POST", &format!("/v1/pages/{page}/{path}"), body).await;
        ids.insert(name, text(&made["id"]));
        match name {
            "incident_id" => drop(ids.insert("incident_update_id", text(&made["incident_updates"][0]["id"]))),
            "alert_key_id" => drop(ids.insert("key", text(&made["key"]))),
            _ => {}
        }
    }
    let provider = &ids["metrics_provider_id"];
    let path = format!("/v1/pages/{page}/metrics_providers/{provider}/metrics");
    let metric = caller.expect(201, "POST", &path, body("NewMetricBody")).await;
    ids.insert("metric_id", text(&metric["id"]));
    let mut rule = body("NewAlertRuleBody");
    rule["alert_rule"]["component_id"] = json!(ids["component_id"]);
    let rule = caller.expect(201, "POST", &format!("/v1/pages/{page}/alert_rules"), rule).await;
    ids.insert("alert_rule_id", text(&rule["id"]));
    let alert = json!({ "fingerprint": "f", "status": "firing", "labels": {} });
    let path = format!("/v1/pages/{page}/alerts/generic");
    caller.send("POST", &path, alert).await.error_for_status().unwrap();
    let alerts = caller.get(&format!("/v1/pages/{page}/alerts")).await;
    ids.insert("alert_id", text(&alerts[0]["id"]));
    ids
}

/// What can be sent where nothing else is said.
fn body(schema: &str) -> Value {
    match schema {
        "NewComponentBody" | "ComponentBody" => json!({ "component": { "name": "X" } }),
        "NewGroupBody" | "GroupBody" => json!({ "component_group": { "name": "X" } }),
        "NewIncidentBody" | "IncidentBody" => json!({ "incident": { "name": "X", "body": "Y" } }),
        "UpdateBody" => json!({ "incident_update": { "body": "X" } }),
        "PostmortemBody" => json!({ "postmortem": { "body_draft": "X" } }),
        "PublishBody" => json!({ "postmortem": {} }),
        "NewTemplateBody" | "TemplateBody" => json!({ "template": { "name": "X", "body": "Y" } }),
        "SubscriberBody" => json!({ "subscriber": { "email": "ada@example.com" } }),
        "SubscribersBody" => json!({ "subscribers": ["all"] }),
        "ChoiceBody" => json!({}),
        "NewProviderBody" | "ProviderBody" => json!({ "metrics_provider": { "type": "Self" } }),
        "NewMetricBody" | "MetricBody" => json!({ "metric": { "name": "X" } }),
        "MetricData" => json!({ "data": { "timestamp": 1, "value": 1 } }),
        "MetricsData" => json!({ "data": {} }),
        "NewAlertKeyBody" | "AlertKeyBody" => {
            json!({ "alert_key": { "kind": "heartbeat", "name": "X", "period_seconds": 60 } })
        }
        "NewAlertRuleBody" | "AlertRuleBody" => json!({ "alert_rule": {
            "name": "X", "component_status": "major_outage",
            "matchers": [{ "label": "a", "op": "=", "value": "b" }],
        } }),
        "StatusBody" => json!({ "components": {} }),
        "PageBody" => json!({ "page": {} }),
        "EmbedBody" => json!({ "status_embed_config": {} }),
        "AlertBody" => json!({ "status": "firing", "labels": {} }),
        "AlertmanagerBody" => json!({ "alerts": [] }),
        "PagerdutyBody" => json!({ "event": { "event_type": "incident.triggered", "data": {} } }),
        "DatadogBody" => json!({ "aggregation_key": "x", "transition": "Triggered" }),
        "SnsBody" => json!({}),
        "TokenBody" => json!({ "token": { "name": "X", "scopes": ["read"] } }),
        "UserBody" => json!({ "user": { "email": "ada@example.com" } }),
        "PermissionsBody" => json!({ "pages": {} }),
        other => panic!("say here what a {other} may be"),
    }
}

/// Two pages with one thing of each kind, and the description.
async fn two_pages(database: &Database) -> (Server, Ids, Ids, Value) {
    let store = database.store(&clock()).await;
    let mut pages = vec![];
    for name in ["One", "Two"] {
        let host = Some(format!("{name}.test").to_lowercase());
        let page = NewPage { host, ..NewPage::named(name) };
        pages.push(page.id.to_string());
        store.change_new_page(page, Actor::System).await.unwrap().commit().await.unwrap();
    }
    let server = Server::start_with(store, &clock(), unlimited()).await;
    let all = Caller::new(&server).await;
    let (own, other) = (furnished(&all, &pages[0]).await, furnished(&all, &pages[1]).await);
    let description = server.json("/v1/openapi.json").await;
    (server, own, other, description)
}

fn unlimited() -> pharos::web::ApiOptions {
    pharos::web::ApiOptions { calls_per_minute: 0, ..Default::default() }
}

/// Method, path and the schema of the body of each operation below a page; access to pages is
/// refused whatever is asked.
fn operations(description: &Value) -> Vec<(String, String, Option<String>)> {
    let mut all = vec![];
    for (path, item) in description["paths"].as_object().unwrap() {
        if !path.starts_with("/v1/pages/{page_id}") || path.contains("page_access_") {
            continue;
        }
        for method in METHODS.iter().filter(|method| item[**method].is_object()) {
            let schema = &item[*method]["requestBody"]["content"]["application/json"]["schema"]["$ref"];
            let schema = schema.as_str().map(|path| path.rsplit('/').next().unwrap().to_owned());
            all.push((method.to_uppercase(), path.clone(), schema));
        }
    }
    all
}

fn names_in(path: &str) -> Vec<&str> {
    path.split(['{', '}']).skip(1).step_by(2).collect()
}

fn filled(path: &str, id: impl Fn(&str) -> String) -> String {
    names_in(path)
        .into_iter()
        .fold(path.to_owned(), |path, name| path.replace(&format!("{{{name}}}"), &id(name)))
}

fn sent(schema: &Option<String>) -> Value {
    schema.as_deref().map_or(Value::Null, body)
}

#[tokio::test]
async fn a_path_leads_to_nothing_of_another_page() {
    let database = Database::sqlite().await;
    let (server, own, other, description) = two_pages(&database).await;
    let all = Caller::new(&server).await;
    let only_own = token(&server.app.store, "all", Some(&own["page_id"].parse().unwrap())).await;
    let only_own = Caller { token: only_own, ..all.clone() };
    let mut asked = 0;
    for (method, path, schema) in operations(&description) {
        for foreign in names_in(&path).into_iter().filter(|name| *name != "page_id") {
            let of = |name: &str| if name == foreign { other[name].clone() } else { own[name].clone() };
            all.expect(404, &method, &filled(&path, of), sent(&schema)).await;
            asked += 1;
        }
        if !path.contains("{key}") {
            let path = filled(&path, |name| other[name].clone());
            only_own.expect(404, &method, &path, sent(&schema)).await;
            asked += 1;
        }
    }
    assert!(asked > 120, "{asked}");
    server.stop().await;
}

/// The fields of a body that hold ids, by their pointers, and of what.
fn ids_within(description: &Value, schema: &Value, pointer: &str, found: &mut Vec<(String, &'static str)>) {
    let schemas = &description["components"]["schemas"];
    let schema = match schema["$ref"].as_str() {
        Some(path) => &schemas[path.rsplit('/').next().unwrap()],
        None => schema,
    };
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let place = format!("{pointer}/{name}");
        match name.as_str() {
            "component_id" | "component_ids" | "components" => found.push((place, "component_id")),
            "group_id" => found.push((place, "group_id")),
            "template_id" => found.push((place, "template_id")),
            "subscribers" => found.push((place, "subscriber_id")),
            "data" if field["propertyNames"].is_object() => found.push((place, "metric_id")),
            "matchers" | "labels" | "metadata" => {}
            _ => ids_within(description, field, &place, found),
        }
    }
}

/// The body with this id in this place, in the form that the place has.
fn with(schema: &str, pointer: &str, id: &str) -> Value {
    let mut body = body(schema);
    let (above, name) = pointer.rsplit_once('/').unwrap();
    let value = match (schema, name) {
        (_, "component_ids" | "subscribers") => json!([id]),
        ("GroupBody" | "NewGroupBody", "components") => json!([id]),
        (_, "components") => json!({ id: "major_outage" }),
        (_, "data") => json!({ id: [{ "timestamp": 1, "value": 1 }] }),
        _ => json!(id),
    };
    if name == "template_id" && pointer.starts_with("/alert_rule") {
        body["alert_rule"].as_object_mut().unwrap().remove("component_status");
    }
    if schema == "SubscriberBody" {
        // Whoever is subscribed already is told so first.
        body["subscriber"]["email"] = json!("another@example.com");
    }
    body.pointer_mut(above).unwrap()[name] = value;
    body
}

#[tokio::test]
async fn a_body_names_nothing_of_another_page() {
    let database = Database::sqlite().await;
    let (server, own, other, description) = two_pages(&database).await;
    let caller = Caller::new(&server).await;
    let mut asked = vec![];
    for (method, path, schema) in operations(&description) {
        let Some(schema) = schema.filter(|schema| !path.contains("/alerts/") && schema != "SnsBody") else {
            continue;
        };
        let mut found = vec![];
        let reference = json!({ "$ref": format!("#/components/schemas/{schema}") });
        ids_within(&description, &reference, "", &mut found);
        for (pointer, kind) in found {
            let body = with(&schema, &pointer, &other[kind]);
            // Who is subscribed to an incident is told of all of it: components can't be chosen.
            let chosen = pointer.ends_with("/component_ids") && path.ends_with("{incident_id}/subscribers");
            let status = if chosen { 422 } else { 404 };
            caller.expect(status, &method, &filled(&path, |name| own[name].clone()), body).await;
            asked.push(format!("{schema}{pointer}"));
        }
    }
    for known in ["NewTemplateBody/template/group_id", "IncidentBody/incident/components", "MetricsData/data"]
    {
        assert!(asked.iter().any(|one| one == known), "{known}: {asked:?}");
    }
    let one_page = token(&server.app.store, "all", Some(&own["page_id"].parse().unwrap())).await;
    let one_page = Caller { token: one_page, ..caller.clone() };
    let page = json!({ "token": { "name": "X", "scopes": ["read"], "page_id": other["page_id"] } });
    one_page.expect(404, "POST", "/v1/tokens", page).await;
    server.stop().await;
}

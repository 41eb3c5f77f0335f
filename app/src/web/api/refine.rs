//! What the schemas say beyond what a type can: what is needed for something new, and which fields go
//! together.

use serde_json::{Map, Value, json};

use crate::domain::status::ComponentStatus;

/// Bodies, the field in them, its schema, and what of it is needed for something new.
const NEW: &[(&str, &str, &str, &[&str])] = &[
    ("ComponentBody", "component", "ComponentAsk", &["name"]),
    ("GroupBody", "component_group", "GroupAsk", &["name"]),
    ("IncidentBody", "incident", "IncidentAsk", &[]),
    ("TemplateBody", "template", "TemplateAsk", &["name", "body"]),
    ("MetricBody", "metric", "MetricAsk", &["name"]),
    ("ProviderBody", "metrics_provider", "ProviderAsk", &["type"]),
    ("AlertRuleBody", "alert_rule", "AlertRuleAsk", &["name", "matchers"]),
    ("AlertKeyBody", "alert_key", "AlertKeyAsk", &["kind", "name"]),
];

/// The schemas with what is added to them.
pub fn refined(mut schemas: Value) -> Value {
    let worse = ComponentStatus::ALL.into_iter().filter(|status| *status != ComponentStatus::Operational);
    let worse: Vec<Value> = worse.map(|status| json!(status)).chain([Value::Null]).collect();
    let moved = &mut schemas["AlertRuleAsk"]["properties"]["component_status"];
    *moved = json!({
        "description": "What it is moved to; it never gets better by it.",
        "type": ["string", "null"],
        "enum": worse,
    });
    schemas["ProviderAsk"]["properties"]["type"]["enum"] = json!(["Self", null]);
    schemas["IncidentAsk"]["properties"]["metadata"]["additionalProperties"] = json!({ "type": "object" });
    for (body, field, ask, needed) in NEW {
        let (new_body, new_ask) = (format!("New{body}"), format!("New{ask}"));
        let mut outer = schemas[*body].clone();
        outer["properties"][*field] = json!({ "$ref": format!("#/components/schemas/{new_ask}") });
        let mut inner = schemas[*ask].clone();
        need(&mut inner, needed);
        schemas[new_body] = outer;
        schemas[new_ask] = inner;
    }
    // A template may name an incident.
    schemas["NewIncidentAsk"]["anyOf"] = json!([there("name", "string"), there("template_id", "string")]);
    schemas["NewAlertRuleAsk"]["anyOf"] =
        json!([there("component_id", "string"), there("template_id", "string")]);
    schemas["NewAlertKeyAsk"]["if"] = json!({ "properties": { "kind": { "const": "heartbeat" } } });
    schemas["NewAlertKeyAsk"]["then"] = there("period_seconds", "integer");
    schemas["SubscriberAsk"]["anyOf"] = json!([there("email", "string"), there("endpoint", "string")]);
    schemas
}

/// A field that is there and is not null.
fn there(name: &str, kind: &str) -> Value {
    let mut properties = Map::new();
    properties.insert(name.to_owned(), json!({ "type": kind }));
    json!({ "required": [name], "properties": properties })
}

/// What is needed is not null either.
fn need(schema: &mut Value, names: &[&str]) {
    for name in names {
        let field = &mut schema["properties"][*name];
        if let Some(kinds) = field["type"].as_array() {
            field["type"] = kinds.iter().find(|kind| **kind != "null").cloned().unwrap_or_default();
        }
        if let Some(one) =
            field["oneOf"].as_array().and_then(|some| some.iter().find(|one| one["type"] != "null"))
        {
            let one = one.clone();
            *field = one;
        }
        if let Some(words) = field.get_mut("enum").and_then(Value::as_array_mut) {
            words.retain(|word| !word.is_null());
        }
    }
    if !names.is_empty() {
        schema["required"] = json!(names);
    }
}

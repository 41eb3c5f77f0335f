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
    for (_, _, ask, _) in NEW {
        empty_is_none(&mut schemas[*ask]);
    }
    for other in ["AlertBody", "TokenAsk", "SubscriberAsk", "UpdateAsk"] {
        empty_is_none(&mut schemas[other]);
    }
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
    schemas["NewAlertKeyAsk"]["if"] = json!({ "properties": { "kind": { "const": "heartbeat" } } });
    schemas["NewAlertKeyAsk"]["then"] = there("period_seconds", "integer");
    schemas
}

/// An empty text is the same as null where that is allowed.
fn empty_is_none(schema: &mut Value) {
    for (_, field) in schema["properties"].as_object_mut().into_iter().flatten() {
        let kinds = field["type"].to_string();
        if !kinds.contains("null") || !kinds.contains("string") {
            continue;
        }
        // What must not be empty is not emptied by mistake.
        if field["minLength"].as_u64().unwrap_or(0) > 0 {
            continue;
        }
        if let Some(pattern) = field["pattern"].as_str().filter(|pattern| !pattern.ends_with(")?$")) {
            let pattern = format!("^$|{pattern}");
            field["pattern"] = pattern.into();
        }
    }
}

/// Says how forms write what is within something: `component[name]=…`.
pub fn encode_forms(document: &mut Value) {
    let schemas = document["components"]["schemas"].take();
    for (_, item) in document["paths"].as_object_mut().into_iter().flatten() {
        for (_, operation) in item.as_object_mut().into_iter().flatten() {
            let form = operation.pointer_mut("/requestBody/content/application~1x-www-form-urlencoded");
            let Some(form) = form else { continue };
            let name = form["schema"]["$ref"].as_str().and_then(|path| path.rsplit('/').next());
            let body = &schemas[name.unwrap_or_default()];
            let mut encoding = Map::new();
            for (field, of) in body["properties"].as_object().into_iter().flatten() {
                if of["$ref"].is_string() || of["type"] == "object" {
                    encoding.insert(field.clone(), json!({ "style": "deepObject", "explode": true }));
                }
            }
            form["encoding"] = Value::Object(encoding);
        }
    }
    document["components"]["schemas"] = schemas;
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

//! A call that somebody can paste.

use serde_json::{Map, Value, json};

use super::{schema, text};

/// How deep an example goes.
const DEPTH: usize = 6;

/// The call at a command line.
pub fn curl(document: &Value, verb: &str, path: &str, says: &Value) -> String {
    let method = if verb == "get" { String::new() } else { format!(" -X {}", verb.to_uppercase()) };
    // Without a word of its own it is opened as all are.
    let open = says["security"].as_array().is_some_and(Vec::is_empty);
    let token = if open { "" } else { " \\\n  -H \"Authorization: Bearer $TOKEN\"" };
    let body = &says["requestBody"]["content"]["application/json"]["schema"];
    let data = match body.is_null() {
        true => String::new(),
        false => {
            let body = value(document, body, "", verb, DEPTH).to_string();
            format!(" \\\n  -H \"Content-Type: application/json\" \\\n  -d '{body}'")
        }
    };
    format!("curl{method} \"$SERVER{}\"{token}{data}", filled(path))
}

/// `/v1/pages/{page_id}` is `/v1/pages/$PAGE_ID`.
fn filled(path: &str) -> String {
    let mut filled = String::new();
    for (at, part) in path.split(['{', '}']).enumerate() {
        match at % 2 {
            0 => filled += part,
            _ => filled += &format!("${}", part.to_uppercase()),
        }
    }
    filled
}

/// A value that fits a schema: of an object what is needed, for a new thing what is needed for that,
/// and else its first field.
fn value(document: &Value, schema: &Value, name: &str, verb: &str, deep: usize) -> Value {
    let schema = schema::resolve(document, schema);
    if deep == 0 {
        return Value::Null;
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        let mut some = schema[key].as_array().into_iter().flatten();
        if let Some(one) = some.rfind(|one| one["type"] != "null") {
            return value(document, one, name, verb, deep);
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        return words.first().cloned().unwrap_or_default();
    }
    let kinds = schema["type"].to_string();
    if kinds.contains("object") {
        return Value::Object(object(document, schema, verb, deep));
    }
    if kinds.contains("array") {
        return json!([value(document, &schema["items"], name, verb, deep - 1)]);
    }
    if kinds.contains("boolean") {
        return json!(true);
    }
    if kinds.contains("integer") || kinds.contains("number") {
        return schema["minimum"].as_i64().filter(|least| *least > 0).map_or(json!(1), |least| json!(least));
    }
    json!(words(name, text(&schema["format"]), text(&schema["pattern"])))
}

fn object(document: &Value, schema: &Value, verb: &str, deep: usize) -> Map<String, Value> {
    let fields: Vec<(&String, &Value)> = schema["properties"].as_object().into_iter().flatten().collect();
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|one| one == name));
    let for_new = |of: &Value| verb == "post" && text(&of["description"]).contains("Needed for a new");
    let mut chosen: Vec<_> =
        fields.iter().filter(|(name, of)| is_required(name) || for_new(of)).copied().collect();
    if chosen.is_empty() {
        chosen.extend(fields.first().copied());
    }
    let mut object = Map::new();
    for (name, of) in chosen {
        object.insert(name.clone(), value(document, of, name, verb, deep - 1));
    }
    if schema["additionalProperties"].is_object() {
        let of = &schema["additionalProperties"];
        object.insert("kctbh9vrtdwd".into(), value(document, of, "", verb, deep - 1));
    }
    object
}

fn words(name: &str, format: &str, pattern: &str) -> &'static str {
    match (name, format) {
        (_, "date-time") => "2026-07-30T10:12:15Z",
        (_, "date") => "2026-07-30",
        ("email", _) => "ada@example.com",
        ("body" | "body_draft" | "message", _) => "We are looking into it.",
        (name, _) if name.ends_with("color") => "#0a5add",
        _ if pattern.contains("http") => "https://status.example.com",
        _ if pattern.contains(r"\d{4}-\d{2}-\d{2}") => "2026-07-30T10:12:15Z",
        (name, _) if name.ends_with("id") || name.ends_with("ids") => "kctbh9vrtdwd",
        ("name" | "title", _) => "Checkout",
        ("" | "components", _) => "kctbh9vrtdwd",
        ("type", _) => "Self",
        ("endpoint", _) => "https://example.com/hook",
        _ => "text",
    }
}

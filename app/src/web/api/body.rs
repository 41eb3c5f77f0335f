//! Reading what is sent: JSON or a form, checked against the schema that the description shows, so
//! that every wrong field is named at once.

use std::collections::{HashMap, HashSet};

use actix_web::http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{check, problem::Problem};

/// The largest body: 3,000 points of metrics fit well.
pub const LARGEST: usize = 1024 * 1024;
/// How deep names in a form may nest: `incident[metadata][jira][issue_id]`.
const FORM_DEPTH: usize = 8;

/// Reads a body by its media type; without one, as JSON if it begins like that.
pub fn parse(media_type: Option<&str>, body: &[u8]) -> Result<Value, Problem> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    let named = media_type.unwrap_or_default().split(';').next().unwrap_or_default().trim().to_lowercase();
    match named.as_str() {
        "application/x-www-form-urlencoded" if body.first() != Some(&b'{') => form(body),
        "" | "application/json" | "text/json" | "application/x-www-form-urlencoded" => object(body),
        other if other.ends_with("+json") => object(body),
        other => Err(Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                "Content-Type: {:?} is not understood; allowed are application/json and application/x-www-form-urlencoded",
                other.chars().take(60).collect::<String>()
            ),
        )),
    }
}

fn object(body: &[u8]) -> Result<Value, Problem> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(Value::Object(fields)),
        Ok(_) => Err(Problem::new(StatusCode::BAD_REQUEST, "the body is no JSON object")),
        Err(error) => {
            let text = format!("the body is no JSON: {error}");
            Err(Problem::new(StatusCode::BAD_REQUEST, text))
        }
    }
}

fn form(body: &[u8]) -> Result<Value, Problem> {
    let read = serde_qs::Config::new().max_depth(FORM_DEPTH).use_form_encoding(true);
    let fields: Result<Map<String, Value>, _> = read.deserialize_bytes(&numbered(body));
    fields
        .map(Value::Object)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("the body is no form: {error}")))
}

/// Numbers the entries of lists of objects, which forms leave to their order: in `data[ID][][value]=1` a
/// field that the entry has already begins the next one.
fn numbered(body: &[u8]) -> Vec<u8> {
    let mut entries: HashMap<String, (usize, HashSet<String>)> = HashMap::new();
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in url::form_urlencoded::parse(body) {
        let Some((list, field)) = name.split_once("[][") else {
            form.append_pair(&name, &value);
            continue;
        };
        let (at, seen) = entries.entry(list.to_owned()).or_default();
        if !seen.insert(field.to_owned()) {
            *at += 1;
            *seen = HashSet::from([field.to_owned()]);
        }
        form.append_pair(&format!("{list}[{at}][{field}"), &value);
    }
    form.finish().into_bytes()
}

/// Checks a body against a schema and reads it. Says also which fields nobody knows.
pub fn read<T: DeserializeOwned>(mut body: Value, schema: &str) -> Result<(T, Vec<String>), Problem> {
    let all = super::openapi::schemas();
    coerce(&mut body, &all[schema], all);
    let wrong = check::wrong_fields(&body, schema)?;
    if !wrong.is_empty() {
        return Err(Problem::fields(wrong));
    }
    let mut unknown = vec![];
    let mut path = serde_path_to_error::Track::new();
    let mut note = |path: serde_ignored::Path<'_>| unknown.push(path.to_string());
    let reader = serde_ignored::Deserializer::new(&body, &mut note);
    match T::deserialize(serde_path_to_error::Deserializer::new(reader, &mut path)) {
        Ok(read) => Ok((read, unknown)),
        Err(error) => Err(Problem::field(&path.path().to_string(), error.to_string())),
    }
}

/// Texts become what the schema wants, where they can: forms hold nothing but texts, and some
/// clients send them in JSON too. One value becomes a list of one.
fn coerce(value: &mut Value, schema: &Value, all: &Value) {
    let schema = resolve(schema, all);
    match &mut *value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match schema["properties"].get(name) {
                    Some(wanted) => coerce(field, wanted, all),
                    None => coerce(field, &schema["additionalProperties"], all),
                }
            }
            return;
        }
        Value::Array(entries) => {
            for entry in entries {
                coerce(entry, &schema["items"], all);
            }
            return;
        }
        _ => {}
    }
    let wants = |kind: &str| match &schema["type"] {
        Value::String(one) => one == kind,
        Value::Array(some) => some.iter().any(|one| one == kind),
        _ => false,
    };
    let Value::String(text) = value else { return };
    let read = match text.as_str() {
        "true" | "1" | "on" | "yes" if wants("boolean") => Some(Value::Bool(true)),
        "false" | "0" | "off" | "no" if wants("boolean") => Some(Value::Bool(false)),
        text if wants("integer") => text.parse::<i64>().ok().map(Value::from),
        text if wants("number") => {
            text.parse::<f64>().ok().and_then(serde_json::Number::from_f64).map(Value::Number)
        }
        // What must not be empty is not taken for nothing at all.
        "" if wants("null") && schema["minLength"].as_u64().unwrap_or(0) == 0 => Some(Value::Null),
        "null" if wants("null") && !wants("string") => Some(Value::Null),
        text if wants("array") && !text.is_empty() => Some(json!([text])),
        "" if wants("array") => Some(json!([])),
        _ => None,
    };
    if let Some(read) = read {
        *value = read;
    }
}

/// What a reference leads to; of several possibilities the one that is not null. What says its fields
/// itself, and which of them go together, is no choice.
fn resolve<'a>(schema: &'a Value, all: &'a Value) -> &'a Value {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return resolve(&all[name], all);
    }
    if schema["properties"].is_object() {
        return schema;
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        let mut some = schema[key].as_array().into_iter().flatten();
        if let Some(one) = some.rfind(|one| one["type"] != "null") {
            return resolve(one, all);
        }
    }
    schema
}

//! Schemas in words.

use maud::{Markup, html};
use serde_json::Value;

use super::{anchor, raw, text};

/// How deep the fields of a body are told in one list.
const DEPTH: usize = 2;

/// One field of a body or of an object.
#[derive(Debug)]
pub struct Field<'a> {
    name: String,
    needed: bool,
    schema: &'a Value,
}

/// The last word of a reference.
pub fn name_of(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.rsplit('/').next()
}

/// What a reference leads to.
pub fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    match name_of(schema) {
        Some(name) => &document["components"]["schemas"][name],
        None => schema,
    }
}

/// The fields of a body with those within them: `component.name`.
pub fn flat<'a>(document: &'a Value, schema: &'a Value) -> Vec<Field<'a>> {
    let mut found = vec![];
    collect(document, resolve(document, schema), "", DEPTH, &mut found);
    found
}

fn collect<'a>(document: &'a Value, schema: &'a Value, above: &str, deep: usize, found: &mut Vec<Field<'a>>) {
    for field in own(schema) {
        let name = format!("{above}{}", field.name);
        let within = resolve(document, field.schema);
        let goes_on = deep > 1 && within["properties"].is_object();
        found.push(Field { name: name.clone(), ..field });
        if goes_on {
            collect(document, within, &format!("{name}."), deep - 1, found);
        }
    }
}

fn own(schema: &Value) -> impl Iterator<Item = Field<'_>> {
    let needed =
        |name: &str| schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name));
    let fields = schema["properties"].as_object().into_iter().flatten();
    fields.map(move |(name, of)| Field { name: name.clone(), needed: needed(name), schema: of })
}

pub fn fields(fields: &[Field<'_>]) -> Markup {
    html! {
        @if !fields.is_empty() {
            dl {
                @for field in fields {
                    div {
                        dt { code { (field.name) } @if field.needed { " " span.q { "needed" } } }
                        dd {
                            span.kind { (kind(field.schema)) }
                            @if let Some(about) = field.schema["description"].as_str() { (raw::markdown(about)) }
                        }
                    }
                }
            }
        }
    }
}

/// A schema by itself.
pub fn section(name: &str, schema: &Value) -> Markup {
    let own: Vec<Field<'_>> = own(schema).collect();
    html! {
        details {
            summary { h3 id=(anchor("schema", name)) { code { (name) } } }
            div.of {
                @if let Some(about) = schema["description"].as_str() { (raw::markdown(about)) }
                @if own.is_empty() { p { span.kind { (kind(schema)) } } }
                (fields(&own))
            }
        }
    }
}

/// What a value may be, in a few words.
pub fn kind(schema: &Value) -> Markup {
    if let Some(name) = name_of(schema) {
        return html! { a href={ "#" (anchor("schema", name)) } { (name) } };
    }
    for key in ["oneOf", "anyOf", "allOf"] {
        if let Some(some) = schema[key].as_array() {
            let mut some: Vec<&Value> = some.iter().collect();
            some.sort_by_key(|one| one["type"] == "null");
            return html! {
                @for (at, one) in some.iter().enumerate() { @if at > 0 { " or " } (kind(one)) }
            };
        }
    }
    if let Some(words) = schema["enum"].as_array() {
        let words: Vec<&str> =
            words.iter().map(text).map(|word| if word.is_empty() { "“”" } else { word }).collect();
        return html! { "one of " (words.join(", ")) };
    }
    let names = types(schema);
    let or_null = names.contains(&"null").then_some(" or null");
    let Some(most) = names.iter().find(|name| **name != "null") else {
        return html! { (if names.is_empty() { "anything" } else { "null" }) };
    };
    html! {
        @match *most {
            "array" => { "list of " (kind(&schema["items"])) }
            "object" if schema["additionalProperties"].is_object() => {
                "object, by name " (kind(&schema["additionalProperties"]))
            }
            other => { (other) }
        }
        (or_null.unwrap_or_default())
        @for limit in limits(schema) { ", " (limit) }
    }
}

fn types(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(some) => some.iter().map(text).collect(),
        _ => vec![],
    }
}

fn limits(schema: &Value) -> Vec<String> {
    let between = |least: &str, most: &str, of: &str| match (schema[least].as_f64(), schema[most].as_f64()) {
        (Some(least), Some(most)) => Some(format!("{least} to {most}{of}")),
        (Some(least), None) => Some(format!("at least {least}{of}")),
        (None, Some(most)) => Some(format!("at most {most}{of}")),
        (None, None) => None,
    };
    let limits = [
        between("minLength", "maxLength", " characters"),
        between("minItems", "maxItems", " entries"),
        between("minProperties", "maxProperties", " entries"),
        between("minimum", "maximum", ""),
        schema["format"].as_str().filter(|format| !format.starts_with("int")).map(str::to_owned),
        schema["pattern"].as_str().map(|pattern| format!("like {pattern}")),
    ];
    limits.into_iter().flatten().collect()
}

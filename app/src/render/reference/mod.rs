//! A description of an API (OpenAPI 3.1) as a page for people: made of the document alone, and read
//! without a script.

mod example;
mod operation;
mod schema;
mod style;

use maud::{DOCTYPE, Markup, html};
use serde_json::{Map, Value};

pub use style::policy;

use super::page::raw;
use operation::Operation;

/// The page of a description. `document_path` is where the document itself is served.
pub fn reference(document: &Value, document_path: &str) -> String {
    let operations = Operation::all(document);
    let tags = tags(document, &operations);
    let info = &document["info"];
    let title = text(&info["title"]);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                title { (title) }
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
                (raw::style(style::style()))
            }
            body {
                a.skip href="#operations" { "Skip to the operations" }
                header {
                    h1 { (title) }
                    p.q { "Version " (text(&info["version"])) " · " a href=(document_path) { "OpenAPI document" } }
                    (raw::markdown(text(&info["description"])))
                }
                div.split {
                    (contents(&tags))
                    main #operations {
                        @for (tag, operations) in &tags {
                            section aria-labelledby=(anchor("tag", tag)) {
                                h2 id=(anchor("tag", tag)) { (tag) }
                                @for operation in operations { (operation.markup(document)) }
                            }
                        }
                        section aria-labelledby="schemas" {
                            h2 #schemas { "Schemas" }
                            p { "What is sent and answered, by name." }
                            @for (name, of) in schemas(document) { (schema::section(name, of)) }
                        }
                    }
                }
            }
        }
    }
    .into_string()
}

fn schemas(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let all: Option<&Map<String, Value>> = document["components"]["schemas"].as_object();
    all.into_iter().flatten()
}

/// The operations by what they are about, in the order of the document's tags; what is no tag of it
/// comes last.
fn tags<'a>(document: &'a Value, operations: &'a [Operation<'a>]) -> Vec<(&'a str, Vec<&'a Operation<'a>>)> {
    let listed = document["tags"].as_array().into_iter().flatten();
    let mut tags: Vec<(&str, Vec<&Operation<'_>>)> = listed.map(|tag| (text(&tag["name"]), vec![])).collect();
    for operation in operations {
        match tags.iter_mut().find(|(tag, _)| *tag == operation.tag()) {
            Some((_, some)) => some.push(operation),
            None => tags.push((operation.tag(), vec![operation])),
        }
    }
    tags.retain(|(_, some)| !some.is_empty());
    tags
}

fn contents(tags: &[(&str, Vec<&Operation<'_>>)]) -> Markup {
    html! {
        nav aria-label="Contents" {
            ul {
                @for (tag, some) in tags {
                    li {
                        a href={ "#" (anchor("tag", tag)) } { (tag) }
                        " " span.q { (some.len()) }
                    }
                }
                li { a href="#schemas" { "Schemas" } }
            }
        }
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Where a link leads to.
fn anchor(kind: &str, name: &str) -> String {
    let plain = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '-' });
    format!("{kind}-{}", plain.collect::<String>())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn document() -> Value {
        json!({
            "info": { "title": "T <b>", "version": "1", "description": "Some `words`." },
            "paths": { "/v1/things/{thing_id}": { "patch": {
                "tags": ["Things"], "summary": "Changes <it>.", "operationId": "patch_thing",
                "description": "Needs the scope `things:write`.",
                "parameters": [
                    { "name": "thing_id", "in": "path", "required": true, "schema": { "$ref": "#/components/schemas/Id" } },
                    { "name": "dry_run", "in": "query", "description": "Says what would happen.", "schema": { "type": "boolean" } }
                ],
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ThingBody" } } } },
                "responses": {
                    "200": { "description": "It.", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Id" } } } },
                    "404": { "description": "It does not exist.", "content": { "application/problem+json": {} } }
                }
            } } },
            "components": { "schemas": {
                "Id": { "type": "string", "pattern": "^[0-9A-Za-z]{1,64}$" },
                "ThingBody": { "type": "object", "required": ["thing"], "properties": {
                    "thing": { "$ref": "#/components/schemas/ThingAsk" } } },
                "ThingAsk": { "type": "object", "properties": {
                    "name": { "type": ["string", "null"], "minLength": 1, "maxLength": 255, "description": "Needed for a new thing." },
                    "kind": { "type": "string", "enum": ["a", "b"] } } }
            } }
        })
    }

    #[test]
    fn everything_of_an_operation_is_said() {
        let page = reference(&document(), "/v1/openapi.json");
        for said in [
            "T &lt;b&gt;",
            "<code>words</code>",
            "Changes &lt;it&gt;.",
            "things:write",
            "dry_run",
            "It does not exist.",
            "1 to 255 characters",
            "one of a, b",
            "href=\"#schema-Id\"",
            "id=\"schema-ThingAsk\"",
            "thing.name",
            "curl -X PATCH",
            "/v1/things/$THING_ID",
            "{&quot;thing&quot;:{&quot;name&quot;:",
        ] {
            assert!(page.contains(said), "{said}: {page}");
        }
        assert!(!page.contains("<script") && !page.contains("style=\""));
    }
}

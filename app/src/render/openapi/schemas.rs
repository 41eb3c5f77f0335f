//! The schemas of the documents. Those of API v2 come from the types that write them.

use serde_json::{Value, json};
use utoipa::openapi::{
    Ref, RefOr,
    schema::{ArrayBuilder, Components, ComponentsBuilder, ObjectBuilder, Schema},
};

use crate::{
    domain::{
        Id,
        incident::{Impact, IncidentStatus},
        rollup::Indicator,
        status::ComponentStatus,
    },
    wire::{Stamp, statuspage},
};

pub fn components() -> Components {
    ComponentsBuilder::new()
        .schema_from::<Id>()
        .schema_from::<Stamp>()
        .schema_from::<ComponentStatus>()
        .schema_from::<IncidentStatus>()
        .schema_from::<Impact>()
        .schema_from::<Indicator>()
        .schema_from::<statuspage::Page>()
        .schema_from::<statuspage::Status>()
        .schema_from::<statuspage::Component>()
        .schema_from::<statuspage::Incident>()
        .schema_from::<statuspage::IncidentUpdate>()
        .schema_from::<statuspage::AffectedComponent>()
        .schema("Summary", summary())
        .schema("PageStatus", of_page().property("status", named("Status")).required("status"))
        .schema("Components", list(of_page(), "components", "Component"))
        .schema("Incidents", list(of_page(), "incidents", "Incident"))
        .schema("Maintenances", list(of_page(), "scheduled_maintenances", "Incident"))
        .schema("OneIncident", of_page().property("incident", named("Incident")).required("incident"))
        .schemas_from_iter(others())
        .build()
}

fn named(schema: &str) -> Ref {
    Ref::from_schema_name(schema)
}

fn of_page() -> ObjectBuilder {
    ObjectBuilder::new().property("page", named("Page")).required("page")
}

fn list(object: ObjectBuilder, name: &str, item: &str) -> ObjectBuilder {
    object.property(name, ArrayBuilder::new().items(named(item))).required(name)
}

fn summary() -> ObjectBuilder {
    let lists =
        [("components", "Component"), ("incidents", "Incident"), ("scheduled_maintenances", "Incident")];
    let object = lists.iter().fold(of_page(), |object, (name, item)| list(object, name, item));
    object.property("status", named("Status")).required("status")
}

/// The schemas of what has no type of its own.
fn others() -> Vec<(&'static str, RefOr<Schema>)> {
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": "integer" });
    let all = [
        ("Error", object(&[("error", text())], &["error"])),
        (
            "Badge",
            object(
                &[
                    ("schemaVersion", number()),
                    ("label", text()),
                    ("message", text()),
                    ("color", text()),
                    ("labelColor", text()),
                    ("isError", json!({ "type": "boolean" })),
                ],
                &["schemaVersion", "label", "message"],
            ),
        ),
        (
            "OEmbed",
            object(
                &[
                    ("type", json!({ "type": "string", "enum": ["rich"] })),
                    ("version", json!({ "type": "string", "enum": ["1.0"] })),
                    ("title", text()),
                    ("provider_name", text()),
                    ("provider_url", text()),
                    ("cache_age", number()),
                    ("html", text()),
                    ("width", number()),
                    ("height", number()),
                ],
                &["type", "version", "html", "width", "height"],
            ),
        ),
        ("Period", json!({ "type": "string", "enum": ["hour", "day", "week", "month"] })),
        ("History", history()),
        ("MetricsDisplay", metrics_display()),
        ("JsonFeed", json_feed()),
        ("Manifest", json!({ "type": "object", "required": ["name", "icons"] })),
        ("OpenApi", json!({ "type": "object", "required": ["openapi", "info", "paths"] })),
    ];
    all.into_iter().map(|(name, schema)| (name, read(schema))).collect()
}

fn history() -> Value {
    let text = || json!({ "type": "string" });
    let incident = object(
        &[
            ("code", text()),
            ("name", text()),
            ("message", text()),
            ("impact", json!({ "$ref": "#/components/schemas/Impact" })),
            ("timestamp", text()),
        ],
        &["code", "name", "message", "impact", "timestamp"],
    );
    let month = object(
        &[
            ("name", text()),
            ("year", json!({ "type": "integer" })),
            ("starts_on", json!({ "type": "integer", "minimum": 0, "maximum": 6 })),
            ("days", json!({ "type": "integer", "minimum": 28, "maximum": 31 })),
            ("incidents", json!({ "type": "array", "items": incident })),
        ],
        &["name", "year", "starts_on", "days", "incidents"],
    );
    json!({
        "type": "object",
        "required": ["page_status", "components", "months", "start_time", "end_time"],
        "properties": {
            "page_status": { "type": "object", "required": ["page"] },
            "components": { "type": "array", "items": { "type": "object" } },
            "months": { "type": "array", "maxItems": 3, "items": month },
            "show_component_filter": { "type": "boolean" },
            "show_uptime_calendar": { "type": "boolean" },
            "component_filter": { "type": ["string", "null"] },
            "start_time": text(),
            "end_time": text(),
        },
    })
}

fn metrics_display() -> Value {
    let number = || json!({ "type": "number" });
    let or_null = || json!({ "type": ["number", "null"] });
    let point =
        object(&[("timestamp", json!({ "type": "integer" })), ("value", number())], &["timestamp", "value"]);
    let measured = object(
        &[
            ("metric", json!({ "type": "object", "required": ["id", "name"] })),
            ("summary", object(&[("sum", number()), ("mean", or_null())], &["sum", "mean"])),
            ("data", json!({ "type": "array", "items": point })),
        ],
        &["metric", "summary", "data"],
    );
    let period = [
        ("count", json!({ "type": "integer" })),
        ("interval", json!({ "type": "integer" })),
        ("identifier", json!({ "$ref": "#/components/schemas/Period" })),
    ];
    let summary = [("sum", number()), ("mean", or_null()), ("last", or_null())];
    object(
        &[
            ("period", object(&period, &["count", "interval", "identifier"])),
            ("metrics", json!({ "type": "array", "items": measured })),
            ("summary", object(&summary, &["sum", "mean", "last"])),
        ],
        &["period", "metrics", "summary"],
    )
}

/// What of JSON Feed 1.1 is written here.
fn json_feed() -> Value {
    let text = || json!({ "type": "string" });
    json!({
        "type": "object",
        "required": ["version", "title", "items"],
        "properties": {
            "version": { "type": "string", "enum": ["https://jsonfeed.org/version/1.1"] },
            "title": text(),
            "home_page_url": text(),
            "feed_url": text(),
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "url", "content_html"],
                    "properties": { "id": text(), "url": text(), "title": text(), "content_html": text() },
                },
            },
        },
    })
}

/// An object that has these fields and no others.
fn object(fields: &[(&str, Value)], required: &[&str]) -> Value {
    let properties: serde_json::Map<String, Value> =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

/// What is written here is a schema; a test shows that each is read.
fn read(schema: Value) -> RefOr<Schema> {
    serde_json::from_value::<Schema>(schema).map_or_else(|_| ObjectBuilder::new().into(), RefOr::T)
}

/// What an answer of a schema may look like.
pub fn example(schema: Option<&str>) -> Option<Value> {
    Some(match schema? {
        "PageStatus" => json!({
            "page": {
                "id": "kctbh9vrtdwd",
                "name": "Example",
                "url": "https://status.example.com",
                "time_zone": "Etc/UTC",
                "updated_at": "2026-07-30T10:12:15.506Z",
            },
            "status": { "indicator": "none", "description": "All Systems Operational" },
        }),
        "Badge" => json!({
            "schemaVersion": 1,
            "label": "Example",
            "message": "Operational",
            "color": "#14704a",
            "labelColor": "#43505c",
            "isError": false,
        }),
        "OEmbed" => json!({
            "type": "rich",
            "version": "1.0",
            "title": "All systems operational",
            "html": "<iframe src=\"https://status.example.com/embed/card\" width=\"400\" height=\"115\"></iframe>",
            "width": 400,
            "height": 115,
        }),
        _ => return None,
    })
}

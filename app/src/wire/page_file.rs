//! A page as one file that people write: what `pharos apply` reads and `pharos export --format yaml`
//! writes. What is not said stays as it is; null empties what can be empty. The schema of these types
//! is what files are checked against, and what editors complete them with.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::openapi::schema::ComponentsBuilder;

use super::manage::said;
use crate::domain::{
    Id,
    alert::{Matcher, Op},
    branding::Corner,
    incident::IncidentStatus,
    status::ComponentStatus,
};

/// Where the server has the schema.
pub const SCHEMA_PATH: &str = "/v1/page.schema.json";

/// A page: its settings, what stands on it, and what is done about alerts. A list that is not there
/// is left alone; what is missing in a list that is there goes with `--prune`. What happens is not in
/// it: statuses, incidents, subscribers, points of metrics.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<PagePart>,
    /// Components and groups, in the order in which they stand on the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 5000)]
    pub components: Option<Vec<ComponentPart>>,
    /// What incidents are begun from.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 1000)]
    pub templates: Option<Vec<TemplatePart>>,
    /// Charts, in the order in which they stand on the page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 1000)]
    pub metrics: Option<Vec<MetricPart>>,
    /// What is done about alerts, in the order in which they are tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 200)]
    pub alert_rules: Option<Vec<RulePart>>,
}

/// What a page says of itself.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PagePart {
    /// The page's id. Without it, the only page there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>)]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// What it is about, in one line.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub description: Option<Option<String>>,
    /// The host that it answers under when there are several pages.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 253)]
    pub host: Option<Option<String>>,
    /// Its public address, without a path: http or https.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub url: Option<Option<String>>,
    /// Where people find help: http or https.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub support_url: Option<Option<String>>,
    /// The zone of its days: a name of the IANA database such as Europe/Berlin.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 64)]
    pub time_zone: Option<String>,
    /// The language of its front page: a tag such as `en`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 35)]
    pub language: Option<String>,
    /// Whether days without an incident are left out of the list of past days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hide_empty_days: Option<bool>,
    /// The logo beside its name, as `data:image/…;base64,…`: an SVG, PNG, WebP or JPEG of at most 64 KiB.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 90000, pattern = "^data:image/[a-z+]+;base64,")]
    pub logo: Option<Option<String>>,
    /// The logo in its place where the visitor likes it dark.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 90000, pattern = "^data:image/[a-z+]+;base64,")]
    pub logo_dark: Option<Option<String>>,
    /// The icon of its tab, in the place of one in the page's state.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 90000, pattern = "^data:image/[a-z+]+;base64,")]
    pub icon: Option<Option<String>>,
    /// The colour of buttons and links, readable on light grounds.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^#[0-9A-Fa-f]{6}$")]
    pub accent: Option<Option<String>>,
    /// The same, readable on dark grounds.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = "^#[0-9A-Fa-f]{6}$")]
    pub accent_dark: Option<Option<String>>,
    /// Markdown at the top of each page.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 5000)]
    pub header: Option<Option<String>>,
    /// Markdown at the bottom of each page.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 5000)]
    pub footer: Option<Option<String>>,
    /// A style sheet of its own, without imports and foreign addresses.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 32768)]
    pub custom_css: Option<Option<String>>,
    /// Where weaknesses are told of: a mailto:, https: or tel: address.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub security_contact: Option<Option<String>>,
    /// Whether search engines are asked to leave it out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_from_search: Option<bool>,
    /// Whether its bottom says what made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub powered_by: Option<bool>,
    /// The looks of its embed; what is not said in it is as usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embed: Option<EmbedPart>,
}

/// The looks of a page's embed: words of at least 4.5 to 1 on their ground.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EmbedPart {
    /// A corner of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Corner>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    pub incident_background_color: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    pub incident_text_color: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    pub maintenance_background_color: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$")]
    pub maintenance_text_color: Option<String>,
}

/// A component; with `components` in it, a group, which has nothing but a name and a description.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ComponentPart {
    /// What it is known by whatever it is called. Without it, it is known by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>)]
    pub id: Option<String>,
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// Markdown.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 25000)]
    pub description: Option<Option<String>>,
    /// An address that its name leads to: http or https.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 2000, pattern = "^https?://.+")]
    pub link: Option<Option<String>>,
    /// Whether its uptime is shown; true for a new one, if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub showcase: Option<bool>,
    /// The day from which on its uptime counts.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub start_date: Option<Option<NaiveDate>>,
    /// Whether it is shown only while it is not operational.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub only_show_if_degraded: Option<bool>,
    /// Whether visitors see nothing of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden: Option<bool>,
    /// What stands in it, in this order: it is a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(no_recursion, max_items = 5000)]
    pub components: Option<Vec<ComponentPart>>,
}

/// What incidents are begun from.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplatePart {
    /// What it is known by whatever it is called. Without it, it is known by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>)]
    pub id: Option<String>,
    /// What operators know it by.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// The name of the incident.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub title: Option<Option<String>>,
    /// Markdown. Needed for a new template.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 25000)]
    pub body: Option<String>,
    /// The name or the id of the group that it belongs to.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub group: Option<Option<String>>,
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<IncidentStatus>)]
    pub update_status: Option<Option<IncidentStatus>>,
    /// Names or ids of the components that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_items = 5000)]
    pub components: Option<Vec<String>>,
    /// Whether subscribers are told; true for a new one, if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub should_send_notifications: Option<bool>,
}

/// A chart. Points are sent to `/v1/pages/{page_id}/metrics/{metric_id}/data`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricPart {
    /// What it is known by whatever it is called. Without it, it is known by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>)]
    pub id: Option<String>,
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// What it is called where it is measured.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub metric_identifier: Option<Option<String>>,
    /// The unit of its values.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 32)]
    pub suffix: Option<Option<String>>,
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub tooltip_description: Option<Option<String>>,
    /// Whether visitors see it; true for a new one, if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub display: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 9)]
    pub decimal_places: Option<i32>,
    /// Where its axis begins; from its values, if null.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = -1e18, maximum = 1e18)]
    pub y_axis_min: Option<Option<f64>>,
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>, minimum = -1e18, maximum = 1e18)]
    pub y_axis_max: Option<Option<f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y_axis_hidden: Option<bool>,
}

/// What is done about alerts of some kind.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RulePart {
    /// What it is known by whatever it is called. Without it, it is known by its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Id>)]
    pub id: Option<String>,
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// What labels must be like, all of them. Needed for a new rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 20)]
    pub matchers: Option<Vec<Matcher>>,
    /// The name or the id of the component that is moved while such an alert fires.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub component: Option<Option<String>>,
    /// What it is moved to; it never gets better by it.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ComponentStatus>)]
    pub component_status: Option<Option<ComponentStatus>>,
    /// The name or the id of the template that an incident is opened from.
    #[serde(default, deserialize_with = "said", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub template: Option<Option<String>>,
    /// Whether subscribers are told; true for a new one, if nothing is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<bool>,
    /// It acts only after an alert has fired for that long.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 604800)]
    pub for_seconds: Option<i32>,
    /// It undoes that only after the alert is over for that long.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 604800)]
    pub hold_seconds: Option<i32>,
    /// An alert that changes more often in an hour stays at the worse state; 0 for any number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100)]
    pub flap_limit: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// The schema of a file (JSON Schema 2020-12), for editors and for the check.
pub fn schema() -> Value {
    let parts = ComponentsBuilder::new()
        .schema_from::<Id>()
        .schema_from::<ComponentStatus>()
        .schema_from::<IncidentStatus>()
        .schema_from::<Corner>()
        .schema_from::<Matcher>()
        .schema_from::<Op>()
        .schema_from::<PageFile>()
        .schema_from::<PagePart>()
        .schema_from::<EmbedPart>()
        .schema_from::<ComponentPart>()
        .schema_from::<TemplatePart>()
        .schema_from::<MetricPart>()
        .schema_from::<RulePart>()
        .build();
    let mut parts = serde_json::to_value(parts).unwrap_or_default()["schemas"].take();
    point_within(&mut parts);
    // What belongs to a component alone is nothing for a group.
    let nothing = ["link", "showcase", "start_date", "only_show_if_degraded", "hidden"];
    let nothing: Map<String, Value> =
        nothing.map(|field| (field.to_owned(), Value::Bool(false))).into_iter().collect();
    parts["ComponentPart"]["dependentSchemas"] = json!({ "components": { "properties": nothing } });
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A status page of Pharos",
        "$ref": "#/$defs/PageFile",
        "$defs": parts,
    })
}

/// References lead to the document's own definitions.
fn point_within(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), &mut *value) {
                    ("$ref", Value::String(to)) => *to = to.replace("#/components/schemas/", "#/$defs/"),
                    _ => point_within(value),
                }
            }
        }
        Value::Array(some) => some.iter_mut().for_each(point_within),
        _ => {}
    }
}

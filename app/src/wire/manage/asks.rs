//! What is sent. What is not said stays as it is; null empties what can be empty. The schemas of
//! these types are what bodies are checked against, and what the description shows.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::given::{GivenStatus, Instant, said};
use crate::{
    domain::{
        Id,
        incident::{Impact, IncidentStatus},
        status::ComponentStatus,
        token::Scope,
    },
    wire::Stamp,
};

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct ComponentBody {
    pub component: ComponentAsk,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct ComponentAsk {
    /// Needed for a new component.
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// Markdown.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 25000)]
    pub description: Option<Option<String>>,
    pub status: Option<GivenStatus>,
    /// Whether it is shown only while it is not operational.
    pub only_show_if_degraded: Option<bool>,
    /// The group that it stands in; null for none.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, pattern = "^[0-9A-Za-z]{0,64}$")]
    pub group_id: Option<Option<String>>,
    /// Whether its uptime is shown.
    pub showcase: Option<bool>,
    /// The day from which on its uptime counts.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, format = Date)]
    pub start_date: Option<Option<NaiveDate>>,
    /// Its place in its group, from 1.
    #[schema(minimum = 1, maximum = 1000000)]
    pub position: Option<i32>,
    /// An address that its name leads to: http or https.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 2000, pattern = "^(https?://.+)?$")]
    pub link: Option<Option<String>>,
    /// Whether visitors see nothing of it.
    pub hidden: Option<bool>,
}

/// Statuses of several components, moved in one change.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct StatusBody {
    /// Statuses by the components' ids.
    #[schema(value_type = std::collections::HashMap<Id, ComponentStatus>)]
    pub components: BTreeMap<String, ComponentStatus>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct GroupBody {
    /// Stands here for older clients; the one in `component_group` outweighs it.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 25000)]
    pub description: Option<Option<String>>,
    pub component_group: GroupAsk,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct GroupAsk {
    /// Needed for a new group.
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 25000)]
    pub description: Option<Option<String>>,
    /// What is in it, in this order; whatever else was in it leaves it.
    #[schema(value_type = Option<Vec<Id>>, max_items = 5000)]
    pub components: Option<Vec<String>>,
    #[schema(minimum = 1, maximum = 1000000)]
    pub position: Option<i32>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct IncidentBody {
    pub incident: IncidentAsk,
}

/// An incident; a maintenance, if it has `scheduled_for`.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct IncidentAsk {
    /// Needed for a new incident.
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    pub status: Option<IncidentStatus>,
    /// What its updates would otherwise decide; null leaves it to them again.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Impact>)]
    pub impact_override: Option<Option<Impact>>,
    pub scheduled_for: Option<Stamp>,
    pub scheduled_until: Option<Stamp>,
    pub scheduled_remind_prior: Option<bool>,
    /// Puts its components under maintenance when it begins.
    pub auto_transition_to_maintenance_state: Option<bool>,
    /// Makes its components operational again when it ends.
    pub auto_transition_to_operational_state: Option<bool>,
    /// Begins by the clock.
    pub scheduled_auto_in_progress: Option<bool>,
    /// Ends by the clock.
    pub scheduled_auto_completed: Option<bool>,
    /// Begins and ends by the clock.
    pub scheduled_auto_transition: Option<bool>,
    pub auto_transition_deliver_notifications_at_start: Option<bool>,
    pub auto_transition_deliver_notifications_at_end: Option<bool>,
    /// Hours after which its operators are reminded: null for `[3, 6, 12, 24]`, `"[1, 5, 7]"`, `"4"`
    /// for each four hours, `"[]"` for never.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 100, pattern = r"^([1-9]\d{0,2}|\[( *[1-9]\d{0,2} *(, *[1-9]\d{0,2} *){0,23})?\])?$")]
    pub reminder_intervals: Option<Option<String>>,
    /// Whatever belongs to it; each value at its top level is an object.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Option<Map<String, Value>>>,
    /// Whether subscribers are told; true, if nothing is said.
    pub deliver_notifications: Option<bool>,
    /// It is told of afterwards: resolved, on `backfill_date`, and nobody is notified.
    pub backfilled: Option<bool>,
    pub backfill_date: Option<Instant>,
    /// Markdown. Posts an update.
    #[schema(max_length = 25000)]
    pub body: Option<String>,
    /// As older clients name `body`.
    #[schema(max_length = 25000)]
    pub message: Option<String>,
    /// Statuses by the components' ids: what is named is attached and moved.
    #[schema(value_type = Option<std::collections::HashMap<Id, GivenStatus>>)]
    pub components: Option<BTreeMap<String, GivenStatus>>,
    /// What is attached as it is.
    #[schema(value_type = Option<Vec<Id>>, max_items = 5000)]
    pub component_ids: Option<Vec<String>>,
    /// Not posted anywhere: there is no Twitter here.
    pub auto_tweet_at_beginning: Option<bool>,
    pub auto_tweet_on_completion: Option<bool>,
    pub auto_tweet_on_creation: Option<bool>,
    pub auto_tweet_one_hour_before: Option<bool>,
    /// By when there is news again; visitors read it.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_update_at: Option<Option<Stamp>>,
    /// Whether visitors see nothing of it yet.
    pub draft: Option<bool>,
    /// The template that says what is not said here; only for a new incident.
    #[schema(pattern = "^[0-9A-Za-z]{1,64}$")]
    pub template_id: Option<String>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct UpdateBody {
    pub incident_update: UpdateAsk,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct UpdateAsk {
    /// Not posted anywhere: there is no Twitter here.
    pub wants_twitter_update: Option<bool>,
    #[schema(min_length = 1, max_length = 25000)]
    pub body: Option<String>,
    pub display_at: Option<Stamp>,
    /// A correction tells nobody.
    pub deliver_notifications: Option<bool>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PostmortemBody {
    pub postmortem: PostmortemAsk,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PostmortemAsk {
    /// Markdown.
    #[schema(min_length = 1, max_length = 25000)]
    pub body_draft: String,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PublishBody {
    pub postmortem: Option<PublishAsk>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PublishAsk {
    /// Not posted anywhere: there is no Twitter here.
    pub notify_twitter: Option<bool>,
    pub notify_subscribers: Option<bool>,
    #[schema(max_length = 255)]
    pub custom_tweet: Option<String>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct TemplateBody {
    pub template: TemplateAsk,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct TemplateAsk {
    /// What operators know it by. Needed for a new template.
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// The name of the incident.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 255)]
    pub title: Option<Option<String>>,
    /// Markdown. Needed for a new template.
    #[schema(min_length = 1, max_length = 25000)]
    pub body: Option<String>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, pattern = "^[0-9A-Za-z]{0,64}$")]
    pub group_id: Option<Option<String>>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<IncidentStatus>)]
    pub update_status: Option<Option<IncidentStatus>>,
    /// Not posted anywhere: there is no Twitter here.
    pub should_tweet: Option<bool>,
    pub should_send_notifications: Option<bool>,
    #[schema(value_type = Option<Vec<Id>>, max_items = 5000)]
    pub component_ids: Option<Vec<String>>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PageBody {
    pub page: PageAsk,
}

/// What can be set of a page. Its colours and pictures are set elsewhere.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PageAsk {
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 25000)]
    pub page_description: Option<Option<String>>,
    /// The host that it answers under when there are several pages.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 253)]
    pub domain: Option<Option<String>>,
    /// Its public address: http or https.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub url: Option<Option<String>>,
    /// Where people find help: http or https.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 2000)]
    pub support_url: Option<Option<String>>,
    pub hidden_from_search: Option<bool>,
    /// The name of a time zone in the IANA database, such as Europe/Berlin.
    #[schema(max_length = 64)]
    pub time_zone: Option<String>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct TokenBody {
    pub token: TokenAsk,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct TokenAsk {
    /// What it is for.
    #[schema(min_length = 1, max_length = 255)]
    pub name: String,
    /// None that the caller does not hold.
    #[schema(min_items = 1, max_items = 11)]
    pub scopes: Vec<Scope>,
    /// The one page that it opens; all of them, if none is named.
    #[schema(pattern = "^[0-9A-Za-z]{1,64}$")]
    pub page_id: Option<String>,
    /// Not later than the caller's, which it is if nothing is said.
    pub expires_at: Option<Stamp>,
    /// Networks in CIDR notation, or addresses, that it may be used from: none that the caller may
    /// not be used from, and the caller's if none is named.
    #[schema(max_items = 100)]
    pub allowed_addresses: Option<Vec<String>>,
}

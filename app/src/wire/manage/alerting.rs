//! Rules for alerts, the alerts that are known, and keys of addresses: sent and answered.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Place, given::said};
use crate::{
    domain::{
        Id,
        alert::{self, KeyKind, Matcher, Source, State},
        status::ComponentStatus,
    },
    wire::Stamp,
};

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct AlertRuleBody {
    pub alert_rule: AlertRuleAsk,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct AlertRuleAsk {
    /// Needed for a new rule.
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// Rules are tried in this order, and the first that fits is the one for an alert.
    #[schema(minimum = 1, maximum = 1000000)]
    pub position: Option<i32>,
    /// What labels must be like, all of them. `pharos_source` is the label that says who told of the
    /// alert. Needed for a new rule.
    #[schema(min_items = 1, max_items = 20)]
    pub matchers: Option<Vec<Matcher>>,
    /// The component that is moved while such an alert fires.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, pattern = "^[0-9A-Za-z]{0,64}$")]
    pub component_id: Option<Option<String>>,
    /// What it is moved to; it never gets better by it.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<ComponentStatus>)]
    pub component_status: Option<Option<ComponentStatus>>,
    /// The template that an incident is opened from; `{{summary}}` and `{{label.NAME}}` in it are
    /// filled in.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, pattern = "^[0-9A-Za-z]{0,64}$")]
    pub template_id: Option<Option<String>>,
    /// Whether subscribers are told; true, if nothing is said.
    pub notify: Option<bool>,
    /// It acts only after an alert has fired for that long.
    #[schema(minimum = 0, maximum = 604800)]
    pub for_seconds: Option<i32>,
    /// It undoes that only after the alert is over for that long.
    #[schema(minimum = 0, maximum = 604800)]
    pub hold_seconds: Option<i32>,
    /// An alert that changes more often in an hour stays at the worse state; 0 for any number.
    #[schema(minimum = 0, maximum = 100)]
    pub flap_limit: Option<i32>,
    pub disabled: Option<bool>,
}

/// What is done about alerts of some kind.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AlertRule {
    pub id: Id,
    pub page_id: Id,
    pub name: String,
    pub position: i32,
    pub matchers: Vec<Matcher>,
    pub component_id: Option<Id>,
    pub component_status: Option<ComponentStatus>,
    pub template_id: Option<Id>,
    pub notify: bool,
    pub for_seconds: i32,
    pub hold_seconds: i32,
    pub flap_limit: i32,
    pub disabled: bool,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    pub deleted_at: Option<Stamp>,
}

impl AlertRule {
    pub fn of(rule: &alert::Rule, place: &Place) -> Self {
        Self {
            id: rule.id.clone(),
            page_id: place.page_id.clone(),
            name: rule.name.clone(),
            position: rule.position,
            matchers: rule.matchers.clone(),
            component_id: rule.component_id.clone(),
            component_status: rule.component_status,
            template_id: rule.template_id.clone(),
            notify: rule.notify,
            for_seconds: rule.for_seconds,
            hold_seconds: rule.hold_seconds,
            flap_limit: rule.flap_limit,
            disabled: rule.disabled,
            created_at: place.stamp(rule.created_at),
            updated_at: place.stamp(rule.updated_at),
            deleted_at: place.maybe(rule.deleted_at),
        }
    }
}

/// An alert as it is known.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Alert {
    pub id: Id,
    pub source: Source,
    pub fingerprint: String,
    /// The rule that it is for; null, if none fits.
    pub rule_id: Option<Id>,
    pub state: State,
    /// Since when it is in this state.
    pub since: Stamp,
    pub last_seen_at: Stamp,
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub labels: BTreeMap<String, String>,
    pub summary: String,
    /// Whether it changes too often to be believed.
    pub flapping: bool,
    pub created_at: Stamp,
}

impl Alert {
    pub fn of(alert: &alert::Alert, place: &Place) -> Self {
        Self {
            id: alert.id.clone(),
            source: alert.source,
            fingerprint: alert.fingerprint.clone(),
            rule_id: alert.rule_id.clone(),
            state: alert.state,
            since: place.stamp(alert.since),
            last_seen_at: place.stamp(alert.last_seen_at),
            labels: alert.labels.clone(),
            summary: alert.summary.clone(),
            flapping: alert.flapping,
            created_at: place.stamp(alert.created_at),
        }
    }
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct AlertKeyBody {
    pub alert_key: AlertKeyAsk,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct AlertKeyAsk {
    /// What the address is for. Needed for a new key; it stays what it is.
    pub kind: Option<KeyKind>,
    /// Needed for a new key.
    #[schema(min_length = 1, max_length = 255)]
    pub name: Option<String>,
    /// How long a heartbeat may be silent. Needed for a heartbeat.
    #[schema(minimum = 30, maximum = 2678400)]
    pub period_seconds: Option<i32>,
    /// The one topic that is heard; null for the first that subscribes.
    #[serde(default, deserialize_with = "said")]
    #[schema(value_type = Option<String>, max_length = 500, pattern = "^arn:aws[a-z-]*:sns:")]
    pub topic_arn: Option<Option<String>>,
}

/// A key that stands in an address, for what can send no headers. It opens nothing else.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AlertKey {
    pub id: Id,
    pub page_id: Id,
    pub kind: KeyKind,
    pub name: String,
    /// How it begins.
    pub prefix: String,
    pub period_seconds: Option<i32>,
    pub last_seen_at: Option<Stamp>,
    /// Whether a heartbeat is silent for too long.
    pub missing: bool,
    pub topic_arn: Option<String>,
    pub created_at: Stamp,
    pub updated_at: Stamp,
    /// The key itself: only in the answer that makes it, and never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The path that is called with it, below the server's address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl AlertKey {
    pub fn of(key: &alert::AlertKey, place: &Place, secret: Option<String>) -> Self {
        let (page, kind) = (&place.page_id, key.kind.as_str());
        Self {
            id: key.id.clone(),
            page_id: page.clone(),
            kind: key.kind,
            name: key.name.clone(),
            prefix: key.prefix.clone(),
            period_seconds: key.period_seconds,
            last_seen_at: place.maybe(key.last_seen_at),
            missing: key.missing,
            topic_arn: key.topic_arn.clone(),
            created_at: place.stamp(key.created_at),
            updated_at: place.stamp(key.updated_at),
            path: secret.as_ref().map(|secret| format!("/v1/pages/{page}/alerts/{kind}/{secret}")),
            key: secret,
        }
    }
}

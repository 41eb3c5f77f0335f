//! Webhooks of Alertmanager (version 4), Grafana, PagerDuty (v3) and Datadog, and a small one of our
//! own.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::domain::alert::Heard;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Firing {
    Firing,
    Resolved,
}

/// One alert, for whatever speaks none of the other formats.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct AlertBody {
    /// What tells it apart: the same text fires it and resolves it. Its labels, if nothing is said.
    #[schema(min_length = 1, max_length = 200)]
    pub fingerprint: Option<String>,
    pub status: Firing,
    /// What rules look at: at most 64, of which 200 characters each are kept.
    #[schema(value_type = Option<std::collections::HashMap<String, String>>)]
    pub labels: Option<BTreeMap<String, String>>,
    /// One line for people, cut at 200 characters.
    #[schema(max_length = 10000)]
    pub summary: Option<String>,
}

impl AlertBody {
    pub fn heard(&self) -> Heard {
        let labels = self.labels.clone().unwrap_or_default();
        let summary = self.summary.as_deref().unwrap_or_default();
        Heard::new(self.fingerprint.as_deref(), self.status == Firing::Firing, labels, summary)
    }
}

/// The webhook of Prometheus' Alertmanager, and of Grafana's alerting, which has the same shape.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct AlertmanagerBody {
    /// `4` of Alertmanager; Grafana says `1`.
    pub version: Option<String>,
    #[schema(max_items = 500)]
    pub alerts: Vec<AlertmanagerAlert>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct AlertmanagerAlert {
    pub status: Firing,
    #[schema(value_type = std::collections::HashMap<String, String>)]
    pub labels: BTreeMap<String, String>,
    #[schema(value_type = Option<std::collections::HashMap<String, String>>)]
    pub annotations: Option<BTreeMap<String, String>>,
    #[schema(max_length = 200)]
    pub fingerprint: Option<String>,
}

impl AlertmanagerAlert {
    pub fn heard(&self) -> Heard {
        let annotated = |name: &str| self.annotations.as_ref().and_then(|all| all.get(name));
        let summary = annotated("summary").or(annotated("description")).or(self.labels.get("alertname"));
        let summary = summary.map(String::as_str).unwrap_or_default();
        let firing = self.status == Firing::Firing;
        Heard::new(self.fingerprint.as_deref(), firing, self.labels.clone(), summary)
    }
}

/// A webhook of PagerDuty (v3). Events that are not of an incident's state are passed over.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PagerdutyBody {
    pub event: PagerdutyEvent,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PagerdutyEvent {
    /// Such as `incident.triggered`.
    #[schema(max_length = 200)]
    pub event_type: String,
    pub data: PagerdutyData,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PagerdutyData {
    #[schema(max_length = 200)]
    pub id: Option<String>,
    pub title: Option<String>,
    /// `triggered`, `acknowledged` or `resolved`.
    pub status: Option<String>,
    pub urgency: Option<String>,
    pub incident_key: Option<String>,
    pub service: Option<PagerdutyReference>,
    pub priority: Option<PagerdutyReference>,
    pub escalation_policy: Option<PagerdutyReference>,
}

#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct PagerdutyReference {
    pub id: Option<String>,
    pub summary: Option<String>,
}

impl PagerdutyBody {
    /// Its labels are service, service_id, priority, urgency, escalation_policy and status.
    pub fn heard(&self) -> Option<Heard> {
        let data = &self.event.data;
        let firing = match data.status.as_deref() {
            Some("triggered" | "acknowledged") => true,
            Some("resolved") => false,
            _ => return None,
        };
        if !self.event.event_type.starts_with("incident.") {
            return None;
        }
        let named = |one: &Option<PagerdutyReference>| one.as_ref().and_then(|one| one.summary.clone());
        let labels = [
            ("service", named(&data.service)),
            ("service_id", data.service.as_ref().and_then(|service| service.id.clone())),
            ("priority", named(&data.priority)),
            ("urgency", data.urgency.clone()),
            ("escalation_policy", named(&data.escalation_policy)),
            ("incident_key", data.incident_key.clone()),
            ("status", data.status.clone()),
        ];
        let labels = labels.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let summary = data.title.as_deref().unwrap_or_default();
        Some(Heard::new(Some(data.id.as_deref()?), firing, labels, summary))
    }
}

/// What a webhook of Datadog sends with the payload of docs/alerts.md.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub struct DatadogBody {
    /// `$AGGREG_KEY`: what tells an alert apart.
    #[schema(min_length = 1, max_length = 200)]
    pub aggregation_key: String,
    /// `$ALERT_TRANSITION`, such as Triggered or Recovered.
    pub transition: String,
    /// `$EVENT_TITLE`.
    pub title: Option<String>,
    /// `$TAGS`: words between commas, such as `env:prod,role:db`; each is a label.
    pub tags: Option<String>,
    /// `$ALERT_ID`: the monitor.
    pub monitor_id: Option<String>,
    /// `$ALERT_PRIORITY`.
    pub priority: Option<String>,
    /// `$HOSTNAME`.
    pub hostname: Option<String>,
    /// `$ALERT_SCOPE`.
    pub scope: Option<String>,
}

/// A word that is none of Datadog's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed are {}", TRANSITIONS.map(|(word, _)| word).join(", "))]
pub struct NotATransition;

/// What Datadog calls what becomes of an alert, and whether it fires then.
const TRANSITIONS: [(&str, bool); 9] = [
    ("Triggered", true),
    ("Re-Triggered", true),
    ("No Data", true),
    ("Re-No Data", true),
    ("Warn", true),
    ("Re-Warn", true),
    ("Renotify", true),
    ("Recovered", false),
    ("Success", false),
];

impl DatadogBody {
    /// Its labels are its tags, and monitor_id, priority, hostname, scope and transition.
    pub fn heard(&self) -> Result<Heard, NotATransition> {
        let word = self.transition.trim();
        let known = TRANSITIONS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
        let (word, firing) = known.ok_or(NotATransition)?;
        let tags = self.tags.as_deref().unwrap_or_default();
        let tags = tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(|tag| {
            let (name, value) = tag.split_once(':').unwrap_or((tag, "true"));
            (name.to_owned(), value.to_owned())
        });
        let own = [
            ("monitor_id", self.monitor_id.clone()),
            ("priority", self.priority.clone()),
            ("hostname", self.hostname.clone()),
            ("scope", self.scope.clone()),
            ("transition", Some((*word).to_owned())),
        ];
        let own = own.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let labels: BTreeMap<String, String> = tags.chain(own).collect();
        let summary = self.title.as_deref().unwrap_or_default();
        Ok(Heard::new(Some(&self.aggregation_key), *firing, labels, summary))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datadog_says_it_in_its_own_words() {
        let said = |transition: &str| {
            let body = serde_json::json!({ "aggregation_key": "k", "transition": transition, "tags": "env:prod, urgent,", "hostname": "db1" });
            serde_json::from_value::<DatadogBody>(body).unwrap().heard()
        };
        let heard = said("triggered").unwrap();
        assert!(heard.firing && heard.labels["env"] == "prod" && heard.labels["urgent"] == "true");
        assert_eq!(
            (heard.labels["hostname"].as_str(), heard.labels["transition"].as_str()),
            ("db1", "Triggered")
        );
        assert!(!said("Recovered").unwrap().firing);
        assert!(said("Sideways").unwrap_err().to_string().contains("Recovered"));
    }

    #[test]
    fn what_pagerduty_says_of_something_else_is_passed_over() {
        let said = |kind: &str, status: serde_json::Value| {
            let body = serde_json::json!({ "event": { "event_type": kind, "data": { "id": "P1", "status": status } } });
            serde_json::from_value::<PagerdutyBody>(body).unwrap().heard()
        };
        assert!(said("incident.triggered", "triggered".into()).unwrap().firing);
        assert!(said("incident.acknowledged", "acknowledged".into()).unwrap().firing);
        assert!(!said("incident.resolved", "resolved".into()).unwrap().firing);
        assert_eq!(said("incident.annotated", serde_json::Value::Null), None);
        assert_eq!(said("service.updated", "triggered".into()), None);
    }
}

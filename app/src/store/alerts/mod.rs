//! What monitoring says: the rules for it, the alerts that are known, what they have open on the
//! page, and the keys of addresses for what can send no headers.

mod effects;
mod hear;
mod keys;
mod rules;

pub use keys::{KeyChanges, NewKey};
pub use rules::RuleChanges;

use super::{
    Result, StoreError,
    entity::{alert_keys, alert_rules, alerts},
};
use crate::domain::{
    alert::{Alert, AlertKey, KeyKind, Rule, Source, State},
    status::ComponentStatus,
};

/// A cell that this release does not understand.
fn unreadable(table: &'static str, id: &str, column: &'static str, value: &str) -> StoreError {
    StoreError::Unreadable { table, id: id.to_owned(), column, value: value.chars().take(80).collect() }
}

pub(super) fn rule(row: alert_rules::Model) -> Result<Rule> {
    let wrong = |column, value: &str| unreadable("alert_rules", &row.id, column, value);
    let id = |text: &Option<String>| text.as_deref().and_then(|id| id.parse().ok());
    let status = row.component_status.as_deref();
    Ok(Rule {
        id: row.id.parse().map_err(|_| wrong("id", &row.id))?,
        matchers: serde_json::from_value(row.matchers.clone())
            .map_err(|_| wrong("matchers", &row.matchers.to_string()))?,
        component_id: id(&row.component_id),
        component_status: status
            .map(|word| ComponentStatus::parse(word).ok_or_else(|| wrong("component_status", word)))
            .transpose()?,
        template_id: id(&row.template_id),
        name: row.name,
        position: row.position,
        notify: row.notify,
        for_seconds: row.for_seconds,
        hold_seconds: row.hold_seconds,
        flap_limit: row.flap_limit,
        disabled: row.disabled,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
        deleted_at: row.deleted_at,
    })
}

pub(super) fn alert(row: alerts::Model) -> Result<Alert> {
    let wrong = |column, value: &str| unreadable("alerts", &row.id, column, value);
    Ok(Alert {
        id: row.id.parse().map_err(|_| wrong("id", &row.id))?,
        source: Source::parse(&row.source).ok_or_else(|| wrong("source", &row.source))?,
        rule_id: row.rule_id.as_deref().and_then(|id| id.parse().ok()),
        state: State::parse(&row.state).ok_or_else(|| wrong("state", &row.state))?,
        labels: serde_json::from_value(row.labels.clone())
            .map_err(|_| wrong("labels", &row.labels.to_string()))?,
        fingerprint: row.fingerprint,
        since: row.since,
        last_seen_at: row.last_seen_at,
        summary: row.summary,
        flapping: row.flapping,
        created_at: row.created_at,
    })
}

pub(super) fn key(row: alert_keys::Model) -> Result<AlertKey> {
    let wrong = |column, value: &str| unreadable("alert_keys", &row.id, column, value);
    Ok(AlertKey {
        id: row.id.parse().map_err(|_| wrong("id", &row.id))?,
        page_id: row.page_id.parse().map_err(|_| wrong("page_id", &row.page_id))?,
        kind: KeyKind::parse(&row.kind).ok_or_else(|| wrong("kind", &row.kind))?,
        name: row.name,
        prefix: row.prefix,
        period_seconds: row.period_seconds,
        last_seen_at: row.last_seen_at,
        missing: row.missing,
        topic_arn: row.topic_arn,
        version: row.version,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

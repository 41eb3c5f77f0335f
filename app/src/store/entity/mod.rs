//! The tables as sea-orm sees them. They never leave the store.

pub mod alert_effects;
pub mod alert_keys;
pub mod alert_rules;
pub mod alerts;
pub mod api_tokens;
pub mod audit_events;
pub mod components;
pub mod groups;
pub mod idempotency_keys;
pub mod incident_components;
pub mod incident_subscribers;
pub mod incident_updates;
pub mod incidents;
pub mod metric_points;
pub mod metric_rollups;
pub mod metrics;
pub mod metrics_providers;
pub mod notifications;
pub mod page_roles;
pub mod pages;
pub mod periods;
pub mod schema_info;
pub mod subscriber_components;
pub mod subscribers;
pub mod templates;
pub mod users;

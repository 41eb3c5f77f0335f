//! Statuspage's management API v1: what is sent, and what is answered. What Pharos adds stands at
//! the end of each object.

mod alerting;
mod answers;
mod asks;
mod embed;
mod given;
mod metrics;
mod others;
mod pages;
mod subscribers;
mod uptime;
mod users;

pub use alerting::{Alert, AlertKey, AlertKeyAsk, AlertKeyBody, AlertRule, AlertRuleAsk, AlertRuleBody};
pub use answers::{Component, ComponentGroup, Incident, IncidentTemplate, IncidentUpdate, Place, Postmortem};
pub use asks::{
    ComponentAsk, ComponentBody, GroupAsk, GroupBody, IncidentAsk, IncidentBody, PageAsk, PageBody,
    PostmortemAsk, PostmortemBody, PublishAsk, PublishBody, StatusBody, TemplateAsk, TemplateBody, TokenAsk,
    TokenBody, UpdateAsk, UpdateBody,
};
pub use embed::{EmbedAsk, EmbedBody, StatusEmbedConfig};
pub use given::{GivenStatus, Instant, said};
pub use metrics::{
    Metric, MetricAsk, MetricBody, MetricData, MetricPoint, MetricsData, MetricsKept, MetricsProvider,
    ProviderAsk, ProviderBody,
};
pub use others::{AuditEvent, Problem, Token, WrongField, scopes};
pub use pages::{Icon, Page, Picture};
pub use subscribers::{
    ChoiceBody, Subscriber, SubscriberAsk, SubscriberBody, SubscriberCountByState, SubscriberCountByType,
    SubscriberCountByTypeAndState, SubscribersBody, SubscribersDone,
};
pub use uptime::{ComponentGroupUptime, ComponentUptime, Measured, RelatedEvent, RelatedEvents};
pub use users::{
    Organization, PagePermissions, PagePermissionsAsk, Permissions, PermissionsBody, User, UserAsk, UserBody,
    UserPermissions,
};

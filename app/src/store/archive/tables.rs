//! Every table and column, and whom it is about. A test holds this list against the schema, so
//! that no later step can forget it.

use super::{
    columns::{
        ALERTS, ATTACHED, CHOSEN, COMPONENTS, EFFECTS, EVENTS, FOLLOWED, GROUPS, INCIDENTS, KEYS, METRICS,
        PAGES, PERIODS, POINTS, PROVIDERS, ROLES, ROLLUPS, RULES, SUBSCRIBERS, TEMPLATES, TOKENS, UPDATES,
        USERS,
    },
    planned::{OCCURRENCES, RECURRENCES},
};

/// Whom the rows of a table are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The pages: what visitors see, and what operators prepare for them.
    Public,
    /// People: who they are, how they are reached, what they did.
    People,
}

/// What a column holds, and so how it is written in an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// 1 to 64 of `[0-9A-Za-z]`.
    Id,
    Text,
    /// Any JSON, kept to the letter.
    Json,
    Flag,
    /// 32 bits with a sign.
    Integer,
    /// 64 bits with a sign.
    BigInteger,
    /// A number of IEEE 754 in 64 bits, finite.
    Double,
    /// An instant in microseconds, as RFC 3339 in UTC.
    Time,
    /// A day, as RFC 3339.
    Date,
}

/// What becomes of a column that a row does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// The row is refused.
    Given,
    /// It has the default of the schema, as with archives of releases that did not know it.
    Default,
    /// It is NULL.
    Null,
}

#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub need: Need,
    /// Whether it opens a door to whoever reads it.
    pub secret: bool,
}

#[derive(Debug)]
pub struct Table {
    pub name: &'static str,
    pub class: Class,
    /// What tells its rows apart; they are written in this order.
    pub key: &'static [&'static str],
    /// The column that the database counts by itself.
    pub number: Option<&'static str>,
    /// The column that refers to another row's `id` of the same table.
    pub parent: Option<&'static str>,
    pub columns: &'static [Column],
}

impl Table {
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// The table of this name that archives have.
pub fn table(name: &str) -> Option<&'static Table> {
    TABLES.iter().find(|table| table.name == name)
}

/// The tables that no archive has, and why.
pub const NEVER: &[(&str, &str)] = &[
    ("seaql_migrations", "says what was done to one database"),
    ("schema_info", "says who may use one database"),
    ("notifications", "what was to be told then is not to be told again"),
    ("deliveries", "what was to be told then is not to be told again"),
    ("sessions", "who is signed in here is not signed in there"),
    ("user_links", "what lets somebody in once, here, is not for elsewhere"),
    ("recovery_codes", "who signs in elsewhere is given new ones there"),
    ("idempotency_keys", "answers that are kept for a day"),
    ("calendar_feeds", "what lets somebody's calendar in here is not for elsewhere"),
    ("identities", "who signs in elsewhere is made known there"),
    ("passkeys", "a passkey opens one address alone"),
    ("mails", "what was to be mailed then is not to be mailed again"),
    ("organization_settings", "how people sign in here is for those who run this to say"),
    ("leases", "what one process does just now"),
    ("replicas", "the processes that are there just now"),
];

/// A table whose rows are told apart by their id.
const fn plain(name: &'static str, columns: &'static [Column]) -> Table {
    Table { name, class: Class::Public, key: &["id"], number: None, parent: None, columns }
}

/// All tables that an archive has; what is referred to comes before what refers to it.
pub const TABLES: &[Table] = &[
    plain("pages", PAGES),
    Table { parent: Some("parent_id"), ..plain("component_groups", GROUPS) },
    plain("components", COMPONENTS),
    Table { number: Some("id"), ..plain("component_status_periods", PERIODS) },
    Table {
        key: &["number"],
        number: Some("number"),
        parent: Some("parent_id"),
        ..plain("incidents", INCIDENTS)
    },
    Table { key: &["number"], number: Some("number"), ..plain("incident_updates", UPDATES) },
    Table { key: &["incident_id", "component_id"], ..plain("incident_components", ATTACHED) },
    plain("templates", TEMPLATES),
    plain("recurrences", RECURRENCES),
    Table { key: &["recurrence_id", "begins_at"], ..plain("recurrence_occurrences", OCCURRENCES) },
    plain("alert_rules", RULES),
    plain("alert_keys", KEYS),
    plain("alerts", ALERTS),
    Table { key: &["rule_id"], ..plain("alert_effects", EFFECTS) },
    plain("metrics_providers", PROVIDERS),
    plain("metrics", METRICS),
    Table { key: &["metric_id", "measured_at"], ..plain("metric_points", POINTS) },
    Table { key: &["metric_id", "interval_seconds", "bucket_at"], ..plain("metric_rollups", ROLLUPS) },
    Table { class: Class::People, ..plain("users", USERS) },
    Table { class: Class::People, ..plain("api_tokens", TOKENS) },
    Table { class: Class::People, ..plain("subscribers", SUBSCRIBERS) },
    Table {
        class: Class::People,
        key: &["subscriber_id", "component_id"],
        ..plain("subscriber_components", CHOSEN)
    },
    Table {
        class: Class::People,
        key: &["incident_id", "subscriber_id"],
        ..plain("incident_subscribers", FOLLOWED)
    },
    Table { class: Class::People, key: &["user_id", "page_id"], ..plain("page_roles", ROLES) },
    Table { class: Class::People, number: Some("id"), ..plain("audit_events", EVENTS) },
];

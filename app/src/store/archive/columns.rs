//! The columns of every table that an archive has.

use super::{Column, Kind, Need};

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, need: Need::Given, secret: false }
}

impl Column {
    pub(super) const fn or_null(mut self) -> Self {
        self.need = Need::Null;
        self
    }

    const fn or_default(mut self) -> Self {
        self.need = Need::Default;
        self
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }
}

pub(super) const fn id(name: &'static str) -> Column {
    column(name, Kind::Id)
}

const fn text(name: &'static str) -> Column {
    column(name, Kind::Text)
}

const fn text_or_null(name: &'static str) -> Column {
    text(name).or_null()
}

const fn word(name: &'static str) -> Column {
    text(name).or_default()
}

const fn flag(name: &'static str) -> Column {
    column(name, Kind::Flag).or_default()
}

pub(super) const fn json(name: &'static str) -> Column {
    column(name, Kind::Json).or_null()
}

pub(super) const fn time(name: &'static str) -> Column {
    column(name, Kind::Time)
}

pub(super) const fn time_or_null(name: &'static str) -> Column {
    time(name).or_null()
}

const fn integer(name: &'static str) -> Column {
    column(name, Kind::Integer)
}

pub(super) const fn big_integer(name: &'static str) -> Column {
    column(name, Kind::BigInteger)
}

const fn double(name: &'static str) -> Column {
    column(name, Kind::Double)
}

pub(super) const VERSION: Column = big_integer("version").or_default();

pub const PAGES: &[Column] = &[
    id("id"),
    big_integer("revision").or_default(),
    id("commit"),
    time("committed_at"),
    big_integer("history_revision").or_default(),
    time_or_null("metrics_bumped_at"),
    flag("metrics_pending"),
    text("name"),
    text_or_null("description"),
    text_or_null("host"),
    text_or_null("url"),
    word("time_zone"),
    word("language"),
    text_or_null("support_url"),
    flag("hide_empty_days"),
    word("visibility"),
    flag("provisional"),
    json("branding"),
    VERSION,
    time("created_at"),
    time("updated_at"),
];

pub const GROUPS: &[Column] = &[
    id("id"),
    id("page_id"),
    id("parent_id").or_null(),
    text("name"),
    text_or_null("description"),
    integer("position").or_default(),
    VERSION,
    time("created_at"),
    time("updated_at"),
    time_or_null("deleted_at"),
];

pub const COMPONENTS: &[Column] = &[
    id("id"),
    id("page_id"),
    id("group_id").or_null(),
    text("name"),
    text_or_null("description"),
    text_or_null("link"),
    word("status"),
    word("visibility"),
    integer("position").or_default(),
    flag("showcase"),
    flag("only_show_if_degraded"),
    column("start_date", Kind::Date).or_null(),
    VERSION,
    time("created_at"),
    time("updated_at"),
    time_or_null("deleted_at"),
];

pub const PERIODS: &[Column] = &[
    big_integer("id"),
    id("page_id"),
    id("component_id"),
    text("status"),
    time("from_at"),
    time_or_null("until_at"),
];

pub const INCIDENTS: &[Column] = &[
    big_integer("number"),
    id("id"),
    id("page_id"),
    id("parent_id").or_null(),
    text("kind"),
    text("name"),
    text("status"),
    text("impact"),
    text_or_null("impact_override"),
    text_or_null("shortlink"),
    flag("backfilled"),
    word("visibility"),
    flag("draft"),
    json("metadata"),
    text_or_null("reminder_intervals"),
    time("started_at"),
    time_or_null("monitoring_at"),
    time_or_null("resolved_at"),
    time_or_null("next_update_at"),
    VERSION,
    time("created_at"),
    time("updated_at"),
    time_or_null("deleted_at"),
    time_or_null("scheduled_for"),
    time_or_null("scheduled_until"),
    flag("scheduled_remind_prior"),
    time_or_null("scheduled_reminded_at"),
    flag("scheduled_auto_in_progress"),
    flag("scheduled_auto_completed"),
    flag("auto_transition_to_maintenance_state"),
    flag("auto_transition_to_operational_state"),
    flag("auto_transition_deliver_notifications_at_start"),
    flag("auto_transition_deliver_notifications_at_end"),
    text_or_null("postmortem_body"),
    time_or_null("postmortem_body_updated_at"),
    text_or_null("postmortem_body_draft"),
    time_or_null("postmortem_body_draft_updated_at"),
    time_or_null("postmortem_published_at"),
    flag("postmortem_ignored"),
    flag("postmortem_notified_subscribers"),
    time_or_null("publish_at"),
];

pub const UPDATES: &[Column] = &[
    big_integer("number"),
    id("id"),
    id("page_id"),
    id("incident_id"),
    text("status"),
    text("body"),
    json("affected_components"),
    flag("deliver_notifications"),
    text_or_null("custom_tweet"),
    json("tweet_id"),
    time("display_at"),
    VERSION,
    time("created_at"),
    time("updated_at"),
];

pub const ATTACHED: &[Column] = &[id("incident_id"), id("component_id"), id("page_id")];

pub const TEMPLATES: &[Column] = &[
    id("id"),
    id("page_id"),
    id("group_id").or_null(),
    text("name"),
    text_or_null("title"),
    text("body"),
    text_or_null("update_status"),
    json("component_ids"),
    flag("should_tweet"),
    flag("should_send_notifications"),
    VERSION,
    time("created_at"),
    time("updated_at"),
    time_or_null("deleted_at"),
];

pub const METRICS: &[Column] = &[
    id("id"),
    id("page_id"),
    text("name"),
    text_or_null("metric_identifier"),
    text_or_null("suffix"),
    text_or_null("tooltip_description"),
    flag("display"),
    integer("position").or_default(),
    integer("decimal_places").or_default(),
    double("y_axis_min").or_null(),
    double("y_axis_max").or_null(),
    flag("y_axis_hidden"),
    time_or_null("most_recent_data_at"),
    VERSION,
    time("created_at"),
    time("updated_at"),
    time_or_null("deleted_at"),
    id("metrics_provider_id").or_null(),
];

pub const PROVIDERS: &[Column] = &[
    id("id"),
    id("page_id"),
    text("type"),
    text_or_null("metric_base_uri"),
    flag("disabled"),
    VERSION,
    time("created_at"),
    time("updated_at"),
    time_or_null("deleted_at"),
];

pub const POINTS: &[Column] = &[id("metric_id"), time("measured_at"), id("page_id"), double("value")];

pub const ROLLUPS: &[Column] = &[
    id("metric_id"),
    integer("interval_seconds"),
    big_integer("bucket_at"),
    id("page_id"),
    big_integer("count"),
    double("sum"),
    double("min"),
    double("max"),
];

pub const USERS: &[Column] = &[
    id("id"),
    text("email"),
    text("name"),
    text("role"),
    text_or_null("password_hash").secret(),
    text_or_null("totp_secret").secret(),
    time_or_null("totp_confirmed_at"),
    column("totp_last_step", Kind::BigInteger).or_null(),
    time_or_null("disabled_at"),
    time_or_null("last_signed_in_at"),
    VERSION,
    time("created_at"),
    time("updated_at"),
];

pub const RULES: &[Column] = &[
    id("id"),
    id("page_id"),
    text("name"),
    integer("position").or_default(),
    column("matchers", Kind::Json),
    id("component_id").or_null(),
    text_or_null("component_status"),
    id("template_id").or_null(),
    flag("notify"),
    integer("for_seconds").or_default(),
    integer("hold_seconds").or_default(),
    integer("flap_limit").or_default(),
    flag("disabled"),
    VERSION,
    time("created_at"),
    time("updated_at"),
    time_or_null("deleted_at"),
];

pub const ALERTS: &[Column] = &[
    id("id"),
    id("page_id"),
    text("source"),
    text("fingerprint"),
    id("rule_id").or_null(),
    text("state"),
    time("since"),
    time("last_seen_at"),
    time_or_null("due_at"),
    column("labels", Kind::Json),
    text("summary"),
    json("changes"),
    flag("flapping"),
    time("created_at"),
];

/// What rules have open, so that it is closed wherever its alerts end.
pub const EFFECTS: &[Column] = &[
    id("rule_id"),
    id("page_id"),
    id("component_id").or_null(),
    text_or_null("wanted_status"),
    text_or_null("base_status"),
    time_or_null("moved_at"),
    id("incident_id").or_null(),
    big_integer("incident_version").or_null(),
    time("created_at"),
];

/// As with tokens: without its hash, a key is none.
pub const KEYS: &[Column] = &[
    id("id"),
    id("page_id"),
    text("kind"),
    text("name"),
    text("prefix"),
    text("key_hash").secret(),
    integer("period_seconds").or_null(),
    time_or_null("last_seen_at"),
    flag("missing"),
    text_or_null("topic_arn"),
    VERSION,
    time("created_at"),
    time("updated_at"),
    time_or_null("deleted_at"),
];

/// A token without its hash opens nothing, so without secrets there are no tokens.
pub const TOKENS: &[Column] = &[
    id("id"),
    id("page_id").or_null(),
    id("user_id").or_null(),
    text("name"),
    text("prefix"),
    text("token_hash").secret(),
    text("scopes"),
    time_or_null("expires_at"),
    time_or_null("last_used_at"),
    time_or_null("revoked_at"),
    time("created_at"),
    json("allowed_addresses"),
];

/// The settings of a channel hold what it signs and signs in with.
pub const SUBSCRIBERS: &[Column] = &[
    id("id"),
    id("page_id"),
    text("channel"),
    text("address"),
    json("settings").secret(),
    time_or_null("confirmed_at"),
    time_or_null("quarantined_at"),
    time_or_null("unsubscribed_at"),
    VERSION,
    time("created_at"),
    time("updated_at"),
    flag("whole_page"),
];

pub const FOLLOWED: &[Column] = &[id("incident_id"), id("subscriber_id"), id("page_id"), time("created_at")];

pub const ROLES: &[Column] = &[id("user_id"), id("page_id"), text("role"), time("created_at")];

pub const CHOSEN: &[Column] = &[id("subscriber_id"), id("component_id"), id("page_id")];

pub const EVENTS: &[Column] = &[
    big_integer("id"),
    id("page_id").or_null(),
    time("at"),
    text("actor_kind"),
    id("actor_id").or_null(),
    text_or_null("address"),
    text_or_null("request_id"),
    text("action"),
    text_or_null("target_kind"),
    id("target_id").or_null(),
    json("before"),
    json("after"),
];

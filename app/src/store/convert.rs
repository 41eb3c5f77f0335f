//! From rows to the domain. What a row holds is checked here, once.

use std::str::FromStr;

use super::{
    Result, StoreError,
    entity::{components, groups, incident_updates, incidents, metrics, pages, periods},
};
use crate::domain::{
    Id,
    branding::Branding,
    incident::{AffectedComponent, Impact, IncidentStatus, Kind},
    metric::{LARGEST_VALUE, MOST_DECIMALS, Metric},
    state::{Component, Group, Incident, IncidentUpdate, Page, Postmortem, Version},
    status::ComponentStatus,
    uptime::StatusPeriod,
};

/// The row and column that a value came from, for the error.
struct Cell<'a>(&'static str, &'a str, &'static str);

impl Cell<'_> {
    fn unreadable(&self, value: &str) -> StoreError {
        StoreError::Unreadable {
            table: self.0,
            id: self.1.to_owned(),
            column: self.2,
            value: value.to_owned(),
        }
    }

    fn word<T>(&self, value: &str, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
        parse(value).ok_or_else(|| self.unreadable(value))
    }

    fn parsed<T: FromStr>(&self, value: &str) -> Result<T> {
        self.word(value, |value| value.parse().ok())
    }
}

/// The id of a row.
pub fn id(table: &'static str, text: &str) -> Result<Id> {
    Cell(table, text, "id").parsed(text)
}

pub fn version(row: &pages::Model) -> Result<Version> {
    Ok(Version { revision: row.revision, commit: Cell("pages", &row.id, "commit").parsed(&row.commit)? })
}

/// `own_url` is the address of a page that has none of its own.
pub fn page(row: pages::Model, own_url: &str) -> Result<Page> {
    Ok(Page {
        id: Cell("pages", &row.id, "id").parsed(&row.id)?,
        time_zone: Cell("pages", &row.id, "time_zone").parsed(&row.time_zone)?,
        url: row.url.unwrap_or_else(|| own_url.to_owned()),
        name: row.name,
        description: row.description,
        host: row.host,
        language: row.language,
        support_url: row.support_url,
        hide_empty_days: row.hide_empty_days,
        branding: row.branding.map(Branding::read).unwrap_or_default(),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

pub fn group(row: groups::Model) -> Result<Group> {
    let cell = |column| Cell("component_groups", &row.id, column);
    Ok(Group {
        id: cell("id").parsed(&row.id)?,
        parent_id: row.parent_id.as_deref().map(|id| cell("parent_id").parsed(id)).transpose()?,
        name: row.name,
        description: row.description,
        position: row.position,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

pub fn component(row: components::Model, periods: Vec<StatusPeriod>) -> Result<Component> {
    let cell = |column| Cell("components", &row.id, column);
    Ok(Component {
        id: cell("id").parsed(&row.id)?,
        group_id: row.group_id.as_deref().map(|id| cell("group_id").parsed(id)).transpose()?,
        status: cell("status").word(&row.status, ComponentStatus::parse)?,
        name: row.name,
        description: row.description,
        link: row.link,
        position: row.position,
        showcase: row.showcase,
        only_show_if_degraded: row.only_show_if_degraded,
        start_date: row.start_date,
        created_at: row.created_at,
        updated_at: row.updated_at,
        periods,
    })
}

/// A metric without its buckets.
pub fn metric(row: metrics::Model) -> Result<Metric> {
    Ok(Metric {
        id: Cell("metrics", &row.id, "id").parsed(&row.id)?,
        name: row.name,
        metric_identifier: row.metric_identifier,
        suffix: row.suffix,
        tooltip_description: row.tooltip_description,
        decimal_places: u8::try_from(row.decimal_places).unwrap_or(0).min(MOST_DECIMALS),
        y_axis_min: row.y_axis_min.filter(|value| value.abs() <= LARGEST_VALUE),
        y_axis_max: row.y_axis_max.filter(|value| value.abs() <= LARGEST_VALUE),
        y_axis_hidden: row.y_axis_hidden,
        position: row.position,
        created_at: row.created_at,
        updated_at: row.updated_at,
        most_recent_data_at: row.most_recent_data_at,
        buckets: Default::default(),
    })
}

pub fn status(row: &components::Model) -> Result<ComponentStatus> {
    Cell("components", &row.id, "status").word(&row.status, ComponentStatus::parse)
}

pub fn period(row: &periods::Model) -> Result<StatusPeriod> {
    let status = Cell("component_status_periods", &row.component_id, "status");
    Ok(StatusPeriod {
        status: status.word(&row.status, ComponentStatus::parse)?,
        from: row.from_at,
        until: row.until_at,
    })
}

pub fn incident(
    row: incidents::Model,
    component_ids: Vec<Id>,
    updates: Vec<IncidentUpdate>,
) -> Result<Incident> {
    let cell = |column| Cell("incidents", &row.id, column);
    let published = row.postmortem_published_at.zip(row.postmortem_body);
    let postmortem = published.map(|(published_at, body)| Postmortem { body, published_at });
    Ok(Incident {
        id: cell("id").parsed(&row.id)?,
        number: row.number,
        kind: cell("kind").word(&row.kind, Kind::parse)?,
        status: cell("status").word(&row.status, IncidentStatus::parse)?,
        impact: cell("impact").word(&row.impact, Impact::parse)?,
        name: row.name,
        shortlink: row.shortlink,
        started_at: row.started_at,
        created_at: row.created_at,
        updated_at: row.updated_at,
        monitoring_at: row.monitoring_at,
        resolved_at: row.resolved_at,
        next_update_at: row.next_update_at,
        scheduled_for: row.scheduled_for,
        scheduled_until: row.scheduled_until,
        reminder_intervals: row.reminder_intervals,
        component_ids,
        updates,
        postmortem,
    })
}

pub fn impact_override(row: &incidents::Model) -> Result<Option<Impact>> {
    let cell = Cell("incidents", &row.id, "impact_override");
    row.impact_override.as_deref().map(|word| cell.word(word, Impact::parse)).transpose()
}

pub fn update(row: incident_updates::Model) -> Result<IncidentUpdate> {
    let cell = |column| Cell("incident_updates", &row.id, column);
    let affected_components: Vec<AffectedComponent> = match &row.affected_components {
        Some(json) => serde_json::from_value(json.clone())
            .map_err(|_| cell("affected_components").unreadable(&json.to_string()))?,
        None => vec![],
    };
    Ok(IncidentUpdate {
        id: cell("id").parsed(&row.id)?,
        status: cell("status").word(&row.status, IncidentStatus::parse)?,
        body: row.body,
        created_at: row.created_at,
        updated_at: row.updated_at,
        display_at: row.display_at,
        affected_components,
        deliver_notifications: row.deliver_notifications,
        custom_tweet: row.custom_tweet,
        tweet_id: row.tweet_id,
    })
}

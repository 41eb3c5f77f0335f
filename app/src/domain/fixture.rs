//! Small states for tests.

use chrono::{DateTime, Utc};

use super::{
    Id,
    branding::Branding,
    certainty::Certainty,
    incident::{Impact, IncidentStatus, Kind},
    metric::Metric,
    past::Past,
    state::{Component, Group, Incident, LiveState, Page, Version},
    status::ComponentStatus,
    uptime::StatusPeriod,
};

/// 22 November 2026, 12:00 UTC.
pub fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap()
}

pub fn id(text: &str) -> Id {
    text.parse().unwrap()
}

/// A page without components or incidents.
pub fn state() -> LiveState {
    LiveState {
        version: Version { revision: 1, commit: id("c0") },
        history_revision: 1,
        committed_at: noon(),
        page: Page {
            id: id("page00000000"),
            name: "Example".into(),
            description: None,
            host: None,
            url: "https://status.example.com".into(),
            time_zone: chrono_tz::Tz::UTC,
            language: "en".into(),
            support_url: None,
            hide_empty_days: false,
            branding: Branding::default(),
            created_at: noon(),
            updated_at: noon(),
        },
        groups: vec![],
        components: vec![],
        incidents: vec![],
        maintenances: vec![],
        spans: vec![],
        incident_ids: [].into(),
        past: Past::default(),
        metrics: vec![],
        certainty: Certainty::default(),
    }
}

pub fn group(name: &str, parent: Option<&str>) -> Group {
    Group {
        id: id(name),
        parent_id: parent.map(id),
        name: name.into(),
        description: None,
        position: 1,
        created_at: noon(),
        updated_at: noon(),
    }
}

/// A component that has been in this status since noon.
pub fn component(name: &str, group: Option<&str>, status: ComponentStatus) -> Component {
    Component {
        id: id(name),
        group_id: group.map(id),
        name: name.into(),
        description: None,
        link: None,
        status,
        position: 1,
        showcase: true,
        only_show_if_degraded: false,
        start_date: None,
        created_at: noon(),
        updated_at: noon(),
        periods: vec![StatusPeriod { status, from: noon(), until: None }],
    }
}

/// An incident or maintenance of noon without updates.
pub fn incident(name: &str, kind: Kind, status: IncidentStatus) -> Incident {
    Incident {
        id: id(name),
        number: 1,
        kind,
        name: name.into(),
        status,
        impact: Impact::None,
        shortlink: None,
        started_at: noon(),
        created_at: noon(),
        updated_at: noon(),
        monitoring_at: None,
        resolved_at: None,
        next_update_at: None,
        scheduled_for: None,
        scheduled_until: None,
        reminder_intervals: None,
        postmortem: None,
        component_ids: vec![],
        updates: vec![],
    }
}

/// A metric without a point.
pub fn metric(name: &str) -> Metric {
    Metric {
        id: id(name),
        name: name.into(),
        metric_identifier: None,
        suffix: Some("ms".into()),
        tooltip_description: None,
        decimal_places: 0,
        y_axis_min: None,
        y_axis_max: None,
        y_axis_hidden: false,
        position: 1,
        created_at: noon(),
        updated_at: noon(),
        most_recent_data_at: None,
        buckets: Default::default(),
    }
}

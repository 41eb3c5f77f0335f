//! The document `/history.json`: a quarter of the past, for machines.

use chrono::{DateTime, Datelike, Months, SecondsFormat, TimeDelta, Utc};

use crate::{
    domain::{
        Id, calendar,
        past::{Quarter, by_month, days_in_month},
        state::{Component, Incident, LiveState},
    },
    wire::{
        Stamp,
        history::{self as wire, History, Month, PageStatus},
    },
};

/// A quarter; months that have not begun are left out.
pub fn document(
    state: &LiveState,
    quarter: Quarter,
    component: Option<&Id>,
    incidents: &[Incident],
    as_of: DateTime<Utc>,
) -> String {
    let zone = state.page.time_zone;
    let months = by_month(incidents, quarter, as_of, zone).into_iter().map(|(first, incidents)| Month {
        name: first.format("%B").to_string(),
        year: first.year(),
        starts_on: first.weekday().num_days_from_sunday(),
        days: days_in_month(first),
        incidents: incidents.into_iter().map(|incident| row(state, incident)).collect(),
    });
    let (start_time, end_time) = times(state, quarter);
    let history = History {
        page_status: PageStatus { page: page(state) },
        components: state.components.iter().map(|component| one(state, component)).collect(),
        months: months.collect(),
        show_component_filter: !state.components.is_empty(),
        show_uptime_calendar: state.components.iter().any(|component| component.showcase),
        component_filter: component.cloned(),
        start_time,
        end_time,
    };
    super::statuspage::to_json(&history)
}

fn page(state: &LiveState) -> wire::Page {
    let page = &state.page;
    let stamp = |at| Stamp::new(at, page.time_zone);
    let address = page.url.split_once("://").map(|(_, rest)| rest);
    let domain = address.and_then(|rest| rest.split(['/', ':']).next()).map(str::to_owned);
    wire::Page {
        name: page.name.clone(),
        domain: page.host.clone().or(domain),
        created_at: stamp(page.created_at),
        updated_at: stamp(page.updated_at),
        url: page.url.clone(),
        support_url: page.support_url.clone(),
        page_description: page.description.clone(),
        time_zone: wire::rails_name(page.time_zone),
        allow_rss_atom_feeds: true,
        id: page.id.clone(),
    }
}

fn one(state: &LiveState, component: &Component) -> wire::Component {
    let stamp = |at| Stamp::new(at, state.page.time_zone);
    wire::Component {
        status: component.status,
        name: component.name.clone(),
        created_at: stamp(component.created_at),
        updated_at: stamp(component.updated_at),
        position: component.position,
        description: component.description.clone(),
        showcase: component.showcase,
        start_date: component.start_date.map(wire::start_date),
        id: component.id.clone(),
        group_id: component.group_id.clone(),
        page_id: state.page.id.clone(),
        group: false,
        only_show_if_degraded: component.only_show_if_degraded,
    }
}

fn row(state: &LiveState, incident: &Incident) -> wire::Incident {
    wire::Incident {
        code: incident.id.clone(),
        name: incident.name.clone(),
        message: incident.updates.first().map(|update| update.body.clone()).unwrap_or_default(),
        impact: incident.impact,
        timestamp: wire::timestamp(incident.began_at(), incident.ended_at(), state.page.time_zone),
    }
}

/// The first and the last second of a quarter.
fn times(state: &LiveState, quarter: Quarter) -> (String, String) {
    let zone = state.page.time_zone;
    let Some([first, ..]) = quarter.months() else { return Default::default() };
    let next = first.checked_add_months(Months::new(3)).unwrap_or(first);
    let written = |at: DateTime<Utc>| {
        let utc = matches!(zone, chrono_tz::Tz::UTC | chrono_tz::Tz::Etc__UTC);
        at.with_timezone(&zone).to_rfc3339_opts(SecondsFormat::Secs, utc)
    };
    let last = calendar::start_of(next, zone) - TimeDelta::seconds(1);
    (written(calendar::start_of(first, zone)), written(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        fixture,
        incident::{Impact, IncidentStatus, Kind},
    };

    fn incident(id: &str, ended: Option<&str>) -> Incident {
        let ended = ended.map(|at| at.parse().unwrap());
        Incident {
            id: fixture::id(id),
            number: 1,
            kind: Kind::Incident,
            name: id.into(),
            status: if ended.is_some() { IncidentStatus::Resolved } else { IncidentStatus::Identified },
            impact: Impact::Minor,
            shortlink: None,
            started_at: "2026-09-30T23:00:00Z".parse().unwrap(),
            created_at: fixture::noon(),
            updated_at: fixture::noon(),
            monitoring_at: None,
            resolved_at: ended,
            next_update_at: None,
            scheduled_for: None,
            scheduled_until: None,
            reminder_intervals: None,
            component_ids: vec![],
            updates: vec![],
            postmortem: None,
        }
    }

    #[test]
    fn a_month_holds_what_ended_in_it_and_the_current_one_what_is_open() {
        let mut state = fixture::state();
        state.page.time_zone = chrono_tz::Europe::Berlin;
        let incidents = [
            incident("october", Some("2026-10-31T22:59:59Z")),
            incident("november", Some("2026-10-31T23:00:00Z")),
            incident("open", None),
        ];
        let quarter = Quarter::at(fixture::noon(), state.page.time_zone);
        let json: serde_json::Value =
            serde_json::from_str(&document(&state, quarter, None, &incidents, fixture::noon())).unwrap();
        let codes = |month: usize| {
            let rows = json["months"][month]["incidents"].as_array().unwrap().iter();
            rows.map(|row| row["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(json["months"].as_array().unwrap().len(), 2, "December has not begun");
        assert_eq!(codes(0), ["open", "november"]);
        assert_eq!(codes(1), ["october"], "by midnight where the page is");
        assert_eq!(json["months"][0]["starts_on"], 0, "1 November 2026 is a Sunday");
        assert_eq!(json["start_time"], "2026-10-01T00:00:00+02:00");
        assert_eq!(json["end_time"], "2026-12-31T23:59:59+01:00");
        assert_eq!(json["page_status"]["page"]["time_zone"], "Berlin");
    }
}

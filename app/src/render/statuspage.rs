//! The documents of Statuspage's API v2, from a live state.

use std::collections::HashMap;

use crate::{
    domain::{
        Id,
        incident::{IncidentStatus, Kind},
        state::{Component, Group, Incident, IncidentUpdate, LiveState},
        status::ComponentStatus,
    },
    wire::{
        Stamp,
        statuspage::{self as wire, Document, OneIncident},
    },
};

/// The most incidents or maintenances that a list of the past holds.
const LISTED: usize = 50;

/// A document of the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Endpoint {
    Summary,
    Status,
    Components,
    Incidents,
    UnresolvedIncidents,
    ResolvedIncidents,
    ScheduledMaintenances,
    UpcomingMaintenances,
    ActiveMaintenances,
}

impl Endpoint {
    pub const ALL: [Self; 9] = [
        Self::Summary,
        Self::Status,
        Self::Components,
        Self::Incidents,
        Self::UnresolvedIncidents,
        Self::ResolvedIncidents,
        Self::ScheduledMaintenances,
        Self::UpcomingMaintenances,
        Self::ActiveMaintenances,
    ];

    /// Its place in the list of all.
    pub fn place(self) -> usize {
        self as usize
    }

    /// Its path on a page.
    pub fn path(self) -> &'static str {
        match self {
            Self::Summary => "/api/v2/summary.json",
            Self::Status => "/api/v2/status.json",
            Self::Components => "/api/v2/components.json",
            Self::Incidents => "/api/v2/incidents.json",
            Self::UnresolvedIncidents => "/api/v2/incidents/unresolved.json",
            Self::ResolvedIncidents => "/api/v2/incidents/resolved.json",
            Self::ScheduledMaintenances => "/api/v2/scheduled-maintenances.json",
            Self::UpcomingMaintenances => "/api/v2/scheduled-maintenances/upcoming.json",
            Self::ActiveMaintenances => "/api/v2/scheduled-maintenances/active.json",
        }
    }
}

/// Writes one document, compact, its keys in Statuspage's order.
pub fn document(state: &LiveState, endpoint: Endpoint) -> String {
    use IncidentStatus::{InProgress, Scheduled, Verifying};
    let writer = Writer { state };
    let mut document = Document::of(writer.page());
    match endpoint {
        Endpoint::Summary => {
            document.components = Some(writer.components());
            document.incidents = Some(writer.incidents(state.open_incidents()));
            let planned = state.maintenances_in(&[Scheduled, InProgress, Verifying]);
            document.scheduled_maintenances = Some(writer.incidents(planned));
            document.status = Some(writer.status());
        }
        Endpoint::Status => document.status = Some(writer.status()),
        Endpoint::Components => document.components = Some(writer.components()),
        Endpoint::Incidents => {
            document.incidents = Some(writer.incidents(state.incidents.iter().take(LISTED)))
        }
        Endpoint::UnresolvedIncidents => document.incidents = Some(writer.incidents(state.open_incidents())),
        Endpoint::ResolvedIncidents => {
            let over = state.incidents.iter().filter(|incident| incident.status.is_over());
            document.incidents = Some(writer.incidents(over.take(LISTED)));
        }
        Endpoint::ScheduledMaintenances => {
            document.scheduled_maintenances = Some(writer.incidents(state.maintenances.iter().take(LISTED)));
        }
        Endpoint::UpcomingMaintenances => {
            document.scheduled_maintenances = Some(writer.incidents(state.maintenances_in(&[Scheduled])));
        }
        Endpoint::ActiveMaintenances => {
            let active = state.maintenances_in(&[InProgress, Verifying]);
            document.scheduled_maintenances = Some(writer.incidents(active));
        }
    }
    to_json(&document)
}

/// Writes one incident or maintenance as the lists of the API do, with its page before it. Statuspage
/// gives it at the incident's own address; no recorded document shows in which envelope.
pub fn incident(state: &LiveState, incident: &Incident) -> String {
    let writer = Writer { state };
    let document = OneIncident { page: writer.page(), incident: writer.incident(incident) };
    to_json(&document)
}

/// These types hold nothing that JSON cannot.
#[expect(clippy::expect_used, reason = "no map with keys other than texts, no failing serializer")]
pub(super) fn to_json(document: &impl serde::Serialize) -> String {
    serde_json::to_string(document).expect("a document is always JSON")
}

struct Writer<'a> {
    state: &'a LiveState,
}

impl Writer<'_> {
    fn stamp(&self, at: chrono::DateTime<chrono::Utc>) -> Stamp {
        Stamp::new(at, self.state.page.time_zone)
    }

    fn page(&self) -> wire::Page {
        let page = &self.state.page;
        wire::Page {
            id: page.id.clone(),
            name: page.name.clone(),
            url: page.url.clone(),
            time_zone: Some(page.time_zone),
            updated_at: self.stamp(page.updated_at),
        }
    }

    fn status(&self) -> wire::Status {
        let rollup = self.state.rollup();
        wire::Status { indicator: rollup.indicator, description: rollup.description.to_owned() }
    }

    /// Groups and components mixed, by position.
    fn components(&self) -> Vec<wire::Component> {
        let statuses = self.state.group_statuses();
        let mut children: HashMap<&Id, Vec<Id>> = HashMap::new();
        for component in &self.state.components {
            if let Some(group) = &component.group_id {
                children.entry(group).or_default().push(component.id.clone());
            }
        }
        let groups = self.state.groups.iter().map(|group| {
            let status = statuses.get(&group.id).copied().unwrap_or_default();
            self.group(group, status, children.remove(&group.id).unwrap_or_default())
        });
        let components = self.state.components.iter().map(|component| self.component(component));
        let mut all: Vec<wire::Component> = groups.chain(components).collect();
        all.sort_by_key(|component| component.position);
        all
    }

    fn group(&self, group: &Group, status: ComponentStatus, children: Vec<Id>) -> wire::Component {
        wire::Component {
            id: group.id.clone(),
            name: group.name.clone(),
            status,
            created_at: self.stamp(group.created_at),
            updated_at: self.stamp(group.updated_at),
            position: group.position,
            description: group.description.clone(),
            showcase: false,
            start_date: None,
            group_id: None,
            page_id: self.state.page.id.clone(),
            group: true,
            only_show_if_degraded: false,
            components: Some(children),
        }
    }

    fn component(&self, component: &Component) -> wire::Component {
        wire::Component {
            id: component.id.clone(),
            name: component.name.clone(),
            status: component.status,
            created_at: self.stamp(component.created_at),
            updated_at: self.stamp(component.updated_at),
            position: component.position,
            description: component.description.clone(),
            showcase: component.showcase,
            start_date: component.start_date,
            group_id: component.group_id.clone(),
            page_id: self.state.page.id.clone(),
            group: false,
            only_show_if_degraded: component.only_show_if_degraded,
            components: None,
        }
    }

    fn incidents<'i>(&self, incidents: impl IntoIterator<Item = &'i Incident>) -> Vec<wire::Incident> {
        incidents.into_iter().map(|incident| self.incident(incident)).collect()
    }

    fn incident(&self, incident: &Incident) -> wire::Incident {
        let attached = incident.component_ids.iter().filter_map(|id| self.state.component(id));
        let own_link = || format!("{}/incidents/{}", self.state.page.url.trim_end_matches('/'), incident.id);
        wire::Incident {
            id: incident.id.clone(),
            name: incident.name.clone(),
            status: incident.status,
            created_at: self.stamp(incident.created_at),
            updated_at: self.stamp(incident.updated_at),
            monitoring_at: incident.monitoring_at.map(|at| self.stamp(at)),
            resolved_at: incident.resolved_at.map(|at| self.stamp(at)),
            impact: incident.impact,
            shortlink: Some(incident.shortlink.clone().unwrap_or_else(own_link)),
            started_at: Some(self.stamp(incident.started_at)),
            page_id: self.state.page.id.clone(),
            incident_updates: incident
                .updates
                .iter()
                .map(|update| self.update(&incident.id, update))
                .collect(),
            components: attached.map(|component| self.component(component)).collect(),
            reminder_intervals: (incident.kind == Kind::Incident)
                .then(|| incident.reminder_intervals.clone()),
            scheduled_for: incident.scheduled_for.map(|at| self.stamp(at)),
            scheduled_until: incident.scheduled_until.map(|at| self.stamp(at)),
        }
    }

    fn update(&self, incident_id: &Id, update: &IncidentUpdate) -> wire::IncidentUpdate {
        let affected = update.affected_components.iter().map(|affected| wire::AffectedComponent {
            code: Some(affected.code.clone()),
            name: affected.name.clone(),
            old_status: Some(affected.old_status),
            new_status: Some(affected.new_status),
        });
        wire::IncidentUpdate {
            id: update.id.clone(),
            status: update.status,
            body: update.body.clone(),
            incident_id: incident_id.clone(),
            created_at: self.stamp(update.created_at),
            updated_at: self.stamp(update.updated_at),
            display_at: self.stamp(update.display_at),
            affected_components: (!update.affected_components.is_empty()).then(|| affected.collect()),
            deliver_notifications: update.deliver_notifications,
            custom_tweet: update.custom_tweet.clone(),
            tweet_id: update.tweet_id.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    #[test]
    fn the_recorded_length_of_a_status_document() {
        // GitHub's status.json was recorded with a content-length of 215.
        let mut state = fixture::state();
        state.page.id = fixture::id("kctbh9vrtdwd");
        state.page.name = "GitHub".into();
        state.page.url = "https://www.githubstatus.com".into();
        state.page.time_zone = chrono_tz::Tz::Etc__UTC;
        let json = document(&state, Endpoint::Status);
        assert_eq!(json.len(), 215, "{json}");
    }

    #[test]
    fn a_group_has_its_children_and_no_group_of_its_own() {
        let mut state = fixture::state();
        state.groups = vec![fixture::group("outer", None), fixture::group("inner", Some("outer"))];
        state.components = vec![fixture::component("api", Some("inner"), ComponentStatus::PartialOutage)];
        let json: serde_json::Value = serde_json::from_str(&document(&state, Endpoint::Components)).unwrap();
        let inner = json["components"].as_array().unwrap().iter().find(|c| c["id"] == "inner").unwrap();
        assert_eq!(inner["status"], "partial_outage");
        assert_eq!(inner["components"], serde_json::json!(["api"]));
        assert!(inner["group_id"].is_null());
    }

    #[test]
    fn each_has_its_place_and_its_path() {
        assert!(Endpoint::ALL.iter().enumerate().all(|(place, endpoint)| endpoint.place() == place));
        let paths: std::collections::HashSet<_> = Endpoint::ALL.map(Endpoint::path).into_iter().collect();
        assert_eq!(paths.len(), Endpoint::ALL.len());
    }
}

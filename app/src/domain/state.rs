//! What a page says now, whole: all that the front page, API v2 and their refreshes need.

use std::{collections::HashMap, fmt, sync::Arc};

use chrono::{DateTime, DurationRound, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{
    Id,
    branding::Branding,
    calendar,
    certainty::Certainty,
    incident::{AffectedComponent, Impact, IncidentStatus, Kind},
    metric::Metric,
    past::{Past, Quarter},
    rollup::{Rollup, rollup},
    status::ComponentStatus,
    uptime::StatusPeriod,
};

/// Which state of a page this is: the revision grows by one with each change, and the commit, a
/// random word, tells two histories apart after a database was restored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    pub revision: i64,
    pub commit: Id,
}

/// As it stands in pages and event ids: `12.k3x9…`.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.revision, self.commit)
    }
}

/// A page's name, address and habits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    pub id: Id,
    pub name: String,
    pub description: Option<String>,
    /// The host that this page answers under when there are several pages.
    pub host: Option<String>,
    /// Its public address, without a slash at the end.
    pub url: String,
    pub time_zone: Tz,
    /// The language of `/`: a tag as in `<html lang>`.
    pub language: String,
    pub support_url: Option<String>,
    /// Days without an incident are left out of the list of past days.
    pub hide_empty_days: bool,
    pub branding: Branding,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A named set of components; groups may stand within groups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: Id,
    pub parent_id: Option<Id>,
    pub name: String,
    pub description: Option<String>,
    pub position: i32,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

/// A part of the product that can be up or down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Component {
    pub id: Id,
    pub group_id: Option<Id>,
    pub name: String,
    pub description: Option<String>,
    pub link: Option<String>,
    pub status: ComponentStatus,
    pub position: i32,
    /// Whether its uptime is shown.
    pub showcase: bool,
    pub only_show_if_degraded: bool,
    pub start_date: Option<NaiveDate>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    /// What its status was, oldest first, as far back as is shown.
    pub periods: Vec<StatusPeriod>,
}

/// An incident or a maintenance with all its updates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Incident {
    pub id: Id,
    /// Its number in the installation, which feeds use.
    pub number: i64,
    pub kind: Kind,
    pub name: String,
    pub status: IncidentStatus,
    pub impact: Impact,
    pub shortlink: Option<String>,
    pub started_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub monitoring_at: Option<DateTime<Utc>>,
    pub resolved_at: Option<DateTime<Utc>>,
    pub next_update_at: Option<DateTime<Utc>>,
    pub scheduled_for: Option<DateTime<Utc>>,
    pub scheduled_until: Option<DateTime<Utc>>,
    pub reminder_intervals: Option<String>,
    /// The components attached to it, by the page's order.
    pub component_ids: Vec<Id>,
    /// Newest first by when they were made.
    pub updates: Vec<IncidentUpdate>,
    /// Only when it is published.
    pub postmortem: Option<Postmortem>,
}

/// What was learned from an incident, published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Postmortem {
    /// Markdown.
    pub body: String,
    pub published_at: DateTime<Utc>,
}

impl Incident {
    /// When it was over: if nobody wrote that down, when an update first said so.
    pub fn ended_at(&self) -> Option<DateTime<Utc>> {
        let told = || self.updates.iter().rfind(|update| update.status.is_over());
        let end = self.resolved_at.or_else(|| told().map(|update| update.display_at));
        end.filter(|_| self.status.is_over())
    }

    /// When it began: a maintenance when it was planned for.
    pub fn began_at(&self) -> DateTime<Utc> {
        match self.kind {
            Kind::Incident => self.started_at,
            Kind::Maintenance => self.scheduled_for.unwrap_or(self.started_at),
        }
    }
}

/// One message about an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentUpdate {
    pub id: Id,
    pub status: IncidentStatus,
    /// Markdown.
    pub body: String,
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
    pub display_at: DateTime<Utc>,
    /// Empty when the incident has no component.
    pub affected_components: Vec<AffectedComponent>,
    pub deliver_notifications: bool,
    pub custom_tweet: Option<String>,
    /// A number or a text.
    pub tweet_id: Option<serde_json::Value>,
}

/// What is needed of an incident to name it on the days that it touched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentSpan {
    pub id: Id,
    pub name: String,
    pub from: DateTime<Utc>,
    pub until: Option<DateTime<Utc>>,
    pub component_ids: Vec<Id>,
}

/// A page as it is now. Immutable: a change makes a new one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveState {
    pub version: Version,
    /// Moved by whatever old incidents' pages show, and not by statuses: what they are kept by.
    pub history_revision: i64,
    /// When the change that made this version was committed, by the database's clock.
    pub committed_at: DateTime<Utc>,
    pub page: Page,
    /// By position.
    pub groups: Vec<Group>,
    /// By position. Only what visitors may see.
    pub components: Vec<Component>,
    /// All that are open, and the most recent; newest first.
    pub incidents: Vec<Incident>,
    /// All that are not completed, and the most recent; newest first.
    pub maintenances: Vec<Incident>,
    /// Incidents of the days that are shown, newest first.
    pub spans: Vec<IncidentSpan>,
    /// Every incident and maintenance that visitors may see, sorted.
    pub incident_ids: Arc<[Id]>,
    /// How far back it goes, and in which order.
    pub past: Past,
    /// By position. Only what visitors may see.
    #[serde(default)]
    pub metrics: Vec<Metric>,
    /// What whoever shows it knows of it; nobody else can say.
    #[serde(skip)]
    pub certainty: Certainty,
}

impl LiveState {
    /// The page's status, of everything together.
    pub fn rollup(&self) -> Rollup {
        let statuses: Vec<ComponentStatus> =
            self.components.iter().map(|component| component.status).collect();
        rollup(&statuses, self.open_incidents().map(|incident| incident.impact))
    }

    /// Incidents that are not over, newest first.
    pub fn open_incidents(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.iter().filter(|incident| !incident.status.is_over())
    }

    /// Maintenances in `statuses`, the one that begins first at the front.
    pub fn maintenances_in(&self, statuses: &[IncidentStatus]) -> Vec<&Incident> {
        let mut found: Vec<&Incident> =
            self.maintenances.iter().filter(|maintenance| statuses.contains(&maintenance.status)).collect();
        found.sort_by_key(|maintenance| (maintenance.scheduled_for, maintenance.created_at));
        found
    }

    pub fn component(&self, id: &Id) -> Option<&Component> {
        self.components.iter().find(|component| component.id == *id)
    }

    pub fn metric(&self, id: &Id) -> Option<&Metric> {
        self.metrics.iter().find(|metric| metric.id == *id)
    }

    /// Whether an incident with this id may be shown.
    pub fn knows_incident(&self, id: &str) -> bool {
        self.incident_ids.binary_search_by(|known| known.as_str().cmp(id)).is_ok()
    }

    /// What an incident's or a maintenance's version is known by.
    pub fn stamp(&self, id: &Id) -> Option<u32> {
        let place = self.incident_ids.binary_search(id).ok()?;
        self.past.stamps.get(place).copied()
    }

    /// The incidents or maintenances that began before and after this one; what is only planned has not begun.
    pub fn neighbours(&self, id: &str) -> (Option<&Id>, Option<&Id>) {
        let known = self.incident_ids.binary_search_by(|known| known.as_str().cmp(id)).ok();
        let place = known.and_then(|known| u32::try_from(known).ok());
        let at = place.and_then(|place| self.past.order.iter().position(|other| *other == place));
        let Some(at) = at else { return (None, None) };
        let id = |place: &u32| self.incident_ids.get(*place as usize);
        let begun =
            |id: &&Id| self.incident(id.as_str()).is_none_or(|one| one.status != IncidentStatus::Scheduled);
        let (earlier, later) = self.past.order.split_at(at);
        (earlier.iter().rev().filter_map(id).find(begun), later.iter().skip(1).filter_map(id).find(begun))
    }

    /// The quarter that the first incident or maintenance was in; this one if there was none.
    pub fn first_quarter(&self, as_of: DateTime<Utc>) -> Quarter {
        let zone = self.page.time_zone;
        let first = self.past.first_incident_at.map_or(as_of, |first| first.min(as_of));
        Quarter::at(first, zone)
    }

    /// The first quarter of which something may be known of a component.
    pub fn known_since(&self, component: &Component, as_of: DateTime<Utc>) -> Quarter {
        let zone = self.page.time_zone;
        let first = self.past.known_since.get(&component.id).map(|at| calendar::day_of(*at, zone));
        let today = calendar::day_of(as_of, zone);
        let first = first.max(component.start_date).unwrap_or(today);
        Quarter::of(first.min(today))
    }

    /// An incident or maintenance that is held here, without asking the archive.
    pub fn incident(&self, id: &str) -> Option<&Incident> {
        self.incidents.iter().chain(&self.maintenances).find(|incident| incident.id.as_str() == id)
    }

    /// Each group's status: the worst of the components in it and in the groups within it.
    pub fn group_statuses(&self) -> HashMap<&Id, ComponentStatus> {
        let parents: HashMap<&Id, &Id> =
            self.groups.iter().filter_map(|group| Some((&group.id, group.parent_id.as_ref()?))).collect();
        let mut worst: HashMap<&Id, ComponentStatus> =
            self.groups.iter().map(|group| (&group.id, ComponentStatus::default())).collect();
        for component in &self.components {
            let mut at = component.group_id.as_ref();
            // A chain of groups is never longer than there are groups, even if it runs in a ring.
            for _ in 0..self.groups.len() {
                let Some(seen) = at.and_then(|id| worst.get_mut(id)) else { break };
                *seen = component.status.max(*seen);
                at = at.and_then(|id| parents.get(id).copied());
            }
        }
        worst
    }

    /// The instant that the page speaks of at `now`: the later of its commit and the last event of
    /// the clock that changes what it says. Those are midnight in the page's zone, each minute
    /// while a component is down, and what was said to end or to come by then. Two replicas agree on
    /// it, whenever they started.
    pub fn moment(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        // Nothing is said of a time of which nothing is known.
        let now = self.certainty.since().map_or(now, |since| since.min(now));
        let zone = self.page.time_zone;
        let midnight = calendar::start_of(calendar::day_of(now, zone), zone);
        let minute = if self.is_down() { now.duration_trunc(TimeDelta::minutes(1)).ok() } else { None };
        let promised = self.promised().filter(|at| *at <= now).max();
        self.committed_at.max(midnight).max(minute.unwrap_or(midnight)).max(promised.unwrap_or(midnight))
    }

    /// The instants after which something is said otherwise: the end of an announcement, the end of
    /// a maintenance that has not begun, and when an open incident's next update was promised.
    fn promised(&self) -> impl Iterator<Item = DateTime<Utc>> {
        let announced = self.page.branding.announcement.iter().filter_map(|pinned| pinned.until);
        let waiting = self.maintenances.iter().filter(|planned| planned.status == IncidentStatus::Scheduled);
        let open = self.incidents.iter().chain(&self.maintenances).filter(|one| !one.status.is_over());
        announced
            .chain(waiting.filter_map(|planned| planned.scheduled_until))
            .chain(open.filter_map(|open| open.next_update_at))
    }

    fn is_down(&self) -> bool {
        self.components.iter().any(|component| component.status.is_outage())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::{branding::Announcement, fixture};

    #[test]
    fn a_group_is_as_bad_as_what_stands_deep_within_it() {
        let mut state = fixture::state();
        state.groups = vec![fixture::group("outer", None), fixture::group("inner", Some("outer"))];
        state.components = vec![fixture::component("api", Some("inner"), ComponentStatus::PartialOutage)];
        let statuses = state.group_statuses();
        assert!(statuses.values().all(|status| *status == ComponentStatus::PartialOutage));
    }

    #[test]
    fn groups_in_a_ring_do_not_hang() {
        let mut state = fixture::state();
        state.groups = vec![fixture::group("a", Some("b")), fixture::group("b", Some("a"))];
        state.components = vec![fixture::component("api", Some("a"), ComponentStatus::MajorOutage)];
        assert_eq!(state.group_statuses().len(), 2);
    }

    #[test]
    fn ids_are_known_without_asking_anyone() {
        let mut state = fixture::state();
        state.incident_ids = ["a1", "b2", "c3"].map(|id| id.parse().unwrap()).into();
        assert!(state.knows_incident("b2"));
        assert!(!state.knows_incident("b3"));
        assert!(!state.knows_incident(""));
    }

    #[test]
    fn what_was_promised_is_an_event_of_the_clock() {
        let at = |hours| fixture::noon() + TimeDelta::hours(hours);
        let mut state = fixture::state();
        let mut planned = fixture::incident("planned", Kind::Maintenance, IncidentStatus::Scheduled);
        planned.scheduled_until = Some(at(2));
        let mut open = fixture::incident("open", Kind::Incident, IncidentStatus::Identified);
        open.next_update_at = Some(at(4));
        (state.maintenances, state.incidents) = (vec![planned], vec![open]);
        for (now, moment) in [(1, 0), (2, 2), (3, 2), (4, 4), (5, 4)] {
            assert_eq!(state.moment(at(now)), at(moment), "{now} hours later");
        }
        state.maintenances[0].status = IncidentStatus::Completed;
        state.incidents[0].status = IncidentStatus::Resolved;
        assert_eq!(state.moment(at(5)), at(0), "what is over promises nothing");
    }

    proptest! {
        #[test]
        fn the_moment_is_the_same_for_all_replicas_and_never_goes_back(
            first in 0i64..86_400 * 3, later in 0i64..86_400 * 3, down: bool,
            promised in proptest::option::of(-86_400i64..86_400 * 3),
        ) {
            let mut state = fixture::state();
            let promised = promised.map(|seconds| state.committed_at + TimeDelta::seconds(seconds));
            let body = "x".parse().unwrap();
            state.page.branding.announcement = promised.map(|until| Announcement { body, until: Some(until) });
            let status = if down { ComponentStatus::MajorOutage } else { ComponentStatus::Operational };
            state.components = vec![fixture::component("api", None, status)];
            let at = |seconds| state.committed_at + TimeDelta::seconds(seconds);
            let (first, later) = (first.min(later), first.max(later));
            let (early, late) = (state.moment(at(first)), state.moment(at(later)));
            prop_assert!(early <= late && state.committed_at <= early && early <= at(first));
            prop_assert_eq!(state.moment(late), late, "a moment is its own moment");
            let seen = |now| state.page.branding.announcement_at(now).is_some();
            prop_assert_eq!(seen(state.moment(at(first))), seen(at(first)), "what is pinned is as at its moment");
            if !down { prop_assert!(early == state.committed_at || Some(early) == promised || calendar::start_of(calendar::day_of(early, state.page.time_zone), state.page.time_zone) == early); }
        }
    }
}

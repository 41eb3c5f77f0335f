//! A group as one thing: how it is, and what affected anything within it.

use std::collections::HashSet;

use super::feeds::{self, Feed, Scope};
use crate::domain::{
    Id,
    state::{Component, Group, Incident, LiveState},
    status::ComponentStatus,
};

pub fn find<'a>(state: &'a LiveState, id: &Id) -> Option<&'a Group> {
    state.groups.iter().find(|group| group.id == *id)
}

/// As bad as the worst that stands within it.
pub fn status(state: &LiveState, group: &Group) -> ComponentStatus {
    state.group_statuses().get(&group.id).copied().unwrap_or_default()
}

/// The components within it and within the groups in it.
pub fn members<'a>(state: &'a LiveState, group: &'a Group) -> HashSet<&'a Id> {
    let mut within = HashSet::from([&group.id]);
    // A chain of groups is never longer than there are groups.
    for _ in 0..state.groups.len() {
        let is_within = |group: &&Group| group.parent_id.as_ref().is_some_and(|id| within.contains(id));
        let more: Vec<&Id> = state.groups.iter().filter(is_within).map(|group| &group.id).collect();
        within.extend(more);
    }
    let is_within =
        |component: &&Component| component.group_id.as_ref().is_some_and(|id| within.contains(id));
    state.components.iter().filter(is_within).map(|component| &component.id).collect()
}

/// What affected a component of it, once each. The feed is that of one component, which stands for all.
pub fn feed(state: &LiveState, group: &Group, feed: Feed) -> Option<String> {
    let members = members(state, group);
    let attached = |incidents: &[Incident]| -> Vec<Incident> {
        let about = |incident: &&Incident| incident.component_ids.iter().any(|id| members.contains(id));
        let mut found: Vec<Incident> = incidents.iter().filter(about).cloned().collect();
        found.iter_mut().for_each(|incident| incident.component_ids.push(group.id.clone()));
        found
    };
    let bare = |component: &Component| Component { periods: vec![], ..component.clone() };
    let mut components: Vec<Component> =
        state.components.iter().filter(|component| members.contains(&component.id)).map(bare).collect();
    components.push(as_component(state, group));
    let narrow = LiveState {
        version: state.version.clone(),
        history_revision: state.history_revision,
        committed_at: state.committed_at,
        page: state.page.clone(),
        groups: vec![],
        components,
        incidents: attached(&state.incidents),
        maintenances: attached(&state.maintenances),
        spans: vec![],
        incident_ids: [].into(),
        past: Default::default(),
        metrics: vec![],
        certainty: state.certainty,
    };
    feeds::feed(&narrow, feed, &Scope::Component(group.id.clone()))
}

fn as_component(state: &LiveState, group: &Group) -> Component {
    Component {
        id: group.id.clone(),
        group_id: None,
        name: group.name.clone(),
        description: group.description.clone(),
        link: None,
        status: status(state, group),
        position: group.position,
        showcase: false,
        only_show_if_degraded: false,
        start_date: None,
        created_at: group.created_at,
        updated_at: group.updated_at,
        periods: vec![],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        fixture::{self, id},
        incident::{IncidentStatus, Kind},
    };

    fn state() -> LiveState {
        let mut state = fixture::state();
        state.groups = vec![fixture::group("outer", None), fixture::group("inner", Some("outer"))];
        let component = |name, group| fixture::component(name, group, ComponentStatus::PartialOutage);
        state.components = vec![component("deep", Some("inner")), component("other", None)];
        for (name, about) in [("within", "deep"), ("without", "other")] {
            let mut incident = fixture::incident(name, Kind::Incident, IncidentStatus::Investigating);
            incident.component_ids = vec![id(about)];
            state.incidents.push(incident);
        }
        state
    }

    #[test]
    fn a_group_is_all_that_stands_within_it_however_deep() {
        let state = state();
        let outer = find(&state, &id("outer")).unwrap();
        assert_eq!(members(&state, outer), HashSet::from([&id("deep")]));
        assert_eq!(status(&state, outer), ComponentStatus::PartialOutage);
        let atom = feed(&state, outer, Feed::Atom).unwrap();
        assert!(atom.contains("/incidents/within") && !atom.contains("/incidents/without"), "{atom}");
        assert!(atom.contains("/components/outer/history.atom"), "{atom}");
    }

    #[test]
    fn groups_in_a_ring_do_not_hang() {
        let mut state = state();
        state.groups = vec![fixture::group("a", Some("b")), fixture::group("b", Some("a"))];
        assert!(members(&state, &state.groups[0]).is_empty());
    }
}

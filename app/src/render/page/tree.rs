//! The components as they are shown: in their groups, groups within groups, those without a group
//! among them, all by position.

use std::collections::{HashMap, HashSet};

use crate::domain::{
    Id,
    state::{Component, Group, LiveState},
    status::ComponentStatus,
};

#[derive(Debug)]
pub enum Item<'a> {
    Component(&'a Component),
    Group(&'a Group, Vec<Item<'a>>),
}

/// Whether visitors see it: some components are shown only while they are not well.
pub fn is_shown(component: &Component) -> bool {
    !component.only_show_if_degraded || component.status != ComponentStatus::Operational
}

/// All that is shown. A group without anything in it is left out.
pub fn tree(state: &LiveState) -> Vec<Item<'_>> {
    let known: HashSet<&Id> = state.groups.iter().map(|group| &group.id).collect();
    let mut shelf = Shelf { groups: HashMap::new(), components: HashMap::new(), seen: HashSet::new() };
    for group in &state.groups {
        let parent = group.parent_id.as_ref().filter(|parent| known.contains(parent));
        shelf.groups.entry(parent).or_default().push(group);
    }
    for component in state.components.iter().filter(|component| is_shown(component)) {
        let group = component.group_id.as_ref().filter(|group| known.contains(group));
        shelf.components.entry(group).or_default().push(component);
    }
    let mut items = shelf.within(None);
    // Groups that stand in a ring hang from nothing; they are shown all the same.
    for group in &state.groups {
        if !shelf.seen.contains(&group.id) {
            items.extend(shelf.group(group));
        }
    }
    items
}

/// What stands in a group, wherever that is; nothing in one that is not shown.
pub fn find<'i, 'a>(items: &'i [Item<'a>], id: &Id) -> &'i [Item<'a>] {
    let found = items.iter().find_map(|item| match item {
        Item::Group(group, within) if group.id == *id => Some(within.as_slice()),
        Item::Group(_, within) => Some(find(within, id)).filter(|found| !found.is_empty()),
        Item::Component(_) => None,
    });
    found.unwrap_or_default()
}

/// All components in the items, however deep.
pub fn components<'a>(items: &[Item<'a>]) -> Vec<&'a Component> {
    let mut found = vec![];
    for item in items {
        match item {
            Item::Component(component) => found.push(*component),
            Item::Group(_, within) => found.extend(components(within)),
        }
    }
    found
}

/// How many components stand in the items, and how many of them are not operational.
pub fn count(items: &[Item<'_>]) -> (usize, usize) {
    items.iter().fold((0, 0), |(all, affected), item| match item {
        Item::Component(component) => {
            (all + 1, affected + usize::from(component.status != ComponentStatus::Operational))
        }
        Item::Group(_, within) => {
            let (more, more_affected) = count(within);
            (all + more, affected + more_affected)
        }
    })
}

struct Shelf<'a> {
    groups: HashMap<Option<&'a Id>, Vec<&'a Group>>,
    components: HashMap<Option<&'a Id>, Vec<&'a Component>>,
    seen: HashSet<&'a Id>,
}

impl<'a> Shelf<'a> {
    fn within(&mut self, parent: Option<&'a Id>) -> Vec<Item<'a>> {
        let groups = self.groups.remove(&parent).unwrap_or_default();
        let components = self.components.remove(&parent).unwrap_or_default();
        let mut placed: Vec<(i32, Item<'a>)> = components
            .into_iter()
            .map(|component| (component.position, Item::Component(component)))
            .collect();
        for group in groups {
            placed.extend(self.group(group).map(|item| (group.position, item)));
        }
        placed.sort_by_key(|(position, _)| *position);
        placed.into_iter().map(|(_, item)| item).collect()
    }

    fn group(&mut self, group: &'a Group) -> Option<Item<'a>> {
        if !self.seen.insert(&group.id) {
            return None;
        }
        let within = self.within(Some(&group.id));
        (!within.is_empty()).then_some(Item::Group(group, within))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::fixture;

    fn names(items: &[Item<'_>]) -> String {
        let name = |item: &Item<'_>| match item {
            Item::Component(component) => component.name.clone(),
            Item::Group(group, within) => format!("{}({})", group.name, names(within)),
        };
        items.iter().map(name).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn groups_and_components_stand_by_position() {
        let mut state = fixture::state();
        state.groups =
            vec![fixture::group("g", None), fixture::group("inner", Some("g")), fixture::group("void", None)];
        state.groups[0].position = 2;
        let up = ComponentStatus::Operational;
        let places = [("last", None, 3), ("first", None, 1), ("b", Some("g"), 2), ("deep", Some("inner"), 1)];
        state.components = places
            .map(|(name, group, position)| Component { position, ..fixture::component(name, group, up) })
            .into();
        assert_eq!(names(&tree(&state)), "first g(inner(deep) b) last");
        assert_eq!(count(&tree(&state)), (4, 0));
    }

    #[test]
    fn what_is_shown_only_when_degraded_hides_while_well() {
        let mut state = fixture::state();
        state.groups = vec![fixture::group("g", None)];
        let mut shy = fixture::component("shy", Some("g"), ComponentStatus::Operational);
        shy.only_show_if_degraded = true;
        state.components = vec![shy];
        assert_eq!(names(&tree(&state)), "");
        state.components[0].status = ComponentStatus::UnderMaintenance;
        assert_eq!(names(&tree(&state)), "g(shy)");
    }

    #[test]
    fn nothing_is_lost_in_a_ring_or_under_a_group_that_is_gone() {
        let mut state = fixture::state();
        state.groups = vec![fixture::group("a", Some("b")), fixture::group("b", Some("a"))];
        let up = ComponentStatus::Operational;
        state.components =
            vec![fixture::component("x", Some("b"), up), fixture::component("y", Some("gone"), up)];
        assert_eq!(names(&tree(&state)), "y a(b(x))");
    }
}

//! Many documents become one page, and that page becomes part of the one that is there. Of the
//! same object, the one that was updated later wins.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{documents::Read, evidence, history::History, report::Report, told};
use crate::{
    domain::{
        Id,
        branding::Branding,
        incident::AffectedComponent,
        state::{Component, Group, Incident, IncidentUpdate, Page},
    },
    store::Whole,
    wire::statuspage::{self as wire, Document},
};

/// All that was read of one page, of which there is at least one document. Of an incident, what a
/// document says goes before what a feed says, and that before a row of the history. Says also of
/// which incidents only a row tells that says nothing of their end.
pub fn everything(read: &Read, report: &mut Report) -> (Whole, HashSet<Id>) {
    let mut whole = documents(&read.documents, report);
    let zone = whole.page.time_zone;
    let mut feeds: Vec<_> = read.feeds.iter().collect();
    feeds.sort_by_key(|feed| feed.updated_at);
    let mut endless: HashSet<Id> = read.histories.iter().flat_map(History::endless).collect();
    for (incidents, refused) in feeds.into_iter().map(|feed| feed.incidents(zone)) {
        for incident in &incidents {
            endless.remove(&incident.id);
        }
        report.notes.extend(told::add(&mut whole.incidents, incidents, &HashSet::new()));
        report.refused.extend(refused);
    }
    for (incidents, refused) in read.histories.iter().map(|history| history.incidents(zone)) {
        report.notes.extend(told::add(&mut whole.incidents, incidents, &endless));
        report.refused.extend(refused);
    }
    let words = whole.incidents.iter().filter(|incident| told::is_told(incident)).count();
    if words > 0 {
        report.notes.push(format!("of {words} incidents only the words are known: not the components"));
    }
    let made = read.histories.iter().filter_map(|history| history.created_at).min();
    whole.page.created_at = made.map_or(whole.page.created_at, |at| at.min(whole.page.created_at));
    let newest = read.feeds.iter().map(|feed| feed.updated_at).max();
    whole.page.updated_at = newest.map_or(whole.page.updated_at, |at| at.max(whole.page.updated_at));
    whole.incidents.sort_by_key(|incident| incident.created_at);
    (whole, endless)
}

/// What all documents say of one page. They are of one page, and at least one is there.
fn documents(documents: &[Document], report: &mut Report) -> Whole {
    let recorded: Vec<&wire::Incident> =
        documents.iter().flat_map(|document| not_outdated(document, documents, report)).collect();
    let listed = documents.iter().flat_map(|document| document.components.iter().flatten());
    let attached = recorded.iter().flat_map(|incident| &incident.components);
    // Of two that are equally new, a list of components says more than what is attached.
    let seen = newest(listed.chain(attached), |component| (&component.id, component.updated_at.instant()));
    let (groups, components): (Vec<_>, Vec<_>) = seen.into_values().partition(|component| component.group);
    let recorded = newest(recorded.into_iter(), |incident| (&incident.id, incident.updated_at.instant()));
    let mut whole = Whole {
        page: page(documents),
        groups: groups.into_iter().map(group).collect(),
        components: components.into_iter().map(component).collect(),
        incidents: recorded.into_values().map(incident).collect(),
    };
    whole.incidents.sort_by_key(|incident| incident.created_at);
    if documents.iter().all(|document| document.components.is_none()) {
        add_named_components(&mut whole);
    }
    attach(&mut whole);
    rebuild_periods(&mut whole, |_| true);
    whole
}

/// The incidents of a document, but for those that were open in it and of which a newer summary,
/// which lists all that are open, says nothing: nobody knows how and when they ended.
fn not_outdated<'a>(
    document: &'a Document,
    all: &[Document],
    report: &mut Report,
) -> Vec<&'a wire::Incident> {
    let newest =
        all.iter().filter(|other| other.is_summary()).max_by_key(|other| other.page.updated_at.instant());
    let newer = newest.filter(|newest| newest.page.updated_at.instant() > document.page.updated_at.instant());
    let is_outdated = |incident: &wire::Incident| {
        newer.is_some_and(|newer| {
            !incident.status.is_over() && !newer.incidents().any(|i| i.id == incident.id)
        })
    };
    let (outdated, kept): (Vec<_>, Vec<_>) = document.incidents().partition(|incident| is_outdated(incident));
    report.refused.extend(outdated.iter().map(|incident| {
        let date = document.page.updated_at;
        (format!("{} ({})", incident.id, incident.name), format!("open on {date}, not in a newer summary"))
    }));
    kept
}

/// Notes what is open on the page that is there and in no newer summary. It may have been opened
/// here, so it stays open until somebody says otherwise.
pub fn note_still_open(known: &Whole, documents: &[Document], report: &mut Report) {
    let summaries = documents.iter().filter(|document| document.is_summary());
    let Some(newest) = summaries.max_by_key(|document| document.page.updated_at.instant()) else { return };
    let open = known.incidents.iter().filter(|incident| !incident.status.is_over());
    let unlisted = open.filter(|incident| !newest.incidents().any(|listed| listed.id == incident.id));
    let older = unlisted.filter(|incident| incident.updated_at < newest.page.updated_at.instant());
    report.notes.extend(older.map(|incident| {
        format!("{} ({}) is open here and not in the summary that was read", incident.id, incident.name)
    }));
}

fn newest<'a, T: 'a, K: Ord>(
    all: impl Iterator<Item = &'a T>,
    key: impl Fn(&'a T) -> (&'a Id, K),
) -> BTreeMap<&'a Id, &'a T> {
    let mut newest: BTreeMap<&Id, &T> = BTreeMap::new();
    for one in all {
        let (id, age) = key(one);
        if newest.get(id).is_none_or(|held| key(held).1 < age) {
            newest.insert(id, one);
        }
    }
    newest
}

fn page(documents: &[Document]) -> Page {
    let pages = documents.iter().map(|document| &document.page);
    let page = pages.max_by_key(|page| page.updated_at.instant()).unwrap_or(&documents[0].page);
    // Not every document names the zone.
    let zoned = documents.iter().filter(|document| document.page.time_zone.is_some());
    let zone = zoned.max_by_key(|document| document.page.updated_at.instant());
    let zone = zone.and_then(|document| document.page.time_zone);
    Page {
        id: page.id.clone(),
        name: page.name.clone(),
        description: None,
        host: None,
        url: page.url.clone(),
        time_zone: page.time_zone.or(zone).unwrap_or(chrono_tz::Tz::Etc__UTC),
        language: "en".into(),
        support_url: None,
        hide_empty_days: false,
        branding: Branding::default(),
        created_at: page.updated_at.instant(),
        updated_at: page.updated_at.instant(),
    }
}

fn group(recorded: &wire::Component) -> Group {
    Group {
        id: recorded.id.clone(),
        parent_id: None,
        name: recorded.name.clone(),
        description: recorded.description.clone(),
        position: recorded.position,
        created_at: recorded.created_at.instant(),
        updated_at: recorded.updated_at.instant(),
    }
}

fn component(recorded: &wire::Component) -> Component {
    Component {
        id: recorded.id.clone(),
        group_id: recorded.group_id.clone(),
        name: recorded.name.clone(),
        description: recorded.description.clone(),
        link: None,
        status: recorded.status,
        position: recorded.position,
        showcase: recorded.showcase,
        only_show_if_degraded: recorded.only_show_if_degraded,
        start_date: recorded.start_date,
        created_at: recorded.created_at.instant(),
        updated_at: recorded.updated_at.instant(),
        periods: vec![],
    }
}

fn incident(recorded: &wire::Incident) -> Incident {
    Incident {
        id: recorded.id.clone(),
        number: 0,
        kind: recorded.status.kind(),
        name: recorded.name.clone(),
        status: recorded.status,
        impact: recorded.impact,
        shortlink: recorded.shortlink.clone(),
        started_at: recorded.started_at.unwrap_or(recorded.created_at).instant(),
        created_at: recorded.created_at.instant(),
        updated_at: recorded.updated_at.instant(),
        monitoring_at: recorded.monitoring_at.map(|at| at.instant()),
        resolved_at: resolved_at(recorded),
        next_update_at: None,
        scheduled_for: recorded.scheduled_for.map(|at| at.instant()),
        scheduled_until: recorded.scheduled_until.map(|at| at.instant()),
        reminder_intervals: recorded.reminder_intervals.clone().flatten(),
        component_ids: recorded
            .components
            .iter()
            .map(|c| c.id.clone())
            .collect::<BTreeSet<Id>>()
            .into_iter()
            .collect(),
        updates: newest_first(&recorded.incident_updates),
        postmortem: None,
    }
}

/// What is over ended with its last update, where nothing else is recorded.
fn resolved_at(recorded: &wire::Incident) -> Option<chrono::DateTime<chrono::Utc>> {
    let recorded_end = recorded.resolved_at.map(|at| at.instant());
    let told = recorded.incident_updates.iter().filter(|update| update.status.is_over());
    let last = told.map(|update| update.display_at.instant()).max();
    let over = recorded.status.is_over();
    recorded_end.or_else(|| over.then(|| last.unwrap_or(recorded.updated_at.instant())))
}

fn newest_first(recorded: &[wire::IncidentUpdate]) -> Vec<IncidentUpdate> {
    let mut updates: Vec<IncidentUpdate> = recorded.iter().map(update).collect();
    updates.sort_by_key(|update| std::cmp::Reverse(update.created_at));
    updates
}

fn update(recorded: &wire::IncidentUpdate) -> IncidentUpdate {
    IncidentUpdate {
        id: recorded.id.clone(),
        status: recorded.status,
        body: recorded.body.clone(),
        created_at: recorded.created_at.instant(),
        updated_at: recorded.updated_at.instant(),
        display_at: recorded.display_at.instant(),
        affected_components: recorded.affected_components.iter().flatten().filter_map(affected).collect(),
        deliver_notifications: recorded.deliver_notifications,
        custom_tweet: recorded.custom_tweet.clone(),
        tweet_id: recorded.tweet_id.clone(),
    }
}

/// None for the lone entry of 2016 that only says that there is no component.
fn affected(recorded: &wire::AffectedComponent) -> Option<AffectedComponent> {
    Some(AffectedComponent {
        code: recorded.code.clone()?,
        name: recorded.name.clone(),
        old_status: recorded.old_status?,
        new_status: recorded.new_status?,
    })
}

/// Documents before 2020 list no components at all: those that updates name are made from what the
/// updates say.
fn add_named_components(whole: &mut Whole) {
    let mut known: HashSet<Id> = whole.components.iter().map(|component| component.id.clone()).collect();
    let said = evidence::gather(&whole.incidents);
    let latest_first = whole.incidents.iter().rev().flat_map(|incident| &incident.updates);
    for affected in latest_first.flat_map(|update| &update.affected_components) {
        let Some(said) = said.get(&affected.code).filter(|_| known.insert(affected.code.clone())) else {
            continue;
        };
        let (Some((first, _)), Some((last, status))) = (said.first(), said.last()) else { continue };
        whole.components.push(Component {
            id: affected.code.clone(),
            group_id: None,
            name: affected.name.clone(),
            description: None,
            link: None,
            status: *status,
            position: 0,
            showcase: true,
            only_show_if_degraded: false,
            start_date: None,
            created_at: *first,
            updated_at: *last,
            periods: vec![],
        });
    }
    let unplaced = whole.components.iter_mut().filter(|component| component.position == 0);
    let mut unplaced: Vec<&mut Component> = unplaced.collect();
    unplaced.sort_by(|a, b| a.name.cmp(&b.name));
    for (position, component) in (1..).zip(unplaced) {
        component.position = position;
    }
}

/// An incident whose document lists no components is attached to those that its updates name.
fn attach(whole: &mut Whole) {
    let order: HashMap<Id, (i32, ComponentKey)> =
        whole.components.iter().map(|c| (c.id.clone(), (c.position, (c.created_at, c.id.clone())))).collect();
    for incident in &mut whole.incidents {
        if incident.component_ids.is_empty() {
            let named = incident.updates.iter().flat_map(|update| &update.affected_components);
            let named: HashSet<Id> = named.map(|affected| affected.code.clone()).collect();
            incident.component_ids = named.into_iter().collect();
        }
        incident.component_ids.retain(|id| order.contains_key(id));
        incident.component_ids.sort_by_key(|id| order.get(id).cloned());
    }
}

type ComponentKey = (chrono::DateTime<chrono::Utc>, Id);

fn rebuild_periods(whole: &mut Whole, wanted: impl Fn(&Id) -> bool) {
    let said = evidence::gather(&whole.incidents);
    for component in whole.components.iter_mut().filter(|component| wanted(&component.id)) {
        let said = said.get(&component.id).map(Vec::as_slice).unwrap_or_default();
        component.periods = evidence::periods(component, said);
    }
}

/// The page that is there with what was brought: objects of either, and of both the newer. What
/// is known of a component's past is put together from the incidents of both.
pub fn into_page(known: &Whole, brought: Whole, endless: &HashSet<Id>, report: &mut Report) -> Whole {
    let touched = touched(known, &brought);
    let mut merged = Whole {
        page: newer_page(&known.page, brought.page),
        groups: union(&known.groups, brought.groups, |group| (&group.id, group.updated_at)),
        components: union(&known.components, brought.components, |c| (&c.id, c.updated_at)),
        incidents: known.incidents.clone(),
    };
    report.notes.extend(told::add(&mut merged.incidents, brought.incidents, endless));
    merged.incidents.sort_by_key(|incident| (incident.created_at, incident.number));
    rebuild_periods(&mut merged, |id| touched.contains(id));
    merged
}

/// The components of which something new was brought.
fn touched(known: &Whole, brought: &Whole) -> HashSet<Id> {
    let component_before = |id: &Id| known.components.iter().find(|before| before.id == *id);
    let incident_before = |id: &Id| known.incidents.iter().find(|before| before.id == *id);
    let newer = brought
        .components
        .iter()
        .filter(|c| component_before(&c.id).is_none_or(|b| b.updated_at < c.updated_at));
    let told = brought
        .incidents
        .iter()
        .filter(|i| incident_before(&i.id).is_none_or(|b| b.updated_at < i.updated_at));
    let affected = told
        .flat_map(|i| i.updates.iter().flat_map(|u| u.affected_components.iter().map(|a| a.code.clone())));
    newer.map(|component| component.id.clone()).chain(affected).collect()
}

fn union<T: Clone, K: Ord>(known: &[T], brought: Vec<T>, key: impl Fn(&T) -> (&Id, K)) -> Vec<T> {
    let mut merged: Vec<T> = known.to_vec();
    let places: HashMap<Id, usize> =
        known.iter().enumerate().map(|(at, one)| (key(one).0.clone(), at)).collect();
    for one in brought {
        match places.get(key(&one).0) {
            Some(place) if key(&merged[*place]).1 >= key(&one).1 => {}
            Some(place) => merged[*place] = one,
            None => merged.push(one),
        }
    }
    merged
}

/// Its own settings stay a page's own; what documents say of it is taken from the newer.
fn newer_page(known: &Page, brought: Page) -> Page {
    if known.updated_at > brought.updated_at {
        return known.clone();
    }
    Page {
        name: brought.name,
        url: brought.url,
        time_zone: brought.time_zone,
        updated_at: brought.updated_at,
        ..known.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{fixture, status::ComponentStatus};

    fn whole(components: Vec<Component>) -> Whole {
        Whole { page: fixture::state().page, groups: vec![], components, incidents: vec![] }
    }

    #[test]
    fn the_newer_of_two_wins_and_the_same_changes_nothing() {
        let old = fixture::component("api", None, ComponentStatus::Operational);
        let mut new = fixture::component("api", None, ComponentStatus::MajorOutage);
        new.updated_at += chrono::TimeDelta::minutes(1);
        new.periods = evidence::periods(&new, &[]);
        let (before, after) = (whole(vec![old.clone()]), whole(vec![new.clone()]));
        let into_page = |known, brought: &Whole| {
            into_page(known, brought.clone(), &HashSet::new(), &mut Report::default())
        };
        assert_eq!(into_page(&before, &after).components, [new.clone()]);
        assert_eq!(into_page(&after, &before), after, "an older one changes nothing");
        assert_eq!(into_page(&after, &after), after);
    }
}

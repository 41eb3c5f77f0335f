//! The sentence that answers "is it up?".

use std::cmp::Reverse;

use super::view::View;
use crate::{
    domain::{
        certainty::Certainty,
        incident::{AffectedComponent, Impact},
        rollup::Indicator,
        state::{Component, Incident, LiveState},
        status::ComponentStatus,
    },
    locale::{Texts, undirected},
};

/// The names that are told before the rest is counted.
const NAMED: usize = 5;

#[derive(Debug, PartialEq, Eq)]
pub struct Headline {
    pub title: String,
    /// What else there is to know at first sight.
    pub more: Vec<String>,
}

/// What the page says first. It is never kinder than the rollup that its colour follows, and what
/// nobody could confirm for a while is told as what was last known.
pub fn headline(view: View<'_>) -> Headline {
    let said = of_state(view);
    match view.state.certainty {
        Certainty::LastKnown(at) => {
            let arguments = [("time", view.texts.clock(at, view.zone).into()), ("text", said.title.into())];
            Headline { title: view.texts.with("headline-last-known", arguments), ..said }
        }
        _ => said,
    }
}

/// The sentence alone.
pub fn verdict(state: &LiveState, texts: &Texts) -> String {
    headline(View::new(state, texts)).title
}

fn of_state(view: View<'_>) -> Headline {
    let texts = view.texts;
    let (bad, maintained) = troubled(view);
    if !bad.is_empty() {
        return of_components(view, &bad, &maintained);
    }
    match view.state.rollup().indicator {
        Indicator::Minor | Indicator::Major | Indicator::Critical => of_incidents(view),
        Indicator::Maintenance => of_components(view, &maintained, &[]),
        Indicator::None if view.state.components.is_empty() => {
            Headline { title: texts.text("headline-empty"), more: vec![texts.text("more-empty")] }
        }
        Indicator::None => Headline { title: texts.text("headline-well"), more: vec![] },
    }
}

/// The components that are degraded or worse, worst first, and those under maintenance.
fn troubled<'a>(view: View<'a>) -> (Vec<&'a Component>, Vec<&'a Component>) {
    let not_well = view.state.components.iter().filter(|c| c.status != ComponentStatus::Operational);
    let (mut bad, maintained): (Vec<_>, Vec<_>) =
        not_well.partition(|component| component.status > ComponentStatus::UnderMaintenance);
    bad.sort_by_key(|component| Reverse(component.status));
    (bad, maintained)
}

fn of_components(view: View<'_>, named: &[&Component], maintained: &[&Component]) -> Headline {
    let all = view.state.components.len();
    let mut more = Vec::new();
    if named.len() > 2 {
        more = by_status(view, named);
    }
    if !maintained.is_empty() {
        let (names, count) = (some_names(view, maintained), maintained.len());
        more.push(view.texts.with("more-maintenance", [("names", names.into()), ("count", count.into())]));
    }
    let untold = untold(view);
    if !untold.is_empty() {
        more.push(view.texts.with("more-open", [("names", list(view, &untold, untold.len()).into())]));
    } else if maintained.is_empty() && named.len() < all {
        more.push(view.texts.text("more-rest"));
    }
    Headline { title: title(view, named, all), more }
}

/// The names of open incidents that reach further than the components that are not well.
fn untold(view: View<'_>) -> Vec<String> {
    let is_told = |id| {
        let component = view.state.component(id);
        component.is_some_and(|component| component.status != ComponentStatus::Operational)
    };
    let untold = raising(view)
        .filter(|incident| incident.component_ids.is_empty() || !incident.component_ids.iter().all(is_told));
    untold.map(|incident| undirected(&incident.name).into_owned()).collect()
}

/// The open incidents that make the page's status worse.
fn raising<'a>(view: View<'a>) -> impl Iterator<Item = &'a Incident> {
    view.state.open_incidents().filter(|incident| incident.impact > Impact::Maintenance)
}

fn title(view: View<'_>, named: &[&Component], all: usize) -> String {
    let texts = view.texts;
    let clause = |component: &Component| {
        let name = name(view, component);
        texts.with("headline-one", [("name", name.into()), ("status", component.status.as_str().into())])
    };
    let alike = named.windows(2).all(|pair| pair[0].status == pair[1].status);
    let status = named.first().map_or("", |component| component.status.as_str());
    match named {
        [one] => clause(one),
        [_, _] if alike => {
            texts.with("headline-two", [("names", some_names(view, named).into()), ("status", status.into())])
        }
        [worst, other] => {
            texts.with("headline-both", [("first", clause(worst).into()), ("second", clause(other).into())])
        }
        _ if alike && named.len() == all => texts.with("headline-all", [("status", status.into())]),
        _ if alike => texts.with("headline-many", [("count", named.len().into()), ("status", status.into())]),
        _ => texts.with("headline-mixed", [("count", named.len().into())]),
    }
}

/// Who is in which status, worst first.
fn by_status(view: View<'_>, components: &[&Component]) -> Vec<String> {
    let alike = components.chunk_by(|one, next| one.status == next.status);
    let sentence = |alike: &[&Component]| {
        let status = view.status_text(alike[0].status);
        view.texts
            .with("more-by-status", [("status", status.into()), ("names", some_names(view, alike).into())])
    };
    alike.map(sentence).collect()
}

fn some_names(view: View<'_>, components: &[&Component]) -> String {
    let names: Vec<String> = components.iter().take(NAMED).map(|component| name(view, component)).collect();
    list(view, &names, components.len())
}

/// The first names of `count`, and how many more there are.
fn list(view: View<'_>, names: &[String], count: usize) -> String {
    let names: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    match count - names.len() {
        0 => view.texts.list(&names),
        rest => view.texts.with("list-more", [("names", names.join(", ").into()), ("count", rest.into())]),
    }
}

/// A component's name, with its group's before it where another one is called the same.
pub fn name(view: View<'_>, component: &Component) -> String {
    let state = view.state;
    let alike = state.components.iter().filter(|other| other.name == component.name).count();
    let group = state.groups.iter().find(|group| component.group_id.as_ref() == Some(&group.id));
    match group.filter(|_| alike > 1) {
        Some(group) => within(&group.name, &component.name),
        None => component.name.clone(),
    }
}

/// A name with its group's before it. Statuspage's documents write it with a hyphen, pages with a dash.
fn within(group: &str, name: &str) -> String {
    format!("{group} – {name}")
}

/// What an update calls a component: the name that it had then, as pages write it.
pub fn called(view: View<'_>, affected: &AffectedComponent) -> String {
    if view.state.components.iter().any(|component| component.name == affected.name) {
        return affected.name.clone();
    }
    let parted = view.state.groups.iter().find_map(|group| {
        let name = affected.name.strip_prefix(&group.name)?.strip_prefix(" - ")?;
        Some(within(&group.name, name))
    });
    parted.unwrap_or_else(|| affected.name.clone())
}

/// All components say that they are well, but open incidents say otherwise.
fn of_incidents(view: View<'_>) -> Headline {
    let texts = view.texts;
    let open: Vec<_> = raising(view).collect();
    let title = match open.as_slice() {
        [one] => texts.with("headline-incident", [("status", one.status.as_str().into())]),
        several => texts.with("headline-incidents", [("count", several.len().into())]),
    };
    let well = view.state.components.iter().all(|c| c.status == ComponentStatus::Operational);
    let well = well && !view.state.components.is_empty();
    Headline { title, more: well.then(|| texts.text("more-components-well")).into_iter().collect() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::{fixture, incident::IncidentStatus, state::LiveState},
        locale,
        render::page::sample,
    };
    use ComponentStatus::{DegradedPerformance, MajorOutage, Operational, PartialOutage, UnderMaintenance};

    fn state(components: &[(&str, ComponentStatus)]) -> LiveState {
        let components = components.iter().map(|(name, status)| fixture::component(name, None, *status));
        LiveState { components: components.collect(), ..fixture::state() }
    }

    fn said(state: &LiveState) -> Headline {
        headline(View::new(state, locale::texts("en").unwrap()))
    }

    fn title(components: &[(&str, ComponentStatus)]) -> String {
        said(&state(components)).title
    }

    #[test]
    fn the_bad_ones_are_named() {
        let (up, other) = (("Web", Operational), ("Mail", Operational));
        assert_eq!(title(&[up, other]), "All systems operational");
        assert_eq!(title(&[up, ("API", MajorOutage)]), "API is down");
        let degraded = [("API", DegradedPerformance), up, ("Search", DegradedPerformance)];
        assert_eq!(title(&degraded), "API and Search are degraded");
        let mixed = [("API", DegradedPerformance), ("Search", PartialOutage), up];
        assert_eq!(title(&mixed), "Search is partly down and API is degraded");
        assert_eq!(title(&[up, ("API", UnderMaintenance)]), "API is under maintenance");
    }

    #[test]
    fn what_was_last_known_is_not_told_as_true() {
        let mut state = state(&[("API", MajorOutage), ("Web", Operational)]);
        state.certainty = Certainty::AsOf(fixture::noon());
        assert_eq!(said(&state).title, "API is down");
        state.certainty = Certainty::LastKnown(fixture::noon());
        assert_eq!(said(&state).title, "Last known at 12:00 UTC: API is down");
        let page = crate::render::page::front(&state, fixture::noon(), locale::texts("en").unwrap());
        assert!(page.contains("<title>Last known at 12:00 UTC: API is down"), "{page}");
        assert!(page.contains("class=\"status index status-quiet\""), "{page}");
    }

    #[test]
    fn many_are_counted_and_then_named() {
        let down = |name| (name, MajorOutage);
        assert_eq!(title(&[down("A"), down("B"), down("C")]), "All systems are down");
        let state = state(&[down("A"), down("B"), ("C", PartialOutage), ("D", Operational)]);
        let headline = said(&state);
        assert_eq!(headline.title, "3 components have problems");
        assert_eq!(
            headline.more,
            ["Major outage: A and B.", "Partial outage: C.", "Everything else is operational."]
        );
    }

    #[test]
    fn names_that_are_not_unique_bring_their_group() {
        let mut state = fixture::state();
        state.groups = vec![fixture::group("EU", None), fixture::group("US", None)];
        let both = [("EU", MajorOutage), ("US", Operational)];
        state.components = both.map(|(group, status)| fixture::component("API", Some(group), status)).into();
        assert_eq!(said(&state).title, "EU – API is down");
    }

    #[test]
    fn an_open_incident_speaks_when_components_do_not() {
        let mut state = state(&[("API", Operational)]);
        state.incidents = vec![sample::incident("i1", "Slow", IncidentStatus::Investigating, Impact::Minor)];
        assert_eq!(said(&state).title, "We are investigating a problem");
        assert_eq!(said(&state).more, ["All components report that they are operational."]);
        state.incidents[0].impact = Impact::None;
        assert_eq!(said(&state).title, "All systems operational", "as API v2 says too");
    }

    #[test]
    fn an_empty_page_claims_nothing() {
        assert_eq!(said(&fixture::state()).title, "Nothing to report yet");
    }

    #[test]
    fn the_rest_is_not_well_while_an_incident_says_otherwise() {
        let mut state = state(&[("A", DegradedPerformance), ("B", Operational)]);
        state.incidents =
            vec![sample::incident("i1", "Fire", IncidentStatus::Investigating, Impact::Critical)];
        state.incidents[0].component_ids = vec![fixture::id("B")];
        assert_eq!(said(&state).more, ["Also open: Fire."]);
        state.incidents[0].component_ids.clear();
        assert_eq!(said(&state).more, ["Also open: Fire."], "nobody knows whom it touches");
        state.incidents[0].component_ids = vec![fixture::id("A")];
        assert_eq!(said(&state).more, ["Everything else is operational."]);
    }

    #[test]
    fn a_name_turns_no_sentence_around() {
        let mut state = state(&[("A", MajorOutage), ("B", Operational)]);
        state.components[0].name = "\u{202e}API\u{2066}".into();
        assert_eq!(said(&state).title, "API is down");
    }

    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "g", "h"];

    fn incidents() -> impl Strategy<Value = Vec<(Impact, bool, Vec<&'static str>)>> {
        let impacts = [Impact::None, Impact::Maintenance, Impact::Minor, Impact::Major, Impact::Critical];
        let components = proptest::sample::subsequence(&NAMES[..], 0..4);
        proptest::collection::vec(
            (proptest::sample::select(impacts.to_vec()), any::<bool>(), components),
            0..4,
        )
    }

    proptest! {
        #[test]
        fn never_kinder_than_the_state(
            statuses in proptest::collection::vec(proptest::sample::select(&ComponentStatus::ALL[..]), 1..8),
            incidents in incidents(),
        ) {
            let components: Vec<_> = NAMES.iter().copied().zip(statuses).collect();
            let mut state = state(&components);
            let made = incidents.into_iter().map(|(impact, open, attached)| {
                let status = if open { IncidentStatus::Identified } else { IncidentStatus::Resolved };
                let mut incident = sample::incident("i1", "Slow", status, impact);
                incident.component_ids = attached.into_iter().map(fixture::id).collect();
                incident
            });
            state.incidents = made.collect();
            let said = said(&state);
            let well = said.title == "All systems operational";
            prop_assert_eq!(well, state.rollup().indicator == Indicator::None);
            if said.more.iter().any(|sentence| sentence.starts_with("Everything else")) {
                for open in state.open_incidents().filter(|open| open.impact > Impact::Maintenance) {
                    prop_assert!(!open.component_ids.is_empty());
                    let well = |id| state.component(id).is_none_or(|c| c.status == Operational);
                    prop_assert!(!open.component_ids.iter().any(well), "{:?}", open.component_ids);
                }
            }
        }
    }
}

use std::collections::HashSet;

use super::*;
use crate::domain::{
    calendar, fixture,
    incident::{Impact, IncidentStatus, Kind},
    state::Component,
    status::ComponentStatus,
};
use chrono::TimeDelta;

/// Times of day at which days end, begin, or are in the middle.
fn moments() -> [DateTime<Utc>; 4] {
    let midnight = fixture::noon() + TimeDelta::hours(12);
    [fixture::noon(), midnight - TimeDelta::seconds(1), midnight, midnight + TimeDelta::minutes(100)]
}

fn incidents_of(kind: Kind, all: &[Incident]) -> Vec<&Incident> {
    all.iter().filter(|incident| incident.kind == kind).collect()
}

#[test]
fn thirty_components_in_five_groups() {
    let (company, _) = make_up(fixture::noon()).unwrap();
    assert_eq!((company.components.len(), company.groups.len()), (30, 5));
    assert_eq!(company.groups.iter().filter(|group| group.parent_id.is_some()).count(), 1);
    assert_eq!(company.components.iter().filter(|component| component.group_id.is_none()).count(), 1);
    assert_eq!(company.components.iter().filter(|component| !component.showcase).count(), 1);
    assert_eq!(company.components.iter().filter(|component| component.only_show_if_degraded).count(), 1);
    let young: Vec<&Component> =
        company.components.iter().filter(|component| component.start_date.is_some()).collect();
    assert_eq!(young.len(), 1);
    let age = calendar::day_of(fixture::noon(), company::ZONE) - young[0].start_date.unwrap();
    assert_eq!(age.num_days(), 40);
    let names: HashSet<&str> = company.components.iter().map(|component| component.name.as_str()).collect();
    assert_eq!(names.len(), 30, "stories find components by name");
}

#[test]
fn each_past_is_without_gaps_and_ends_with_the_present() {
    for now in moments() {
        let (company, _) = make_up(now).unwrap();
        for component in &company.components {
            let since = component
                .start_date
                .map_or(now - TimeDelta::days(365), |day| calendar::start_of(day, company::ZONE));
            let periods = &component.periods;
            assert_eq!(periods[0].from, since, "{}", component.name);
            for two in periods.windows(2) {
                assert_eq!(two[0].until, Some(two[1].from), "{}", component.name);
                assert!(two[0].from < two[1].from && two[0].status != two[1].status, "{}", component.name);
            }
            let last = periods.last().unwrap();
            assert_eq!((last.until, last.status), (None, component.status), "{}", component.name);
            assert!(last.from <= now);
        }
    }
}

#[test]
fn updates_say_what_the_periods_say() {
    for now in moments() {
        let (company, incidents) = make_up(now).unwrap();
        for (incident, update) in
            incidents.iter().flat_map(|i| i.updates.iter().map(move |update| (i, update)))
        {
            assert!(update.created_at <= now, "{} is told of before it happens", incident.name);
            for affected in &update.affected_components {
                let component =
                    company.components.iter().find(|component| component.id == affected.code).unwrap();
                assert!(incident.component_ids.contains(&component.id));
                assert!(affected.name.ends_with(&component.name));
                let at = |at: DateTime<Utc>| {
                    component.periods.iter().rfind(|period| period.from <= at).unwrap().status
                };
                assert_eq!(at(update.created_at), affected.new_status, "{}", incident.name);
                let before = update.created_at - TimeDelta::microseconds(1);
                assert_eq!(at(before), affected.old_status, "{}", incident.name);
            }
        }
    }
}

#[test]
fn one_incident_is_going_on_and_agrees_with_its_components() {
    for now in moments() {
        let (company, incidents) = make_up(now).unwrap();
        let open: Vec<&Incident> =
            incidents_of(Kind::Incident, &incidents).into_iter().filter(|i| !i.status.is_over()).collect();
        assert_eq!(open.len(), 1);
        let open = open[0];
        assert_eq!(
            (open.status, open.impact, open.updates.len()),
            (IncidentStatus::Identified, Impact::Major, 3)
        );
        assert_eq!((now - open.started_at).num_minutes(), 46);
        let unwell: Vec<(&Id, ComponentStatus)> = company
            .components
            .iter()
            .filter(|component| component.status != ComponentStatus::Operational)
            .map(|component| (&component.id, component.status))
            .collect();
        let told: HashSet<(&Id, ComponentStatus)> = open.updates[0]
            .affected_components
            .iter()
            .map(|affected| (&affected.code, affected.new_status))
            .collect();
        assert_eq!(unwell.iter().copied().collect::<HashSet<_>>(), told);
        let mut statuses: Vec<ComponentStatus> = unwell.iter().map(|(_, status)| *status).collect();
        statuses.sort_unstable();
        assert_eq!(statuses, [ComponentStatus::DegradedPerformance, ComponentStatus::PartialOutage]);
    }
}

#[test]
fn a_year_of_incidents_that_end() {
    for now in moments() {
        let (_, all) = make_up(now).unwrap();
        assert!(all.is_sorted_by_key(|incident| incident.created_at), "oldest first, for the numbers");
        let incidents = incidents_of(Kind::Incident, &all);
        assert_eq!(incidents.len(), 45);
        for incident in &incidents {
            assert!((3..=6).contains(&incident.updates.len()), "{}", incident.name);
            assert!(
                incident.updates.iter().rev().is_sorted_by_key(|update| update.created_at),
                "newest first"
            );
            assert_eq!(incident.status, incident.updates[0].status);
            assert!(incident.number == 0 && now - incident.started_at < TimeDelta::days(365));
            let Some(end) = incident.resolved_at else { continue };
            let minutes = (end - incident.started_at).num_minutes();
            assert!((8..=360).contains(&minutes), "{}: {minutes}", incident.name);
        }
        let recent = |incident: &&&Incident| now - incident.started_at < TimeDelta::days(15);
        assert_eq!(incidents.iter().filter(recent).count(), 6, "the one that is going on, and five");
        let impacts: HashSet<Impact> = incidents.iter().map(|incident| incident.impact).collect();
        assert_eq!(impacts, HashSet::from([Impact::None, Impact::Minor, Impact::Major, Impact::Critical]));
    }
}

#[test]
fn one_maintenance_is_done_and_two_are_to_come() {
    for now in moments() {
        let (_, all) = make_up(now).unwrap();
        let maintenances = incidents_of(Kind::Maintenance, &all);
        let day =
            |at: DateTime<Utc>| calendar::day_of(at, company::ZONE) - calendar::day_of(now, company::ZONE);
        let mut told: Vec<(i64, IncidentStatus)> = maintenances
            .iter()
            .map(|maintenance| (day(maintenance.scheduled_for.unwrap()).num_days(), maintenance.status))
            .collect();
        told.sort_by_key(|(days, _)| *days);
        let planned = IncidentStatus::Scheduled;
        assert_eq!(told, [(-5, IncidentStatus::Completed), (3, planned), (9, planned)]);
        assert!(maintenances.iter().all(|maintenance| maintenance.impact == Impact::Maintenance));
        assert!(
            maintenances.iter().all(|maintenance| maintenance.scheduled_for < maintenance.scheduled_until)
        );
    }
}

#[test]
fn every_id_is_there_once() {
    let (company, incidents) = make_up(fixture::noon()).unwrap();
    let mut ids: Vec<&Id> = company.groups.iter().map(|group| &group.id).collect();
    ids.extend(company.components.iter().map(|component| &component.id));
    ids.extend(incidents.iter().map(|incident| &incident.id));
    ids.extend(incidents.iter().flat_map(|incident| &incident.updates).map(|update| &update.id));
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
}

#[test]
fn texts_are_filled_in_and_none_is_told_twice() {
    let (_, incidents) = make_up(fixture::noon()).unwrap();
    let mut told = HashSet::new();
    for incident in &incidents {
        let texts: Vec<&str> = incident.updates.iter().map(|update| update.body.as_str()).collect();
        assert!(texts.iter().all(|text| text.len() > 20), "{}", incident.name);
        let whole = format!("{}\n{}", incident.name, texts.join("\n"));
        assert!(!whole.contains(['{', '}']), "{whole}");
        assert!(told.insert(texts.concat()), "{whole}");
    }
}

#[test]
fn the_same_moment_has_the_same_past() {
    let told = || {
        let (company, incidents) = make_up(fixture::noon()).unwrap();
        let periods: Vec<_> = company.components.into_iter().map(|component| component.periods).collect();
        let names: Vec<_> =
            incidents.into_iter().map(|i| (i.name, i.created_at, i.impact, i.resolved_at)).collect();
        (periods, names)
    };
    assert_eq!(told(), told());
}

#[test]
fn metrics_are_measured_until_now_and_feel_the_trouble() {
    for now in moments() {
        let (company, _) = make_up(now).unwrap();
        for metric in &METRICS {
            let component =
                company.components.iter().find(|component| component.name == metric.component).unwrap();
            let points = metric.points(component, now);
            assert!((950..=1_000).contains(&points.len()), "{}", points.len());
            assert!(points.is_sorted_by(|one, next| one.0 < next.0), "no instant stands twice");
            let (first, last) = (points[0].0, points[points.len() - 1].0);
            assert!(now - last < TimeDelta::minutes(5) && now - first >= TimeDelta::days(30));
            assert!(points.iter().all(|(_, value)| value.is_finite() && *value > 0.0));
        }
        let storage = company.components.iter().find(|component| component.name == "Object Storage").unwrap();
        let uploads = METRICS[1].points(storage, now);
        let (before, during) = (uploads[uploads.len() - 20].1, uploads[uploads.len() - 2].1);
        assert!(before > 99.9 && during < 97.0, "{before} {during}");
    }
}

#[tokio::test]
async fn an_empty_database_is_filled_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("demo.db").display());
    let clock = Clock::standing(fixture::noon());
    let store = Store::connect(&url, clock.clone()).await.unwrap();
    store.migrate().await.unwrap();
    store.ensure_page("Status").await.unwrap();
    let page = fill(&store, &clock).await.unwrap();
    let versions = store.versions().await.unwrap();
    assert_eq!(versions.len(), 1, "the untouched page has given way");
    assert_eq!(versions[0].0, page);

    let state = store.load(&page, "http://localhost:8080").await.unwrap();
    assert_eq!((state.components.len(), state.groups.len(), state.open_incidents().count()), (30, 5, 1));
    assert_eq!((state.incident_ids.len(), state.maintenances.len()), (48, 3));
    assert_eq!(state.page.name, company::NAME);

    let refused = fill(&store, &clock).await.unwrap_err().to_string();
    assert!(refused.contains("name an empty database"), "{refused}");
    fill_if_empty(&store, &clock).await.unwrap();
    assert_eq!(store.versions().await.unwrap(), versions);
}

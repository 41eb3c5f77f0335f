//! The store's two doors.

use std::time::Duration;

use pharos::{
    domain::{
        Id,
        incident::{Impact, IncidentStatus},
        status::ComponentStatus,
    },
    store::{Actor, NewComponent, NewGroup, NewIncident, NewMetric, NewPage, NewUpdate, Schedule, Store},
};

use crate::support::{Database, clock, noon, number, on_both};

on_both!(
    a_change_bumps_audits_and_notifies,
    a_change_that_is_dropped_leaves_nothing,
    two_changes_at_once_leave_one_open_period,
    an_incident_moves_components_and_their_periods,
    metric_points_make_at_most_one_revision_a_minute,
    what_is_hidden_is_nowhere,
    a_maintenance_needs_a_schedule,
);

/// A page with one component.
async fn page_with_component(store: &Store) -> (Id, Id) {
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    let component = change.create_component(NewComponent::named("API")).await.unwrap();
    let page = change.commit().await.unwrap().page_id;
    (page, component)
}

fn incident(status: IncidentStatus, body: &str) -> NewIncident {
    NewIncident {
        name: "Some requests fail".into(),
        impact_override: None,
        schedule: None,
        first: NewUpdate::new(status, body),
    }
}

async fn a_change_bumps_audits_and_notifies(database: Database) {
    let store = database.store(&clock()).await;
    let (page, component) = page_with_component(&store).await;
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let mut new = incident(IncidentStatus::Investigating, "We are looking.");
    new.first = new.first.with(&component, ComponentStatus::PartialOutage);
    change.open_incident(new).await.unwrap();
    let committed = change.commit().await.unwrap();
    assert_eq!(committed.version.revision, 2);
    let state = store.load(&page, "http://x").await.unwrap();
    assert_eq!(state.version, committed.version);
    assert_eq!(state.history_revision, 1);
    assert_eq!(number(&database, "SELECT count(*) FROM notifications WHERE state = 'pending'").await, 1);
    assert_eq!(
        number(&database, "SELECT count(*) FROM audit_events WHERE action = 'incident.update'").await,
        1
    );
    let life = match database.url.starts_with("sqlite") {
        true => {
            "SELECT CAST(round((julianday(expires_at) - julianday(not_before)) * 24) AS INTEGER) FROM notifications"
        }
        false => {
            "SELECT CAST(extract(epoch FROM expires_at - not_before) / 3600 AS BIGINT) FROM notifications"
        }
    };
    assert_eq!(number(&database, life).await, 6, "hours until nobody wants to read it");
}

async fn a_change_that_is_dropped_leaves_nothing(database: Database) {
    let store = database.store(&clock()).await;
    let (page, component) = page_with_component(&store).await;
    let before = store.load(&page, "http://x").await.unwrap();
    let mut change = store.change(&page, Actor::System).await.unwrap();
    change.set_status(&component, ComponentStatus::MajorOutage).await.unwrap();
    drop(change);
    assert_eq!(store.load(&page, "http://x").await.unwrap(), before);
}

async fn two_changes_at_once_leave_one_open_period(database: Database) {
    let store = database.store(&clock()).await;
    let (page, component) = page_with_component(&store).await;
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let (store, page, component) = (store.clone(), page.clone(), component.clone());
        tasks.spawn(async move {
            let mut change = store.change(&page, Actor::System).await.unwrap();
            change.set_status(&component, ComponentStatus::ALL[n % 5]).await.unwrap();
            change.commit().await.unwrap().version.revision
        });
    }
    let mut revisions: Vec<i64> = tasks.join_all().await;
    revisions.sort_unstable();
    assert_eq!(revisions, (2..22).collect::<Vec<i64>>(), "no revision is lost or given twice");
    let open = "SELECT count(*) FROM component_status_periods WHERE until_at IS NULL";
    assert_eq!(number(&database, open).await, 1);
}

async fn an_incident_moves_components_and_their_periods(database: Database) {
    let clock = clock();
    let store = database.store(&clock).await;
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    let group = change.create_group(NewGroup { name: "Core".into(), ..NewGroup::default() }).await.unwrap();
    let new = NewComponent { group_id: Some(group), ..NewComponent::named("API") };
    let component = change.create_component(new).await.unwrap();
    let page = change.commit().await.unwrap().page_id;

    clock.advance(Duration::from_secs(600));
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let mut new = incident(IncidentStatus::Investigating, "We are looking.");
    new.first = new.first.with(&component, ComponentStatus::MajorOutage);
    let id = change.open_incident(new).await.unwrap();
    change.commit().await.unwrap();

    clock.advance(Duration::from_secs(600));
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let resolved =
        NewUpdate::new(IncidentStatus::Resolved, "Fixed.").with(&component, ComponentStatus::Operational);
    change.post_update(&id, resolved).await.unwrap();
    change.commit().await.unwrap();

    let state = store.load(&page, "http://x").await.unwrap();
    let seen = &state.incidents[0];
    assert_eq!((seen.status, seen.impact), (IncidentStatus::Resolved, Impact::Critical), "it does not fall");
    assert_eq!(seen.resolved_at, Some(clock.now()));
    let affected = &seen.updates[0].affected_components[0];
    assert_eq!(affected.name, "Core - API");
    assert_eq!(
        (affected.old_status, affected.new_status),
        (ComponentStatus::MajorOutage, ComponentStatus::Operational)
    );
    let periods = &state.components[0].periods;
    let statuses: Vec<_> = periods.iter().map(|period| period.status).collect();
    assert_eq!(
        statuses,
        [ComponentStatus::Operational, ComponentStatus::MajorOutage, ComponentStatus::Operational]
    );
    assert_eq!(periods[1].until.unwrap() - periods[1].from, chrono::TimeDelta::seconds(600));
    assert!(periods.windows(2).all(|pair| pair[0].until == Some(pair[1].from)), "no gap");
}

async fn metric_points_make_at_most_one_revision_a_minute(database: Database) {
    let clock = clock();
    let store = database.store(&clock).await;
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    let new =
        NewMetric { name: "Latency".into(), suffix: None, description: None, decimal_places: 0, position: 1 };
    let metric = change.create_metric(new).await.unwrap();
    let page = change.commit().await.unwrap();
    let begin = store.load(&page.page_id, "http://x").await.unwrap().version.revision;
    // 10,000 points in 100 calls over a little less than three minutes.
    for call in 0..100 {
        let at = noon() + chrono::TimeDelta::seconds(call * 100);
        let points: Vec<_> = (0..100).map(|n| (at + chrono::TimeDelta::seconds(n), n as f64)).collect();
        store.record().metric_points(&metric, &points).await.unwrap();
        clock.advance(Duration::from_millis(1_700));
    }
    let end = store.load(&page.page_id, "http://x").await.unwrap().version.revision;
    assert_eq!(end - begin, 3);
    assert_eq!(number(&database, "SELECT count(*) FROM metric_points").await, 10_000);
    clock.advance(Duration::from_secs(60));
    assert_eq!(store.pages_with_points().await.unwrap(), std::slice::from_ref(&page.page_id));
    store.record().show_points(&page.page_id).await.unwrap().unwrap();
    assert_eq!(store.record().show_points(&page.page_id).await.unwrap(), None, "once");
    let again = [(noon(), 1.0), (noon(), 7.0)];
    store.record().metric_points(&metric, &again).await.unwrap();
    assert_eq!(number(&database, "SELECT count(*) FROM metric_points").await, 10_000, "one point an instant");
    assert_eq!(
        number(&database, "SELECT count(*) FROM audit_events WHERE action LIKE 'metric_point%'").await,
        0
    );
}

async fn what_is_hidden_is_nowhere(database: Database) {
    let store = database.store(&clock()).await;
    let (page, shown) = page_with_component(&store).await;
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let hidden = NewComponent { hidden: true, ..NewComponent::named("Secret project") };
    let hidden = change.create_component(hidden).await.unwrap();
    let mut new = incident(IncidentStatus::Investigating, "We are looking.");
    new.first = new.first.with(&shown, ComponentStatus::DegradedPerformance);
    new.first = new.first.with(&hidden, ComponentStatus::MajorOutage);
    change.open_incident(new).await.unwrap();
    change.commit().await.unwrap();
    let state = store.load(&page, "http://x").await.unwrap();
    let told = serde_json::to_string(&state).unwrap();
    assert!(!told.contains("Secret project") && !told.contains(hidden.as_str()), "{told}");
    assert_eq!(state.incidents[0].component_ids, [shown]);
}

async fn a_maintenance_needs_a_schedule(database: Database) {
    let store = database.store(&clock()).await;
    let (page, _) = page_with_component(&store).await;
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let without = incident(IncidentStatus::Scheduled, "Soon.");
    let refused = change.open_incident(without).await.unwrap_err().to_string();
    assert!(refused.contains("scheduled_for"), "{refused}");
    let schedule = Schedule { begins: noon(), ends: noon() + chrono::TimeDelta::hours(1), automatic: false };
    let with = NewIncident { schedule: Some(schedule), ..incident(IncidentStatus::Scheduled, "Soon.") };
    let id = change.open_incident(with).await.unwrap();
    let wrong = change.post_update(&id, NewUpdate::new(IncidentStatus::Resolved, "Done.")).await;
    assert!(wrong.unwrap_err().to_string().contains("completed"), "it says what is allowed");
}

//! Believable pages for tests and for looking at: made by rules, never by chance.

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::{
    Id, fixture,
    incident::{AffectedComponent, Impact, IncidentStatus, Kind},
    state::{Component, Incident, IncidentSpan, IncidentUpdate, LiveState},
    status::ComponentStatus,
    uptime::StatusPeriod,
};
use ComponentStatus::{DegradedPerformance, MajorOutage, Operational, PartialOutage, UnderMaintenance};

/// 22 November 2026, 14:32 UTC.
pub fn as_of() -> DateTime<Utc> {
    fixture::noon() + TimeDelta::minutes(152)
}

fn before(minutes: i64) -> DateTime<Utc> {
    as_of() - TimeDelta::minutes(minutes)
}

const DAY: i64 = 1_440;

/// An incident with one update, made two hours ago; over half an hour ago if its status says so.
pub fn incident(id: &str, name: &str, status: IncidentStatus, impact: Impact) -> Incident {
    Incident {
        id: fixture::id(id),
        number: 1,
        kind: status.kind(),
        name: name.into(),
        status,
        impact,
        shortlink: None,
        started_at: before(120),
        created_at: before(120),
        updated_at: before(120),
        monitoring_at: None,
        resolved_at: status.is_over().then(|| before(30)),
        next_update_at: None,
        scheduled_for: (status.kind() == Kind::Maintenance).then(|| before(30)),
        scheduled_until: (status.kind() == Kind::Maintenance).then(|| before(-90)),
        reminder_intervals: None,
        component_ids: vec![],
        updates: vec![update(id, 0, status, "We are looking into it.", 120)],
        postmortem: None,
    }
}

fn update(incident: &str, number: usize, status: IncidentStatus, body: &str, minutes: i64) -> IncidentUpdate {
    IncidentUpdate {
        id: fixture::id(&format!("{incident}u{number}")),
        status,
        body: body.into(),
        created_at: before(minutes),
        updated_at: before(minutes),
        display_at: before(minutes),
        affected_components: vec![],
        deliver_notifications: true,
        custom_tweet: None,
        tweet_id: None,
    }
}

const GROUPS: [(&str, &str, [&str; 6]); 5] = [
    ("core", "Core", ["API", "Dashboard", "Sign-in", "Webhooks", "Search", "Notifications"]),
    ("data", "Data", ["Ingest pipeline", "Query engine", "Exports", "Backups", "Replication", "Archive"]),
    (
        "regions",
        "Regions",
        ["eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-1", "sa-east-1"],
    ),
    (
        "integrations",
        "Integrations",
        ["GitHub", "Slack", "Terraform provider", "Stripe billing", "E-mail delivery", "PagerDuty"],
    ),
    (
        "support",
        "Support and documentation",
        ["Help centre", "Documentation", "Community forum", "Live chat", "Status API", "Downloads"],
    ),
];

const TROUBLES: [(&str, Impact, &str, i64); 10] = [
    ("Delayed webhooks", Impact::Minor, "Webhooks", 95),
    ("Elevated API latency", Impact::Minor, "API", 48),
    ("Sign-in with Google failed", Impact::Major, "Sign-in", 131),
    ("Search results incomplete", Impact::Minor, "Search", 210),
    ("Exports stuck in the queue", Impact::Major, "Exports", 367),
    ("Dashboard slow to load", Impact::Minor, "Dashboard", 25),
    ("Billing e-mails delayed", Impact::None, "E-mail delivery", 540),
    ("Replication lag in sa-east-1", Impact::Minor, "sa-east-1", 77),
    ("Intermittent 502 responses", Impact::Critical, "API", 19),
    ("Slack notifications sent twice", Impact::Minor, "Slack", 60),
];

/// A component that was well for 400 days but for a few hours on days that its number decides.
fn component(number: usize, id: &str, group: Option<&str>, name: &str) -> Component {
    let mut component = fixture::component(id, group, Operational);
    component.name = name.into();
    component.position = i32::try_from(number).unwrap();
    let mut periods = vec![];
    let mut at = 400 * DAY;
    for bad in 0..number % 4 {
        let day = 80 - i64::try_from((number * 7 + bad * 23) % 76).unwrap();
        let begin = day * DAY - i64::try_from(number * 31 % 600).unwrap();
        let length = [4, 20, 35, 140][(number + bad) % 4];
        let status = [MajorOutage, PartialOutage, DegradedPerformance, MajorOutage, UnderMaintenance]
            [(number + 2 * bad) % 5];
        if begin < at {
            periods.extend([
                StatusPeriod { status: Operational, from: before(at), until: Some(before(begin)) },
                StatusPeriod { status, from: before(begin), until: Some(before(begin - length)) },
            ]);
            at = begin - length;
        }
    }
    periods.push(StatusPeriod { status: Operational, from: before(at), until: None });
    component.periods = periods;
    component
}

/// Twelve characters that look as if made at random, and compress no better.
fn scattered(number: u64) -> String {
    let mut hash = (number + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    hash = (hash ^ (hash >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    (0..12).filter_map(|place| char::from_digit(((hash >> (place * 5)) % 36) as u32, 36)).collect()
}

/// Sets a component's status since some minutes ago.
fn turn(state: &mut LiveState, name: &str, status: ComponentStatus, minutes: i64) {
    let component = state.components.iter_mut().find(|component| component.name == name).unwrap();
    component.status = status;
    component.periods.last_mut().unwrap().until = Some(before(minutes));
    component.periods.push(StatusPeriod { status, from: before(minutes), until: None });
}

fn id_of(state: &LiveState, name: &str) -> Id {
    state.components.iter().find(|component| component.name == name).unwrap().id.clone()
}

fn span(incident: &Incident) -> IncidentSpan {
    IncidentSpan {
        id: incident.id.clone(),
        name: incident.name.clone(),
        from: incident.started_at,
        until: incident.resolved_at,
        component_ids: incident.component_ids.clone(),
    }
}

fn past(state: &LiveState, number: usize) -> Incident {
    let (name, impact, affected, lasted) = TROUBLES[number];
    let id = format!("past{number}incident");
    let end = i64::try_from(number).unwrap() * 2_000 + 1_700;
    let mut past = incident(&id, name, IncidentStatus::Resolved, impact);
    past.component_ids = vec![id_of(state, affected)];
    past.started_at = before(end + lasted);
    past.resolved_at = Some(before(end));
    past.updates = vec![
        update(
            &id,
            2,
            IncidentStatus::Resolved,
            "The fix holds and all queued work has been processed. We will publish what we learned within a week.",
            end,
        ),
        update(
            &id,
            1,
            IncidentStatus::Monitoring,
            "A fix is out and error rates are **back to normal**. We keep watching.",
            end + lasted / 3,
        ),
        update(
            &id,
            0,
            IncidentStatus::Investigating,
            "Some requests are affected; we are looking for the cause.",
            end + lasted,
        ),
    ];
    past
}

/// Groups and components, everything well, ten incidents past.
pub fn well(groups: usize) -> LiveState {
    let mut state = fixture::state();
    state.committed_at = before(3);
    state.page.support_url = Some("https://example.com/support".into());
    for (place, (group, name, components)) in GROUPS.into_iter().take(groups).enumerate() {
        let mut made = fixture::group(group, None);
        made.name = name.into();
        made.position = i32::try_from(place).unwrap();
        state.groups.push(made);
        for (number, component_name) in components.into_iter().enumerate() {
            let number = place * 6 + number;
            state.components.push(component(number, &format!("cmp{number:09}"), Some(group), component_name));
        }
    }
    state.incidents = (0..10).map(|number| past(&fill(&state), number)).collect();
    state.spans = state.incidents.iter().map(span).collect();
    ids(&mut state);
    state
}

/// All names that the incidents refer to, for pages that have only some of the groups.
fn fill(state: &LiveState) -> LiveState {
    let mut all = state.clone();
    let names = GROUPS.iter().flat_map(|(.., names)| *names);
    let there = |name: &str| state.components.iter().any(|component| component.name == name);
    let missing: Vec<&str> = names.filter(|name| !there(name)).collect();
    all.components.extend(
        missing.into_iter().enumerate().map(|(n, name)| component(n, &format!("gone{n}"), None, name)),
    );
    all
}

fn ids(state: &mut LiveState) {
    let mut ids: Vec<Id> =
        state.incidents.iter().chain(&state.maintenances).map(|incident| incident.id.clone()).collect();
    ids.sort();
    let mut began: Vec<(chrono::DateTime<chrono::Utc>, u32)> = ids
        .iter()
        .zip(0..)
        .filter_map(|(id, place)| Some((state.incident(id.as_str())?.started_at, place)))
        .collect();
    began.sort_unstable();
    state.past.first_incident_at = began.first().map(|(at, _)| *at);
    state.past.order = began.into_iter().map(|(_, place)| place).collect();
    state.incident_ids = ids.into();
}

/// 30 components in 5 groups, one open incident, one maintenance running and one planned.
pub fn troubled() -> LiveState {
    let mut state = well(5);
    state.components[2].description = Some("Passwords, passkeys and single sign-on".into());
    state.components[1].link = Some("https://app.example.com".into());
    state.components[11].start_date = Some("2026-10-20".parse().unwrap());
    state.components[29].showcase = false;
    state.groups[3].description = Some("Operated by others; we show what we see of them.".into());
    turn(&mut state, "Query engine", PartialOutage, 30);
    turn(&mut state, "Exports", DegradedPerformance, 24);
    turn(&mut state, "us-west-2", UnderMaintenance, 32);
    state.incidents.insert(0, open_incident(&state));
    state.maintenances = vec![planned(), running(&state)];
    state.spans = state.incidents.iter().map(span).collect();
    ids(&mut state);
    state
}

fn open_incident(state: &LiveState) -> Incident {
    let mut open =
        incident("openincident", "Some queries time out", IncidentStatus::Identified, Impact::Major);
    open.started_at = before(31);
    open.next_update_at = Some(before(-28));
    open.component_ids = ["Query engine", "Exports"].map(|name| id_of(state, name)).into();
    let body = "A storage node in eu-west-1 stopped answering, and queries that touch its shards fail. We are moving the shards; about 4 % of queries are affected.";
    let mut newest = update("openincident", 1, IncidentStatus::Identified, body, 11);
    newest.affected_components = vec![
        changed(state, "Query engine", "Data - Query engine", PartialOutage),
        AffectedComponent {
            old_status: Operational,
            ..changed(state, "Exports", "Data - Exports", DegradedPerformance)
        },
    ];
    let body = "We see raised error rates on the query engine and are looking into it.\nSee [the graphs](https://example.com/graphs).";
    let mut oldest = update("openincident", 0, IncidentStatus::Investigating, body, 30);
    oldest.affected_components = vec![AffectedComponent {
        old_status: Operational,
        ..changed(state, "Query engine", "Data - Query engine", PartialOutage)
    }];
    open.updates = vec![newest, oldest];
    open
}

fn changed(state: &LiveState, name: &str, shown: &str, status: ComponentStatus) -> AffectedComponent {
    AffectedComponent { code: id_of(state, name), name: shown.into(), old_status: status, new_status: status }
}

fn running(state: &LiveState) -> Incident {
    let mut running = incident(
        "running",
        "Network equipment in us-west-2",
        IncidentStatus::InProgress,
        Impact::Maintenance,
    );
    running.component_ids = vec![id_of(state, "us-west-2")];
    running.updates[0].body =
        "Routers are being replaced one by one. Short interruptions are possible.".into();
    running
}

fn planned() -> Incident {
    let mut planned = incident("planned", "Database upgrade", IncidentStatus::Scheduled, Impact::Maintenance);
    planned.scheduled_for = Some(before(-(2 * DAY - 12 * 60 - 32)));
    planned.scheduled_until = planned.scheduled_for.map(|from| from + TimeDelta::hours(1));
    planned.updates[0].body = "Writes pause for up to two minutes within this hour.".into();
    planned
}

/// Twenty components, one open incident and ten past ones: what the budget is measured with.
pub fn twenty() -> LiveState {
    let mut state = troubled();
    state.components.truncate(20);
    state.maintenances.clear();
    state.components[19].status = Operational;
    for (number, component) in state.components.iter_mut().enumerate() {
        let (old, new) = (component.id.clone(), fixture::id(&scattered(number as u64)));
        let replace =
            |ids: &mut Vec<Id>| ids.iter_mut().filter(|id| **id == old).for_each(|id| *id = new.clone());
        state.incidents.iter_mut().for_each(|incident| replace(&mut incident.component_ids));
        component.id = new.clone();
    }
    for (number, incident) in state.incidents.iter_mut().enumerate() {
        incident.id = fixture::id(&scattered(number as u64 + 1_000));
    }
    state.spans = state.incidents.iter().map(span).collect();
    ids(&mut state);
    state
}

/// A thousand components in forty groups, each with its own past.
pub fn thousand() -> LiveState {
    let mut state = troubled();
    state.groups.clear();
    state.components.clear();
    for group in 0..40usize {
        let name = format!("group{group}");
        state.groups.push(fixture::group(&name, None));
        for number in group * 25..group * 25 + 25 {
            let id = scattered(number as u64);
            let shown = format!("Service {number}");
            state.components.push(component(number, &id, Some(&name), &shown));
        }
    }
    let ids: Vec<Id> = state.components.iter().map(|component| component.id.clone()).collect();
    for (number, span) in state.spans.iter_mut().enumerate() {
        span.component_ids = ids.iter().skip(number).step_by(97).cloned().collect();
    }
    state
}

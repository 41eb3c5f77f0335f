//! How large the front page is, and how long a refresh takes to make it: rendering and compressing
//! in all codings. `cargo bench --bench page` prints a table; the times are medians.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use pharos::{
    domain::{
        Id,
        incident::{Impact, IncidentStatus, Kind},
        past::Past,
        state::{Component, Group, Incident, IncidentSpan, IncidentUpdate, LiveState, Page, Version},
        status::ComponentStatus,
        uptime::StatusPeriod,
    },
    live::{Artefact, Coding, MediaType, Snapshot},
    locale,
    render::page,
};

const RUNS: usize = 21;

fn main() {
    println!("components  html bytes  brotli bytes  gzip bytes  render ms  render+br ms  whole refresh ms");
    for components in [20, 1_000] {
        let state = state(components);
        let texts = locale::fallback();
        let html = page::front(&state, now(), texts);
        let artefact = Artefact::new(MediaType::Html, html.clone(), now());
        let size = |coding| artefact.variant(coding).bytes.len();
        let render = median(|| drop(page::front(&state, now(), texts)));
        let brotli = median(|| {
            let html = page::front(&state, now(), texts);
            drop(pharos::live::brotli(html.as_bytes()));
        });
        let refresh = median(|| drop(Snapshot::new(state.clone(), now())));
        println!(
            "{components:10}  {:10}  {:12}  {:10}  {render:9.2}  {brotli:12.2}  {refresh:16.2}",
            html.len(),
            size(Coding::Brotli),
            size(Coding::Gzip),
        );
    }
}

#[expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]
fn median(run: impl Fn()) -> f64 {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begin = Instant::now();
            run();
            begin.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[RUNS / 2].as_secs_f64() * 1_000.0
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_348_800, 0).unwrap_or_default()
}

fn id(kind: &str, n: usize) -> Id {
    // Spread over the alphabet as real ones are, so that compression has no easy game.
    let mixed = (n as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ kind.len() as u64;
    format!("{kind}{mixed:016x}").parse().unwrap_or_else(|_| Id::random())
}

/// A page with an open incident, ten of the last days, and three bad days a component.
fn state(components: usize) -> LiveState {
    let incidents: Vec<Incident> = (0..11).map(|n| incident(n, components)).collect();
    LiveState {
        version: Version { revision: 1, commit: id("v", 1) },
        history_revision: 1,
        committed_at: now(),
        page: Page {
            id: id("p", 1),
            name: "Example".into(),
            description: None,
            host: None,
            url: "https://status.example.com".into(),
            time_zone: chrono_tz::Tz::Etc__UTC,
            language: "en".into(),
            support_url: None,
            hide_empty_days: false,
            branding: Default::default(),
            created_at: now() - TimeDelta::days(900),
            updated_at: now(),
        },
        groups: (0..components / 5).map(group).collect(),
        components: (0..components).map(component).collect(),
        spans: incidents.iter().map(span).collect(),
        incident_ids: incidents.iter().map(|incident| incident.id.clone()).collect(),
        incidents,
        maintenances: vec![],
        past: Past::default(),
        metrics: vec![],
        certainty: Default::default(),
    }
}

fn group(n: usize) -> Group {
    Group {
        id: id("g", n),
        parent_id: None,
        name: format!("{} {}", ["Core", "Data", "Regions", "Integrations"][n % 4], n / 4 + 1),
        description: None,
        position: n as i32 + 1,
        created_at: now(),
        updated_at: now(),
    }
}

fn component(n: usize) -> Component {
    let words =
        ["API", "Dashboard", "Ingest", "Queries", "Exports", "Backups", "Search", "Webhooks", "Billing"];
    let status = if n == 0 { ComponentStatus::PartialOutage } else { ComponentStatus::Operational };
    Component {
        id: id("c", n),
        group_id: Some(id("g", n / 5)),
        name: format!("{} {}", words[n % words.len()], n / words.len() + 1),
        description: None,
        link: None,
        status,
        position: n as i32 + 1,
        showcase: true,
        only_show_if_degraded: false,
        start_date: None,
        created_at: now() - TimeDelta::days(900),
        updated_at: now(),
        periods: periods(n, status),
    }
}

fn periods(n: usize, status: ComponentStatus) -> Vec<StatusPeriod> {
    let mut from = now() - TimeDelta::days(120);
    let mut periods = vec![];
    for bad in 0..3 {
        let at =
            now() - TimeDelta::days(80 - 25 * bad - (n as i64 * 7) % 20) - TimeDelta::minutes(n as i64 % 600);
        let end = at + TimeDelta::minutes(10 + (n as i64 * 13) % 90);
        let down = [ComponentStatus::PartialOutage, ComponentStatus::MajorOutage][(n + bad as usize) % 2];
        periods.push(StatusPeriod { status: ComponentStatus::Operational, from, until: Some(at) });
        periods.push(StatusPeriod { status: down, from: at, until: Some(end) });
        from = end;
    }
    periods.push(StatusPeriod {
        status: ComponentStatus::Operational,
        from,
        until: Some(now() - TimeDelta::hours(1)),
    });
    periods.push(StatusPeriod { status, from: now() - TimeDelta::hours(1), until: None });
    periods
}

fn incident(n: usize, components: usize) -> Incident {
    let at = now() - TimeDelta::hours(1) - TimeDelta::hours(30 * n as i64);
    let names = ["Some requests fail", "Exports are late", "Signing in is slow", "Uploads are refused"];
    let steps = [IncidentStatus::Investigating, IncidentStatus::Identified, IncidentStatus::Resolved];
    let told = if n == 0 { 2 } else { 3 };
    let mut updates: Vec<IncidentUpdate> = (0..told).map(|step| update(n, step, steps[step], at)).collect();
    updates.reverse();
    Incident {
        id: id("i", n),
        number: n as i64,
        kind: Kind::Incident,
        name: format!("{} in region {}", names[n % names.len()], n + 1),
        status: steps[told - 1],
        impact: [Impact::Minor, Impact::Major, Impact::Critical][n % 3],
        shortlink: None,
        started_at: at,
        created_at: at,
        updated_at: at,
        monitoring_at: None,
        resolved_at: (n > 0).then_some(at + TimeDelta::minutes(80)),
        next_update_at: None,
        scheduled_for: None,
        scheduled_until: None,
        reminder_intervals: None,
        component_ids: vec![id("c", n % components)],
        updates,
        postmortem: None,
    }
}

fn update(n: usize, step: usize, status: IncidentStatus, at: DateTime<Utc>) -> IncidentUpdate {
    let bodies = [
        "We see raised error rates and are looking into it. The first reports came a few minutes ago.",
        "A storage node stopped answering and what touches its shards fails. We are moving them.",
        "The fix holds and all queued work is done. We will publish what we learned within a week.",
    ];
    let at = at + TimeDelta::minutes(40 * step as i64);
    IncidentUpdate {
        id: id("u", n * 3 + step),
        status,
        body: format!("{} ({})", bodies[step], n * 37 + step),
        created_at: at,
        updated_at: at,
        display_at: at,
        affected_components: vec![],
        deliver_notifications: true,
        custom_tweet: None,
        tweet_id: None,
    }
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

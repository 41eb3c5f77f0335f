//! Hostile texts stay texts, in whatever is served: each text of one corpus stands in every place
//! that a name, a description or a message may stand in, by import and through the store, and each
//! answer is read as its kind is read: no element, attribute, property or address comes out of them.

use std::collections::BTreeSet;

use pharos::{
    domain::{Id, branding::Text, incident::IncidentStatus, status::ComponentStatus},
    store::{
        Actor, BrandingSettings, NewComponent, NewGroup, NewIncident, NewMetric, NewPage, NewUpdate,
        PageSettings, Schedule, Store,
    },
    transfer,
};
use scraper::Html;
use serde_json::json;

use crate::{
    hostile_readers::check,
    support::{Caller, Database, Server, clock, fixture, noon, read},
};

fn corpus() -> Vec<String> {
    serde_json::from_str(&std::fs::read_to_string(fixture("hostile.json")).unwrap()).unwrap()
}

/// A page's own words, of all texts that they may be made of.
fn dressed(texts: &[String]) -> BrandingSettings {
    let allowed = texts.iter().filter(|text| text.parse::<Text<2_000>>().is_ok());
    let words = allowed.map(String::as_str).collect::<Vec<_>>().join("\n\n");
    let some = |count| words.chars().take(count).collect::<String>();
    let branding = BrandingSettings {
        header: some(5_000).parse().ok(),
        footer: some(5_000).parse().ok(),
        announcement: some(2_000).parse().ok(),
        ..BrandingSettings::default()
    };
    assert!(branding.header.is_some() && branding.announcement.is_some());
    branding
}

/// A page whose every text is hostile, made through the store.
pub async fn hostile_page(store: &Store) -> Id {
    let texts = corpus();
    let mut change = store.change_new_page(NewPage::named(&texts[0]), Actor::CommandLine).await.unwrap();
    change
        .set_page(PageSettings {
            description: Some(texts[1].clone()),
            branding: dressed(&texts),
            ..PageSettings::default()
        })
        .await
        .unwrap();
    for (position, text) in (1..).zip(&texts) {
        let group = change
            .create_group(NewGroup {
                name: text.clone(),
                description: Some(text.clone()),
                parent_id: None,
                position,
            })
            .await
            .unwrap();
        let component = NewComponent {
            description: Some(text.clone()),
            link: Some(text.clone()),
            group_id: Some(group),
            position,
            ..NewComponent::named(text)
        };
        let component = change.create_component(component).await.unwrap();
        let first = NewUpdate::new(IncidentStatus::Investigating, text)
            .with(&component, ComponentStatus::PartialOutage);
        let incident = NewIncident { name: text.clone(), impact_override: None, schedule: None, first };
        change.open_incident(incident).await.unwrap();
        let begins = noon() + chrono::TimeDelta::days(1);
        let schedule = Schedule { begins, ends: begins + chrono::TimeDelta::hours(1), automatic: false };
        let first =
            NewUpdate::new(IncidentStatus::Scheduled, text).with(&component, ComponentStatus::Operational);
        let planned =
            NewIncident { name: text.clone(), impact_override: None, schedule: Some(schedule), first };
        change.open_incident(planned).await.unwrap();
        let metric = NewMetric {
            name: text.clone(),
            suffix: Some(text.clone()),
            description: Some(text.clone()),
            decimal_places: 0,
            position,
        };
        let metric = change.create_metric(metric).await.unwrap();
        // A chart is only drawn of what has points.
        drop(metric);
    }
    change.commit().await.unwrap().page_id
}

/// The same texts as a recorded document of another page would bring them.
fn hostile_document() -> serde_json::Value {
    let at = "2026-11-20T10:00:00.000Z";
    let id = |kind: char, number: usize| format!("{kind}{number:011}");
    let texts = corpus();
    let components = (0..).zip(&texts).map(|(number, text)| {
        serde_json::json!({
            "id": id('c', number), "name": text, "status": "operational", "created_at": at, "updated_at": at,
            "position": number + 1, "description": text, "showcase": true, "start_date": null,
            "group_id": null, "page_id": "hostilepage1", "group": false, "only_show_if_degraded": false,
        })
    });
    let components: Vec<_> = components.collect();
    let incidents = (0..).zip(&texts).map(|(number, text)| {
        let update = serde_json::json!({
            "id": id('u', number), "status": "resolved", "body": text, "incident_id": id('i', number),
            "created_at": at, "updated_at": at, "display_at": at,
            "affected_components": [{
                "code": id('c', number), "name": text, "old_status": "major_outage", "new_status": "operational",
            }],
            "deliver_notifications": false, "custom_tweet": text, "tweet_id": text,
        });
        serde_json::json!({
            "id": id('i', number), "name": text, "status": "resolved", "created_at": at, "updated_at": at,
            "monitoring_at": null, "resolved_at": at, "impact": "major", "shortlink": text, "started_at": at,
            "page_id": "hostilepage1", "incident_updates": [update], "components": [components[number]],
            "reminder_intervals": text,
        })
    });
    let incidents: Vec<_> = incidents.collect();
    serde_json::json!({
        "page": {
            "id": "hostilepage1", "name": texts[1], "url": "https://hostile.test", "time_zone": "Etc/UTC",
            "updated_at": at,
        },
        "components": components, "incidents": incidents, "scheduled_maintenances": [],
        "status": {"indicator": "none", "description": "All Systems Operational"},
    })
}

/// Every place of a page: each route with each id of its kind, and with some of another, in each language.
fn places(server: &Server, page: &Id) -> Vec<String> {
    let state = &server.app.site.get(page).unwrap().state;
    let incidents: Vec<&Id> = state.incident_ids.iter().collect();
    let components = state.components.iter().map(|component| &component.id);
    let components: Vec<&Id> = components.chain(state.groups.iter().map(|group| &group.id)).collect();
    let mut places = vec![];
    // A stream of events has no end.
    let ends = |route: &&&str| route.starts_with('/') && **route != "/events";
    for route in pharos::web::public_routes().iter().filter(ends) {
        let (own, others) = match route.starts_with("/components/") {
            true => (&components, &incidents),
            false => (&incidents, &components),
        };
        if route.contains("{id}") {
            let ids = own.iter().chain(others.iter().take(3));
            places.extend(ids.map(|id| route.replace("{id}", id.as_str())));
        } else if !route.contains('{') {
            places.push((*route).to_owned());
        }
    }
    let translated: Vec<String> = places.iter().map(|place| format!("/de{place}")).collect();
    places.extend(translated);
    places
}

async fn check_all(server: &Server, page: &Id) {
    let mut kinds = BTreeSet::new();
    for place in places(server, page) {
        let answer = server.get(&place).await;
        assert!(answer.status().as_u16() < 500, "{place}: {}", answer.status());
        let header_names: Vec<_> = answer.headers().keys().map(|name| name.as_str().to_owned()).collect();
        assert!(!header_names.iter().any(|name| name == "set-cookie"), "{place}: {header_names:?}");
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        let body = answer.bytes().await.unwrap();
        check(&place, &kind, &body);
        kinds.insert(kind);
    }
    assert!(kinds.iter().any(|kind| kind.contains("html")), "{kinds:?}");
}

#[tokio::test]
async fn what_operators_type_stays_text() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let page = hostile_page(&store).await;
    let server = Server::start(store, &clock()).await;
    check_all(&server, &page).await;
    // It stays text, and it stays: what can be read of each name can still be read.
    let html = Html::parse_document(&server.text("/").await);
    let shown: String = html.root_element().text().collect();
    for text in corpus() {
        assert!(readable(&shown).contains(&readable(&text)), "{text:?} is gone");
    }
    server.stop().await;
}

#[tokio::test]
async fn what_is_brought_over_stays_text() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("summary.json");
    std::fs::write(&file, hostile_document().to_string()).unwrap();
    let options = transfer::statuspage::Options {
        source: file.display().to_string(),
        page: None,
        into: None,
        new_ids: false,
    };
    transfer::statuspage::import(&store, &options).await.unwrap();
    let server = Server::start(store, &clock()).await;
    check_all(&server, &"hostilepage1".parse().unwrap()).await;
    server.stop().await;
}

/// What the API refuses, it refuses by the name of the field; what it takes stays text.
#[tokio::test]
async fn what_is_sent_to_the_api_stays_text() {
    let database = Database::sqlite().await;
    let (server, page) = crate::manage::empty(&database).await;
    let caller = Caller::new(&server).await;
    let mut taken = 0;
    for text in corpus() {
        let body = json!({ "component": { "name": text, "description": text, "link": text } });
        let refused = caller.send("POST", &format!("{page}/components"), body).await;
        let link_fits = url::Url::parse(&text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
        assert!(refused.status() == 422 || (link_fits && refused.status() == 201), "{text:?}");
        let body = json!({ "component": { "name": text, "description": text } });
        let made = caller.send("POST", &format!("{page}/components"), body).await;
        if made.status() == 422 {
            let refused = read(made).await;
            assert!(
                text.trim().is_empty() || text.chars().any(char::is_control) || text.chars().count() > 255
            );
            assert!(refused["errors"][0]["field"].as_str().unwrap().starts_with("component."), "{refused}");
            continue;
        }
        taken += 1;
        let id = read(made).await["id"].as_str().unwrap().to_owned();
        let body = json!({ "incident": {
            "name": text, "body": text, "metadata": { "hostile": { "text": text } }, "components": { id: "partial_outage" },
        } });
        let opened = caller.expect(201, "POST", &format!("{page}/incidents"), body).await;
        assert_eq!(opened["incident_updates"][0]["body"], text, "the API gives back what it was given");
        let body = json!({ "component_group": { "name": text, "components": [] } });
        caller.expect(201, "POST", &format!("{page}/component-groups"), body).await;
    }
    assert!(taken > 10, "{taken}");
    check_all(&server, &page.rsplit('/').next().unwrap().parse().unwrap()).await;
    server.stop().await;
}

/// A text without what has no shape: spaces, controls, directions.
fn readable(text: &str) -> String {
    let shapeless = |c: &char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
            || matches!(c, '\u{feff}' | '\u{fffe}' | '\u{ffff}' | '\u{fffd}' | '\u{2028}' | '\u{2029}')
    };
    text.chars().filter(|c| !shapeless(c)).collect()
}

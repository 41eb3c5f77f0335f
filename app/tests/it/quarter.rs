//! The current quarter is told from memory where memory holds it whole, by the store where it does not.

use std::collections::BTreeSet;

use pharos::{
    domain::{Id, incident::IncidentStatus, past::Quarter},
    store::{Actor, NewIncident, NewPage, NewUpdate, Store},
};
use reqwest::StatusCode;

use crate::support::{Database, Server, clock, noon, on_both};

on_both!(the_current_quarter_needs_no_store, what_memory_holds_in_part_is_asked_for);

async fn codes(server: &Server, path: &str) -> BTreeSet<String> {
    let document = server.json(path).await;
    let months = document["months"].as_array().unwrap().iter();
    let incidents = months.flat_map(|month| month["incidents"].as_array().unwrap());
    incidents.map(|incident| incident["code"].as_str().unwrap().to_owned()).collect()
}

async fn the_current_quarter_needs_no_store(database: Database) {
    let store = database.store(&clock()).await;
    let page = pharos::transfer::demo::fill(&store, &clock()).await.unwrap();
    let server = Server::start(store.clone(), &clock()).await;
    let state = server.app.site.get(&page).unwrap().state.clone();
    let span = Quarter::at(noon(), state.page.time_zone).bounds(state.page.time_zone).unwrap();
    let told = async |component: Option<&Id>| -> BTreeSet<String> {
        let found = store.ended(&page, span, true, component).await.unwrap();
        found.into_iter().map(|incident| incident.id.to_string()).collect()
    };
    let all = told(None).await;
    let touched = state.incidents.iter().find(|incident| all.contains(incident.id.as_str())).unwrap();
    let component = &touched.component_ids[0];
    let of_one = told(Some(component)).await;
    assert!(!of_one.is_empty() && of_one.len() < all.len());
    let (periods, spans) = store.uptime(&page, component, span).await.unwrap();
    store.close().await.unwrap();
    assert_eq!(codes(&server, "/history.json").await, all, "what the store would say");
    assert_eq!(codes(&server, &format!("/history.json?component={component}")).await, of_one);
    assert!(server.text("/de/history").await.contains("November 2026"));
    let html = server.text(&format!("/uptime?component={component}")).await;
    for span in &spans {
        assert!(html.contains(&format!("href=\"/incidents/{}\"", span.id)), "{}", span.name);
    }
    assert!(!spans.is_empty() && periods.len() > 1, "there is something to tell");
    let earlier = server.get("/history?page=2").await;
    assert_eq!(earlier.status(), StatusCode::SERVICE_UNAVAILABLE, "what is earlier does ask");
    server.stop().await;
}

/// A page with more of them in its current quarter than memory holds.
async fn crowded(store: &Store) {
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    for number in 0..220 {
        let first = NewUpdate::new(IncidentStatus::Investigating, "We look.");
        let name = format!("Trouble {number}");
        let incident = NewIncident { name, impact_override: None, schedule: None, first };
        let id = change.open_incident(incident).await.unwrap();
        change.post_update(&id, NewUpdate::new(IncidentStatus::Resolved, "Over.")).await.unwrap();
    }
    change.commit().await.unwrap();
}

async fn what_memory_holds_in_part_is_asked_for(database: Database) {
    let store = database.store(&clock()).await;
    crowded(&store).await;
    let server = Server::start(store.clone(), &clock()).await;
    assert_eq!(codes(&server, "/history.json").await.len(), 220);
    server.stop().await;
    let server = Server::start(store.clone(), &clock()).await;
    store.close().await.unwrap();
    assert_eq!(server.get("/history").await.status(), StatusCode::SERVICE_UNAVAILABLE, "rather than half");
    server.stop().await;
}

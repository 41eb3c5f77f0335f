//! The past as visitors and machines ask for it: by quarters, by component, by words.

use std::collections::BTreeSet;

use pharos::{
    domain::{Id, incident::IncidentStatus, state::Component, status::ComponentStatus},
    store::{Actor, NewComponent, NewIncident, NewPage, NewUpdate, Store},
};
use reqwest::StatusCode;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use crate::support::{Database, Server, clock, fixture, noon, on_both};

on_both!(
    a_year_is_told_by_quarters,
    a_search_finds_words_and_nothing_else,
    a_component_has_a_calendar_back_to_its_beginning,
    what_nobody_knows_asks_nobody,
    the_last_known_is_answered_and_marked,
);

async fn demo(database: &Database) -> (Store, Server) {
    let store = database.store(&clock()).await;
    pharos::transfer::demo::fill(&store, &clock()).await.unwrap();
    let server = Server::start(store.clone(), &clock()).await;
    (store, server)
}

fn codes(document: &Value) -> Vec<String> {
    let months = document["months"].as_array().unwrap().iter();
    let incidents = months.flat_map(|month| month["incidents"].as_array().unwrap());
    incidents.map(|incident| incident["code"].as_str().unwrap().to_owned()).collect()
}

fn schema() -> jsonschema::Validator {
    let text = std::fs::read_to_string(fixture("schemas/history.schema.json")).unwrap();
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
}

async fn a_year_is_told_by_quarters(database: Database) {
    let (_store, server) = demo(&database).await;
    let newest = server.text("/history").await;
    assert!(newest.contains("November 2026") && newest.contains("October 2026"));
    assert!(!newest.contains("December 2026"), "what has not begun is not told");
    assert!(newest.find("November 2026</h2>") < newest.find("October 2026</h2>"), "newest first");
    assert_eq!(newest, server.text("/history?page=1&utm=x&component=&q=").await, "one form");
    let (schema, mut told, mut pages) = (schema(), vec![], 0);
    for page in 1.. {
        let document = server.json(&format!("/history.json?page={page}")).await;
        let wrong: Vec<String> = schema.iter_errors(&document).map(|error| error.to_string()).collect();
        assert!(wrong.is_empty(), "{wrong:?}");
        let html = server.get(&format!("/history?page={page}")).await;
        if html.status() == StatusCode::NOT_FOUND {
            assert_eq!(codes(&document), [""; 0], "before the first incident, months are empty");
            assert_eq!(document["months"].as_array().unwrap().len(), 3);
            break;
        }
        let (html, codes) = (html.text().await.unwrap(), codes(&document));
        assert!(
            codes.iter().all(|code| html.contains(&format!("href=\"/incidents/{code}\""))),
            "page {page}"
        );
        assert_eq!(html.contains("rel=\"next\""), page > 1);
        let jumps = |to: &str| html.contains(to);
        assert_eq!(jumps("class=\"first\" href=\"/history?page=5\""), page < 4, "page {page}");
        assert_eq!(jumps("class=\"last\" href=\"/history\""), page > 2, "page {page}");
        told.extend(codes);
        pages = page;
    }
    assert_eq!(pages, 5, "a year touches five quarters");
    let snapshot = server.app.site.get(&server.app.site.versions()[0].0).unwrap();
    let held = snapshot.state.incidents.iter().chain(&snapshot.state.maintenances);
    let begun = held.filter(|incident| incident.status != IncidentStatus::Scheduled);
    let ids: BTreeSet<String> = begun.map(|incident| incident.id.to_string()).collect();
    assert_eq!(told.len(), ids.len(), "each once");
    assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), ids);
    for bad in ["page=0", "page=01", "page=%2B2", "page=6", "component=zzzzzzzzzzzz", "component=%3Cx"] {
        assert_eq!(server.get(&format!("/history?{bad}")).await.status(), StatusCode::NOT_FOUND, "{bad}");
    }
    let component =
        snapshot.state.incidents.iter().find_map(|incident| incident.component_ids.first()).unwrap();
    let some = codes(&server.json(&format!("/history.json?component={component}")).await);
    let all = codes(&server.json("/history.json").await);
    assert!(!some.is_empty() && some.len() < all.len());
    for code in &some {
        assert!(snapshot.state.incident(code).unwrap().component_ids.contains(component));
        let one = server.json(&format!("/incidents/{code}.json")).await;
        assert_eq!(
            (&one["incident"]["id"], &one["page"]["id"]),
            (&Value::from(code.clone()), &Value::from(snapshot.state.page.id.as_str()))
        );
    }
    server.stop().await;
}

async fn page(store: &Store) -> Id {
    let change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    change.commit().await.unwrap().page_id
}

fn incident(name: &str, body: &str) -> NewIncident {
    let first = NewUpdate::new(IncidentStatus::Investigating, body);
    NewIncident { name: name.into(), impact_override: None, schedule: None, first }
}

async fn a_search_finds_words_and_nothing_else(database: Database) {
    let store = database.store(&clock()).await;
    let page = page(&store).await;
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let api = change.create_component(NewComponent::named("API")).await.unwrap();
    let mut slow = incident("Slow queries", "We look.");
    slow.first = slow.first.with(&api, ComponentStatus::DegradedPerformance);
    change.open_incident(slow).await.unwrap();
    change.open_incident(incident("Übergänge fehlen", "100 % of them")).await.unwrap();
    change.open_incident(incident("Late mail", "The QUERIES_of mail")).await.unwrap();
    change.commit().await.unwrap();
    let server = Server::start(store, &clock()).await;
    let names = ["Slow queries", "Übergänge fehlen", "Late mail"];
    let found = async |query: &str| -> Vec<&str> {
        let html = server.text(&format!("/history?{query}")).await;
        assert!(html.contains("name=\"robots\" content=\"noindex\""), "{query}");
        assert!(html.contains("href=\"/history\" aria-current=\"true\""), "{query}");
        names.into_iter().filter(|name| html.contains(&format!(">{name}</a>"))).collect()
    };
    assert_eq!(found("q=queries").await, ["Slow queries", "Late mail"], "names and bodies, any case");
    assert_eq!(found("q=%20slow%20%20QUERIES%20").await, ["Slow queries"]);
    assert_eq!(found("q=queries_of").await, ["Late mail"], "no wildcard");
    assert_eq!(found("q=0+%25").await, ["Übergänge fehlen"]);
    assert_eq!(found("q=%25%25").await, [""; 0]);
    assert_eq!(found("q=%C3%BCberg%C3%84nge").await, ["Übergänge fehlen"], "letters beyond ASCII");
    assert_eq!(found(&format!("q=queries&component={api}")).await, ["Slow queries"]);
    assert_eq!(found("q=x").await, [""; 0], "too short, and said so");
    assert_eq!(found(&format!("q={}", "x".repeat(101))).await, [""; 0]);
    let hostile = server.text("/history?q=%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!hostile.contains("<script>alert"), "what is searched for stays text");
    assert_eq!(server.get("/history?q=queries").await.headers()["cache-control"], "no-store");
    server.stop().await;
}

async fn a_component_has_a_calendar_back_to_its_beginning(database: Database) {
    let (_store, server) = demo(&database).await;
    let snapshot = server.app.site.get(&server.app.site.versions()[0].0).unwrap();
    let components = &snapshot.state.components;
    // Something befell it in the months that are shown first.
    let quarter = noon() - chrono::TimeDelta::days(50);
    let befell = |component: &&Component| {
        component.periods.iter().any(|period| period.status.is_outage() && period.from > quarter)
    };
    let touched = components.iter().find(|component| component.showcase && befell(component)).unwrap();
    let html = server.text(&format!("/uptime?component={}", touched.id)).await;
    assert!(html.find("November 2026</h2>") < html.find("October 2026</h2>"), "newest first");
    assert!(!html.contains("December 2026"));
    assert_eq!(html.matches("class=\"later\"").count(), 8, "the days after the 22nd");
    assert!(html.contains(&format!("<option value=\"{}\" selected>", touched.id)));
    let days = html.matches("<a href=\"#d20").count();
    assert!(days > 0 && days == html.matches("<tr id=\"d20").count(), "each day with news leads to a row");
    let mut pages = 1;
    while server.get(&format!("/uptime?component={}&page={}", touched.id, pages + 1)).await.status()
        == StatusCode::OK
    {
        pages += 1;
    }
    assert_eq!(pages, 5, "a year touches five quarters");
    let young =
        components.iter().find(|component| component.start_date.is_some() && component.showcase).unwrap();
    assert_eq!(server.get(&format!("/uptime?component={}", young.id)).await.status(), StatusCode::OK);
    assert_eq!(
        server.get(&format!("/uptime?component={}&page=2", young.id)).await.status(),
        StatusCode::NOT_FOUND
    );
    let plain = components.iter().find(|component| !component.showcase).unwrap();
    assert_eq!(server.get(&format!("/uptime?component={}", plain.id)).await.status(), StatusCode::NOT_FOUND);
    assert!(server.text("/de/uptime").await.contains("Verfügbarkeit"));
    server.stop().await;
}

/// With the store closed, a question that reached it would be a 503.
async fn what_nobody_knows_asks_nobody(database: Database) {
    let (store, server) = demo(&database).await;
    store.close().await.unwrap();
    let component =
        server.app.site.get(&server.app.site.versions()[0].0).unwrap().state.components[0].id.clone();
    let ask = |n: usize| {
        let id = Id::random();
        match n % 10 {
            0 => (format!("/incidents/{id}"), 404),
            1 => (format!("/incidents/{id}.json"), 404),
            2 => (format!("/components/{id}"), 404),
            3 => (format!("/history?component={id}"), 404),
            4 => (format!("/history?page={}", 10 + n), 404),
            5 => (format!("/history.json?page={}", 10 + n % 9_000), 200),
            6 => (format!("/history.json?component={id}&page={n}"), 404),
            7 => (format!("/uptime?component={id}"), 404),
            8 => (format!("/uptime?component={component}&page={}", 10 + n % 9_000), 404),
            _ => (format!("/history?q=words&component={id}"), 404),
        }
    };
    let asked: Vec<(String, u16)> = (0..10_000).map(ask).collect();
    let mut tasks = tokio::task::JoinSet::new();
    for some in asked.chunks(1_250) {
        let requests: Vec<_> = some
            .iter()
            .map(|(path, status)| (server.request(reqwest::Method::GET, path), path.clone(), *status))
            .collect();
        tasks.spawn(async move {
            for (request, path, status) in requests {
                assert_eq!(request.send().await.unwrap().status(), status, "{path}");
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
    let known = server.get(&format!("/history?component={component}&page=2")).await;
    assert_eq!(known.status(), StatusCode::SERVICE_UNAVAILABLE, "what is known does ask");
    server.stop().await;
}

async fn the_last_known_is_answered_and_marked(database: Database) {
    let (store, server) = demo(&database).await;
    let page = server.app.site.versions()[0].0.clone();
    let read = server.get("/history?page=2").await;
    assert!(read.headers().get("x-pharos-stale").is_none());
    let mut change = store.change(&page, Actor::System).await.unwrap();
    change.open_incident(incident("Anew", "We look.")).await.unwrap();
    let committed = change.commit().await.unwrap();
    server.app.announce(&committed).await.unwrap();
    store.close().await.unwrap();
    let stale = server.get("/history?page=2").await;
    assert_eq!(stale.status(), StatusCode::OK);
    assert_eq!(stale.headers()["x-pharos-stale"], "0", "by a clock that stands");
    assert_eq!(server.get("/de/history?page=2").await.status(), StatusCode::OK, "in any language");
    let unread = server.get("/history?page=3").await;
    assert_eq!(unread.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(unread.headers().contains_key("retry-after"));
    assert!(unread.text().await.unwrap().contains("href=\"/\""));
    server.stop().await;
}

/// More than ask and wait at once.
const MANY: usize = 300;

/// A table that is locked makes every reader wait, so that all who ask are there at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cold_readers_wait_in_a_short_queue_postgres() {
    let database = Database::postgres().await;
    let store = database.store(&clock()).await;
    let page = page(&store).await;
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let mut ids = vec![];
    for n in 0..MANY {
        let id = change.open_incident(incident(&format!("Old {n}"), "We look.")).await.unwrap();
        change.post_update(&id, NewUpdate::new(IncidentStatus::Resolved, "Over.")).await.unwrap();
        ids.push(id);
    }
    change.commit().await.unwrap();
    let server = Server::start(store, &clock()).await;
    let raw = database.raw().await;
    let lock = sea_orm::TransactionTrait::begin(&raw).await.unwrap();
    lock.execute_unprepared("LOCK TABLE incidents IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for id in &ids[..90] {
        let request = server.request(reqwest::Method::GET, &format!("/incidents/{id}"));
        tasks.spawn(async move { request.send().await.unwrap() });
    }
    let (mut most, mut answers) = (0, vec![]);
    while !tasks.is_empty() {
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let row =
            lock.query_one_raw(Statement::from_string(sea_orm::DbBackend::Postgres, sql)).await.unwrap();
        most = most.max(row.unwrap().try_get_by_index::<i64>(0).unwrap());
        while let Some(done) = tasks.try_join_next() {
            answers.push(done.unwrap());
        }
        tokio::task::yield_now().await;
    }
    assert!((1..=4).contains(&most), "{most} at once");
    for answer in answers {
        assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert!(answer.headers().contains_key("retry-after"));
    }
    lock.rollback().await.unwrap();
    assert_eq!(server.get(&format!("/incidents/{}", ids[0])).await.status(), StatusCode::OK);
    server.stop().await;
}

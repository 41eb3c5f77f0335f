//! Feeds and calendars over HTTP.

use atom_syndication::Feed;
use pharos::{
    domain::{incident::IncidentStatus, status::ComponentStatus},
    store::{Actor, NewComponent, NewIncident, NewPage, NewUpdate},
};
use reqwest::{
    StatusCode,
    header::{ACCEPT_ENCODING, HeaderMap, HeaderValue, IF_NONE_MATCH},
};
use serde_json::Value;

use crate::support::{Database, Server, clock, on_both};

on_both!(every_feed_of_the_demo_is_read_by_others, a_feed_follows_its_incident);

const FILES: [(&str, &str); 4] = [
    ("/history.atom", "application/atom+xml; charset=utf-8"),
    ("/history.rss", "application/rss+xml; charset=utf-8"),
    ("/history.ics", "text/calendar; charset=utf-8"),
    ("/feed.json", "application/feed+json; charset=utf-8"),
];

async fn every_feed_of_the_demo_is_read_by_others(database: Database) {
    let store = database.store(&clock()).await;
    pharos::transfer::demo::fill(&store, &clock()).await.unwrap();
    let server = Server::start(store, &clock()).await;
    let summary = server.json("/api/v2/summary.json").await;
    let maintenance = summary["scheduled_maintenances"][0]["id"].as_str().unwrap();
    let component = summary["incidents"][0]["components"][0]["id"].as_str().unwrap();
    for below in ["".to_owned(), format!("/components/{component}"), format!("/incidents/{maintenance}")] {
        for (file, kind) in FILES {
            let answer = server.get(&format!("{below}{file}")).await;
            assert_eq!(answer.status(), StatusCode::OK, "{below}{file}");
            assert_eq!(answer.headers()["content-type"], kind);
            assert_eq!(answer.headers()["access-control-allow-origin"], "*");
        }
        let atom: Feed = server.text(&format!("{below}/history.atom")).await.parse().unwrap();
        let text = server.text(&format!("{below}/history.rss")).await;
        let rss = rss::Channel::read_from(text.as_bytes()).unwrap();
        let json: Value = server.json(&format!("{below}/feed.json")).await;
        let items = json["items"].as_array().unwrap();
        assert!(!atom.entries.is_empty() && atom.entries.len() <= 25, "{below}");
        assert_eq!((atom.entries.len(), rss.items.len()), (items.len(), items.len()), "{below}");
        for entry in &atom.entries {
            // What RFC 4287 asks of each entry, since the feed has an author and each has content.
            assert!(!entry.id.is_empty() && !entry.title.value.is_empty() && !entry.links.is_empty());
            assert!(entry.updated.timestamp() > 0 && entry.content.is_some());
        }
        let calendar = server.text(&format!("{below}/history.ics")).await;
        assert!(calendar.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"), "{calendar}");
        let html = server.text(if below.is_empty() { "/" } else { &below }).await;
        assert!(html.contains(&format!("href=\"{below}/history.atom\"")), "{below} tells of its feed");
        assert!(html.contains(&format!("href=\"{below}/history.rss\"")));
    }
    server.stop().await;
}

async fn a_feed_follows_its_incident(database: Database) {
    let store = database.store(&clock()).await;
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    let api = change.create_component(NewComponent::named("API")).await.unwrap();
    change.create_component(NewComponent::named("Web")).await.unwrap();
    let first = NewUpdate::new(IncidentStatus::Investigating, "We are **looking** <script>into</script> it.");
    let id = change
        .open_incident(NewIncident {
            name: "API is slow".into(),
            impact_override: None,
            schedule: None,
            first: first.with(&api, ComponentStatus::MajorOutage),
        })
        .await
        .unwrap();
    let page = change.commit().await.unwrap().page_id;
    let server = Server::start(store.clone(), &clock()).await;
    let first: Feed = server.text("/history.atom").await.parse().unwrap();
    let html = first.entries[0].content.as_ref().unwrap().value.clone().unwrap();
    assert!(html.contains("<strong>Investigating</strong> - We are <strong>looking</strong>"), "{html}");
    assert!(!html.contains("<script"), "{html}");
    let tag = server.get("/history.atom").await.headers()["etag"].clone();

    let mut change = store.change(&page, Actor::System).await.unwrap();
    change.post_update(&id, NewUpdate::new(IncidentStatus::Resolved, "It is over.")).await.unwrap();
    server.app.announce(&change.commit().await.unwrap()).await.unwrap();
    let held = HeaderMap::from_iter([(IF_NONE_MATCH, tag)]);
    let answer = server.get_with("/history.atom", held).await;
    assert_eq!(answer.status(), StatusCode::OK, "there is something new");
    let held = HeaderMap::from_iter([(IF_NONE_MATCH, answer.headers()["etag"].clone())]);
    assert_eq!(server.get_with("/history.atom", held).await.status(), StatusCode::NOT_MODIFIED);
    let second: Feed = answer.text().await.unwrap().parse().unwrap();
    assert_eq!(second.entries[0].id, first.entries[0].id, "the same entry, told anew");
    let updates: Feed = server.text(&format!("/incidents/{id}/history.atom")).await.parse().unwrap();
    assert_eq!(updates.entries.len(), 2);
    let coded = HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static("br"))]);
    assert_eq!(server.get_with("/history.rss", coded).await.headers()["content-encoding"], "br");
    let head = server.request(reqwest::Method::HEAD, "/feed.json").send().await.unwrap();
    assert!(head.headers()["content-length"].to_str().unwrap().parse::<u64>().unwrap() > 100);
    let event = server.text(&format!("/incidents/{id}/history.ics")).await;
    assert!(
        event.contains(&format!("UID:{id}@")) && event.contains("SUMMARY:Example - API is slow"),
        "{event}"
    );
    for nowhere in
        ["/incidents/none/history.atom", "/components/none/feed.json", "/incidents/none/history.ics"]
    {
        assert_eq!(server.get(nowhere).await.status(), StatusCode::NOT_FOUND, "{nowhere}");
    }
    server.stop().await;
}

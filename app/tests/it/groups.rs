//! A group has places of its own, as a component has: a page, feeds, a badge and a card.

use pharos::{
    domain::{incident::IncidentStatus, status::ComponentStatus},
    store::{Actor, NewComponent, NewGroup, NewIncident, NewPage, NewUpdate},
};
use reqwest::StatusCode;

use crate::support::{Database, Server, clock};

#[tokio::test]
async fn a_group_says_what_stands_in_it_and_what_affected_it() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    let group = NewGroup {
        name: "Europe".into(),
        description: Some("All of it".into()),
        parent_id: None,
        position: 1,
    };
    let group = change.create_group(group).await.unwrap();
    let within = NewComponent { group_id: Some(group.clone()), ..NewComponent::named("Frankfurt") };
    let within = change.create_component(within).await.unwrap();
    let without = change.create_component(NewComponent::named("Oregon")).await.unwrap();
    for (name, component) in [("Dark in Frankfurt", &within), ("Dark in Oregon", &without)] {
        let first = NewUpdate::new(IncidentStatus::Investigating, "We look.");
        let first = first.with(component, ComponentStatus::MajorOutage);
        let incident = NewIncident { name: name.into(), impact_override: None, schedule: None, first };
        change.open_incident(incident).await.unwrap();
    }
    change.commit().await.unwrap();
    let server = Server::start(store, &clock()).await;
    let own = format!("/components/{group}");
    for (place, status) in [(own.clone(), "Major outage"), (format!("/de{own}"), "Ausfall")] {
        let html = server.text(&place).await;
        assert!(html.contains("Europe</bdi></h1>") && html.contains(status), "{place}");
        assert!(html.contains("All of it") && html.contains("Dark in Frankfurt"), "{place}");
        assert!(html.contains(&format!("data-component-id=\"{within}\"")) && html.contains("data-days="));
        assert!(!html.contains("Oregon"), "{place} tells of others");
        assert!(html.contains(&format!("href=\"{own}/history.atom\"")), "{place} tells of its feed");
    }
    let component = server.text(&format!("/components/{within}")).await;
    assert!(component.contains(&format!("href=\"{own}\"")), "a component leads to its group");
    for file in ["history.atom", "history.rss", "feed.json"] {
        let feed = server.text(&format!("{own}/{file}")).await;
        assert!(feed.contains("Dark in Frankfurt") && !feed.contains("Oregon"), "{file}: {feed}");
    }
    assert!(server.text(&format!("{own}/history.ics")).await.contains("BEGIN:VCALENDAR"));
    let badge = server.json(&format!("{own}/badge.json")).await;
    assert_eq!((&badge["label"], &badge["message"]), (&"Europe".into(), &"Major outage".into()));
    assert_eq!(server.get(&format!("{own}/uptime.json")).await.status(), StatusCode::NOT_FOUND);
    let told = server.json(&format!("/oembed?url=http://status.test{own}")).await;
    assert_eq!(told["title"], "Europe");
    assert!(server.text(&format!("{own}/card")).await.contains("Major outage · "));
    assert!(server.text("/sitemap.xml").await.contains(&format!("<loc>http://status.test{own}</loc>")));
    server.stop().await;
}

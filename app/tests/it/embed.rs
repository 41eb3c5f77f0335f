//! What other sites show of the page: the script, the frame, the card, and how oEmbed names them;
//! whom to tell of a weakness; and the description of everything that machines read.

use pharos::{
    domain::incident::IncidentStatus,
    store::{Actor, BrandingSettings, NewComponent, NewIncident, NewPage, NewUpdate, PageSettings, Store},
};
use reqwest::StatusCode;

use crate::support::{Database, Server, clock, demo, read};

const HOSTILE: &str = "</script><script>alert(\"1\")</script>'&\u{202e}\u{7}x";

async fn hostile(store: &Store) -> pharos::domain::Id {
    let mut change = store.change_new_page(NewPage::named(HOSTILE), Actor::System).await.unwrap();
    let first = NewUpdate::new(IncidentStatus::Investigating, HOSTILE);
    let incident = NewIncident { name: HOSTILE.into(), impact_override: None, schedule: None, first };
    let id = change.open_incident(incident).await.unwrap();
    change.commit().await.unwrap();
    id
}

#[tokio::test]
async fn any_site_may_frame_the_frame_and_nothing_else() {
    let (_database, server) = demo().await;
    for path in ["/embed/frame", "/embed/frame?mobile=true", "/embed/card"] {
        let answer = server.get(path).await;
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap().to_owned();
        assert!(policy.contains("frame-ancestors *") && !policy.contains("unsafe"), "{policy}");
        assert!(answer.headers().get("x-frame-options").is_none());
    }
    let front = server.get("/").await;
    assert!(front.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors 'none'"));
    let script = server.get("/embed/script.js").await;
    assert_eq!(script.headers()["content-type"], "text/javascript; charset=utf-8");
    assert!(
        script.text().await.unwrap().contains("\"origin\":\"http://status.test\""),
        "never the Host header"
    );
    server.stop().await;
}

/// What stands in the frame that an answer of oEmbed brings.
async fn card(server: &Server, answer: &serde_json::Value) -> String {
    let frame = scraper::Html::parse_fragment(answer["html"].as_str().unwrap());
    let frame = frame.select(&scraper::Selector::parse("iframe").unwrap()).next().unwrap().attr("src");
    let card = server.get(frame.unwrap().strip_prefix("http://status.test").unwrap()).await;
    assert_eq!(card.status(), StatusCode::OK, "{frame:?}");
    let policy = card.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("frame-ancestors *"), "{policy}");
    card.text().await.unwrap()
}

#[tokio::test]
async fn each_incident_and_component_has_a_card_of_its_own() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    let component = change.create_component(NewComponent::named("Search & <find>")).await.unwrap();
    let mut ids = vec![];
    // More than the snapshot holds, so that the first is read from the archive.
    for number in 0..220 {
        let first = NewUpdate::new(IncidentStatus::Investigating, "We look.");
        let name = format!("Trouble {number}");
        let incident = NewIncident { name, impact_override: None, schedule: None, first };
        let id = change.open_incident(incident).await.unwrap();
        if number != 219 {
            change.post_update(&id, NewUpdate::new(IncidentStatus::Resolved, "Over.")).await.unwrap();
        }
        ids.push(id);
    }
    change.commit().await.unwrap();
    let server = Server::start(store, &clock()).await;
    let snapshot = server.app.site.get(&server.app.site.versions()[0].0).unwrap();
    assert!(snapshot.state.incident(ids[0].as_str()).is_none(), "the first is too old for the snapshot");
    let places = [
        (format!("/incidents/{}", ids[219]), "Trouble 219", "Investigating · "),
        (format!("/incidents/{}", ids[0]), "Trouble 0", "Resolved · "),
        (format!("/de/incidents/{}", ids[0]), "Trouble 0", "Behoben · "),
        (format!("/components/{component}"), "Search & <find>", "Operational · "),
        (format!("/de/components/{component}"), "Search & <find>", "In Betrieb · "),
    ];
    for (place, title, state) in places {
        let told = server.json(&format!("/oembed?url=http://status.test{place}")).await;
        assert_eq!(told["title"], title, "{place}");
        let html = card(&server, &told).await;
        let title = title.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        assert!(html.contains(&format!(">{title}</h1>")) && html.contains(state), "{place}: {html}");
        assert!(html.contains(&format!("href=\"http://status.test{place}\"")), "{place}: {html}");
    }
    for unknown in ["/incidents/zzzzzzzzzzzz/card", "/components/zzzzzzzzzzzz/card", "/de/incidents/~/card"] {
        assert_eq!(server.get(unknown).await.status(), StatusCode::NOT_FOUND, "{unknown}");
    }
    server.stop().await;
}

#[tokio::test]
async fn oembed_knows_the_page_s_addresses() {
    let (_database, server) = demo().await;
    let incident = server.json("/api/v2/incidents.json").await["incidents"][0].clone();
    let of = |path: &str| format!("/oembed?url=http%3A%2F%2Fstatus.test{}", path.replace('/', "%2F"));
    let page = server.json(&of("/")).await;
    assert_eq!(page["type"], "rich");
    assert_eq!(page["version"], "1.0");
    assert_eq!(page["width"], 600);
    assert!(page["html"].as_str().unwrap().starts_with("<iframe src=\"http://status.test/embed/card\""));
    let one = server.json(&of(&format!("/incidents/{}", incident["id"].as_str().unwrap()))).await;
    assert_eq!(one["title"], incident["name"]);
    assert!(card(&server, &one).await.contains(incident["name"].as_str().unwrap()));
    let narrow = server.json(&(of("/") + "&format=json&maxwidth=450&maxheight=200")).await;
    assert_eq!(narrow["width"], 400);
    assert_eq!(narrow["height"], 115);
    let refused = [
        (of("/nowhere"), StatusCode::NOT_FOUND),
        (of("/incidents/zzzzzzzzzzzz"), StatusCode::NOT_FOUND),
        (of("/de/components/zzzzzzzzzzzz"), StatusCode::NOT_FOUND),
        ("/oembed?url=https%3A%2F%2Fexample.com%2F".to_owned(), StatusCode::NOT_FOUND),
        (of("/") + "&format=xml", StatusCode::NOT_IMPLEMENTED),
        (of("/") + "&maxwidth=10", StatusCode::BAD_REQUEST),
        (of("/") + "&maxheight=many", StatusCode::BAD_REQUEST),
        ("/oembed".to_owned(), StatusCode::BAD_REQUEST),
        (format!("/oembed?url={}", "a".repeat(4_000)), StatusCode::BAD_REQUEST),
    ];
    for (path, status) in refused {
        let answer = server.get(&path).await;
        assert_eq!(answer.status(), status, "{path}");
        assert!(read(answer).await["error"].is_string(), "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn hostile_names_stay_text_in_frames() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let incident = hostile(&store).await;
    let server = Server::start(store, &clock()).await;
    for path in ["/embed/frame", "/embed/card"] {
        let html = server.text(path).await;
        assert_eq!(html.matches("<script").count(), 1, "{html}");
        assert!(html.contains(&format!("data-about=\"{incident}\"")));
    }
    let script = server.text("/embed/script.js").await;
    assert!(!script.contains("</script>") && !script.contains('\u{202e}'), "{script}");
    let address = format!("/oembed?url=http://status.test/incidents/{incident}");
    let html = server.json(&address).await["html"].as_str().unwrap().to_owned();
    assert!(!html.contains("<script") && html.matches("<iframe").count() == 1, "{html}");
    server.stop().await;
}

#[tokio::test]
async fn security_txt_is_there_when_a_contact_is() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    let page = change.commit().await.unwrap().page_id;
    let server = Server::start(store.clone(), &clock()).await;
    let paths = ["/.well-known/security.txt", "/security.txt"];
    for path in paths {
        assert_eq!(server.get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert!(server.get("/").await.headers().get("x-robots-tag").is_none());
    let branding = BrandingSettings {
        security_contact: Some("mailto:security@example.com".parse().unwrap()),
        hidden_from_search: Some(true),
        ..BrandingSettings::default()
    };
    let mut change = store.change(&page, Actor::System).await.unwrap();
    change.set_page(PageSettings { branding, ..PageSettings::default() }).await.unwrap();
    server.app.announce(&change.commit().await.unwrap()).await.unwrap();
    for path in paths {
        let text = server.text(path).await;
        assert!(
            text.starts_with("Contact: mailto:security@example.com\nExpires: 2027-11-21T00:00:00Z\n"),
            "{text}"
        );
    }
    assert_eq!(server.text("/robots.txt").await, "User-agent: *\nAllow: /\n", "or nobody reads the noindex");
    assert_eq!(server.get("/sitemap.xml").await.status(), StatusCode::NOT_FOUND);
    for path in ["/", "/history", "/history.atom", "/og.png", "/api/v2/summary.json"] {
        assert_eq!(server.get(path).await.headers()["x-robots-tag"], "noindex", "{path}");
    }
    server.stop().await;
}

//! What other sites, crawlers, previews and tools read: badges, icons, pictures and files by their
//! agreed names.

use pharos::{
    domain::status::ComponentStatus,
    store::{Actor, NewComponent, NewPage, PageSettings, Store},
};
use reqwest::StatusCode;

use crate::support::{Database, Server, clock, demo, on_both};

on_both!(badges_follow_each_change);

/// Markup, quotes, controls and directions that a name may bring.
const HOSTILE: &str = "</svg></title><script>alert(\"1\")</script>'&\u{202e}\u{7}x";

async fn page(store: &Store, name: &str) -> (pharos::domain::Id, pharos::domain::Id) {
    let mut change = store.change_new_page(NewPage::named(name), Actor::System).await.unwrap();
    let component = NewComponent { name: name.into(), ..NewComponent::named(name) };
    let component = change.create_component(component).await.unwrap();
    (change.commit().await.unwrap().page_id, component)
}

async fn badges_follow_each_change(database: Database) {
    let store = database.store(&clock()).await;
    let (page, component) = page(&store, "API").await;
    let server = Server::start(store.clone(), &clock()).await;
    let message = async |path: &str| server.json(path).await["message"].as_str().unwrap().to_owned();
    let own = format!("/components/{component}/badge.json");
    assert_eq!(message("/badge.json").await, "Operational");
    let mut change = store.change(&page, Actor::System).await.unwrap();
    change.set_status(&component, ComponentStatus::MajorOutage).await.unwrap();
    let committed = change.commit().await.unwrap();
    server.app.announce(&committed).await.unwrap();
    assert_eq!(message("/badge.json").await, "Major outage");
    assert_eq!(message(&own).await, "Major outage");
    assert!(server.text("/badge.svg").await.contains("<title>API: Major outage</title>"));
    server.stop().await;
}

#[tokio::test]
async fn every_file_has_its_kind_and_can_be_kept() {
    let (_database, server) = demo().await;
    let component = server.json("/api/v2/components.json").await["components"]
        .as_array()
        .unwrap()
        .iter()
        .find(|component| component["showcase"] == true)
        .map(|component| component["id"].as_str().unwrap().to_owned())
        .unwrap();
    let (svg, json) = ("image/svg+xml; charset=utf-8", "application/json; charset=utf-8");
    let own = |name: &str| format!("/components/{component}/{name}");
    let files = [
        ("/badge.svg".to_owned(), svg),
        ("/badge.json".to_owned(), json),
        (own("badge.svg"), svg),
        (own("badge.json"), json),
        (own("uptime.svg"), svg),
        (own("uptime.json"), json),
        ("/robots.txt".to_owned(), "text/plain; charset=utf-8"),
        ("/sitemap.xml".to_owned(), "application/xml; charset=utf-8"),
        ("/site.webmanifest".to_owned(), "application/manifest+json; charset=utf-8"),
        ("/favicon.svg".to_owned(), svg),
        ("/favicon.ico".to_owned(), "image/vnd.microsoft.icon"),
        ("/apple-touch-icon.png".to_owned(), "image/png"),
        ("/icon-192.png".to_owned(), "image/png"),
        ("/icon-512.png".to_owned(), "image/png"),
        ("/og.png".to_owned(), "image/png"),
    ];
    for (path, kind) in files {
        let answer = server.get(&path).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()["content-type"], kind, "{path}");
        assert_eq!(answer.headers()["access-control-allow-origin"], "*", "{path}");
        let tag = answer.headers()["etag"].clone();
        let again = server.request(reqwest::Method::GET, &path).header("if-none-match", tag);
        assert_eq!(again.send().await.unwrap().status(), StatusCode::NOT_MODIFIED, "{path}");
        let post = server.request(reqwest::Method::POST, &path).send().await.unwrap();
        assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn pictures_have_their_size() {
    let (_database, server) = demo().await;
    let sizes = [
        ("/apple-touch-icon.png", 180, 180),
        ("/icon-192.png", 192, 192),
        ("/icon-512.png", 512, 512),
        ("/og.png?v=7", 1200, 630),
    ];
    for (path, width, height) in sizes {
        let bytes = server.get(path).await.bytes().await.unwrap();
        assert!(bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "{path}");
        let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap());
        assert_eq!((number(16), number(20)), (width, height), "{path}");
    }
    let icon = server.get("/favicon.ico").await.bytes().await.unwrap();
    assert_eq!(icon[..8], [0, 0, 1, 0, 1, 0, 32, 32]);
    assert!(icon[22..].starts_with(b"\x89PNG"), "it begins where the entry says");
    let front = server.text("/").await;
    let picture = front.split("property=\"og:image\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(picture.starts_with("http://status.test/og.png?v="), "{picture}");
    server.stop().await;
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let (_database, server) = demo().await;
    let paths = [
        "/components/zzzzzzzzzzzz/badge.svg",
        "/components/zzzzzzzzzzzz/uptime.json",
        "/components/%00/badge.json",
        "/icon-193.png",
        "/xx/og.png",
    ];
    for path in paths {
        assert_eq!(server.get(path).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    server.stop().await;
}

#[tokio::test]
async fn hostile_names_stay_text() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let (page, component) = page(&store, HOSTILE).await;
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let url = Some("https://status.example.com/?a=1&b='<x>".to_owned());
    change.set_page(PageSettings { url, ..PageSettings::default() }).await.unwrap();
    change.commit().await.unwrap();
    let server = Server::start(store, &clock()).await;
    for path in
        ["/badge.svg".to_owned(), format!("/components/{component}/badge.svg"), "/sitemap.xml".to_owned()]
    {
        let text = server.text(&path).await;
        assert!(!text.contains("<script"), "{path}: {text}");
        assert!(!text.contains('\u{7}') && !text.contains('\u{202e}'), "{path}");
    }
    let said = server.json("/badge.json").await["label"].as_str().unwrap().to_owned();
    assert_eq!(said, "</svg></title><script>alert(\"1\")</script>'& x");
    let manifest = server.json("/site.webmanifest").await;
    assert!(manifest["name"].as_str().unwrap().starts_with("</svg>"));
    assert_eq!(server.get("/og.png").await.status(), StatusCode::OK);
    server.stop().await;
}

#[tokio::test]
async fn crawlers_are_told_where_things_are() {
    let (_database, server) = demo().await;
    let robots = server.text("/robots.txt").await;
    assert!(robots.contains("Sitemap: http://status.test/sitemap.xml\n"), "{robots}");
    let map = server.text("/sitemap.xml").await;
    let first =
        server.json("/api/v2/incidents.json").await["incidents"][0]["id"].as_str().unwrap().to_owned();
    assert!(map.contains(&format!("<loc>http://status.test/incidents/{first}</loc>")));
    for place in map.split("<loc>http://status.test").skip(1).take(40) {
        let path = place.split("</loc>").next().unwrap();
        assert_eq!(server.get(path).await.status(), StatusCode::OK, "{path}");
    }
    server.stop().await;
}

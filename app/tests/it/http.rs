//! HTTP as clients and caches rely on it.

use std::io::{Read, Write};

use pharos::{
    domain::{incident::IncidentStatus, status::ComponentStatus},
    store::{Actor, NewComponent, NewIncident, NewPage, NewUpdate, Store},
};
use reqwest::{
    Method, StatusCode,
    header::{ACCEPT_ENCODING, HOST, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH},
};

use crate::support::{Database, Server, clock, demo, on_both};

on_both!(
    a_change_is_seen_at_once,
    an_old_incident_comes_from_the_archive,
    a_page_stays_lit_while_its_database_is_emptied,
    an_older_state_is_believed_when_it_stays,
);

fn headers<const N: usize>(pairs: [(reqwest::header::HeaderName, &str); N]) -> HeaderMap {
    pairs.into_iter().map(|(name, value)| (name, HeaderValue::from_str(value).unwrap())).collect()
}

const PATHS: [&str; 4] =
    ["/", "/api/v2/summary.json", "/api/v2/incidents/resolved.json", "/api/v2/status.json"];

#[tokio::test]
async fn what_a_client_holds_is_not_sent_again() {
    let (_database, server) = demo().await;
    for path in PATHS {
        let first = server.get_with(path, headers([(ACCEPT_ENCODING, "br")])).await;
        let tag = first.headers()["etag"].to_str().unwrap().to_owned();
        let date = first.headers()["last-modified"].to_str().unwrap().to_owned();
        assert!(tag.starts_with('"'), "{path}: a strong tag, {tag}");
        for condition in [(IF_NONE_MATCH, tag.as_str()), (IF_MODIFIED_SINCE, date.as_str())] {
            let again = server.get_with(path, headers([(ACCEPT_ENCODING, "br"), condition])).await;
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{path}");
            assert_eq!(again.headers()["etag"], first.headers()["etag"]);
            assert_eq!(again.headers()["cache-control"], first.headers()["cache-control"]);
            assert!(again.bytes().await.unwrap().is_empty());
        }
        let other = [(IF_NONE_MATCH, "\"other\""), (IF_MODIFIED_SINCE, date.as_str())];
        assert_eq!(
            server.get_with(path, headers(other)).await.status(),
            StatusCode::OK,
            "a tag goes before a date"
        );
    }
    server.stop().await;
}

#[tokio::test]
async fn the_coding_is_the_one_that_the_client_likes_best() {
    let (_database, server) = demo().await;
    let plain = server.get("/").await.bytes().await.unwrap();
    let mut tags = std::collections::HashSet::new();
    for coding in ["gzip", "br", "zstd"] {
        let answer = server.get_with("/", headers([(ACCEPT_ENCODING, coding)])).await;
        assert_eq!(answer.headers()["content-encoding"], coding);
        assert_eq!(answer.headers()["vary"], "Accept-Encoding");
        tags.insert(answer.headers()["etag"].clone());
        assert!(answer.bytes().await.unwrap().len() * 2 < plain.len(), "{coding}");
    }
    assert_eq!(tags.len(), 3, "no two codings share a tag");
    server.stop().await;
}

#[tokio::test]
async fn headers_are_as_caches_and_browsers_need_them() {
    let (_database, server) = demo().await;
    let page = server.get("/").await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert!(page.headers()["cache-control"].to_str().unwrap().contains("stale-if-error"));
    assert!(page.headers().get("set-cookie").is_none());
    let document = server.get("/api/v2/summary.json").await;
    assert_eq!(document.headers()["access-control-allow-origin"], "*");
    assert_eq!(document.headers()["content-type"], "application/json; charset=utf-8");
    assert_eq!(
        document.headers()["cache-control"],
        "max-age=10, public, s-maxage=10, stale-while-revalidate=20, stale-if-error=3600"
    );
    let query = server.get("/api/v2/incidents.json?page=2").await.text().await.unwrap();
    assert_eq!(query, server.text("/api/v2/incidents.json").await, "parameters are ignored");
    server.stop().await;
}

#[tokio::test]
async fn head_says_what_get_would() {
    let (_database, server) = demo().await;
    for path in PATHS {
        let get = server.get(path).await;
        let head = server.request(Method::HEAD, path).send().await.unwrap();
        assert_eq!(head.status(), StatusCode::OK);
        for name in ["content-length", "etag", "content-type", "last-modified", "cache-control"] {
            assert_eq!(head.headers().get(name), get.headers().get(name), "{path} {name}");
        }
        assert!(head.bytes().await.unwrap().is_empty());
    }
    server.stop().await;
}

#[tokio::test]
async fn errors_speak_to_people_and_to_machines() {
    let (_database, server) = demo().await;
    let lost = server.get("/nowhere").await;
    assert_eq!(lost.status(), StatusCode::NOT_FOUND);
    assert_eq!(lost.headers()["cache-control"], "no-store");
    let text = lost.text().await.unwrap();
    assert!(text.contains("<h1") && text.contains("href=\"/\""), "it leads back to the front page");
    let machine = server.get("/api/v2/nowhere.json").await;
    assert_eq!(machine.status(), StatusCode::NOT_FOUND);
    assert_eq!(machine.headers()["access-control-allow-origin"], "*");
    assert_eq!(machine.text().await.unwrap(), r#"{"error":"Not Found"}"#);
    for path in PATHS {
        let refused = server.request(Method::POST, path).body("x").send().await.unwrap();
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED, "{path}");
        assert_eq!(refused.headers()["allow"], "GET, HEAD");
    }
    for id in ["zzzzzzzzzzzz", "<script>", "%00", "%ff", "a%2Fb", &"a".repeat(500)] {
        assert_eq!(server.get(&format!("/incidents/{id}")).await.status(), StatusCode::NOT_FOUND, "{id}");
        assert_eq!(server.get(&format!("/components/{id}")).await.status(), StatusCode::NOT_FOUND, "{id}");
    }
    server.stop().await;
}

#[tokio::test]
async fn connections_are_kept_and_requests_may_be_sent_ahead() {
    let (_database, server) = demo().await;
    let address = server.base.strip_prefix("http://").unwrap().to_owned();
    let answer = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let ask = |path: &str, more: &str| format!("GET {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n");
        let both = ask("/api/v2/status.json", "") + &ask("/healthz", "Connection: close\r\n");
        stream.write_all(both.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 2, "{answer}");
    assert!(answer.contains("All Systems") || answer.contains("indicator"));
    server.stop().await;
}

#[tokio::test]
async fn with_several_pages_only_the_exact_host_is_answered() {
    let database = Database::sqlite().await;
    let clock = clock();
    let store = database.store(&clock).await;
    for (name, host) in [("First", "first.test"), ("Second", "second.test")] {
        let page = NewPage { host: Some(host.into()), ..NewPage::named(name) };
        store.change_new_page(page, Actor::System).await.unwrap().commit().await.unwrap();
        clock.advance(std::time::Duration::from_secs(1));
    }
    let server = Server::start(store, &clock).await;
    for (host, name) in [("first.test", "First"), ("SECOND.test:8080", "Second")] {
        let answer =
            server.get_with("/api/v2/status.json", headers([(HOST, host)])).await.text().await.unwrap();
        assert!(answer.contains(&format!("\"name\":\"{name}\"")), "{answer}");
    }
    for host in ["third.test", "first.test.evil.test", ""] {
        let forged = [(HOST, host), (reqwest::header::FORWARDED, "host=first.test")];
        let answer = server.get_with("/", headers(forged)).await;
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{host}");
        assert!(answer.text().await.unwrap().contains("<h1"), "people get a page");
    }
    let own = server.get_with("/api/v2/status.json", headers([(HOST, "status.test")])).await;
    assert!(own.text().await.unwrap().contains("\"name\":\"First\""), "at the installation's own address");
    assert_eq!(server.get("/healthz").await.status(), StatusCode::OK, "for any host");
    server.stop().await;
}

#[tokio::test]
async fn bytes_do_not_depend_on_who_asks() {
    let (_database, server) = demo().await;
    let plain = server.get("/").await.bytes().await.unwrap();
    let dressed = headers([
        (HOST, "evil.test"),
        (reqwest::header::COOKIE, "a=b"),
        (reqwest::header::ACCEPT_LANGUAGE, "de"),
        (reqwest::header::USER_AGENT, "somebody"),
    ]);
    assert_eq!(server.get_with("/?utm=1", dressed).await.bytes().await.unwrap(), plain);
    server.stop().await;
}

fn failing(name: &str) -> NewIncident {
    NewIncident {
        name: name.into(),
        impact_override: None,
        schedule: None,
        first: NewUpdate::new(IncidentStatus::Investigating, "We are looking."),
    }
}

async fn page(store: &Store) -> pharos::domain::Id {
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    change.create_component(NewComponent::named("API")).await.unwrap();
    change.commit().await.unwrap().page_id
}

async fn a_change_is_seen_at_once(database: Database) {
    let store = database.store(&clock()).await;
    let page = page(&store).await;
    let server = Server::start(store.clone(), &clock()).await;
    let before = server.get("/").await.headers()["etag"].clone();
    assert!(server.text("/").await.contains("status-none"));
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let component = server.app.site.get(&page).unwrap().state.components[0].id.clone();
    let mut new = failing("Requests fail <script>alert(1)</script>");
    new.first = new.first.with(&component, ComponentStatus::MajorOutage);
    change.open_incident(new).await.unwrap();
    server.app.announce(&change.commit().await.unwrap()).await.unwrap();
    let after = server.get("/").await;
    assert_ne!(after.headers()["etag"], before);
    let text = after.text().await.unwrap();
    assert!(text.contains("status-critical") && text.contains("Requests fail &lt;script&gt;"), "{text}");
    assert!(!text.contains("<script>alert"));
    assert_eq!(server.json("/api/v2/status.json").await["status"]["indicator"], "critical");
    server.stop().await;
}

/// More incidents than a snapshot holds.
const MANY: usize = 260;

async fn an_old_incident_comes_from_the_archive(database: Database) {
    let clock = clock();
    let store = database.store(&clock).await;
    let page = page(&store).await;
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let mut ids = vec![];
    for n in 0..MANY {
        let id = change.open_incident(failing(&format!("Old failure {n}"))).await.unwrap();
        change.post_update(&id, NewUpdate::new(IncidentStatus::Resolved, "Over.")).await.unwrap();
        ids.push(id);
    }
    change.commit().await.unwrap();
    let server = Server::start(store.clone(), &clock).await;
    let snapshot = server.app.site.get(&page).unwrap();
    assert!(snapshot.state.incident(ids[0].as_str()).is_none(), "too old for the snapshot");
    assert!(server.text(&format!("/incidents/{}", ids[0])).await.contains("Old failure 0"));
    assert!(server.text(&format!("/incidents/{}/history.atom", ids[0])).await.contains("Old failure 0"));
    assert!(server.text(&format!("/incidents/{}", ids[MANY - 1])).await.contains("Old failure 259"));
    assert_eq!(server.json("/api/v2/incidents.json").await["incidents"].as_array().unwrap().len(), 50);
    // The store is gone: what was read stays, what was not is honestly away, and the page is lit.
    store.close().await.unwrap();
    assert_eq!(server.get("/").await.status(), StatusCode::OK);
    assert_eq!(server.get(&format!("/incidents/{}", ids[0])).await.status(), StatusCode::OK);
    assert_eq!(
        server.get("/incidents/zzzzzzzzzzzz").await.status(),
        StatusCode::NOT_FOUND,
        "without asking anyone"
    );
    let away = server.get(&format!("/incidents/{}", ids[1])).await;
    assert_eq!(away.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(away.headers().contains_key("retry-after"));
    assert!(away.text().await.unwrap().contains("href=\"/\""));
    server.stop().await;
}

async fn a_page_stays_lit_while_its_database_is_emptied(database: Database) {
    let store = database.store(&clock()).await;
    page(&store).await;
    let server = Server::start(store, &clock()).await;
    let raw = database.raw().await;
    sea_orm::ConnectionTrait::execute_unprepared(&raw, "DELETE FROM pages").await.unwrap();
    for _ in 0..5 {
        assert!(server.app.refresher.poll().await.is_err());
        assert!(server.text("/api/v2/status.json").await.contains("Example"));
    }
    server.stop().await;
}

async fn an_older_state_is_believed_when_it_stays(database: Database) {
    let store = database.store(&clock()).await;
    let page = page(&store).await;
    for _ in 0..4 {
        store.change(&page, Actor::System).await.unwrap().commit().await.unwrap();
    }
    let server = Server::start(store, &clock()).await;
    let revision = || server.app.site.get(&page).unwrap().state.version.revision;
    let raw = database.raw().await;
    let set = async |revision: i64| {
        let sql = format!("UPDATE pages SET revision = {revision}");
        sea_orm::ConnectionTrait::execute_unprepared(&raw, &sql).await.unwrap();
        server.app.refresher.poll().await.unwrap();
    };
    assert_eq!(revision(), 5);
    for _ in 0..4 {
        set(3).await;
        assert_eq!(revision(), 5, "once is no proof");
        set(5).await;
    }
    let began = std::time::Instant::now();
    while revision() == 5 {
        assert!(began.elapsed() < crate::support::PATIENCE, "what stays is believed");
        set(3).await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(revision(), 3);
    assert!(began.elapsed() >= std::time::Duration::from_secs(2), "polls that come all at once are no proof");
    server.stop().await;
}

//! `/events`: who watches a page is told of its changes.

use std::time::{Duration, Instant};

use pharos::{
    domain::Id,
    store::{Actor, NewComponent, NewPage},
    web::{ApiOptions, EventOptions, Options},
};
use reqwest::{
    Method, Response, StatusCode,
    header::{ACCEPT_ENCODING, HOST},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

use crate::support::{Database, Server, clock, on_both};

on_both!(a_change_is_told_at_once);

/// A server with one page.
async fn server(database: &Database, options: Options) -> (Id, Server) {
    let store = database.store(&clock()).await;
    store.ensure_page("Status").await.unwrap();
    let server = Server::start_with(store, &clock(), options).await;
    let page = server.app.site.versions()[0].0.clone();
    (page, server)
}

fn events(events: EventOptions) -> Options {
    Options { events, ..Options::default() }
}

/// Makes a change that is seen, and shows it.
async fn change(server: &Server, page: &Id) {
    let mut change = server.app.store.change(page, Actor::System).await.unwrap();
    change.create_component(NewComponent::named("API")).await.unwrap();
    server.app.announce(&change.commit().await.unwrap()).await.unwrap();
}

/// Somebody who reads a stream.
struct Reader {
    answer: Response,
    read: String,
}

impl Reader {
    async fn open(server: &Server) -> Self {
        Self::of(server.get("/events").await)
    }

    fn of(answer: Response) -> Self {
        assert_eq!(answer.status(), StatusCode::OK);
        Self { answer, read: String::new() }
    }

    /// Reads on until a text has come, and gives all that came since the last time.
    async fn until(&mut self, text: &str) -> String {
        while !self.read.contains(text) {
            let more = tokio::time::timeout(Duration::from_secs(10), self.answer.chunk()).await;
            let more = more.expect("nothing more in 10 seconds").unwrap();
            let more = more.unwrap_or_else(|| panic!("it ends before {text:?}: {}", self.read));
            self.read += std::str::from_utf8(&more).unwrap();
        }
        std::mem::take(&mut self.read)
    }

    /// Reads all that is left until the end.
    async fn rest(mut self) -> String {
        let end = async {
            while let Some(more) = self.answer.chunk().await.unwrap() {
                self.read += std::str::from_utf8(&more).unwrap();
            }
        };
        tokio::time::timeout(Duration::from_secs(10), end).await.expect("it does not end");
        self.read
    }
}

/// The version that a page carries.
async fn carried(server: &Server) -> String {
    let html = server.text("/").await;
    html.split_once("data-v=\"").unwrap().1.split_once('"').unwrap().0.to_owned()
}

/// The number that a metric stands at.
fn metric(server: &Server, name: &str) -> i64 {
    let text = String::from_utf8(server.app.metrics.text(&[]).unwrap()).unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    line.map_or(0, |number| number.parse().unwrap())
}

async fn wait_until(what: impl Fn() -> bool) {
    let begin = Instant::now();
    while !what() {
        assert!(begin.elapsed() < Duration::from_secs(20), "it did not happen in 20 seconds");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_stream_begins_with_the_version_that_the_page_carries() {
    let database = Database::sqlite().await;
    let (_, server) = server(&database, Options::default()).await;
    let answer = server.request(Method::GET, "/events").header(ACCEPT_ENCODING, "br, gzip");
    let mut reader = Reader::of(answer.send().await.unwrap());
    let headers = reader.answer.headers();
    assert_eq!(headers["content-type"], "text/event-stream");
    assert_eq!(headers["cache-control"], "no-store, no-transform");
    assert_eq!(headers["x-accel-buffering"], "no");
    assert!(!headers.contains_key("content-encoding") && !headers.contains_key("content-length"));
    let begin = reader.until("\n\n").await;
    let id = carried(&server).await;
    assert!(begin.starts_with("retry: "), "{begin}");
    assert!(begin.contains(&format!("\nid: {id}\nevent: revision\ndata: {{\"revision\":")), "{begin}");
    let known = server.request(Method::GET, "/events").header("last-event-id", &id);
    let known = Reader::of(known.send().await.unwrap()).until("\n\n").await;
    assert!(!known.contains("data:"), "it is known: {known}");
    let late = server.request(Method::GET, "/events").header("last-event-id", "0.other");
    let late = Reader::of(late.send().await.unwrap()).until("\n\n").await;
    assert!(late.contains(&format!("id: {id}\n")), "{late}");
    let named = server.text(&format!("/?v={id}")).await;
    assert_eq!(named, server.text("/").await, "a page that is asked for by its version is the same");
    server.stop().await;
}

async fn a_change_is_told_at_once(database: Database) {
    let (page, server) = server(&database, Options::default()).await;
    let (mut one, mut other) = (Reader::open(&server).await, Reader::open(&server).await);
    for reader in [&mut one, &mut other] {
        reader.until("\n\n").await;
    }
    change(&server, &page).await;
    let id = carried(&server).await;
    for reader in [&mut one, &mut other] {
        let told = reader.until("\n\n").await;
        assert!(told.starts_with(&format!("id: {id}\nevent: revision\n")), "{told}");
        assert!(told.contains("\"spread_ms\":"), "{told}");
    }
    server.app.refresher.poll().await.unwrap();
    change(&server, &page).await;
    let told = one.until("\n\n").await;
    assert_eq!(told.matches("event: revision").count(), 1, "a poll is no news: {told}");
    server.stop().await;
}

#[tokio::test]
async fn each_host_hears_of_its_own_page_alone() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let mut pages = vec![];
    for (name, host) in [("First", "first.test"), ("Second", "second.test")] {
        let page = NewPage { host: Some(host.into()), ..NewPage::named(name) };
        let made = store.change_new_page(page, Actor::System).await.unwrap();
        pages.push(made.commit().await.unwrap().page_id);
    }
    let server = Server::start(store, &clock()).await;
    let open = async |host: &str| {
        Reader::of(server.request(Method::GET, "/events").header(HOST, host).send().await.unwrap())
    };
    let (mut first, mut second) = (open("first.test").await, open("second.test").await);
    first.until("\n\n").await;
    second.until("\n\n").await;
    change(&server, &pages[1]).await;
    change(&server, &pages[0]).await;
    let [first, second] = [first.until("\n\n").await, second.until("\n\n").await];
    let version = |page| server.app.site.get(page).unwrap().state.version.to_string();
    assert!(first.starts_with(&format!("id: {}\n", version(&pages[0]))), "{first}");
    assert!(second.starts_with(&format!("id: {}\n", version(&pages[1]))), "{second}");
    let none = server.request(Method::GET, "/events").header(HOST, "third.test").send().await.unwrap();
    assert_eq!(none.status(), StatusCode::MISDIRECTED_REQUEST);
    server.stop().await;
}

#[tokio::test]
async fn places_are_counted_by_address_and_given_back() {
    let database = Database::sqlite().await;
    let api = ApiOptions { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..ApiOptions::default() };
    let limits = EventOptions { most: 4, most_per_address: 2, ..EventOptions::default() };
    let (_, server) = server(&database, Options { api, ..events(limits) }).await;
    let from = async |address: &str| {
        server.request(Method::GET, "/events").header("x-forwarded-for", address).send().await.unwrap()
    };
    let network = "2001:db8:1:2";
    let held = [from(&format!("{network}::1")).await, from(&format!("{network}:9::2")).await];
    assert!(held.iter().all(|answer| answer.status() == StatusCode::OK));
    let refused = from(&format!("{network}::3")).await;
    assert_eq!(refused.status(), StatusCode::NO_CONTENT, "at which an EventSource stays away");
    assert_eq!(refused.headers()["retry-after"], "300");
    let mut others = vec![from("2001:db8:1:3::1").await, from("192.0.2.1").await];
    assert!(others.iter().all(|answer| answer.status() == StatusCode::OK));
    assert_eq!(from("192.0.2.2").await.status(), StatusCode::NO_CONTENT, "all places are taken");
    assert_eq!(server.request(Method::HEAD, "/events").send().await.unwrap().status(), StatusCode::OK);
    assert_eq!(metric(&server, "pharos_event_streams"), 4, "asking for the head opens none");
    assert_eq!(metric(&server, "pharos_event_streams_refused_total{reason=\"address\"}"), 1);
    assert_eq!(metric(&server, "pharos_event_streams_refused_total{reason=\"all\"}"), 1);
    others.pop();
    wait_until(|| metric(&server, "pharos_event_streams") == 3).await;
    assert_eq!(from("192.0.2.2").await.status(), StatusCode::OK, "a place is free again");
    server.stop().await;
}

#[tokio::test]
async fn who_does_not_read_is_given_up() {
    let database = Database::sqlite().await;
    let impatient = EventOptions { patience: Duration::from_secs(1), ..EventOptions::default() };
    let (page, server) = server(&database, events(impatient)).await;
    let mut reader = Reader::open(&server).await;
    reader.until("\n\n").await;
    let socket = TcpSocket::new_v4().unwrap();
    // So that little is waiting for it in the kernel before it is noticed.
    socket.set_recv_buffer_size(1_024).unwrap();
    let mut deaf: TcpStream =
        socket.connect(server.base.trim_start_matches("http://").parse().unwrap()).await.unwrap();
    deaf.write_all(b"GET /events HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    wait_until(|| metric(&server, "pharos_event_streams") == 2).await;
    let begin = Instant::now();
    while metric(&server, "pharos_event_streams") == 2 {
        assert!(begin.elapsed() < Duration::from_secs(60), "it is still listened to");
        change(&server, &page).await;
        reader.until("\n\n").await;
    }
    assert_eq!(metric(&server, "pharos_event_streams"), 1, "who reads is not");
    let mut left = vec![];
    let end = tokio::time::timeout(Duration::from_secs(10), deaf.read_to_end(&mut left)).await;
    assert!(end.is_ok(), "its connection is closed");
    server.stop().await;
}

#[tokio::test]
async fn at_the_end_each_stream_says_when_to_come_back() {
    let database = Database::sqlite().await;
    let (_, server) = server(&database, Options::default()).await;
    let mut reader = Reader::open(&server).await;
    reader.until("\n\n").await;
    server.app.site.events().end();
    let last = reader.rest().await;
    let pause: u32 = last.trim().strip_prefix("retry: ").unwrap().parse().unwrap();
    assert!((2_000..=8_000).contains(&pause), "{last}");
    let late = Reader::open(&server).await.rest().await;
    assert!(late.starts_with("retry: ") && !late.contains("data:"), "{late}");
    wait_until(|| metric(&server, "pharos_event_streams") == 0).await;
    server.stop().await;
}

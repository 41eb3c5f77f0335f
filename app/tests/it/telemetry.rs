//! Metrics, the log of requests, and that nothing of traces is there where nobody asked for them.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::Stdio,
    time::Duration,
};

use actix_web::http::StatusCode;
use chrono::TimeDelta;
use pharos::{
    clock::Clock,
    domain::{Id, incident::IncidentStatus, subscriber::Channel},
    store::{Actor, NewIncident, NewPage, NewSubscriber, NewUpdate, Outbox, Store},
    telemetry::{Connections, Metrics, Named, Route},
    web,
};
use serde_json::{Value, json};

use crate::support::{Database, Process, clock, demo, free_address, noon, on_both, pharos, wait_for};

on_both!(what_waits_in_the_outbox_is_counted);

const DOCUMENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/telemetry.md");

/// Type and labels of each metric, as Prometheus reads them.
fn families(text: &str) -> BTreeMap<String, (String, BTreeSet<String>)> {
    let mut found: BTreeMap<String, (String, BTreeSet<String>)> = BTreeMap::new();
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            found.insert(name.to_owned(), (kind.to_owned(), BTreeSet::new()));
        } else if let Some((name, labels)) = line.split_once('{').filter(|_| !line.starts_with('#')) {
            let family = ["_bucket", "_sum", "_count"]
                .iter()
                .find_map(|end| name.strip_suffix(end).filter(|family| found.contains_key(*family)));
            let labels = labels.split('}').next().unwrap().split("\",");
            let labels = labels.map(|label| label.split('=').next().unwrap().to_owned());
            let all = &mut found.get_mut(family.unwrap_or(name)).unwrap().1;
            all.extend(labels.filter(|label| label != "le"));
        }
    }
    found
}

/// A value of every metric that there is.
fn all_metrics() -> String {
    static ROUTES: [Named; 1] = [Named { route: "/", surface: "page" }];
    let metrics = Metrics::new(&ROUTES).unwrap();
    let page: Id = "page".parse().unwrap();
    metrics.answered(Route(0), StatusCode::OK, Duration::from_millis(1));
    metrics.stream_refused("all");
    let health = &metrics.health;
    health.dependency("redis", false, 3);
    health.dependency("redis", true, 3);
    health.ages(&[(page.clone(), TimeDelta::seconds(2))]);
    health.archive_answer("memory");
    health.connections("redis", Connections { open: 3, idle: 1, most: 16 });
    health.job_ran("maintenances", true, noon());
    health.shown_after(TimeDelta::milliseconds(30));
    String::from_utf8(metrics.text(&[(page, 7)]).unwrap()).unwrap()
}

#[test]
fn the_table_of_metrics_is_what_there_is() {
    let text = all_metrics();
    let document = std::fs::read_to_string(DOCUMENT).unwrap();
    let rows = document.lines().filter_map(|line| line.strip_prefix("| `pharos_"));
    let told: BTreeMap<String, (String, BTreeSet<String>)> = rows
        .map(|row| {
            let cells: Vec<&str> = row.split('|').map(str::trim).collect();
            let labels = cells[3].split(", ").filter(|label| !label.is_empty());
            let labels = labels.map(|label| label.trim_matches('`').to_owned()).collect();
            (format!("pharos_{}", cells[0].trim_end_matches('`')), (cells[1].to_owned(), labels))
        })
        .collect();
    assert_eq!(told, families(&text));
    for help in text.lines().filter_map(|line| line.strip_prefix("# HELP ")) {
        let says_unit = ["Seconds ", "Number of ", "number 1"].iter().any(|unit| help.contains(unit));
        assert!(says_unit, "{help}");
    }
    assert!(
        text.contains("pharos_dependency_failures_total{dependency=\"redis\"} 3\n"),
        "counted once: {text}"
    );
}

/// The numbers of a metric whose labels hold all of these.
fn sum(text: &str, name: &str, labels: &[&str]) -> f64 {
    let lines = text.lines().filter(|line| line.split(['{', ' ']).next() == Some(name));
    let lines = lines.filter(|line| labels.iter().all(|label| line.contains(label)));
    lines.map(|line| line.rsplit_once(' ').unwrap().1.parse::<f64>().unwrap()).sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_counted_and_timed_once() {
    let (_database, server) = demo().await;
    let asked = [
        ("/", 200),
        ("/de/", 200),
        ("/en/", 301),
        ("/de", 301),
        ("/history/", 308),
        ("/api/v2/summary.json", 200),
        ("/history.atom", 200),
        ("/badge.svg", 200),
        ("/favicon.ico", 200),
        ("/components/none", 404),
        ("/nothing/at/all", 404),
        ("/v1/pages", 401),
        ("/api/v1/pages.json", 401),
        ("/v1/docs", 200),
        ("/v1/nothing", 404),
    ];
    // One that follows no redirect.
    let client = pharos::outbound::client(pharos::outbound::Reach::PublicDirect).unwrap();
    for (path, status) in asked {
        let answer = client.get(format!("{}{path}", server.base)).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status, "{path}");
    }
    let text = String::from_utf8(server.app.metrics.text(&[]).unwrap()).unwrap();
    let counted = |labels: &[&str]| {
        let of_statuses = sum(&text, "pharos_http_requests_total", labels);
        let timed = sum(&text, "pharos_http_request_duration_seconds_count", labels);
        assert_eq!(of_statuses, timed, "{labels:?}");
        timed
    };
    assert_eq!(counted(&[]), asked.len() as f64, "{text}");
    assert_eq!(counted(&["route=\"/\""]), 4.0);
    assert_eq!(counted(&["route=\"none\""]), 2.0);
    assert_eq!(counted(&["route=\"/v1/pages\""]), 2.0);
    let timed = |labels: &[&str]| sum(&text, "pharos_http_request_duration_seconds_count", labels);
    let surfaces = [
        ("page", 6.0),
        ("api_v2", 1.0),
        ("feeds", 1.0),
        ("embeds", 1.0),
        ("assets", 1.0),
        ("management", 3.0),
    ];
    for (surface, times) in surfaces {
        assert_eq!(timed(&[&format!("surface=\"{surface}\"")]), times, "{surface} in\n{text}");
    }
    assert_eq!(timed(&["surface=\"page\"", "status_class=\"3xx\""]), 3.0);
    let fast = sum(&text, "pharos_http_request_duration_seconds_bucket", &["route=\"none\"", "le=\"0.1\""]);
    assert_eq!(fast, 2.0, "what is objected to is told by a bucket of its own");
}

#[test]
fn each_route_has_a_surface() {
    let surfaces: BTreeSet<_> = web::named_routes().iter().map(|named| named.surface).collect();
    let known = ["api_v2", "assets", "console", "embeds", "events", "feeds", "management", "none", "page"];
    assert_eq!(surfaces, BTreeSet::from(known));
    let pages = web::named_routes().iter().filter(|named| named.surface == "page");
    let pages: Vec<_> = pages.map(|named| named.route).collect();
    assert!(pages.contains(&"/history.json") && pages.contains(&"/incidents/{id}"), "{pages:?}");
    assert!(!pages.iter().any(|route| route.ends_with(".png") || route.ends_with(".atom")), "{pages:?}");
}

async fn page_with_incident(store: &Store, subscriber: bool) -> Id {
    let mut change = store.change_new_page(NewPage::named("Example"), Actor::System).await.unwrap();
    if subscriber {
        let new = NewSubscriber {
            channel: Channel::Email,
            address: "jane@example.com".into(),
            contact: None,
            silent: true,
            component_ids: vec![],
        };
        change.subscribe(&new).await.unwrap();
    }
    let page = change.commit().await.unwrap().page_id;
    let mut change = store.change(&page, Actor::System).await.unwrap();
    let first = NewUpdate::new(IncidentStatus::Investigating, "We are looking.");
    let name = "Some requests fail".into();
    change.open_incident(NewIncident { name, impact_override: None, schedule: None, first }).await.unwrap();
    change.commit().await.unwrap();
    page
}

async fn what_waits_in_the_outbox_is_counted(database: Database) {
    let clock: Clock = clock();
    let store = database.store(&clock).await;
    let empty = Outbox { waiting: 0, oldest: TimeDelta::zero(), held: 0 };
    assert_eq!(store.outbox().await.unwrap(), empty);
    page_with_incident(&store, false).await;
    assert_eq!(store.outbox().await.unwrap(), empty, "nobody waits for it");
    page_with_incident(&store, true).await;
    clock.advance(Duration::from_secs(90));
    let waiting = Outbox { waiting: 1, oldest: TimeDelta::seconds(90), held: 0 };
    assert_eq!(store.outbox().await.unwrap(), waiting);
    clock.advance(Duration::from_secs(6 * 3_600));
    assert_eq!(store.outbox().await.unwrap(), empty, "it is too late at {}", noon());
}

/// A server with its access log in a file.
struct Told {
    process: Process,
    page: String,
    metrics: String,
}

impl Told {
    fn start(folder: &Path, settings: &[(&str, &str)], output: Stdio) -> Self {
        let (page, metrics) = (free_address(), free_address());
        let mut command = pharos(folder);
        command
            .env("PHAROS_LISTEN", &page)
            .env("PHAROS_METRICS_LISTEN", &metrics)
            .env("PHAROS_DRAIN_SECONDS", "0");
        command.envs(settings.iter().copied()).stdin(Stdio::null()).stdout(output).stderr(Stdio::null());
        let told = Self { process: Process(command.spawn().unwrap()), page, metrics };
        wait_for(|| told.get(&told.metrics, "/readyz", "").starts_with("HTTP/1.1 200"));
        told
    }

    fn get(&self, address: &str, path: &str, headers: &str) -> String {
        let Ok(mut stream) = TcpStream::connect(address) else { return String::new() };
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: Spy/1\r\n{headers}Connection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Ends in order.
    fn stop(mut self) {
        self.process.signal("TERM");
        assert!(self.process.0.wait().unwrap().success());
    }
}

fn told(line: &Value) -> Value {
    let names = ["message", "target", "http.method", "http.route", "http.path", "http.status", "trace_id"];
    names.iter().map(|name| line[*name].clone()).collect()
}

#[test]
fn each_request_has_a_line_that_names_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("access");
    let settings = [("PHAROS_ACCESS_LOG", "1"), ("PHAROS_LOG_FORMAT", "json"), ("PHAROS_LOG", "error")];
    let server = Told::start(folder.path(), &settings, File::create(&file).unwrap().into());
    let trace = "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n";
    let front = server.get(&server.page, "/?who=jane", trace);
    let length = front.split("\r\n\r\n").nth(1).unwrap().len();
    server.get(&server.page, "/nothing%20here", "");
    server.get(&server.page, "/v1/pages/x/alerts/heartbeat/SECRET?who=jane", "");
    server.get(&server.page, "/v1/pages/x/alerts/hartbeat/SECRET", "");
    server.get(&server.page, "/admin/links/SECRET", "");
    server.get(&server.page, "/admin/calendars/SECRET.ics", "");
    server.stop();
    let text = std::fs::read_to_string(&file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 6, "{text}");
    let took = lines[0]["duration.seconds"].as_f64().unwrap();
    assert!(took > 0.0 && took < 5.0, "{text}");
    let told: Vec<Value> = lines.iter().map(told).collect();
    let trace = "0af7651916cd43dd8448eb211c80319c";
    assert_eq!(told[0], json!(["GET / 200", "access", "GET", "/", "/", 200, trace]), "{text}");
    assert_eq!(lines[0]["http.bytes"], length, "{text}");
    let nothing = "/nothing%20here";
    let expected = json!([format!("GET {nothing} 404"), "access", "GET", "none", nothing, 404, null]);
    assert_eq!(told[1], expected, "{text}");
    let heartbeat = "/v1/pages/{page_id}/alerts/heartbeat/{key}";
    assert_eq!((&told[2][3], &told[2][4]), (&json!(heartbeat), &json!(heartbeat)), "{text}");
    for personal in ["jane", "Spy", "127.0.0.1", "SECRET"] {
        assert!(!text.contains(personal), "{personal} in {text}");
    }
}

#[test]
fn requests_have_no_line_if_nothing_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("access");
    let server = Told::start(folder.path(), &[], File::create(&file).unwrap().into());
    server.get(&server.page, "/", "");
    server.stop();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "");
}

/// A pipe takes some hundreds of lines, the queue 8,192; nobody reads them, and every request is
/// answered all the same.
#[test]
fn an_access_log_that_nobody_takes_blocks_no_request() {
    const MANY: usize = 12_000;
    let folder = tempfile::tempdir().unwrap();
    let server = Told::start(folder.path(), &[("PHAROS_ACCESS_LOG", "1")], Stdio::piped());
    let mut stream = TcpStream::connect(&server.page).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let reader = BufReader::new(stream.try_clone().unwrap());
    let answers = std::thread::spawn(move || {
        let answered = |line: &std::io::Result<String>| line.as_ref().unwrap().starts_with("HTTP/1.1 200");
        reader.lines().filter(answered).take(MANY).count()
    });
    for _ in 0..MANY {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    }
    assert_eq!(answers.join().unwrap(), MANY);
    let text = server.get(&server.metrics, "/metrics", "");
    assert!(sum(&text, "pharos_access_log_dropped_total", &[]) > 1_000.0, "{text}");
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_sends_traces_unless_an_endpoint_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let sends = |settings: &[(&str, &str)]| {
        let server = Told::start(folder.path(), settings, Stdio::null());
        let threads = std::fs::read_dir(format!("/proc/{}/task", server.process.0.id())).unwrap();
        let names = threads.map(|one| std::fs::read_to_string(one.unwrap().path().join("comm")).unwrap());
        let sends = names.filter(|name| name.starts_with("OpenTelemetry")).count();
        server.stop();
        sends
    };
    let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
    assert_eq!(sends(&[]), 0);
    assert_eq!(sends(&[("OTEL_EXPORTER_OTLP_ENDPOINT", ""), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]), 0);
    assert_eq!(sends(&[endpoint, ("OTEL_SDK_DISABLED", "true")]), 0);
    assert_eq!(sends(&[endpoint]), 1);
    let mut command = pharos(folder.path());
    command.env(endpoint.0, endpoint.1).env("OTEL_EXPORTER_OTLP_PROTOCOL", "carrier/pigeon");
    let refused = command.output().unwrap();
    let said = crate::support::said(&refused);
    assert!(!refused.status.success() && said.contains("OTEL_EXPORTER_OTLP_PROTOCOL: allowed are"), "{said}");
}

//! One trace, from what is posted at one replica to what is shown by another.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use super::*;
use crate::support::{Collector, Span};

const PARENT: &str = "b7ad6b7169203331";

/// A trace of one test's own.
fn new_trace() -> String {
    let id = Id::random();
    let bytes = id.as_str().bytes().chain(*b"pharos.test").take(16);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

fn settings<'s>(protocol: &'s str, endpoint: &'s str, name: &'s str) -> [(&'s str, &'s str); 6] {
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", protocol),
        ("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=status"),
        ("OTEL_RESOURCE_ATTRIBUTES", name),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("PHAROS_JOBS", "0"),
    ]
}

/// Posts an incident as a part of a trace.
async fn post(house: &House, replica: &Replica, trace: &str, flags: &str) {
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    let request = client.post(format!("{}/v1/pages/{}/incidents", replica.base, house.page));
    let request = request.header("authorization", format!("OAuth {}", house.token));
    let request = request.header("traceparent", format!("00-{trace}-{PARENT}-{flags}"));
    let body = json!({ "incident": { "name": "Some requests fail", "body": "Jane wrote this" } });
    let answer =
        request.header("content-type", "application/json").body(body.to_string()).send().await.unwrap();
    assert_eq!(answer.status(), 201);
}

fn one<'s>(spans: &'s [Span], name: &str, instance: &str) -> &'s Span {
    let of = |span: &&Span| span.name == name && span.resource["service.instance.id"] == instance;
    let found: Vec<_> = spans.iter().filter(of).collect();
    assert_eq!(found.len(), 1, "{name} of {instance} in {spans:#?}");
    found[0]
}

async fn one_trace_over_two_replicas(protocol: &str, told_as: &str, endpoint: &str) {
    let (house, collector, trace) = (House::new().await, Collector::new(), new_trace());
    let ours = settings(protocol, endpoint, "service.instance.id=one");
    let one_replica = Replica::lit(house.folder.path(), &house.settings(&ours)).await;
    let others = settings(protocol, endpoint, "service.instance.id=two");
    let two = Replica::lit(house.folder.path(), &house.settings(&others)).await;
    post(&house, &one_replica, &trace, "01").await;
    let what = "the other replica's part of the trace is received";
    two.until(what, async || {
        let spans = collector.spans(&trace).await;
        let has = |name: &str| spans.iter().any(|span| span.name.starts_with(name));
        has("refresh") && has("POST") && has("announce")
    })
    .await;
    let spans = collector.spans(&trace).await;
    let request = one(&spans, "POST /v1/pages/{page_id}/incidents", "one");
    assert_eq!((request.parent.as_str(), request.kind.as_str()), (PARENT, "server"));
    assert_eq!(request.attributes["http.response.status_code"], 201);
    assert_eq!(request.attributes["http.route"], "/v1/pages/{page_id}/incidents");
    let commit = one(&spans, "commit", "one");
    let announce = one(&spans, "announce", "one");
    let refresh = one(&spans, "refresh", "two");
    assert_eq!((&commit.parent, &announce.parent), (&request.id, &request.id));
    assert_eq!((announce.kind.as_str(), refresh.kind.as_str()), ("producer", "consumer"));
    // Redis tells of the announcement, and Postgres of the commit: whichever is heard first.
    assert!([&announce.id, &commit.id].contains(&&refresh.parent), "{spans:#?}");
    assert_eq!(one(&spans, "render", "two").parent, refresh.id);
    for span in &spans {
        assert_eq!((&*span.protocol, &span.resource["service.name"]), (told_as, &json!("pharos")));
        assert_eq!(span.headers["x-tenant"], "status");
        assert!(span.events.is_empty(), "what is logged stays in the log: {span:?}");
    }
    let told: Vec<_> = spans.iter().map(|span| (&span.name, &span.attributes)).collect();
    for personal in ["Jane", "127.0.0.1", house.token.as_str(), "Some requests fail"] {
        assert!(!format!("{told:?}").contains(personal), "{personal} in {told:?}");
    }
    let line = format!("trace_id={trace}");
    assert!(one_replica.log().contains(&line) && two.log().contains(&line), "{}", one_replica.log());
    // Whoever delivers it goes on with the commit.
    let query =
        format!("SELECT count(*) FROM notifications WHERE trace_context = '00-{trace}-{}-01'", commit.id);
    assert_eq!(crate::support::number(&house.database, &query).await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_one_trace_over_two_replicas_by_http() {
    one_trace_over_two_replicas("http/protobuf", "http", &Collector::new().http).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_one_trace_over_two_replicas_by_grpc() {
    one_trace_over_two_replicas("grpc", "grpc", &Collector::new().grpc).await;
}

/// What whoever asked does not keep is not kept here; what is left is sent at the end, however long
/// the pause would be.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_traces_are_kept_as_the_caller_says_and_sent_at_the_end() {
    let (house, collector) = (House::new().await, Collector::new());
    let (kept, dropped, visitor) = (new_trace(), new_trace(), new_trace());
    let mut ours = settings("http/protobuf", &collector.http, "service.instance.id=one");
    ours[4].1 = "600000";
    let replica = Replica::lit(house.folder.path(), &house.settings(&ours)).await;
    post(&house, &replica, &dropped, "00").await;
    post(&house, &replica, &kept, "01").await;
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    for (path, flags) in [("/?secret=1", "01"), ("/history", "00")] {
        let request = client.get(format!("{}{path}", replica.base));
        let request = request.header("traceparent", format!("00-{visitor}-{PARENT}-{flags}"));
        assert_eq!(request.send().await.unwrap().status(), 200);
    }
    assert!(collector.spans(&kept).await.is_empty(), "nothing is sent yet");
    replica.stop().await;
    let spans = collector.spans(&kept).await;
    one(&spans, "commit", "one");
    assert!(collector.spans(&dropped).await.is_empty());
    let pages = collector.spans(&visitor).await;
    assert_eq!(pages.iter().map(|span| span.name.as_str()).collect::<Vec<_>>(), ["GET /"]);
    assert!(!format!("{pages:?}").contains("secret"));
}

/// Takes connections and hangs up, and counts how often.
async fn hanging_up() -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, tries) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
    let counter = tries.clone();
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    (format!("http://{address}"), tries)
}

/// A collector that does not answer is told of once, and holds nobody up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_a_collector_that_does_not_answer_holds_nobody_up() {
    let house = House::new().await;
    for protocol in ["http/protobuf", "grpc"] {
        let (endpoint, tries) = hanging_up().await;
        let ours = settings(protocol, &endpoint, "service.instance.id=one");
        let replica = Replica::lit(house.folder.path(), &house.settings(&ours)).await;
        let told = "spans can't be sent";
        for _ in 0..3 {
            let before = tries.load(Ordering::Relaxed);
            post(&house, &replica, &new_trace(), "01").await;
            let what = "it tries again, and has told";
            replica
                .until(what, async || tries.load(Ordering::Relaxed) > before && replica.log().contains(told))
                .await;
        }
        let log = replica.stop().await;
        assert_eq!(log.matches(told).count(), 1, "{log}");
    }
}

//! How a server starts, is replaced and ends, as load balancers and orchestrators see it.

use std::{
    io::{Read, Write},
    net::TcpStream,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use pharos::{
    app::{App, Options},
    shutdown::{self, Ending, Patience},
    telemetry::Metrics,
    web,
};
use reqwest::{Client, StatusCode};

use crate::support::{Balancer, Database, Process, clock, free_address, pharos, token, wait_for};

/// A process that serves a page, with its two addresses.
struct Replica {
    process: Process,
    page: String,
    probes: String,
}

impl Replica {
    fn start(folder: &Path, settings: &[(&str, &str)]) -> Self {
        let (page, probes) = (free_address(), free_address());
        let mut command = pharos(folder);
        command.env("PHAROS_LISTEN", &page).env("PHAROS_METRICS_LISTEN", &probes);
        command.envs(settings.iter().copied()).stderr(Stdio::null());
        let replica = Self { process: Process(command.spawn().unwrap()), page, probes };
        wait_for(|| status(&replica.probes, "/readyz") == Some(200));
        replica
    }

    /// Waits until it has ended, which must not take ten seconds.
    fn ended(&mut self) -> ExitStatus {
        let begin = Instant::now();
        loop {
            if let Some(status) = self.process.0.try_wait().unwrap() {
                return status;
            }
            assert!(begin.elapsed() < Duration::from_secs(10), "it goes on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn answer(address: &str, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = vec![];
    stream.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

fn status(address: &str, path: &str) -> Option<u16> {
    answer(address, path)?.split(' ').nth(1)?.parse().ok()
}

/// What the clients of a test have seen.
#[derive(Default)]
struct Seen {
    stop: AtomicBool,
    good: AtomicUsize,
    /// Answers of the replica that was told to stop that close their connection.
    closing: AtomicUsize,
    bad: std::sync::Mutex<Vec<String>>,
}

/// Asks again and again, over kept connections, whichever replica the load balancer has for ready.
async fn visit(client: Client, balancer: Balancer, stopping: String, seen: Arc<Seen>) {
    for turn in 0.. {
        if seen.stop.load(Ordering::SeqCst) {
            return;
        }
        let base = balancer.pick(turn);
        match client.get(format!("{base}/")).send().await {
            Ok(answer) if answer.status() == StatusCode::OK => {
                let closes = answer.headers().get("connection").is_some_and(|value| value == "close");
                if answer.bytes().await.is_ok() {
                    seen.good.fetch_add(1, Ordering::SeqCst);
                    seen.closing.fetch_add(usize::from(closes && base == stopping), Ordering::SeqCst);
                } else {
                    seen.bad.lock().unwrap().push(format!("{base}: half an answer"));
                }
            }
            Ok(answer) => seen.bad.lock().unwrap().push(format!("{base}: {}", answer.status())),
            Err(error) => seen.bad.lock().unwrap().push(format!("{base}: {error:?}")),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_replica_is_replaced_under_load_and_no_request_fails() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Replica::start(folder.path(), &[("PHAROS_DRAIN_SECONDS", "2")]);
    let second = Replica::start(folder.path(), &[]);
    let [one, other] = [&first, &second]
        .map(|replica| [&replica.page, &replica.probes].map(|address| format!("http://{address}")));
    let balancer = Balancer::before(&[(&one[0], &one[1]), (&other[0], &other[1])]).await;
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    let seen = Arc::new(Seen::default());
    let visits = (0..8).map(|_| visit(client.clone(), balancer.clone(), one[0].clone(), seen.clone()));
    let tasks: Vec<_> = visits.map(tokio::spawn).collect();
    let asked = |more: usize| {
        let least = seen.good.load(Ordering::SeqCst) + more;
        let seen = seen.clone();
        move || seen.good.load(Ordering::SeqCst) >= least || !seen.bad.lock().unwrap().is_empty()
    };
    tokio::task::block_in_place(|| wait_for(asked(200)));
    first.process.signal("TERM");
    let ended = tokio::task::block_in_place(|| first.ended());
    tokio::task::block_in_place(|| wait_for(asked(200)));
    seen.stop.store(true, Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*seen.bad.lock().unwrap(), Vec::<String>::new());
    assert!(ended.success(), "{ended}");
    assert!(seen.closing.load(Ordering::SeqCst) > 0, "its answers close their connections");
    assert!(!balancer.sends_to(&one[0]) && balancer.sends_to(&other[0]));
}

#[test]
fn while_it_drains_it_answers_and_a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut replica = Replica::start(folder.path(), &[("PHAROS_DRAIN_SECONDS", "600")]);
    let kept = answer(&replica.page, "/").unwrap();
    assert!(kept.starts_with("HTTP/1.1 200"));
    replica.process.signal("TERM");
    wait_for(|| status(&replica.probes, "/readyz") == Some(503));
    assert_eq!(status(&replica.page, "/healthz"), Some(503), "load balancers ask there");
    assert_eq!(status(&replica.probes, "/livez"), Some(200));
    assert_eq!(status(&replica.probes, "/startupz"), Some(200));
    for path in ["/", "/v1/pages", "/nowhere"] {
        let mut stream = TcpStream::connect(&replica.page).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).to_ascii_lowercase();
        assert!(answer.contains("\r\nconnection: close\r\n"), "{path}: {answer}");
    }
    replica.process.signal("TERM");
    assert_eq!(replica.ended().code(), Some(1));
}

#[test]
fn a_person_who_ends_it_does_not_wait_and_streams_are_ended() {
    let folder = tempfile::tempdir().unwrap();
    let mut replica = Replica::start(folder.path(), &[("PHAROS_DRAIN_SECONDS", "600")]);
    let mut stream = TcpStream::connect(&replica.page).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    write!(stream, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut told = String::new();
    let mut part = [0; 4_096];
    while !told.contains("event: revision") {
        let read = stream.read(&mut part).unwrap();
        assert!(read > 0, "{told}");
        told += std::str::from_utf8(&part[..read]).unwrap();
    }
    // A connection over which nothing is asked holds nothing up.
    let _idle = TcpStream::connect(&replica.page).unwrap();
    replica.process.signal("INT");
    told.clear();
    stream.read_to_string(&mut told).unwrap();
    assert!(told.contains("retry: "), "{told}");
    assert!(replica.ended().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_takes_longer_than_the_grace_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let settings = [("PHAROS_DRAIN_SECONDS", "0"), ("PHAROS_GRACE_SECONDS", "2")];
    let mut replica = Replica::start(folder.path(), &settings);
    let url = format!("sqlite://{}", folder.path().join("pharos.db").display());
    let store = pharos::store::Store::connect(&url, pharos::clock::Clock::system()).await.unwrap();
    let token = token(&store, "all", None).await;
    let page = store.versions().await.unwrap().remove(0).0;
    let mut slow = TcpStream::connect(&replica.page).unwrap();
    write!(
        slow,
        "PATCH /v1/pages/{page} HTTP/1.1\r\nHost: x\r\nAuthorization: OAuth {token}\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
    )
    .unwrap();
    // That it was taken up shows in the token's time of last use.
    let used = async || {
        let tokens = store.tokens(None, 0, 9).await.unwrap();
        tokens.iter().any(|token| token.last_used_at.is_some())
    };
    let begin = Instant::now();
    while !used().await {
        assert!(begin.elapsed() < Duration::from_secs(10), "the call is not taken up");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    replica.process.signal("TERM");
    assert!(tokio::task::block_in_place(|| replica.ended()).success());
    store.close().await.unwrap();
}

#[tokio::test]
async fn each_probe_answers_its_own_question() {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let metrics = Metrics::new(web::named_routes()).unwrap();
    let app = App::new(store.clone(), clock(), metrics, Options::alone("http://status.test"));
    let listeners = [0, 1].map(|_| std::net::TcpListener::bind("127.0.0.1:0").unwrap());
    let address = listeners[1].local_addr().unwrap().to_string();
    let [page, probes] = listeners;
    let probes = web::probes(&app, probes).await.unwrap();
    let visitors = web::visitors(&app, page, web::Options::default()).await.unwrap();
    let answers = || ["/startupz", "/readyz", "/livez"].map(|path| status(&address, path));
    assert_eq!(answers(), [Some(503), Some(503), Some(200)], "it has no page yet");
    store.ensure_page("Status").await.unwrap();
    app.refresher.poll().await.unwrap();
    assert_eq!(answers(), [Some(200), Some(200), Some(200)]);
    app.site.life().drain();
    assert_eq!(answers(), [Some(200), Some(503), Some(200)], "it has started, and takes no more");
    let patience = Patience { drain: Duration::from_secs(600), grace: Duration::from_secs(10) };
    let works = std::future::pending();
    let asked = std::future::ready(Ending::Interrupted);
    let run = shutdown::run(&app, visitors, probes, patience, works, asked);
    tokio::time::timeout(Duration::from_secs(10), run).await.expect("it does not end").unwrap();
    assert_eq!(status(&address, "/livez"), None, "nobody listens any more");
}

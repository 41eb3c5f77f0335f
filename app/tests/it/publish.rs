//! The copy of the site in a bucket: by the binary, against a server that speaks as S3 does.

use std::path::Path;

use pharos::domain::Id;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::support::{Database, Replica, token};

/// A bucket of one test's own.
struct Shelf {
    url: String,
    name: String,
    client: Client,
}

impl Shelf {
    async fn new() -> Self {
        let url =
            std::env::var("PHAROS_TEST_AWS_URL").expect("./test.sh starts a server that speaks as S3 does");
        let name = format!("pharos-test-{}", Id::random());
        let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
        let shelf = Self { url, name, client };
        assert!(shelf.ask(Method::PUT, "", &[], "").await.0.is_success());
        shelf
    }

    async fn ask(
        &self,
        method: Method,
        key: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> (StatusCode, String, Vec<(String, String)>) {
        let scope = "Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0";
        let mut request = self.client.request(method, format!("{}/{}/{key}", self.url, self.name));
        request = request.header("authorization", format!("AWS4-HMAC-SHA256 {scope}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.body(body.to_owned()).send().await.unwrap();
        let text = |value: &reqwest::header::HeaderValue| value.to_str().unwrap_or_default().to_owned();
        let told = answer.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
        (answer.status(), answer.text().await.unwrap_or_default(), told)
    }

    /// What an object holds.
    async fn get(&self, key: &str) -> Option<String> {
        let (status, text, _) = self.ask(Method::GET, key, &[], "").await;
        status.is_success().then_some(text)
    }

    async fn header(&self, key: &str, name: &str) -> Option<String> {
        let (_, _, told) = self.ask(Method::HEAD, key, &[], "").await;
        told.into_iter().find(|(its, _)| its == name).map(|(_, value)| value)
    }

    async fn revision(&self, key: &str) -> i64 {
        let told = self.header(key, "x-amz-meta-pharos-revision").await;
        told.map_or(-1, |revision| revision.parse().unwrap())
    }

    /// Puts a manifest there that says it was written then, for this revision.
    async fn claim(&self, revision: i64, at: &str) {
        let headers =
            [("x-amz-meta-pharos-revision", &*revision.to_string()), ("x-amz-meta-pharos-written-at", at)];
        assert!(self.ask(Method::PUT, "site/.published.json", &headers, "{}").await.0.is_success());
    }

    fn settings(&self) -> Vec<(String, String)> {
        let copy = format!("s3://{}/site", self.name);
        [
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_REGION", "us-east-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
            ("PHAROS_COPY_TO", &copy),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }
}

async fn replica(folder: &Path, database: &Database, settings: &[(String, String)]) -> Replica {
    let own = [
        ("PHAROS_DATABASE_URL".to_owned(), database.url.clone()),
        ("PHAROS_BASE_URL".to_owned(), "https://status.test".to_owned()),
    ];
    let all: Vec<(&str, &str)> =
        own.iter().chain(settings).map(|(name, value)| (name.as_str(), value.as_str())).collect();
    Replica::lit(folder, &all).await
}

async fn open_incident(replica: &Replica, token: &str, page: &str, name: &str) -> String {
    let body = json!({"incident": {"name": name, "status": "investigating", "body": "We look."}});
    let (status, text) =
        replica.try_write(token, "POST", &format!("/v1/pages/{page}/incidents"), &body).await.unwrap();
    assert_eq!(status, 201, "{text}");
    serde_json::from_str::<Value>(&text).unwrap()["id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_revision_is_copied_in_all_languages_and_only_what_is_public() {
    let (folder, shelf, database) =
        (tempfile::tempdir().unwrap(), Shelf::new().await, Database::sqlite().await);
    let store = database.store(&pharos::clock::Clock::system()).await;
    pharos::transfer::demo::fill(&store, &pharos::clock::Clock::system()).await.unwrap();
    let secret = token(&store, "all", None).await;
    let replica = replica(folder.path(), &database, &shelf.settings()).await;
    let status = replica.json("/api/v2/status.json").await;
    let page = status["page"]["id"].as_str().unwrap();
    replica.until("the copy is finished", async || shelf.get("site/.published.json").await.is_some()).await;
    let manifest: Value = serde_json::from_str(&shelf.get("site/.published.json").await.unwrap()).unwrap();
    let paths: Vec<&str> =
        manifest["paths"].as_array().unwrap().iter().map(|path| path.as_str().unwrap()).collect();
    for path in [
        "/",
        "/de/",
        "/api/v2/summary.json",
        "/history.atom",
        "/history.rss",
        "/history.ics",
        "/feed.json",
        "/badge.svg",
        "/history",
    ] {
        assert!(paths.contains(&path), "{path}: {paths:?}");
        assert!(shelf.get(&format!("site{path}")).await.is_some(), "{path}");
    }
    for path in &paths {
        assert!(
            !["/v1", "/admin", "/events", "/subscribe", "/metrics/"]
                .iter()
                .any(|private| path.starts_with(private)),
            "{path}"
        );
    }
    let front = shelf.get("site/").await.unwrap();
    assert!(front.contains("<meta name=\"pharos-copied-at\"") && front.contains("grayscale(1)"), "{front}");
    assert!(!front.contains("data-v="), "it hears of nothing");
    for link in front
        .split("src=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .filter(|link| link.starts_with("/assets/"))
    {
        assert!(paths.contains(&link), "{link} is shown and not copied");
    }
    assert_eq!(shelf.header("site/", "content-type").await.as_deref(), Some("text/html; charset=utf-8"));
    assert_eq!(
        shelf.get("site/api/v2/summary.json").await.unwrap(),
        replica.text("/api/v2/summary.json").await
    );

    let before = shelf.revision("site/").await;
    let incident = open_incident(&replica, &secret, page, "Copied at once").await;
    replica
        .until("the change is copied", async || shelf.revision("site/.published.json").await > before)
        .await;
    assert!(shelf.get("site/").await.unwrap().contains("Copied at once"));
    assert!(shelf.get(&format!("site/de/incidents/{incident}")).await.unwrap().contains("Copied at once"));
    assert_eq!(
        replica.write(&secret, "DELETE", &format!("/v1/pages/{page}/incidents/{incident}"), &json!({})).await,
        200
    );
    replica
        .until("what is gone goes", async || shelf.get(&format!("site/incidents/{incident}")).await.is_none())
        .await;
    assert!(replica.metric("pharos_copy_written_timestamp_seconds").await.unwrap() > 1.7e9);
    assert_eq!(replica.metric("pharos_dependency_up{dependency=\"s3\"}").await, Some(1.0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_state_never_takes_the_place_of_a_newer() {
    let (folder, shelf, database) =
        (tempfile::tempdir().unwrap(), Shelf::new().await, Database::sqlite().await);
    let store = database.store(&pharos::clock::Clock::system()).await;
    pharos::transfer::demo::fill(&store, &pharos::clock::Clock::system()).await.unwrap();
    let now = pharos::clock::Clock::system().now();
    shelf.claim(1_000_000, &(now - chrono::TimeDelta::minutes(1)).to_rfc3339()).await;
    let replica = replica(folder.path(), &database, &shelf.settings()).await;
    let refused = "pharos_job_runs_total{outcome=\"failed\",task=\"publish\"}";
    replica
        .until("it was tried", async || replica.metric(refused).await.is_some_and(|runs| runs >= 1.0))
        .await;
    assert_eq!((shelf.revision("site/.published.json").await, shelf.get("site/").await), (1_000_000, None));
    assert!(replica.log().contains("newer than what this replica shows"), "{}", replica.log());
    // Nobody writes that revision any more: the database was restored.
    shelf.claim(1_000_000, &(now - chrono::TimeDelta::minutes(16)).to_rfc3339()).await;
    let secret = token(&store, "all", None).await;
    let status = replica.json("/api/v2/status.json").await;
    open_incident(&replica, &secret, status["page"]["id"].as_str().unwrap(), "After the restore").await;
    replica
        .until("it is believed", async || {
            shelf.get("site/").await.is_some_and(|front| front.contains("After the restore"))
        })
        .await;
    replica.until("all of it", async || shelf.revision("site/.published.json").await < 1_000_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_replicas_one_writes_and_the_other_takes_over_postgres() {
    let (folder, shelf, database) =
        (tempfile::tempdir().unwrap(), Shelf::new().await, Database::postgres().await);
    let store = database.store(&pharos::clock::Clock::system()).await;
    // Of few objects, so that it is quick.
    store.ensure_page("Acme").await.unwrap();
    let secret = token(&store, "all", None).await;
    let (one, two) = (
        replica(folder.path(), &database, &shelf.settings()).await,
        replica(folder.path(), &database, &shelf.settings()).await,
    );
    one.until("the copy is finished", async || shelf.get("site/.published.json").await.is_some()).await;
    let wrote = async |replica: &Replica| {
        replica.metric("pharos_copy_written_timestamp_seconds").await.unwrap() > 0.0
    };
    one.until("who wrote it says so", async || wrote(&one).await != wrote(&two).await).await;
    let (writer, other) = if wrote(&one).await { (one, two) } else { (two, one) };
    writer.stop().await;
    let page = other.json("/api/v2/status.json").await["page"]["id"].as_str().unwrap().to_owned();
    open_incident(&other, &secret, &page, "Written by the other").await;
    other
        .until("the other writes", async || {
            shelf.get("site/").await.is_some_and(|front| front.contains("Written by the other"))
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_s3_the_page_is_not_the_worse_for_it() {
    let (folder, database) = (tempfile::tempdir().unwrap(), Database::sqlite().await);
    let store = database.store(&pharos::clock::Clock::system()).await;
    // Of few objects, so that it is quick.
    store.ensure_page("Acme").await.unwrap();
    let mut settings = Shelf::new().await.settings();
    settings.iter_mut().find(|(name, _)| name == "AWS_ENDPOINT_URL").unwrap().1 =
        "http://127.0.0.1:1".to_owned();
    let replica = replica(folder.path(), &database, &settings).await;
    replica
        .until("it is told", async || {
            replica.metric("pharos_dependency_up{dependency=\"s3\"}").await == Some(0.0)
        })
        .await;
    assert_eq!(replica.status("/").await, Some(200));
    assert!(replica.log().contains("s3 does not answer"), "{}", replica.log());
}

//! Bringing a page over from an address that does not always answer as it should.

use std::process::Command;

use pharos::transfer::statuspage::{Options, Report, import};
use serde_json::{Value, json};

use crate::support::{Answer, Database, Elsewhere, clock, fixture};

/// Where nobody has to be waited for.
const AT_ONCE: &str = "Retry-After: 0\r\n";

/// A quarter of a page that was made in February 2024, so many quarters before the second of 2024.
fn quarter(back: i32, codes: &[&str]) -> Answer {
    let text = std::fs::read_to_string(fixture("recorded/streamyard.history-index.json")).unwrap();
    let mut page: Value = serde_json::from_str(&text).unwrap();
    let names = [["March", "February", "January"], ["June", "May", "April"]];
    let quarter = 2024 * 4 + 1 - back;
    let (year, names) = (quarter.div_euclid(4), names[usize::try_from(quarter.rem_euclid(4)).unwrap() % 2]);
    let row = |code: &&str| {
        json!({"code": code, "name": "A failure", "message": "It is over.", "impact": "major",
               "timestamp": format!("{} 2, 10:00 - 11:30 UTC", &names[0][..3])})
    };
    let rows: Vec<Value> = codes.iter().map(row).collect();
    page["months"] = names.iter().map(|name| json!({"name": name, "year": year, "incidents": []})).collect();
    page["months"][0]["incidents"] = rows.into();
    page["page_status"]["page"]["created_at"] = "2024-02-01T00:00:00.000Z".into();
    (200, "", page.to_string())
}

fn incident(id: &str) -> Answer {
    let at = "2024-04-02T10:00:00.000Z";
    let update = json!({"id": format!("{id}u"), "status": "resolved", "body": "Whole.", "created_at": at,
                        "updated_at": at, "display_at": at, "incident_id": id, "affected_components": null});
    let incident = json!({"id": id, "name": "A failure", "status": "resolved", "created_at": at, "updated_at": at,
                          "resolved_at": at, "impact": "major", "page_id": "24h6bqf610d5", "components": [],
                          "incident_updates": [update]});
    (200, "", incident.to_string())
}

fn none() -> Answer {
    (404, "", String::new())
}

async fn bring(base: &str) -> (Database, anyhow::Result<Report>) {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    let options = Options { source: base.to_owned(), page: None, into: None, new_ids: false };
    let brought = import(&store, &options).await;
    (database, brought)
}

#[tokio::test]
async fn a_source_that_knows_no_pages_ends_the_walk() {
    let elsewhere = Elsewhere::start(|path, _| match path {
        path if path.starts_with("/history.json") => quarter(0, &["aaaaaaaaaaaa"]),
        "/incidents/aaaaaaaaaaaa.json" => incident("aaaaaaaaaaaa"),
        _ => none(),
    });
    let elsewhere = elsewhere.await;
    let report = bring(&elsewhere.base).await.1.unwrap();
    assert_eq!(report.incidents.made, 1, "{report}");
    assert!(report.missing.is_empty() && report.to_string().contains("same months"), "{report}");
    assert_eq!((elsewhere.asked("/history.json?page=2"), elsewhere.asked("/history.json?page=3")), (1, 0));
}

#[tokio::test]
async fn what_fails_is_asked_for_again_and_then_missing() {
    let elsewhere = Elsewhere::start(|path, before| match path {
        "/history.json?page=1" if before == 0 => (429, AT_ONCE, String::new()),
        "/history.json?page=1" => quarter(0, &["aaaaaaaaaaaa", "bbbbbbbbbbbb"]),
        "/history.json?page=2" => (503, AT_ONCE, String::new()),
        "/incidents/aaaaaaaaaaaa.json" => none(),
        "/incidents/bbbbbbbbbbbb.json" if before < 3 => (500, AT_ONCE, String::new()),
        "/incidents/bbbbbbbbbbbb.json" => incident("bbbbbbbbbbbb"),
        _ => none(),
    });
    let elsewhere = elsewhere.await;
    let report = bring(&elsewhere.base).await.1.unwrap();
    assert_eq!(elsewhere.asked("/history.json?page=2"), 4);
    assert_eq!(elsewhere.asked("/incidents/bbbbbbbbbbbb.json"), 4, "though the first is not there");
    assert_eq!(report.incidents.made, 2, "{report}");
    let missing = report.missing.join("\n");
    assert!(
        missing.contains("/history.json?page=2: answered 503") && missing.contains(", 4 times"),
        "{missing}"
    );
    assert!(missing.contains("/incidents/aaaaaaaaaaaa.json: not there"), "{missing}");
    assert!(report.to_string().contains("read back to April 2024"), "{report}");
}

#[tokio::test]
async fn the_walk_goes_back_to_when_the_page_was_made() {
    let elsewhere = Elsewhere::start(|path, _| match path.strip_prefix("/history.json?page=") {
        Some("1") => quarter(0, &[]),
        Some("2") => quarter(1, &["aaaaaaaaaaaa"]),
        Some("3") => quarter(2, &[]),
        _ => none(),
    });
    let elsewhere = elsewhere.await;
    let report = bring(&elsewhere.base).await.1.unwrap();
    assert!(report.missing.is_empty(), "{report}");
    assert!(report.to_string().contains("before the page was made"), "{report}");
    assert!(report.to_string().contains("shows no incident by itself"), "{report}");
    assert_eq!((elsewhere.asked("/history.json?page=3"), elsewhere.asked("/history.json?page=4")), (1, 0));
}

#[tokio::test]
async fn a_page_may_live_below_a_path() {
    let elsewhere = Elsewhere::start(|path, _| match path.strip_prefix("/status") {
        Some("/api/v2/summary.json") => {
            (200, "", std::fs::read_to_string(fixture("recorded/github.summary.2026-09.json")).unwrap())
        }
        _ => none(),
    });
    let elsewhere = elsewhere.await;
    let report = bring(&format!("{}/status/", elsewhere.base)).await.1.unwrap();
    assert_eq!(report.components.made, 12, "{report}");
    for (address, said) in [
        ("ftp://status.example", "http:// or https://"),
        ("https://status.example/?page=2", "without ? and #"),
    ] {
        let error = format!("{:#}", bring(address).await.1.unwrap_err());
        assert!(error.contains(said), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_fails_where_something_is_missing() {
    let elsewhere = Elsewhere::start(|path, _| match path {
        "/history.json?page=1" => quarter(0, &["aaaaaaaaaaaa"]),
        path if path.starts_with("/history") => (503, AT_ONCE, String::new()),
        "/incidents/aaaaaaaaaaaa.json" => incident("aaaaaaaaaaaa"),
        _ => none(),
    });
    let elsewhere = elsewhere.await;
    let database = Database::sqlite().await;
    let base = elsewhere.base.clone();
    let url = database.url.clone();
    let command = tokio::task::spawn_blocking(move || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pharos"));
        command.args(["import", "statuspage", &base]).env("PHAROS_DATABASE_URL", url).output().unwrap()
    });
    let output = command.await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "{out}{err}");
    assert!(out.contains("MISSING") && out.contains("incidents    1 made"), "{out}");
    assert!(err.contains("page=2: answered 503") && err.contains("Run this again"), "{err}");
}

//! `pharos incident` and `pharos component`: the management API from a shell at night.

use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use crate::{
    manage::{component, empty},
    support::{Caller, Database, Elsewhere, Server, number, token},
};

/// The binary with a server and a token in its environment.
async fn run(server: &str, token: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pharos"));
    command.env_clear().env("PHAROS_LOG_FORMAT", "text").args(arguments).stdin(Stdio::null());
    command.env("PHAROS_SERVER_URL", server).env("PHAROS_TOKEN", token);
    tokio::task::spawn_blocking(move || command.output().unwrap()).await.unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn printed(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(0), "{}", said(output));
    String::from_utf8(output.stdout.clone()).unwrap()
}

async fn with_components(database: &Database, names: &[&str]) -> (Server, String, Vec<String>) {
    let (server, page) = empty(database).await;
    let caller = Caller::new(&server).await;
    let mut ids = vec![];
    for name in names {
        let made = caller.expect(201, "POST", &format!("{page}/components"), component(name)).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    (server, page, ids)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_incident_from_a_shell() {
    let database = Database::sqlite().await;
    let (server, page, ids) = with_components(&database, &["Website", "A=B"]).await;
    let (base, caller) = (server.base.clone(), Caller::new(&server).await);
    let key = token(&server.app.store, "read,incidents:write,components:write", None).await;
    let open =
        ["incident", "open", "--name", "Slow", "-m", "We look.", "-c", "website=partial_outage", "--yes"];
    let opened = printed(&run(&base, &key, &open).await);
    let id = opened.split('\t').next().unwrap();
    assert!(opened.contains("investigating\tmajor\tSlow\thttp"), "{opened}");
    let one = format!("{page}/incidents/{id}");
    assert_eq!(caller.get(&one).await["incident_updates"][0]["body"], "We look.");
    let listed = printed(&run(&base, &key, &["incident", "list"]).await);
    assert_eq!(listed.trim(), format!("{id}\tinvestigating\tmajor\tSlow"));
    let update = ["incident", "update", "--status", "identified", "--json", "--silent", "-y"];
    let told: Value = serde_json::from_str(&printed(&run(&base, &key, &update).await)).unwrap();
    assert_eq!(
        (&told["status"], &told["incident_updates"][0]["deliver_notifications"]),
        (&json!("identified"), &json!(false))
    );
    let resolve = ["incident", "resolve", id, "--operational", "-c", "A=B=degraded_performance", "--yes"];
    assert!(printed(&run(&base, &key, &resolve).await).contains("\tresolved\t"));
    let status = async |id: &str| caller.get(&format!("{page}/components/{id}")).await["status"].clone();
    assert_eq!(
        (status(&ids[0]).await, status(&ids[1]).await),
        (json!("operational"), json!("degraded_performance"))
    );
    assert_eq!(printed(&run(&base, &key, &["incident", "list"]).await), "");
    assert!(printed(&run(&base, &key, &["incident", "list", "--all"]).await).contains(id));
    let set = ["component", "set", &format!("{}=major_outage", ids[0]), "A=B=operational", "--yes"];
    assert!(printed(&run(&base, &key, &set).await).contains("major_outage\tWebsite"));
    assert_eq!((status(&ids[0]).await, status(&ids[1]).await), (json!("major_outage"), json!("operational")));
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_that_nobody_agreed_to() {
    let database = Database::sqlite().await;
    let (server, _, _) = with_components(&database, &["Website"]).await;
    let (base, key) = (server.base.clone(), token(&server.app.store, "all", None).await);
    let open = ["incident", "open", "--name", "Slow", "-m", "We look.", "-c", "Website=major_outage"];
    let asked = run(&base, &key, &open).await;
    assert_eq!(asked.status.code(), Some(64));
    assert!(said(&asked).contains("--yes"), "{}", said(&asked));
    let shown = printed(&run(&base, &key, &[&open[..], &["--dry-run"]].concat()).await);
    for part in [
        "Slow (investigating, impact critical)",
        "| We look.",
        "Website: operational -> major_outage",
        "No subscriber is told.",
    ] {
        assert!(shown.contains(part), "{part} in {shown}");
    }
    let tried = run(&base, &key, &[&open[..], &["--dry-run", "--json"]].concat()).await;
    let tried: Value = serde_json::from_str(&printed(&tried)).unwrap();
    assert_eq!((&tried["dry_run"], &tried["result"]["name"]), (&json!(true), &json!("Slow")));
    let tried = ["component", "set", "--json", "--dry-run", "Website=major_outage"];
    let tried: Value = serde_json::from_str(&printed(&run(&base, &key, &tried).await)).unwrap();
    assert_eq!(tried["result"][0]["status"], "major_outage", "{tried}");
    let set = run(&base, &key, &["component", "set", "Website=major_outage"]).await;
    assert_eq!(set.status.code(), Some(64));
    assert_eq!(number(&database, "SELECT count(*) FROM incidents").await, 0);
    assert_eq!(number(&database, "SELECT count(*) FROM components WHERE status <> 'operational'").await, 0);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_maintenance_ends_by_the_same_word() {
    let database = Database::sqlite().await;
    let (server, page, _) = with_components(&database, &[]).await;
    let (base, caller) = (server.base.clone(), Caller::new(&server).await);
    let key = token(&server.app.store, "all", None).await;
    let body = json!({ "incident": { "name": "Di\u{202e}sks", "status": "in_progress", "scheduled_for": "2026-11-22T11:00:00Z", "scheduled_until": "2026-11-22T13:00:00Z" } });
    let made = caller.expect(201, "POST", &format!("{page}/incidents"), body).await;
    let id = made["id"].as_str().unwrap();
    let listed = printed(&run(&base, &key, &["incident", "list", "--all"]).await);
    assert_eq!(listed.trim(), format!("{id}\tin_progress\tmaintenance\tDisks"), "nothing turns a terminal");
    let over = printed(&run(&base, &key, &["incident", "resolve", id, "--yes"]).await);
    assert!(over.contains("\tcompleted\t"), "{over}");
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_short_help_is_about_the_command() {
    for command in
        [&["incident", "open"][..], &["component", "set"], &["token", "create"], &["apply"], &["page", "set"]]
    {
        let short = printed(&run("http://x.test", "t", &[command, &["-h"]].concat()).await);
        assert!(!short.contains("--metrics-listen") && short.contains("--help"), "{short}");
        let long = printed(&run("http://x.test", "t", &[command, &["--help"]].concat()).await);
        let (own, settings) = long.split_once("Settings of a server and its database:").unwrap();
        assert!(settings.contains("--metrics-listen") && !own.contains("--metrics-listen"), "{long}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_it_ends_says_why() {
    let database = Database::sqlite().await;
    let (server, page, _) = with_components(&database, &["Twin", "twin"]).await;
    let (base, key) = (server.base.clone(), token(&server.app.store, "all", None).await);
    let open = ["incident", "open", "--yes", "--name", "X"];
    let read_only = token(&server.app.store, "read", None).await;
    let nowhere = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let nowhere = {
        let address = nowhere.local_addr().unwrap();
        drop(nowhere);
        format!("http://{address}")
    };
    let long = "x".repeat(25_001);
    let page_id = page.rsplit('/').next().unwrap();
    let cases: [(&str, &str, Vec<&str>, i32, &str); 9] = [
        (&base, &key, vec!["incident", "open", "--yes"], 64, "--name"),
        (&base, &key, vec!["component", "set", "Twin", "--yes"], 64, "major_outage"),
        (&base, &key, [&open[..], &["-c", "Twin=major_outage"]].concat(), 64, "several components"),
        (&base, &key, [&open[..], &["-c", "Nobody=major_outage"]].concat(), 64, "there are"),
        (&base, &key, vec!["incident", "resolve", "--yes"], 64, "no incident is open"),
        (&base, &key, [&open[..], &["-m", &long]].concat(), 65, "incident.body: allowed are at most"),
        (&base, &read_only, [&open[..], &["--page", page_id]].concat(), 77, "incidents:write"),
        (&base, "pharos_nothing", open.to_vec(), 77, "token"),
        (&nowhere, &key, open.to_vec(), 69, "can't be reached"),
    ];
    for (server, token, arguments, code, text) in cases {
        let output = run(server, token, &arguments).await;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {}", said(&output));
        assert!(said(&output).contains(text), "{arguments:?}: {}", said(&output));
        assert!(!said(&output).contains(token), "the token is shown: {}", said(&output));
    }
    assert_eq!(number(&database, "SELECT count(*) FROM incidents").await, 0);
    let help = run(&base, &key, &["incident", "open", "--help"]).await;
    assert!(printed(&help).contains("69 when the server is away") && !said(&help).contains(&key));
    server.stop().await;
}

/// A server that works and then breaks off: the same key comes again, and opens nothing more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_retry_opens_no_second_incident() {
    let database = Database::sqlite().await;
    let (server, page, _) = with_components(&database, &[]).await;
    let key = token(&server.app.store, "all", None).await;
    let open = ["incident", "open", "--yes", "--name", "Slow", "--idempotency-key", "night-1"];
    let first = printed(&run(&server.base, &key, &open).await);
    assert_eq!(printed(&run(&server.base, &key, &open).await), first);
    assert_eq!(
        Caller::new(&server).await.get(&format!("{page}/incidents")).await.as_array().unwrap().len(),
        1
    );
    server.stop().await;
    let busy = Elsewhere::start(|path, before| match (path, before) {
        ("/v1/tokens/current", _) => (200, "", json!({ "page_id": "p1" }).to_string()),
        (_, 0) => (503, "Retry-After: 1\r\n", json!({ "detail": "away" }).to_string()),
        _ => (201, "", json!({ "id": "i1", "name": "Slow" }).to_string()),
    })
    .await;
    assert!(
        printed(&run(&busy.base, &key, &["incident", "open", "--yes", "--name", "Slow"]).await)
            .starts_with("i1\t")
    );
    assert_eq!(busy.asked("/v1/pages/p1/incidents"), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn shells_complete_its_commands() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = printed(&run("http://x.test", "t", &["completion", shell]).await);
        assert!(script.contains("incident") && script.contains("resolve"), "{shell}");
    }
    assert_eq!(run("http://x.test", "t", &["completion", "tcsh"]).await.status.code(), Some(64));
}

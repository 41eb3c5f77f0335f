//! Passwords and keys that change while a server uses them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use pharos::domain::Id;
use reqwest::{Client, StatusCode};
use serde_json::json;

use crate::{
    secrets::{AWKWARD, Login, with_secret},
    support::{Browser, Screen, Serving, Vault, said},
};

/// What visitors and operators met while passwords changed.
#[derive(Default)]
pub struct Met {
    pub stop: AtomicBool,
    pub read: AtomicUsize,
    pub unread: AtomicUsize,
    pub written: AtomicUsize,
    pub retried: AtomicUsize,
    pub lost: AtomicUsize,
}

pub async fn visit(client: Client, address: String, met: Arc<Met>) {
    while !met.stop.load(Ordering::SeqCst) {
        let paths = ["/", "/api/v2/summary.json"];
        for path in paths {
            let answer = client.get(format!("http://{address}{path}")).send().await;
            let good = answer.is_ok_and(|answer| answer.status() == StatusCode::OK);
            if good { &met.read } else { &met.unread }.fetch_add(1, Ordering::SeqCst);
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub async fn operate(client: Client, address: String, token: String, page: String, met: Arc<Met>) {
    let url = format!("http://{address}/v1/pages/{page}/components");
    while !met.stop.load(Ordering::SeqCst) {
        let key = Id::random();
        let write = || {
            let body = json!({"component": {"name": key.as_str()}}).to_string();
            let request = client.post(&url).header("authorization", format!("OAuth {token}"));
            request
                .header("content-type", "application/json")
                .header("idempotency-key", key.as_str())
                .body(body)
        };
        if let Err(pause) = created(write().send().await) {
            met.retried.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(pause).await;
            if created(write().send().await).is_err() {
                met.lost.fetch_add(1, Ordering::SeqCst);
                continue;
            }
        }
        met.written.fetch_add(1, Ordering::SeqCst);
    }
}

/// Whether it was made; else after which pause it may be tried again.
fn created(answer: reqwest::Result<reqwest::Response>) -> Result<(), Duration> {
    let Ok(answer) = answer else { return Err(Duration::ZERO) };
    if answer.status() == StatusCode::CREATED {
        return Ok(());
    }
    let after = answer.headers().get("retry-after").and_then(|after| after.to_str().ok()?.parse().ok());
    Err(Duration::from_secs(after.unwrap_or(0)))
}

/// Waits until so many more were written.
pub async fn until_written(met: &Met, more: usize) {
    let enough = met.written.load(Ordering::SeqCst) + more;
    let waiting = async {
        while met.written.load(Ordering::SeqCst) < enough {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.expect("writes go on");
}

/// What was signed with an older application key is believed as long as that is listed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn application_keys_change_while_a_server_runs_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let (first, second) = (pharos::keys::random(), pharos::keys::random());
    let login = Login::new("hidden-one").await;
    let held = |password: &str, keys: &str| {
        json!({"username": login.name, "password": password, "keys": keys}).to_string()
    };
    let vault = Vault::holding(&held("hidden-one", &first)).await;
    let url = login.url(&vault.name);
    let command = || {
        let mut command = with_secret(folder.path(), &vault, &url);
        command.env("PHAROS_KEYS", format!("{{aws:{}#keys}}", vault.name));
        command
    };
    let migrated = command().arg("migrate").output().unwrap();
    assert!(migrated.status.success(), "{}", said(&migrated));
    let serving = Serving::start(command(), folder.path()).await;
    let base = format!("http://{}", serving.address);
    let browser = Browser::at(&base);
    let form = browser.get("/admin/sign-in").await;
    let log = || std::fs::read_to_string(folder.path().join("serve.log")).unwrap();
    let tried = async |form: &Screen| {
        let nobody = [("email", "nobody@example.com"), ("password", "wrong wrong wrong")];
        browser.submit(form, "/admin/sign-in", &nobody).await.status.as_u16()
    };
    assert_eq!(tried(&form).await, 422, "the form is taken; there is nobody of that name");
    // A database that refuses the password is what has the secret read again at once.
    let rotated = async |password: &str, keys: &str| {
        login.change_password(password).await;
        vault.put(&held(password, keys)).await;
        let read = log().matches("a secret was rotated").count();
        login.cut().await;
        let reread = async {
            while log().matches("a secret was rotated").count() < read + 2 {
                // Who it is, the database is asked.
                browser.get("/admin/sign-in").await;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), reread).await.expect("the secret is read again");
    };
    rotated("hidden-two", &format!("{second},{first}")).await;
    assert_eq!(tried(&form).await, 422, "both keys are listed");
    let renewed = browser.get("/admin/sign-in").await;
    rotated("hidden-three", &second).await;
    assert_eq!(tried(&form).await, 403, "the first is listed no more");
    assert_eq!(tried(&renewed).await, 422, "the second signed this one");
    let log = log();
    for hidden in [&*first, &*second, "hidden-two"] {
        assert!(!log.contains(hidden), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_changes_under_load_and_nobody_notices_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let login = Login::new("hidden-one").await;
    let vault = Vault::of_rds(&login.name, "hidden-one").await;
    let url = login.url(&vault.name);
    let command = || {
        let mut command = with_secret(folder.path(), &vault, &url);
        command.env("PHAROS_KEYS", pharos::keys::random()).env("PHAROS_API_CALLS_PER_MINUTE", "0");
        command
    };
    let run = |arguments: &[&str]| {
        let output = command().args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    run(&["migrate"]);
    let page = run(&["page", "create", "--name", "Rotated"]);
    let token = run(&["token", "create", "--name", "load", "--scopes", "all"]);
    let serving = Serving::start(command(), folder.path()).await;
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    let met = Arc::new(Met::default());
    let mut load = tokio::task::JoinSet::new();
    for number in 0..4 {
        let (client, address, met) = (client.clone(), serving.address.clone(), met.clone());
        load.spawn(visit(client.clone(), address.clone(), met.clone()));
        // Each write renders the page: more at once would try the machine, and not the passwords.
        if number < 2 {
            load.spawn(operate(client, address, token.clone(), page.clone(), met));
        }
    }
    until_written(&met, 20).await;
    for password in ["hidden-two", AWKWARD] {
        // As RDS does it: the server first, the secret a moment later.
        login.change_password(password).await;
        login.cut().await;
        tokio::time::sleep(Duration::from_millis(700)).await;
        vault.put(&json!({"username": login.name, "password": password}).to_string()).await;
        until_written(&met, 40).await;
    }
    met.stop.store(true, Ordering::SeqCst);
    while let Some(ended) = load.join_next().await {
        ended.unwrap();
    }
    let log = std::fs::read_to_string(folder.path().join("serve.log")).unwrap();
    let count = |count: &AtomicUsize| count.load(Ordering::SeqCst);
    println!(
        "{} read, {} written, {} of them at the second try",
        count(&met.read),
        count(&met.written),
        count(&met.retried)
    );
    assert_eq!((count(&met.unread), count(&met.lost)), (0, 0), "{log}");
    assert!(count(&met.read) > 100, "visitors were there");
    assert_eq!(log.matches("a secret was rotated").count(), 2, "{log}");
    for hidden in ["hidden-one", "hidden-two", AWKWARD, "%23%3F"] {
        assert!(!log.contains(hidden), "{hidden}: {log}");
    }
}

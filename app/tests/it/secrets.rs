//! Secrets that settings refer to, from a Secrets Manager that speaks HTTP.

use std::{
    process::{Command, Output},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use pharos::domain::Id;
use reqwest::{Client, StatusCode};
use sea_orm::{ConnectionTrait, Database as Connection, DatabaseConnection};
use serde_json::json;

use crate::support::{Browser, Elsewhere, Screen, Serving, Vault, pharos, said};

/// What a URL gives a meaning to.
const AWKWARD: &str = "#?%@:/";

/// A database with a user of the same name, who needs a password there.
struct Login {
    admin: DatabaseConnection,
    name: String,
    /// `HOST:PORT/DATABASE` and the rest of the address.
    place: String,
}

impl Login {
    async fn new(password: &str) -> Self {
        let url = std::env::var("PHAROS_TEST_POSTGRES_URL").expect("./test.sh starts a Postgres for tests");
        let admin = Connection::connect(&url).await.unwrap();
        let name = format!("pharos_{}", Id::random());
        let login = Self { admin, place: place(&url, &name), name };
        let name = &login.name;
        login.run(&format!("CREATE ROLE {name} LOGIN PASSWORD '{password}'")).await;
        login.run(&format!("CREATE DATABASE {name} OWNER {name}")).await;
        login
    }

    async fn run(&self, sql: &str) {
        self.admin.execute_unprepared(sql).await.unwrap();
    }

    async fn change_password(&self, password: &str) {
        self.run(&format!("ALTER ROLE {} PASSWORD '{password}'", self.name)).await;
    }

    /// Ends all its connections, so that new ones are needed.
    async fn cut(&self) {
        let name = &self.name;
        self.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'"))
            .await;
    }

    /// Its address with both parts from this secret.
    fn url(&self, secret: &str) -> String {
        format!("postgres://{{aws:{secret}#username}}:{{aws:{secret}#password}}@{}", self.place)
    }
}

/// The part of an address behind the user, for another database.
fn place(url: &str, database: &str) -> String {
    let mut url = url::Url::parse(url).unwrap();
    url.set_path(database);
    url.to_string().split_once('@').unwrap().1.to_owned()
}

fn with_secret(folder: &std::path::Path, vault: &Vault, url: &str) -> Command {
    let mut command = pharos(folder);
    command.envs(vault.environment()).env("PHAROS_DATABASE_URL", url);
    command
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_password_is_read_encoded_and_never_shown_postgres() {
    let folder = tempfile::tempdir().unwrap();
    let login = Login::new(AWKWARD).await;
    let vault = Vault::of_rds(&login.name, AWKWARD).await;
    for secret in [&vault.name, &vault.arn] {
        let url = login.url(secret);
        let migrated = with_secret(folder.path(), &vault, &url).arg("migrate").output().unwrap();
        assert!(migrated.status.success(), "{}", said(&migrated));
        let checked = with_secret(folder.path(), &vault, &url).arg("check-config").output().unwrap();
        let text = said(&checked);
        assert!(checked.status.success() && text.contains("its schema is up to date"), "{text}");
        assert!(
            text.contains(&format!("secret          {{aws:{secret}#password}} in database_url was read"))
        );
        assert!(text.contains(&format!("postgres://{{aws:{secret}#username}}")), "{text}");
        for hidden in [AWKWARD, "%23%3F", &format!("{}:", login.name)] {
            assert!(!text.contains(hidden), "{hidden}: {text}");
        }
    }
    // A whole address, with its password encoded by whoever wrote it.
    let whole = format!("postgres://{}:%23%3F%25%40%3A%2F@{}\n", login.name, login.place);
    let whole = Vault::holding(&whole).await;
    let config = folder.path().join("pharos.toml");
    std::fs::write(&config, format!("database_url = \"{{aws:{}}}\"", whole.name)).unwrap();
    let mut command = pharos(folder.path());
    command.envs(whole.environment()).args(["--config", "pharos.toml", "check-config"]);
    let checked = command.output().unwrap();
    assert!(checked.status.success(), "{}", said(&checked));
    assert!(!said(&checked).contains("%23%3F"), "{}", said(&checked));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_can_not_be_filled_names_the_setting_and_the_secret_and_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::holding(r#"{"listen": "hidden-value", "list": [1]}"#).await;
    let name = &vault.name;
    let run = |variable: &str, value: String| -> Output {
        let mut command = pharos(folder.path());
        command.envs(vault.environment()).env(variable, value).arg("check-config").output().unwrap()
    };
    let unknown = "pharos/test-nowhere";
    for (variable, value, code, words) in [
        ("PHAROS_KEYS", format!("{{aws:{unknown}}}"), 1, ["keys", unknown, "ResourceNotFoundException"]),
        ("PHAROS_KEYS", format!("{{aws:{name}#keys}}"), 1, ["keys", name, "no such key"]),
        ("PHAROS_KEYS", format!("{{aws:{name}#list}}"), 1, ["keys", name, "neither a text nor a number"]),
        ("PHAROS_KEYS", format!("{{aws:{name}"), 64, ["keys", "has no end", "{aws:SECRET#key}"]),
        ("PHAROS_KEYS", format!("{{aws:{name}#listen}}"), 64, ["--keys", name, "32 random bytes"]),
        ("PHAROS_LISTEN", format!("{{aws:{name}#listen}}"), 64, ["--listen", name, "IP address and a port"]),
    ] {
        let output = run(variable, value);
        let text = said(&output);
        assert_eq!(output.status.code(), Some(code), "{text}");
        assert!(words.iter().all(|word| text.contains(word)), "{words:?}: {text}");
        assert!(!text.contains("hidden-value"), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_asked_where_nothing_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let manager = Elsewhere::start(|_, _| (500, "", String::new())).await;
    let base = manager.base.clone();
    let command = |reference: bool| {
        let mut command = pharos(folder.path());
        command.env("AWS_ENDPOINT_URL", &base).env("AWS_REGION", "eu-central-1");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        if reference {
            command.env("PHAROS_DATABASE_URL", "postgres://{aws:a#username}@host/db");
        }
        command
    };
    for (reference, arguments) in
        [(false, "migrate"), (false, "check-config"), (true, "openapi"), (true, "--help")]
    {
        let output = command(reference).arg(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments}: {}", said(&output));
    }
    let shell = command(true).args(["completion", "bash"]).output().unwrap();
    assert!(shell.status.success(), "{}", said(&shell));
    // It reads where the server listens, and not where its database is.
    let down = command(true).args(["healthcheck", "--listen", "127.0.0.1:1"]).output().unwrap();
    assert!(said(&down).contains("127.0.0.1:1"), "{}", said(&down));
    assert_eq!(manager.asked("/"), 0);
    let asking = command(true).arg("check-config").output().unwrap();
    assert_eq!(asking.status.code(), Some(1), "{}", said(&asking));
    assert_eq!(manager.asked("/"), 4, "the first and three more tries");
}

/// A server begins without what is unread where nobody answered, and not where it was told no, or where it
/// could do nothing at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_was_told_no_does_not_begin() {
    let folder = tempfile::tempdir().unwrap();
    let no = r#"{"__type": "ResourceNotFoundException", "message": "it is not there"}"#;
    let manager = Elsewhere::start(|_, _| (400, "", no.to_owned())).await;
    let nobody = crate::support::free_address();
    for (endpoint, variable, value, words) in [
        (
            manager.base,
            "PHAROS_DATABASE_URL",
            "postgres://{aws:a#u}@host/db",
            ["database_url", "no such secret"],
        ),
        (format!("http://{nobody}"), "PHAROS_LISTEN", "{aws:a#listen}", ["listen", "can't be read"]),
    ] {
        let mut command = pharos(folder.path());
        command.env("AWS_ENDPOINT_URL", endpoint).env("AWS_REGION", "eu-central-1");
        command.env("AWS_ACCESS_KEY_ID", "test").env("AWS_SECRET_ACCESS_KEY", "test");
        let ended = command.env(variable, value).arg("serve").output().unwrap();
        assert_eq!(ended.status.code(), Some(1), "{}", said(&ended));
        assert!(words.iter().all(|word| said(&ended).contains(word)), "{words:?}: {}", said(&ended));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_come_from_where_aws_puts_them() {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::holding("127.0.0.1:4321").await;
    let token = folder.path().join("token");
    std::fs::write(&token, "a token").unwrap();
    let token = token.to_str().unwrap();
    let credentials = r#"{"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "test", "SecretAccessKey": "test",
        "Token": "test", "Expiration": "2099-01-01T00:00:00Z", "LastUpdated": "2026-01-01T00:00:00Z"}"#;
    let machine = Elsewhere::start(move |path, _| {
        let ttl = "x-aws-ec2-metadata-token-ttl-seconds: 21600\r\n";
        match path {
            "/container" => (200, "", credentials.to_owned()),
            "/latest/api/token" => (200, ttl, "a session".to_owned()),
            path if path.ends_with("/security-credentials/") => (200, "", "a-role".to_owned()),
            path if path.ends_with("/a-role") => (200, "", credentials.to_owned()),
            _ => (404, "", String::new()),
        }
    })
    .await;
    let container = format!("{}/container", machine.base);
    let ways: [(&str, Vec<(&str, &str)>); 3] = [
        (
            "web identity, as IRSA",
            vec![
                ("AWS_WEB_IDENTITY_TOKEN_FILE", token),
                ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/pharos"),
            ],
        ),
        (
            "container, as EKS Pod Identity",
            vec![
                ("AWS_CONTAINER_CREDENTIALS_FULL_URI", &container),
                ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", token),
            ],
        ),
        ("machine", vec![("AWS_EC2_METADATA_SERVICE_ENDPOINT", &machine.base)]),
    ];
    for (way, variables) in ways {
        let mut command = pharos(folder.path());
        command.envs(vault.place()).envs(variables);
        command.env("PHAROS_LISTEN", format!("{{aws:{}}}", vault.name)).arg("check-config");
        let output = command.output().unwrap();
        assert!(output.status.success(), "{way}: {}", said(&output));
        assert!(said(&output).contains("in listen was read"), "{way}: {}", said(&output));
    }
    assert!(machine.asked("/container") == 1 && machine.asked("/latest/api/token") == 1);
}

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

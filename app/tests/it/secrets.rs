//! Secrets that settings refer to, from a Secrets Manager that speaks HTTP.

use std::process::{Command, Output};

use pharos::domain::Id;
use sea_orm::{ConnectionTrait, Database as Connection, DatabaseConnection};

use crate::support::{Elsewhere, Vault, pharos, said};

/// What a URL gives a meaning to.
pub const AWKWARD: &str = "#?%@:/";

/// A database with a user of the same name, who needs a password there.
pub struct Login {
    admin: DatabaseConnection,
    pub name: String,
    /// `HOST:PORT/DATABASE` and the rest of the address.
    place: String,
}

impl Login {
    pub async fn new(password: &str) -> Self {
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

    pub async fn change_password(&self, password: &str) {
        self.run(&format!("ALTER ROLE {} PASSWORD '{password}'", self.name)).await;
    }

    /// Ends all its connections, so that new ones are needed.
    pub async fn cut(&self) {
        let name = &self.name;
        self.run(&format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{name}'"))
            .await;
    }

    /// Its address with both parts from this secret.
    pub fn url(&self, secret: &str) -> String {
        format!("postgres://{{aws:{secret}#username}}:{{aws:{secret}#password}}@{}", self.place)
    }
}

/// The part of an address behind the user, for another database.
fn place(url: &str, database: &str) -> String {
    let mut url = url::Url::parse(url).unwrap();
    url.set_path(database);
    url.to_string().split_once('@').unwrap().1.to_owned()
}

pub fn with_secret(folder: &std::path::Path, vault: &Vault, url: &str) -> Command {
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

//! The roles of Postgres: made once by an administrator who may do no more than RDS's, and the
//! application's passwords changed in turns.

use std::{
    path::Path,
    process::{Command, Output},
    sync::{Arc, atomic::Ordering},
};

use pharos::domain::Id;
use sea_orm::{ConnectionTrait, Database as Connection, DatabaseConnection, DbBackend, Statement};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    rotation::{Met, operate, until_written, visit},
    support::{Serving, Vault, pharos, said},
};

/// Members of it need their password in this server (`scripts/test/services.sh`).
const ASKED: &str = "asks_for_password";

/// A database of an administrator's, as RDS makes one, and the secrets that Terraform makes.
struct Installation {
    superuser: DatabaseConnection,
    name: String,
    /// `HOST:PORT/DATABASE` and the rest of the address.
    place: String,
    master: Vault,
    owner: Vault,
    application: Vault,
    folder: TempDir,
}

impl Installation {
    async fn new() -> Self {
        let url = std::env::var("PHAROS_TEST_POSTGRES_URL").expect("./test.sh starts a Postgres for tests");
        let superuser = Connection::connect(&url).await.unwrap();
        let name = format!("pharos_{}", Id::random());
        let place = place(&url, &name);
        let master = Vault::of_rds(&format!("{name}_master"), "of-the-master").await;
        let (owner, application) = (Vault::empty().await, Vault::empty().await);
        let folder = tempfile::tempdir().unwrap();
        let installation = Self { superuser, place, master, owner, application, folder, name };
        let name = &installation.name;
        // Many tests at once would each make it.
        let _ = installation.superuser.execute_unprepared(&format!("CREATE ROLE {ASKED}")).await;
        installation
            .run(&format!("CREATE ROLE {name}_master LOGIN CREATEROLE CREATEDB PASSWORD 'of-the-master'"))
            .await;
        installation.run(&format!("GRANT {ASKED} TO {name}_master")).await;
        installation.run(&format!("CREATE DATABASE {name} OWNER {name}_master")).await;
        // Until Postgres 14 a database's owner does not own its schema, but RDS's administrator does.
        let mut inside = url::Url::parse(&url).unwrap();
        inside.set_path(name);
        let inside = Connection::connect(inside.to_string()).await.unwrap();
        let old = "SELECT 1 AS one WHERE current_setting('server_version_num')::int < 150000";
        if inside.query_one_raw(Statement::from_string(DbBackend::Postgres, old)).await.unwrap().is_some() {
            inside.execute_unprepared(&format!("ALTER SCHEMA public OWNER TO {name}_master")).await.unwrap();
        }
        installation
    }

    async fn run(&self, sql: &str) {
        self.superuser.execute_unprepared(sql).await.unwrap();
    }

    /// Has the server ask the new roles for their passwords.
    async fn ask_for_passwords(&self) {
        for role in ["owner", "application_a", "application_b"] {
            self.run(&format!("GRANT {ASKED} TO {}_{role}", self.name)).await;
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = pharos(self.folder.path());
        command.envs(self.master.environment()).args(arguments);
        command
    }

    fn with_secrets(&self, arguments: &[&str]) -> Command {
        let mut command = self.command(arguments);
        command.env("PHAROS_ADMINISTRATOR_URL", url(&self.master, &self.place));
        command.env("PHAROS_OWNER_SECRET", &self.owner.arn);
        command.env("PHAROS_APPLICATION_SECRET", &self.application.name);
        // What is not filled yet must not be asked for.
        command.env("PHAROS_DATABASE_URL", url(&self.application, &self.place));
        command
    }

    fn bootstrap(&self) -> String {
        succeeded(self.with_secrets(&["migrate", "--bootstrap"]))
    }

    async fn rotate(&self) -> Value {
        let mut command = self.with_secrets(&["database", "rotate"]);
        command.env("PHAROS_DATABASE_URL", url(&self.owner, &self.place));
        let told = succeeded(command);
        let now = self.application.get().await;
        assert!(told.contains(now["username"].as_str().unwrap()), "{told}");
        assert!(!told.contains(now["password"].as_str().unwrap()), "{told}");
        now
    }

    async fn as_whom(&self, login: &Value) -> DatabaseConnection {
        self.sign_in(login).await.unwrap()
    }

    async fn sign_in(&self, login: &Value) -> Result<DatabaseConnection, sea_orm::DbErr> {
        let (user, password) = (login["username"].as_str().unwrap(), login["password"].as_str().unwrap());
        Connection::connect(format!("postgres://{user}:{password}@{}", self.place)).await
    }

    /// Who is connected to the database.
    async fn connected(&self) -> Vec<String> {
        let sql = format!(
            "SELECT DISTINCT usename::text AS name FROM pg_stat_activity WHERE datname = '{}'",
            self.name
        );
        let rows =
            self.superuser.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
    }
}

fn place(url: &str, database: &str) -> String {
    let mut url = url::Url::parse(url).unwrap();
    url.set_path(database);
    url.to_string().split_once('@').unwrap().1.to_owned()
}

fn url(vault: &Vault, place: &str) -> String {
    format!("postgres://{{aws:{0}#username}}:{{aws:{0}#password}}@{place}", vault.name)
}

fn succeeded(mut command: Command) -> String {
    let output: Output = command.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    said(&output)
}

/// Whether a statement is refused for lack of rights (42501, insufficient_privilege).
async fn refused(connection: &DatabaseConnection, sql: &str) -> bool {
    let done = connection.execute_unprepared(sql).await;
    done.is_err_and(|error| {
        error.to_string().contains("permission denied") || error.to_string().contains("must be owner")
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn roles_are_made_once_and_each_may_do_its_part_postgres() {
    let installation = Installation::new().await;
    let name = &installation.name;
    let told = installation.bootstrap();
    let (owner, application) = (installation.owner.get().await, installation.application.get().await);
    assert_eq!(owner["username"], format!("{name}_owner"));
    assert_eq!(application["username"], format!("{name}_application_a"));
    installation.ask_for_passwords().await;
    let wrong = serde_json::json!({"username": application["username"], "password": owner["password"]});
    assert!(installation.sign_in(&wrong).await.is_err(), "the server asks for passwords");

    let again = installation.bootstrap();
    assert!(again.contains("0 steps were applied"), "{again}");
    assert_eq!(
        (installation.owner.get().await, installation.application.get().await),
        (owner.clone(), application.clone())
    );
    for text in [told, again] {
        for login in [&owner, &application] {
            assert!(!text.contains(login["password"].as_str().unwrap()), "{text}");
        }
    }

    let app = installation.as_whom(&application).await;
    for sql in [
        "UPDATE audit_events SET action = 'nothing'",
        "DELETE FROM audit_events",
        "TRUNCATE audit_events",
        "ALTER TABLE audit_events DISABLE TRIGGER ALL",
        "DROP TABLE audit_events",
        "CREATE TABLE mine (id bigint)",
        "UPDATE schema_info SET value = '9.9.9'",
        "DELETE FROM seaql_migrations",
        &format!("ALTER ROLE {name}_owner PASSWORD 'mine'"),
        &format!("SET ROLE {name}_owner"),
        &format!("SELECT pharos_roles.set_password('{name}_application_b', 'mine')"),
    ] {
        assert!(refused(&app, sql).await, "{sql}");
    }
    app.execute_unprepared("SELECT count(*) FROM audit_events").await.unwrap();
    app.execute_unprepared("DELETE FROM idempotency_keys").await.unwrap();

    let schema_owner = installation.as_whom(&owner).await;
    for (role, password) in
        [("postgres", "SCRAM-SHA-256$4096:YQ==$YQ==:YQ=="), (&*format!("{name}_application_b"), "plain")]
    {
        let sql = format!("SELECT pharos_roles.set_password('{role}', '{password}')");
        let error = schema_owner.execute_unprepared(&sql).await.unwrap_err().to_string();
        assert!(error.contains("only a SCRAM verifier for a role of the application"), "{error}");
    }
    let mut command = installation.command(&["migrate"]);
    command.env("PHAROS_DATABASE_URL", url(&installation.owner, &installation.place));
    succeeded(command);
    let mut command = installation.command(&["migrate"]);
    command.env("PHAROS_DATABASE_URL", url(&installation.application, &installation.place));
    assert!(!command.output().unwrap().status.success(), "the application's role makes no schema");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_rotations_under_load_and_no_request_fails_postgres() {
    let installation = Installation::new().await;
    installation.bootstrap();
    installation.ask_for_passwords().await;
    let first = installation.application.get().await;
    let serve = |arguments: &[&str]| {
        let mut command = installation.command(arguments);
        command.env("PHAROS_DATABASE_URL", url(&installation.application, &installation.place));
        command.env("PHAROS_KEYS", pharos::keys::random()).env("PHAROS_API_CALLS_PER_MINUTE", "0");
        command
    };
    let run = |arguments: &[&str]| succeeded(serve(arguments)).trim().lines().last().unwrap().to_owned();
    let page = run(&["page", "create", "--name", "Rotated"]);
    let token = run(&["token", "create", "--name", "load", "--scopes", "all"]);
    let serving = Serving::start(serve(&[]), installation.folder.path()).await;
    let met = Arc::new(Met::default());
    let mut load = tokio::task::JoinSet::new();
    let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
    for _ in 0..4 {
        let (client, address, met) = (client.clone(), serving.address.clone(), met.clone());
        load.spawn(visit(client.clone(), address.clone(), met.clone()));
        load.spawn(operate(client, address, token.clone(), page.clone(), met));
    }
    until_written(&met, 20).await;
    let second = installation.rotate().await;
    assert_eq!(second["username"], format!("{}_application_b", installation.name));
    assert!(installation.sign_in(&first).await.is_ok(), "who has not heard of it yet is let in");
    until_written(&met, 40).await;
    let third = installation.rotate().await;
    assert_eq!(third["username"], first["username"]);
    assert_ne!(third["password"], first["password"]);
    assert!(installation.sign_in(&first).await.is_err() && installation.sign_in(&second).await.is_ok());
    until_written(&met, 40).await;
    let count = |count: &std::sync::atomic::AtomicUsize| count.load(Ordering::SeqCst);
    let log = log(installation.folder.path());
    assert_eq!((count(&met.unread), count(&met.retried), count(&met.lost)), (0, 0, 0), "{log}");
    // Whoever needs a new connection now has only the password of before the last rotations.
    let cut = format!(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{}'",
        installation.name
    );
    installation.run(&cut).await;
    until_written(&met, 40).await;
    met.stop.store(true, Ordering::SeqCst);
    while let Some(ended) = load.join_next().await {
        ended.unwrap();
    }
    assert_eq!((count(&met.unread), count(&met.lost)), (0, 0));
    assert_eq!(installation.connected().await, [third["username"].as_str().unwrap()]);
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("serve.log")).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_had_one_role_is_moved_and_passwords_are_told_where_nothing_keeps_them_postgres() {
    let installation = Installation::new().await;
    let name = &installation.name;
    let mut command = installation.command(&["migrate"]);
    command.env("PHAROS_DATABASE_URL", url(&installation.master, &installation.place));
    succeeded(command);
    installation
        .application
        .put(&format!(r#"{{"username": "{name}_master", "password": "of-the-master", "port": 5432}}"#))
        .await;
    let bootstrap = || {
        let mut command = installation.with_secrets(&["migrate", "--bootstrap"]);
        succeeded({
            command.env_remove("PHAROS_OWNER_SECRET");
            command
        })
    };
    let told = bootstrap();
    installation.ask_for_passwords().await;
    let password =
        told.lines().find_map(|line| line.strip_prefix(&format!("The password of {name}_owner is ")));
    let owner = serde_json::json!({"username": format!("{name}_owner"), "password": password.unwrap()});
    let schema_owner = installation.as_whom(&owner).await;
    schema_owner.execute_unprepared("ALTER TABLE audit_events ADD COLUMN extra bigint").await.unwrap();
    let moved = installation.application.get().await;
    assert_eq!((&moved["username"], &moved["port"]), (&format!("{name}_application_a").into(), &5432.into()));
    let app = installation.as_whom(&moved).await;
    assert!(refused(&app, "DELETE FROM audit_events").await);
    let again = bootstrap();
    assert!(!again.contains("_owner is "), "{again}");
    installation.as_whom(&owner).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_missing_is_named_before_anything_is_done() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, variables, word) in [
        (["migrate", "--bootstrap"], vec![], "PHAROS_ADMINISTRATOR_URL"),
        (["database", "rotate"], vec![], "PHAROS_APPLICATION_SECRET"),
        (
            ["migrate", "--bootstrap"],
            vec![("PHAROS_ADMINISTRATOR_URL", "sqlite://x")],
            "allowed is postgres://",
        ),
        (
            ["migrate", "--bootstrap"],
            vec![
                ("PHAROS_ADMINISTRATOR_URL", "postgres://a:hidden@127.0.0.1:1/b"),
                ("PHAROS_OWNER_SECRET", "one"),
                ("PHAROS_APPLICATION_SECRET", "one"),
            ],
            "another secret than",
        ),
    ] {
        let output = pharos(folder.path()).args(arguments).envs(variables).output().unwrap();
        assert_eq!(output.status.code(), Some(64), "{}", said(&output));
        assert!(said(&output).contains(word) && !said(&output).contains("hidden"), "{}", said(&output));
    }
}

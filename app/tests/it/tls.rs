//! Connections that are encrypted, to servers that prove who they are.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use deadpool_redis::redis::{Client, TlsCertificates, Value};
use pharos::{cache::Cache, secrets::Resolved, store::Store};
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;

use crate::support::{Database, RedisServer, Serving, Vault, Visitors, clock, free_port, pharos};

fn certificate(name: &str) -> String {
    let folder = std::env::var("PHAROS_TEST_TLS").expect("./test.sh makes certificates for tests");
    PathBuf::from(folder).join(name).display().to_string()
}

/// The database's address under another name of its host, with TLS as these parameters say.
fn over_tls(database: &Database, host: &str, parameters: &str) -> String {
    let mut url = url::Url::parse(&database.url).unwrap();
    url.set_host(Some(host)).unwrap();
    url.set_query(Some(parameters));
    url.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_is_believed_by_its_certificate_alone_postgres() {
    let database = Database::postgres().await;
    let (ours, other) = (certificate("ca.pem"), certificate("other-ca.pem"));
    let full = |ca: &str| format!("sslmode=verify-full&sslrootcert={ca}");
    let connected = |url: String| async move { Store::connect(&url, clock()).await.unwrap().migrate().await };

    let url = over_tls(&database, "localhost", &full(&ours));
    connected(url.clone()).await.unwrap();
    let raw = sea_orm::Database::connect(&url).await.unwrap();
    let sql = "SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl";
    let row = raw.query_one_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap().unwrap();
    assert_eq!(row.try_get::<String>("", "version").unwrap(), "TLSv1.3");

    for (host, parameters, why) in [
        ("localhost", full(&other), "UnknownIssuer"),
        ("localhost", "sslmode=verify-full".to_owned(), "UnknownIssuer"),
        ("127.0.0.1", full(&ours), "not valid for name"),
    ] {
        let error = connected(over_tls(&database, host, &parameters)).await.unwrap_err();
        let text = format!("{:#}", anyhow::Error::from(error));
        assert!(text.contains(why), "{host} {parameters}: {text}");
    }
}

/// A Redis that speaks TLS alone and asks for a token, as ElastiCache does.
async fn redis_with(token: &str) -> RedisServer {
    let port = free_port();
    let files = ["server.pem", "server.key", "ca.pem"].map(certificate);
    let authority = TlsCertificates { client_tls: None, root_cert: Some(read(&files[2])) };
    let client = Client::build_with_tls(format!("rediss://:{token}@localhost:{port}"), authority).unwrap();
    let at = port.to_string();
    let arguments = [
        ["--port", "0"],
        ["--tls-port", &at],
        ["--tls-auth-clients", "no"],
        ["--tls-cert-file", &files[0]],
        ["--tls-key-file", &files[1]],
        ["--tls-ca-cert-file", &files[2]],
        ["--requirepass", token],
    ];
    RedisServer::on(port, arguments.as_flattened(), client).await
}

/// Waits until a server hears announcements there.
async fn heard(redis: &RedisServer) {
    let hearing = async {
        while redis.run(&["PUBSUB", "CHANNELS", "pharos:*"]).await == Value::Array(vec![]) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), hearing).await.expect("a server hears announcements");
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(Path::new(path)).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_is_believed_by_its_certificate_and_believes_a_token() {
    let redis = redis_with("token").await;
    let cache = |host: &str, token: &str, ca: &str| {
        let url = format!("rediss://:{token}@{host}:{}", redis.port);
        Cache::new(Resolved::plain(&url), Some(read(&certificate(ca))), "tls").unwrap()
    };
    let good = cache("localhost", "token", "ca.pem");
    good.keep_found("key", b"found").await.unwrap();
    assert_eq!(good.found("key").await.unwrap().unwrap(), b"found");
    for (host, token, ca) in [
        ("localhost", "token", "other-ca.pem"),
        ("127.0.0.1", "token", "ca.pem"),
        ("localhost", "wrong", "ca.pem"),
    ] {
        assert!(cache(host, token, ca).found("key").await.is_err(), "{host} {token} {ca}");
    }
    let url = format!("rediss://:token@localhost:{}", redis.port);
    let of_system = Cache::new(Resolved::plain(&url), None, "tls").unwrap();
    assert!(of_system.found("key").await.is_err(), "the system knows no such authority");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_of_redis_is_rotated_while_a_server_uses_it() {
    let folder = tempfile::tempdir().unwrap();
    let redis = redis_with("first").await;
    let vault = Vault::holding(&json!({"token": "first"}).to_string()).await;
    let mut command = pharos(folder.path());
    let url = format!("rediss://:{{aws:{}#token}}@localhost:{}", vault.name, redis.port);
    command
        .envs(vault.environment())
        .env("PHAROS_REDIS_URL", url)
        .env("PHAROS_REDIS_CA", certificate("ca.pem"));
    let serving = Serving::start(command, folder.path()).await;
    let visitors = Visitors::at(&[&format!("http://{}", serving.address)]);
    let log = || std::fs::read_to_string(folder.path().join("serve.log")).unwrap();
    let cut = async || {
        redis.run(&["CLIENT", "KILL", "TYPE", "pubsub"]).await;
        redis.run(&["CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"]).await;
        heard(&redis).await;
    };
    heard(&redis).await;
    // As ElastiCache does it: both hold, the secret is changed, then the old one holds no more.
    redis.run(&["ACL", "SETUSER", "default", ">#?%@:/"]).await;
    cut().await;
    vault.put(&json!({"token": "#?%@:/"}).to_string()).await;
    cut().await;
    assert!(!log().contains("a secret was rotated"), "nobody was refused: {}", log());
    redis.run(&["ACL", "SETUSER", "default", "<first"]).await;
    cut().await;
    visitors.see(20).await;
    visitors.leave().await;
    let log = log();
    assert!(log.contains("a secret was rotated") && !log.contains("#?%@:/"), "{log}");
}

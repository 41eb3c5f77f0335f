//! Connections that are encrypted, to servers that prove who they are.

use std::path::PathBuf;

use pharos::store::Store;
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::support::{Database, clock};

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

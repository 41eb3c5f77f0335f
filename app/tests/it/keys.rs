//! Where the application keys of a server come from.

use crate::support::{Database, Serving, pharos, said};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_postgres_refuses_to_start_without_keys() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::postgres().await;
    let command = || {
        let mut command = pharos(folder.path());
        command.env("PHAROS_DATABASE_URL", &database.url);
        command
    };
    assert!(command().arg("migrate").status().unwrap().success(), "the schema needs none");
    let refused = command().arg("serve").output().unwrap();
    assert_eq!(refused.status.code(), Some(64), "{}", said(&refused));
    assert!(said(&refused).contains("PHAROS_KEYS"), "{}", said(&refused));
    assert!(said(&refused).contains("openssl rand -base64 32"), "{}", said(&refused));
    let wrong = command().env("PHAROS_KEYS", "not-a-key").arg("serve").output().unwrap();
    assert_eq!(wrong.status.code(), Some(64), "{}", said(&wrong));
    assert!(!said(&wrong).contains("not-a-key"), "{}", said(&wrong));
    let mut with_keys = command();
    with_keys.env("PHAROS_KEYS", format!("{},{}", pharos::keys::random(), pharos::keys::random()));
    Serving::start(with_keys, folder.path()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_on_sqlite_makes_its_own_key_once() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("pharos.db.keys");
    let mut made = vec![];
    for _ in 0..2 {
        drop(Serving::start(pharos(folder.path()), folder.path()).await);
        made.push(std::fs::read_to_string(&keys).unwrap());
    }
    assert!(pharos::keys::check(&made[0]).is_ok());
    assert_eq!(made[0], made[1]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&keys).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

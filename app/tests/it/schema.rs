//! The schema: made once, by one process at a time, and used by older releases where it allows.

use sea_orm::ConnectionTrait;

use crate::support::{Database, Server, clock, number, on_both};

on_both!(
    migrating_twice_changes_nothing,
    a_newer_schema_serves_an_older_release,
    a_schema_for_later_releases_is_refused
);

async fn migrating_twice_changes_nothing(database: Database) {
    let store = database.connect(&clock()).await;
    assert!(store.check_schema().await.unwrap_err().to_string().contains("pharos migrate"));
    assert!(store.migrate().await.unwrap() > 0);
    assert_eq!(store.migrate().await.unwrap(), 0);
    store.check_schema().await.unwrap();
}

/// What a later release's step leaves behind: more columns, a new table, and a word for others.
async fn after_a_later_release(database: &Database, min_app_version: &str) {
    let raw = database.raw().await;
    for sql in [
        "ALTER TABLE components ADD COLUMN of_the_future TEXT",
        "CREATE TABLE of_the_future (id TEXT PRIMARY KEY)",
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m9999_of_the_future', 1)",
    ] {
        raw.execute_unprepared(sql).await.unwrap();
    }
    let sql = format!("UPDATE schema_info SET value = '{min_app_version}' WHERE key = 'min_app_version'");
    raw.execute_unprepared(&sql).await.unwrap();
}

async fn a_newer_schema_serves_an_older_release(database: Database) {
    let store = database.store(&clock()).await;
    after_a_later_release(&database, "0.1.0").await;
    assert_eq!(store.migrate().await.unwrap(), 0);
    store.check_schema().await.unwrap();
    store.ensure_page("Status").await.unwrap();
    let server = Server::start(store, &clock()).await;
    assert_eq!(server.get("/").await.status(), 200);
    server.stop().await;
}

async fn a_schema_for_later_releases_is_refused(database: Database) {
    let store = database.store(&clock()).await;
    after_a_later_release(&database, "99.0.0").await;
    for refused in [store.migrate().await.err(), store.check_schema().await.err()] {
        assert!(refused.unwrap().to_string().contains("99.0.0"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_migrate_one_postgres_at_once() {
    let database = Database::postgres().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let store = database.connect(&clock()).await;
        tasks.spawn(async move { store.migrate().await.unwrap() });
    }
    let applied: Vec<usize> = tasks.join_all().await;
    assert_eq!(applied.iter().filter(|steps| **steps > 0).count(), 1, "{applied:?}");
    let all = applied.into_iter().sum::<usize>();
    assert_eq!(number(&database, "SELECT count(*) FROM seaql_migrations").await, i64::try_from(all).unwrap());
}

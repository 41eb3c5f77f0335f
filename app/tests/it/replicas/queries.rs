//! What visitors cost the database: nothing, as far as the snapshot holds what they ask for. The
//! database counts it itself (pg_stat_statements).

use std::{collections::BTreeMap, time::Instant};

use pharos::{domain::state::LiveState, live::Script, locale, transfer, web::public_routes};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

use super::*;

/// How often each place is asked for, at each replica.
const ROUNDS: usize = 4;
/// What a replica asks each second by itself: which versions there are.
const POLL: &str = "SELECT \"pages\".\"id\", \"pages\".\"revision\", \"pages\".\"commit\" FROM \"pages\"";
/// What it asks now and then besides, in a transaction: what time it is there, and how much is to be told or held;
/// it says that it is there, and a new connection how long it waits.
const NOW_AND_THEN: [&str; 9] = [
    "SET TRANSACTION",
    "BEGIN",
    "SELECT clock_timestamp()",
    "SELECT \"notifications\".\"not_before\" FROM \"notifications\"",
    "SELECT \"notifications\".\"id\" FROM \"notifications\"",
    "SELECT set_config",
    "INSERT INTO \"replicas\"",
    "DELETE FROM \"replicas\"",
    "COMMIT",
];

/// How often each statement was executed in this database, by its text.
async fn counted(raw: &DatabaseConnection) -> BTreeMap<String, i64> {
    let sql = "SELECT query, calls FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid \
        WHERE d.datname = current_database() AND query NOT LIKE '%pg_stat_statements%'";
    let rows = raw.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await.unwrap();
    let mut counts = BTreeMap::new();
    for row in rows {
        *counts.entry(row.try_get_by_index(0).unwrap()).or_default() +=
            row.try_get_by_index::<i64>(1).unwrap();
    }
    counts
}

/// What was executed since then.
async fn since(raw: &DatabaseConnection, before: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let mut now = counted(raw).await;
    now.retain(|query, calls| {
        *calls -= before.get(query).copied().unwrap_or_default();
        *calls > 0
    });
    now
}

/// One place of each route that is answered from the snapshot, in each language, and some that are nowhere.
fn places(state: &LiveState) -> Vec<String> {
    let components = [&state.components[0].id, &state.groups[0].id];
    let incidents = [&state.incidents[0].id, &state.maintenances[0].id];
    let metric = [&state.metrics[0].id];
    let mut places = vec!["/incidents/nowhere".to_owned(), "/components/nowhere".into(), "/nowhere".into()];
    // The stream of events has no end, and is looked at by itself.
    for route in public_routes().iter().filter(|route| route.starts_with('/') && **route != "/events") {
        let ids: &[&Id] = match *route {
            route if route.starts_with("/components/{id}") => &components,
            route if route.starts_with("/incidents/{id}") => &incidents,
            route if route.contains("{id}") => &metric,
            "/assets/{script}" => {
                places.extend(Script::ALL.map(|script| script.path().to_owned()));
                continue;
            }
            // The demo has none.
            "/assets/{logo}" => &[],
            "/oembed" => {
                places.push(format!(
                    "/oembed?url=http%3A%2F%2Flocalhost%3A8080%2Fincidents%2F{}",
                    incidents[0]
                ));
                continue;
            }
            route => {
                places.push(route.to_owned());
                continue;
            }
        };
        let named = ids.iter().map(|id| route.replace("{id}", id.as_str()).replace("{period}", "day"));
        places.extend(named);
    }
    let translated: Vec<String> = locale::languages()
        .iter()
        .flat_map(|tag| places.iter().map(move |place| format!("/{tag}{place}")))
        .collect();
    places.extend(translated);
    places
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_visitors_cost_it_no_query() {
    let database = Database::postgres().await;
    let raw = database.raw().await;
    raw.execute_unprepared("CREATE EXTENSION pg_stat_statements").await.unwrap();
    let name = database.url.rsplit_once('/').unwrap().1.split('?').next().unwrap().to_owned();
    raw.execute_unprepared(&format!("ALTER DATABASE {name} SET pg_stat_statements.track = 'all'"))
        .await
        .unwrap();
    let store = database.store(&Clock::system()).await;
    let page = transfer::demo::fill(&store, &Clock::system()).await.unwrap();
    let state = store.load(&page, "http://localhost:8080").await.unwrap();
    store.close().await.unwrap();
    let redis = redis();
    let settings = [
        ("PHAROS_DATABASE_URL", database.url.as_str()),
        ("PHAROS_REDIS_URL", redis.as_str()),
        ("PHAROS_JOBS", "0"),
    ];
    let folder = tempfile::tempdir().unwrap();
    let replicas =
        [Replica::lit(folder.path(), &settings).await, Replica::lit(folder.path(), &settings).await];
    for replica in &replicas {
        // What a start asks for is over.
        replica.until("it polls", async || replica.revision(&page).await == state.version.revision).await;
    }
    let before = counted(&raw).await;
    let (began, mut asked) = (Instant::now(), 0);
    let places = places(&state);
    for _ in 0..ROUNDS {
        for (replica, place) in replicas.iter().flat_map(|replica| places.iter().map(move |at| (replica, at)))
        {
            let status = replica.status(place).await.unwrap();
            assert!(status < 500, "{place}: {status}");
            asked += 1;
        }
        for replica in &replicas {
            replica.listens().await;
            asked += 1;
        }
    }
    let spent = since(&raw, &before).await;
    // Whoever polls once a second has polled so often at most.
    let polls = replicas.len() as i64 * (began.elapsed().as_secs() as i64 + 2);
    let (own, of_visitors): (BTreeMap<_, _>, BTreeMap<_, _>) = spent
        .into_iter()
        .partition(|(query, _)| NOW_AND_THEN.iter().chain([&POLL]).any(|ours| query.starts_with(ours)));
    assert!(of_visitors.is_empty(), "{of_visitors:#?} for {asked} requests");
    println!("{asked} requests in {:?}; by itself it asked {own:?}", began.elapsed());
    assert!(own.values().all(|calls| *calls <= polls), "{own:?} in {:?}", began.elapsed());
    assert!(polls * 4 < asked, "there were few requests: {asked}");
    // What is not in the snapshot is counted, so that nothing else was.
    let before = counted(&raw).await;
    assert_eq!(replicas[0].status("/history?q=database").await, Some(200));
    let searched = since(&raw, &before).await;
    assert!(searched.keys().any(|query| query.contains("\"incidents\"")), "{searched:#?}");
}

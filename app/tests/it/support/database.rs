use pharos::{clock::Clock, domain::Id, store::Store};
use sea_orm::{ConnectionTrait, Database as Connection, DatabaseConnection};

/// A database of one test's own, empty.
pub struct Database {
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Database {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("pharos.db").display());
        Self { url, _folder: Some(folder) }
    }

    pub async fn postgres() -> Self {
        let admin = std::env::var("PHAROS_TEST_POSTGRES_URL")
            .expect("PHAROS_TEST_POSTGRES_URL names a Postgres for tests; ./test.sh starts one");
        let name = format!("pharos_{}", Id::random());
        let connection = Connection::connect(&admin).await.unwrap();
        connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        connection.close().await.unwrap();
        let mut url = url::Url::parse(&admin).unwrap();
        url.set_path(&name);
        Self { url: url.to_string(), _folder: None }
    }

    /// A store over it, its schema in order.
    pub async fn store(&self, clock: &Clock) -> Store {
        let store = self.connect(clock).await;
        store.migrate().await.unwrap();
        store
    }

    /// A store over it as it is.
    pub async fn connect(&self, clock: &Clock) -> Store {
        Store::connect(&self.url, clock.clone()).await.unwrap()
    }

    /// A connection to look at rows with.
    pub async fn raw(&self) -> DatabaseConnection {
        Connection::connect(&self.url).await.unwrap()
    }
}

/// The one number that a query gives.
pub async fn number(database: &Database, sql: &str) -> i64 {
    let raw = database.raw().await;
    let statement = sea_orm::Statement::from_string(raw.get_database_backend(), sql);
    let row = raw.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

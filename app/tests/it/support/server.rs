use std::net::TcpListener;

use pharos::{
    app::{App, Options},
    clock::Clock,
    store::Store,
    telemetry::Metrics,
    web,
};
use reqwest::{Client, Response, header::HeaderMap};

use super::{Database, clock};

/// A server on a port of its own, over a store.
pub struct Server {
    pub app: App,
    pub base: String,
    client: Client,
    running: web::Running,
}

impl Server {
    /// Starts it with every page of the store shown.
    pub async fn start(store: Store, clock: &Clock) -> Self {
        Self::start_with(store, clock, web::ApiOptions::default()).await
    }

    pub async fn start_with(store: Store, clock: &Clock, options: impl Into<web::Options>) -> Self {
        Self::start_as(store, clock, Options::alone("http://status.test"), options).await
    }

    pub async fn start_as(
        store: Store,
        clock: &Clock,
        parts: Options,
        options: impl Into<web::Options>,
    ) -> Self {
        let app = App::new(store, clock.clone(), Metrics::new(web::named_routes()).unwrap(), parts);
        app.refresher.poll().await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let running = web::visitors(&app, listener, options).await.unwrap();
        let client = pharos::outbound::client(pharos::outbound::Reach::Anywhere).unwrap();
        Self { app, base, client, running }
    }

    pub async fn get(&self, path: &str) -> Response {
        self.get_with(path, HeaderMap::new()).await
    }

    pub async fn get_with(&self, path: &str, headers: HeaderMap) -> Response {
        self.client.get(format!("{}{path}", self.base)).headers(headers).send().await.unwrap()
    }

    pub async fn text(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    pub async fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(&self.text(path).await).unwrap()
    }

    pub fn request(&self, method: reqwest::Method, path: &str) -> reqwest::RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    pub async fn stop(self) {
        self.running.stop().await;
    }
}

/// A server that shows the demo page at noon, on SQLite.
pub async fn demo() -> (Database, Server) {
    let database = Database::sqlite().await;
    let store = database.store(&clock()).await;
    pharos::transfer::demo::fill(&store, &clock()).await.unwrap();
    let server = Server::start(store, &clock()).await;
    (database, server)
}

/// An answer as JSON.
pub async fn read(answer: Response) -> serde_json::Value {
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

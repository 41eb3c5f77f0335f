//! The server: which routes there are, and how it starts and stops.

use std::{net::TcpListener, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{Server, ServerHandle},
    web,
};
use tokio::sync::oneshot;

use crate::app::App as Pharos;

mod api;
mod cache_policy;
mod conditional;
mod error;
mod negotiate;
mod probes;
mod public;
mod respond;
mod routes;

pub use api::Options as ApiOptions;
pub use routes::{labels as routes, public_labels as public_routes};

/// Longer than the 60 seconds after which an AWS load balancer closes an idle connection, so that
/// it is never the server that closes one which is just being used.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long open requests may take when the server stops.
const GRACE_SECONDS: u64 = 20;

/// A server that runs in threads of its own.
#[derive(Debug)]
pub struct Running {
    handle: ServerHandle,
    ended: oneshot::Receiver<std::io::Result<()>>,
}

impl Running {
    /// Waits until it ends.
    pub async fn ended(&mut self) -> std::io::Result<()> {
        (&mut self.ended)
            .await
            .unwrap_or_else(|_| Err(std::io::Error::other("the server's thread broke off")))
    }

    /// Ends it at once.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

/// The server for visitors. It stops at SIGINT and SIGTERM, after the requests that it has begun.
pub async fn visitors(app: &Pharos, listener: TcpListener, options: ApiOptions) -> std::io::Result<Running> {
    let api = web::Data::new(api::Api::new(app, options));
    let shared = web::Data::new(respond::Shared { site: app.site.clone(), metrics: app.metrics.clone() });
    start(move || {
        let server = HttpServer::new(move || {
            App::new()
                .app_data(shared.clone())
                .app_data(api.clone())
                .configure(public::routes)
                .configure(api::configure)
                .route("/healthz", web::route().to(probes::healthz))
                .default_service(web::route().to(error::not_found))
        });
        let server = server.keep_alive(KEEP_ALIVE).client_request_timeout(REQUEST_TIMEOUT);
        Ok(server.shutdown_timeout(GRACE_SECONDS).listen(listener)?.run())
    })
    .await
}

/// The server for probes and metrics, on an address of its own.
pub async fn probes(app: &Pharos, listener: TcpListener) -> std::io::Result<Running> {
    let shared = web::Data::new(respond::Shared { site: app.site.clone(), metrics: app.metrics.clone() });
    start(move || {
        let server = HttpServer::new(move || App::new().app_data(shared.clone()).configure(probes::routes));
        Ok(server.workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
    })
    .await
}

/// Runs a server in a system of its own. Each of its workers then waits for its own sockets; within
/// the runtime of the rest of the program another thread would wait for them, and each request
/// would cost a change of threads.
async fn start(build: impl FnOnce() -> std::io::Result<Server> + Send + 'static) -> std::io::Result<Running> {
    let (tell_begun, begun) = oneshot::channel();
    let (tell_ended, ended) = oneshot::channel();
    std::thread::Builder::new().name("server".into()).spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            match build() {
                Ok(server) => {
                    // Whoever started it may be gone by now; then nobody wants to know.
                    let _ = tell_begun.send(Ok(server.handle()));
                    let _ = tell_ended.send(server.await);
                }
                Err(error) => drop(tell_begun.send(Err(error))),
            }
        });
    })?;
    let broke_off = || Err(std::io::Error::other("the server's thread broke off"));
    let handle = begun.await.unwrap_or_else(|_| broke_off())?;
    Ok(Running { handle, ended })
}

//! The server: which routes there are, and how it starts and stops.

use std::{net::TcpListener, time::Duration};

use actix_web::{App, HttpServer, dev::Server, web};

use crate::app::App as Pharos;

mod cache_policy;
mod conditional;
mod csp;
mod error;
mod negotiate;
mod probes;
mod public;
mod respond;

pub use respond::routes;

/// Longer than the 60 seconds after which an AWS load balancer closes an idle connection, so that
/// it is never the server that closes one which is just being used.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// How long open requests may take when the server stops.
const GRACE_SECONDS: u64 = 20;

/// The server for visitors. It stops at SIGINT and SIGTERM, after the requests that it has begun.
pub fn visitors(app: &Pharos, listener: TcpListener) -> std::io::Result<Server> {
    let shared = web::Data::new(respond::Shared { site: app.site.clone(), metrics: app.metrics.clone() });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(shared.clone())
            .configure(public::routes)
            .route("/healthz", web::route().to(probes::healthz))
            .default_service(web::route().to(error::not_found))
    });
    let server = server.keep_alive(KEEP_ALIVE).client_request_timeout(REQUEST_TIMEOUT);
    Ok(server.shutdown_timeout(GRACE_SECONDS).listen(listener)?.run())
}

/// The server for probes and metrics, on an address of its own.
pub fn probes(app: &Pharos, listener: TcpListener) -> std::io::Result<Server> {
    let shared = web::Data::new(respond::Shared { site: app.site.clone(), metrics: app.metrics.clone() });
    let server = HttpServer::new(move || App::new().app_data(shared.clone()).configure(probes::routes));
    Ok(server.workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
}

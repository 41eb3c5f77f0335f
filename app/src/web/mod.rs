//! The server: which routes there are, and how it starts and stops.

use std::{net::TcpListener, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{Extensions, RequestHead, Server, ServerHandle},
    http::header::HOST,
    rt::net::TcpStream,
    web::{self, Data},
};
use socket2::SockRef;
use tokio::sync::oneshot;

use crate::{app::App as Pharos, live::Slots, telemetry::traces};
use public::Streams;
use respond::Shared;
use watch::{Watch, watched};

mod address;
mod api;
mod cache_policy;
mod conditional;
mod console;
mod counters;
mod error;
mod negotiate;
mod probes;
mod public;
mod respond;
mod routes;
mod watch;

pub use api::Options as ApiOptions;
pub use console::Options as ConsoleOptions;
pub use public::EventOptions;
pub use routes::{labels as routes, named as named_routes, public_labels as public_routes};

/// Longer than the 60 seconds after which an AWS load balancer closes an idle connection, so that
/// it is never the server that closes one which is just being used.
const KEEP_ALIVE: Duration = Duration::from_secs(75);
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// What the settings say of the server.
#[derive(Clone, Debug)]
pub struct Options {
    pub api: ApiOptions,
    pub console: ConsoleOptions,
    pub events: EventOptions,
    /// How long open requests may take when the server stops, in whole seconds.
    pub grace: Duration,
    /// Whether each request has a line in the log.
    pub access_log: bool,
}

impl Default for Options {
    fn default() -> Self {
        ApiOptions::default().into()
    }
}

impl From<ApiOptions> for Options {
    fn from(api: ApiOptions) -> Self {
        let console =
            ConsoleOptions { trusted_proxies: api.trusted_proxies.clone(), ..ConsoleOptions::default() };
        let grace = Duration::from_secs(20);
        Self { api, console, events: EventOptions::default(), grace, access_log: false }
    }
}

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

    /// Takes no more connections, closes those that nothing is asked over, and waits for the
    /// others, each of which is told that it is closed, for as long as the options say.
    pub async fn drain(&self) {
        self.handle.stop(true).await;
    }

    /// Ends it at once.
    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

/// The server for visitors.
pub async fn visitors(
    app: &Pharos,
    listener: TcpListener,
    options: impl Into<Options>,
) -> std::io::Result<Running> {
    let Options { api, console, events, grace, access_log } = options.into();
    let watch = Watch { access_log, traces: traces::are_on() };
    let slots = Slots::new(events.most, events.most_per_address, app.metrics.clone());
    let streams = Data::new(Streams { slots, trusted: api.trusted_proxies.clone() });
    let api = Data::new(api::Api::new(app, api));
    let host: Option<Arc<str>> = console.url.as_deref().and_then(authority).map(Into::into);
    let console = Data::new(console::Console::new(app, console));
    let shared = shared(app);
    let site = app.site.clone();
    start(move || {
        let server = HttpServer::new(move || {
            let (for_api, for_console) = (host.clone(), host.clone());
            App::new()
                .app_data(shared.clone())
                .app_data(api.clone())
                .app_data(console.clone())
                .app_data(streams.clone())
                .configure(public::routes)
                .configure(|config| api::configure(config, for_api))
                .configure(|config| console::configure(config, for_console))
                .route("/healthz", web::route().to(probes::ready))
                .default_service(web::route().to(error::not_found))
                .wrap_fn(move |request, service| watched(watch, request, service))
        });
        actix_web::rt::spawn(async move { site.events().beat().await });
        let server = server.keep_alive(KEEP_ALIVE).client_request_timeout(REQUEST_TIMEOUT);
        // Who is gone needs no answer, and keeps no stream open.
        let server = server.h1_allow_half_closed(false);
        let server = server.on_connect(move |connection, _: &mut Extensions| {
            if let Some(connection) = connection.downcast_ref() {
                give_up_after(events.patience, connection);
            }
        });
        Ok(server.disable_signals().shutdown_timeout(grace.as_secs()).listen(listener)?.run())
    })
    .await
}

/// The server for probes and metrics, on an address of its own.
pub async fn probes(app: &Pharos, listener: TcpListener) -> std::io::Result<Running> {
    let (shared, whole) = (shared(app), Data::new(app.clone()));
    start(move || {
        let server = HttpServer::new(move || {
            App::new().app_data(shared.clone()).app_data(whole.clone()).configure(probes::routes)
        });
        Ok(server.workers(1).disable_signals().shutdown_timeout(1).listen(listener)?.run())
    })
    .await
}

/// The host of an address, and its port where it is not the usual one, as browsers name it.
fn authority(url: &str) -> Option<String> {
    let url = url::Url::parse(url).ok()?;
    let host = url.host_str()?.to_ascii_lowercase();
    Some(url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}")))
}

/// Whether a request names this host.
fn names(head: &RequestHead, host: &str) -> bool {
    let named = head.headers().get(HOST).and_then(|host| host.to_str().ok());
    let named = head.uri.authority().map(|authority| authority.as_str()).or(named).unwrap_or_default();
    named.trim_end_matches('.').eq_ignore_ascii_case(host)
}

fn shared(app: &Pharos) -> Data<Shared> {
    Data::new(Shared { site: app.site.clone(), metrics: app.metrics.clone() })
}

/// Has the operating system close a connection whose client takes nothing of what was sent for so
/// long (RFC 5482), be it slow or gone without a word: what waits for it takes memory.
fn give_up_after(patience: Duration, connection: &TcpStream) {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    if let Err(error) = SockRef::from(connection).set_tcp_user_timeout(Some(patience)) {
        tracing::debug!(error = &error as &dyn std::error::Error, "a connection has no limit to its waiting");
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    let _ = (patience, SockRef::from(connection));
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

//! Logs, and metrics for Prometheus.

mod health;

use std::io::{IsTerminal, Write};

use actix_web::http::StatusCode;
use prometheus::{
    Encoder, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder, core::Collector,
};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{domain::Id, settings::LogFormat};

/// What libraries tell of themselves on every start, and of every malformed request that anybody
/// sends. A filter that names them outweighs this.
const QUIET: &str = "actix_server=warn,actix_http=off,sea_orm_migration=warn,sqlx::postgres::notice=warn";

/// Starts the log on standard error.
pub fn start_log(filter: &str, format: LogFormat) -> Result<(), String> {
    let filter = EnvFilter::try_new(format!("{QUIET},{filter}")).map_err(|error| error.to_string())?;
    let registry = tracing_subscriber::registry().with(filter);
    let colours = std::io::stderr().is_terminal();
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(colours);
    let started = match format {
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
        LogFormat::Text => registry.with(layer.with_target(false)).try_init(),
    };
    started.map_err(|error| error.to_string())
}

/// Sees to it that nothing that was told is lost when the program ends. The log is written line by
/// line; what is collected before it is sent is to be sent here.
pub fn flush() {
    // Nobody is left who could be told that it failed.
    let _ = std::io::stderr().flush();
}

pub use health::Health;

/// A route as a label: its place in the list that the metrics were made with. A path that matches
/// no route must not make a label of its own, or anybody could make any number of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route(pub usize);

/// The program's counters. A clone counts into the same ones.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    routes: &'static [&'static str],
    /// The two answers that nearly all are, by route, so that none of them is looked up.
    ok: Vec<IntCounter>,
    not_modified: Vec<IntCounter>,
    revisions: IntGaugeVec,
    streams: IntGauge,
    streams_refused: IntCounterVec,
    pub health: Health,
}

impl Metrics {
    /// Counters for these routes.
    pub fn new(routes: &'static [&'static str]) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = IntCounterVec::new(
            Opts::new("pharos_http_requests_total", "Requests answered, by matched route and status code."),
            &["route", "status"],
        )?;
        let revisions = IntGaugeVec::new(
            Opts::new("pharos_snapshot_revision", "The revision that a page is shown at."),
            &["page"],
        )?;
        let build = IntGaugeVec::new(
            Opts::new("pharos_build_info", "Always 1; the labels say which build this is."),
            &["version"],
        )?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let streams = IntGauge::new("pharos_event_streams", "Streams of news that are open.")?;
        let streams_refused = IntCounterVec::new(
            Opts::new(
                "pharos_event_streams_refused_total",
                "Streams of news refused, since all places or those of one address were taken.",
            ),
            &["reason"],
        )?;
        let all: [Box<dyn Collector>; 5] = [
            Box::new(requests.clone()),
            Box::new(revisions.clone()),
            Box::new(build),
            Box::new(streams.clone()),
            Box::new(streams_refused.clone()),
        ];
        all.into_iter().try_for_each(|one| registry.register(one))?;
        let health = Health::new(&registry)?;
        let counters = |status: StatusCode| {
            routes.iter().map(|route| requests.with_label_values(&[route, status.as_str()])).collect()
        };
        let (ok, not_modified) = (counters(StatusCode::OK), counters(StatusCode::NOT_MODIFIED));
        Ok(Self { registry, requests, routes, ok, not_modified, revisions, streams, streams_refused, health })
    }

    /// Counts an answer.
    pub fn answered(&self, route: Route, status: StatusCode) {
        let ready = match status {
            StatusCode::OK => self.ok.get(route.0),
            StatusCode::NOT_MODIFIED => self.not_modified.get(route.0),
            _ => None,
        };
        match ready {
            Some(counter) => counter.inc(),
            None => {
                let route = self.routes.get(route.0).copied().unwrap_or("none");
                self.requests.with_label_values(&[route, status.as_str()]).inc();
            }
        }
    }

    pub fn stream_opened(&self) {
        self.streams.inc();
    }

    pub fn stream_closed(&self) {
        self.streams.dec();
    }

    /// Counts a stream that is not opened, for one of a few reasons.
    pub fn stream_refused(&self, reason: &'static str) {
        self.streams_refused.with_label_values(&[reason]).inc();
    }

    /// Everything in Prometheus' text format.
    pub fn text(&self, revisions: &[(Id, i64)]) -> Result<Vec<u8>, prometheus::Error> {
        self.revisions.reset();
        for (page, revision) in revisions {
            self.revisions.with_label_values(&[page.as_str()]).set(*revision);
        }
        let mut text = vec![];
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

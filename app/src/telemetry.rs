//! Logs, and metrics for Prometheus.

use actix_web::{HttpRequest, http::StatusCode};
use prometheus::{Encoder, IntCounterVec, IntGaugeVec, Opts, Registry, TextEncoder};
use tracing_subscriber::{EnvFilter, layer::SubscriberExt, util::SubscriberInitExt};

use crate::{domain::Id, settings::LogFormat};

/// What libraries tell of themselves on every start. A filter that names them outweighs this.
const QUIET: &str = "actix_server=warn,sea_orm_migration=warn";

/// Starts the log on standard error.
pub fn start_log(filter: &str, format: LogFormat) -> Result<(), String> {
    let filter = EnvFilter::try_new(format!("{QUIET},{filter}")).map_err(|error| error.to_string())?;
    let registry = tracing_subscriber::registry().with(filter);
    let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let started = match format {
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
        LogFormat::Text => registry.with(layer.with_target(false)).try_init(),
    };
    started.map_err(|error| error.to_string())
}

/// The program's counters. A clone counts into the same ones.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    requests: IntCounterVec,
    revisions: IntGaugeVec,
}

impl Metrics {
    pub fn new() -> Result<Self, prometheus::Error> {
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
        registry.register(Box::new(requests.clone()))?;
        registry.register(Box::new(revisions.clone()))?;
        registry.register(Box::new(build))?;
        Ok(Self { registry, requests, revisions })
    }

    /// Counts an answer by the route that matched; a path that matched none shares one word.
    pub fn answered(&self, request: &HttpRequest, status: StatusCode) {
        let route = request.match_pattern();
        let route = route.as_deref().unwrap_or("none");
        self.requests.with_label_values(&[route, status.as_str()]).inc();
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

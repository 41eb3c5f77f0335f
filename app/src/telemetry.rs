//! Logs, traces, and metrics for Prometheus.

mod access;
mod health;
mod log;
mod requests;
pub mod traces;

use std::time::Duration;

use actix_web::http::StatusCode;
use prometheus::{
    Encoder, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry, TextEncoder, core::Collector,
};

use crate::domain::Id;

pub use access::AccessLine;
pub use health::{Connections, Health};
pub use log::{Logging, start};
pub use requests::{Named, Route};

use requests::Requests;

/// Sees to it that nothing that was told is lost when the program ends.
pub fn flush() {
    traces::flush();
    log::flush();
}

/// The program's counters. A clone counts into the same ones.
#[derive(Clone, Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Requests,
    revisions: IntGaugeVec,
    streams: IntGauge,
    streams_refused: IntCounterVec,
    lines_dropped: IntCounter,
    pub health: Health,
}

impl Metrics {
    /// Counters for these routes.
    pub fn new(routes: &[Named]) -> Result<Self, prometheus::Error> {
        let registry = Registry::new();
        let requests = Requests::new(&registry, routes)?;
        let revisions = IntGaugeVec::new(
            Opts::new("pharos_snapshot_revision", "Number of the revision that a page is shown at."),
            &["page"],
        )?;
        let build = IntGaugeVec::new(
            Opts::new("pharos_build_info", "The number 1; the labels say which build this is."),
            &["version"],
        )?;
        build.with_label_values(&[env!("CARGO_PKG_VERSION")]).set(1);
        let streams = IntGauge::new("pharos_event_streams", "Number of streams of news that are open.")?;
        let streams_refused = IntCounterVec::new(
            Opts::new(
                "pharos_event_streams_refused_total",
                "Number of streams of news refused, since all places or those of one address were taken.",
            ),
            &["reason"],
        )?;
        let lines_dropped = IntCounter::new(
            "pharos_access_log_dropped_total",
            "Number of lines of the access log dropped, since they were more than could be written.",
        )?;
        let all: [Box<dyn Collector>; 5] = [
            Box::new(revisions.clone()),
            Box::new(build),
            Box::new(streams.clone()),
            Box::new(streams_refused.clone()),
            Box::new(lines_dropped.clone()),
        ];
        all.into_iter().try_for_each(|one| registry.register(one))?;
        let health = Health::new(&registry)?;
        Ok(Self { registry, requests, revisions, streams, streams_refused, lines_dropped, health })
    }

    /// Counts an answer, and how long it took.
    pub fn answered(&self, route: Route, status: StatusCode, took: Duration) {
        self.requests.answered(route, status, took);
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
        self.lines_dropped.inc_by(log::dropped().saturating_sub(self.lines_dropped.get()));
        let mut text = vec![];
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }
}

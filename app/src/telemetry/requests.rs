//! Requests: how many, with what outcome, and how long they took.

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use actix_web::http::StatusCode;
use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, Opts, Registry, core::Collector,
};

/// Where the buckets of durations end, in seconds: what is in memory, what is read from Redis or a
/// database, and 0.1 for the objective. Each is one more series of every route.
const BUCKETS: [f64; 6] = [0.0005, 0.005, 0.025, 0.1, 0.5, 2.5];
/// Classes of status codes, from 100 on.
const CLASSES: [&str; 5] = ["1xx", "2xx", "3xx", "4xx", "5xx"];

/// What a route is called in metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named {
    pub route: &'static str,
    /// Which of the things that Pharos offers it belongs to.
    pub surface: &'static str,
}

/// A route as a label: its place in the list that the metrics were made with. A path that matches
/// no route must not make a label of its own, or anybody could make any number of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route(pub usize);

/// Counts and times of all routes. A clone counts into the same ones.
#[derive(Clone, Debug)]
pub(super) struct Requests {
    total: IntCounterVec,
    duration: HistogramVec,
    routes: Arc<[OfRoute]>,
}

/// What is counted of one route, so that no request looks anything up.
#[derive(Debug)]
struct OfRoute {
    named: Named,
    /// The two answers that nearly all are.
    ok: IntCounter,
    not_modified: IntCounter,
    /// By class of the status, made when the first such answer is given.
    durations: [OnceLock<Histogram>; CLASSES.len()],
}

impl Requests {
    pub fn new(registry: &Registry, routes: &[Named]) -> Result<Self, prometheus::Error> {
        let total = IntCounterVec::new(
            Opts::new(
                "pharos_http_requests_total",
                "Number of requests answered, by matched route and status code.",
            ),
            &["route", "status"],
        )?;
        let options = HistogramOpts::new(
            "pharos_http_request_duration_seconds",
            "Seconds from a request's routing to its answer's first byte being ready, by surface, matched route and class of status.",
        );
        let duration =
            HistogramVec::new(options.buckets(BUCKETS.to_vec()), &["surface", "route", "status_class"])?;
        let all: [Box<dyn Collector>; 2] = [Box::new(total.clone()), Box::new(duration.clone())];
        all.into_iter().try_for_each(|one| registry.register(one))?;
        let counter =
            |named: &Named, status: StatusCode| total.with_label_values(&[named.route, status.as_str()]);
        let routes = routes.iter().map(|named| OfRoute {
            named: *named,
            ok: counter(named, StatusCode::OK),
            not_modified: counter(named, StatusCode::NOT_MODIFIED),
            durations: Default::default(),
        });
        let routes = routes.collect();
        Ok(Self { total, duration, routes })
    }

    /// Counts an answer: atomic additions and nothing else, once a route has answered so before.
    pub fn answered(&self, route: Route, status: StatusCode, took: Duration) {
        let Some(of_route) = self.routes.get(route.0) else { return };
        match status {
            StatusCode::OK => of_route.ok.inc(),
            StatusCode::NOT_MODIFIED => of_route.not_modified.inc(),
            _ => self.total.with_label_values(&[of_route.named.route, status.as_str()]).inc(),
        }
        let class = usize::from(status.as_u16() / 100).saturating_sub(1);
        let slot = of_route.durations.get(class).zip(CLASSES.get(class));
        if let Some((durations, class)) = slot {
            let Named { route, surface } = of_route.named;
            let made = durations.get_or_init(|| self.duration.with_label_values(&[surface, route, class]));
            made.observe(took.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use prometheus::{Encoder, TextEncoder};

    use super::*;

    #[test]
    fn only_answers_that_were_given_make_series() {
        let registry = Registry::new();
        let routes = [Named { route: "none", surface: "none" }, Named { route: "/", surface: "page" }];
        let requests = Requests::new(&registry, &routes).unwrap();
        let millis = Duration::from_millis;
        requests.answered(Route(1), StatusCode::OK, millis(2));
        requests.answered(Route(1), StatusCode::NOT_MODIFIED, millis(200));
        requests.answered(Route(1), StatusCode::IM_A_TEAPOT, millis(7_000));
        requests.answered(Route(9), StatusCode::OK, millis(1));
        let mut text = vec![];
        TextEncoder::new().encode(&registry.gather(), &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        let series = |class: &str, rest: &str| {
            format!("route=\"/\",status_class=\"{class}\",surface=\"page\"{rest}\n")
        };
        for (class, rest) in [
            ("2xx", ",le=\"0.0005\"} 0"),
            ("2xx", ",le=\"0.005\"} 1"),
            ("3xx", ",le=\"0.1\"} 0"),
            ("3xx", ",le=\"0.5\"} 1"),
            ("4xx", ",le=\"2.5\"} 0"),
            ("4xx", ",le=\"+Inf\"} 1"),
        ] {
            assert!(text.contains(&series(class, rest)), "{class} {rest} in\n{text}");
        }
        assert_eq!(text.matches("_duration_seconds_count{").count(), 3, "{text}");
        assert!(text.contains("pharos_http_requests_total{route=\"/\",status=\"418\"} 1\n"), "{text}");
    }
}

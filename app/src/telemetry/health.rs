//! What the program depends on, and how current what it shows is.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use prometheus::{
    Gauge, GaugeVec, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, core::Collector,
};

use crate::domain::{Id, replica::Run};

/// Where the buckets of the lag end, in seconds: 0.05 is the objective, a second the poll.
const LAGS: [f64; 7] = [0.01, 0.025, 0.05, 0.1, 0.5, 1.5, 5.0];

/// How a pool of connections is used.
#[derive(Clone, Copy, Debug)]
pub struct Connections {
    pub open: usize,
    /// Those that do nothing.
    pub idle: usize,
    /// How many there may be.
    pub most: usize,
}

/// Counters and gauges of the inside. A clone counts into the same ones.
#[derive(Clone, Debug)]
pub struct Health {
    up: IntGaugeVec,
    failures: IntCounterVec,
    age: GaugeVec,
    lag: Histogram,
    reads: IntCounter,
    went_back: IntCounter,
    shared_anew: IntCounterVec,
    found: IntCounterVec,
    clock_offset: Gauge,
    connections: IntGaugeVec,
    most_connections: IntGaugeVec,
    waiting: IntGauge,
    held: IntGauge,
    oldest: Gauge,
    runs: IntCounterVec,
    last_runs: Arc<Mutex<BTreeMap<&'static str, Run>>>,
    copied_at: Gauge,
    copied: Gauge,
}

impl Health {
    pub(super) fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let made = Self {
            up: gauges(
                "pharos_dependency_up",
                "Whether what is depended on answered when it was last asked: the number 1 or 0.",
                &["dependency"],
            )?,
            failures: counters(
                "pharos_dependency_failures_total",
                "Number of questions that what is depended on did not answer.",
                &["dependency"],
            )?,
            age: GaugeVec::new(
                Opts::new(
                    "pharos_snapshot_age_seconds",
                    "Seconds since the database was last heard to hold what a page shows.",
                ),
                &["page"],
            )?,
            lag: lag()?,
            reads: IntCounter::new(
                "pharos_state_reads_total",
                "Number of states of pages read whole from the database; the others came from Redis.",
            )?,
            went_back: went_back()?,
            shared_anew: shared_anew()?,
            found: counters(
                "pharos_archive_answers_total",
                "Number of questions about the past, by where the answer was found: memory, redis or store.",
                &["from"],
            )?,
            clock_offset: Gauge::new(
                "pharos_clock_offset_seconds",
                "Seconds by which the database's clock is ahead of this machine's.",
            )?,
            connections: gauges(
                "pharos_connections",
                "Number of open connections, by what they lead to and whether they are used.",
                &["to", "state"],
            )?,
            most_connections: gauges(
                "pharos_connections_max",
                "Number of connections that this process opens at most, by what they lead to.",
                &["to"],
            )?,
            waiting: IntGauge::new(
                "pharos_notifications_waiting",
                "Number of notifications that are due and wait to be sent to subscribers; 10000 stands for more.",
            )?,
            held: held()?,
            oldest: oldest()?,
            runs: counters(
                "pharos_job_runs_total",
                "Number of runs of what is done without anybody asking, by task and outcome.",
                &["task", "outcome"],
            )?,
            last_runs: Arc::default(),
            copied_at: Gauge::new(
                "pharos_copy_written_timestamp_seconds",
                "Seconds from 1970 to when this process last finished a copy of the site in a bucket; 0 for never.",
            )?,
            copied: Gauge::new(
                "pharos_copy_objects",
                "Number of objects of the copy that this process wrote last.",
            )?,
        };
        made.register(registry)?;
        Ok(made)
    }

    fn register(&self, registry: &Registry) -> Result<(), prometheus::Error> {
        let all: [Box<dyn Collector>; 17] = [
            Box::new(self.up.clone()),
            Box::new(self.failures.clone()),
            Box::new(self.age.clone()),
            Box::new(self.lag.clone()),
            Box::new(self.reads.clone()),
            Box::new(self.went_back.clone()),
            Box::new(self.shared_anew.clone()),
            Box::new(self.found.clone()),
            Box::new(self.clock_offset.clone()),
            Box::new(self.connections.clone()),
            Box::new(self.most_connections.clone()),
            Box::new(self.waiting.clone()),
            Box::new(self.held.clone()),
            Box::new(self.oldest.clone()),
            Box::new(self.runs.clone()),
            Box::new(self.copied_at.clone()),
            Box::new(self.copied.clone()),
        ];
        all.into_iter().try_for_each(|one| registry.register(one))
    }

    /// Notes whether something that is depended on answers, and how often it did not.
    pub fn dependency(&self, name: &'static str, is_up: bool, failures: u64) {
        self.up.with_label_values(&[name]).set(i64::from(is_up));
        let counted = self.failures.with_label_values(&[name]);
        counted.inc_by(failures.saturating_sub(counted.get()));
    }

    /// Notes how long ago each page was last confirmed.
    pub fn ages(&self, ages: &[(Id, TimeDelta)]) {
        self.age.reset();
        for (page, age) in ages {
            self.age.with_label_values(&[page.as_str()]).set(age.as_seconds_f64());
        }
    }

    /// Counts a page that was read whole from the database.
    pub fn state_read(&self) {
        self.reads.inc();
    }

    /// Counts that the database holds another past than was shown.
    pub fn went_back(&self) {
        self.went_back.inc();
    }

    /// Counts a state that was put into Redis again, by what was found there.
    pub fn shared_anew(&self, found: &'static str) {
        self.shared_anew.with_label_values(&[found]).inc();
    }

    /// Counts an answer about the past.
    pub fn archive_answer(&self, from: &'static str) {
        self.found.with_label_values(&[from]).inc();
    }

    pub fn clock_offset(&self, offset: TimeDelta) {
        self.clock_offset.set(offset.as_seconds_f64());
    }

    /// Notes how long after a change it is shown here.
    pub fn shown_after(&self, lag: TimeDelta) {
        // Clocks differ by a little, and what is shown was not shown before it was written.
        self.lag.observe(lag.as_seconds_f64().max(0.0));
    }

    /// Notes a copy of the site that was finished.
    pub fn published(&self, at: DateTime<Utc>, objects: usize) {
        self.copied_at.set(at.timestamp() as f64);
        self.copied.set(objects as f64);
    }

    /// Notes how many notifications wait, since when the first does, and how many an operator is to look at.
    pub fn outbox(&self, waiting: u64, oldest: TimeDelta, held: u64) {
        self.waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        self.held.set(i64::try_from(held).unwrap_or(i64::MAX));
        self.oldest.set(oldest.as_seconds_f64().max(0.0));
    }

    /// Notes how a pool of connections is used.
    pub fn connections(&self, to: &'static str, pool: Connections) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.most_connections.with_label_values(&[to]).set(number(pool.most));
        self.connections.with_label_values(&[to, "idle"]).set(number(pool.idle));
        self.connections.with_label_values(&[to, "used"]).set(number(pool.open.saturating_sub(pool.idle)));
    }

    /// Counts a run of a job. Prometheus has a label `job` of its own.
    pub fn job_ran(&self, task: &'static str, is_done: bool, at: DateTime<Utc>) {
        let outcome = if is_done { "done" } else { "failed" };
        self.runs.with_label_values(&[task, outcome]).inc();
        let mut last = self.last_runs.lock().unwrap_or_else(PoisonError::into_inner);
        last.insert(task, Run { at, is_done });
    }

    /// The last run of each job that this process did.
    pub fn last_runs(&self) -> BTreeMap<String, Run> {
        let last = self.last_runs.lock().unwrap_or_else(PoisonError::into_inner);
        last.iter().map(|(task, run)| ((*task).to_owned(), *run)).collect()
    }

    /// Seconds from a change to its being shown here, on average; nothing, if there was none yet.
    pub fn mean_lag(&self) -> Option<f64> {
        let count = self.lag.get_sample_count();
        (count > 0).then(|| self.lag.get_sample_sum() / count as f64)
    }
}

fn went_back() -> Result<IntCounter, prometheus::Error> {
    IntCounter::new(
        "pharos_database_went_back_total",
        "Number of times that the database held an older or another past of a page than was shown before.",
    )
}

fn shared_anew() -> Result<IntCounterVec, prometheus::Error> {
    let made = counters(
        "pharos_shared_states_replaced_total",
        "Number of states of pages that were put into Redis again, by what was found there: lost, older or other_past.",
        &["found"],
    )?;
    for found in ["lost", "older", "other_past"] {
        made.with_label_values(&[found]).inc_by(0);
    }
    Ok(made)
}

fn held() -> Result<IntGauge, prometheus::Error> {
    IntGauge::new(
        "pharos_notifications_held",
        "Number of notifications that wait for an operator, since the database went back; 10000 stands for more.",
    )
}

fn oldest() -> Result<Gauge, prometheus::Error> {
    Gauge::new(
        "pharos_notifications_oldest_seconds",
        "Seconds that the first of the waiting notifications has been due; 0 if none waits.",
    )
}

fn lag() -> Result<Histogram, prometheus::Error> {
    let options = HistogramOpts::new(
        "pharos_snapshot_lag_seconds",
        "Seconds from a change, by the database's clock, to its being shown by this replica.",
    );
    Histogram::with_opts(options.buckets(LAGS.to_vec()))
}

fn gauges(name: &str, help: &str, labels: &[&str]) -> Result<IntGaugeVec, prometheus::Error> {
    IntGaugeVec::new(Opts::new(name, help), labels)
}

fn counters(name: &str, help: &str, labels: &[&str]) -> Result<IntCounterVec, prometheus::Error> {
    IntCounterVec::new(Opts::new(name, help), labels)
}

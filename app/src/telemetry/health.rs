//! What the program depends on, and how current what it shows is.

use chrono::{DateTime, TimeDelta, Utc};
use prometheus::{Gauge, GaugeVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry, core::Collector};

use crate::domain::Id;

/// Counters and gauges of the inside. A clone counts into the same ones.
#[derive(Clone, Debug)]
pub struct Health {
    up: IntGaugeVec,
    failures: IntGaugeVec,
    age: GaugeVec,
    reads: IntCounter,
    found: IntCounterVec,
    clock_offset: Gauge,
    connections: IntGaugeVec,
    runs: IntCounterVec,
    copied_at: Gauge,
    copied: Gauge,
}

impl Health {
    pub(super) fn new(registry: &Registry) -> Result<Self, prometheus::Error> {
        let gauges = |name, help, label: &str| IntGaugeVec::new(Opts::new(name, help), &[label]);
        let up = gauges(
            "pharos_dependency_up",
            "Whether what is depended on answered when it was last asked: 1 or 0.",
            "dependency",
        )?;
        let failures = gauges(
            "pharos_dependency_failures",
            "Questions since the start that what is depended on did not answer.",
            "dependency",
        )?;
        let age = GaugeVec::new(
            Opts::new(
                "pharos_snapshot_age_seconds",
                "Seconds since the database was last heard to hold what a page shows.",
            ),
            &["page"],
        )?;
        let reads =
            IntCounter::new("pharos_state_reads_total", "States of pages read whole from the database.")?;
        let found = IntCounterVec::new(
            Opts::new(
                "pharos_archive_answers_total",
                "Questions about the past, by where the answer was found: memory, redis or store.",
            ),
            &["from"],
        )?;
        let clock_offset = Gauge::new(
            "pharos_clock_offset_seconds",
            "Seconds by which the database's clock is ahead of this machine's.",
        )?;
        let connections = IntGaugeVec::new(
            Opts::new(
                "pharos_connections",
                "Open connections, by what they lead to and whether they are used.",
            ),
            &["to", "state"],
        )?;
        let runs = IntCounterVec::new(
            Opts::new(
                "pharos_job_runs_total",
                "Runs of what is done without anybody asking, by job and outcome.",
            ),
            &["job", "outcome"],
        )?;
        let copied_at = Gauge::new(
            "pharos_copy_written_timestamp_seconds",
            "When this process last finished a copy of the site in a bucket, in seconds since 1970; 0 for never.",
        )?;
        let copied = Gauge::new("pharos_copy_objects", "Objects of the copy that this process wrote last.")?;
        let all: [Box<dyn Collector>; 10] = [
            Box::new(copied_at.clone()),
            Box::new(copied.clone()),
            Box::new(up.clone()),
            Box::new(failures.clone()),
            Box::new(age.clone()),
            Box::new(reads.clone()),
            Box::new(found.clone()),
            Box::new(clock_offset.clone()),
            Box::new(connections.clone()),
            Box::new(runs.clone()),
        ];
        all.into_iter().try_for_each(|one| registry.register(one))?;
        Ok(Self { up, failures, age, reads, found, clock_offset, connections, runs, copied_at, copied })
    }

    /// Notes whether something that is depended on answers, and how often it did not.
    pub fn dependency(&self, name: &'static str, is_up: bool, failures: u64) {
        self.up.with_label_values(&[name]).set(i64::from(is_up));
        self.failures.with_label_values(&[name]).set(failures.cast_signed());
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

    /// Counts an answer about the past.
    pub fn archive_answer(&self, from: &'static str) {
        self.found.with_label_values(&[from]).inc();
    }

    pub fn clock_offset(&self, offset: TimeDelta) {
        self.clock_offset.set(offset.as_seconds_f64());
    }

    /// Notes how many connections are open, and how many of them do nothing.
    pub fn connections(&self, to: &'static str, (open, idle): (usize, usize)) {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.connections.with_label_values(&[to, "idle"]).set(number(idle));
        self.connections.with_label_values(&[to, "used"]).set(number(open.saturating_sub(idle)));
    }

    /// Notes a copy of the site that was finished.
    pub fn published(&self, at: DateTime<Utc>, objects: usize) {
        self.copied_at.set(at.timestamp() as f64);
        self.copied.set(objects as f64);
    }

    /// Counts a run of a job.
    pub fn job_ran(&self, job: &'static str, is_done: bool) {
        let outcome = if is_done { "done" } else { "failed" };
        self.runs.with_label_values(&[job, outcome]).inc();
    }
}

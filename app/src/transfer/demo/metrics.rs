//! Measurements of a month, worse while the component that they measure is not well.

use std::f64::consts::TAU;

use chrono::{DateTime, DurationRound, TimeDelta, Timelike, Utc};

use super::mix;
use crate::{
    domain::{state::Component, status::ComponentStatus},
    store::NewMetric,
};

/// How far back points go, and how far back they stand close together.
const MONTH: TimeDelta = TimeDelta::days(30);
const DAY: TimeDelta = TimeDelta::days(1);
const WIDE: TimeDelta = TimeDelta::hours(1);
const NARROW: TimeDelta = TimeDelta::minutes(5);

/// A measurement and how it behaves.
#[derive(Debug)]
pub struct Metric {
    name: &'static str,
    suffix: &'static str,
    description: &'static str,
    decimal_places: i32,
    /// The component that it measures.
    pub component: &'static str,
    usual: f64,
    /// What the time of day adds at most, or takes away.
    swing: f64,
    /// What chance adds at most, or takes away.
    noise: f64,
    /// What trouble adds, for each step that the component's status is away from operational.
    trouble: f64,
    /// No value is higher.
    most: f64,
}

pub const METRICS: [Metric; 3] = [
    Metric {
        name: "Public API response time",
        suffix: "ms",
        description: "The time within which 95 of 100 requests are answered.",
        decimal_places: 0,
        component: "Public API",
        usual: 88.0,
        swing: 21.0,
        noise: 9.0,
        trouble: 160.0,
        most: 10_000.0,
    },
    Metric {
        name: "Successful uploads",
        suffix: "%",
        description: "The share of uploads to Object Storage that succeed at the first attempt.",
        decimal_places: 2,
        component: "Object Storage",
        usual: 99.97,
        swing: 0.0,
        noise: 0.03,
        trouble: -3.1,
        most: 100.0,
    },
    Metric {
        name: "Dashboard load time",
        suffix: "s",
        description: "From a click until the page can be used, for half of all visits.",
        decimal_places: 2,
        component: "Dashboard",
        usual: 0.92,
        swing: 0.17,
        noise: 0.08,
        trouble: 1.6,
        most: 60.0,
    },
];

impl Metric {
    pub fn new_metric(&self, position: i32) -> NewMetric {
        NewMetric {
            name: self.name.to_owned(),
            suffix: Some(self.suffix.to_owned()),
            description: Some(self.description.to_owned()),
            decimal_places: self.decimal_places,
            position,
        }
    }

    /// Points of a month: hourly, and on the last day every five minutes.
    pub fn points(&self, component: &Component, now: DateTime<Utc>) -> Vec<(DateTime<Utc>, f64)> {
        let last = now.duration_trunc(NARROW).unwrap_or(now);
        let dense = last - DAY;
        let first = (last - MONTH).duration_trunc(WIDE).unwrap_or(last - MONTH);
        let hourly = steps(first, WIDE).take_while(|at| *at < dense);
        let close = steps(dense, NARROW).take_while(|at| *at <= last);
        hourly.chain(close).enumerate().map(|(index, at)| (at, self.value(index, at, component))).collect()
    }

    fn value(&self, index: usize, at: DateTime<Utc>, component: &Component) -> f64 {
        let hour = f64::from(at.num_seconds_from_midnight()) / 3_600.0;
        // Busiest at three in the afternoon, calmest at three at night.
        let day = self.swing * ((hour - 9.0) / 24.0 * TAU).sin();
        let chance = self.noise * (2.0 * fraction(index) - 1.0);
        let trouble = self.trouble * severity(status_at(component, at)) * (0.8 + 0.4 * fraction(index + 1));
        let shown = 10_f64.powi(self.decimal_places);
        ((self.usual + day + chance + trouble).clamp(0.0, self.most) * shown).round() / shown
    }
}

fn steps(first: DateTime<Utc>, step: TimeDelta) -> impl Iterator<Item = DateTime<Utc>> {
    std::iter::successors(Some(first), move |at| at.checked_add_signed(step))
}

/// A number from 0 to 1, the same for the same `index`.
fn fraction(index: usize) -> f64 {
    (mix(index) % 10_000) as f64 / 10_000.0
}

fn status_at(component: &Component, at: DateTime<Utc>) -> ComponentStatus {
    let begun = component.periods.iter().rfind(|period| period.from <= at);
    begun.map_or(ComponentStatus::Operational, |period| period.status)
}

fn severity(status: ComponentStatus) -> f64 {
    match status {
        ComponentStatus::Operational | ComponentStatus::UnderMaintenance => 0.0,
        ComponentStatus::DegradedPerformance => 1.0,
        ComponentStatus::PartialOutage => 2.0,
        ComponentStatus::MajorOutage => 4.0,
    }
}

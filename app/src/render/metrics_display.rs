//! `/metrics-display/{id}/{period}.json`: what Statuspage's charts are drawn from. There an id of
//! its own names the chart; here a metric has one chart, and the metric's id names it.

use chrono::{DateTime, Utc};
use serde_json::Number;

use crate::{
    domain::metric::{Metric, Period},
    wire::{
        Stamp,
        metrics_display::{self as wire, MetricsDisplay, Summary, WholeSummary},
    },
};

/// Writes the document of one metric and one period, compact.
pub fn document(metric: &Metric, period: Period, as_of: DateTime<Utc>) -> String {
    let buckets = metric.within(period, as_of);
    let means: Vec<f64> = buckets.iter().map(|bucket| bucket.mean()).collect();
    let data: Vec<wire::Point> = buckets
        .iter()
        .zip(&means)
        .map(|(bucket, mean)| wire::Point {
            timestamp: bucket.at,
            value: rounded(*mean, metric.decimal_places),
        })
        .collect();
    let last = data.last().map(|point| point.value.clone());
    let Summary { sum, mean } = summary(&means);
    to_json(&MetricsDisplay {
        period: wire::Span { count: period.count(), interval: period.interval(), identifier: period },
        metrics: vec![wire::Measured { metric: described(metric), summary: Summary { sum, mean }, data }],
        summary: WholeSummary { sum, mean, last },
    })
}

#[expect(clippy::cast_precision_loss, reason = "there are a few hundred at most")]
fn summary(means: &[f64]) -> Summary {
    // Nothing adds up to 0, and not to -0 as the library has it.
    let sum = means.iter().sum::<f64>() + 0.0;
    let mean = (!means.is_empty()).then(|| sum / means.len() as f64);
    Summary { sum, mean }
}

/// Points are brought here, never fetched: so all that can be had is there, as of the newest.
fn described(metric: &Metric) -> wire::Metric {
    let stamp = |at| Stamp::new(at, chrono_tz::Tz::UTC);
    let newest = metric.most_recent_data_at.map(stamp);
    wire::Metric {
        name: metric.name.clone(),
        metric_identifier: metric.metric_identifier.clone(),
        created_at: stamp(metric.created_at),
        updated_at: stamp(metric.updated_at),
        id: metric.id.clone(),
        metrics_provider_id: None,
        metrics_display_id: metric.id.clone(),
        most_recent_data_at: newest,
        backfilled: true,
        last_fetched_at: newest,
        backfill_percentage: 1.0,
    }
}

/// A value with so many decimals; without any, an integer.
fn rounded(value: f64, decimals: u8) -> Number {
    let text = format!("{value:.*}", usize::from(decimals));
    let integer = text.parse::<i64>().ok().map(Number::from);
    // Adding zero takes the sign off a negative one.
    let number = || Number::from_f64(text.parse().unwrap_or(value) + 0.0);
    integer.or_else(number).unwrap_or_else(|| 0.into())
}

/// These types hold nothing that JSON cannot.
#[expect(clippy::expect_used, reason = "no map with keys other than texts, no failing serializer")]
fn to_json(document: &MetricsDisplay) -> String {
    serde_json::to_string(document).expect("a document is always JSON")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{fixture, metric::Bucket};

    fn written(metric: &Metric) -> serde_json::Value {
        serde_json::from_str(&document(metric, Period::Week, fixture::noon())).unwrap()
    }

    #[test]
    fn means_are_rounded_and_sums_are_not() {
        let mut metric = fixture::metric("m");
        let bucket = |at, sum| Bucket { at, count: 2, sum, min: 1.0, max: 9.0 };
        let begin = Period::Week.window(fixture::noon()).start;
        metric.buckets[Period::Week as usize] = vec![bucket(begin, 5.5), bucket(begin + 3_600, 7.0)];
        let json = written(&metric);
        let data = serde_json::json!([
            { "timestamp": begin, "value": 3 },
            { "timestamp": begin + 3_600, "value": 4 },
        ]);
        assert_eq!(json["metrics"][0]["data"], data);
        assert_eq!(json["summary"], serde_json::json!({ "sum": 6.25, "mean": 3.125, "last": 4 }));
        assert_eq!(json["metrics"][0]["summary"], serde_json::json!({ "sum": 6.25, "mean": 3.125 }));
        metric.decimal_places = 1;
        assert_eq!(written(&metric)["summary"]["last"], 3.5);
    }

    #[test]
    fn without_a_point_nothing_is_made_up() {
        let json = written(&fixture::metric("m"));
        assert_eq!(json["summary"], serde_json::json!({ "sum": 0.0, "mean": null, "last": null }));
        assert_eq!(json["metrics"][0]["data"], serde_json::json!([]));
    }

    #[test]
    fn the_recordings_are_read_whole() {
        for period in ["day", "week", "month"] {
            let path = format!(
                "{}/tests/fixtures/recorded/discord.metrics-display.{period}.2022-02.json",
                env!("CARGO_MANIFEST_DIR")
            );
            let text = std::fs::read_to_string(path).unwrap();
            let read: MetricsDisplay = serde_json::from_str(&text).unwrap();
            let again: serde_json::Value = serde_json::to_value(&read).unwrap();
            assert_eq!(again, serde_json::from_str::<serde_json::Value>(&text).unwrap());
            assert_eq!(read.period.interval, read.period.identifier.interval());
            assert_eq!(read.period.count, read.period.identifier.count());
        }
    }

    #[test]
    fn numbers_are_written_as_they_can_be() {
        assert_eq!(rounded(74.6, 0).to_string(), "75");
        assert_eq!(rounded(0.126, 2).to_string(), "0.13");
        assert_eq!(rounded(1e18, 0).to_string(), "1000000000000000000");
        assert_eq!(rounded(-0.2, 0).to_string(), "0");
        assert_eq!(rounded(-0.001, 2).to_string(), "0.0");
        assert!(rounded(-9.9e307, 0).to_string().starts_with('-'));
    }
}

//! What was measured: a small chart a metric on the front page, and all its charts on a page of its own.

use chrono::{DateTime, Utc};
use maud::{Markup, html};

use super::{
    chart::{Chart, rows, value},
    front::titled,
    layout::{CHARTS, Document, document},
    permalink::back,
    tone::Tone,
    view::{Form, View},
};
use crate::{
    domain::{
        metric::{Bucket, Metric, Period, total},
        state::LiveState,
    },
    locale::{Texts, undirected},
};

/// How wide the steps of the small charts are, and how many units they are high.
const SMALL_STEP: i64 = 900;
const SMALL_HEIGHT: u16 = 40;
const HEIGHT: u16 = 160;

/// The section on the front page; nothing when there is no metric.
pub fn section(view: View<'_>, as_of: DateTime<Utc>) -> Markup {
    html! {
        @if !view.state.metrics.is_empty() {
            section aria-labelledby="metrics" {
                h2 #metrics { (view.texts.text("metrics")) }
                @for metric in &view.state.metrics { (small(view, metric, as_of)) }
            }
        }
    }
}

fn small(view: View<'_>, metric: &Metric, as_of: DateTime<Utc>) -> Markup {
    let day = Period::Day;
    let chart = Chart::of(metric, day, as_of, SMALL_STEP, SMALL_HEIGHT);
    html! {
        div.card {
            div.h {
                h3 { a href=(view.href(&format!("/metrics/{}", metric.id))) { (metric.name) } }
                @if let Some(last) = metric.last(as_of) { b { (shown(view, metric, last.mean())) } }
            }
            p.q { (period(view, day)) ": " (spread(view, metric, metric.within(day, as_of))) }
            @if let Some(chart) = &chart { (chart.draw(view, metric, &label(view, metric, day))) }
        }
    }
}

/// A metric's own page.
pub fn metric(state: &LiveState, metric: &Metric, as_of: DateTime<Utc>, texts: &Texts) -> String {
    let view = View::new(state, texts);
    let page = Document {
        title: titled(view, &metric.name),
        description: description(view, metric, as_of),
        path: Some(format!("/metrics/{}", metric.id)),
        kind: CHARTS,
        live: true,
        tone: Tone::Quiet,
        top: top(view, metric, as_of),
        main: html! {
            @for period in Period::ALL { (one(view, metric, period, as_of)) }
            p.q { (texts.with("metric-zone", [("zone", zone(view).into())])) }
            (back(Some(view), texts))
        },
    };
    document(Some(state), texts, &page)
}

fn top(view: View<'_>, metric: &Metric, as_of: DateTime<Utc>) -> Markup {
    html! {
        h1 { (metric.name) }
        @if let Some(last) = metric.last(as_of) {
            p { b { (shown(view, metric, last.mean())) } }
        } @else {
            p { (view.texts.text("metric-nothing")) }
        }
        @if let Some(description) = &metric.tooltip_description { p { (description) } }
        @if let Some(at) = metric.most_recent_data_at {
            p.q { (view.texts.text("metric-newest")) " " (view.time(at, Form::Moment)) }
        }
    }
}

/// A period: its figures, its chart, and the same in a table.
fn one(view: View<'_>, metric: &Metric, of: Period, as_of: DateTime<Utc>) -> Markup {
    let buckets = metric.within(of, as_of);
    let name = of.as_str();
    html! {
        section aria-labelledby=(name) {
            h2 id=(name) { (period(view, of)) }
            @if let Some(total) = total(buckets) {
                dl.facts { (figures(view, metric, &total)) }
                @if let Some(chart) = Chart::of(metric, of, as_of, 0, HEIGHT) {
                    div.card { (chart.draw(view, metric, &spoken(view, metric, of, buckets))) }
                }
                details {
                    summary { (view.texts.text("metric-table")) }
                    (table(view, metric, &rows(metric, of, as_of)))
                    p.a { a href=(format!("/metrics-display/{}/{name}.json", metric.id)) { (view.texts.text("metric-json")) } }
                }
            } @else {
                p.q { (view.texts.text("metric-nothing")) }
            }
        }
    }
}

fn figures(view: View<'_>, metric: &Metric, total: &Bucket) -> Markup {
    let figures = [
        (view.texts.text("metric-lowest"), total.min),
        (view.texts.text("metric-mean"), total.mean()),
        (view.texts.text("metric-highest"), total.max),
    ];
    html! {
        @for (name, value) in figures { div { dt { (name) } dd { (shown(view, metric, value)) } } }
    }
}

fn table(view: View<'_>, metric: &Metric, rows: &[Bucket]) -> Markup {
    let texts = view.texts;
    html! {
        table {
            thead {
                tr {
                    th scope="col" { (texts.text("metric-from")) }
                    th scope="col" { (texts.text("metric-lowest")) }
                    th scope="col" { (texts.text("metric-mean")) }
                    th scope="col" { (texts.text("metric-highest")) }
                }
            }
            tbody {
                @for row in rows.iter().rev() {
                    tr {
                        th scope="row" {
                            @if let Some(at) = DateTime::from_timestamp(row.at, 0) { (view.time(at, Form::Row)) }
                        }
                        @for value in [row.min, row.mean(), row.max] { td { (shown(view, metric, value)) } }
                    }
                }
            }
        }
    }
}

/// A value as it is shown: with the metric's decimals and unit.
fn shown(view: View<'_>, metric: &Metric, of: f64) -> String {
    value(view, metric, of, metric.decimal_places)
}

/// The page's zone by its name; UTC is not called after the file that it stands in.
fn zone(view: View<'_>) -> &'static str {
    let name = view.zone.name();
    if name == "Etc/UTC" { "UTC" } else { name }
}

fn period(view: View<'_>, period: Period) -> String {
    view.texts.with("metric-period", [("period", period.as_str().into())])
}

/// The lowest, the highest and the mean value, in a sentence's part.
fn spread(view: View<'_>, metric: &Metric, buckets: &[Bucket]) -> String {
    let texts = view.texts;
    let Some(total) = total(buckets) else { return texts.text("metric-nothing") };
    let [min, max, mean] = [total.min, total.max, total.mean()].map(|value| shown(view, metric, value));
    texts.with("metric-spread", [("min", min.into()), ("max", max.into()), ("mean", mean.into())])
}

fn label(view: View<'_>, metric: &Metric, of: Period) -> String {
    let arguments = [("name", metric.name.as_str().into()), ("period", of.as_str().into())];
    view.texts.with("metric-chart", arguments)
}

/// What the chart says, for those who can't see it.
fn spoken(view: View<'_>, metric: &Metric, of: Period, buckets: &[Bucket]) -> String {
    let (chart, spread) = (label(view, metric, of), spread(view, metric, buckets));
    view.texts.with("metric-spoken", [("chart", chart.into()), ("spread", spread.into())])
}

fn description(view: View<'_>, metric: &Metric, as_of: DateTime<Utc>) -> String {
    let day = spoken(view, metric, Period::Day, metric.within(Period::Day, as_of));
    match &metric.tooltip_description {
        Some(description) => format!("{} {day}", undirected(description)),
        None => day,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::fixture,
        locale,
        render::page::{front, sample},
    };

    /// A metric of a month, noisy, with its highs and lows around every mean.
    fn noisy(name: &str, seed: i64) -> Metric {
        let mut metric = fixture::metric(name);
        for period in Period::ALL {
            let window = period.window(sample::as_of());
            let ats = (window.start..window.end).step_by(usize::try_from(period.interval()).unwrap());
            let buckets = ats.map(|at| {
                let chance =
                    |n: i64| ((at / 60 + seed + n).wrapping_mul(2_654_435_761) >> 7).rem_euclid(1_000);
                let day = (at as f64 / 13_751.0).sin() * 20.0;
                let mean = 88.0 + day + chance(1) as f64 / 90.0;
                let (min, max) = (mean - chance(2) as f64 / 60.0, mean + chance(3) as f64 / 40.0);
                Bucket { at, count: 1, sum: mean, min, max }
            });
            metric.buckets[period as usize] = buckets.collect();
        }
        metric
    }

    fn compressed(state: &LiveState) -> usize {
        let html = front(state, sample::as_of(), locale::fallback());
        let mut writer = brotli::CompressorWriter::new(Vec::new(), 1 << 16, 9, 22);
        std::io::Write::write_all(&mut writer, html.as_bytes()).unwrap();
        writer.into_inner().len()
    }

    #[test]
    fn a_chart_on_the_front_page_is_a_few_hundred_bytes() {
        let mut state = sample::twenty();
        let without = compressed(&state);
        state.metrics = vec![noisy("latency", 1)];
        let one = compressed(&state) - without;
        state.metrics.push(noisy("uploads", 77));
        let another = compressed(&state) - without - one;
        println!("the first metric {one} bytes, with the style of charts; another {another}");
        assert!(another <= 600, "{another} bytes a metric");
        assert!(one <= 1_200, "{one} bytes for the first, with the style");
    }

    #[test]
    fn without_a_metric_the_front_page_says_nothing_of_them() {
        let html = front(&sample::twenty(), sample::as_of(), locale::fallback());
        assert!(!html.contains("id=\"metrics\"") && !html.contains(".chart"));
    }

    #[test]
    fn what_is_said_of_a_chart_is_in_it() {
        let mut state = sample::twenty();
        let one = noisy("latency", 1);
        state.metrics = vec![one.clone()];
        let html = metric(&state, &one, sample::as_of(), locale::fallback());
        for period in Period::ALL {
            let total = total(one.within(period, sample::as_of())).unwrap();
            let said = format!(
                "{:.0}\u{a0}ms to {:.0}\u{a0}ms, {:.0}\u{a0}ms on average.\"",
                total.min,
                total.max,
                total.mean()
            );
            assert!(html.contains(&said), "{said}");
        }
        assert_eq!(html.matches("<text y=\"0%\">").count(), 4, "each has its highest tick at the top");
    }
}

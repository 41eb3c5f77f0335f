//! Metrics and what they measured.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use chrono::DateTime;

use super::{
    answer::Answer,
    call::{Call, id_in, name, or_none},
    problem::Problem,
    route::{DELETED, PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::{Id, token::Scope},
    store::{MetricChanges, Point, View},
    wire::manage::{Metric, MetricAsk, MetricBody, MetricData, MetricPoint, MetricsData, MetricsKept},
};

const TAG: &str = "Metrics";
const WRITES: &[Scope] = &[Scope::MetricsWrite];

/// The most points that one call keeps.
const MOST_POINTS: usize = 3_000;

pub const ROUTES: &[Route] = &[
    Route::get("/v1/pages/{page_id}/metrics", "The metrics, by position.", |call| Box::pin(list(call)))
        .tag(TAG)
        .asks(&[PAGE, PER_PAGE, DELETED])
        .answers(Shape::Many("Metric")),
    Route::post("/v1/pages/{page_id}/metrics/data", "Keeps points of several metrics.", |call| {
        Box::pin(keep_many(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("MetricsData")
    .asks(&[])
    .with_status(202)
    .answers(Shape::One("MetricsKept")),
    Route::get("/v1/pages/{page_id}/metrics/{metric_id}", "A metric.", |call| Box::pin(read(call)))
        .tag(TAG)
        .asks(&[DELETED])
        .answers(Shape::One("Metric")),
    Route::change("/v1/pages/{page_id}/metrics/{metric_id}", "Changes a metric.", |call| {
        Box::pin(change(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("MetricBody")
    .answers(Shape::One("Metric")),
    Route::delete("/v1/pages/{page_id}/metrics/{metric_id}", "Deletes a metric.", |call| {
        Box::pin(delete(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .answers(Shape::One("Metric")),
    Route::post("/v1/pages/{page_id}/metrics/{metric_id}/data", "Keeps a point of a metric.", |call| {
        Box::pin(keep_one(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("MetricData")
    .asks(&[])
    .answers(Shape::One("MetricData")),
    Route::delete(
        "/v1/pages/{page_id}/metrics/{metric_id}/data",
        "Forgets all that a metric measured.",
        |call| Box::pin(reset(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .answers(Shape::One("Metric")),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let records = moment.view().metrics(None, call.slice(), call.include()).await?;
    Answer::ok(&records.iter().map(|record| Metric::of(record, &place)).collect::<Vec<_>>())
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("metric_id")?).await
}

pub async fn one(call: &Call, view: View<'_>, id: &Id) -> Result<Answer, Problem> {
    let record = view.metric(id, call.include()).await?;
    Ok(Answer::ok(&Metric::of(&record, &call.place(view).await?))?.at(record.version))
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let changes = changes(&call.read::<MetricBody>()?.metric)?;
    let id = call.id("metric_id")?;
    call.change(async |change| {
        change.update_metric(&id, call.if_match, changes).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.id("metric_id")?;
    call.change(async |change| {
        let answer = one(&call, change.view(), &id).await?;
        change.delete_metric(&id, call.if_match).await?;
        Ok(answer)
    })
    .await
}

async fn reset(call: Call) -> Result<Answer, Problem> {
    let id = call.id("metric_id")?;
    call.change(async |change| {
        change.reset_metric(&id, call.if_match).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

async fn keep_one(call: Call) -> Result<Answer, Problem> {
    let asked: MetricData = call.read()?;
    let id = call.id("metric_id")?;
    keep(&call, &BTreeMap::from([(id, vec![point(&asked.data)?])])).await?;
    Answer::created(&asked)
}

async fn keep_many(call: Call) -> Result<Answer, Problem> {
    let asked: MetricsData = call.read()?;
    // A metric without a point is looked up too.
    let count: usize = asked.data.values().map(|points| points.len().max(1)).sum();
    if count > MOST_POINTS {
        let text = format!("allowed are at most {MOST_POINTS} points a call; these are {count}");
        return Err(Problem::field("data", text));
    }
    let mut given = BTreeMap::new();
    for (id, points) in &asked.data {
        let metric = id_in(&format!("data.{}", id.chars().take(64).collect::<String>()), id)?;
        given.insert(metric, points.iter().map(point).collect::<Result<_, _>>()?);
    }
    keep(&call, &given).await?;
    Answer::of(StatusCode::ACCEPTED, &MetricsKept(asked.data))
}

async fn keep(call: &Call, given: &BTreeMap<Id, Vec<Point>>) -> Result<(), Problem> {
    let committed = call.api.store.record().points(&call.page_id()?, given).await?;
    if let Some(committed) = committed {
        call.show(&committed).await;
    }
    Ok(())
}

fn point(point: &MetricPoint) -> Result<Point, Problem> {
    let at = DateTime::from_timestamp(point.timestamp, 0);
    let wrong = || Problem::field("timestamp", "allowed are seconds since 1970");
    Ok((at.ok_or_else(wrong)?, point.value))
}

pub fn changes(asked: &MetricAsk) -> Result<MetricChanges, Problem> {
    Ok(MetricChanges {
        name: asked.name.as_deref().map(|text| name("metric.name", text)).transpose()?,
        metric_identifier: or_none(&asked.metric_identifier),
        suffix: or_none(&asked.suffix),
        tooltip_description: or_none(&asked.tooltip_description),
        display: asked.display,
        position: asked.position,
        decimal_places: asked.decimal_places,
        y_axis_min: asked.y_axis_min,
        y_axis_max: asked.y_axis_max,
        y_axis_hidden: asked.y_axis_hidden,
    })
}

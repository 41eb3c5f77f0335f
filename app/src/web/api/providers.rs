//! Where metrics come from. Pharos asks nobody for values: they are sent to it.

use super::{
    answer::Answer,
    call::{Call, or_none},
    metrics,
    problem::Problem,
    route::{DELETED, PAGE, PER_PAGE, Route, Shape},
};
use crate::{
    domain::{Id, token::Scope},
    settings,
    store::{ProviderChanges, View},
    wire::manage::{Metric, MetricBody, MetricsProvider, ProviderAsk, ProviderBody},
};

const TAG: &str = "Metrics providers";
const WRITES: &[Scope] = &[Scope::MetricsWrite];

/// The only type that there is.
const OWN: &str = "Self";

pub const ROUTES: &[Route] = &[
    Route::get("/v1/pages/{page_id}/metrics_providers", "The metrics providers, oldest first.", |call| {
        Box::pin(list(call))
    })
    .tag(TAG)
    .asks(&[PAGE, PER_PAGE, DELETED])
    .answers(Shape::Many("MetricsProvider")),
    Route::post("/v1/pages/{page_id}/metrics_providers", "Makes a metrics provider.", |call| {
        Box::pin(create(call))
    })
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("NewProviderBody")
    .answers(Shape::One("MetricsProvider")),
    Route::get(
        "/v1/pages/{page_id}/metrics_providers/{metrics_provider_id}",
        "A metrics provider.",
        |call| Box::pin(read(call)),
    )
    .tag(TAG)
    .asks(&[DELETED])
    .answers(Shape::One("MetricsProvider")),
    Route::change(
        "/v1/pages/{page_id}/metrics_providers/{metrics_provider_id}",
        "Changes a metrics provider.",
        |call| Box::pin(change(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("ProviderBody")
    .answers(Shape::One("MetricsProvider")),
    Route::delete(
        "/v1/pages/{page_id}/metrics_providers/{metrics_provider_id}",
        "Deletes a metrics provider and its metrics.",
        |call| Box::pin(delete(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .answers(Shape::One("MetricsProvider")),
    Route::get(
        "/v1/pages/{page_id}/metrics_providers/{metrics_provider_id}/metrics",
        "The metrics of a provider, by position.",
        |call| Box::pin(list_metrics(call)),
    )
    .tag(TAG)
    .asks(&[PAGE, PER_PAGE, DELETED])
    .answers(Shape::Many("Metric")),
    Route::post(
        "/v1/pages/{page_id}/metrics_providers/{metrics_provider_id}/metrics",
        "Makes a metric.",
        |call| Box::pin(create_metric(call)),
    )
    .tag(TAG)
    .for_scopes(WRITES)
    .takes("NewMetricBody")
    .answers(Shape::One("Metric")),
];

async fn list(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let records = moment.view().providers(call.slice(), call.include()).await?;
    Answer::ok(&records.iter().map(|record| MetricsProvider::of(record, &place)).collect::<Vec<_>>())
}

async fn read(call: Call) -> Result<Answer, Problem> {
    let (moment, _) = call.moment().await?;
    one(&call, moment.view(), &call.id("metrics_provider_id")?).await
}

async fn one(call: &Call, view: View<'_>, id: &Id) -> Result<Answer, Problem> {
    let record = view.provider(id, call.include()).await?;
    Ok(Answer::ok(&MetricsProvider::of(&record, &call.place(view).await?))?.at(record.version))
}

async fn create(call: Call) -> Result<Answer, Problem> {
    let mut changes = changes(&call.read::<ProviderBody>()?.metrics_provider)?;
    let missing = || Problem::field("metrics_provider.type", format!("is needed; allowed is {OWN}"));
    let kind = changes.kind.take().ok_or_else(missing)?;
    call.change(async |change| {
        let id = change.create_provider(kind, changes).await?;
        Ok(one(&call, change.view(), &id).await?.made_anew())
    })
    .await
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let changes = changes(&call.read::<ProviderBody>()?.metrics_provider)?;
    let id = call.id("metrics_provider_id")?;
    call.change(async |change| {
        change.update_provider(&id, call.if_match, changes).await?;
        one(&call, change.view(), &id).await
    })
    .await
}

async fn delete(call: Call) -> Result<Answer, Problem> {
    let id = call.id("metrics_provider_id")?;
    call.change(async |change| {
        let answer = one(&call, change.view(), &id).await?;
        change.delete_provider(&id, call.if_match).await?;
        Ok(answer)
    })
    .await
}

async fn list_metrics(call: Call) -> Result<Answer, Problem> {
    let (moment, place) = call.moment().await?;
    let id = call.id("metrics_provider_id")?;
    moment.view().provider(&id, call.include()).await?;
    let records = moment.view().metrics(Some(&id), call.slice(), call.include()).await?;
    Answer::ok(&records.iter().map(|record| Metric::of(record, &place)).collect::<Vec<_>>())
}

async fn create_metric(call: Call) -> Result<Answer, Problem> {
    let changes = metrics::changes(&call.read::<MetricBody>()?.metric)?;
    if changes.name.is_none() {
        return Err(Problem::field("metric.name", "is needed"));
    }
    let provider = call.id("metrics_provider_id")?;
    call.change(async |change| {
        let id = change.add_metric(&provider, changes).await?;
        Ok(metrics::one(&call, change.view(), &id).await?.made_anew())
    })
    .await
}

fn changes(asked: &ProviderAsk) -> Result<ProviderChanges, Problem> {
    if asked.kind.as_deref().is_some_and(|kind| kind != OWN) {
        let text = format!(
            "allowed is {OWN}: no other service is asked for values here; send them to \
             /v1/pages/{{page_id}}/metrics/{{metric_id}}/data or /v1/pages/{{page_id}}/metrics/data"
        );
        return Err(Problem::field("metrics_provider.type", text));
    }
    let address = |text: String| {
        settings::web_address(&text)
            .map_err(|wrong| Problem::field("metrics_provider.metric_base_uri", wrong))
    };
    Ok(ProviderChanges {
        kind: asked.kind.clone(),
        metric_base_uri: or_none(&asked.metric_base_uri)
            .map(|text| text.map(address).transpose())
            .transpose()?,
    })
}
